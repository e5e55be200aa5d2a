//! The audit log.

use casebridge::domain::{Action, Actor, AuditEntry, TokenName};
use casebridge::store::AuditFilter;

use super::scene::{at, hartwell, jo, okafor, on_both};

#[test]
fn lines_read_as_they_were_written_the_latest_first_and_by_what_is_asked_for() {
    on_both(async |scene| {
        let store = &scene.store;
        let by_jo = AuditEntry::new(at(0), Actor::User(jo()), Action::SignedIn);
        let token = Actor::Token(TokenName::new("grafana").unwrap());
        let full = AuditEntry::new(at(1), token, Action::FirmSet).of_firm(&hartwell()).to("sync.hold");
        let full = AuditEntry { request: Some("q1".into()), ..full.from_to(Some("5%".into()), Some("9%".into())) };
        let of_okafor = AuditEntry::new(at(2), Actor::Webhook, Action::CaseConnected).of_firm(&okafor());
        let written = [by_jo, full, of_okafor];
        for entry in &written {
            store.put_audit(entry).await.unwrap();
        }
        let found = async |filter: AuditFilter, most| store.audit(&filter, most).await.unwrap();
        let all = found(AuditFilter::default(), 9).await;
        assert_eq!(all.iter().rev().map(|(_, entry)| entry.clone()).collect::<Vec<_>>(), written);
        assert_eq!(found(AuditFilter { before: Some(all[0].0), ..AuditFilter::default() }, 1).await, all[1..2]);
        assert_eq!(found(AuditFilter { firm: Some(hartwell()), ..AuditFilter::default() }, 9).await, all[1..2]);
        assert_eq!(found(AuditFilter { who: Some(jo().as_str().into()), ..AuditFilter::default() }, 9).await, all[2..]);
        assert_eq!(found(AuditFilter { action: Some(Action::CaseConnected), ..AuditFilter::default() }, 9).await, all[..1]);
        store.forget_audit(at(1)).await.unwrap();
        assert_eq!(found(AuditFilter::default(), 9).await, all[..2]);
    });
}
