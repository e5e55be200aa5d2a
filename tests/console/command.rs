//! WebDriver commands that fantoccini has no words for.

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// One of them.
#[derive(Debug)]
pub enum Command {
    /// The name that an element has for whoever hears it read out.
    Label(String),
    /// What the browser's console has heard since it was last asked.
    Log,
    /// A command of the protocol that Chromium's own tools speak.
    Chromium(&'static str, Value),
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let what = match self {
            Command::Label(element) => format!("element/{element}/computedlabel"),
            Command::Log => "se/log".to_owned(),
            Command::Chromium(..) => "goog/cdp/execute".to_owned(),
        };
        base.join(&format!("session/{}/{what}", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        match self {
            Command::Label(_) => (Method::GET, None),
            Command::Log => (Method::POST, Some(json!({ "type": "browser" }).to_string())),
            Command::Chromium(name, parameters) => (Method::POST, Some(json!({ "cmd": name, "params": parameters }).to_string())),
        }
    }
}
