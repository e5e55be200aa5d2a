//! A page in a browser, and what people do with it.
//!
//! Whatever is asked of a page waits for it, since pages change by themselves: a name, a text or an address that does not come fails the
//! test, and says what is there instead.

use std::cell::RefCell;
use std::thread::sleep;
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::command::Command;
use crate::driver::{Driver, capabilities};
use crate::screen::Screen;

/// What does not come within this never comes. Generous: machines are slow at times.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser of its own with one page, until it is dropped.
pub struct Page {
    runtime: Runtime,
    client: Client,
    /// Where its host is: `http://127.0.0.1:…`.
    pub host: String,
    pub(crate) screen: RefCell<Screen>,
    pub(crate) heard: RefCell<Vec<String>>,
}

impl Page {
    /// Opens a browser for the pages of a host: `http://127.0.0.1:…`.
    pub fn of(host: &str) -> Page {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let driver = format!("http://{}", Driver::get().address);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities());
        let client = runtime.block_on(builder.connect(&driver)).expect("Chromium starts");
        let page = Page { runtime, client, host: host.to_owned(), screen: RefCell::default(), heard: RefCell::default() };
        page.apply_screen();
        page
    }

    /// Goes to a path of the host.
    #[track_caller]
    pub fn goto(&self, path: &str) {
        self.wait_on(self.client.goto(&format!("{}{path}", self.host))).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// The path and the query that it is at.
    #[track_caller]
    pub fn path(&self) -> String {
        let url = self.wait_on(self.client.current_url()).expect("an address");
        url.as_str().strip_prefix(&self.host).unwrap_or(url.as_str()).to_owned()
    }

    /// Waits until it is at this path and query.
    #[track_caller]
    pub fn wait_for_path(&self, path: &str) {
        self.until(&format!("it is at {path}"), || self.path() == path);
    }

    /// Its title.
    #[track_caller]
    pub fn title(&self) -> String {
        self.wait_on(self.client.title()).expect("a title")
    }

    /// What people read in the first element that this CSS selector finds.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        let found = || self.wait_on(async { self.client.find(Locator::Css(css)).await?.text().await }).ok();
        let mut text = None;
        self.until(&format!("{css} is there"), || {
            text = found();
            text.is_some()
        });
        text.expect("found")
    }

    /// Waits until people read this anywhere on the page.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) {
        self.until(&format!("{text:?} is there"), || self.all_text().contains(text));
    }

    /// Waits until people no longer read this anywhere on the page.
    #[track_caller]
    pub fn wait_for_no_text(&self, text: &str) {
        self.until(&format!("{text:?} is gone"), || !self.all_text().contains(text));
    }

    /// How many elements this CSS selector finds now.
    #[track_caller]
    pub fn count(&self, css: &str) -> usize {
        self.wait_on(self.client.find_all(Locator::Css(css))).expect("a CSS selector").len()
    }

    /// Loads it anew.
    #[track_caller]
    pub fn reload(&self) {
        self.wait_on(self.client.refresh()).expect("the page loads");
    }

    /// Goes back, as its button does.
    #[track_caller]
    pub fn back(&self) {
        self.wait_on(self.client.back()).expect("the page loads");
    }

    /// Runs a script on the page, the body of a function, and answers what it returns.
    #[track_caller]
    pub fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.wait_on(self.client.execute(script, arguments)).unwrap_or_else(|error| panic!("a script on {}: {error}", self.path()))
    }

    /// The same for a script that calls its last argument with what it returns.
    #[track_caller]
    pub fn script_that_calls_back(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.wait_on(self.client.execute_async(script, arguments)).unwrap_or_else(|error| panic!("a script on {}: {error}", self.path()))
    }

    /// All that people read, as far as there is anything yet.
    pub fn all_text(&self) -> String {
        // A page that is just being replaced has no body.
        let read = self.wait_on(self.client.execute("return document.body ? document.body.innerText : ''", Vec::new()));
        read.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Waits until it is so; `what` says what that is.
    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl FnMut() -> bool) {
        wait_until(is_so, || format!("{what}: never so on {}:\n{}", self.path(), self.all_text()));
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn wait_on<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    pub(crate) fn issue(&self, command: Command) -> Result<Value, CmdError> {
        self.wait_on(self.client.issue_cmd(command))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // The browser ends with the driver at the latest.
        let _ended = self.wait_on(self.client.clone().close());
    }
}

/// Waits until it is so; `else_say` says what is wrong where it never is.
#[track_caller]
pub(crate) fn wait_until(mut is_so: impl FnMut() -> bool, else_say: impl Fn() -> String) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let began = Instant::now();
        if is_so() {
            return;
        }
        assert!(Instant::now() < deadline, "{}", else_say());
        // The browser that is asked has the page to show, too.
        sleep((began.elapsed() * 2).clamp(Duration::from_millis(20), Duration::from_millis(200)));
    }
}
