//! What every command has: the settings, how to answer, and the way to the host's rules and store.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Refusal;
use crate::diagnostic::{Diagnostic, render_all};
use crate::domain::{Action, Actor, AuditEntry, FirmId, Requester, RunStatus, StoreAddress};
use crate::host::StoredRules;
use crate::mail::{Mailer, Security, Server};
use crate::rules::{FirmRules, ResolveContext, Secrets};
use crate::ruleset::{
    Before, Generation, MachineSecrets, NoSecrets, RulesFolder, RulesSources, SealedSecrets, SetError, SetOutcome, build, build_against,
    reject_same_keys, same_key_faults, set,
};
use crate::runs::{Host, RunError, SharedLimits, VendorPool};
use crate::scripting::{RhaiConditions, RhaiHooks, ScriptFolder, ScriptLimits};
use crate::secrets::{KeySource, LazyVault, Vault};
use crate::settings::{RulesSource, Settings, Smtp};
use crate::store::{FirmStatus, Store};
use crate::yaml::KeyPath;

/// What every command has.
#[derive(Debug, Clone)]
pub struct Context {
    /// The host's settings.
    pub settings: Settings,
    /// Whether to answer with one JSON value.
    pub json: bool,
    /// Whether standard error shows colours.
    pub color: bool,
    /// Cancelled by Ctrl-C and SIGTERM.
    pub cancel: CancellationToken,
    /// The rules of the store, once they were asked for; `None` where rules are kept in folders.
    pub stored_rules: Option<StoredRules>,
}

/// How the process ends; the numbers are relied on by scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All well, unchanged and skipped rows included.
    Success = 0,
    /// Something failed or was refused.
    Failed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Held for approval.
    Held = 3,
    /// Cancelled.
    Cancelled = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl From<RunStatus> for Exit {
    fn from(status: RunStatus) -> Exit {
        match status {
            RunStatus::Succeeded | RunStatus::Running | RunStatus::Queued => Exit::Success,
            RunStatus::Partial | RunStatus::Failed | RunStatus::Interrupted => Exit::Failed,
            RunStatus::Held => Exit::Held,
            RunStatus::Cancelled => Exit::Cancelled,
        }
    }
}

impl Context {
    /// The same with the rules of the store, where they are kept there.
    pub async fn with_rules(&self) -> Result<Context, Refusal> {
        let mut context = self.clone();
        if context.stored_rules.is_none() && context.settings.rules_source == RulesSource::Store {
            let store = Store::open(&self.settings.data_dir, &self.settings.database).await?;
            context.stored_rules = Some(StoredRules::open(store).await?);
        }
        Ok(context)
    }

    /// The folder that rules are read from.
    pub fn rules_folder(&self) -> RulesFolder {
        self.stored_rules.as_ref().map_or_else(|| RulesFolder::on_disk(&self.settings.rules_dir), StoredRules::rules)
    }

    /// Every firm's rules, as the files have them now.
    pub fn generation(&self) -> Generation {
        self.generation_of(&self.secrets())
    }

    /// The same with these secrets, by which firms are told apart.
    fn generation_of(&self, secrets: &MachineSecrets) -> Generation {
        let mut generation = self.generation_with(secrets);
        reject_same_keys(&mut generation.firms, |firm| secrets.since(firm));
        generation
    }

    /// The firms whose key at a vendor an older firm has, with what is wrong; as far as this machine has the keys.
    pub fn same_key_faults(&self) -> BTreeMap<FirmId, Vec<Diagnostic>> {
        let secrets = self.secrets();
        same_key_faults(&self.generation_with(&secrets).firms, |firm| secrets.since(firm))
    }

    /// The same as an edit of what was there before. Secrets that this machine lacks keep nothing from being used.
    pub fn generation_against(&self, before: Before) -> Generation {
        let secrets = NoSecrets { machine: Some(self.secrets()), ..self.no_secrets() };
        self.with_resolve_context(&secrets, |resolve_context| build_against(&self.rules_folder(), before, resolve_context))
    }

    /// The same without any secret: for looking at rules where no vendor is asked.
    pub fn generation_without_secrets(&self) -> Generation {
        self.with_resolve_context(&self.no_secrets(), |resolve_context| {
            build(&self.rules_folder(), &ResolveContext { vendor_hosts: None, ..*resolve_context })
        })
    }

    fn no_secrets(&self) -> NoSecrets {
        NoSecrets { machine: None, policy: Arc::clone(&self.settings.references) }
    }

    fn generation_with(&self, secrets: &dyn Secrets) -> Generation {
        self.with_resolve_context(secrets, |resolve_context| build(&self.rules_folder(), resolve_context))
    }

