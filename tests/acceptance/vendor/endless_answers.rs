//! Answers of vendors that are larger than anything should be, or never come to an end: each is given up, and said.

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Fault, World, any_download};

/// Far more than a command takes, and far less than what unpacks from an answer below.
const MUCH: u64 = 160_000_000;

const BOMB: usize = 128;

#[test]
fn what_unpacks_to_too_much_is_given_up_in_errors_and_in_pages() {
    let mut world = World::of([1]);
    world.document(1, "bill.pdf", b"a bill".to_vec());
    let scene = Scene::new(world, &Rules::new());
    let ends_small = |arguments: &[&str]| {
        let mut running = scene.host.start(arguments);
        let mut peak = 0;
        while running.is_running() {
            peak = running.peak_memory().max(peak);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(peak < MUCH, "{peak} bytes");
        running.wait().exits(1)
    };

    // One that does not come in time is asked for again.
    scene.vendors.next(8, Fault::Bomb { status: 404, mebibytes: BOMB }, any_download);
    let run = ends_small(&["documents", "hartwell", "--json"]).run();
    run.row(1).blames("404");

    scene.vendors.next(8, Fault::Bomb { status: 200, mebibytes: BOMB }, |call| call.method == "GET" && !call.is_proof());
    let said = ends_small(&["sync", "hartwell", "--json"]).said();
    assert!(said.contains("16 MiB"), "{said}");
}

#[test]
fn a_file_that_trickles_is_given_up() {
    let mut world = World::of([1]);
    world.document(1, "bill.pdf", vec![7; 1_000_000]);
    let scene = Scene::new(world, &Rules::new().with("limits", "{ requests_per_second: 100000, timeout: 500ms, attempts: 2 }"));
    scene.vendors.next(2, Fault::Trickle, any_download);
    let run = scene.host.run(&["documents", "hartwell", "--json"]).exits(1).run();
    assert!(run.row(1).reason().contains("in time"), "{}", run.row(1).reason());
    // The next time it comes whole.
    scene.host.run(&["documents", "hartwell", "--json"]).exits(0);
}
