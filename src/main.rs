//! Runs casebridge and turns what came of it into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    casebridge::app::run().into()
}
