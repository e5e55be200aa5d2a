//! A copy of a whole store in another one, of either database.

use std::collections::BTreeSet;
use std::fmt::Debug;

use casebridge::domain::{
    Account, Action, Actor, AuditEntry, CaseId, Event, EventPayload, Kind, LetterKind, LogLine, MigrationTask, PasswordUse, Reference,
    RowResult, RunStatus, SecretName, TokenHash, User,
};
use casebridge::store::{
    AccountAt, AuditFilter, ClaimMode, CopyError, EventTrack, Handled, OccurrenceOutcome, OutboxState, PauseReason, RowFilter, Store,
};

use super::scene::{
    Scene, at, document, ended, hartwell, jo, message, okafor, on_both, on_postgres, outbound, revision, row, run, run_id, to_stage, update,
};

/// Those that say what is so at the moment, of processes that know only the one store.
const OF_THE_MOMENT: [&str; 4] = ["claims", "instances", "instance_rules", "rate_limits"];

/// Puts something into every table that is copied.
pub async fn fill(store: &Store) {
    let (firm, id) = (hartwell(), run_id("a"));
    ended(store, run("a", Kind::Migration, 0), RunStatus::Succeeded).await;
    store.begin_migration(&id, &MigrationTask::of_schedule(&firm, "tidy"), "hash").await.unwrap();
    store.put_log(&id, &[LogLine { warns: true, text: "NUL: \0".into() }]).await.unwrap();
    store.put_rows(&id, &[row("10", RowResult::Updated), row("9", RowResult::Updated), row("Ä", RowResult::Skipped)], at(0)).await.unwrap();
    store.intend(&id, &[update("one", 1, 2)]).await.unwrap();
    store.receive_messages(&firm, &[message("m1"), message("m2")], Some("2")).await.unwrap();
    store.receive_documents(&firm, &[document("d1"), document("d2")], Some("2")).await.unwrap();
    store.put_outbox(&firm, &outbound("o1", 1), &OutboxState::Sent("cs-1".into())).await.unwrap();
    store.settle_outbox(&firm, "o1").await.unwrap();
    store.write_letter(&firm, LetterKind::Note, "m1", Some(CaseId(7)), "why").await.unwrap();
    store.write_letter(&firm, LetterKind::Document, "d1", None, "why").await.unwrap();
    store.put_handled(&firm, "sync", &Handled { setting: "daily".into(), at: at(0), done: true }).await.unwrap();
    store.put_occurrence(&firm, "sync", at(0), OccurrenceOutcome::Missed, 2).await.unwrap();
    store.pause(&firm, "CASEpeer", PauseReason::KeyRefused, None, &revision("r1")).await.unwrap();
    store.enable_firm(&firm, false).await.unwrap();
    let account = Account { id: "1".into(), name: "Hartwell".into() };
    let account = AccountAt { vendor: "casepeer", origin: "https://casepeer.example".into(), account };
    store.claim_account(&firm, &account, ClaimMode::Runs).await.unwrap();
    let files = [("rules/hartwell.yaml".to_owned(), "text".to_owned())].into();
    store.put_good_rules(&firm, &revision("r1"), &files).await.unwrap();
    store.put_receipt(&firm, &revision("r1"), "applied", "[]", "masked", Some(&files)).await.unwrap();
    store.remove_firm(&okafor()).await.unwrap();
    store.claim_notice("n1").await.unwrap();
    store.put_user(&super::users::user(jo()), "hash").await.unwrap();
    store.put_password(&jo(), "hash", PasswordUse::OneTime, None).await.unwrap();
    store.put_session(&TokenHash::of("s"), &jo(), "hash", "origin", at(0)).await.unwrap();
    store.count_sign_in(&jo(), "origin", at(0), at(0)).await.unwrap();
    store.put_audit(&AuditEntry::new(at(0), Actor::User(jo()), Action::SignedIn)).await.unwrap();
    store.put_token(&super::tokens::token(0), &TokenHash::of("t")).await.unwrap();
    store.put_sealed_secret(&SecretName::new("casepeer").unwrap(), &[0, 0xff], at(0)).await.unwrap();
    let reference = Reference::read("${env:KEY}").unwrap();
    store.put_destination(&reference, "https://casepeer.example", at(0)).await.unwrap();
    store.replace_rule_file("rules/hartwell.yaml", None, "text", at(0)).await.unwrap();
    store.put_event(&firm, &Event { id: "e1".into(), payload: EventPayload::SendRequested(outbound("o2", 1)) }, at(0)).await.unwrap();
    store.keep_answer(&TokenHash::of("t"), "k", &super::idempotency::answer("asked"), at(0)).await.unwrap();
    store.take_creation(&firm, CaseId(7), &id, jiff::SignedDuration::ZERO, at(0)).await.unwrap();
    store.put_values_not_kept(&firm, CaseId(7), &to_stage(3), at(0)).await.unwrap();
}

async fn tables(scene: &Scene) -> BTreeSet<String> {
    let sql = if scene.store.is_shared() {
        "select table_name::text from information_schema.tables where table_schema = current_schema()"
    } else {
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
    };
    scene.texts(sql).await.into_iter().filter(|name| name != "_sqlx_migrations").collect()
}

