//! Raw keys → [`FirmRules`]: everything is checked, every fault is collected, and what comes out is valid by construction.

mod connections;
mod mapping;
mod owner;
mod schedule;
mod validation;

use std::sync::Arc;

use jiff::tz::TimeZone;

pub use owner::{ExistingReferences, ReferenceOwner};

use super::raw::{self, Percent};
use super::{Attributes, Conditions, DocumentRules, FirmRules, Guard, HookScripts, Hooks, Limits, MessageRules, Ruled, Secrets, SyncRules};
use crate::diagnostic::{Diagnostic, Place, Severity, nearest};
use crate::domain::{FirmId, Origin, Revision, VendorHosts};
use crate::yaml::{At, Written};

/// What resolving needs from outside the files.
pub struct ResolveContext<'a> {
    /// Where secrets come from.
    pub secrets: &'a dyn Secrets,
    /// What compiles the firm's own expressions.
    pub conditions: &'a dyn Conditions,
    /// What loads the scripts that `hooks` names.
    pub hooks: &'a dyn HookScripts,
    /// The hosts that a `base_url` may name; `None` for any.
    pub vendor_hosts: Option<&'a VendorHosts>,
    /// Since when the store knows a firm; of two that give one prefix, the newer is at fault.
    pub since: &'a dyn Fn(&FirmId) -> Option<i64>,
}

/// Resolves a firm's merged layers. `None` when `faults` got an error; warnings may come with rules.
pub fn resolve(
    owner: &ReferenceOwner<'_>,
    file: &str,
    raw: raw::RawFirm,
    revision: Revision,
    text: Arc<str>,
    resolve_context: &ResolveContext<'_>,
    faults: &mut Vec<Diagnostic>,
) -> Option<FirmRules> {
    let mut resolver = Resolver { owner, firm_file: file, resolve_context, faults };
    let written = raw.written.clone();
    // Every part is resolved before any missing one ends it, so that all faults are found at once.
    let name = resolver.need(raw.name, "name", written.as_ref()).and_then(|name| resolver.text(&name, "the firm's name"));
    let time_zone = resolver.need(raw.time_zone, "time_zone", written.as_ref()).and_then(|zone| resolver.time_zone(&zone));
    let connections = resolver.connections(raw.connections.unwrap_or_default(), written.as_ref());
    let sync = resolver.sync(raw.sync.unwrap_or_default());
    let stages = resolver.stages(raw.stages.unwrap_or_default());
    let practice_areas = resolver.practice_areas(raw.practice_areas.unwrap_or_default());
    let messages = resolver.messages(raw.messages.unwrap_or_default());
    let validation = resolver.validation(raw.validation.unwrap_or_default());
    let schedule = resolver.schedules(raw.schedule.unwrap_or_default());
    let guard = resolver.guard(raw.guard.unwrap_or_default());
    let limits = resolver.limits(raw.limits.unwrap_or_default());
    let documents = resolver.documents(raw.documents.unwrap_or_default());
    let hooks = raw.hooks.as_ref().and_then(|script| resolver.hooks(script));
    if resolver.faults.iter().any(|fault| fault.severity == Severity::Error) {
        return None;
    }
    Some(FirmRules {
        firm: owner.firm.clone(),
        name: name?.into(),
        revision,
        text,
        time_zone: time_zone?,
        connections: connections?,
        sync: sync?,
        stages: stages?,
        practice_areas: practice_areas?,
        messages: messages?,
        validation: validation?,
        schedule: schedule?,
        guard: guard?,
        limits: limits?,
        documents: documents?,
        hooks,
    })
}

/// The faults so far, and what values are checked against.
struct Resolver<'a> {
    owner: &'a ReferenceOwner<'a>,
    firm_file: &'a str,
    resolve_context: &'a ResolveContext<'a>,
    faults: &'a mut Vec<Diagnostic>,
}

/// The line of a value.
fn origin<T>(at: &At<T>) -> Origin {
    Origin { file: Arc::clone(&at.source.name), line: at.source.line_of(at.span.start) }
}

/// A value with its line.
fn ruled<T: Clone>(at: &At<T>) -> Ruled<T> {
    Ruled { value: at.value.clone(), origin: origin(at) }
}

