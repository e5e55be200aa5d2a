//! Holds what a page shows against what a command says: run ids and revisions differ each time, and `…` stands for what was shortened.

use std::collections::BTreeMap;

/// The run ids of a page, each with the one that it stands for here.
#[derive(Debug, Default)]
pub struct Runs(BTreeMap<String, String>);

impl Runs {
    /// A command as it is to be run here.
    pub fn translated(&self, command: &str) -> String {
        ids(command).into_iter().fold(command.to_owned(), |command, id| match self.0.get(&id) {
            Some(here) => command.replace(&id, here),
            None => command,
        })
    }

    /// Whether a command said what the page shows.
    ///
    /// # Errors
    /// The first line that it did not say.
    pub fn compare(&mut self, shown: &str, said: &str) -> Result<(), String> {
        let (shown, said) = (lines(shown), lines(said));
        let differs = |problem: &str, line: &str| Err(format!("{problem}: {line}\n--- it said\n{}", said.join("\n")));
        let mut rest = said.as_slice();
        let mut any = false;
        for line in &shown {
            if *line == "…" {
                any = true;
                continue;
            }
            let found =
                if any { rest.iter().position(|said| same(line, said)) } else { rest.first().filter(|said| same(line, said)).map(|_| 0) };
            let Some(place) = found else { return differs("it did not say", line) };
            self.0.extend(ids(line).into_iter().zip(ids(rest[place])));
            rest = &rest[place + 1..];
            any = false;
        }
        match rest.first() {
            Some(line) if !any => differs("it also said", line),
            _ => Ok(()),
        }
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.trim_matches('\n').lines().map(str::trim_end).collect()
}

/// Whether a line is as shown.
fn same(shown: &str, said: &str) -> bool {
    let (shown, said) = (plain(shown), plain(said));
    let Some((first, others)) = shown.split_once('…') else { return shown == said };
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = others.split('…').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// A line without what differs each time.
fn plain(line: &str) -> String {
    let line = ids(line).iter().fold(line.to_owned(), |line, id| line.replace(id.as_str(), "RUN"));
    match line.split_once(", rules ") {
        Some((before, after)) => {
            let after = after.trim_start_matches(|letter: char| letter.is_ascii_hexdigit());
            format!("{before}, rules REVISION{after}")
        }
        None => line,
    }
}

/// The run ids in a line, such as `20261124-001705-x7k2`.
fn ids(line: &str) -> Vec<String> {
    let separate = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '-');
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_id = |word: &&str| {
        let parts: Vec<&str> = word.split('-').collect();
        matches!(parts.as_slice(), [day, time, random] if digits(day, 8) && digits(time, 6) && random.len() == 4)
    };
    line.split(separate).filter(is_id).map(str::to_owned).collect()
}
