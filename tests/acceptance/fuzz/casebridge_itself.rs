//! Casebridge's own API, asked for everything that its description allows.

use super::schemathesis::ask_about;
use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Fault, Vendors, World, any_note};

#[test]
fn the_api_is_as_it_says() {
    let rules = Rules::new().with("schedule", NOTHING_BY_ITSELF);
    let mut world = World::of([1, 2, 3]);
    world.message(1, "from_client", "Hello");
    world.unconnected(7);
    let mut scene = Scene::new(world, &rules);
    let others = Vendors::boot(World::of([1, 2]));
    scene.host.firm("okafor", &others, &rules);
    scene.vendors.next(1, Fault::Refused(422), any_note);
    scene.host.run(&["messages", "hartwell", "--json"]).exits(1);
    let letter = scene.host.run(&["letters", "list", "--json"]).exits(0).json()[0]["letter"].to_string();
    let run = scene.sync().exits(0).run().id().to_owned();
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let mut serving = Serving::start(&scene.host);

    let seconds = std::env::var("CASEBRIDGE_FUZZ_SECONDS").unwrap_or_else(|_| "30".to_owned());
    let description = format!("http://{}/api/openapi.json", serving.address);
    let found = ask_about(&description, &support, [&run, &letter], &["--max-time", &seconds]);
    assert!(found.nothing, "{}", found.said);
    assert!(serving.running.is_running());
}
