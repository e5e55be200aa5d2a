//! What a page must be, whatever it is about: usable by everybody (WCAG 2.2 AA, by axe), as wide as the screen, and free of faults that only
//! the browser's console tells of.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use crate::command::Command;
use crate::page::Page;
use crate::screen::Screen;

/// The rules of axe that stand for WCAG 2.2 at the levels A and AA; of a page that is shown in other colours only, those that are about
/// colours.
const RUN: &str = "const [colours, done] = arguments;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const rules = colours ? { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }
        : { runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } } };
    axe.run(document, { ...rules, resultTypes: ['violations'], preload: !colours })
        .then(found => done(found.violations.flatMap(rule => rule.nodes.map(node =>
            `${rule.id} (${rule.impact}): ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`))),
            error => done([String(error)]))";

/// Elements that reach out over the right edge, without those within a part that scrolls by itself.
const SIDEWAYS: &str = "const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    const scrolls = one => { for (let at = one.parentElement; at && at !== document.body; at = at.parentElement)
        if (getComputedStyle(at).overflowX !== 'visible') return true; return false };
    const over = [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > wide + 1 && !scrolls(one));
    return [`the page is ${document.documentElement.scrollWidth} px wide on a screen of ${wide} px`,
        ...over.slice(0, 8).map(one => `${one.tagName.toLowerCase()}${one.id ? '#' + one.id : ''}${one.className ? '.' + one.className : ''}`)]";

static AXE: LazyLock<String> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/node/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing: `./test` installs it", path.display()))
});

impl Page {
    /// Looks at the page on a phone and a desk, by day and by night: everybody can use it, nothing reaches over its edge, and the browser
    /// has nothing to complain of. Takes its pictures on the way, as [`Page::screenshot`] does.
    #[track_caller]
    pub fn inspect(&self, name: &str) {
        self.on_every_screen(|screen| {
            // By night the page differs from the one by day, which was looked at just before, in its colours alone.
            let sideways = if screen.dark { Vec::new() } else { self.sideways() };
            self.holds_to(screen, &[self.violations(screen.dark), sideways].concat());
            self.picture(name, screen);
        });
        self.no_console_errors();
    }

    /// Panics with what keeps people from using the page as it is on the screen now.
    #[track_caller]
    pub fn axe(&self) {
        self.holds_to(*self.screen.borrow(), &self.violations(false));
    }

    /// Panics if the page is wider than the screen.
    #[track_caller]
    pub fn no_sideways_scroll(&self) {
        self.holds_to(*self.screen.borrow(), &self.sideways());
    }

    /// Panics with what the browser complains of: scripts that fail, what the policy for content forbids, what does not load.
    #[track_caller]
    pub fn no_console_errors(&self) {
        self.holds_to(*self.screen.borrow(), &self.console_errors());
    }

    /// What keeps people from using the page, or from seeing its colours: the rule of axe, the element, what is wrong.
    #[track_caller]
    pub fn violations(&self, colours: bool) -> Vec<String> {
        if self.script("return !window.axe", Vec::new()) == true {
            self.script(&AXE, Vec::new());
        }
        texts(&self.script_that_calls_back(RUN, vec![colours.into()]))
    }

    /// How wide the page is, and what makes it so, if it is wider than the screen.
    #[track_caller]
    pub fn sideways(&self) -> Vec<String> {
        texts(&self.script(SIDEWAYS, Vec::new()))
    }

    /// What the browser has complained of since the page was opened. That the page itself was refused (a form that is shown again, a page
    /// that is not there, a vendor that does not answer) is no fault of it, and left out.
    #[track_caller]
    pub fn console_errors(&self) -> Vec<String> {
        let log = self.issue(Command::Log).expect("a log");
        let lines = log.as_array().cloned().unwrap_or_default();
        let bad = lines.iter().filter(|line| ["SEVERE", "WARNING"].iter().any(|level| line["level"] == *level));
        let said = bad.map(|line| line["message"].as_str().unwrap_or_default().to_owned());
        let of_itself = format!("{}{} - Failed to load resource: the server responded with a status of ", self.host, self.path());
        let is_answer =
            |line: &str| line.strip_prefix(&of_itself).is_some_and(|status| status.starts_with('4') || status.starts_with("502"));
        let mut heard = self.heard.borrow_mut();
        heard.extend(said.filter(|line| !is_answer(line)));
        heard.clone()
    }

    #[track_caller]
    fn holds_to(&self, screen: Screen, faults: &[String]) {
        assert!(faults.is_empty(), "{} on {screen:?}:\n- {}", self.path(), faults.join("\n- "));
    }
}

fn texts(found: &Value) -> Vec<String> {
    let found = found.as_array().cloned().unwrap_or_default();
    found.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}
