//! `casebridge sandbox`: both vendors on loopback, for commands of one's own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use serde_json::json;

use super::arguments::SandboxOptions;
use super::{Context, Exit, Refusal, output};
use crate::sandbox::{Config, Faults, Sandbox, data, webhook_secret};

pub(super) async fn sandbox(context: &Context, options: SandboxOptions) -> Result<Exit, Refusal> {
    let faults = match &options.faults {
        Some(text) => {
            Faults::parse(text).map_err(|problem| Refusal::usage(problem, "for instance --faults 429=10%,500=8%,latency=20ms"))?
        }
        None => Faults::none(),
    };
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let firms = vec![data::hartwell(), data::okafor()];
    let keys: BTreeMap<String, String> = firms
        .iter()
        .flat_map(|firm| {
            let name = firm.name.to_uppercase();
            [
                (format!("{name}_CASEPEER_KEY"), firm.casepeer_key.clone()),
                (format!("{name}_CASE_STATUS_KEY"), firm.case_status_key.clone()),
                (format!("{name}_WEBHOOK_SECRET"), webhook_secret(&firm.name)),
            ]
        })
        .collect();
    let config = Config { casepeer: at(options.casepeer_port), case_status: at(options.case_status_port), firms, faults };
    let sandbox = Sandbox::start(config).await.map_err(|error| {
        let help = "another sandbox may be running; --casepeer-port and --case-status-port choose other ports";
        Refusal::usage(format!("the sandbox cannot listen: {}", error.kind()), help)
    })?;
    if let Some(url) = &options.hooks {
        sandbox.send_webhooks_to(url).map_err(|problem| Refusal::usage(problem, "for instance --hooks http://127.0.0.1:8080"))?;
    }
    let (casepeer, case_status) = (sandbox.casepeer_url(), sandbox.case_status_url());
    if context.json {
        output::json(&json!({ "casepeer": casepeer, "case_status": case_status, "keys": keys }));
    } else {
        let exports: String = keys.iter().map(|(name, key)| format!("export {name}={key}\n")).collect();
        let webhooks =
            options.hooks.as_ref().map_or_else(|| " (--hooks sends webhooks of it)".to_owned(), |url| format!(" (webhooks go to {url})"));
        output::line(format_args!(
            "# CASEpeer is {casepeer}, Case Status is {case_status}.
# In another terminal, for the firms hartwell and okafor:
{exports}casebridge plan hartwell

# What was asked: curl {case_status}/sandbox/journal
# Faults: curl -X PUT -d '429=10%,500=8%,latency=20ms' {case_status}/sandbox/faults
# What people do in CASEpeer{webhooks}:
#   curl -d '{{\"stage\":\"Negotiation\"}}' {casepeer}/sandbox/hartwell/cases/48202/stage
#   curl -X POST {casepeer}/sandbox/hartwell/cases/48202/close
#   curl -d '{{\"requested_by\":\"you@hartwell.example\"}}' {casepeer}/sandbox/hartwell/cases/48221/connect
#   curl -d '{{\"case_id\":48202,\"author_email\":\"you@hartwell.example\",\"body\":\"Hello\"}}' {casepeer}/sandbox/hartwell/outbox"
        ));
    }
    context.cancel.cancelled().await;
    sandbox.stop();
    Ok(Exit::Success)
}
