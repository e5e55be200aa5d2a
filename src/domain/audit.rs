//! The audit log: who changed what, before and after. Never in it: passwords, keys, the text of tokens, clients' names.

use std::fmt;

use jiff::Timestamp;

use super::named;
use super::{Email, FirmId, TokenName};

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who signed in to the console.
    User(Email),
    /// A program, by its token.
    Token(TokenName),
    /// Whoever uses the command line of the machine, by their name there.
    CommandLine(String),
    /// CASEpeer, by a signed webhook.
    Webhook,
}

impl Actor {
    /// How they come in, as the store writes it.
    pub fn kind(&self) -> &'static str {
        match self {
            Actor::User(_) => "user",
            Actor::Token(_) => "token",
            Actor::CommandLine(_) => "command_line",
            Actor::Webhook => "webhook",
        }
    }

    /// What they are called.
    pub fn name(&self) -> &str {
        match self {
            Actor::User(email) => email.as_str(),
            Actor::Token(name) => name.as_str(),
            Actor::CommandLine(name) => name,
            Actor::Webhook => "CASEpeer",
        }
    }

    /// Reads what [`Actor::kind`] and [`Actor::name`] wrote.
    pub fn parse(kind: &str, name: &str) -> Option<Actor> {
        match kind {
            "user" => Some(Actor::User(Email::new(name))),
            "token" => TokenName::new(name).map(Actor::Token),
            "command_line" => Some(Actor::CommandLine(name.to_owned())),
            "webhook" => Some(Actor::Webhook),
            _ => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::User(_) | Actor::Webhook => formatter.write_str(self.name()),
            Actor::Token(name) => write!(formatter, "token {name}"),
            Actor::CommandLine(name) => write!(formatter, "{name} (command line)"),
        }
    }
}

named! {
    /// What was done.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Action {
        /// Somebody signed in.
        SignedIn => "signed_in",
        /// Somebody was not let in.
        SignInRefused => "sign_in_refused",
        /// Somebody signed out.
        SignedOut => "signed_out",
        /// Somebody ended all sessions of a user.
        SignedOutEverywhere => "signed_out_everywhere",
        /// Somebody ended one of their own sessions.
        SessionEnded => "session_ended",
        /// A user was added.
        UserAdded => "user_added",
        /// A user's role was changed.
        UserChanged => "user_changed",
        /// A user was disabled.
        UserDisabled => "user_disabled",
        /// A user was let in again.
        UserEnabled => "user_enabled",
        /// A password was set.
        PasswordSet => "password_set",
        /// A token was made.
        TokenCreated => "token_created",
        /// A token was revoked.
        TokenRevoked => "token_revoked",
        /// A key may go elsewhere than before.
        OriginTrusted => "origin_trusted",
        /// A secret was sealed in the store.
        SecretSet => "secret_set",
        /// A sealed secret was removed.
        SecretRemoved => "secret_removed",
        /// Files of rules and scripts were brought into the store.
        RulesPushed => "rules_pushed",
        /// A firm's file was made.
        FirmCreated => "firm_created",
        /// Keys of a firm's file were set.
        FirmSet => "firm_set",
        /// A firm's file was rewritten.
        RulesEdited => "rules_edited",
        /// Earlier rules were put back.
        RulesPutBack => "rules_put_back",
        /// A firm was enabled: its schedules and webhooks work.
        FirmEnabled => "firm_enabled",
        /// A firm was disabled, for the reason that is noted.
        FirmDisabled => "firm_disabled",
        /// Somebody said that the accounts which a firm's keys open are the firm's.
        FirmTrusted => "firm_trusted",
        /// Somebody said that a firm is gone, whose file went with many others.
        FirmRemoved => "firm_removed",
        /// A run was begun.
        RunBegun => "run_begun",
        /// A held run was approved.
        RunApproved => "run_approved",
        /// A run was cancelled.
        RunCancelled => "run_cancelled",
        /// A run was taken back.
        RunUndone => "run_undone",
        /// A case was connected.
        CaseConnected => "case_connected",
        /// A message was sent.
        MessageSent => "message_sent",
        /// A dead letter is tried again.
        LetterRetried => "letter_retried",
        /// A dead letter was dropped.
        LetterDropped => "letter_dropped",
    }
}

/// Who requests something, and by which request, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requester {
    /// Who.
    pub who: Actor,
    /// The request's id, if it came over HTTP.
    pub request: Option<String>,
}

impl Requester {
    /// That they do something at this moment.
    pub fn does(&self, action: Action) -> AuditEntry {
        AuditEntry { request: self.request.clone(), ..AuditEntry::new(Timestamp::now(), self.who.clone(), action) }
    }
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Actor,
    /// What.
    pub action: Action,
    /// The firm that it is about, if it is about one.
    pub firm: Option<FirmId>,
    /// What it was done to: a run, a user, a key of a file, a case.
    pub subject: Option<String>,
    /// What was there before.
    pub before: Option<String>,
    /// What is there now.
    pub after: Option<String>,
    /// The request by which it came, as the log has it.
    pub request: Option<String>,
}

impl AuditEntry {
    /// That somebody does something at this moment.
    pub fn new(at: Timestamp, who: Actor, action: Action) -> AuditEntry {
        AuditEntry { at, who, action, firm: None, subject: None, before: None, after: None, request: None }
    }

    /// The same about a firm.
    pub fn of_firm(self, firm: &FirmId) -> AuditEntry {
        AuditEntry { firm: Some(firm.clone()), ..self }
    }

    /// The same, done to this.
    pub fn to(self, subject: impl Into<String>) -> AuditEntry {
        AuditEntry { subject: Some(subject.into()), ..self }
    }

    /// The same with what was there before and what is there now.
    pub fn from_to(self, before: Option<String>, after: Option<String>) -> AuditEntry {
        AuditEntry { before, after, ..self }
    }
}
