//! Mail that is taken: what arrives is the CSV, byte for byte, with a summary that names no client.

use serde_json::json;

use super::{ANN, BOB, kept, sync, with_server};
use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Fault, World, patch_of, surname};

#[test]
fn a_sync_is_mailed_with_its_csv() {
    let Some((mut scene, server)) = with_server(json!({})) else { return };
    {
        let mut world = scene.vendors.world();
        let openings = ["=HYPERLINK(\"http://evil.example\")", "𝒜𝓃𝓃 🏛 Zażółć", "\r\n.\r\nRCPT TO:<x@y.example>\r\n"];
        for (id, opening) in (1..).zip(openings) {
            world.peer(id)["client"]["first_name"] = json!(opening);
            world.status(id)["client"]["first_name"] = json!(opening);
        }
        let long = "x".repeat(10_000);
        world.peer(2)["client"]["last_name"] = json!(long);
        world.status(2)["client"]["last_name"] = json!(long);
    }
    scene.host.set("RUST_LOG", "trace");

    let finished = sync(&scene, ANN).exits(0);
    let run = finished.run();
    assert_eq!(run.0["mail"], json!({ "to": ANN, "sent": true }));

    let message = server.only();
    assert_eq!((&message["from"], &message["to"], &message["tls"]), (&json!("casebridge@firm.example"), &json!([ANN]), &json!(false)));
    assert_eq!(message["defects"], json!([]));
    assert!(message["ascii"] == true && message["longest_line"].as_u64().unwrap() <= 998, "{message:#}");
    let headers = &message["headers"];
    assert_eq!(headers["subject"], "Hartwell Injury Law: sync succeeded (1 updated, 2 unchanged)");
    assert_eq!((&headers["to"], &headers["from"]), (&json!(ANN), &json!("casebridge <casebridge@firm.example>")));
    assert!(headers["message-id"].as_str().unwrap().ends_with("@firm.example>") && headers["date"].is_string(), "{headers:#}");
    let text = message["text"].as_str().unwrap();
    assert!(text.contains("     1  updated\n     2  unchanged\n") && text.contains(run.id()), "{text}");

    let csv = std::fs::read(scene.host.path(run.text("report"))).unwrap();
    let attached = &message["attachments"];
    let hex: String = csv.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(*attached, json!([{ "name": format!("hartwell-{}.csv", run.id()), "type": "text/csv", "hex": hex }]));
    assert!(String::from_utf8(csv).unwrap().contains("'=HYPERLINK"));

    // Nothing of it is said elsewhere, and what was sent leaves no copy.
    for id in 1..=3 {
        assert!(!text.contains(&surname(id)) && !headers.to_string().contains(&surname(id)));
        assert!(!finished.stderr.contains(&surname(id)), "{}", finished.stderr);
    }
    assert!(!finished.stderr.contains("HYPERLINK") && !finished.stderr.contains("𝒜"), "{}", finished.stderr);
    assert!(kept(&scene).is_empty());
}

#[test]
fn people_are_told_so() {
    let Some((scene, server)) = with_server(json!({})) else { return };
    let finished = scene.host.run(&["sync", "hartwell", "--case", "1", "--mail-to", ANN]).exits(0);
    assert!(finished.stdout.contains(&format!("CSV mailed to {ANN}")), "{}", finished.stdout);
    assert_eq!(server.only()["headers"]["subject"], "Hartwell Injury Law: sync of one case succeeded (1 updated)");
}

#[test]
fn every_reader_gets_one() {
    let Some((scene, server)) = with_server(json!({})) else { return };
    let both = format!("{ANN},{BOB}");
    let run = scene.host.run(&["sync", "hartwell", "--json", "--mail-to", &both, "--mail-to", ANN]).exits(0).run();
    assert_eq!(run.0["mail"], json!({ "to": format!("{ANN}, {BOB}"), "sent": true }));
    assert_eq!(server.only()["to"], json!([ANN, BOB]));
}

#[test]
fn a_firm_s_name_stays_in_its_line() {
    let Some((mut scene, server)) = with_server(json!({})) else { return };
    let name = "\"Łukasz\\r\\nBcc: everyone@firm.example\\r\\n\\r\\n& 𝒜ssociates\"";
    let Scene { vendors, host } = &mut scene;
    host.firm("hartwell", vendors, &Rules::new().with("name", name));
    sync(&scene, ANN).exits(0);
    let message = server.only();
    assert_eq!(message["to"], json!([ANN]));
    assert!(message["headers"].get("bcc").is_none());
    let subject = message["headers"]["subject"].as_str().unwrap();
    assert!(subject.starts_with("Łukasz Bcc: everyone@firm.example & 𝒜ssociates: sync succeeded"), "{subject}");
}

#[test]
fn how_the_run_went_decides_the_exit_code() {
    let Some((mut scene, server)) = with_server(json!({})) else { return };
    scene.vendors.always(Fault::Refused(422), patch_of(1));
    let run = sync(&scene, ANN).exits(1).run();
    assert_eq!((run.status(), &run.0["mail"]["sent"]), ("partial", &json!(true)));

    let mut world = World::of(1..=30);
    (1..=30).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    *scene.vendors.world() = world;
    scene.vendors.mend();
    let Scene { vendors, host } = &mut scene;
    host.firm("hartwell", vendors, &Rules::new().with("guard", "{ max_stage_changes: 5% }"));
    let run = sync(&scene, ANN).exits(3).run();
    assert_eq!((run.status(), &run.0["mail"]["sent"]), ("held", &json!(true)));

    let taken = server.taken();
    let texts: Vec<&str> = taken.iter().map(|message| message["text"].as_str().unwrap()).collect();
    assert!(texts[0].contains("some cases failed") && texts[0].contains("Cases that need somebody"), "{}", texts[0]);
    assert!(texts[1].contains("held until someone approves it") && texts[1].contains("    30  held"), "{}", texts[1]);
}
