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
    let shown = read("database_url: mysql://casebridge:hunter2@db.example/casebridge\n", &[]);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_snapshot!(shown);
    let shown = read("database_url: postgres://casebridge:hunter2@db.example/casebridge\ndatabase: { pool: 0 }\n", &[]);
    assert!(shown.contains("it goes from 2 to 1000") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_file_that_is_not_there() {
    let flags = Flags { config: Some("no/such/file.yaml".into()), ..Flags::default() };
    assert_snapshot!(rendered(&Settings::read(&flags, std::iter::empty()).expect_err("there is none")));
}

#[test]
fn of_mail() {
    assert_snapshot!(read(
        "mail:
  from: support
  smtp: smtp://bridge:hunter2/x@mail.firm.example
  notices: [support@firm.example, \"a@b.example\\r\\nBcc: c@d.example\"]
  timeout: 1h
",
        &[]
    ));
}

#[test]
fn of_mail_in_the_environment() {
    let environment = [
        ("CASEBRIDGE_MAIL_FROM", "support"),
        ("CASEBRIDGE_MAIL_SMTP", "http://bridge:hunter2@mail.firm.example"),
        ("CASEBRIDGE_MAIL_NOTICES", "support@firm.example, ,nobody , x@y.example"),
        ("CASEBRIDGE_MAIL_TIMEOUT", "soon"),
    ];
    let shown = read("", &environment);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_snapshot!(shown);
}

/// Whatever is wrong beside a password, in whichever line and under whichever key, the password is not shown.
#[test]
fn a_mail_server_s_password_is_not_quoted() {
    for text in [
        "mail: { form: a@b.example, smtp: \"smtp://bridge:hunter2@mail.firm.example\" }\n",
        "mail: { from: nobody, stmp: \"smtp://bridge:hunter2@mail.firm.example\" }\n",
        "mail: { from: \"smtp://bridge:hunter2@mail.firm.example\" }\n",
        "mail: { notices: [\"smtp://bridge:hunter2@mail.firm.example\"] }\n",
        "mail: { smtp: [\"smtp://bridge:hunter2@mail.firm.example\"] }\n",
        "mail: { smtp: \"bridge:hunter2@mail.firm.example\" }\n",
        "mail: { smtp: { password: hunter2 } }\n",
        "mail:\n  smtp: >-\n    smtp://bridge:hunter2@mail.firm.example/x\n",
        "mail: \"smtp://bridge:hunter2@mail.firm.example\"\n",
        "email: { server: \"smtps://bridge:hunter2@mail.firm.example\" }\n",
        "database_url: mysql://bridge:hunter2@db.example\nmail: { smtp: smtp://bridge:hunter2@[oops\n",
        "mail: { smpt: smtp://bridge:hunter2@mail.firm.example, : [\n",
        "listen: [postgres://bridge:hunter2@db.example]\ndatabase_url: [ postgres://bridge:hunter2@db.example ]\n",
    ] {
        let shown = read(text, &[]);
        assert!(!shown.contains("hunter2"), "{text}\n{shown}");
    }
    for (variable, value) in [
        ("CASEBRIDGE_MAIL_SMTP", "bridge:hunter2@mail.firm.example"),
        ("CASEBRIDGE_MAIL_SMTP", "smtp://hunter2@mail.firm.example"),
        ("CASEBRIDGE_MAIL_SMPT", "smtp://bridge:hunter2@mail.firm.example"),
        ("CASEBRIDGE_MAIL_NOTICES", "smtp://bridge:hunter2@mail.firm.example"),
        ("CASEBRIDGE_DATABASE_URL", "mysql://bridge:hunter2@db.example"),
    ] {
        let shown = read("", &[(variable, value)]);
        assert!(!shown.contains("hunter2"), "{variable}\n{shown}");
    }
}

#[test]
fn mail_as_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("casebridge.yaml");
    std::fs::write(&path, "mail: { smtp: \"smtps://bridge:hunter2@mail.firm.example\", notices: [a@firm.example] }\n").unwrap();
    let flags = Flags { config: Some(path), ..Flags::default() };
    let mail = Settings::read(&flags, std::iter::empty()).unwrap().mail;
    assert_eq!((mail.from.to_string().as_str(), mail.notices.len()), ("casebridge@localhost", 1));
    assert_eq!(mail.timeout, std::time::Duration::from_secs(30));
    assert!(!format!("{mail:?}").contains("hunter2") && mail.smtp.is_some_and(|smtp| smtp.tls_from_start && smtp.port == 465));

    let over = [("CASEBRIDGE_MAIL_NOTICES".to_owned(), "b@firm.example, c@firm.example".to_owned())];
    let mail = Settings::read(&flags, over.into_iter()).unwrap().mail;
    assert_eq!(mail.notices.iter().map(ToString::to_string).collect::<Vec<_>>(), ["b@firm.example", "c@firm.example"]);

    // Nobody is named: notices go to the sender.
    let none = [("CASEBRIDGE_MAIL_NOTICES".to_owned(), String::new()), ("CASEBRIDGE_MAIL_FROM".to_owned(), "x@firm.example".to_owned())];
    let mail = Settings::read(&flags, none.into_iter()).unwrap().mail;
    assert_eq!(mail.notices, [mail.from]);
}

#[test]
fn proxies_are_networks_or_addresses() {
    let read = |value: &str| {
        let environment = [("CASEBRIDGE_TRUSTED_PROXIES".to_owned(), value.to_owned())];
        Settings::read(&Flags::default(), environment.into_iter()).map(|settings| settings.trusted_proxies)
    };
    let proxies = read("10.0.0.0/8, 2001:db8::/32, 192.0.2.7").unwrap();
    for (peer, is_trusted) in [
        ("10.255.0.1", true),
        ("::ffff:10.0.0.1", true),
        ("11.0.0.1", false),
        ("2001:db8::1", true),
        ("192.0.2.7", true),
        ("192.0.2.8", false),
        ("127.0.0.9", true),
        ("::1", true),
    ] {
        assert_eq!(proxies.contains(peer.parse().unwrap()), is_trusted, "{peer}");
    }
    let faults = read("10.0.0.0/33").unwrap_err();
    let shown = format!("{faults:?}");
    assert!(shown.contains("10.0.0.0/33") && shown.contains("no network"), "{shown}");
}
