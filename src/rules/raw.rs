//! The keys of a firm file, as YAML has them. Everything is optional here; what a firm needs is `resolve`'s question.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::domain::{Attribute, Direction};
use crate::yaml::{At, Decode, Layer, Named, Node, Reader, Size, Span, Value, shape, words};

shape! {
    /// A firm's rules (`rules/<firm>.yaml`), or what every firm gets (`rules/_defaults.yaml`).
    pub struct Firm {
        /// The firm's name, as people write it.
        name: At<String>,
        /// The zone of its schedules, such as `America/New_York`.
        time_zone: At<String>,
        /// How the two products are reached.
        connections: Connections,
        /// What a sync keeps in step.
        sync: Sync,
        /// How CASEpeer stages become Case Status stage numbers.
        stages: Stages,
        /// How CASEpeer case types become Case Status practice areas.
        practice_areas: PracticeAreas,
        /// How messages become case notes.
        messages: Messages,
        /// What connect asks of a case.
        validation: Validation,
        /// What runs by itself, and when.
        schedule: Schedules,
        /// When a run is held for someone's approval.
        guard: Guard,
        /// How hard the vendors are asked.
        limits: Limits,
        /// How documents are brought over.
        documents: Documents,
        /// A Rhai script in the scripts folder that has the last word on this firm's cases.
        hooks: At<String>,
    }
}

shape! {
    /// How the two products are reached.
    pub struct Connections {
        /// CASEpeer.
        casepeer: Connection,
        /// Case Status.
        case_status: Connection,
    }
}

shape! {
    /// How one product is reached.
    pub struct Connection {
        /// Where its API is.
        base_url: At<String>,
        /// The API key: `${env:NAME}`, `${file:NAME}` or `${secret:NAME}`.
        key: At<String>,
        /// What signs its webhooks: `${env:NAME}`, `${file:NAME}` or `${secret:NAME}`; a list of two while one takes the other's place.
        webhook_secret: OneOrMore,
        /// The header that carries the key: `Authorization` (the default) sends `Bearer KEY`, another name the key alone, and
        /// `Name: text {key}` spells it out.
        auth_header: At<String>,
        /// How many items a page of a listing has, 1 to 200.
        page_size: At<u64>,
    }
}

shape! {
    /// What a sync keeps in step.
    pub struct Sync {
        /// The attributes that are written; others are never touched.
        attributes: At<Vec<At<Attribute>>>,
        /// Whether a case that was closed in Case Status is opened again when CASEpeer has it open.
        reopen: At<bool>,
        /// Whether a case on hold in Case Status is taken off hold when CASEpeer has it open.
        release_hold: At<bool>,
    }
}

shape! {
    /// How CASEpeer stages become Case Status stage numbers.
    pub struct Stages {
        /// Whether letter case counts when stages and case types are looked up.
        matching as "match": At<Match>,
        /// What a sync does with a case whose stage nobody mapped.
        unmapped: At<UnmappedStage>,
        /// A stage that changes and changes back within this writes nothing.
        settle: At<Span>,
        /// The mapping.
        map: Vec<StageEntry>,
        /// Mappings for one case type each, tried before `map`.
        by_case_type: Named<Vec<StageEntry>>,
    }
}

shape! {
    /// CASEpeer stages that become one Case Status stage.
    pub struct StageEntry {
        /// One CASEpeer stage, or a list of them.
        casepeer: OneOrMore,
        /// The stage number, 1 to 12.
        to: At<i64>,
    }
}

shape! {
    /// How CASEpeer case types become Case Status practice areas.
    pub struct PracticeAreas {
        /// Whether letter case counts when case types are looked up.
        matching as "match": At<Match>,
        /// What happens to a case type that nobody mapped.
        unmapped: At<UnmappedPracticeArea>,
        /// The mapping.
        map: Vec<PracticeAreaEntry>,
    }
}

shape! {
    /// CASEpeer case types that become one practice area.
    pub struct PracticeAreaEntry {
        /// One case type, or a list of them.
        casepeer: OneOrMore,
        /// The practice area's name in Case Status.
        to: At<String>,
    }
}

shape! {
    /// How messages become case notes.
    pub struct Messages {
        /// What each note begins with.
        note_prefix: At<String>,
        /// Whose messages become notes.
        directions: Vec<Direction>,
        /// Whether a message that came from CASEpeer's outbox stays out of the notes.
        skip_own: At<bool>,
        /// Where the first pass starts.
        start: At<Start>,
    }
}

shape! {
    /// What connect asks of a case.
    pub struct Validation {
        /// Whether the primary attorney must be an active attorney in Case Status.
        attorney: At<AttorneyRule>,
        /// The client's cell phone.
        phone: Phone,
        /// Fields that must not be empty.
        required: Vec<At<String>>,
        /// The firm's own rules.
        rules: Vec<ValidationRule>,
    }
}

shape! {
    /// The client's cell phone.
    pub struct Phone {
        /// Whether there must be a valid one.
        required: At<bool>,
        /// The country that numbers without a country code belong to.
        region: At<String>,
        /// Labels in the order in which they are tried; then the first valid number.
        labels: Vec<At<String>>,
    }
}

shape! {
    /// A rule of the firm's own: a Rhai expression over the case's fields that is true where something is wrong.
    pub struct ValidationRule {
        /// The expression.
        when: At<String>,
        /// What staff read.
        error: At<String>,
        /// Where the rule applies; connect alone unless said otherwise.
        on: Vec<Occasion>,
    }
}

shape! {
    /// What runs by itself, and when.
    pub struct Schedules {
        /// Makes every case match.
        nightly_sync: Schedule,
        /// Brings stage changes within minutes.
        stage_sync: Schedule,
        /// Messages to notes, outbox to messages.
        message_sync: Schedule,
        /// Documents to the case's document section.
        document_sync: Schedule,
        /// Scripts that run by themselves.
        scripts: Vec<ScriptSchedule>,
    }
}

