//! A firm's rules, resolved: every value is valid, and every value that shows in a report knows the line it came from.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};

use super::raw::{AttorneyRule, Start, UnmappedPracticeArea, UnmappedStage};
use super::{Condition, Cron, Hooks, Mapping};
use crate::domain::{Attribute, Direction, FirmId, Name, Origin, Reference, Revision, Stage, service_of};

/// What a secret is for that proves webhooks, instead of where it goes.
pub(super) const WEBHOOKS: &str = "webhooks";

/// A value of the rules and the line that says so.
#[derive(Debug, Clone)]
pub struct Ruled<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub origin: Origin,
}

/// Everything that the rules say about one firm. Immutable: a run holds one from its first read to its last write.
#[derive(Debug)]
pub struct FirmRules {
    /// What the firm is called here.
    pub firm: FirmId,
    /// What people call it.
    pub name: Box<str>,
    /// The hash of the files that these rules came from.
    pub revision: Revision,
    /// Those files' text, secrets masked.
    pub text: Arc<str>,
    /// The zone of its schedules.
    pub time_zone: TimeZone,
    /// How the two products are reached.
    pub connections: Connections,
    /// What a sync keeps in step.
    pub sync: SyncRules,
    /// Stages.
    pub stages: StageRules,
    /// Practice areas.
    pub practice_areas: PracticeAreaRules,
    /// Messages.
    pub messages: MessageRules,
    /// What connect asks of a case.
    pub validation: ValidationRules,
    /// What runs by itself.
    pub schedule: Schedules,
    /// When a run is held.
    pub guard: Guard,
    /// How hard the vendors are asked.
    pub limits: Limits,
    /// How documents are brought over.
    pub documents: DocumentRules,
    /// The firm's script, which has the last word on its cases.
    pub hooks: Option<Arc<dyn Hooks>>,
}

/// How the two products are reached.
#[derive(Debug)]
pub struct Connections {
    /// CASEpeer.
    pub casepeer: Connection,
    /// Case Status.
    pub case_status: Connection,
}

impl Connections {
    /// What each secret is for: a key for where it goes, and what proves webhooks for those. A key comes first, if one reference is both.
    pub fn uses(&self) -> impl Iterator<Item = (Reference, String)> {
        let webhooks = [&self.casepeer, &self.case_status].into_iter().flat_map(|side| &side.webhook_secrets);
        self.destinations().chain(webhooks.map(|(reference, _)| (reference.clone(), WEBHOOKS.to_owned())))
    }

    /// What each key goes to.
    pub fn destinations(&self) -> impl Iterator<Item = (Reference, String)> {
        [&self.casepeer, &self.case_status].map(|side| (side.key_reference.clone(), side.destination.to_string())).into_iter()
    }

    /// Whether both products are reached in the same way and by the same keys.
    pub fn are_the_same(&self, other: &Connections) -> bool {
        self.casepeer.is_the_same(&other.casepeer) && self.case_status.is_the_same(&other.case_status)
    }

    /// Whether both products are reached by the same keys.
    pub fn have_keys_of(&self, other: &Connections) -> bool {
        self.casepeer.has_key_of(&other.casepeer) && self.case_status.has_key_of(&other.case_status)
    }

    /// Whether one of the products is reached by the same key.
    pub fn share_a_key(&self, other: &Connections) -> bool {
        self.casepeer.has_key_of(&other.casepeer) || self.case_status.has_key_of(&other.case_status)
    }
}

impl Connection {
    fn has_key_of(&self, other: &Connection) -> bool {
        service_of(&self.destination) == service_of(&other.destination) && self.key.expose_secret() == other.key.expose_secret()
    }

    fn is_the_same(&self, other: &Connection) -> bool {
        let rest = |side: &Connection| (side.base_url.clone(), side.auth_header.clone(), side.page_size);
        rest(self) == rest(other) && self.key.expose_secret() == other.key.expose_secret()
    }
}

/// How one product is reached.
#[derive(Debug)]
pub struct Connection {
    /// Without a slash at the end.
    pub base_url: Box<str>,
    /// The API key.
    pub key: SecretString,
    /// The scheme, host and port that the key is sent to.
    pub destination: Box<str>,
    /// What stands for the key.
    pub key_reference: Reference,
    /// Where the key's reference was written.
    pub key_origin: Origin,
    /// The header that carries the key.
    pub auth_header: AuthHeader,
    /// Items a page, 1 to 200.
    pub page_size: u32,
    /// What signs its webhooks, with what stands for it: none, one, or two while one takes the place of the other.
    pub webhook_secrets: Box<[(Reference, SecretString)]>,
}

