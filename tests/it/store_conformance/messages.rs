//! Messages in both directions, and how far each feed was read.

use casebridge::domain::Message;
use casebridge::store::{InboxState, OutboxState};
use jiff::Timestamp;

use super::scene::{hartwell, message, okafor, on_both, outbound};

#[test]
fn messages_are_stored_once_with_the_cursor_behind_them() {
    on_both(async |scene| {
        let store = &scene.store;
        assert_eq!(store.cursor(&hartwell(), "messages").await.unwrap(), None);
        let (email, key) = (Some("ada@mail.example".into()), Some("k1".into()));
        let full = Message { sender_email: email, idempotency_key: key, integration_id: None, ..message("b") };
        store.receive_messages(&hartwell(), &[full.clone(), message("a")], Some("2")).await.unwrap();
        let changed = Message { body: "changed".into(), ..message("a") };
        store.receive_messages(&hartwell(), &[changed, message("c")], None).await.unwrap();
        assert_eq!(store.cursor(&hartwell(), "messages").await.unwrap().as_deref(), Some("2"));
        let waiting = store.waiting_messages(&hartwell(), 9).await.unwrap();
        assert!(waiting.windows(2).all(|pair| pair[0].number < pair[1].number));
        assert_eq!(waiting.into_iter().map(|stored| stored.message).collect::<Vec<_>>(), [full, message("a"), message("c")]);
        assert_eq!(store.waiting_messages(&hartwell(), 2).await.unwrap().len(), 2);
        assert_eq!(store.count_waiting_messages(&okafor()).await.unwrap(), 0);
        store.move_cursor(&hartwell(), "messages", "9").await.unwrap();
        assert_eq!(store.cursor(&hartwell(), "messages").await.unwrap().as_deref(), Some("9"));
        assert_eq!(store.cursor(&hartwell(), "documents").await.unwrap(), None);
    });
}

#[test]
fn the_text_of_a_message_is_kept_as_long_as_it_may_be_needed() {
    on_both(async |scene| {
        let store = &scene.store;
        let all: Vec<Message> = ["a", "b", "c", "d"].map(message).into();
        store.receive_messages(&hartwell(), &all, None).await.unwrap();
        let numbers: Vec<i64> = store.waiting_messages(&hartwell(), 9).await.unwrap().iter().map(|stored| stored.number).collect();
        let ends = [(numbers[0], InboxState::Done), (numbers[1], InboxState::LeftOut), (numbers[2], InboxState::Dead)];
        store.settle_messages(&ends).await.unwrap();
        let states = scene.texts("select state || ':' || body from inbox order by id").await;
        assert_eq!(states, ["done:", "left_out:", "dead:text of c", "waiting:text of d"]);
        assert_eq!(store.count_waiting_messages(&hartwell()).await.unwrap(), 1);
    });
}

#[test]
fn a_message_of_staffs_has_one_entry_from_its_first_intent_to_its_receipt() {
    on_both(async |scene| {
        let store = &scene.store;
        let state = async |id: &str| store.outbox_entry(&hartwell(), id).await.unwrap().map(|entry| entry.state);
        assert_eq!(state("m1").await, None);
        store.put_outbox(&hartwell(), &outbound("m1", 1), &OutboxState::Intended).await.unwrap();
        let intended_at = store.outbox_entry(&hartwell(), "m1").await.unwrap().unwrap().intended_at;
        assert!(intended_at <= Timestamp::now());
        store.settle_outbox(&hartwell(), "m1").await.unwrap();
        assert_eq!(state("m1").await, Some(OutboxState::Intended), "nobody has a receipt of what was not sent");
        for end in [OutboxState::Failed("no such case".into()), OutboxState::Sent("cs-1".into())] {
            store.put_outbox(&hartwell(), &outbound("m1", 1), &end).await.unwrap();
            assert_eq!(state("m1").await, Some(end));
        }
        store.settle_outbox(&hartwell(), "m1").await.unwrap();
        assert_eq!(state("m1").await, Some(OutboxState::Sent("cs-1".into())), "it is not sent again");
        assert_eq!(store.outbox_entry(&hartwell(), "m1").await.unwrap().unwrap().intended_at, intended_at);
        assert_eq!(store.outbox_entry(&okafor(), "m1").await.unwrap(), None);
    });
}
