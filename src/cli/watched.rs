//! Runs work while a terminal shows how far it has come.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::runs::{Phase, Progress};

/// Runs `work` while a bar shows how far it has come.
pub(super) async fn watched<T>(bar: &ProgressBar, progress: &Progress, work: impl Future<Output = T>) -> T {
    let draw = async {
        loop {
            show(bar, progress);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let done = tokio::select! {
        done = work => done,
        () = draw => unreachable!("drawing never ends"),
    };
    bar.finish_and_clear();
    done
}

fn show(bar: &ProgressBar, progress: &Progress) {
    let (phase, done, total) = progress.now();
    let template = match phase {
        Phase::Reading => "{spinner} reading both sides",
        Phase::Writing => "{spinner} writing {pos} of {len} {wide_bar}",
        Phase::Rehearsing => "{spinner} looking at what the script would do: {pos}",
        Phase::Scripting => "{spinner} running the script: {pos}",
        Phase::LastPass => "{spinner} retrying {pos} of {len} {wide_bar}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_length(total);
    bar.set_position(done);
    bar.tick();
}
