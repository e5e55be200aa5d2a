//! What a part of a run that was cut off was about to do: the vendors are asked whether it was done, so that the report says so and
//! nothing is done twice.

use jiff::Timestamp;

use crate::domain::{CaseId, Changes, EffectKind, EffectOutcome, ExistingCase, LedgerEntry, Row, RowResult};
use crate::runs::active_run::ActiveRun;
use crate::runs::perform::message_sent_under;
use crate::runs::planned::{changed, row};
use crate::runs::{RunError, VendorClients};
use crate::vendors::Failure;

/// Settles every effect of a run whose outcome nobody wrote down.
pub(super) async fn settle(active_run: &ActiveRun) -> Result<(), RunError> {
    let (store, run) = (active_run.store(), &active_run.run);
    for entry in store.effects(&run.id).await? {
        if entry.outcome != EffectOutcome::Intended {
            continue;
        }
        let done = was_done(&active_run.clients, &entry).await?;
        let outcome = if done.is_some() { EffectOutcome::Done } else { EffectOutcome::Failed };
        let rows: Vec<Row> = done.into_iter().collect();
        store.put_outcomes(&run.id, &rows, &[(entry.key, outcome)], Timestamp::now()).await?;
    }
    Ok(())
}

/// The row of an effect that was done.
async fn was_done(clients: &VendorClients, entry: &LedgerEntry) -> Result<Option<Row>, Failure> {
    match entry.kind {
        EffectKind::UpdateCase => {
            let existing = clients.case_status.case_of(entry.case).await?;
            // Each attribute that was to be written differed then, so one that is there now was written.
            let written = existing.filter(|existing| entry.after.still_missing(existing) != entry.after);
            Ok(written.map(|existing| updated(&existing, entry)))
        }
        EffectKind::CreateCase => {
            let existing = clients.case_status.case_of(entry.case).await?;
            Ok(existing.map(|existing| {
                let changes = format!("practice_area: {}; stage: {}", existing.practice_area, existing.stage);
                Row { changes, ..row(entry.case, &existing.readable_id, &existing.client, RowResult::Created) }
            }))
        }
        EffectKind::SendMessage => {
            let sent = message_sent_under(&clients.case_status, &entry.key).await?;
            Ok(sent.map(|_| sent_row(entry.case, "message sent")))
        }
        // A mark, a note and a document change nothing the second time: the script does them again.
        EffectKind::MarkConnected | EffectKind::AddNote | EffectKind::AddDocument => Ok(None),
    }
}

fn updated(existing: &ExistingCase, entry: &LedgerEntry) -> Row {
    let before = entry.before.applied_to(existing);
    let row = row(entry.case, &existing.readable_id, &existing.client, RowResult::Updated);
    let written: Changes = entry.after.still_missing(&before);
    changed(row, Box::new(before), written).row
}

fn sent_row(case: CaseId, changes: &str) -> Row {
    Row { changes: changes.to_owned(), ..row(case, "", "", RowResult::Updated) }
}
