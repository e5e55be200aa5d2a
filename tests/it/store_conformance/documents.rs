//! Documents of Case Status.

use casebridge::domain::Document;
use casebridge::store::InboxState;

use super::scene::{document, hartwell, on_both};

#[test]
fn documents_are_stored_once_and_brought_over_in_their_order() {
    on_both(async |scene| {
        let store = &scene.store;
        let bare = Document { content_type: None, integration_id: None, ..document("b") };
        store.receive_documents(&hartwell(), &[bare.clone(), document("a")], Some("2")).await.unwrap();
        let changed = Document { size: 1, ..document("a") };
        store.receive_documents(&hartwell(), &[changed, document("c")], None).await.unwrap();
        assert_eq!(store.cursor(&hartwell(), "documents").await.unwrap().as_deref(), Some("2"));
        let waiting = store.waiting_documents(&hartwell(), 0, 9).await.unwrap();
        assert_eq!(waiting.iter().map(|stored| stored.document.clone()).collect::<Vec<_>>(), [bare, document("a"), document("c")]);
        store.count_try(waiting[1].number).await.unwrap();
        store.count_try(waiting[1].number).await.unwrap();
        store.settle_document(waiting[2].number, InboxState::Done).await.unwrap();
        let rest = store.waiting_documents(&hartwell(), waiting[0].number, 9).await.unwrap();
        assert_eq!((rest.len(), rest[0].number, rest[0].tries), (1, waiting[1].number, 2));
    });
}
