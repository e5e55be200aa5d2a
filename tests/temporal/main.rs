//! The workflows of now against histories of earlier versions: what is under way when an instance is replaced goes on in the new one.
//!
//! The histories were recorded by the SDK (`WorkflowHistory::to_json`), and stay as they are until no workflow can have gone that way.

use std::fs;
use std::path::Path;

use casebridge::temporal::{FirmWork, Occurrence};
use temporalio_client::WorkflowHistory;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};

fn replayer() -> WorkflowReplayer {
    let options = WorkflowReplayerOptions::new().register_workflow::<FirmWork>().unwrap().register_workflow::<Occurrence>().unwrap();
    WorkflowReplayer::new(options.build()).unwrap()
}

fn history(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/temporal/histories").join(name)).unwrap()
}

#[tokio::test]
async fn what_earlier_versions_began_goes_on() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/temporal/histories");
    let mut replayed = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let recorded = WorkflowHistory::from_json(&history(&name)).unwrap();
        replayer().replay_workflow(recorded).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        replayed += 1;
    }
    assert!(replayed >= 3, "the histories are where they were");
}

#[tokio::test]
async fn a_history_that_went_another_way_is_noticed() {
    // As if the slice had never been begun.
    let text = String::from_utf8(history("firm_work_that_waits_for_ever.json")).unwrap();
    let altered = text.replace("Activities::slice", "Activities::another");
    assert_ne!(text, altered);
    let altered = WorkflowHistory::from_json(altered.as_bytes()).unwrap();
    assert!(replayer().replay_workflow(altered).await.is_err());
}
