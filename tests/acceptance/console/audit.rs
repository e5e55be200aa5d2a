//! Who did what, before and after, by the console and by the command line; and the tokens and people that are made in the console.

use std::collections::BTreeMap;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;
use crate::support::visitor::{PASSWORD, Page, STAFF, SUPPORT, VIEWER, Visitor, add};

fn scene() -> Scene {
    Scene::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF))
}

/// The lines of the export, the latest first.
#[track_caller]
fn exported(visitor: &mut Visitor, query: &str) -> Vec<BTreeMap<String, String>> {
    let csv = visitor.get(&format!("/audit.csv{query}")).answers(200);
    assert!(csv.header("content-disposition").contains("attachment"), "{csv:#?}");
    csv::Reader::from_reader(csv.body.as_bytes()).deserialize().map(|line| line.expect("a line")).collect()
}

#[track_caller]
fn line(lines: &[BTreeMap<String, String>], action: &str) -> [String; 5] {
    let found = lines.iter().find(|line| line["action"] == action).unwrap_or_else(|| panic!("no {action} in {lines:#?}"));
    ["who", "firm", "subject", "before", "after"].map(|column| found[column].clone())
}

#[test]
fn what_is_changed_in_the_console_and_by_the_command_line_is_written_down() {
    let mut scene = scene();
    scene.host.set("USER", "ada");
    token(&scene.host, &["reports", "--role", "viewer"]);
    add(&scene.host, STAFF, &["staff", "--firm", "hartwell"]);
    let serving = Serving::start(&scene.host);
    scene.host.run(&["firm", "set", "hartwell", "limits.attempts=3"]).exits(0);
    let mut visitor = Visitor::support(&scene.host, &serving);
    visitor.submit("/firms/hartwell/schedules/nightly_sync", &[("enabled", "true")]);
    visitor.submit(&format!("/people/{STAFF}/role"), &[("role", "viewer"), ("firm", "hartwell")]);
    visitor.submit(&format!("/people/{STAFF}/disable"), &[]);
    visitor.submit("/tokens/reports/revoke", &[]);
    Visitor::stranger(&serving).sign_in(STAFF, "five loud harbour lights").answers(422);
    let lines = exported(&mut visitor, "");
    let of = |who: &str, firm: &str, subject: &str, before: &str, after: &str| [who, firm, subject, before, after].map(str::to_owned);
    assert_eq!(line(&lines, "firm_set"), of(SUPPORT, "hartwell", "schedule.nightly_sync.enabled", "false", "true"));
    assert_eq!(line(&lines, "user_changed"), of(SUPPORT, "", STAFF, "staff of hartwell", "viewer of hartwell"));
    assert_eq!(line(&lines, "user_disabled"), of(SUPPORT, "", STAFF, "", ""));
    assert_eq!(line(&lines, "token_revoked"), of(SUPPORT, "", "reports", "", ""));
    assert_eq!(line(&lines, "sign_in_refused"), of(STAFF, "", "", "", ""));
    assert_eq!(line(&lines, "signed_in")[0], SUPPORT);
    let [who, _, subject, ..] = line(&lines, "token_created");
    assert_eq!((who.as_str(), subject.as_str()), ("ada (command line)", "reports"));
    assert_eq!(line(&lines, "user_added")[0], "ada (command line)");
    let by_command = lines.iter().filter(|line| line["action"] == "firm_set" && line["who"] == "ada (command line)");
    let by_command: Vec<_> = by_command.map(|line| (line["subject"].as_str(), line["after"].as_str())).collect();
    assert_eq!(by_command, [("limits.attempts", "3")]);
    // The latest first, and each found by the id of its request.
    assert_eq!(lines[0]["action"], "sign_in_refused");
    assert!(!lines[0]["request"].is_empty(), "{lines:#?}");

    visitor.page("/audit").says("schedule.nightly_sync.enabled").says("false → true").says("ada (command line)");
    let of_firm = exported(&mut visitor, "?firm=hartwell&action=firm_set");
    assert!(of_firm.iter().all(|line| line["firm"] == "hartwell" && line["action"] == "firm_set") && !of_firm.is_empty(), "{of_firm:#?}");
    let by_ada = exported(&mut visitor, "?who=ada");
    assert!(!by_ada.is_empty() && by_ada.iter().all(|line| line["who"].starts_with("ada")), "{by_ada:#?}");
}

#[test]
fn the_audit_log_is_support_s_alone() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    for mut visitor in [Visitor::staff(&scene.host, &serving), Visitor::viewer(&scene.host, &serving)] {
        for path in ["/audit", "/audit.csv", "/people", "/tokens", "/letters", "/firms/hartwell/rules"] {
            visitor.get(path).answers(403);
        }
        for path in ["/people", "/tokens", "/tokens/reports/revoke", "/firms/hartwell/rules", "/letters/1/drop"] {
            visitor.post(path, &[("name", "x"), ("text", "x")]).answers(403);
        }
    }
}

#[test]
fn no_cell_of_the_export_is_a_formula() {
    let mut scene = scene();
    scene.host.set("USER", "=cmd|'/c calc'!A1");
    add(&scene.host, VIEWER, &["viewer"]);
    scene.host.unset("USER");
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    Visitor::stranger(&serving).sign_in("+1-1@hartwell.example", PASSWORD).answers(422);
    let lines = exported(&mut visitor, "");
    assert!(lines.iter().any(|line| line["who"].contains("cmd|")) && lines.iter().any(|line| line["who"].contains("1-1@")), "{lines:#?}");
    for cell in lines.iter().flat_map(BTreeMap::values) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
    }
}

