//! Composition: arguments, logs, settings, signals, the command, and an orderly end.

use std::io::IsTerminal as _;

use clap::Parser as _;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::cli::{self, Arguments, Command, Context, Exit, Refusal};
use crate::settings::Settings;

/// Runs the command that the arguments name, on threads with a stack of this many bytes.
pub fn run(stack: usize) -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; everything else is wrong usage.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            let _ = error.print();
            return exit;
        }
    };
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    start_logs(color, matches!(arguments.command, Command::Serve));
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("TLS was set up before");
    }
    let mut settings = match Settings::read(&arguments.flags(), environment()) {
        Ok(settings) => settings,
        Err(faults) => return Refusal::from(faults).show(arguments.json, color),
    };
    if !matches!(arguments.command, Command::Serve) {
        settings.database = settings.database.for_a_command();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(stack).build() {
        Ok(runtime) => runtime,
        Err(error) => return Refusal::failed(format!("no threads can be started: {error}")).show(arguments.json, color),
    };
    let context = Context { settings, json: arguments.json, color, cancel: CancellationToken::new(), stored_rules: None };
    let exit = runtime.block_on(async {
        cancel_on_signals(context.cancel.clone());
        match Box::pin(cli::carry_out(arguments.command, &context)).await {
            Ok(exit) => exit,
            Err(refusal) => refusal.show(context.json, color),
        }
    });
    // Whatever still waits for a vendor has nobody left to answer to.
    runtime.shutdown_background();
    exit
}

/// The environment as text; a variable that is no Unicode names no setting.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Logs go to standard error, so that `--json` leaves exactly one value on standard output. The always-on host says what it does, and
/// says it in JSON where no person reads along.
fn start_logs(color: bool, serves: bool) {
    let usual = if serves { "casebridge=info,warn" } else { "warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(color);
    if serves && !std::io::stderr().is_terminal() {
        logs.json().flatten_event(true).init();
    } else {
        logs.init();
    }
}

/// The first Ctrl-C or SIGTERM asks the run to finish what is in flight; a second one ends the process at once.
fn cancel_on_signals(cancel: CancellationToken) {
    tokio::spawn(async move {
        wait_for_signal().await;
        cancel.cancel();
        eprintln!("stopping: finishing what is in flight; press Ctrl-C again to stop at once");
        wait_for_signal().await;
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