    /// Sets keys of a firm's file.
    pub fn set(&self, firm: &str, changes: &[(KeyPath, String)]) -> Result<SetOutcome, SetError> {
        let sources = self.rules_sources();
        self.with_resolve_context(&sources.secrets, |resolve_context| set(&sources, firm, changes, resolve_context))
    }

    /// Where rules come from.
    pub fn rules_sources(&self) -> RulesSources {
        RulesSources {
            rules: self.rules_folder(),
            scripts: self.scripts(),
            secrets: self.secrets(),
            limits: self.script_limits(),
            vendor_hosts: self.settings.vendor_hosts.clone(),
        }
    }

    /// Where the key is that seals secrets in the store.
    pub fn key_source(&self) -> KeySource {
        let machine = self.machine_secrets(None);
        KeySource { reference: self.settings.seal_key.clone(), machine }
    }

    /// What references in rules stand for. The store is opened once one of them is to a secret that is sealed there.
    fn secrets(&self) -> MachineSecrets {
        let sealed = LazyVault::new(self.settings.data_dir.clone(), self.settings.database.clone(), self.key_source());
        self.machine_secrets(Some(Arc::new(sealed)))
    }

    /// What references stand for on this machine.
    pub fn machine_secrets(&self, sealed: Option<Arc<dyn SealedSecrets>>) -> MachineSecrets {
        MachineSecrets { sealed, policy: Arc::clone(&self.settings.references), for_any_destination: false }
    }

