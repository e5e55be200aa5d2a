//! The ways from firms to their vendors, as long as the host runs: one limiter and one circuit a firm and lane, whatever runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{SharedLimits, VendorClients};
use crate::domain::named;
use crate::domain::{FirmId, Kind, VendorHosts};
use crate::rules::{FirmRules, JobKind};
use crate::vendors::Clients;

/// The ways to vendors.
#[derive(Debug, Clone)]
pub struct VendorPool {
    clients: Clients,
    /// With several instances over one store the rates are kept there.
    shared: Option<Arc<SharedLimits>>,
    cache: Option<ClientCache>,
}

/// A firm's ways, by lane, and the rules that they were made for.
type ClientCache = Arc<Mutex<HashMap<(FirmId, Lane), (Arc<FirmRules>, VendorClients)>>>;

named! {
    /// What shares a part of a firm's limits, so that bulk work never keeps messages waiting.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Lane {
        /// Syncs, documents, migrations: three quarters.
        Bulk => "bulk",
        /// Messages both ways: a quarter.
        Messages => "messages",
    }
}

impl Lane {
    /// The lane of a kind of run.
    pub fn of(kind: Kind) -> Lane {
        if matches!(kind, Kind::Messages | Kind::Outbox) { Lane::Messages } else { Lane::Bulk }
    }

    /// The lane of what a schedule starts.
    pub fn of_job(kind: &JobKind) -> Lane {
        if *kind == JobKind::MessageSync { Lane::Messages } else { Lane::Bulk }
    }

    fn share(self) -> f64 {
        match self {
            Lane::Bulk => 0.75,
            Lane::Messages => 0.25,
        }
    }
}

impl VendorPool {
    /// For one command. It has all of a firm's limits to itself, or its lane's part of those that are shared.
    pub fn of_a_command(hosts: &VendorHosts, shared: Option<Arc<SharedLimits>>) -> Result<VendorPool, reqwest::Error> {
        Ok(VendorPool { clients: Clients::new(hosts.clone())?, shared, cache: None })
    }

    /// For a host that goes on: what runs side by side shares limits, by lanes.
    pub fn with_cache(hosts: &VendorHosts, shared: Option<Arc<SharedLimits>>) -> Result<VendorPool, reqwest::Error> {
        Ok(VendorPool { clients: Clients::new(hosts.clone())?, shared, cache: Some(Arc::default()) })
    }

    /// The way for a run of this kind, under these rules.
    pub fn clients(&self, rules: &Arc<FirmRules>, kind: Kind) -> VendorClients {
        let lane = Lane::of(kind);
        let Some(cache) = &self.cache else { return self.clients_of_a_command(rules, lane) };
        let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (rules.firm.clone(), lane);
        match cache.get(&key) {
            // Limits are part of the revision, and keys may be in files of their own.
            Some((made_for, clients)) if made_for.revision == rules.revision && made_for.connections.are_the_same(&rules.connections) => {
                clients.unproved()
            }
            _ => {
                let clients = self.clients_on(rules, lane);
                cache.insert(key, (Arc::clone(rules), clients.unproved()));
                clients
            }
        }
    }

    fn clients_of_a_command(&self, rules: &FirmRules, lane: Lane) -> VendorClients {
        match &self.shared {
            Some(_) => self.clients_on(rules, lane),
            None => VendorClients::new(rules, &self.clients, 1.0, |_| None),
        }
    }

    fn clients_on(&self, rules: &FirmRules, lane: Lane) -> VendorClients {
        let slots = |vendor| self.shared.as_ref().map(|shared| shared.slots(&rules.firm, vendor, lane));
        VendorClients::new(rules, &self.clients, lane.share(), slots)
    }

    /// The firms whose vendors are being left alone, each with the vendor's name.
    pub fn left_alone(&self) -> Vec<(FirmId, String)> {
        let Some(cache) = &self.cache else { return Vec::new() };
        let cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<(FirmId, String)> = Vec::new();
        for ((firm, _), (_, clients)) in cache.iter() {
            for http in [clients.casepeer.http(), clients.case_status.http()] {
                let entry = (firm.clone(), http.vendor().to_string());
                if http.left_alone_until().is_some() && !found.contains(&entry) {
                    found.push(entry);
                }
            }
        }
        found.sort();
        found
    }
}
