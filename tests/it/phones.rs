//! Cell phones against libphonenumber's own example numbers, and as people type them.

use std::sync::Arc;

use casebridge::domain::{Client, Origin, Phone};
use casebridge::rules::{PhoneRules, Ruled, cell_phone};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region, get_national_significant_number_owned};

const US: Region = Region::US;

fn rules(region: Region, labels: &[&str]) -> PhoneRules {
    let required = Ruled { value: true, origin: Origin { file: Arc::from("rules/hartwell.yaml"), line: 1 } };
    PhoneRules { required, region, labels: labels.iter().map(|label| (*label).into()).collect() }
}

/// The order of the rules as shipped, for a firm in this country.
fn usual(region: Region) -> PhoneRules {
    rules(region, &["mobile", "cell", "phone", "home", "office", "voice"])
}

fn client(phones: &[(&str, &str)]) -> Client {
    let phones = phones.iter().map(|(label, number)| Phone { label: (*label).into(), number: (*number).into() }).collect();
    Client { phones, ..Client::default() }
}

fn chosen(phones: &[(&str, &str)]) -> Option<String> {
    cell_phone(&client(phones), &usual(US))
}

/// The number that libphonenumber gives as an example of a cell phone there, or the nearest it has to one.
fn example(region: Region) -> PhoneNumber {
    let kinds = [PhoneNumberType::Mobile, PhoneNumberType::FixedLineOrMobile, PhoneNumberType::FixedLine];
    let found = kinds.into_iter().find_map(|kind| PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind).ok());
    found.unwrap_or_else(|| panic!("{region} has no example"))
}

fn countries() -> Vec<Region> {
    let countries: Vec<Region> = PHONE_NUMBER_UTIL.get_supported_regions().filter(|region| region.to_string().len() == 2).collect();
    assert!(countries.len() > 240, "{} countries", countries.len());
    countries
}

/// Says so where a number is not chosen, or comes out as another.
fn expect(typed: &str, at: Region, wanted: &str, wrong: &mut Vec<String>) {
    let chosen = cell_phone(&client(&[("fax", "000"), ("mobile", typed)]), &usual(at));
    if chosen.as_deref() != Some(wanted) {
        wrong.push(format!("{typed} at a firm in {at} became {chosen:?}, not {wanted}"));
    }
}

