//! Files of rules and scripts that are kept in the store.

use super::scene::{at, how_many, on_both};

#[test]
fn of_eight_edits_of_the_same_text_one_takes_its_place() {
    on_both(async |scene| {
        let (store, path) = (&scene.store, "rules/hartwell.yaml");
        let replace = async |old: Option<&str>| {
            how_many(scene, async |store, number| {
                store.replace_rule_file(path, old, &format!("{number} after {old:?}"), at(0)).await.unwrap()
            })
            .await
        };
        assert_eq!((replace(None).await, replace(None).await), (1, 0));
        assert_eq!(store.rule_file_changes().await.unwrap(), 1, "an edit that comes too late is no change");
        let text = store.rule_files_since(0).await.unwrap().remove(0).text;
        assert_eq!((replace(Some("other")).await, replace(text.as_deref()).await), (0, 1));
        assert_eq!(store.rule_file_changes().await.unwrap(), 2);
        assert!(store.put_rule_files(&[(path.to_owned(), None)], 2, at(1)).await.unwrap());
        assert_eq!(replace(None).await, 1, "what was removed can be made again");
    });
}

#[test]
fn many_files_are_set_at_once_by_whoever_has_seen_the_last_change() {
    on_both(async |scene| {
        let store = &scene.store;
        let files: Vec<(String, Option<String>)> =
            (0..1_200).map(|number| (format!("rules/f{number:04}.yaml"), Some("text".into()))).collect();
        assert_eq!(how_many(scene, async |store, _| store.put_rule_files(&files, 0, at(0)).await.unwrap()).await, 1);
        assert_eq!(store.rule_files_since(0).await.unwrap().len(), 1_200);
        let changes = [("rules/f0007.yaml".to_owned(), None), ("rules/B.yaml".to_owned(), Some("new".into()))];
        assert!(!store.put_rule_files(&changes, 0, at(1)).await.unwrap() && store.put_rule_files(&changes, 1, at(1)).await.unwrap());
        let since = store.rule_files_since(1).await.unwrap();
        let read: Vec<_> = since.iter().map(|file| (file.path.as_str(), file.text.as_deref(), file.change)).collect();
        assert_eq!(read, [("rules/B.yaml", Some("new"), 2), ("rules/f0007.yaml", None, 2)], "in the order of bytes");
    });
}
