//! Events of CASEpeer's.

use casebridge::domain::{CaseId, Event, EventKind, EventPayload, OutboundMessage};
use casebridge::store::{EventEnd, EventTrack, OutboxState, Store, WaitingEvent};

use super::scene::{at, hartwell, how_many, okafor, on_both, outbound};

async fn put(store: &Store, id: &str, payload: EventPayload, due: i64) {
    assert!(store.put_event(&hartwell(), &Event { id: id.into(), payload }, at(due)).await.unwrap());
}

async fn waiting(store: &Store, track: EventTrack) -> Vec<WaitingEvent> {
    store.waiting_events(&hartwell(), track, None).await.unwrap()
}

#[test]
fn an_event_that_comes_eight_times_is_stored_once() {
    on_both(async |scene| {
        let payload = EventPayload::ConnectRequested { case: CaseId(7), requested_by: Some("jo".into()) };
        let event = Event { id: "e1".into(), payload };
        assert_eq!(how_many(scene, async |store, _| store.put_event(&hartwell(), &event, at(0)).await.unwrap()).await, 1);
        let stored = waiting(&scene.store, EventTrack::Connects).await;
        assert_eq!((stored.len(), stored[0].kind, stored[0].case), (1, EventKind::ConnectRequested, CaseId(7)));
        assert_eq!((stored[0].requested_by.as_deref(), stored[0].tries, stored[0].typed_here), (Some("jo"), 0, false));
        assert!(scene.store.put_event(&okafor(), &event, at(0)).await.unwrap(), "another firm's");
    });
}

#[test]
fn events_are_due_in_their_order_and_wait_for_their_moment() {
    on_both(async |scene| {
        let store = &scene.store;
        put(store, "e1", EventPayload::StageChanged(CaseId(1)), 10).await;
        put(store, "e2", EventPayload::Closed(CaseId(2)), 5).await;
        put(store, "e3", EventPayload::SendRequested(outbound("m1", 3)), 30).await;
        assert_eq!(store.next_event_after(at(0)).await.unwrap(), Some(at(5)));
        assert_eq!(store.next_event_after(at(30)).await.unwrap(), None);
        assert_eq!(store.firms_with_events_due(at(10)).await.unwrap(), [(hartwell(), EventTrack::Cases)]);
        let first = async |second| store.first_event_due(&hartwell(), EventTrack::Cases, at(second)).await.unwrap().map(|event| event.case);
        assert_eq!([first(4).await, first(5).await, first(10).await], [None, Some(CaseId(2)), Some(CaseId(1))]);
        let of_one = store.waiting_events(&hartwell(), EventTrack::Cases, Some(CaseId(2))).await.unwrap();
        assert_eq!((of_one.len(), of_one[0].kind), (1, EventKind::Closed));
        store.postpone_events(&[of_one[0].number], at(60), 3).await.unwrap();
        store.postpone_firm_events(&hartwell(), at(20)).await.unwrap();
        assert_eq!([first(19).await, first(59).await], [None, Some(CaseId(1))]);
        assert_eq!(store.next_event_after(at(30)).await.unwrap(), Some(at(60)), "what waits longer is not brought forward");
        assert_eq!(waiting(store, EventTrack::Cases).await[1].tries, 3);
    });
}

#[test]
fn an_event_that_has_ended_stays_so_and_its_text_is_not_kept() {
    on_both(async |scene| {
        let store = &scene.store;
        put(store, "e1", EventPayload::SendRequested(outbound("m1", 1)), 0).await;
        put(store, "e2", EventPayload::SendRequested(outbound("m2", 1)), 0).await;
        put(store, "e3", EventPayload::SendRequested(outbound("m3", 1)), 0).await;
        let numbers: Vec<i64> = waiting(store, EventTrack::Messages).await.iter().map(|event| event.number).collect();
        store.end_events(&numbers[..1], EventEnd::Dead).await.unwrap();
        store.end_sends(&hartwell(), "m2", EventEnd::Done).await.unwrap();
        store.postpone_events(&numbers, at(9), 1).await.unwrap();
        store.end_events(&numbers[..1], EventEnd::Done).await.unwrap();
        let states = scene.texts("select state || coalesce(body, '') from events order by id").await;
        assert_eq!(states, ["dead", "done", "waitingtext of m3"]);
    });
}

#[test]
fn messages_of_staffs_that_events_brought_are_sent_once_each() {
    on_both(async |scene| {
        let store = &scene.store;
        let typed = OutboundMessage::typed_here("k1", CaseId(9), "hello", at(1));
        for (event, message) in [("e1", outbound("m1", 1)), ("e2", outbound("m2", 2)), ("e3", outbound("m1", 1)), ("e4", typed.clone())] {
            put(store, event, EventPayload::SendRequested(message), 0).await;
        }
        store.put_outbox(&hartwell(), &outbound("m2", 2), &OutboxState::Sent("cs-2".into())).await.unwrap();
        assert_eq!(store.waiting_sends(&hartwell()).await.unwrap(), [outbound("m1", 1), outbound("m2", 2), typed.clone()]);
        store.settle_outbox(&hartwell(), "m2").await.unwrap();
        assert_eq!(store.waiting_sends(&hartwell()).await.unwrap(), [outbound("m1", 1), typed]);
        let typed_here: Vec<bool> = waiting(store, EventTrack::Messages).await.iter().map(|event| event.typed_here).collect();
        assert_eq!(typed_here, [false, false, true]);
    });
}
