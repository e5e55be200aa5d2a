//! The engine of its own that the settings name, if this casebridge was built with it.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::host::Options;
use crate::jobs::RunService;
use crate::ruleset::RulesRegistry;
use crate::settings::TemporalSettings;
#[cfg(feature = "temporal")]
use crate::temporal::Temporal;

/// Temporal, or nothing.
pub(super) struct EngineElsewhere {
    #[cfg(feature = "temporal")]
    temporal: Option<Temporal>,
}

#[cfg(feature = "temporal")]
impl EngineElsewhere {
    /// What the settings name.
    pub(super) fn of(settings: Option<&TemporalSettings>) -> EngineElsewhere {
        EngineElsewhere { temporal: settings.cloned().map(Temporal::new) }
    }

    /// Has it carry out what may take long.
    pub(super) fn stand_behind(&self, requests: RunService) -> RunService {
        match &self.temporal {
            Some(temporal) => requests.with_dispatcher(Arc::new(temporal.clone())),
            None => requests,
        }
    }

    /// Takes part in it until it is cancelled; ends at once where there is none.
    pub(super) fn take_part(
        &self,
        requests: &RunService,
        registry: &Arc<RulesRegistry>,
        options: &Options,
        cancel: &CancellationToken,
    ) -> JoinHandle<()> {
        let Some(temporal) = self.temporal.clone() else { return tokio::spawn(async {}) };
        let (requests, registry, cancel) = (requests.clone(), Arc::clone(registry), cancel.clone());
        tokio::spawn(temporal.take_part(requests, registry, options.firms_at_once, options.spread, cancel))
    }
}

#[cfg(not(feature = "temporal"))]
impl EngineElsewhere {
    /// Nothing: the settings name none, since that would be a fault.
    pub(super) fn of(_: Option<&TemporalSettings>) -> EngineElsewhere {
        EngineElsewhere {}
    }

    /// The same as before.
    pub(super) fn stand_behind(&self, requests: RunService) -> RunService {
        let _ = self;
        requests
    }

    /// Ends at once.
    pub(super) fn take_part(&self, _: &RunService, _: &Arc<RulesRegistry>, _: &Options, _: &CancellationToken) -> JoinHandle<()> {
        let _ = self;
        tokio::spawn(async {})
    }
}