/// The header that carries the key, `{key}` standing for it in the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthHeader {
    /// The header's name, in lower case.
    pub name: Box<str>,
    /// Its value, with `{key}`.
    pub template: Box<str>,
}

/// Which attributes a sync writes, each with the line that says so.
#[derive(Debug, Clone)]
pub struct Attributes([Option<Origin>; Attribute::ALL.len()]);

impl Attributes {
    pub(super) fn new(listed: impl IntoIterator<Item = Ruled<Attribute>>) -> Attributes {
        let mut origins: [Option<Origin>; Attribute::ALL.len()] = Default::default();
        for attribute in listed {
            origins[attribute.value as usize] = Some(attribute.origin);
        }
        Attributes(origins)
    }

    /// Whether a sync writes `attribute`.
    pub fn has(&self, attribute: Attribute) -> bool {
        self.0[attribute as usize].is_some()
    }

    /// The line that lists `attribute`.
    pub fn origin(&self, attribute: Attribute) -> Option<&Origin> {
        self.0[attribute as usize].as_ref()
    }
}

/// What a sync keeps in step.
#[derive(Debug)]
pub struct SyncRules {
    /// The attributes that are written.
    pub attributes: Attributes,
    /// Where the list of attributes begins.
    pub attributes_origin: Origin,
    /// Whether a case that was closed in Case Status is opened again.
    pub reopen: Ruled<bool>,
    /// Whether a case is taken off hold.
    pub release_hold: Ruled<bool>,
}

/// How stages are mapped.
#[derive(Debug)]
pub struct StageRules {
    /// What a sync does with a stage nobody mapped.
    pub unmapped: Ruled<UnmappedStage>,
    /// A stage that changes and changes back within this writes nothing.
    pub settle: Duration,
    /// For all case types.
    pub map: Mapping<Stage>,
    /// For one case type each, tried first.
    pub by_case_type: Mapping<Mapping<Stage>>,
}

impl StageRules {
    /// What `stage` of a case of this type becomes.
    pub fn target(&self, case_type: &Name, stage: &Name) -> Option<&Ruled<Stage>> {
        self.own_target(case_type, stage).or_else(|| self.map.get(stage))
    }

    /// What a line of this case type's own says that it becomes.
    pub fn own_target(&self, case_type: &Name, stage: &Name) -> Option<&Ruled<Stage>> {
        self.by_case_type.get(case_type).and_then(|own| own.value.get(stage))
    }

    /// The mapped stage that an unmapped one was most likely meant to be.
    pub fn nearest(&self, case_type: &Name, stage: &Name) -> Option<&str> {
        self.by_case_type.get(case_type).and_then(|own| own.value.nearest(stage)).or_else(|| self.map.nearest(stage))
    }
}

/// How practice areas are mapped.
#[derive(Debug)]
pub struct PracticeAreaRules {
    /// Whether letter case counts when a practice area of the same name is looked for.
    pub ignore_case: bool,
    /// What happens to a case type nobody mapped.
    pub unmapped: Ruled<UnmappedPracticeArea>,
    /// The mapping.
    pub map: Mapping<Name>,
}

impl FirmRules {
    /// Whether the firm's own file says with which message its first pass starts.
    pub fn says_where_messages_start(&self) -> bool {
        let file = std::path::Path::new(&*self.messages.start.origin.file).file_name();
        file.and_then(|name| name.to_str()) == Some(&format!("{}.yaml", self.firm))
    }
}

/// How messages become case notes.
#[derive(Debug)]
pub struct MessageRules {
    /// What each note begins with.
    pub note_prefix: Box<str>,
    /// Whose messages become notes.
    pub directions: Vec<Direction>,
    /// Whether the outbox's own messages stay out.
    pub skip_own: bool,
    /// Where the first pass starts.
    pub start: Ruled<Start>,
}

/// What connect asks of a case.
#[derive(Debug)]
pub struct ValidationRules {
    /// The primary attorney.
    pub attorney: Ruled<AttorneyRule>,
    /// The cell phone.
    pub phone: PhoneRules,
    /// Fields that must not be empty.
    pub required: Vec<Ruled<RequiredField>>,
    /// The firm's own rules.
    pub rules: Vec<ValidationRule>,
}

