//! Dead letters: what no product would take, tried again or dropped.

use crate::console::{Console, Role, cases, rules};
use crate::support::vendors::{Fault, any_note};

#[test]
fn support_tries_one_again_and_drops_another() {
    let mut world = cases();
    ["Is there news?", "I have moved."].into_iter().for_each(|text| drop(world.message(48_210, "from_client", text)));
    let console = Console::of(world, &rules());
    let page = console.signed_in_as(Role::Support);
    page.goto("/letters");
    page.wait_for_text("No dead letters");
    page.inspect("letters-none");

    console.hartwell.next(2, Fault::Refused(422), any_note);
    console.host.run(&["messages", "hartwell"]).exits(1);
    page.goto("/");
    page.click("Dead letters 2");
    page.wait_for_path("/letters");
    assert_eq!(page.count("tbody tr"), 2);
    page.inspect("letters");
    let offered = page.offered();
    let again = offered.iter().find(|name| name.starts_with("Try again")).expect("a button");
    page.click(again);
    page.wait_for_text("Is tried again at the next pass");
    assert!(page.path() == "/letters" && page.count("tbody tr") == 2 && !page.offers(again));
    let subject = again.trim_start_matches("Try again");
    let offered = page.offered();
    page.click(offered.iter().find(|name| name.starts_with("Drop") && !name.ends_with(subject)).expect("a summary"));
    page.wait_for_text("It will never arrive.");
    page.inspect("letters-drop");
    page.click("Drop for good");
    page.until("one letter is left", || page.count("tbody tr") == 1);
    console.host.run(&["messages", "hartwell"]).exits(0);
    page.goto("/letters");
    page.wait_for_text("No dead letters");
    assert_eq!(console.hartwell.world().note_bodies(48_210).len(), 1);
    page.goto("/audit?firm=hartwell");
    page.wait_for_text("letter retried");
    page.wait_for_text("letter dropped");
}
