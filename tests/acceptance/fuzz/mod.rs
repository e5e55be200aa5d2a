//! The API, asked for everything that its own description allows; and that whoever asks notices what is wrong.

mod casebridge_itself;
mod schemathesis;
mod toy;

use schemathesis::ask_for_everything;
use toy::Toy;

/// So much a toy is asked.
const A_LITTLE: [&str; 2] = ["--max-examples", "40"];

#[test]
fn an_api_that_is_as_described_passes() {
    let toy = Toy::serve(|number| (200, format!(r#"{{"number": {number}}}"#)));
    let found = ask_for_everything(&toy.description(), toy::TOKEN, &A_LITTLE);
    assert!(found.nothing, "{}", found.said);
    assert!(toy.was_asked_for(7), "most calls name what is there");
}

#[test]
fn an_api_that_breaks_down_is_found_out() {
    let toy = Toy::serve(|number| if number == 7 { (500, "{}".to_owned()) } else { (200, format!(r#"{{"number": {number}}}"#)) });
    let found = ask_for_everything(&toy.description(), toy::TOKEN, &A_LITTLE);
    assert!(!found.nothing && found.said.contains("Server error"), "{}", found.said);
}

#[test]
fn an_answer_of_another_shape_is_found_out() {
    let toy = Toy::serve(|number| (200, format!(r#"{{"number": "{number}"}}"#)));
    let found = ask_for_everything(&toy.description(), toy::TOKEN, &A_LITTLE);
    assert!(!found.nothing && found.said.contains("violates schema"), "{}", found.said);
}