/// The client's cell phone.
#[derive(Debug)]
pub struct PhoneRules {
    /// Whether there must be a valid one.
    pub required: Ruled<bool>,
    /// The country of numbers without a country code.
    pub region: rlibphonenumber::Region,
    /// Labels in lower case, in the order in which they are tried.
    pub labels: Vec<Box<str>>,
}

/// A field that `validation.required` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequiredField {
    /// `case_number`
    CaseNumber,
    /// `name`
    Name,
    /// `description`
    Description,
    /// `opened_on`
    OpenedOn,
    /// `client.first_name`
    ClientFirstName,
    /// `client.last_name`
    ClientLastName,
    /// `client.email`
    ClientEmail,
}

impl RequiredField {
    /// All of them, by their names in YAML.
    pub const ALL: [(&'static str, RequiredField); 7] = [
        ("case_number", RequiredField::CaseNumber),
        ("name", RequiredField::Name),
        ("description", RequiredField::Description),
        ("opened_on", RequiredField::OpenedOn),
        ("client.first_name", RequiredField::ClientFirstName),
        ("client.last_name", RequiredField::ClientLastName),
        ("client.email", RequiredField::ClientEmail),
    ];

    /// What staff call it.
    pub fn words(self) -> &'static str {
        match self {
            RequiredField::CaseNumber => "case number",
            RequiredField::Name => "case name",
            RequiredField::Description => "description",
            RequiredField::OpenedOn => "opened date",
            RequiredField::ClientFirstName => "client's first name",
            RequiredField::ClientLastName => "client's last name",
            RequiredField::ClientEmail => "client's e-mail",
        }
    }
}

/// A rule of the firm's own.
pub struct ValidationRule {
    /// True where something is wrong.
    pub when: Box<dyn Condition>,
    /// What staff read then.
    pub error: Box<str>,
    /// Whether it applies when a case is connected.
    pub on_connect: bool,
    /// Whether it applies when a case is synced.
    pub on_sync: bool,
    /// Where it was written.
    pub origin: Origin,
}

impl fmt::Debug for ValidationRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ValidationRule").field("error", &self.error).field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What runs by itself.
#[derive(Debug)]
pub struct Schedules {
    /// Makes every case match.
    pub nightly_sync: Schedule,
    /// Brings stage changes within minutes.
    pub stage_sync: Schedule,
    /// Messages to notes, outbox to messages.
    pub message_sync: Schedule,
    /// Documents.
    pub document_sync: Schedule,
    /// Scripts of the firm's.
    pub scripts: Vec<ScriptSchedule>,
}

/// A script that runs by itself.
#[derive(Debug)]
pub struct ScriptSchedule {
    /// Its name in the scripts folder.
    pub script: Box<str>,
    /// It and what it imports, as they were when the rules were built: by name, with their text.
    pub files: Vec<(String, String)>,
    /// Whether it writes.
    pub apply: bool,
    /// When.
    pub schedule: Schedule,
}

/// One schedule. It says when things run by themselves, never what someone may run by hand.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Whether it runs.
    pub enabled: bool,
    /// When, in the firm's zone.
    pub cron: Cron,
    /// How late one that was missed may still run.
    pub catch_up: Option<Duration>,
}

/// When a run is held for someone's approval.
#[derive(Debug)]
pub struct Guard {
    /// The percentage of connected cases that may be moved or closed within 24 hours, 0 to 100.
    pub max_stage_changes: Ruled<f64>,
    /// A firm with fewer connected cases is never held for its moves.
    pub from_cases: u64,
    /// The cases that migrations and connects of a list may create within 24 hours, each of which invites a client.
    pub max_invitations: Ruled<u64>,
}

/// How hard the vendors are asked.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests in flight for one firm and vendor.
    pub concurrency: usize,
    /// Requests a second for one firm and vendor.
    pub requests_per_second: f64,
    /// How often a request is tried.
    pub attempts: u32,
    /// How long one try may take.
    pub timeout: Duration,
    /// How many pages a listing or a feed may have.
    pub max_pages: u32,
}

/// How documents are brought over.
#[derive(Debug)]
pub struct DocumentRules {
    /// The largest that is brought over, in bytes.
    pub max_size: Ruled<u64>,
}
