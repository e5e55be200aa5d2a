//! Mail without a server, and what keeps a command from being begun.

use serde_json::json;

use super::{ANN, attachment, kept, scene, sync};
use crate::support::vendors::{Fault, patch_of};

#[test]
fn without_a_server_the_mail_is_a_file() {
    let scene = scene();
    let finished = sync(&scene, ANN).exits(0);
    let run = finished.run();
    let mail = &run.0["mail"];
    assert_eq!((&mail["to"], &mail["sent"], mail.get("error")), (&json!(ANN), &json!(false), None), "{mail:#}");
    let file = mail["file"].as_str().unwrap();
    assert!(file.starts_with("var/mail/"), "{file}");
    let message = scene.host.read(file);
    assert!(message.starts_with("From: casebridge <casebridge@localhost>\r\n"), "{message}");
    assert_eq!(attachment(&message), std::fs::read(scene.host.path(run.text("report"))).unwrap());
    only_its_owner_s(&scene.host.path(file), 0o600);
    only_its_owner_s(&scene.host.path("var/mail"), 0o700);

    let finished = scene.host.run(&["sync", "hartwell", "--mail-to", ANN]).exits(0);
    assert!(finished.stdout.contains("no mail server is set") && finished.stdout.contains("var/mail/"), "{}", finished.stdout);
    assert_eq!(kept(&scene).len(), 2);
}

#[cfg(unix)]
fn only_its_owner_s(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
}

#[cfg(not(unix))]
fn only_its_owner_s(_: &std::path::Path, _: u32) {}

#[test]
fn mail_that_is_lost_fails_a_command_whose_run_was_well() {
    let scene = scene();
    scene.host.folder("var");
    scene.host.write("var/mail", "a file where the folder should be");
    let finished = sync(&scene, ANN).exits(1);
    let run = finished.run();
    assert_eq!((run.status(), &run.0["mail"]["sent"]), ("succeeded", &json!(false)));
    let error = run.0["mail"]["error"].as_str().unwrap();
    assert!(error.contains("var/mail") && run.0["mail"].get("file").is_none(), "{error}");
    assert!(finished.stderr.contains("error: mail was not sent") && finished.stderr.contains(error), "{}", finished.stderr);

    // A run that failed itself says more.
    scene.vendors.world().peer(2)["stage"] = json!("Negotiation");
    scene.vendors.always(Fault::Refused(422), patch_of(2));
    assert_eq!(sync(&scene, ANN).exits(1).run().status(), "partial");
}

#[test]
fn what_is_no_address_keeps_everything_from_being_done() {
    let scene = scene();
    for wrong in ["ann", "ann@", "", "Ann <ann@firm.example>", "ann@firm.example\nBcc: bob@firm.example", "ann@firm.example,bob"] {
        let finished = scene.host.run(&["sync", "hartwell", "--json", "--mail-to", wrong]).exits(2);
        assert!(finished.stderr.contains("--mail-to"), "{}", finished.stderr);
    }
    assert_eq!(scene.vendors.journal().len(), 0);
    assert!(!scene.host.path("var").exists());
}

#[test]
fn so_do_settings_that_no_mail_can_be_sent_by() {
    let mut scene = scene();
    scene.host.set("CASEBRIDGE_MAIL_SMTP", "smtps://bridge:hunter2@localhost");
    scene.host.write("empty.pem", "no certificate\n");
    for (file, said) in [("nowhere.pem", "not found"), ("empty.pem", "no certificate"), ("var", "cannot be used")] {
        scene.host.set("CASEBRIDGE_MAIL_CA_FILE", file);
        let finished = sync(&scene, ANN).exits(2);
        assert!(finished.stderr.contains(file) && finished.stderr.contains(said), "{}", finished.stderr);
        assert!(!finished.said().contains("hunter2"), "{}", finished.said());
    }
    assert_eq!(scene.vendors.journal().len(), 0);
    // Without mail, nobody needs them.
    scene.sync().exits(0);

    scene.host.set("CASEBRIDGE_MAIL_SMTP", "smtp://bridge:hunter2@");
    let finished = scene.sync().exits(2);
    assert!(!finished.said().contains("hunter2"), "{}", finished.said());
}
