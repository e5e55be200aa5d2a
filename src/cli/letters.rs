//! `casebridge letters list|retry|drop`: what could not be delivered.

use serde_json::json;

use super::rows::printable;
use super::subcommands::LettersCommand;
use super::table::{as_text, table};
use super::{Context, Exit, Refusal, output};
use crate::domain::{Action, DeadLetter, FirmId};
use crate::store::Store;

pub(super) async fn letters(context: &Context, command: LettersCommand) -> Result<Exit, Refusal> {
    let store = context.host().await?.store;
    match command {
        LettersCommand::List { firm } => list(context, &store, firm).await,
        LettersCommand::Retry { letters } => take(context, &store, &letters, true).await,
        LettersCommand::Drop { letters } => take(context, &store, &letters, false).await,
    }
}

async fn list(context: &Context, store: &Store, firm: Option<String>) -> Result<Exit, Refusal> {
    let refusal = |name: &str| Refusal::usage(format!("no firm can be called `{name}`"), "`casebridge firm list` shows them");
    let firm = firm.map(|name| FirmId::new(&name).ok_or_else(|| refusal(&name))).transpose()?;
    let letters = store.letters(firm.as_ref()).await?;
    if context.json {
        output::json(&letters.iter().map(as_json).collect::<Vec<_>>());
        return Ok(Exit::Success);
    }
    let mut table = table(["letter", "firm", "what", "case", "since", "why"]);
    for letter in &letters {
        let case = letter.case.map(|case| case.to_string()).unwrap_or_default();
        let since = letter.written_at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        let what = format!("{} {}", letter.kind.as_str(), printable(&letter.subject));
        let retried = if letter.retried_at.is_some() { "is tried again at the next pass; " } else { "" };
        let why = format!("{retried}{}", printable(&letter.reason));
        table.add_row([letter.id.to_string(), letter.firm.to_string(), what, case, since, why]);
    }
    output::line(if letters.is_empty() { "no letters".to_owned() } else { as_text(&table) });
    Ok(Exit::Success)
}

fn as_json(letter: &DeadLetter) -> serde_json::Value {
    json!({
        "letter": letter.id, "firm": letter.firm.as_str(), "kind": letter.kind.as_str(), "subject": letter.subject,
        "integration_id": letter.case.map(|case| case.to_string()), "reason": letter.reason, "written_at": letter.written_at.to_string(),
        "retried_at": letter.retried_at.map(|at| at.to_string()),
    })
}

async fn take(context: &Context, store: &Store, numbers: &[i64], again: bool) -> Result<Exit, Refusal> {
    let mut letters = Vec::new();
    for number in numbers {
        let letter = store.letter(*number).await?;
        let missing = || Refusal::usage(format!("there is no letter {number}"), "`casebridge letters list` shows them");
        letters.push(letter.ok_or_else(missing)?);
    }
    for letter in &letters {
        if !store.take_letter(letter, again).await? {
            continue;
        }
        let action = if again { Action::LetterRetried } else { Action::LetterDropped };
        let subject = format!("{} {}", letter.kind.as_str(), letter.subject);
        context.note(store, action, |entry| entry.of_firm(&letter.firm).to(subject)).await?;
    }
    if context.json {
        output::json(&json!({ "letters": letters.iter().map(as_json).collect::<Vec<_>>(), "retried": again }));
    } else {
        let count = letters.len();
        let plural = if count == 1 { "letter" } else { "letters" };
        output::line(if again { format!("{count} {plural} will be tried at the next pass") } else { format!("{count} {plural} dropped") });
    }
    Ok(Exit::Success)
}
