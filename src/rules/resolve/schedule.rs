//! Schedules: cron that comes, in five fields.

use std::collections::BTreeSet;

use super::Resolver;
use crate::rules::{Cron, Schedule, Schedules, ScriptSchedule, raw};
use crate::yaml::{At, Written};

impl Resolver<'_> {
    pub(super) fn schedules(&mut self, raw: raw::RawSchedules) -> Option<Schedules> {
        let written = raw.written;
        let nightly_sync = self.schedule(raw.nightly_sync, "schedule.nightly_sync", written.as_ref());
        let stage_sync = self.schedule(raw.stage_sync, "schedule.stage_sync", written.as_ref());
        let message_sync = self.schedule(raw.message_sync, "schedule.message_sync", written.as_ref());
        let document_sync = self.schedule(raw.document_sync, "schedule.document_sync", written.as_ref());
        let mut before = BTreeSet::new();
        let scripts = raw.scripts.unwrap_or_default().into_iter();
        let scripts: Vec<Option<ScriptSchedule>> = scripts.map(|script| self.script(script, &mut before)).collect();
        Some(Schedules {
            nightly_sync: nightly_sync?,
            stage_sync: stage_sync?,
            message_sync: message_sync?,
            document_sync: document_sync?,
            scripts: scripts.into_iter().collect::<Option<_>>()?,
        })
    }

    fn script(&mut self, raw: raw::RawScriptSchedule, before: &mut BTreeSet<String>) -> Option<ScriptSchedule> {
        let script = self.need(raw.script, "schedule.scripts.script", raw.written.as_ref());
        if let Some(script) = &script
            && !before.insert(script.value.clone())
        {
            self.error(
                script,
                format!("`{}` has a schedule already", script.value),
                "one schedule a script; a cron expression can name several times, such as 0 6,18 * * *",
            );
            return None;
        }
        let script = script.and_then(|script| {
            let checked = self.resolve_context.hooks.check_migration(&script.value);
            checked.map_err(|faults| self.script_faults(&script, faults)).ok().map(|files| (script.value, files))
        });
        let cron = self.need(raw.cron, "schedule.scripts.cron", raw.written.as_ref()).and_then(|cron| self.cron(&cron));
        let schedule =
            Schedule { enabled: raw.enabled.is_none_or(|at| at.value), cron: cron?, catch_up: raw.catch_up.map(|span| span.value.0) };
        let (script, files) = script?;
        Some(ScriptSchedule { script: script.into(), files, apply: raw.apply.is_some_and(|at| at.value), schedule })
    }

    fn schedule(&mut self, raw: Option<raw::RawSchedule>, key: &str, near: Option<&Written>) -> Option<Schedule> {
        let raw = self.need(raw, key, near)?;
        let enabled = self.need(raw.enabled, &format!("{key}.enabled"), raw.written.as_ref());
        let cron = self.need(raw.cron, &format!("{key}.cron"), raw.written.as_ref())?;
        let cron = self.cron(&cron)?;
        Some(Schedule { enabled: enabled?.value, cron, catch_up: raw.catch_up.map(|span| span.value.0) })
    }

    fn cron(&mut self, at: &At<String>) -> Option<Cron> {
        Cron::parse(&at.value).map_err(|fault| self.error(at, fault.message, fault.help)).ok()
    }
}
