//! `casebridge serve`: the always-on host.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::engine_elsewhere::EngineElsewhere;
use super::{Context, Exit, Refusal};
use crate::domain::FirmId;
use crate::host::{EditLog, Options, RulesReloader, Serving};
use crate::jobs::{Bell, Executor, Heartbeat, RunService};
use crate::metrics::Metrics;
use crate::notifications::Notifier;
use crate::ruleset::{RulesLag, RulesRegistry, RulesSources, hosts_of};
use crate::runs::{Host, RunError, SharedLimits, VendorPool};
use crate::secrets::Vault;
use crate::store::Store;
use crate::web::{self, AppState};

/// So long apart firms start where the settings leave it to the host.
const APART: Duration = Duration::from_millis(200);

/// At most so long.
const FARTHEST: Duration = Duration::from_mins(30);

/// Where several instances keep Temporal's schedules, over how long the firms start: the same for each, however many firms it knows.
const OVER: Duration = Duration::from_mins(10);

/// So long after it is told to stop, an instance begins to let go of the store, whatever slices of an engine of its own still do.
const REST: Duration = Duration::from_secs(8);

/// So long letting go of the store may take: the whole stop takes ten seconds at most.
const LETTING_GO: Duration = Duration::from_millis(900);

/// So many open files are enough: 512 connections to it, as many to vendors, the store and reports.
const ENOUGH_FILES: u64 = 2_048;

/// How far apart so many firms start that share a time.
pub(super) fn spread(context: &Context, firms: usize) -> Duration {
    context.settings.jobs.spread.unwrap_or_else(|| match context.settings.temporal {
        Some(_) => OVER,
        None => (APART * u32::try_from(firms).unwrap_or(u32::MAX)).min(FARTHEST),
    })
}

/// The last good rules of every firm, and what is known of their secrets and hosts.
async fn known(context: &Context, store: &Store) -> Result<(BTreeMap<FirmId, BTreeMap<String, String>>, Vault), Refusal> {
    let good = store.good_rules().await?;
    let known = hosts_of(&good);
    let hosts = &context.settings.vendor_hosts;
    let of_firms: Vec<&str> = known.iter().filter(|host| hosts.is_default() && !hosts.allow(host)).map(String::as_str).collect();
    tracing::info!(%hosts, of_firms = of_firms.join(", "), "keys are sent to these hosts only");
    let vault = Vault::open(store.clone(), context.key_source()).await?.with_hosts(known);
    Ok((good, vault))
}