#[test]
fn every_countrys_example_is_chosen_at_home_and_abroad() {
    let mut wrong = Vec::new();
    for region in countries() {
        let number = example(region);
        let wanted = number.format_as(PhoneNumberFormat::E164).into_owned();
        let digits = get_national_significant_number_owned(&number);
        expect(&digits, region, &wanted, &mut wrong);
        expect(&wanted, US, &wanted, &mut wrong);
        expect(&format!("tel:{wanted};ext=42"), US, &wanted, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_example_is_chosen_as_its_country_writes_it() {
    let mut wrong = Vec::new();
    // A few with their oddities: leading zeros that stay (IT), national prefixes (GB, DE, RU), area codes (US, CA, MX, BR).
    for code in ["US", "CA", "MX", "GB", "DE", "IT", "FR", "BR", "RU", "JP", "IN", "AU"] {
        let region = Region::from_code(code).expect("a country");
        let number = example(region);
        let wanted = number.format_as(PhoneNumberFormat::E164).into_owned();
        expect(&number.format_as(PhoneNumberFormat::National), region, &wanted, &mut wrong);
        expect(&number.format_as(PhoneNumberFormat::International), US, &wanted, &mut wrong);
        expect(&number.format_as(PhoneNumberFormat::RFC3966), US, &wanted, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_example_that_libphonenumber_calls_invalid_is_not_chosen() {
    let mut wrong = Vec::new();
    for region in countries() {
        let number = PHONE_NUMBER_UTIL.get_invalid_example_number(region).expect("an example of what is invalid");
        let typed = number.format_as(PhoneNumberFormat::E164).into_owned();
        if let Some(chosen) = cell_phone(&client(&[("mobile", &typed)]), &usual(region)) {
            wrong.push(format!("{region}: {typed} became {chosen}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_mobile_wins_over_the_home_number_whatever_the_letter_case_of_its_label() {
    let phones = [("home", "(213) 555-7777"), ("MOBILE", "310.555.8888 ext 2")];
    assert_eq!(chosen(&phones).as_deref(), Some("+13105558888"));
    assert_eq!(chosen(&phones[..1]).as_deref(), Some("+12135557777"));
}

#[test]
fn labels_are_tried_in_the_order_of_the_rules_and_not_of_the_file() {
    let phones = [
        ("voice", "212-555-0106"),
        ("office", "212-555-0105"),
        ("home", "212-555-0104"),
        ("phone", "212-555-0103"),
        ("cell", "212-555-0102"),
        ("mobile", "212-555-0101"),
    ];
    for taken in (1..=phones.len()).rev() {
        assert_eq!(chosen(&phones[..taken]), Some(format!("+1212555010{}", 7 - taken)), "of the first {taken}");
    }
    let office_first = rules(US, &["office", "mobile"]);
    assert_eq!(cell_phone(&client(&phones), &office_first).as_deref(), Some("+12125550105"));
}

#[test]
fn an_invalid_number_gives_way_to_the_next() {
    assert_eq!(chosen(&[("mobile", "555-1212"), ("home", "(213) 555-7777")]).as_deref(), Some("+12135557777"));
    assert_eq!(chosen(&[("mobile", "555-1212"), (" Mobile ", "(213) 555-7777")]).as_deref(), Some("+12135557777"));
}

#[test]
fn without_a_known_label_the_first_valid_number_is_taken() {
    assert_eq!(chosen(&[("fax", "12"), ("work", "(213) 555-7777"), ("", "310 555 8888")]).as_deref(), Some("+12135557777"));
    assert_eq!(cell_phone(&client(&[("fax", "12"), ("mobile", "310 555 8888")]), &rules(US, &[])).as_deref(), Some("+13105558888"));
}

#[test]
fn what_people_type_comes_out_as_e164() {
    for (typed, wanted) in [
        ("2135557777", "+12135557777"),
        ("1 213 555 7777", "+12135557777"),
        ("+1 (213) 555-7777", "+12135557777"),
        ("  (213)555-7777  ", "+12135557777"),
        ("213.555.7777", "+12135557777"),
        ("213/555/7777", "+12135557777"),
        ("213–555–7777", "+12135557777"),
        ("213\u{a0}555\u{a0}7777", "+12135557777"),
        ("tel:+1-213-555-7777", "+12135557777"),
        ("213-555-7777;ext=12", "+12135557777"),
        ("213-555-7777 x12", "+12135557777"),
        ("213-555-7777 #12", "+12135557777"),
        ("cell: 213-555-7777", "+12135557777"),
        ("２１３－５５５－７７７７", "+12135557777"),
        ("٢١٣٥٥٥٧٧٧٧", "+12135557777"),
        ("1-800-FLOWERS", "+18003569377"),
        ("011 44 20 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
    ] {
        assert_eq!(chosen(&[("mobile", typed)]).as_deref(), Some(wanted), "{typed:?}");
    }
}

#[test]
fn a_word_after_the_number_is_read_as_the_letters_of_a_keypad_and_so_no_number() {
    // Better none, which staff are told of, than a number that somebody else answers.
    assert_eq!(chosen(&[("mobile", "213-555-7777 (mobile)")]), None);
}

#[test]
fn what_is_no_number_is_none() {
    let long = "9".repeat(5_000);
    for typed in [
        "",
        "   ",
        "555-1212",
        "555",
        "none",
        "n/a",
        "see notes",
        "jane@example.com",
        "(000) 000-0000",
        "123-456-7890",
        "+",
        "+999 123",
        &long,
    ] {
        assert_eq!(chosen(&[("mobile", typed)]), None, "{typed:?}");
    }
    assert_eq!(chosen(&[]), None);
}
