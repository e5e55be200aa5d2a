//! Firms that are left alone because of their keys, and notices that are sent once.

use casebridge::store::PauseReason;

use super::scene::{hartwell, how_many, okafor, on_both, revision};

#[test]
fn a_pause_stays_until_it_ends_but_a_wrong_account_outweighs_a_refused_key() {
    on_both(async |scene| {
        let store = &scene.store;
        let pause = async |vendor, reason, detail| store.pause(&hartwell(), vendor, reason, detail, &revision("r1")).await.unwrap();
        let found =
            async || store.paused(&hartwell()).await.unwrap().map(|pause| (pause.vendor, pause.reason, pause.detail, pause.revision));
        assert_eq!(found().await, None);
        pause("CASEpeer", PauseReason::KeyRefused, None).await;
        pause("Case Status", PauseReason::KeyRefused, None).await;
        assert_eq!(found().await, Some(("CASEpeer".into(), PauseReason::KeyRefused, None, "r1".into())));
        pause("Case Status", PauseReason::OtherAccount, Some("why")).await;
        pause("CASEpeer", PauseReason::AccountTaken, None).await;
        pause("CASEpeer", PauseReason::KeyRefused, None).await;
        assert_eq!(found().await, Some(("Case Status".into(), PauseReason::OtherAccount, Some("why".into()), "r1".into())));
        store.end_pause(&okafor()).await.unwrap();
        assert!(found().await.is_some());
        store.end_pause(&hartwell()).await.unwrap();
        assert_eq!(found().await, None);
    });
}

#[test]
fn a_notice_is_sent_by_one_of_eight_and_again_once_it_may_be() {
    on_both(async |scene| {
        let claimed = async || how_many(scene, async |store, _| store.claim_notice("key of hartwell").await.unwrap()).await;
        assert_eq!((claimed().await, claimed().await), (1, 0));
        scene.store.release_notice("key of hartwell").await.unwrap();
        assert_eq!(claimed().await, 1);
    });
}
