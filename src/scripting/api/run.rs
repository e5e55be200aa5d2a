//! `firm`, `run` and `log`: for whom a script runs, what it was given, and what it says.

use rhai::plugin::*;
use rhai::{Array, INT, Map};

use super::ScriptApi;
use crate::domain::LogLine;
use crate::scripting::values::fault;

/// `firm`
#[derive(Clone)]
pub(super) struct FirmValue(pub ScriptApi);

/// `run`
#[derive(Clone)]
pub(super) struct RunValue(pub ScriptApi);

/// `log`
#[derive(Clone)]
pub(super) struct LogValue(pub ScriptApi);

type Raised = Box<EvalAltResult>;

/// No line that a script says is longer, in characters.
const LONGEST: usize = 2_000;

fn say(log: &LogValue, text: &Dynamic, warns: bool) -> Result<(), Raised> {
    let text = text.to_string().chars().take(LONGEST).collect();
    log.0.operations()?.log(LogLine { warns, text });
    Ok(())
}

fn count(number: INT, what: &str) -> Result<u64, Raised> {
    u64::try_from(number).map_err(|_| fault(format!("{what} is a number from 0 up")))
}

/// What `firm`, `run` and `log` can do.
#[export_module]
#[allow(unreachable_pub)]
pub(super) mod run_functions {
    /// What the firm is called here: the name of its rules file.
    #[rhai_fn(get = "id", pure, return_raw)]
    pub fn firm_id(firm: &mut FirmValue) -> Result<ImmutableString, Raised> {
        Ok(firm.0.operations()?.firm().id.into())
    }

    /// What people call the firm.
    #[rhai_fn(get = "name", pure, return_raw)]
    pub fn firm_name(firm: &mut FirmValue) -> Result<ImmutableString, Raised> {
        Ok(firm.0.operations()?.firm().name.into())
    }

    /// The zone of the firm's schedules.
    #[rhai_fn(get = "time_zone", pure, return_raw)]
    pub fn firm_time_zone(firm: &mut FirmValue) -> Result<ImmutableString, Raised> {
        Ok(firm.0.operations()?.firm().time_zone.into())
    }

    /// What the run is called.
    #[rhai_fn(get = "id", pure, return_raw)]
    pub fn run_id(run: &mut RunValue) -> Result<ImmutableString, Raised> {
        Ok(run.0.operations()?.task().id.into())
    }

    /// Whether nothing is written: true without `--apply`.
    #[rhai_fn(get = "dry_run", pure, return_raw)]
    pub fn dry_run(run: &mut RunValue) -> Result<bool, Raised> {
        Ok(run.0.operations()?.task().dry_run)
    }

    /// The rows of `--input FILE.csv`, each a map by the file's header. All values are texts.
    #[rhai_fn(get = "input", pure, return_raw)]
    pub fn input(run: &mut RunValue) -> Result<Array, Raised> {
        let rows = run.0.operations()?.input();
        Ok(rows
            .into_iter()
            .map(|row| Dynamic::from_map(row.into_iter().map(|(name, value)| (name.into(), value.into())).collect::<Map>()))
            .collect())
    }

    /// The text that `--arg name=text` gave; `()` where it gave none.
    #[rhai_fn(pure, return_raw)]
    pub fn arg(run: &mut RunValue, name: &str) -> Result<Dynamic, Raised> {
        Ok(run.0.operations()?.task().arguments.remove(name).map_or(Dynamic::UNIT, Dynamic::from))
    }

    /// Says how far the script has come, for whoever watches.
    #[rhai_fn(pure, return_raw)]
    pub fn progress(run: &mut RunValue, done: INT) -> Result<(), Raised> {
        run.0.operations()?.progress(count(done, "progress")?);
        Ok(())
    }

    /// Ends the run before it does more than so many things to the two products.
    #[rhai_fn(pure, return_raw)]
    pub fn max_effects(run: &mut RunValue, most: INT) -> Result<(), Raised> {
        run.0.operations()?.max_effects(count(most, "max_effects")?);
        Ok(())
    }

    /// Says something in the run's log.
    #[rhai_fn(pure, return_raw)]
    pub fn info(log: &mut LogValue, text: Dynamic) -> Result<(), Raised> {
        say(log, &text, false)
    }

    /// Says something that somebody should look at.
    #[rhai_fn(pure, return_raw)]
    pub fn warn(log: &mut LogValue, text: Dynamic) -> Result<(), Raised> {
        say(log, &text, true)
    }
}
