//! Runs casebridge and turns what came of it into an exit code.

use std::process::ExitCode;

/// Values in values in values of a script are copied and dropped level by level: the stack has to bear as many levels as a script can
/// make within its deadline. What is not touched costs nothing.
const STACK: usize = 64 * 1024 * 1024;

/// Blocks of this size are returned to the system when they are freed.
#[cfg(target_env = "gnu")]
const RETURNED: i32 = 1024 * 1024;

fn main() -> ExitCode {
    #[cfg(target_env = "gnu")]
    return_large_blocks();
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

/// Fixes the size from which glibc's allocator maps a block by itself. Otherwise it raises that size to the largest block that was freed,
/// such as the 19 MiB of a password's hash, and each thread keeps blocks of that size for itself.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code)]
fn return_large_blocks() {
    // SAFETY: `mallopt` takes two numbers, and no other thread runs yet.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, RETURNED) };
}