pub(super) async fn serve(context: &Context) -> Result<Exit, Refusal> {
    let host = context.host().await?;
    let host = Host {
        vendor_pool: VendorPool::with_cache(&context.settings.vendor_hosts, SharedLimits::of_store(&host.store)).map_err(RunError::from)?,
        ..host
    };
    let Some(_only) = host.store.locks.serve()? else {
        let folder = context.settings.data_dir.display();
        return Err(Refusal::usage(
            format!("another casebridge serves from {folder}"),
            "one data folder has one serve; commands work beside it",
        ));
    };
    let (good, vault) = known(context, &host.store).await?;
    let secrets = context.machine_secrets(Some(Arc::new(vault.clone())));
    let sources = RulesSources { secrets, ..context.rules_sources() };
    let listen = context.settings.listen;
    if let Some(files) = web::raise_open_files().filter(|files| *files < ENOUGH_FILES) {
        tracing::warn!(
            files,
            "this process may have few files open at once; raise its limit (LimitNOFILE in systemd, `ulimit -Hn` in a shell)"
        );
    }
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        Refusal::usage(format!("{listen} cannot be listened on: {}", error.kind()), "set `listen` in casebridge.yaml, or CASEBRIDGE_LISTEN")
    })?;
    let started = tokio::task::spawn_blocking(move || RulesRegistry::start(sources, &good)).await;
    let (registry, edits) = started.map_err(|_| Refusal::failed("the rules could not be read"))?;
    let (registry, metrics) = (Arc::new(registry), Arc::new(Metrics::default()));
    let told_until = CancellationToken::new();
    let notices = Notifier::new(host.store.clone(), context.mailer()?, context.settings.mail.notices.clone(), told_until.clone());
    let reloader = RulesReloader {
        registry: Arc::clone(&registry),
        stored_rules: context.stored_rules.clone(),
        rules_lag: Arc::new(RulesLag::default()),
        store: host.store.clone(),
        vault,
        receipts: EditLog::begin(Arc::clone(&registry), host.store.clone(), Arc::clone(&metrics), notices.clone()),
        metrics: Arc::clone(&metrics),
    };
    reloader.bind_keys().await?;
    reloader.receipts.of(edits).await;
    let executor = Arc::new(Executor::new(host.clone(), Arc::clone(&registry), notices, context.mailer()?, Arc::clone(&metrics)));
    let bell = Bell::default();
    let requests = RunService::new(Arc::clone(&executor), bell.clone(), context.settings.jobs.at_once);
    let engine = EngineElsewhere::of(context.settings.temporal.as_ref());
    let requests = engine.stand_behind(requests);
    let firms = registry.current().firms.len();
    compare_firms(context, &host, &executor.notices, firms).await?;
    if context.stored_rules.as_ref().is_some_and(|stored| stored.change() == 0) {
        eprintln!("the store has no rules yet: bring them there with `casebridge rules push`, or add a firm in the console");
    }
    let heartbeat =
        Heartbeat::new(host.store.clone(), Arc::clone(&registry)).map_err(|_| Refusal::failed("this machine has no randomness"))?;
    let jobs = &context.settings.jobs;
    let options = Options {
        firms_at_once: jobs.at_once,
        spread: spread(context, firms),
        retention: context.settings.retention,
        data_dir: context.settings.data_dir.clone(),
        starts_schedules: context.settings.temporal.is_none(),
    };
    let taking_part = engine.take_part(&requests, &registry, &options, &context.cancel);
    let address = listener.local_addr().map_or_else(|_| listen.to_string(), |address| address.to_string());
    eprintln!("serving {firms} firm{}; listening on http://{address}", if firms == 1 { "" } else { "s" });
    let answering_until = CancellationToken::new();
    let served = AppState {
        // Whoever asks over HTTP is told soon that the store is away.
        host: Host { store: host.store.without_wait(), ..host.clone() },
        registry,
        metrics,
        reloader: reloader.clone(),
        requests: requests.clone(),
        bell: bell.clone(),
        spread: options.spread,
        instance: heartbeat.id().into(),
        trusted_proxies: context.settings.trusted_proxies.clone(),
        stopping: context.cancel.clone(),
    };
    let answering = tokio::spawn(web::serve(listener, served, answering_until.clone()));
    let store = host.store.clone();
    let resting = async {
        context.cancel.cancelled().await;
        // What does not rest in time is taken up by another instance.
        let _ = tokio::time::timeout(REST, taking_part).await;
    };
    tokio::join!(Serving { executor, reloader, requests, bell, heartbeat, options }.serve(context.cancel.clone()), resting);
    answering_until.cancel();
    told_until.cancel();
    let _ = tokio::time::timeout(Duration::from_millis(500), answering).await;
    if tokio::time::timeout(LETTING_GO, store.close()).await.is_err() {
        tracing::warn!("store does not answer: the leases of this instance expire by themselves");
    }
    Ok(Exit::Success)
}

/// Says where the store and the rules know other firms than each other: perhaps one of them is another than before.
async fn compare_firms(context: &Context, host: &Host, notices: &Notifier, firms: usize) -> Result<(), Refusal> {
    let store = &host.store;
    let is_known = if firms == 0 { store.expects_firms().await? } else { store.knows_firms().await? };
    match (firms, is_known) {
        (0, true) => tracing::error!(
            folder = %context.rules_folder().path().display(),
            "the store knows firms, and the rules folder has no file of any: nothing runs. Perhaps it is a share that is not mounted"
        ),
        (1.., false) => {
            tracing::warn!(
                firms,
                "the store knows none of the firms, and nothing runs for them by itself. If this is another store than before, put the old \
                 `database_url` back; else `casebridge firm enable FIRM`, or `--all`"
            );
            notices.no_firm_known(firms).await;
        }
        _ => {}
    }
    Ok(())
}
