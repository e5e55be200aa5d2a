//! Schedules: cron that comes, in five fields.

use super::Resolver;
use crate::rules::raw;
use crate::rules::{Cron, Schedule, Schedules};
use crate::yaml::Written;

impl Resolver<'_> {
    pub(super) fn schedules(&mut self, raw: raw::Schedules) -> Option<Schedules> {
        let written = raw.written;
        let nightly_sync = self.schedule(raw.nightly_sync, "schedule.nightly_sync", written.as_ref());
        let stage_sync = self.schedule(raw.stage_sync, "schedule.stage_sync", written.as_ref());
        let message_sync = self.schedule(raw.message_sync, "schedule.message_sync", written.as_ref());
        let document_sync = self.schedule(raw.document_sync, "schedule.document_sync", written.as_ref());
        Some(Schedules { nightly_sync: nightly_sync?, stage_sync: stage_sync?, message_sync: message_sync?, document_sync: document_sync? })
    }

    fn schedule(&mut self, raw: Option<raw::Schedule>, key: &str, near: Option<&Written>) -> Option<Schedule> {
        let raw = self.need(raw, key, near)?;
        let enabled = self.need(raw.enabled, &format!("{key}.enabled"), raw.written.as_ref());
        let cron = self.need(raw.cron, &format!("{key}.cron"), raw.written.as_ref())?;
        match Cron::parse(&cron.value) {
            Ok(cron) => Some(Schedule { enabled: enabled?.value, cron, catch_up: raw.catch_up.map(|span| span.value.0) }),
            Err(fault) => {
                self.error(&cron, fault.message, fault.help);
                None
            }
        }
    }
}
