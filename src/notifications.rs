//! Notices: what somebody should know or do, told by mail, and once.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use lettre::Address;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use crate::diagnostic::render_all;
use crate::domain::{FirmId, Kind, RunStatus};
use crate::mail::{FirmName, Letter, Mailer, RunMail, notice};
use crate::rules::{FirmRules, JobKind};
use crate::ruleset::{Edit, RulesSnapshot};
use crate::runs::RunReport;
use crate::store::Store;
use crate::vendors::Vendor;

/// Sends notifications by mail. Clones are the same.
#[derive(Clone)]
pub struct Notifier(Arc<Inner>);

struct Inner {
    store: Store,
    mailer: Mailer,
    to: Vec<Address>,
    /// Cancelled when nobody waits for a mail server any more.
    stop: CancellationToken,
}

impl Notifier {
    /// Tells these readers by this mailer, and notes in the store what was told.
    pub fn new(store: Store, mailer: Mailer, to: Vec<Address>, stop: CancellationToken) -> Notifier {
        Notifier(Arc::new(Inner { store, mailer, to, stop }))
    }

    /// A run failed, or some of its cases did.
    pub(crate) async fn run_failed(&self, rules: &FirmRules, finished: &RunReport) {
        let run = &finished.run;
        // What is tried every few minutes would fail every few minutes: of that, one a day is told.
        let often = matches!(run.kind, Kind::Messages | Kind::Outbox | Kind::StageSync | Kind::SyncCase);
        let key = if often {
            format!("failed:{}:{}:{}", run.firm, run.kind.as_str(), Timestamp::now().strftime("%Y-%m-%d"))
        } else {
            format!("failed:{}", run.id)
        };
        let csv = finished.report.as_ref().and_then(|path| std::fs::read(path).ok());
        self.tell(&key, &notice::run_failed(&report(rules, finished, csv.as_deref()))).await;
    }

    /// A firm's set-up is complete, by `who`; they are told beside those who are told everything.
    pub(crate) fn set_up_complete(&self, rules: &FirmRules, who: Option<Address>) {
        let letter = notice::set_up_complete(name(rules), &enabled(rules));
        let mut to = self.0.to.clone();
        to.extend(who.filter(|who| !self.0.to.contains(who)));
        if to.is_empty() {
            return;
        }
        let teller = Arc::clone(&self.0);
        tokio::spawn(async move { teller.mailer.send(&letter, &to, &teller.stop).await });
    }

    /// A run is held.
    pub(crate) async fn run_held(&self, rules: &FirmRules, finished: &RunReport) {
        debug_assert_eq!(finished.run.status, RunStatus::Held);
        let csv = finished.report.as_ref().and_then(|path| std::fs::read(path).ok());
        let key = match finished.run.kind {
            // A stage sync that is held comes to the same in five minutes.
            Kind::StageSync => format!("held:{}:stages:{}", finished.run.firm, Timestamp::now().strftime("%Y-%m-%d")),
            // One case after the other changes its stage, and past the first that is held all are.
            Kind::SyncCase => format!("held:{}:cases:{}", finished.run.firm, Timestamp::now().strftime("%Y-%m-%d")),
            _ => format!("held:{}", finished.run.id),
        };
        self.tell(&key, &notice::run_held(&report(rules, finished, csv.as_deref()))).await;
    }

    /// A vendor refuses the firm's key.
    pub(crate) async fn key_revoked(&self, rules: &FirmRules, vendor: Vendor) {
        let connection = match vendor {
            Vendor::CasePeer => &rules.connections.casepeer,
            Vendor::CaseStatus => &rules.connections.case_status,
        };
        let letter = notice::key_revoked(name(rules), &vendor.to_string(), Some(&connection.key_origin));
        self.tell(&revoked(&rules.firm), &letter).await;
    }

    /// A vendor names another account for the firm's key, or one that is another firm's. Told once a pause.
    pub(crate) async fn other_account(&self, rules: &FirmRules, paused: Timestamp, why: &str) {
        let key = format!("account:{}:{}", rules.firm, paused.as_millisecond());
        self.tell(&key, &notice::other_account(name(rules), why)).await;
    }

    /// The firm's key is good again: should it be refused another time, that is told anew.
    pub(crate) async fn key_is_good(&self, rules: &FirmRules) {
        if let Err(error) = self.0.store.release_notice(&revoked(&rules.firm)).await {
            tracing::error!(firm = %rules.firm, %error, "notification claim could not be released");
        }
    }

    /// A firm's edited rules cannot be used.
    pub(crate) async fn rules_rejected(&self, current: &RulesSnapshot, edit: &Edit) {
        let in_force = current.firms.get(&edit.firm).and_then(|firm| firm.rules.as_ref());
        let called = in_force.map_or_else(|| edit.firm.as_str(), |rules| &rules.name);
        let faults = render_all(&edit.diagnostics, false);
        let letter = notice::rules_rejected(FirmName { id: &edit.firm, name: called }, in_force.map(|rules| &rules.revision), &faults);
        // The same files may fail in another way, since tests and defaults have a part in it.
        let what: String = Sha256::digest(&faults).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        self.tell(&format!("rejected:{}:{}:{what}", edit.firm, edit.revision), &letter).await;
    }

    /// The files of these firms are gone, and they go on by their last good rules. Told once a day for the same firms.
    pub(crate) async fn rules_gone(&self, folder: &Path, firms: &[&FirmId]) {
        let names: Vec<&str> = firms.iter().map(|firm| firm.as_str()).collect();
        let what: String = Sha256::digest(names.join(" ")).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let key = format!("gone:{}:{what}", Timestamp::now().strftime("%Y-%m-%d"));
        self.tell(&key, &notice::rules_gone(&folder.display().to_string(), &names)).await;
    }

    /// The store knows no firm, and the rules have some: it may be another store than yesterday's.
    pub async fn no_firm_known(&self, firms: usize) {
        self.tell("no_firm_known", &notice::no_firm_known(firms)).await;
    }

    /// Answers whoever asked for something. Whether the letter got to its reader is in the log.
    pub(crate) async fn answer(&self, letter: &Letter, to: Address) {
        self.0.mailer.send(letter, &[to], &self.0.stop).await;
    }

    /// Sends a letter, if it was not sent before under this key. The sending is nobody's to wait for.
    async fn tell(&self, key: &str, letter: &Letter) {
        match self.0.store.claim_notice(key).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return tracing::error!(notice = key, %error, "notification could not be claimed"),
        }
        let (teller, letter, key) = (Arc::clone(&self.0), letter.clone(), key.to_owned());
        tokio::spawn(async move {
            let delivery = teller.mailer.send(&letter, &teller.to, &teller.stop).await;
            tracing::info!(notice = key, sent = delivery.sent(), "notification sent");
            if delivery.is_lost() {
                let _ = teller.store.release_notice(&key).await;
            }
        });
    }
}

/// The schedules that are on.
fn enabled(rules: &FirmRules) -> Vec<String> {
    JobKind::of(rules).filter(|(_, schedule)| schedule.enabled).map(|(what, schedule)| format!("{what} ({})", schedule.cron.text)).collect()
}

fn revoked(firm: &FirmId) -> String {
    format!("revoked:{firm}")
}

fn name(rules: &FirmRules) -> FirmName<'_> {
    FirmName { id: &rules.firm, name: &rules.name }
}

fn report<'a>(rules: &'a FirmRules, finished: &'a RunReport, csv: Option<&'a [u8]>) -> RunMail<'a> {
    RunMail { firm_name: &rules.name, run: &finished.run, counts: finished.counts, rows: &finished.rows, csv }
}
