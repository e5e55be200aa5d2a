//! The keys of a firm file, as YAML has them. Everything is optional here; what a firm needs is `resolve`'s question.

mod one_or_more;
mod percent;
mod words;

pub use one_or_more::OneOrMore;
pub use percent::Percent;
pub use words::{AttorneyRule, Match, Occasion, Start, UnmappedPracticeArea, UnmappedStage};

use crate::domain::{Attribute, Direction};
use crate::yaml::{At, Named, Size, Span, shape};

shape! {
    /// A firm's rules (`rules/<firm>.yaml`), or what every firm gets (`rules/_defaults.yaml`).
    pub struct RawFirm {
        /// The firm's name, as people write it.
        name: At<String>,
        /// The zone of its schedules, such as `America/New_York`.
        time_zone: At<String>,
        /// How the two products are reached.
        connections: RawConnections,
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
        schedule: RawSchedules,
        /// When a run is held for someone's approval.
        guard: RawGuard,
        /// How hard the vendors are asked.
        limits: RawLimits,
        /// How documents are brought over.
        documents: Documents,
        /// A Rhai script in the scripts folder that has the last word on this firm's cases.
        hooks: At<String>,
    }
}

shape! {
    /// How the two products are reached.
    pub struct RawConnections {
        /// CASEpeer.
        casepeer: RawConnection,
        /// Case Status.
        case_status: RawConnection,
    }
}

shape! {
    /// How one product is reached.
    pub struct RawConnection {
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
        phone: RawPhone,
        /// Fields that must not be empty.
        required: Vec<At<String>>,
        /// The firm's own rules.
        rules: Vec<RawValidationRule>,
    }
}

shape! {
    /// The client's cell phone.
    pub struct RawPhone {
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
    pub struct RawValidationRule {
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
    pub struct RawSchedules {
        /// Makes every case match.
        nightly_sync: RawSchedule,
        /// Brings stage changes within minutes.
        stage_sync: RawSchedule,
        /// Messages to notes, outbox to messages.
        message_sync: RawSchedule,
        /// Documents to the case's document section.
        document_sync: RawSchedule,
        /// Scripts that run by themselves.
        scripts: Vec<RawScriptSchedule>,
    }
}

shape! {
    /// A script that runs by itself.
    pub struct RawScriptSchedule {
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
    pub struct RawSchedule {
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
    pub struct RawGuard {
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
    pub struct RawLimits {
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
