//! `casebridge firm remove FIRM…`: firms whose files are gone are to stop, although many went at once.

use serde_json::json;

use crate::cli::{Context, Exit, Refusal, output};
use crate::domain::{Action, FirmId};

pub(super) async fn remove(context: &Context, firms: &[String]) -> Result<Exit, Refusal> {
    let there = context.rules_folder().firms();
    let store = context.store().await?;
    let known = store.firms_with_good_rules().await?;
    let mut removed: Vec<FirmId> = Vec::new();
    for name in firms {
        let firm = FirmId::new(name).ok_or_else(|| Refusal::usage(format!("no firm can be called `{name}`"), "see `casebridge status`"))?;
        if there.contains(&firm) {
            let file = context.rules_folder().file(&format!("{firm}.yaml"));
            return Err(Refusal::usage(
                format!("{} is there, and {firm} goes on", file.display()),
                "delete the file; that stops the firm at once",
            ));
        }
        if !known.contains(&firm) {
            return Err(Refusal::usage(format!("no firm `{firm}` goes on without its file"), "see `casebridge status`"));
        }
        removed.push(firm);
    }
    for firm in &removed {
        store.remove_firm(firm).await?;
        context.note(&store, Action::FirmRemoved, |entry| entry.of_firm(firm)).await?;
    }
    store.close().await;
    if context.json {
        output::line(json!({ "removed": removed.iter().map(FirmId::as_str).collect::<Vec<_>>() }));
    } else {
        for firm in &removed {
            output::line(format_args!("{firm} is removed: nothing runs for it until it has a file again"));
        }
    }
    Ok(Exit::Success)
}
