//! A command under way, and what it left behind.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::run::Run;

/// After this, a command counts as stuck. Generous: machines are slow at times.
const DEADLINE: Duration = Duration::from_mins(3);

/// A command under way.
pub struct Running {
    child: Leashed,
    stdout: Stream,
    stderr: Stream,
    command: String,
}

impl Running {
    /// Starts it.
    pub fn spawn(command: &mut Command, arguments: &[&str]) -> Running {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let stdout = child.stdout.take().expect("a pipe");
        let stderr = child.stderr.take().expect("a pipe");
        Running { child: Leashed(child), stdout: Stream::of(stdout), stderr: Stream::of(stderr), command: arguments.join(" ") }
    }

    /// Whether it is still at work.
    pub fn is_running(&mut self) -> bool {
        self.child.0.try_wait().expect("a child").is_none()
    }

    /// Waits until it is so; panics when the command ends before, or when it takes too long.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let began = Instant::now();
            if is_so() {
                return;
            }
            assert!(self.is_running(), "`casebridge {}` ended before this: {what}", self.command);
            assert!(Instant::now() < deadline, "never came: {what}\n--- stderr\n{}", self.stderr.heard.text());
            // A look may start a process or open a connection: most of the time is left to what is waited for.
            sleep((began.elapsed() * 4).clamp(Duration::from_millis(5), Duration::from_millis(250)));
        }
    }

    /// What it says on standard error, while it says it.
    pub fn stderr(&self) -> Heard {
        self.stderr.heard.clone()
    }

    /// What Ctrl-C does.
    pub fn interrupt(&self) {
        self.signal("-INT");
    }

    /// What a service manager does to stop it.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Makes it stand still, as a machine does that is out of memory or moved to another place.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn wake(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.0.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    /// The most memory that it has had so far, in bytes; nothing once it has ended.
    pub fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// The memory that it has now, in bytes; nothing once it has ended.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(&self, key: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.0.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() * 1024
    }

    /// What `kill -9` does.
    pub fn kill(mut self) -> Finished {
        self.child.0.kill().expect("a child");
        self.wait()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Finished {
        let deadline = Instant::now() + DEADLINE;
        let status = loop {
            if let Some(status) = self.child.0.try_wait().expect("a child") {
                break status;
            }
            if Instant::now() > deadline {
                self.child.0.kill().expect("a child");
                let (stdout, stderr) = (self.stdout.drained(), self.stderr.drained());
                panic!("`casebridge {}` did not end in {DEADLINE:?}\n{stdout}\n{stderr}", self.command);
            }
            sleep(Duration::from_millis(5));
        };
        let (stdout, stderr) = (self.stdout.drained(), self.stderr.drained());
        Finished { code: status.code(), stdout, stderr, command: self.command }
    }
}

/// A process that does not outlive the test that started it, however that ends.
pub struct Leashed(pub Child);

impl Drop for Leashed {
    fn drop(&mut self) {
        // Both fail where it has ended already, which is what is wanted.
        let _killed = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// A command at its end.
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    command: String,
}

impl Finished {
    /// Asserts how it ended.
    #[track_caller]
    pub fn exits(self, code: i32) -> Finished {
        assert_eq!(self.code, Some(code), "`casebridge {}`\n--- stdout\n{}\n--- stderr\n{}", self.command, self.stdout, self.stderr);
        self
    }

    /// What it printed, which must be exactly one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("`casebridge {}`: {error}\n--- stdout\n{}\n--- stderr\n{}", self.command, self.stdout, self.stderr)
        })
    }

    /// The run it printed.
    #[track_caller]
    pub fn run(&self) -> Run {
        Run(self.json())
    }

    /// All it said, on either stream.
    pub fn said(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

/// One of its streams, read as it comes.
struct Stream {
    heard: Heard,
    reading: JoinHandle<()>,
}

impl Stream {
    fn of(mut stream: impl Read + Send + 'static) -> Stream {
        let heard = Heard::default();
        let hearing = heard.clone();
        let reading = spawn(move || {
            let mut bytes = [0; 8192];
            // A stream that breaks off still has what came before.
            while let Ok(count @ 1..) = stream.read(&mut bytes) {
                hearing.0.lock().expect("a stream").extend_from_slice(&bytes[..count]);
            }
        });
        Stream { heard, reading }
    }

    fn drained(self) -> String {
        self.reading.join().expect("a stream");
        self.heard.text()
    }
}

/// What a stream has said so far.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    /// All of it.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("a stream")).into_owned()
    }

    /// What follows `words` on the first whole line that has them.
    pub fn after(&self, words: &str) -> Option<String> {
        let text = self.text();
        let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        whole.into_iter().find_map(|line| line.split_once(words)).map(|(_, rest)| rest.to_owned())
    }
}
