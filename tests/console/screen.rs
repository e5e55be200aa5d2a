//! What a page is seen on: a phone or a desk, by day or by night; and pictures of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use serde_json::{Value, json};

use crate::command::Command;
use crate::page::Page;

/// How wide the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Width {
    Phone,
    #[default]
    Desktop,
}

impl Width {
    /// Each of them.
    pub const ALL: [Width; 2] = [Width::Phone, Width::Desktop];

    /// Width and height in CSS pixels.
    fn pixels(self) -> (u32, u32) {
        match self {
            Width::Phone => (390, 844),
            Width::Desktop => (1280, 800),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Width::Phone => "phone",
            Width::Desktop => "desktop",
        }
    }
}

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Screen {
    pub width: Width,
    pub dark: bool,
}

/// A picture shows no more of a page than this, in CSS pixels from its top.
const TALLEST: f64 = 2_000.0;

impl Page {
    /// Shows the page on a screen of this width.
    #[track_caller]
    pub fn resize(&self, width: Width) {
        self.screen.borrow_mut().width = width;
        self.apply_screen();
    }

    /// Shows it as whoever wants dark colours, or light ones, sees it.
    #[track_caller]
    pub fn dark(&self, dark: bool) {
        self.screen.borrow_mut().dark = dark;
        self.apply_screen();
    }

    /// Takes pictures of the page for phone and desktop, light and dark. They become `target/screens/<name>-<width>-<scheme>.png`; none is
    /// taken unless `CASEBRIDGE_SCREENS=1` is set.
    #[track_caller]
    pub fn screenshot(&self, name: &str) {
        self.on_every_screen(|screen| self.picture(name, screen));
    }

    /// Does this on every kind of screen, and comes back to the one it was on.
    pub(crate) fn on_every_screen(&self, mut what: impl FnMut(Screen)) {
        let before = *self.screen.borrow();
        for width in Width::ALL {
            for dark in [false, true] {
                let screen = Screen { width, dark };
                *self.screen.borrow_mut() = screen;
                self.apply_screen();
                what(screen);
            }
        }
        *self.screen.borrow_mut() = before;
        self.apply_screen();
    }

    pub(crate) fn apply_screen(&self) {
        let Screen { width, dark } = *self.screen.borrow();
        let (across, down) = width.pixels();
        let phone = width == Width::Phone;
        let metrics = json!({ "width": across, "height": down, "deviceScaleFactor": 1, "mobile": phone });
        self.chromium("Emulation.setDeviceMetricsOverride", metrics);
        let feature = |name: &str, value: &str| json!({ "name": name, "value": value });
        let scheme = feature("prefers-color-scheme", if dark { "dark" } else { "light" });
        // What moves would be in another place in every picture, and has half of its colour while it fades in.
        let features = [scheme, feature("prefers-reduced-motion", "reduce")];
        self.chromium("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Takes one, if pictures are wanted: each costs a browser a second.
    pub(crate) fn picture(&self, name: &str, screen: Screen) {
        if std::env::var("CASEBRIDGE_SCREENS").as_deref() != Ok("1") {
            return;
        }
        let (across, down) = screen.width.pixels();
        let tall = self.script("return document.documentElement.scrollHeight", Vec::new()).as_f64().unwrap_or_default();
        let clip = json!({ "x": 0, "y": 0, "width": across, "height": tall.clamp(f64::from(down), TALLEST), "scale": 1 });
        let taken = self.chromium("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true, "clip": clip }));
        let name = format!("{name}-{}-{}.png", screen.width.name(), if screen.dark { "dark" } else { "light" });
        let bytes = from_base64(taken["data"].as_str().expect("a picture"));
        assert!(bytes.starts_with(b"\x89PNG"), "{name} is no picture");
        keep(&name, &bytes);
    }

    /// Shows the page in a window of this size in CSS pixels, each of which has so many dots: what zooming in makes of a window.
    #[track_caller]
    pub fn zoom(&self, across: u32, down: u32, dots: u32) {
        let metrics = json!({ "width": across, "height": down, "deviceScaleFactor": dots, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Runs no script of any page from now on, as in a browser where somebody has switched them off.
    #[track_caller]
    pub fn switch_scripts_off(&self) {
        self.chromium("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    }

    /// Lets pages use the clipboard, as a browser with a window does once somebody clicks.
    #[track_caller]
    pub fn allow_clipboard(&self) {
        self.chromium("Browser.grantPermissions", json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] }));
    }

    /// What is in the clipboard.
    #[track_caller]
    pub fn clipboard(&self) -> String {
        let read = "navigator.clipboard.readText().then(arguments[0], error => arguments[0](String(error)))";
        self.script_that_calls_back(read, Vec::new()).as_str().expect("a text").to_owned()
    }

    fn chromium(&self, command: &'static str, parameters: Value) -> Value {
        self.issue(Command::Chromium(command, parameters)).unwrap_or_else(|error| panic!("{command}: {error}"))
    }
}

/// Writes a picture, in as few colours as it needs if `pngquant` is there; those that the docs show are written there too.
fn keep(name: &str, bytes: &[u8]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/screens");
    fs::create_dir_all(&folder).expect("a folder");
    let path: PathBuf = folder.join(name);
    fs::write(&path, bytes).expect("a file");
    let mut smaller = Process::new("pngquant");
    smaller.args(["--force", "--strip", "--skip-if-larger", "--ext", ".png", "64"]).arg(&path);
    // A picture that gets no smaller stays as it is.
    let _smaller = smaller.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let shown = root.join("docs/screens").join(name);
    if shown.exists() {
        fs::copy(&path, shown).expect("a file");
    }
}

/// Reads base64 as browsers write it.
fn from_base64(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => u32::from(letter - b'A'),
        b'a'..=b'z' => u32::from(letter - b'a') + 26,
        b'0'..=b'9' => u32::from(letter - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let letters: Vec<u8> = text.bytes().filter(|letter| *letter != b'=').collect();
    let four = |four: &[u8]| {
        let bits = four.iter().fold(0, |bits, letter| bits << 6 | value(*letter)) << (6 * (4 - four.len()));
        bits.to_be_bytes()[1..four.len()].to_vec()
    };
    letters.chunks(4).flat_map(four).collect()
}
