//! Dead letters: written, listed, tried again, dropped.

use casebridge::domain::{CaseId, DeadLetter, LetterKind};
use casebridge::store::{InboxState, Store};

use super::scene::{document, hartwell, how_many, message, okafor, on_both};

async fn write(store: &Store, kind: LetterKind, subject: &str) -> DeadLetter {
    store.write_letter(&hartwell(), kind, subject, Some(CaseId(7)), "no such case").await.unwrap();
    store.letters(Some(&hartwell())).await.unwrap().into_iter().find(|letter| letter.subject == subject).unwrap()
}

#[test]
fn letters_are_written_once_a_subject_and_listed_by_pages() {
    on_both(async |scene| {
        let store = &scene.store;
        let first = write(store, LetterKind::Note, "a").await;
        assert_eq!(
            (&first.firm, first.kind, first.case, first.reason.as_str()),
            (&hartwell(), LetterKind::Note, Some(CaseId(7)), "no such case")
        );
        store.write_letter(&hartwell(), LetterKind::Document, "a", None, "too large").await.unwrap();
        store.write_letter(&okafor(), LetterKind::Note, "a", None, "why").await.unwrap();
        assert_eq!(write(store, LetterKind::Note, "a").await.id, first.id);
        assert_eq!(store.letter(first.id).await.unwrap().unwrap().subject, "a");
        assert_eq!(store.letter(99).await.unwrap(), None);
        assert_eq!(store.letters(None).await.unwrap().len(), 3);
        let page = store.letters_before(None, None, 2).await.unwrap();
        assert_eq!((page.len(), &page[0].firm), (2, &okafor()));
        assert_eq!(store.letters_before(Some(&hartwell()), Some(page[1].id), 9).await.unwrap()[0].id, first.id);
    });
}

#[test]
fn a_letter_that_is_tried_again_stays_until_its_message_or_document_came_over() {
    on_both(async |scene| {
        let store = &scene.store;
        store.receive_messages(&hartwell(), &[message("m")], None).await.unwrap();
        store.receive_documents(&hartwell(), &[document("d")], None).await.unwrap();
        let number = store.waiting_documents(&hartwell(), 0, 9).await.unwrap()[0].number;
        store.count_try(number).await.unwrap();
        let letters = [write(store, LetterKind::Note, "m").await, write(store, LetterKind::Document, "d").await];
        assert_eq!(store.count_waiting_messages(&hartwell()).await.unwrap(), 0);
        assert!(store.waiting_documents(&hartwell(), 0, 9).await.unwrap().is_empty());
        for letter in &letters {
            assert!(store.take_letter(letter, true).await.unwrap());
            assert!(store.letter(letter.id).await.unwrap().unwrap().retried_at.is_some());
        }
        let documents = store.waiting_documents(&hartwell(), 0, 9).await.unwrap();
        assert_eq!((documents[0].number, documents[0].tries), (number, 0));
        let messages = store.waiting_messages(&hartwell(), 9).await.unwrap();
        assert_eq!(&*messages[0].message.body, "text of m");
        store.settle_messages(&[(messages[0].number, InboxState::Dead)]).await.unwrap();
        assert!(store.letter(letters[0].id).await.unwrap().is_some());
        store.settle_messages(&[(messages[0].number, InboxState::Done)]).await.unwrap();
        store.settle_document(number, InboxState::Done).await.unwrap();
        assert!(store.letters(None).await.unwrap().is_empty());
        assert!(!store.take_letter(&letters[0], true).await.unwrap());
    });
}

#[test]
fn a_letter_is_dropped_once_and_its_message_left_out() {
    on_both(async |scene| {
        let store = &scene.store;
        store.receive_messages(&hartwell(), &[message("m")], None).await.unwrap();
        let letter = write(store, LetterKind::Note, "m").await;
        assert_eq!(how_many(scene, async |store, _| store.take_letter(&letter, false).await.unwrap()).await, 1);
        assert_eq!(scene.texts("select state from inbox").await, ["left_out"]);
    });
}

#[test]
fn what_could_not_be_read_is_read_again_as_long_as_its_letter_is_tried_again() {
    on_both(async |scene| {
        let store = &scene.store;
        for kind in [LetterKind::Note, LetterKind::Document] {
            let letter = write(store, kind, kind.as_str()).await;
            assert!(store.unread_subjects(&hartwell(), kind).await.unwrap().is_empty());
            store.take_letter(&letter, true).await.unwrap();
            assert_eq!(store.unread_subjects(&hartwell(), kind).await.unwrap(), [kind.as_str().to_owned()].into());
        }
        store.receive_messages(&hartwell(), &[message("note")], None).await.unwrap();
        store.receive_documents(&hartwell(), &[document("document")], None).await.unwrap();
        for kind in [LetterKind::Note, LetterKind::Document] {
            assert!(store.unread_subjects(&hartwell(), kind).await.unwrap().is_empty());
        }
    });
}
