//! Backup and restore as docs/operations.md has them: a copy taken while the host works is whole, and serves in another folder.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, Serving, token};
use crate::support::store::{owe_a_nightly_sync, with};
use crate::support::vendors::{Call, Fault, Gate, World};

/// A host with runs behind it, and one in flight; and the copy that `backup` makes of its store meanwhile.
fn backed_up(backup: impl FnOnce(&Scene, &Path)) -> (Scene, Value, String) {
    let mut world = World::of(1..=5);
    world.peer(1)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &Rules::new().with("schedule", NIGHTLY_ALONE));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    scene.sync().exits(0);
    scene.host.run(&["plan", "hartwell"]).exits(0);
    scene.vendors.world().peer(2)["stage"] = json!("Negotiation");
    owe_a_nightly_sync(&scene.host, "hartwell");
    let gate = Gate::closed();
    scene.vendors.always(Fault::Wait(gate.clone()), Call::is_patch);
    scene.vendors.take_journal();
    let mut serving = Serving::start(&scene.host);
    serving.until("the nightly sync writes", || scene.vendors.journal().patches().len() == 1);

    scene.host.folder("backup");
    let copy = scene.host.path("backup/casebridge.db");
    let before = list(scene.host.run(&["runs", "list", "--json"]));
    backup(&scene, &copy);
    // A copy holds what was written up to then, and no more.
    gate.open();
    let finished = |answer: &crate::support::http::Answer| answer.json()["runs"][0]["status"] == "succeeded";
    serving.until_answer("the nightly sync has ended", &support, "/api/v1/runs", finished);
    serving.stop();
    (scene, before, support)
}

fn list(listed: Finished) -> Value {
    listed.exits(0).json()
}

/// Restores the copy into a new data folder, and holds it against what was there when it was taken.
fn restores(mut scene: Scene, before: &Value, support: &str) {
    assert!(!scene.host.path("backup/casebridge.db-wal").exists(), "a copy is one file");
    scene.host.folder("restored");
    std::fs::copy(scene.host.path("backup/casebridge.db"), scene.host.path("restored/casebridge.db")).unwrap();
    scene.host.set("CASEBRIDGE_DATA_DIR", "restored");
    scene.host.set("CASEBRIDGE_DATABASE_URL", "sqlite://restored/casebridge.db");

    let restored = list(scene.host.run(&["runs", "list", "--json"]));
    // The run that was in flight has no process any more.
    let mut expected = before.clone();
    assert_eq!(expected[0]["status"], "running", "{expected:#}");
    expected[0]["status"] = json!("interrupted");
    assert_eq!(restored, expected);

    // It takes up what was in flight, knows whom it gave tokens, and writes nothing twice.
    scene.vendors.mend();
    let mut serving = Serving::start(&scene.host);
    let finished = |answer: &crate::support::http::Answer| {
        let runs = answer.json()["runs"].clone();
        runs.as_array().unwrap().len() == 4 && runs[0]["status"] == "succeeded"
    };
    serving.until_answer("the nightly sync was taken up", support, "/api/v1/runs", finished);
    serving.stop();
    assert_eq!(scene.vendors.journal().stages_applied(), [("2".to_owned(), 1)].into());
}

#[test]
fn a_copy_by_vacuum_into_is_whole() {
    let (scene, before, support) = backed_up(|scene, copy| {
        let sql = sqlx::AssertSqlSafe(format!("vacuum into '{}'", copy.display()));
        with(&scene.host, async |store| sqlx::query(sql).execute(store).await.expect("a copy"));
    });
    restores(scene, &before, &support);
}

#[test]
fn a_copy_by_the_shell_of_sqlite_is_whole() {
    if Command::new("sqlite3").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "sqlite3 is missing; ./test installs it");
        eprintln!("not checked: sqlite3 is missing; ./test installs it");
        return;
    }
    let (scene, before, support) = backed_up(|scene, copy| {
        let command = format!(".backup '{}'", copy.display());
        let copied = Command::new("sqlite3").arg(scene.host.path("var/casebridge.db")).arg(&command).output().unwrap();
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    });
    restores(scene, &before, &support);
}
