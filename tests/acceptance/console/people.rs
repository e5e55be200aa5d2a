//! People are let in, seen, changed and kept out by `casebridge user`, and what lets them in is kept nowhere.

use serde_json::json;

use crate::support::host::{Host, Scene, has};
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;
use crate::support::visitor::{PASSWORD, STAFF, SUPPORT, VIEWER, Visitor, add};

fn scene() -> Scene {
    Scene::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF))
}

fn typed(host: &Host, password: &str, arguments: &[&str]) -> Finished {
    host.run_with_input(&format!("{password}\n"), arguments)
}

#[test]
fn people_are_added_with_a_password_from_standard_input_and_listed() {
    let scene = scene();
    add(&scene.host, SUPPORT, &["support"]);
    add(&scene.host, STAFF, &["staff", "--firm", "hartwell"]);
    let added = typed(&scene.host, PASSWORD, &["user", "add", VIEWER, "--role", "viewer", "--json"]).exits(0);
    assert_eq!(added.json()["email"], VIEWER);
    let listed = scene.host.run(&["user", "list", "--json"]).exits(0).json();
    let seen = |at: usize| {
        let user = &listed[at];
        json!([user["email"], user["role"], user["firm"], user["state"]])
    };
    assert_eq!(seen(0), json!([STAFF, "staff", "hartwell", "active"]));
    assert_eq!(seen(1), json!([SUPPORT, "support", null, "active"]));
    assert_eq!(seen(2), json!([VIEWER, "viewer", null, "active"]));
    assert_eq!(listed.as_array().expect("users").len(), 3);
    let table = scene.host.run(&["user", "list"]).exits(0).stdout;
    for word in [STAFF, SUPPORT, VIEWER, "hartwell"] {
        assert!(table.contains(word), "{word} in {table}");
    }
}

#[test]
fn nobody_is_added_twice_whatever_the_case_of_the_address() {
    let scene = scene();
    add(&scene.host, STAFF, &["staff", "--firm", "hartwell"]);
    let again = typed(&scene.host, PASSWORD, &["user", "add", &STAFF.to_uppercase(), "--role", "support"]).exits(1);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    let listed = scene.host.run(&["user", "list", "--json"]).exits(0).json();
    assert_eq!((listed.as_array().expect("users").len(), &listed[0]["role"]), (1, &json!("staff")));
}

#[test]
fn roles_firms_and_addresses_that_cannot_be_meant_are_refused() {
    let scene = scene();
    let refused: [&[&str]; 6] = [
        &["user", "add", STAFF, "--role", "staff"],
        &["user", "add", STAFF, "--role", "staff", "--firm", "elsewhere"],
        &["user", "add", STAFF, "--role", "support", "--firm", "hartwell"],
        &["user", "add", STAFF, "--role", "owner"],
        &["user", "add", "jo", "--role", "support"],
        &["user", "add", STAFF],
    ];
    for arguments in refused {
        let said = typed(&scene.host, PASSWORD, arguments).exits(2).stderr;
        assert!(!said.contains(PASSWORD), "{said}");
    }
    assert_eq!(scene.host.run(&["user", "list", "--json"]).exits(0).json(), json!([]));
}

#[test]
fn weak_passwords_are_refused_with_what_a_good_one_is() {
    let scene = scene();
    for weak in ["", "elevenchars", "aaaaaaaaaaaaaaaa", &STAFF.to_uppercase(), &"ab".repeat(600)] {
        let refused = typed(&scene.host, weak, &["user", "add", STAFF, "--role", "support"]).exits(2);
        assert!(refused.stderr.contains("password"), "{}", refused.stderr);
    }
    add(&scene.host, STAFF, &["support"]);
    let refused = typed(&scene.host, "short", &["user", "password", STAFF]).exits(2);
    assert!(refused.stderr.contains("nothing was changed"), "{}", refused.stderr);
    let serving = Serving::start(&scene.host);
    Visitor::signed_in(&serving, STAFF);
}

