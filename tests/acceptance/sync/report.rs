//! The CSV: opened in a spreadsheet by people who did not write what is in it.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{BOB, World};

#[test]
fn no_cell_is_a_formula() {
    let mut world = World::of(1..=6);
    let openings = ["=HYPERLINK(\"http://evil.example\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1"];
    for (id, opening) in (1..).zip(openings) {
        world.peer(id)["client"]["first_name"] = json!(opening);
        world.status(id)["client"]["first_name"] = json!(opening);
        world.peer(id)["case_number"] = json!(opening);
        world.peer(id)["stage"] = json!(format!("={opening}"));
    }
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync().run();

    let report = run.report(&scene.host);
    assert_eq!(report.len(), 6);
    for cell in report.iter().flat_map(|line| line.values()) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
    }
    // Made harmless, not taken away.
    assert!(report[0]["client"].contains("HYPERLINK(\"http://evil.example\")"), "{:?}", report[0]);
    assert!(report[1]["readable_id"].contains("+1+1"), "{:?}", report[1]);
    // Case Status gets what CASEpeer has, and not the harmless form.
    assert_eq!(scene.vendors.world().status(2)["readable_id"], "+1+1");
}

#[test]
fn the_csv_says_what_the_rows_say() {
    let mut world = World::of([9, 10, 100]);
    world.peer(9)["stage"] = json!("negotiation");
    world.peer(10)["stage"] = json!("Negotiation");
    world.attorney(10, BOB);
    world.peer(100)["client"]["last_name"] = json!("O'Hara, \"Bud\"\nJr.");
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync().exits(0).run();

    let report = run.report(&scene.host);
    assert_eq!(report.len(), 3);
    for (line, row) in report.iter().zip(run.rows()) {
        for (column, cell) in line {
            assert_eq!(cell, row[column].as_str().unwrap_or_default(), "{column} of {row:#}");
        }
    }
    assert_eq!(report[2]["client"], "Jane O'Hara, \"Bud\"\nJr.");
}
