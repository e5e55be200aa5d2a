//! The commands, one file each.

mod arguments;
mod case_list;
mod check;
mod connect;
mod context;
mod demo;
mod demo_console;
mod engine_elsewhere;
mod execute;
mod explain;
mod firm;
mod letters;
mod output;
mod plan;
mod refusal;
mod role;
mod rows;
mod rules;
mod run;
mod runs;
mod sandbox;
mod schema;
mod script;
mod secret;
mod secret_input;
mod serve;
mod status;
mod store;
mod subcommands;
mod sync;
mod table;
mod test;
mod token;
mod user;
mod watched;

pub use arguments::{Arguments, Command};
pub use context::{Context, Exit};
pub use refusal::Refusal;

use self::execute::execute_and_show;
use self::subcommands::RunsCommand;
use crate::jobs::{Job, Polled};

/// Carries out a command.
pub async fn carry_out(command: Command, context: &Context) -> Result<Exit, Refusal> {
    let context = &if looks_at_rules(&command) { context.with_rules().await? } else { context.clone() };
    match command {
        Command::Demo { serve } => demo::demo(context, serve).await,
        Command::Serve => serve::serve(context).await,
        Command::Sandbox(options) => sandbox::sandbox(context, options).await,
        Command::Check { firms } => check::check(context, &firms),
        Command::Schema => schema::schema(),
        Command::Plan { firm, case } => Box::pin(plan::plan(context, &firm, case)).await,
        Command::Sync(options) => Box::pin(sync::sync(context, options)).await,
        Command::Connect(options) => Box::pin(connect::connect(context, options)).await,
        Command::Explain { firm, case } => explain::explain(context, &firm, case).await,
        Command::Messages { firm } => execute_and_show(context, &firm, &poll(Polled::Messages)).await,
        Command::Documents { firm } => execute_and_show(context, &firm, &poll(Polled::Documents)).await,
        Command::Outbox { firm } => execute_and_show(context, &firm, &poll(Polled::Outbox)).await,
        Command::Letters(command) => letters::letters(context, command).await,
        Command::Run(options) => Box::pin(run::run(context, options)).await,
        Command::Script(command) => Ok(script::script(&command)),
        Command::Test { firms } => test::test(context, &firms),
        Command::Rules(command) => rules::rules(context, command).await,
        Command::Status => status::status(context).await,
        Command::Firm(command) => firm::firm(context, command).await,
        Command::Store(command) => store::store(context, command).await,
        Command::Secret(command) => secret::secret(context, command).await,
        Command::Token(command) => token::token(context, command).await,
        Command::User(command) => user::user(context, command).await,
        Command::Runs(command) => runs::runs(context, command).await,
    }
}

/// Whether a command goes by firms' rules or scripts, wherever they are kept.
fn looks_at_rules(command: &Command) -> bool {
    let stands_alone = matches!(command, Command::Demo { .. } | Command::Sandbox(_) | Command::Schema | Command::Script(_));
    let is_about_the_store = matches!(
        command,
        Command::Rules(_)
            | Command::Letters(_)
            | Command::Secret(_)
            | Command::Store(_)
            | Command::Token(_)
            | Command::User(_)
            | Command::Runs(RunsCommand::List { .. } | RunsCommand::Show { .. } | RunsCommand::Cancel { .. })
    );
    !stands_alone && !is_about_the_store
}

/// One pass now, which always has a run.
fn poll(feed: Polled) -> Job {
    Job::Poll { feed, quiet: false }
}