shape! {
    /// A script that runs by itself.
    pub struct ScriptSchedule {
        /// Its name in the scripts folder.
        script: At<String>,
        /// Five-field cron, in the firm's zone.
        cron: At<String>,
        /// Whether it writes; without, it only says what it would do.
        apply: At<bool>,
        /// Whether it runs; it does unless said otherwise.
        enabled: At<bool>,
        /// How late one that was missed may still run.
        catch_up: At<Span>,
    }
}

shape! {
    /// One schedule.
    pub struct Schedule {
        /// Whether it runs.
        enabled: At<bool>,
        /// Five-field cron, in the firm's zone.
        cron: At<String>,
        /// How late one that was missed may still run.
        catch_up: At<Span>,
    }
}

shape! {
    /// When a run is held for someone's approval.
    pub struct Guard {
        /// The share of the firm's connected cases that may be moved or closed within 24 hours.
        max_stage_changes: At<Percent>,
        /// A firm with fewer connected cases is never held for its moves.
        from_cases: At<u64>,
        /// The cases that migrations and connects of a list may create within 24 hours.
        max_invitations: At<u64>,
    }
}

shape! {
    /// How hard the vendors are asked.
    pub struct Limits {
        /// Requests in flight for one firm and vendor.
        concurrency: At<u64>,
        /// Requests a second for one firm and vendor.
        requests_per_second: At<f64>,
        /// How often a request is tried before it counts as failed.
        attempts: At<u64>,
        /// How long one try may take.
        timeout: At<Span>,
        /// How many pages a listing or a feed may have.
        max_pages: At<u64>,
    }
}

shape! {
    /// How documents are brought over.
    pub struct Documents {
        /// The largest that is brought over.
        max_size: At<Size>,
    }
}

/// Whether letter case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It does.
    Exact,
    /// It does not.
    IgnoreCase,
}

words!(Match { "exact" => Match::Exact, "ignore_case" => Match::IgnoreCase });

/// What a sync does with a case whose stage nobody mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnmappedStage {
    /// Leaves the stage, syncs the rest, and reports it.
    Keep,
    /// Leaves the whole case and reports it as failed.
    Fail,
}

words!(UnmappedStage { "keep" => UnmappedStage::Keep, "fail" => UnmappedStage::Fail });

/// What happens to a case type that nobody mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnmappedPracticeArea {
    /// The practice area of the same name, if there is one.
    SameName,
    /// The case fails.
    Fail,
}

words!(UnmappedPracticeArea { "same_name" => UnmappedPracticeArea::SameName, "fail" => UnmappedPracticeArea::Fail });

words!(Direction { "from_client" => Direction::FromClient, "from_firm" => Direction::FromFirm });

/// Where a firm's first message pass starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the first message there is.
    Beginning,
    /// With the first that comes after.
    Now,
}

words!(Start { "beginning" => Start::Beginning, "now" => Start::Now });

impl Start {
    /// As rules write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Start::Beginning => "beginning",
            Start::Now => "now",
        }
    }
}

/// What connect asks of the primary attorney.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttorneyRule {
    /// To be an active attorney in Case Status.
    MustExist,
    /// Nothing: the address is sent as it is.
    Optional,
}

words!(AttorneyRule { "must_exist" => AttorneyRule::MustExist, "optional" => AttorneyRule::Optional });

/// Where a validation rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// When a case is connected.
    Connect,
    /// When a case is synced.
    Sync,
}

words!(Occasion { "connect" => Occasion::Connect, "sync" => Occasion::Sync });

words!(Attribute {
    "stage" => Attribute::Stage,
    "status" => Attribute::Status,
    "primary_attorney" => Attribute::PrimaryAttorney,
    "additional_attorneys" => Attribute::AdditionalAttorneys,
    "paralegals" => Attribute::Paralegals,
    "description" => Attribute::Description,
    "practice_area" => Attribute::PracticeArea,
    "case_date" => Attribute::CaseDate,
    "readable_id" => Attribute::ReadableId,
});

/// One name, or a list of them.
#[derive(Debug, Clone)]
pub struct OneOrMore(pub Vec<At<String>>);

impl Decode for OneOrMore {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<OneOrMore> {
        match &node.value {
            Value::List(items) if items.is_empty() => {
                reader.fault(node, "the list is empty", "name at least one");
                None
            }
            Value::List(_) => Vec::decode(node, reader).map(OneOrMore),
            Value::Text(_) => At::decode(node, reader).map(|one| OneOrMore(vec![one])),
            _ => {
                reader.wrong_type(node, "text or a list of texts");
                None
            }
        }
    }
}

impl Layer for OneOrMore {
    fn layer(self, over: OneOrMore) -> OneOrMore {
        over
    }
}

impl JsonSchema for OneOrMore {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OneOrMore".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] })
    }
}

/// A share such as `25%`, kept as the number before the sign, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percent(pub f64);

impl Decode for Percent {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Percent> {
        let help = "write a number from 0 to 100 and %, such as 25%";
        match &node.value {
            Value::Text(text) => {
                let number = text.strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
                let share = number.filter(|number| (0.0..=100.0).contains(number)).map(Percent);
                if share.is_none() {
                    reader.fault(node, format!("`{text}` is no percentage"), help);
                }
                share
            }
            Value::Int(_) | Value::Float(_) => {
                reader.fault(node, "a percentage is wanted here, and this is a number", help);
                None
            }
            _ => {
                reader.wrong_type(node, "a percentage such as 25%");
                None
            }
        }
    }
}

impl JsonSchema for Percent {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? *%$" })
    }
}
