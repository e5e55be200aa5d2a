//! The instances that serve from a store, and how the store says that it is there.

use std::time::Duration;

use casebridge::store::Instance;

use super::scene::{a_moment, at, firm, hartwell, okafor, on_both, revision};

const HOUR: Duration = Duration::from_hours(1);

fn instance(id: &str, started: i64) -> Instance {
    Instance { id: id.to_owned(), host: "host".into(), version: "1".into(), started_at: at(started), seen_at: at(0) }
}

#[test]
fn instances_say_that_they_are_there_and_by_which_rules_they_serve() {
    on_both(async |scene| {
        let store = &scene.store;
        for (firm, good) in [(hartwell(), "r2"), (okafor(), "r1")] {
            store.put_good_rules(&firm, &revision(good), &[].into()).await.unwrap();
        }
        for (instance, is_new) in [(instance("b", 2), true), (instance("a", 1), true), (instance("a", 1), false)] {
            assert_eq!(store.put_instance(&instance).await.unwrap(), is_new);
        }
        store.put_instance_rules("a", &[(hartwell(), Some(revision("r1"))), (okafor(), Some(revision("r1")))]).await.unwrap();
        store.put_instance_rules("a", &[(hartwell(), Some(revision("r2"))), (okafor(), None)]).await.unwrap();
        let many: Vec<_> = (0..1_200).map(|number| (firm(&format!("f{number}")), Some(revision("r1")))).collect();
        store.put_instance_rules("b", &many).await.unwrap();
        let there = store.instances_within(HOUR).await.unwrap();
        let standing: Vec<_> = there.iter().map(|standing| (standing.instance.id.as_str(), standing.firms, standing.behind)).collect();
        assert_eq!(standing, [("a", 1, 1), ("b", 1_200, 2)]);
        assert!(there[0].instance.seen_at > at(0) && there[0].instance.started_at == at(1));
        let rules = store.instance_rules_within(&hartwell(), HOUR).await.unwrap();
        assert_eq!(rules, [("a".to_owned(), Some("r2".to_owned())), ("b".to_owned(), None)]);
        assert_eq!(store.instance_count_within(HOUR).await.unwrap(), 2);
        store.remove_instance("a").await.unwrap();
        assert_eq!(scene.count("instance_rules").await, 1_200);
        store.remove_instances_silent_for(HOUR).await.unwrap();
        assert_eq!(store.instance_count_within(HOUR).await.unwrap(), 1);
        a_moment().await;
        assert_eq!(store.instance_count_within(Duration::ZERO).await.unwrap(), 0);
        store.remove_instances_silent_for(Duration::ZERO).await.unwrap();
        assert_eq!((scene.count("instances").await, scene.count("instance_rules").await), (0, 0));
    });
}

#[test]
fn a_store_is_well_until_it_is_closed() {
    on_both(async |scene| {
        let other_store = scene.beside().await;
        other_store.is_well().await.unwrap();
        other_store.without_wait().is_well().await.unwrap();
        other_store.close().await;
        assert!(other_store.is_well().await.is_err());
        scene.store.is_well().await.unwrap();
    });
}
