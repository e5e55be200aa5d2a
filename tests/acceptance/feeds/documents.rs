//! Documents shared in Case Status reach their cases in CASEpeer: byte for byte, once, whatever they are called and however large.

use serde_json::Value;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Fault, Weather, World, any_download, any_upload};

fn pass(scene: &Scene) -> crate::support::process::Finished {
    scene.host.run(&["documents", "hartwell", "--json"])
}

fn received(scene: &Scene, id: u64) -> Vec<Value> {
    scene.vendors.world().received(id).to_vec()
}

#[test]
fn a_document_arrives_whole_and_once() {
    let mut world = World::of([1]);
    world.document(1, "bill.pdf", b"a bill".to_vec());
    let scene = Scene::new(world, &Rules::new());

    let run = pass(&scene).exits(0).run();
    assert_eq!((run.text("kind"), run.row(1).changes()), ("documents", "1 document: bill.pdf"));
    let arrived = received(&scene, 1);
    assert_eq!((arrived[0]["file_name"].as_str(), arrived[0]["size"].as_u64()), (Some("bill.pdf"), Some(6)));

    pass(&scene).exits(0).run().counts(&[("attempted", 0)]);
    assert_eq!(scene.vendors.journal().documents().len(), 1);
}

#[test]
fn hostile_names_are_made_safe() {
    let names = ["../../x", "a\0b.pdf", "evil\u{202e}fdp.exe", "/etc/passwd", "..", &format!("{}.pdf", "x".repeat(300))];
    let mut world = World::of([1]);
    names.iter().for_each(|name| drop(world.document(1, name, name.as_bytes().to_vec())));
    let scene = Scene::new(world, &Rules::new());

    pass(&scene).exits(0);

    let safe: Vec<String> = received(&scene, 1).iter().map(|held| held["file_name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(safe.len(), 6);
    for expected in ["x", "ab.pdf", "evilfdp.exe", "passwd", "document"] {
        assert!(safe.iter().any(|name| name == expected), "no {expected} in {safe:?}");
    }
    assert!(safe.iter().all(|name| name.len() <= 255), "{safe:?}");
    // Nothing is left behind on this machine, inside of the folder or out of it.
    assert!(scene.host.files().iter().all(|path| !path.components().any(|part| part.as_os_str() == "incoming")));
}

#[test]
fn one_that_is_too_large_or_never_whole_is_a_letter_and_holds_nothing_up() {
    let mut world = World::of([1, 2]);
    world.document(1, "large.bin", vec![7; 3_000]);
    let spoilt = world.document(1, "spoilt.bin", b"spoilt".to_vec());
    world.documents.iter_mut().filter(|held| held.about["id"] == *spoilt).for_each(|held| held.about["sha256"] = "00".repeat(32).into());
    world.document(2, "fine.bin", b"fine".to_vec());
    let scene = Scene::new(world, &Rules::new().with("documents", "{ max_size: 2KB }"));

    let run = pass(&scene).exits(1).run();
    assert_eq!(received(&scene, 2).len(), 1);
    run.row(1).blames("2000 is the most");
    for _ in 0..4 {
        pass(&scene).exits(1);
    }
    pass(&scene).exits(0).run().counts(&[("attempted", 0)]);
    let letters = scene.host.run(&["letters", "list", "--json"]).json();
    assert_eq!(letters.as_array().map(Vec::len), Some(2), "{letters}");
    assert!(received(&scene, 1).is_empty());
}

#[test]
fn two_hundred_megabytes_go_through_little_memory() {
    let mut world = World::of([1]);
    world.large_document(1, "scan.tif", 200_000_000);
    let sum = world.documents[0].about["sha256"].clone();
    let scene = Scene::new(world, &Rules::new());
    let mut running = scene.host.start(&["documents", "hartwell", "--json"]);
    running.until("the upload", || !scene.vendors.world().received(1).is_empty());
    let peak = running.peak_memory();
    running.wait().exits(0);
    assert_eq!((received(&scene, 1)[0]["size"].as_u64(), &received(&scene, 1)[0]["sha256"]), (Some(200_000_000), &sum));
    // Some 40 MB of it are the pages of the program itself, which is large where it is built for tests.
    assert!(peak > 0 && peak < 96 << 20, "{peak} bytes");
}

#[test]
fn a_thousand_documents_in_a_storm_with_three_kills_arrive_byte_for_byte() {
    let mut world = World::of(1..=10);
    let mut sums = Vec::new();
    for number in 0..1_000_u64 {
        let content: Vec<u8> = (0..2_000 + number * 7).map(|byte| u8::try_from((byte * 31 + number) % 251).unwrap()).collect();
        world.document(number % 10 + 1, &format!("{number}.bin"), content);
    }
    world.documents.iter().for_each(|held| sums.push(held.about["sha256"].as_str().unwrap().to_owned()));
    let scene = Scene::new(world, &Rules::new().with("limits", "{ requests_per_second: 100000, timeout: 500ms }"));
    scene.vendors.weather(Weather { seed: 3, too_many: 0.02, refused: 0.02, done_then_500: 0.02, cut_off: 0.02, hang: 0.0005 });
    for kill in 1..=3 {
        let mut running = scene.host.start(&["documents", "hartwell", "--json"]);
        let applied = || scene.vendors.journal().documents().iter().filter(|entry| entry.applied).count();
        running.until("some documents more", || applied() >= kill * 200);
        running.kill();
    }
    pass(&scene);
    scene.vendors.mend();
    pass(&scene).exits(0);
    let mut arrived: Vec<String> =
        (1..=10).flat_map(|id| received(&scene, id)).map(|held| held["sha256"].as_str().unwrap().to_owned()).collect();
    arrived.sort();
    sums.sort();
    assert_eq!(arrived, sums);
}

#[test]
fn an_outage_counts_against_no_document() {
    let mut world = World::of([1]);
    (0..30).for_each(|number| drop(world.document(1, &format!("{number}.pdf"), vec![1; 50])));
    let scene = Scene::new(world, &Rules::new().resigned());
    scene.vendors.always(Fault::Refused(500), any_upload);
    for _ in 0..7 {
        pass(&scene).exits(1);
    }
    let letters = scene.host.run(&["letters", "list", "--json"]).exits(0).json();
    assert!(letters.as_array().is_none_or(|letters| letters.len() < 30), "{letters:#}");
    scene.vendors.mend();
    pass(&scene);
    assert!(received(&scene, 1).len() > 15, "{}", received(&scene, 1).len());
    let left = scene.host.files().into_iter().filter(|path| path.components().any(|part| part.as_os_str() == "incoming")).count();
    assert_eq!(left, 0);
}

#[test]
fn a_file_that_was_fetched_whole_is_not_fetched_again() {
    let mut world = World::of([1]);
    world.document(1, "bill.pdf", b"a bill".to_vec());
    let scene = Scene::new(world, &Rules::new().resigned());
    scene.vendors.next(2, Fault::Refused(500), any_upload);
    pass(&scene).exits(1);
    scene.vendors.mend();
    pass(&scene).exits(0);
    assert_eq!(scene.vendors.journal().downloads().len(), 1);
    assert_eq!(received(&scene, 1).len(), 1);
    scene.vendors.always(Fault::Refused(500), any_download);
    pass(&scene).exits(0);
}
