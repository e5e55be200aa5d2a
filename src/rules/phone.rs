//! The client's cell phone: which of the numbers on file, and in E.164.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

use super::PhoneRules;
use crate::domain::Client;

/// The first valid number by the rules' labels in their order, then the first valid one of any label; E.164, extensions dropped.
///
/// A number that can be parsed but does not exist in its country (`555-1212`) is not valid (by the vendors' help pages).
pub fn cell_phone(client: &Client, rules: &PhoneRules) -> Option<String> {
    let labelled =
        rules.labels.iter().flat_map(|label| client.phones.iter().filter(move |phone| phone.label.trim().to_lowercase() == **label));
    labelled.chain(&client.phones).find_map(|phone| e164(&phone.number, rules))
}

/// A number as a person typed it, in E.164; `None` if it is not valid.
pub(super) fn e164(typed: &str, rules: &PhoneRules) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(typed, Some(rules.region)).ok()?;
    number.is_valid().then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
}

/// The countries that have phone numbers, as libphonenumber has them. Written out, since asking the library reads the numbering plans
/// of all of them: a fortieth of a second and 10 MB, for a sync that looks at no phone.
const COUNTRIES: &str = "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH \
    CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM \
    GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI \
    LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ \
    OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA \
    TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// The country of two capital letters, if phone numbers belong to it.
pub(super) fn country(code: &str) -> Option<Region> {
    COUNTRIES.split(' ').any(|known| known == code).then(|| Region::from_code(code).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countries_are_those_of_the_library() {
        let mut known: Vec<String> =
            PHONE_NUMBER_UTIL.get_supported_regions().map(|region| region.to_string()).filter(|code| code.len() == 2).collect();
        known.sort();
        assert_eq!(known.join(" "), COUNTRIES.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}
