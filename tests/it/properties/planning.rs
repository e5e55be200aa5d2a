//! Properties of a plan.

use casebridge::domain::{Attribute, Case, Changes, Directory, Email, ExistingCase, ExistingStatus, Name, PeerCaseStatus, StaffRole};
use casebridge::rules::plan;
use proptest::prelude::*;

use super::cases::{case, directory, existing};
use super::firm::any_rules;

/// The case with its people in another order, and every address in other letters.
fn typed_by_someone_else(case: &Case) -> Case {
    let mut other = case.clone();
    // Of several primary attorneys the first one counts: they keep their order.
    let (mut staff, others): (Vec<_>, Vec<_>) = case.staff.iter().cloned().partition(|member| member.role == StaffRole::PrimaryAttorney);
    staff.extend(others.into_iter().rev());
    other.staff = staff;
    for member in &mut other.staff {
        member.email = member.email.as_ref().map(|email| Email::new(&email.as_str().to_uppercase()));
    }
    other
}

fn backwards(directory: &Directory) -> Directory {
    let mut areas = directory.practice_areas.clone();
    areas.reverse();
    Directory::new(directory.staff().cloned().collect(), areas)
}

fn people_in_order(changes: &Changes) -> Changes {
    let mut changes = changes.clone();
    for people in [&mut changes.additional_attorneys, &mut changes.paralegals].into_iter().flatten() {
        people.sort_by_key(|email| email.folded().to_owned());
    }
    changes
}

/// The changes with only every other attribute left, as if a write had been half done.
fn half(changes: &Changes) -> Changes {
    Changes {
        stage: changes.stage,
        paralegals: changes.paralegals.clone(),
        practice_area: changes.practice_area.clone(),
        readable_id: changes.readable_id.clone(),
        ..Changes::default()
    }
}

fn lacks_its_stage(directory: &Directory, case: &ExistingCase) -> bool {
    directory.practice_area(&case.practice_area).is_some_and(|area| !area.has(case.stage))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn planning_the_planned_result_changes_nothing(rules in any_rules(), case in case(), existing in existing()) {
        let directory = directory();
        let first = plan(&rules, &directory, &case, &existing);
        let second = plan(&rules, &directory, &case, &first.changes.applied_to(&existing));
        prop_assert_eq!(&second.changes, &Changes::default(), "after {:?}", first.changes);
    }

    #[test]
    fn neither_order_nor_letter_case_matters(rules in any_rules(), case in case(), existing in existing()) {
        let one = plan(&rules, &directory(), &case, &existing);
        let other = plan(&rules, &backwards(&directory()), &typed_by_someone_else(&case), &existing);
        prop_assert_eq!(people_in_order(&one.changes), people_in_order(&other.changes));
    }

    #[test]
    fn nothing_outside_the_attributes_is_touched(rules in any_rules(), case in case(), existing in existing()) {
        let plan = plan(&rules, &directory(), &case, &existing);
        for attribute in Attribute::ALL {
            prop_assert!(rules.sync.attributes.has(attribute) || !plan.changes.has(attribute), "{:?}", attribute);
        }
        prop_assert!(plan.changes.closed_date.is_none() || plan.changes.closes());
    }

    #[test]
    fn a_stage_is_a_mapped_one_that_the_practice_area_has(rules in any_rules(), case in case(), existing in existing()) {
        let plan = plan(&rules, &directory(), &case, &existing);
        if let Some(stage) = plan.changes.stage {
            let mapped = rules.stages.target(&case.case_type, &case.stage).map(|target| target.value);
            prop_assert_eq!(Some(stage), mapped);
            prop_assert!(stage != existing.stage, "a survey for nothing");
        }
        prop_assert!(!lacks_its_stage(&directory(), &plan.changes.applied_to(&existing)));
    }

    #[test]
    fn only_what_differs_is_changed(rules in any_rules(), case in case(), existing in existing()) {
        let plan = plan(&rules, &directory(), &case, &existing);
        prop_assert_eq!(plan.changes.still_missing(&existing), plan.changes);
    }

    #[test]
    fn after_a_half_done_write_only_the_rest_is_missing(rules in any_rules(), case in case(), existing in existing()) {
        let changes = plan(&rules, &directory(), &case, &existing).changes;
        let done = half(&changes);
        let missing = changes.still_missing(&done.applied_to(&existing));
        for attribute in Attribute::ALL {
            prop_assert_eq!(missing.has(attribute), changes.has(attribute) && !done.has(attribute), "{:?}", attribute);
        }
        prop_assert_eq!(missing.applied_to(&done.applied_to(&existing)), changes.applied_to(&existing));
    }

    #[test]
    fn a_refused_case_has_a_reason_and_no_change(rules in any_rules(), case in case(), existing in existing()) {
        let plan = plan(&rules, &directory(), &case, &existing);
        prop_assert!(!plan.refused || (plan.changes.is_empty() && !plan.notes.is_empty()));
        for note in &plan.notes {
            prop_assert!(note.rule.is_some(), "{:?} names no line", note);
        }
    }

    #[test]
    fn what_staff_did_by_hand_stands_unless_the_rules_say_otherwise(rules in any_rules(), case in case(), existing in existing()) {
        let plan = plan(&rules, &directory(), &case, &existing);
        match existing.status {
            ExistingStatus::OnHold => prop_assert!(rules.sync.release_hold.value || plan.changes.status.is_none()),
            ExistingStatus::Closed => prop_assert!(rules.sync.reopen.value || plan.changes.status.is_none()),
            ExistingStatus::Open => prop_assert!(plan.changes.status.is_none() || case.status == PeerCaseStatus::Closed),
        }
        if plan.changes.closes() {
            prop_assert_eq!(plan.changes.closed_date.flatten(), case.closed_on);
        }
    }

    #[test]
    fn only_active_attorneys_of_case_status_are_sent(rules in any_rules(), case in case(), existing in existing()) {
        let directory = directory();
        let changes = plan(&rules, &directory, &case, &existing).changes;
        let attorneys = changes.primary_attorney.iter().chain(changes.additional_attorneys.iter().flatten());
        for email in attorneys {
            prop_assert!(directory.user(email).is_some_and(|user| user.is_active_attorney() && user.email.as_str() == email.as_str()));
        }
        for email in changes.paralegals.iter().flatten() {
            prop_assert!(directory.user(email).is_some_and(|user| user.active));
        }
        prop_assert!(changes.practice_area.as_ref().is_none_or(|area: &Name| directory.practice_area(area).is_some()));
    }
}
