//! `casebridge rules receipts FIRM`: what came of edits of rules.

use serde_json::{Value, json};

use crate::cli::{Context, Exit, Refusal, output};
use crate::domain::FirmId;
use crate::store::EditReceipt;

pub(super) async fn receipts(context: &Context, firm: &str, limit: u32) -> Result<Exit, Refusal> {
    // A firm whose file is gone has receipts too.
    let refusal = || Refusal::usage(format!("no firm can be called `{firm}`"), "`casebridge firm list` shows them");
    let id = FirmId::new(firm).ok_or_else(refusal)?;
    let receipts = context.host().await?.store.receipts(&id, limit).await?;
    if context.json {
        output::line(json!(receipts.iter().map(as_json).collect::<Vec<_>>()));
    } else if receipts.is_empty() {
        output::line("no receipts yet: `casebridge serve` leaves one of each edit");
    } else {
        receipts.iter().for_each(|receipt| output::text(as_text(receipt)));
    }
    Ok(Exit::Success)
}

fn diagnostics(receipt: &EditReceipt) -> Value {
    serde_json::from_str(&receipt.diagnostics).unwrap_or_default()
}

fn as_json(receipt: &EditReceipt) -> Value {
    json!({
        "receipt": receipt.id, "revision": receipt.revision, "outcome": receipt.outcome, "received_at": receipt.received_at.to_string(),
        "diagnostics": diagnostics(receipt),
    })
}

fn as_text(receipt: &EditReceipt) -> String {
    let mut text = format!("{}  {:<9} {}\n", receipt.received_at.strftime("%Y-%m-%d %H:%M:%S UTC"), receipt.outcome, receipt.revision);
    for diagnostic in diagnostics(receipt).as_array().into_iter().flatten() {
        let part = |name: &str| diagnostic[name].as_str().unwrap_or_default().to_owned();
        let place = match diagnostic["line"].as_u64() {
            Some(line) => format!("{}:{line}: ", part("file")),
            None => String::new(),
        };
        text.push_str(&format!("  {place}{}\n", part("message")));
    }
    text
}
