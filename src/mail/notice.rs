//! Notices: letters that nobody asked for, about what someone should know or do. All of them are pure.

use super::letter::{Letter, one_line};
use super::run_letter::{FirmName, RunMail};
use crate::domain::{Kind, Origin, Revision};

/// A run failed, or failed for some of its cases.
pub fn run_failed(report: &RunMail<'_>) -> Letter {
    let mut advice = "What to do".to_owned();
    if report.counts.failed > 0 && report.csv.is_some() {
        advice += "\n  The CSV lists each failed case with the reason and who can fix it.";
    }
    let firm = &report.run.firm;
    match report.run.kind {
        Kind::Outbox => advice += "\n  Where a message was not sent, its receipt in CASEpeer says why. Staff have to send that one again.",
        Kind::Messages | Kind::Documents => {
            advice += "\n  Temporary failures are retried automatically.";
            advice += &format!("\n  What was refused for good: casebridge letters list --firm {firm}");
        }
        _ => advice += "\n  Running the same again is safe: what was written is not written again.",
    }
    if report.run.kind == Kind::Sync {
        advice += &format!("\n  To try it now: casebridge sync {firm}");
    }
    report.letter(&[advice])
}

/// A run is held since it would move or close too many cases.
pub fn run_held(report: &RunMail<'_>) -> Letter {
    let run = &report.run.id;
    report.letter(&[format!(
        "What to do\n  \
         Look at the moves in the CSV. Each of them sends the client a survey, and that cannot be taken back.\n  \
         If they are right: casebridge runs approve {run}\n  \
         If not, correct the cases or the rules. The next run looks at everything anew, and this one can be left as it is."
    )])
}

/// The store knows no firm, beside rules that have some.
pub fn no_firm_known(firms: usize) -> Letter {
    let text = format!(
        "The rules have {firms} firms, and the store knows none of them. Nothing runs for them by itself.\n\n\
         What to do\n  \
         If this is a new installation: enable each firm when it is ready, by casebridge firm enable FIRM or in the console.\n  \
         If it is not, the store is another one than before: look at `database_url`, and put the old store back.\n  \
         If the old store is lost: casebridge firm enable --all --messages now\n"
    );
    Letter::new("casebridge knows none of its firms, and nothing runs by itself", &text)
}

/// The files of these firms are gone from the folder of rules, all at once.
pub fn rules_gone(folder: &str, firms: &[&str]) -> Letter {
    let folder = one_line(folder);
    let files = if firms.len() == 1 { "the file of 1 firm".to_owned() } else { format!("the files of {} firms", firms.len()) };
    let text = format!(
        "casebridge misses {files} in {folder}: {}.\n\
         A folder of rules is seldom emptied by intent, so what these files said goes on.\n\n\
         What to do\n  \
         Bring the folder back: perhaps it is a share that is not mounted. The firms then go on by what is in it.\n  \
         Firms that are not to go on: casebridge firm remove FIRM…, or *They are gone* in the console.\n  \
         To see where they stand: casebridge status\n",
        firms.join(", ")
    );
    Letter::new(&format!("casebridge misses {files}, and goes on by the last good rules"), &text)
}

/// A vendor no longer takes a firm's key. `key_at` is where the rules have it.
pub fn key_revoked(firm: FirmName<'_>, vendor: &str, key_at: Option<&Origin>) -> Letter {
    let (name, vendor) = (one_line(firm.name), one_line(vendor));
    let place = key_at.map(|at| format!(" It is named at {at}.")).unwrap_or_default();
    let text = format!(
        "{vendor} no longer takes the key of {name}. Nothing runs for this firm until it has one that works.\n\n\
         What to do\n  \
         Get a new key from {vendor} and put it in the place of the old one.{place}\n  \
         To prove it: casebridge firm verify {id}\n  \
         A key in an environment variable is read when casebridge starts: start it again then.\n  \
         The pause ends at the firm's next schedule after that.\n",
        id = firm.id
    );
    Letter::new(&format!("{name}: {vendor} refuses the key, and the firm is paused"), &text)
}

/// A firm's key opens another account than before, or another firm's.
pub fn other_account(firm: FirmName<'_>, why: &str) -> Letter {
    let name = one_line(firm.name);
    let text = format!(
        "{why}\n\n\
         Nothing runs for {name} until that is settled.\n\n\
         What to do\n  \
         To see both accounts: casebridge firm verify {id}\n  \
         Put the right key in the place of the wrong one. The pause ends at the firm's next schedule, or its next run by hand.\n",
        why = one_line(why),
        id = firm.id
    );
    Letter::new(&format!("{name}: a key opens the wrong account, and the firm is paused"), &text)
}

/// A firm's edited rules cannot be used. `faults` is what `casebridge check` shows, secrets masked; `in_force` are the rules that the
/// firm goes on with, if it ever had good ones.
pub fn rules_rejected(firm: FirmName<'_>, in_force: Option<&Revision>, faults: &str) -> Letter {
    let name = one_line(firm.name);
    let (then, subject) = match in_force {
        Some(revision) => {
            (format!("The rules from before the edit stay in force: revision {revision}."), "the last good ones stay in force")
        }
        None => ("There are no earlier rules to go on with, so nothing runs for this firm.".to_owned(), "nothing runs for this firm"),
    };
    let text = format!(
        "The edited rules of {name} cannot be used. {then}\n\n\
         {}\n\n\
         What to do\n  \
         Correct the file. It is read again as soon as it is saved.\n  \
         To see the faults again: casebridge check {id} and casebridge test {id}\n",
        faults.trim_end(),
        id = firm.id
    );
    Letter::new(&format!("{name}: edited rules rejected, {subject}"), &text)
}

/// A firm is set up: both keys are proved and its rules are in order. `runs` says what runs by itself from now on, a line each.
pub fn set_up_complete(firm: FirmName<'_>, runs: &[String]) -> Letter {
    let name = one_line(firm.name);
    let runs = if runs.is_empty() {
        "Schedules: none. Every schedule of this firm is off.".to_owned()
    } else {
        let lines: Vec<String> = runs.iter().map(|line| format!("  {}", one_line(line))).collect();
        format!("Schedules from now on\n{}", lines.join("\n"))
    };
    let text = format!(
        "{name} is set up: CASEpeer and Case Status both take its keys, and its rules are in order.\n\n\
         {runs}\n\n\
         Cases come into Case Status by connect alone; a sync keeps those in step that are there.\n  \
         To see what a sync would write: casebridge plan {id}\n  \
         To connect a case: casebridge connect {id} ID\n",
        id = firm.id
    );
    Letter::new(&format!("{name}: set-up complete"), &text)
}
