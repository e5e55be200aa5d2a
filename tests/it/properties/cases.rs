//! Cases of both sides, and a directory, where anything may differ.

use casebridge::domain::{
    Case, CaseId, Client, Directory, Email, ExistingCase, ExistingStatus, Name, PeerCaseStatus, PracticeArea, StaffMember, StaffRole,
    StaffUser, Stage, UserRole,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use smol_str::SmolStr;

const PEOPLE: [&str; 6] =
    ["a@firm.example", "B@firm.example", "c@firm.example", "left@firm.example", "clerk@firm.example", "nobody@x.example"];

/// Attorneys, one of them gone, and a paralegal; practice areas of which one has few stages.
pub fn directory() -> Directory {
    let user = |email: &str, role, active| StaffUser { email: Email::new(email), role, active };
    let area = |name: &str, stages: std::ops::RangeInclusive<i64>| PracticeArea {
        name: Name::new(name),
        stages: stages.filter_map(Stage::new).map(|stage| (stage, "A stage".into())).collect(),
    };
    let staff = vec![
        user("A@firm.example", UserRole::Attorney, true),
        user("b@firm.example", UserRole::Attorney, true),
        user("c@firm.example", UserRole::Paralegal, true),
        user("left@firm.example", UserRole::Attorney, false),
        user("clerk@firm.example", UserRole::Admin, true),
    ];
    Directory::new(staff, vec![area("Motor Vehicle", 1..=12), area("Dog Bite", 1..=4), area("Other", 6..=9)])
}

fn email() -> impl Strategy<Value = Email> {
    (proptest::sample::select(PEOPLE.to_vec()), any::<bool>())
        .prop_map(|(email, shout)| if shout { Email::new(&email.to_uppercase()) } else { Email::new(email) })
}

fn day() -> impl Strategy<Value = Option<Date>> {
    proptest::option::of((2020_i16..2026, 1_i8..=12).prop_map(|(year, month)| date(year, month, 1)))
}

fn text() -> impl Strategy<Value = Option<SmolStr>> {
    proptest::option::of(proptest::sample::select(vec!["", "Rear-ended", "Bitten", "=1+1"]).prop_map(SmolStr::from))
}

/// Any case of CASEpeer.
pub fn case() -> impl Strategy<Value = Case> {
    let member = (0_usize..4, proptest::option::weighted(0.9, email())).prop_map(|(role, email)| {
        let roles = [StaffRole::PrimaryAttorney, StaffRole::Attorney, StaffRole::Paralegal, StaffRole::CaseManager];
        StaffMember { role: roles[role], name: Name::new("Someone"), email }
    });
    let names = (
        proptest::sample::select(vec!["Auto Accident", "Dog Bite", "Other", "Unheard Of"]),
        proptest::sample::select(vec!["Intake", "Treating", "Negotiation", "negotiation", "Lien Resolution"]),
        proptest::sample::select(vec!["PI-1", "PI-2", ""]),
    );
    (names, any::<bool>(), text(), day(), day(), proptest::collection::vec(member, 0..5)).prop_map(
        |((case_type, stage, number), open, description, opened_on, closed_on, staff)| Case {
            id: CaseId(1),
            case_number: number.into(),
            name: None,
            case_type: Name::new(case_type),
            stage: Name::new(stage),
            status: if open { PeerCaseStatus::Open } else { PeerCaseStatus::Closed },
            description,
            opened_on,
            closed_on,
            connected: true,
            updated_at: None,
            client: Client::default(),
            staff,
        },
    )
}

/// Any case of Case Status, in a stage that its practice area has.
pub fn existing() -> impl Strategy<Value = ExistingCase> {
    let people = || proptest::collection::vec(proptest::sample::select(vec!["a@firm.example", "b@firm.example", "c@firm.example"]), 0..3);
    let area = proptest::sample::select(vec![("Motor Vehicle", 1_i64, 12_i64), ("Dog Bite", 1, 4), ("Other", 6, 9)]);
    let placed = area.prop_flat_map(|(area, first, last)| (Just(area), first..=last));
    (placed, 0_usize..3, people(), people(), text(), day(), day()).prop_map(
        |((area, stage), status, attorneys, paralegals, description, begun, closed)| {
            let emails = |emails: Vec<&str>| emails.into_iter().map(Email::new).collect();
            ExistingCase {
                id: "cs_1".into(),
                integration_id: CaseId(1),
                readable_id: "PI-1".into(),
                practice_area: Name::new(area),
                stage: Stage::new(stage).unwrap(),
                status: [ExistingStatus::Open, ExistingStatus::Closed, ExistingStatus::OnHold][status],
                primary_attorney: Email::new("a@firm.example"),
                additional_attorneys: emails(attorneys),
                paralegals: emails(paralegals),
                description,
                case_date: begun,
                closed_date: closed,
                client: "Jane Doe".into(),
            }
        },
    )
}