    /// What resolving rules needs from outside the files.
    fn with_resolve_context<T>(&self, secrets: &dyn Secrets, then: impl FnOnce(&ResolveContext<'_>) -> T) -> T {
        let conditions = RhaiConditions::default();
        let vendor_hosts = Some(&self.settings.vendor_hosts);
        let hooks = RhaiHooks { folder: self.scripts(), limits: self.script_limits() };
        let known = self.secrets();
        let since = |firm: &FirmId| known.since(firm);
        then(&ResolveContext { secrets, conditions: &conditions, hooks: &hooks, vendor_hosts, since: &since })
    }

    /// The scripts folder.
    pub fn scripts(&self) -> ScriptFolder {
        self.stored_rules.as_ref().map_or_else(|| ScriptFolder::new(&self.settings.scripts_dir), StoredRules::scripts)
    }

    /// What scripts may use up.
    pub fn script_limits(&self) -> ScriptLimits {
        let (set, usual) = (&self.settings.scripts, ScriptLimits::default());
        ScriptLimits {
            operations: set.operations.unwrap_or(usual.operations),
            deadline: set.deadline.unwrap_or(usual.deadline),
            hook_deadline: set.hook_deadline.unwrap_or(usual.hook_deadline),
            memory: set.memory.unwrap_or(usual.memory),
            depth: set.depth.unwrap_or(usual.depth),
            string_size: set.string_size.unwrap_or(usual.string_size),
            array_size: set.array_size.unwrap_or(usual.array_size),
            map_size: set.map_size.unwrap_or(usual.map_size),
            variables: set.variables.unwrap_or(usual.variables),
            modules: set.modules.unwrap_or(usual.modules),
        }
    }

    /// The store, if there is one: a command that only reads makes none.
    pub async fn existing_store(&self) -> Result<Option<Store>, Refusal> {
        if let Some(stored) = &self.stored_rules {
            return Ok(Some(stored.store().clone()));
        }
        if matches!(&self.settings.database, StoreAddress::Sqlite(file) if !file.exists()) {
            return Ok(None);
        }
        Ok(Some(Store::open(&self.settings.data_dir, &self.settings.database).await?))
    }

    /// Where firms stand; nothing where there is no store yet.
    pub async fn firm_statuses(&self, firms: &[&FirmId]) -> Result<BTreeMap<FirmId, FirmStatus>, Refusal> {
        match self.existing_store().await? {
            Some(store) => Ok(store.firm_statuses(firms).await?),
            None => Ok(BTreeMap::new()),
        }
    }

    /// One firm's rules. Warnings go to standard error.
    pub fn rules_to_look_at(&self, firm: &str) -> Result<Arc<FirmRules>, Refusal> {
        self.rules_of(firm, &self.generation())
    }

    /// One firm's rules, for asking its vendors. A key that is used for the first time goes nowhere else from now on.
    pub async fn rules(&self, firm: &str) -> Result<Arc<FirmRules>, Refusal> {
        let secrets = self.secrets();
        let rules = self.rules_of(firm, &self.generation_of(&secrets))?;
        let unbound: Vec<_> = rules.connections.uses().filter(|(reference, _)| secrets.destination(reference).is_none()).collect();
        if unbound.is_empty() {
            return Ok(rules);
        }
        let vault = Vault::open(self.store().await?, self.key_source()).await?;
        vault.bind(unbound).await?;
        let elsewhere = rules.connections.destinations().find(|(reference, to)| vault.destination(reference).as_ref() != Some(to));
        match elsewhere {
            None => Ok(rules),
            Some((reference, _)) => {
                Err(Refusal::failed(format!("the key of {reference} has just been used for another address; run the command again")))
            }
        }
    }

    /// One firm's rules, wherever they would send keys.
    pub fn rules_for_any_destination(&self, firm: &str) -> Result<Arc<FirmRules>, Refusal> {
        self.rules_of(firm, &self.generation_with(&MachineSecrets { for_any_destination: true, ..self.secrets() }))
    }

    fn rules_of(&self, firm: &str, generation: &Generation) -> Result<Arc<FirmRules>, Refusal> {
        let id = known_firm(generation, firm)?;
        let firm = &generation.firms[&id];
        match &firm.rules {
            Some(rules) => {
                if !firm.diagnostics.is_empty() {
                    eprintln!("{}", render_all(&firm.diagnostics, self.color));
                }
                Ok(Arc::clone(rules))
            }
            None => Err(generation.common.iter().chain(&firm.diagnostics).cloned().collect::<Vec<_>>().into()),
        }
    }

    /// The store.
    pub async fn store(&self) -> Result<Store, Refusal> {
        Ok(match &self.stored_rules {
            Some(stored) => stored.store().clone(),
            None => Store::open(&self.settings.data_dir, &self.settings.database).await?,
        })
    }

    /// The store and where reports go.
    pub async fn host(&self) -> Result<Host, Refusal> {
        let store = self.store().await?;
        let vendor_pool = VendorPool::of_a_command(&self.settings.vendor_hosts, SharedLimits::of_store(&store)).map_err(RunError::from)?;
        Ok(Host::new(store, &self.settings.data_dir, vendor_pool))
    }

    /// The ways to vendors for a command that keeps nothing. A store is opened for it only where the limits are shared there.
    pub async fn vendor_pool(&self) -> Result<VendorPool, Refusal> {
        let shared = match (&self.stored_rules, &self.settings.database) {
            (Some(stored), _) => SharedLimits::of_store(stored.store()),
            (None, StoreAddress::Sqlite(_)) => None,
            (None, shared @ StoreAddress::Postgres { .. }) => SharedLimits::of_store(&Store::open(&self.settings.data_dir, shared).await?),
        };
        Ok(VendorPool::of_a_command(&self.settings.vendor_hosts, shared).map_err(RunError::from)?)
    }

    /// Writes into the audit log that whoever uses this command line does something; `about` says to what.
    pub async fn note(&self, store: &Store, action: Action, about: impl FnOnce(AuditEntry) -> AuditEntry) -> Result<(), Refusal> {
        Ok(store.put_audit(&about(self.requester().does(action))).await?)
    }

    /// Whoever uses this command line.
    pub fn requester(&self) -> Requester {
        let known = ["SUDO_USER", "LOGNAME", "USER"].into_iter().find_map(|name| std::env::var(name).ok());
        let who = Actor::CommandLine(known.filter(|name| !name.is_empty()).unwrap_or_else(|| "somebody".to_owned()));
        Requester { who, request: None }
    }

    /// What sends mail.
    pub fn mailer(&self) -> Result<Mailer, Refusal> {
        let mail = &self.settings.mail;
        let server = mail.smtp.clone().map(|Smtp { host, port, tls_from_start, login }| {
            let security = if tls_from_start { Security::Tls } else { Security::of(&host) };
            Server { host, port, security, login, ca_file: mail.ca_file.clone() }
        });
        let mailer = Mailer::new(mail.from.clone(), server, self.settings.data_dir.join("mail"), mail.timeout);
        mailer.map_err(|error| Refusal::usage(error.to_string(), "see `mail` in the settings"))
    }
}

/// The firm of this name.
pub(super) fn known_firm(generation: &Generation, name: &str) -> Result<FirmId, Refusal> {
    if let Some(id) = FirmId::new(name).filter(|id| generation.firms.contains_key(id)) {
        return Ok(id);
    }
    if generation.firms.is_empty() && !generation.common.is_empty() {
        return Err(generation.common.clone().into());
    }
    let help = match generation.nearest(name) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`casebridge firm list` shows them".to_owned(),
    };
    Err(Refusal::usage(format!("there is no firm `{name}`"), help))
}
