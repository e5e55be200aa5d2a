//! Rows of the mapping table: each changes the line that it is about and no other, or says what stands in the way.

use casebridge::domain::{FirmId, VendorHosts};
use casebridge::rules::ResolveContext;
use casebridge::ruleset::{Etag, MachineSecrets, MappingEdit, MappingRow, RulesFolder, RulesSources, SetError, WriteError, edit_mapping};
use casebridge::scripting::{RhaiConditions, RhaiHooks, ScriptFolder, ScriptLimits};

use super::firm;

const MAPPED: &str = "stages:
  map:
    - { casepeer: [Negotiation, Settlement], to: 5 }   # agreed with Ms Ash
    - { casepeer: Treating, to: 3 }
  by_case_type:
    Dog Bite:
      - { casepeer: Negotiation, to: 5 }
practice_areas:
  map:
    - { casepeer: Auto Accident, to: Motor Vehicle }
";

/// What comes of these rows in a firm file that ends so, beside these other files of its folder.
fn edit(rest: &str, others: &[(&str, &str)], rows: &[MappingRow]) -> Result<MappingEdit, String> {
    let folder = tempfile::tempdir().unwrap();
    let text = firm(rest);
    std::fs::write(folder.path().join("hartwell.yaml"), &text).unwrap();
    others.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    let (secrets, conditions) = (super::WithKeys::default(), RhaiConditions::default());
    let sources = RulesSources {
        rules: RulesFolder::on_disk(folder.path()),
        scripts: ScriptFolder::shipped("scripts", &[]),
        secrets: MachineSecrets::default(),
        limits: ScriptLimits::default(),
        vendor_hosts: VendorHosts::default(),
    };
    let hooks = RhaiHooks { folder: sources.scripts.clone(), limits: sources.limits.clone() };
    let surroundings = ResolveContext { secrets: &secrets, conditions: &conditions, hooks: &hooks, vendor_hosts: None, since: &|_| None };
    let hartwell = FirmId::new("hartwell").unwrap();
    let edited = edit_mapping(&sources, &hartwell, &Etag::of(&text), rows, None, &surroundings);
    edited.map_err(|error| match error {
        WriteError::Set(SetError::Refused { diagnostics, .. }) => {
            diagnostics.iter().map(|fault| format!("{fault}; {}", fault.help.as_deref().unwrap_or_default())).collect()
        }
        other => panic!("{other}"),
    })
}

fn row(case_type: &str, stage: &str, to: u8, alone: bool) -> MappingRow {
    MappingRow::Stage { case_type: case_type.to_owned(), stage: stage.to_owned(), to, alone }
}

#[test]
fn a_row_changes_the_line_that_it_is_about_and_no_other() {
    let text = |edited: Result<MappingEdit, String>| edited.unwrap().text;
    let dog_bite = "      - { casepeer: Negotiation, to: 5 }\n";
    // A row that its case type maps keeps to that line, ticked or not; all other rows stay.
    for alone in [false, true] {
        let edited = edit(MAPPED, &[], &[row("Dog Bite", "Negotiation", 4, alone)]).unwrap();
        assert_eq!(edited.text, firm(&MAPPED.replace(dog_bite, &dog_bite.replace('5', "4"))));
        assert_eq!(edited.lines.iter().map(|line| line.case_type.as_deref()).collect::<Vec<_>>(), [Some("Dog Bite")]);
    }
    // One that no case type maps changes the general line, unless it is ticked.
    let edited = text(edit(MAPPED, &[], &[row("Auto Accident", "Treating", 2, false)]));
    assert_eq!(edited, firm(&MAPPED.replace("Treating, to: 3", "Treating, to: 2")));
    let edited = text(edit(MAPPED, &[], &[row("Auto Accident", "Negotiation", 4, true)]));
    assert!(
        edited.contains(dog_bite) && edited.contains("[Negotiation, Settlement], to: 5") && edited.contains("Auto Accident: "),
        "{edited}"
    );
    // Both at once, in either order of the rows.
    let rows = [row("Auto Accident", "Treating", 2, false), row("Dog Bite", "Treating", 4, true)];
    let edited = text(edit(MAPPED, &[], &rows));
    assert_eq!(edited, text(edit(MAPPED, &[], &[rows[1].clone(), rows[0].clone()])));
    assert!(edited.contains("Treating, to: 2") && edited.contains("Treating, to: 4"), "{edited}");
    // A practice area, and a list that is not there yet.
    let area = MappingRow::PracticeArea { case_type: "Dog Bite".to_owned(), to: "Animal Attack".to_owned() };
    assert!(text(edit(MAPPED, &[], &[area])).contains("{ casepeer: Dog Bite, to: Animal Attack }"));
    assert!(text(edit("", &[], &[row("Auto Accident", "Treating", 3, false)])).contains("{ casepeer: Treating, to: 3 }"));
}

#[test]
fn letter_case_counts_as_the_firm_s_rules_say() {
    // Where it counts, another spelling is another stage, and gets a line of its own.
    let edited = edit(MAPPED, &[], &[row("Auto Accident", "treating", 9, false)]).unwrap();
    assert!(
        edited.text.contains("{ casepeer: Treating, to: 3 }") && edited.text.contains("{ casepeer: treating, to: 9 }"),
        "{}",
        edited.text
    );
    // Where it does not, the line that is there changes, under its own spelling, and no second one is made.
    let either = MAPPED.replace("stages:\n", "stages:\n  match: ignore_case\n");
    let edited = edit(&either, &[], &[row("DOG BITE", "negotiation", 4, false), row("Auto", "TREATING", 2, false)]).unwrap();
    let wanted = either.replace("      - { casepeer: Negotiation, to: 5 }", "      - { casepeer: Negotiation, to: 4 }");
    assert_eq!(edited.text, firm(&wanted.replace("Treating, to: 3", "Treating, to: 2")));
    let shared = [("_defaults.yaml", "stages: { match: ignore_case }\n")];
    let edited = edit(MAPPED, &shared, &[row("Auto", "TREATING", 2, false)]).unwrap();
    assert_eq!(edited.text, firm(&MAPPED.replace("Treating, to: 3", "Treating, to: 2")));
}

#[test]
fn rows_that_contradict_each_other_and_edits_that_would_do_more_are_refused_by_name() {
    let rows = [row("Auto Accident", "Treating", 2, false), row("Slip and Fall", "Treating", 4, false)];
    let refused = edit(MAPPED, &[], &rows).unwrap_err();
    for said in ["stage \"Treating\"", "2 in the row of Auto Accident", "4 in that of Slip and Fall", "Only this case type"] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    let either = MAPPED.replace("stages:\n", "stages:\n  match: ignore_case\n");
    let rows = [row("Auto Accident", "Treating", 2, false), row("Slip and Fall", "TREATING", 4, false)];
    assert!(edit(&either, &[], &rows).unwrap_err().contains("gets two targets"));
    // The same target twice is no contradiction.
    assert!(edit(MAPPED, &[], &[row("Auto Accident", "Treating", 2, false), row("Slip and Fall", "Treating", 2, false)]).is_ok());
    // A list of the firm's own would take the place of the one that all firms share.
    let shared = [("_defaults.yaml", "stages: { map: [{ casepeer: Intake, to: 1 }] }\n")];
    let refused = edit("", &shared, &[row("Auto Accident", "Treating", 3, false)]).unwrap_err();
    assert!(refused.contains("stage \"Intake\" would change too, from 1 to not mapped"), "{refused}");
}