/// What is read of a full store, as values and not as what prints alike: what prints may be masked.
async fn contents(store: &Store) -> impl PartialEq + Debug {
    let (firm, id, hash) = (hartwell(), run_id("a"), TokenHash::of("s"));
    let vault =
        (store.sealed_secrets().await.unwrap(), store.sealed_secret_changes().await.unwrap(), store.secret_destinations().await.unwrap());
    let work = (
        format!("{:?}", store.run(&id).await.unwrap()),
        store.some_rows(&id, RowFilter::All, 0, 9).await.unwrap(),
        store.effects(&id).await.unwrap(),
        store.migration(&id).await.unwrap(),
        store.script_hash(&id).await.unwrap(),
        store.values_not_kept(&firm, None).await.unwrap(),
    );
    let feeds = (
        store.waiting_messages(&firm, 9).await.unwrap(),
        store.waiting_documents(&firm, 0, 9).await.unwrap(),
        store.cursor(&firm, "messages").await.unwrap(),
        store.cursor(&firm, "documents").await.unwrap(),
        store.outbox_entry(&firm, "o1").await.unwrap(),
        store.letters(None).await.unwrap(),
        store.waiting_events(&firm, EventTrack::Messages, None).await.unwrap(),
    );
    let firms = (
        store.handled(&firm, "sync").await.unwrap(),
        store.occurrences(&firm, 9).await.unwrap(),
        store.paused(&firm).await.unwrap(),
        store.enabled_firms().await.unwrap(),
        store.removed_firms().await.unwrap(),
        store.firms_since().await.unwrap(),
        store.good_rules().await.unwrap(),
        store.receipts(&firm, 9).await.unwrap(),
        store.rule_files_since(0).await.unwrap(),
    );
    let people = (
        store.user(&jo()).await.unwrap(),
        store.session(&hash, at(0)).await.unwrap(),
        store.tokens().await.unwrap(),
        store.audit(&AuditFilter::default(), 9).await.unwrap(),
        store.stored_answer(&TokenHash::of("t"), "k", at(0)).await.unwrap(),
    );
    (vault, work, feeds, firms, people)
}

/// Of what `fill` put, what a column could spoil on its way: bytes that are no text, numbers beyond 32 bits, letters that are no ASCII.
async fn is_unspoilt(store: &Store) {
    let (firm, id) = (hartwell(), run_id("a"));
    assert_eq!(*store.sealed_secrets().await.unwrap()[0].sealed, [0, 0xff]);
    let rows = [row("Ä", RowResult::Skipped), row("9", RowResult::Updated), row("10", RowResult::Updated)];
    assert_eq!(store.some_rows(&id, RowFilter::All, 0, 9).await.unwrap(), rows);
    assert_eq!(store.effects(&id).await.unwrap(), [update("one", 1, 2)]);
    let documents = store.waiting_documents(&firm, 0, 9).await.unwrap();
    assert_eq!(documents.into_iter().map(|stored| stored.document).collect::<Vec<_>>(), [document("d2")]);
    // Who signed in with a one-time password has used it.
    let user = User { password_use: PasswordUse::Used, ..super::users::user(jo()) };
    assert_eq!(store.user(&jo()).await.unwrap(), Some((user, "hash".to_owned())));
    let answer = store.stored_answer(&TokenHash::of("t"), "k", at(0)).await.unwrap();
    assert_eq!(answer, Some(super::idempotency::answer("asked")));
}

/// Copies one full store to the other, and says something of the copy that only a copy with all of it can know.
async fn copies(source: &Scene, target: &Scene) {
    let copied = source.store.copy_to(&target.store, |_| {}).await.unwrap();
    for table in &copied {
        assert!(table.rows > 0 && table.rows == table.equal, "{table:?}");
    }
    let known: BTreeSet<String> = copied.iter().map(|table| table.name).chain(OF_THE_MOMENT).map(str::to_owned).collect();
    let unknown: Vec<_> = tables(source).await.difference(&known).cloned().collect();
    assert!(unknown.is_empty(), "say in store/copy what becomes of {unknown:?}");
    let store = &target.store;
    is_unspoilt(store).await;
    assert_eq!(contents(store).await, contents(&source.store).await);
    let nul = if source.store.is_shared() || store.is_shared() { "NUL: " } else { "NUL: \0" };
    assert_eq!(store.log(&run_id("a")).await.unwrap()[0].text, nul);
    store.put_audit(&AuditEntry::new(at(1), Actor::Webhook, Action::CaseConnected)).await.unwrap();
    let numbers: Vec<i64> = store.audit(&AuditFilter::default(), 9).await.unwrap().iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [2, 1], "what is numbered goes on behind the highest number");
    let again = source.store.copy_to(store, |_| {}).await;
    assert!(matches!(again, Err(CopyError::NotEmpty(_))), "{again:?}");
}

#[test]
fn every_table_is_copied_or_is_of_the_moment_from_either_database_to_either() {
    on_both(async |source| {
        fill(&source.store).await;
        copies(source, &Scene::in_file().await).await;
    });
    on_postgres(async |target| {
        let source = Scene::in_file().await;
        fill(&source.store).await;
        copies(&source, target).await;
    });
}

#[test]
fn a_store_that_is_in_use_is_not_copied() {
    on_both(async |scene| {
        let target = Scene::in_file().await;
        let served = if scene.store.is_shared() { scene.store.locks.lead().await } else { scene.store.locks.serve() };
        let served = served.unwrap().unwrap();
        let refused = scene.store.copy_to(&target.store, |_| {}).await;
        assert!(matches!(refused, Err(CopyError::Served(_))), "{refused:?}");
        served.release().await;
        let _at_work = scene.store.locks.run(&run_id("a")).await.unwrap().unwrap();
        scene.store.begin_run(&run("a", Kind::Sync, 0), "rules", None).await.unwrap();
        let refused = scene.store.copy_to(&target.store, |_| {}).await;
        assert!(matches!(&refused, Err(CopyError::AtWork(run)) if *run == run_id("a")), "{refused:?}");
    });
}