impl Resolver<'_> {
    /// A value that a firm cannot do without. `near` is the map where it should have stood.
    fn need<T>(&mut self, value: Option<T>, key: &str, near: Option<&Written>) -> Option<T> {
        let last = key.rsplit('.').next().unwrap_or(key);
        if value.is_none() && !near.is_some_and(|near| near.faulty.iter().any(|faulty| faulty == last)) {
            let message = format!("`{key}` is missing");
            let fault = match near {
                Some(near) => near.at.first_line_error(message),
                None => Diagnostic::without_place(format!("{}: {message}", self.firm_file)),
            };
            self.faults.push(fault.help(format!("add `{last}:` (docs/rules.md has every key)")));
        }
        value
    }

    fn error<T>(&mut self, at: &At<T>, message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(at.error(message).help(help));
    }

    /// Text that is not empty.
    fn text(&mut self, at: &At<String>, what: &str) -> Option<String> {
        if at.value.trim().is_empty() {
            self.error(at, format!("{what} is empty"), "write it out, or take the key out");
            return None;
        }
        Some(at.value.clone())
    }

    /// A whole number within `range`.
    fn number(&mut self, at: &At<u64>, what: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        if !range.contains(&at.value) {
            let message = format!("{what} of {} is out of range", at.value);
            self.error(at, message, format!("it goes from {} to {}", range.start(), range.end()));
            return None;
        }
        Some(at.value)
    }

    fn time_zone(&mut self, zone: &At<String>) -> Option<TimeZone> {
        let known = TimeZone::get(&zone.value).ok();
        if known.is_none() {
            let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            let help = match nearest(&zone.value, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write an IANA name such as America/New_York".to_owned(),
            };
            self.error(zone, format!("`{}` is no time zone", zone.value), help);
        }
        known
    }

    fn sync(&mut self, raw: raw::Sync) -> Option<SyncRules> {
        let attributes = self.need(raw.attributes, "sync.attributes", raw.written.as_ref());
        let reopen = self.need(raw.reopen, "sync.reopen", raw.written.as_ref());
        let release_hold = self.need(raw.release_hold, "sync.release_hold", raw.written.as_ref());
        let attributes = attributes?;
        for (index, attribute) in attributes.value.iter().enumerate() {
            if attributes.value[..index].iter().any(|earlier| earlier.value == attribute.value) {
                self.error(attribute, format!("`{}` is listed twice", attribute.value.as_str()), "keep one of them");
            }
        }
        Some(SyncRules {
            attributes_origin: origin(&attributes),
            attributes: Attributes::new(attributes.value.iter().map(ruled)),
            reopen: ruled(&reopen?),
            release_hold: ruled(&release_hold?),
        })
    }

    /// The firm's script.
    fn hooks(&mut self, script: &At<String>) -> Option<Arc<dyn Hooks>> {
        self.resolve_context.hooks.load(&script.value).map_err(|faults| self.script_faults(script, faults)).ok()
    }

    /// A fault of a script that has no place of its own is shown where the script is named.
    fn script_faults(&mut self, script: &At<String>, faults: Vec<Diagnostic>) {
        let placed = faults.into_iter().map(|fault| match fault.place {
            Some(_) => fault,
            None => Diagnostic { place: Some(script.place()), ..fault },
        });
        self.faults.extend(placed);
    }

    fn messages(&mut self, raw: raw::Messages) -> Option<MessageRules> {
        let note_prefix = self.need(raw.note_prefix, "messages.note_prefix", raw.written.as_ref());
        let directions = self.need(raw.directions, "messages.directions", raw.written.as_ref());
        let skip_own = self.need(raw.skip_own, "messages.skip_own", raw.written.as_ref());
        let start = self.need(raw.start, "messages.start", raw.written.as_ref());
        let note_prefix = note_prefix?;
        if note_prefix.value.chars().count() > 1_000 {
            self.error(&note_prefix, "the prefix is longer than 1,000 characters", "a case note has 20,000, and the message needs them");
        }
        Some(MessageRules {
            note_prefix: note_prefix.value.into(),
            directions: directions?,
            skip_own: skip_own?.value,
            start: ruled(&start?),
        })
    }

    fn guard(&mut self, raw: raw::RawGuard) -> Option<Guard> {
        let share = self.need(raw.max_stage_changes, "guard.max_stage_changes", raw.written.as_ref());
        let from_cases = self.need(raw.from_cases, "guard.from_cases", raw.written.as_ref());
        let invitations = self.need(raw.max_invitations, "guard.max_invitations", raw.written.as_ref());
        let (share, invitations) = (share?, invitations?);
        let Percent(value) = share.value;
        Some(Guard {
            max_stage_changes: Ruled { value, origin: origin(&share) },
            from_cases: from_cases?.value,
            max_invitations: Ruled { value: invitations.value, origin: origin(&invitations) },
        })
    }

    fn documents(&mut self, raw: raw::Documents) -> Option<DocumentRules> {
        let size = self.need(raw.max_size, "documents.max_size", raw.written.as_ref())?;
        if !(1_000..=1_000_000_000).contains(&size.value.0) {
            self.error(&size, "this size is out of range", "it goes from 1KB to 1GB");
            return None;
        }
        Some(DocumentRules { max_size: Ruled { value: size.value.0, origin: origin(&size) } })
    }

    fn limits(&mut self, raw: raw::RawLimits) -> Option<Limits> {
        let concurrency = self.need(raw.concurrency, "limits.concurrency", raw.written.as_ref());
        let rate = self.need(raw.requests_per_second, "limits.requests_per_second", raw.written.as_ref());
        let attempts = self.need(raw.attempts, "limits.attempts", raw.written.as_ref());
        let timeout = self.need(raw.timeout, "limits.timeout", raw.written.as_ref());
        let max_pages = self.need(raw.max_pages, "limits.max_pages", raw.written.as_ref());
        let concurrency = concurrency.and_then(|at| self.number(&at, "a concurrency", 1..=256));
        let max_pages = max_pages.and_then(|at| self.number(&at, "a number of pages", 1..=1_000_000));
        let attempts = attempts.and_then(|at| self.number(&at, "a number of attempts", 1..=50));
        let (rate, timeout) = (rate?, timeout?);
        if !(rate.value > 0.0 && rate.value <= 100_000.0) {
            self.error(
                &rate,
                format!("{} requests a second are out of range", rate.value),
                "it goes from above 0 to 100000; 0.5 is one every two seconds",
            );
        }
        if timeout.value.0.is_zero() || timeout.value.0.as_secs() > 600 {
            self.error(&timeout, "this time-out is out of range", "it goes from 1ms to 10m");
        }
        Some(Limits {
            concurrency: usize::try_from(concurrency?).ok()?,
            requests_per_second: rate.value,
            attempts: u32::try_from(attempts?).ok()?,
            timeout: timeout.value.0,
            max_pages: u32::try_from(max_pages?).ok()?,
        })
    }
}

/// The file, line and column of a place in words, for a fault that refers to another line.
fn line_of(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}
