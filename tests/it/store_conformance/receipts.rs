//! Receipts of edits, and the last rules that were in order.

use std::collections::BTreeMap;

use casebridge::domain::{Kind, Run, RunStatus};
use casebridge::store::Store;

use super::scene::{a_moment, at, ended, firm, hartwell, how_many, okafor, on_both, revision, run};

fn files(text: &str) -> BTreeMap<String, String> {
    [("rules/hartwell.yaml".to_owned(), text.to_owned())].into()
}

async fn put(store: &Store, revision: &str, outcome: &str) {
    let files = (outcome == "applied").then(|| files(revision));
    store.put_receipt(&hartwell(), &super::scene::revision(revision), outcome, "[]", "masked", files.as_ref()).await.unwrap();
}

#[test]
fn an_edit_that_eight_instances_see_has_one_receipt() {
    on_both(async |scene| {
        let store = &scene.store;
        how_many(scene, async |store, _| {
            put(store, "r1", "applied").await;
            true
        })
        .await;
        for (revision, outcome) in [("r2", "rejected"), ("r1", "applied"), ("r1", "applied")] {
            put(store, revision, outcome).await;
        }
        let receipts = store.receipts(&hartwell(), 9).await.unwrap();
        let said: Vec<_> = receipts.iter().map(|receipt| format!("{} {}", receipt.revision, receipt.outcome)).collect();
        assert_eq!(said, ["r1 applied", "r2 rejected", "r1 applied"], "what comes again after another is new");
        assert_eq!((receipts[0].files.as_ref(), receipts[1].files.as_ref()), (Some(&files("r1")), None));
        assert_eq!((receipts[0].diagnostics.as_str(), receipts[0].text.as_str()), ("[]", "masked"));
        let before = store.receipts_before(&hartwell(), Some(receipts[1].id), 9).await.unwrap();
        assert_eq!(before, receipts[2..]);
        assert_eq!(store.receipts_before(&hartwell(), None, 1).await.unwrap(), receipts[..1]);
        let pair = store.receipt(&hartwell(), receipts[0].id).await.unwrap().unwrap();
        assert_eq!(pair, (receipts[0].clone(), Some(receipts[1].clone())));
        assert_eq!(store.receipt(&hartwell(), receipts[2].id).await.unwrap().unwrap().1, None);
        assert_eq!(store.receipt(&okafor(), receipts[0].id).await.unwrap(), None);
    });
}

#[test]
fn good_rules_are_kept_forgotten_and_recalled() {
    on_both(async |scene| {
        let store = &scene.store;
        put(store, "r1", "applied").await;
        put(store, "r2", "rejected").await;
        for text in ["old", "new"] {
            store.put_good_rules(&hartwell(), &revision(text), &files(text)).await.unwrap();
        }
        assert_eq!(store.good_rules().await.unwrap(), [(hartwell(), files("new"))].into());
        store.recall_good_rules(&hartwell()).await.unwrap();
        assert_eq!(store.good_rules().await.unwrap()[&hartwell()], files("new"), "what is there stays");
        store.forget_good_rules(&hartwell()).await.unwrap();
        assert!(store.firms_with_good_rules().await.unwrap().is_empty());
        store.recall_good_rules(&hartwell()).await.unwrap();
        store.recall_good_rules(&okafor()).await.unwrap();
        assert_eq!(store.good_rules().await.unwrap(), [(hartwell(), files("r1"))].into());
        for _ in 0..2 {
            store.remove_firm(&hartwell()).await.unwrap();
        }
        assert_eq!(store.removed_firms().await.unwrap(), [hartwell()].into());
        assert!(store.good_rules().await.unwrap().is_empty());
        store.put_good_rules(&hartwell(), &revision("r3"), &files("r3")).await.unwrap();
        assert!(store.removed_firms().await.unwrap().is_empty());
    });
}

#[test]
fn a_firm_is_there_since_its_first_rules_or_its_first_real_run() {
    on_both(async |scene| {
        let store = &scene.store;
        put(store, "r1", "applied").await;
        let first = store.receipts(&hartwell(), 1).await.unwrap()[0].received_at.as_millisecond();
        a_moment().await;
        store.put_good_rules(&hartwell(), &revision("r1"), &files("r1")).await.unwrap();
        ended(store, Run { firm: okafor(), dry_run: true, ..run("a", Kind::Sync, 0) }, RunStatus::Succeeded).await;
        ended(store, Run { firm: okafor(), ..run("b", Kind::Sync, 5) }, RunStatus::Failed).await;
        store.queue_run(&Run { firm: firm("queued"), ..run("c", Kind::Sync, 0) }, "rules", "job", None).await.unwrap();
        let since = store.firms_since().await.unwrap();
        assert_eq!(since, [(hartwell(), first), (okafor(), at(5).as_millisecond())].into());
    });
}