#[test]
fn a_role_is_changed_and_somebody_is_kept_out_and_let_in_again() {
    let scene = scene();
    add(&scene.host, STAFF, &["staff", "--firm", "hartwell"]);
    let user = || scene.host.run(&["user", "list", "--json"]).exits(0).json()[0].clone();
    scene.host.run(&["user", "role", STAFF, "--role", "viewer", "--json"]).exits(0).json();
    assert_eq!((&user()["role"], &user()["firm"]), (&json!("viewer"), &json!(null)));
    scene.host.run(&["user", "disable", STAFF, "--json"]).exits(0).json();
    assert_eq!(user()["state"], "disabled");
    assert!(user()["disabled_at"].is_string());
    scene.host.run(&["user", "enable", STAFF, "--json"]).exits(0).json();
    assert_eq!((&user()["state"], &user()["disabled_at"]), (&json!("active"), &json!(null)));
    typed(&scene.host, "another quiet harbour light", &["user", "password", STAFF, "--json"]).exits(0).json();
}

#[test]
fn what_is_done_to_somebody_unknown_says_where_the_known_are() {
    let scene = scene();
    for arguments in [&["user", "role", STAFF, "--role", "support"][..], &["user", "disable", STAFF], &["user", "enable", STAFF]] {
        let refused = scene.host.run(arguments).exits(2);
        assert!(refused.stderr.contains("casebridge user list"), "{}", refused.stderr);
    }
    typed(&scene.host, PASSWORD, &["user", "password", STAFF]).exits(2);
}

#[test]
fn no_file_holds_a_password_a_session_or_a_token() {
    let scene = scene();
    let made = token(&scene.host, &["reports", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let wrong = "five loud harbour lights";
    Visitor::stranger(&serving).sign_in(SUPPORT, wrong).answers(422);
    visitor.page("/");
    serving.get_as(&made, "/api/v1/firms");
    let session = visitor.session().to_owned();
    assert!(session.len() > 40, "{session}");
    let looked = |when: &str| {
        for (path, bytes) in scene.host.kept() {
            for secret in [PASSWORD, wrong, &session, &made] {
                let is_there = has(&bytes, secret);
                assert!(!is_there, "{secret} is in {} {when}", path.display());
            }
        }
    };
    looked("while it serves");
    let said = serving.stop().said();
    for secret in [PASSWORD, wrong, &session, &made] {
        assert!(!said.contains(secret), "{secret} is in the log");
    }
    looked("after its end");
}

#[test]
fn a_token_has_an_owner_with_whom_it_ends_and_says_when_it_was_used() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);
    let made = support.post("/tokens", &[("name", "reports"), ("role", "support"), ("firm", ""), ("days", "")]).answers(200).body;
    let (_, text) = made.split_once("<code id=\"token\">").expect("a token");
    let text = text.split('<').next().expect("its text").to_owned();
    token(&scene.host, &["forever", "--role", "support", "--expires", "never"]);
    let listed = || scene.host.run(&["token", "list", "--json"]).exits(0).json();
    let seen = |at: usize| {
        let token = &listed()[at];
        json!([token["name"], token["owner"], token["state"], token["last_used_at"].is_null(), token["expires_at"].is_null()])
    };
    assert_eq!(seen(0), json!(["forever", null, "active", true, true]));
    assert_eq!(seen(1), json!(["reports", SUPPORT, "active", true, false]));
    serving.get_as(&text, "/api/v1/firms").answers(200);
    assert_eq!(seen(1), json!(["reports", SUPPORT, "active", false, false]));
    support.page("/tokens").says(SUPPORT).says("command line").says("never");

    scene.host.run(&["user", "disable", SUPPORT]).exits(0);
    serving.get_as(&text, "/api/v1/firms").answers(401);
    assert_eq!(seen(1), json!(["reports", SUPPORT, "orphaned", false, false]));
    scene.host.run(&["user", "enable", SUPPORT]).exits(0);
    serving.get_as(&text, "/api/v1/firms").answers(200);
}
