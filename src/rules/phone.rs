//! The client's cell phone: which of the numbers on file, and in E.164.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

use super::PhoneRules;
use crate::domain::Client;

/// The first valid number by the rules' labels in their order, then the first valid one of any label; E.164, extensions dropped.
///
/// A number that can be parsed but does not exist in its country (`555-1212`) is not valid (DOMAIN.md, "Phones").
#[must_use]
pub fn cell_phone(client: &Client, rules: &PhoneRules) -> Option<String> {
    let labelled =
        rules.labels.iter().flat_map(|label| client.phones.iter().filter(move |phone| phone.label.trim().to_lowercase() == **label));
    labelled.chain(&client.phones).find_map(|phone| e164(&phone.number, rules))
}

fn e164(typed: &str, rules: &PhoneRules) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(typed, Some(rules.region)).ok()?;
    number.is_valid().then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
}