#[test]
fn a_token_made_in_the_console_is_shown_once_and_worth_nothing_once_revoked() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let made = visitor.post("/tokens", &[("name", "reports"), ("role", "staff"), ("firm", "hartwell"), ("days", "30")]).answers(200);
    let (_, rest) = made.body.split_once("<code id=\"token\">").expect("the token");
    let text = rest.split_once('<').expect("its end").0.to_owned();
    serving.get_as(&text, "/api/v1/firms").answers(200);
    let list = visitor.page("/tokens");
    list.says("reports").says("staff of hartwell").says("active");
    assert!(!list.html().contains(&text));
    for (name, role, firm, days) in [
        ("reports", "support", "", ""),
        ("-", "support", "", ""),
        ("x", "staff", "", ""),
        ("x", "viewer", "nobody", ""),
        ("x", "owner", "", ""),
        ("x", "support", "", "0"),
        ("x", "support", "", "soon"),
    ] {
        let refused = visitor.post("/tokens", &[("name", name), ("role", role), ("firm", firm), ("days", days)]).answers(422);
        assert!(crate::support::visitor::text(&refused.body).contains("No token was made"), "{refused:#?}");
    }
    visitor.submit("/tokens/reports/revoke", &[]).says("revoked");
    serving.get_as(&text, "/api/v1/firms").answers(401);
    visitor.post("/tokens/reports/revoke", &[]).answers(404);
    let after = exported(&mut visitor, "?action=token_created");
    assert_eq!(line(&after, "token_created")[4], "staff of hartwell");
}

#[test]
fn people_added_in_the_console_sign_in_and_support_cannot_lock_out_itself() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let add = |visitor: &mut Visitor, email: &str, role: &str, firm: &str, password: &str| {
        visitor.post("/people", &[("email", email), ("role", role), ("firm", firm), ("password", password)])
    };
    for (email, role, firm, password) in [
        (STAFF, "staff", "", PASSWORD),
        (STAFF, "staff", "nobody", PASSWORD),
        ("jo", "support", "", PASSWORD),
        (STAFF, "owner", "", PASSWORD),
        (STAFF, "support", "", "short"),
        (SUPPORT, "viewer", "", PASSWORD),
    ] {
        let refused = add(&mut visitor, email, role, firm, password).answers(422);
        assert!(!refused.body.contains(PASSWORD) && refused.body.contains(email), "{refused:#?}");
    }
    add(&mut visitor, STAFF, "staff", "hartwell", PASSWORD).answers(303);
    let mut staff = Visitor::signed_in(&serving, STAFF);
    // What support has typed is for one sign-in.
    assert_eq!(staff.get("/firms/hartwell/sync").answers(303).header("location"), "/account");
    assert_eq!(staff.sent("/tokens", &[("name", "reports"), ("role", "support")]), "/account");
    Page(Visitor::stranger(&serving).sign_in(STAFF, PASSWORD).answers(422)).says("this password was for one sign-in");
    let choose = |staff: &mut Visitor, current: &str, new: &str| {
        staff.post("/account/password", &[("current", current), ("password", new), ("again", new)])
    };
    staff.page("/account").says("Choose your own to go on");
    Page(choose(&mut staff, PASSWORD, PASSWORD).answers(422)).says("the new password is the current one");
    choose(&mut staff, PASSWORD, "eight slow lanterns at sea").answers(303);
    staff.page("/firms/hartwell/sync");
    for _ in 0..2 {
        Visitor::stranger(&serving).sign_in(STAFF, "eight slow lanterns at sea").answers(303);
    }
    visitor.submit(&format!("/people/{STAFF}/role"), &[("role", "viewer"), ("firm", "hartwell")]).says("viewer of hartwell");
    staff.get("/firms/hartwell/sync").answers(403);
    visitor.submit(&format!("/people/{STAFF}/password"), &[("password", "seven slow lanterns at sea")]);
    staff.get("/firms/hartwell").answers(303);
    visitor.submit(&format!("/people/{STAFF}/disable"), &[]).says("disabled");
    staff.sign_in(STAFF, "seven slow lanterns at sea").answers(422);
    visitor.submit(&format!("/people/{STAFF}/enable"), &[]);
    staff.sign_in(STAFF, "seven slow lanterns at sea").answers(303);
    choose(&mut staff, "seven slow lanterns at sea", PASSWORD).answers(303);
    staff.page("/firms/hartwell");
    // So is one that is set by command in these words.
    let again = ["user", "password", STAFF, "--one-time"];
    scene.host.run_with_input("nine slow lanterns at sea\n", &again).exits(0);
    staff.sign_in(STAFF, "nine slow lanterns at sea").answers(303);
    assert_eq!(staff.get("/firms/hartwell").answers(303).header("location"), "/account");
    staff.sign_in(STAFF, "nine slow lanterns at sea").answers(422);
    visitor.post(&format!("/people/{SUPPORT}/disable"), &[]).answers(409);
    visitor.post(&format!("/people/{SUPPORT}/role"), &[("role", "viewer")]).answers(409);
    visitor.post(&format!("/people/{SUPPORT}/password"), &[("password", "six slow lanterns at sea")]).answers(409);
    visitor.post("/people/nobody@x.example/disable", &[]).answers(404);
    visitor.page("/people");
}
