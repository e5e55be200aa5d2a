//! `casebridge sandbox`: both vendors on loopback, for commands of one's own.

use std::net::{Ipv4Addr, SocketAddr};

use super::arguments::SandboxOptions;
use super::{Context, Exit, Refusal};
use crate::sandbox::{Config, Faults, Sandbox, data};

pub(super) async fn sandbox(context: &Context, options: SandboxOptions) -> Result<Exit, Refusal> {
    let faults = match &options.faults {
        Some(text) => {
            Faults::parse(text).map_err(|problem| Refusal::usage(problem, "for instance --faults 429=10%,500=8%,latency=20ms"))?
        }
        None => Faults::none(),
    };
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let firms = vec![data::hartwell(), data::okafor()];
    let keys: String = firms
        .iter()
        .map(|firm| {
            let name = firm.name.to_uppercase();
            format!("export {name}_CASEPEER_KEY={}\nexport {name}_CASE_STATUS_KEY={}\n", firm.casepeer_key, firm.case_status_key)
        })
        .collect();
    let config = Config { casepeer: at(options.casepeer_port), case_status: at(options.case_status_port), firms, faults };
    let sandbox = Sandbox::start(config).await.map_err(|error| {
        let help = "another sandbox may be running; --casepeer-port and --case-status-port choose other ports";
        Refusal::usage(format!("the sandbox cannot listen: {}", error.kind()), help)
    })?;
    println!("# CASEpeer is {}, Case Status is {}.", sandbox.casepeer_url(), sandbox.case_status_url());
    println!("# In another terminal, for the firms hartwell and okafor:\n{keys}casebridge plan hartwell\n");
    println!("# What was asked: curl {}/sandbox/journal", sandbox.case_status_url());
    println!("# Faults: curl -X PUT -d '429=10%,500=8%,latency=20ms' {}/sandbox/faults", sandbox.case_status_url());
    context.cancel.cancelled().await;
    sandbox.stop();
    Ok(Exit::Well)
}
