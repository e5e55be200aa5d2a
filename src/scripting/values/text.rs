//! Functions on texts whose result Rhai would not hold to a size before it is made.

use rhai::{Engine, EvalAltResult, ImmutableString, Position};

/// Replaces Rhai's own `replace`: of a megabyte, every letter by a megabyte is more than any machine has.
pub(super) fn register(engine: &mut Engine, most: usize) {
    let replace = move |text: &mut ImmutableString, find: &str, with: &str| replace(text, find, with, most);
    engine.register_fn("replace", replace);
    let char_to_text =
        move |text: &mut ImmutableString, find: char, with: &str| self::replace(text, find.encode_utf8(&mut [0; 4]), with, most);
    engine.register_fn("replace", char_to_text);
    let text_to_char =
        move |text: &mut ImmutableString, find: &str, with: char| self::replace(text, find, with.encode_utf8(&mut [0; 4]), most);
    engine.register_fn("replace", text_to_char);
    let char_to_char = move |text: &mut ImmutableString, find: char, with: char| {
        self::replace(text, find.encode_utf8(&mut [0; 4]), with.encode_utf8(&mut [0; 4]), most)
    };
    engine.register_fn("replace", char_to_char);
}

fn replace(text: &mut ImmutableString, find: &str, with: &str, most: usize) -> Result<(), Box<EvalAltResult>> {
    let growth = text.matches(find).count().saturating_mul(with.len().saturating_sub(find.len()));
    if text.len().saturating_add(growth) > most {
        return Err(EvalAltResult::ErrorDataTooLarge("Length of string".to_owned(), Position::NONE).into());
    }
    *text = text.replace(find, with).into();
    Ok(())
}
