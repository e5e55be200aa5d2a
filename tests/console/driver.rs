//! Chromedriver: one a process, on a port of its own, which starts a browser for each page that a test opens.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

const CHROMIUM: &str = "/usr/bin/chromium-headless-shell";
const CHROMEDRIVER: &str = "/usr/bin/chromedriver";

/// Ends all that it started, in a process group of its own, and removes what they left, as soon as nobody holds its standard input any
/// more: at the end of the tests, however they end.
const LEASH: &str = r#"
trap : TERM
export HOME="$(mktemp -d)" TMPDIR="$HOME"
"$0" --port=0 --log-level=SEVERE </dev/null &
exec >&-
read -r _
kill -TERM 0
wait
rm -rf "$HOME"
"#;

/// So many tests of one process have a browser at the same time.
const AT_ONCE: usize = 2;

/// Chromedriver under way.
pub struct Driver {
    /// Where it listens.
    pub address: String,
    _leash: Child,
}

impl Driver {
    /// The one of this process.
    pub fn get() -> &'static Driver {
        static DRIVER: OnceLock<Driver> = OnceLock::new();
        DRIVER.get_or_init(Driver::start)
    }

    /// The port that is free when chromedriver looks may be taken when it listens, and then it ends.
    fn start() -> Driver {
        for needed in [CHROMIUM, CHROMEDRIVER] {
            assert!(Path::new(needed).exists(), "{needed} is missing: `./test` installs it");
        }
        (0..3).find_map(|_| Driver::try_start()).expect("chromedriver says its port")
    }

    fn try_start() -> Option<Driver> {
        let mut command = Command::new("bash");
        command.args(["-c", LEASH, CHROMEDRIVER]).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("bash starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let said = |line: String| Some(line.split_once("started successfully on port ")?.1.trim_end_matches('.').to_owned());
        let Some(port) = lines.find_map(said) else {
            drop(child.stdin.take());
            let _ = child.wait();
            return None;
        };
        // What else it says is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Driver { address: format!("127.0.0.1:{port}"), _leash: child })
    }
}

/// What a browser is asked to be.
pub fn capabilities() -> serde_json::Map<String, Value> {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        "--lang=en-US",
    ];
    let wanted = json!({
        "goog:chromeOptions": { "binary": CHROMIUM, "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
        "pageLoadStrategy": "normal",
        "unhandledPromptBehavior": "ignore",
    });
    let Value::Object(wanted) = wanted else { unreachable!("an object") };
    wanted
}

/// Leave to have a browser.
pub struct Turn(());

static TAKEN: Mutex<usize> = Mutex::new(0);
static GIVEN_BACK: Condvar = Condvar::new();

impl Turn {
    /// Waits for one.
    pub fn wait() -> Turn {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = GIVEN_BACK.wait_while(taken, |taken| *taken >= AT_ONCE).unwrap_or_else(PoisonError::into_inner);
        *taken += 1;
        Turn(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        GIVEN_BACK.notify_one();
    }
}
