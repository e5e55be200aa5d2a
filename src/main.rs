//! Runs casebridge and turns what came of it into an exit code.

use std::process::ExitCode;

/// Values in values in values of a script are copied and dropped level by level: the stack has to bear as many levels as a script can
/// make within its deadline. What is not touched costs nothing.
const STACK: usize = 64 * 1024 * 1024;

fn main() -> ExitCode {
    let run = std::thread::Builder::new().name("casebridge".to_owned()).stack_size(STACK).spawn(|| casebridge::app::run(STACK));
    match run.map(std::thread::JoinHandle::join) {
        Ok(Ok(exit)) => exit.into(),
        // The panic has said so itself.
        Ok(Err(_)) => ExitCode::from(101),
        Err(error) => {
            eprintln!("error: no thread can be started: {}", error.kind());
            ExitCode::FAILURE
        }
    }
}
