//! What `casebridge.yaml` and the environment can have wrong.

use casebridge::settings::{Flags, Settings};
use insta::assert_snapshot;

use super::rendered;

fn read(text: &str, environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("casebridge.yaml");
    std::fs::write(&path, text).unwrap();
    let flags = Flags { config: Some(path.clone()), ..Flags::default() };
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let faults = Settings::read(&flags, environment).expect_err("it has a fault");
    rendered(&faults).replace(&path.display().to_string(), "casebridge.yaml")
}

#[test]
fn of_the_file() {
    assert_snapshot!(read(
        "rule_dir: rules\ndatabase_url: mysql://somewhere\nmail: { form: a@b.example }\nscripts: { deadline: soon }\nvendor_hosts: one\n",
        &[]
    ));
}

#[test]
fn of_the_environment() {
    assert_snapshot!(read(
        "",
        &[("CASEBRIDGE_RULE_DIR", "x"), ("CASEBRIDGE_MAIL", "x"), ("CASEBRIDGE_SCRIPTS_DEADLINE", "soon"), ("HOME", "/")]
    ));
}

#[test]
fn a_database_address_is_not_quoted() {
    let shown = read("database_url: postgres://casebridge:hunter2@db.example/casebridge\n", &[]);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_snapshot!(shown);
}

#[test]
fn a_file_that_is_not_there() {
    let flags = Flags { config: Some("no/such/file.yaml".into()), ..Flags::default() };
    assert_snapshot!(rendered(&Settings::read(&flags, std::iter::empty()).expect_err("there is none")));
}
