//! Somebody who uses the console as a browser does: signs in, keeps the cookie, reads pages, sends forms, follows redirects.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use crate::support::host::Host;
use crate::support::http::{Answer, ask_with};
use crate::support::serving::Serving;

/// Everybody's password here.
pub const PASSWORD: &str = "four quiet harbour lights";
/// Integration support.
pub const SUPPORT: &str = "sue@support.example";
/// Staff of the firm `hartwell`.
pub const STAFF: &str = "jo@hartwell.example";
/// A viewer of the firm `hartwell`.
pub const VIEWER: &str = "vi@hartwell.example";

/// Adds somebody by the command line.
#[track_caller]
pub fn add(host: &Host, email: &str, role: &[&str]) {
    host.run_with_input(&format!("{PASSWORD}\n"), &[&["user", "add", email, "--role"], role].concat()).exits(0);
}

/// Somebody with a browser.
pub struct Visitor {
    address: String,
    cookie: Option<String>,
    headers: Vec<(String, String)>,
}

impl Visitor {
    /// Somebody who has not signed in.
    pub fn stranger(serving: &Serving) -> Visitor {
        Visitor { address: serving.address.clone(), cookie: None, headers: Vec::new() }
    }

    /// Integration support, added and signed in.
    #[track_caller]
    pub fn support(host: &Host, serving: &Serving) -> Visitor {
        add(host, SUPPORT, &["support"]);
        Visitor::signed_in(serving, SUPPORT)
    }

    /// Staff of `hartwell`, added and signed in.
    #[track_caller]
    pub fn staff(host: &Host, serving: &Serving) -> Visitor {
        add(host, STAFF, &["staff", "--firm", "hartwell"]);
        Visitor::signed_in(serving, STAFF)
    }

    /// A viewer of `hartwell`, added and signed in.
    #[track_caller]
    pub fn viewer(host: &Host, serving: &Serving) -> Visitor {
        add(host, VIEWER, &["viewer", "--firm", "hartwell"]);
        Visitor::signed_in(serving, VIEWER)
    }

    /// Somebody who was added before, signed in.
    #[track_caller]
    pub fn signed_in(serving: &Serving, email: &str) -> Visitor {
        let mut visitor = Visitor::stranger(serving);
        visitor.sign_in(email, PASSWORD).answers(303);
        assert!(visitor.cookie.is_some(), "no cookie");
        visitor
    }

    /// The same with a header in every request.
    pub fn with(mut self, name: &str, value: &str) -> Visitor {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A second window of the same browser.
    pub fn again(&self) -> Visitor {
        Visitor { address: self.address.clone(), cookie: self.cookie.clone(), headers: self.headers.clone() }
    }

    /// Sends the form of the sign-in page.
    #[track_caller]
    pub fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("email", email), ("password", password), ("to", "")])
    }

    /// The text that the cookie has; empty without one.
    pub fn session(&self) -> &str {
        self.cookie.as_deref().and_then(|cookie| cookie.split_once('=')).map_or("", |(_, text)| text)
    }

    /// Asks for a page, without following where it leads.
    #[track_caller]
    pub fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, None, &[])
    }

    /// Reads a page, which must be there.
    #[track_caller]
    pub fn page(&mut self, path: &str) -> Page {
        Page(self.get(path).answers(200))
    }

    /// Sends a form, without following where it leads.
    #[track_caller]
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, fields, &[])
    }

    /// Sends a form with these headers besides.
    #[track_caller]
    pub fn post_with(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let form: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask("POST", path, Some(&form), headers)
    }

    /// Sends a form that is taken, and reads the page that it leads to.
    #[track_caller]
    pub fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let taken = self.post(path, fields).answers(303);
        let to = taken.header("location").to_owned();
        Page(self.get(&to).answers(200))
    }

    /// Sends a form that is taken; answers where it leads.
    #[track_caller]
    pub fn sent(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        self.post(path, fields).answers(303).header("location").to_owned()
    }

    /// Watches what comes line by line, until it ends.
    #[track_caller]
    pub fn watch(&self, path: &str) -> impl Iterator<Item = String> + use<> {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let cookie = self.cookie.clone().unwrap_or_default();
        let asked = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncookie: {cookie}\r\n\r\n", self.address);
        stream.write_all(asked.as_bytes()).expect("a connection");
        BufReader::new(stream).lines().map_while(Result::ok)
    }

    #[track_caller]
    fn ask(&mut self, method: &str, path: &str, form: Option<&str>, more: &[(&str, &str)]) -> Answer {
        let cookie = self.cookie.clone().map(|cookie| ("cookie", cookie));
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        headers.extend(cookie.as_ref().map(|(name, value)| (*name, value.as_str())));
        headers.extend(form.map(|_| ("content-type", "application/x-www-form-urlencoded")));
        headers.extend(more);
        let answer = ask_with(&self.address, method, path, &headers, form).unwrap_or_else(|| panic!("no answer to {method} {path}"));
        if let Some(set) = answer.headers.get("set-cookie") {
            let (pair, rest) = set.split_once(';').unwrap_or((set, ""));
            self.cookie = (!rest.contains("Max-Age=0")).then(|| pair.to_owned());
        }
        answer
    }
}

/// A page that was read.
#[derive(Debug)]
pub struct Page(pub Answer);

impl Page {
    /// Its markup.
    pub fn html(&self) -> &str {
        &self.0.body
    }

    /// What is read on it, with one space wherever there is any.
    pub fn text(&self) -> String {
        text(&self.0.body)
    }

    /// Asserts that these words are read on it.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Page {
        assert!(self.text().contains(words), "no {words:?} in\n{}", self.text());
        self
    }

    /// Asserts that these words are not read on it.
    #[track_caller]
    pub fn is_silent_about(&self, words: &str) -> &Page {
        assert!(!self.text().contains(words), "{words:?} is in\n{}", self.text());
        self
    }

    /// Asserts that a form of it is sent to this address.
    #[track_caller]
    pub fn offers(&self, action: &str) -> &Page {
        assert!(self.has_form(action), "no form for {action} in\n{}", self.0.body);
        self
    }

    /// Whether a form of it is sent to this address.
    pub fn has_form(&self, action: &str) -> bool {
        self.0.body.contains(&format!("action=\"{action}\""))
    }

    /// The value of the field of this name.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let tag = self.0.body.split('<').find(|tag| tag.starts_with("input") && tag.contains(&format!(" name=\"{name}\"")));
        let tag = tag.unwrap_or_else(|| panic!("no field {name} in\n{}", self.0.body));
        let value = tag.split_once(" value=\"").and_then(|(_, rest)| rest.split_once('"')).map_or("", |(value, _)| value);
        unescaped(value)
    }

    /// What stands in its text area.
    #[track_caller]
    pub fn typed(&self) -> String {
        let (_, rest) = self.0.body.split_once("<textarea").expect("a text area");
        let (_, rest) = rest.split_once('>').expect("a tag");
        let (text, _) = rest.split_once("</textarea>").expect("its end");
        // A browser leaves out the first line end.
        unescaped(text.strip_prefix('\n').unwrap_or(text))
    }
}

/// What is read in markup, with one space wherever there is any.
pub fn text(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text = unescaped(&parts.collect::<Vec<_>>().join(" "));
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".").replace(" ,", ",").replace(" :", ":")
}

fn unescaped(text: &str) -> String {
    let numbers = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\"")];
    let plain = numbers.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain));
    plain.replace("&#38;", "&").replace("&amp;", "&")
}
