//! A server that says no, for good or for now.

use serde_json::json;

use super::{ANN, BOB, attachment, kept, sync, with_server};

#[test]
fn what_is_refused_for_good_is_kept_and_not_tried_again() {
    let echo = format!("550 5.1.1 <{ANN}>: Recipient Zyskowski1 rejected, User unknown");
    let Some((scene, server)) = with_server(json!({ "answers": [{ "at": "RCPT", "say": echo }] })) else { return };
    let finished = sync(&scene, ANN).exits(0);
    let run = finished.run();

    let mail = &run.0["mail"];
    assert_eq!((&mail["to"], &mail["sent"]), (&json!(ANN), &json!(false)));
    let error = mail["error"].as_str().unwrap();
    assert!(error.ends_with("refused it: 550 5.1.1 Recipient rejected, User unknown"), "{error}");
    let file = mail["file"].as_str().unwrap();
    assert!(finished.stderr.contains(error) && finished.stderr.contains(file), "{}", finished.stderr);
    assert_eq!(server.commands().iter().filter(|command| command.starts_with("RCPT")).count(), 1);

    let message = scene.host.read(file);
    assert!(message.contains(&format!("\r\nTo: {ANN}\r\n")), "{message}");
    assert_eq!(attachment(&message), std::fs::read(scene.host.path(run.text("report"))).unwrap());
}

#[test]
fn what_is_refused_for_now_is_tried_again() {
    for at in ["MAIL", "RCPT", "DATA"] {
        let answers = json!([{ "at": at, "times": 2, "say": "451 4.3.0 try again later" }]);
        let Some((scene, server)) = with_server(json!({ "answers": answers })) else { return };
        let run = sync(&scene, ANN).exits(0).run();
        assert_eq!(run.0["mail"], json!({ "to": ANN, "sent": true }), "{at}");
        assert_eq!(server.only()["to"], json!([ANN]));
        assert_eq!(server.commands().iter().filter(|command| command.starts_with(at)).count(), 3, "{at}");
        assert!(kept(&scene).is_empty());
    }
}

#[test]
fn a_few_tries_are_enough() {
    let answers = json!([{ "at": "MAIL", "say": "421 4.7.0 too busy" }]);
    let Some((scene, server)) = with_server(json!({ "answers": answers })) else { return };
    let run = sync(&scene, ANN).exits(0).run();
    let error = run.0["mail"]["error"].as_str().unwrap();
    assert!(error.ends_with("does not take it now: 421 4.7.0 too busy"), "{error}");
    assert_eq!(server.commands().len(), 4);
    assert_eq!(kept(&scene).len(), 1);
}

#[test]
fn one_reader_s_trouble_is_not_another_s() {
    let answers = json!([{ "at": "RCPT", "about": BOB, "say": "550 no such mailbox" }, { "at": "RCPT", "about": "carl", "times": 1, "say": "450 later" }]);
    let Some((scene, server)) = with_server(json!({ "answers": answers })) else { return };
    let run = sync(&scene, &format!("{BOB},{ANN},carl@firm.example")).exits(0).run();

    let mail = &run.0["mail"];
    assert_eq!((&mail["sent"], mail["to"].as_str().unwrap()), (&json!(false), "bob@firm.example, ann@firm.example, carl@firm.example"));
    let error = mail["error"].as_str().unwrap();
    assert!(error.contains(BOB) && error.contains("550 no such mailbox") && !error.contains(ANN) && !error.contains("carl"), "{error}");
    // Ann at once, Carl when he was tried again, and neither of them twice.
    let readers: Vec<_> = server.taken().iter().map(|message| message["to"].clone()).collect();
    assert_eq!(readers, [json!([ANN]), json!(["carl@firm.example"])]);
    let kept = kept(&scene);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].contains(&format!("\r\nTo: {BOB}\r\n")), "{}", kept[0]);
}

#[test]
fn a_broken_connection_may_send_it_twice_under_one_id() {
    let answers = json!([{ "at": "DATA", "times": 1, "say": "" }]);
    let Some((scene, server)) = with_server(json!({ "answers": answers })) else { return };
    let run = sync(&scene, ANN).exits(0).run();
    assert_eq!(run.0["mail"], json!({ "to": ANN, "sent": true }));
    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0]["headers"]["message-id"], taken[1]["headers"]["message-id"]);
}

#[test]
fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    for utf8 in [false, true] {
        let Some((scene, server)) = with_server(json!({ "utf8": utf8 })) else { return };
        let run = sync(&scene, "jürgen@firm.example").exits(0).run();
        assert_eq!(run.0["mail"]["sent"], utf8, "{:#}", run.0["mail"]);
        assert_eq!(server.taken().len(), usize::from(utf8));
        assert_eq!(kept(&scene).len(), usize::from(!utf8));
    }
}
