//! Every `casebridge …` that a page shows is a command that the binary takes, with what the page writes for a firm, a run or a case.

use std::fs;
use std::path::PathBuf;

use casebridge::cli::Arguments;
use clap::CommandFactory as _;
use clap::error::ErrorKind;

/// A command of a page. One in a sentence may leave out what it needs.
struct Named {
    place: String,
    words: Vec<String>,
    is_whole: bool,
}

#[test]
fn commands_on_pages_are_commands() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in pages() {
        let text = fs::read_to_string(&path).expect("a page");
        let name = path.strip_prefix(super::at("")).unwrap_or(&path).display().to_string();
        for named in commands(&name, &text) {
            count += 1;
            if let Err(error) = parse(&named) {
                wrong.push(format!(
                    "{}: casebridge {}\n    {}",
                    named.place,
                    named.words.join(" "),
                    error.lines().next().unwrap_or_default()
                ));
            }
        }
    }
    assert!(count > 150, "{count} commands are named");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_command_that_is_none_is_found() {
    let page = "`casebridge synk FIRM`\n`casebridge sync` and `casebridge sync FIRM --fast`\n```sh\ncasebridge plan\nA=b sudo -u x casebridge plan F\n```\n";
    let wrong: Vec<_> = commands("page", page).filter(|named| parse(named).is_err()).map(|named| named.place).collect();
    assert_eq!(wrong, ["page:1", "page:2", "page:4"]);
}

fn pages() -> Vec<PathBuf> {
    let mut found = vec![super::at("README.md"), super::at("CONTRIBUTING.md")];
    let mut folders = vec![super::at("docs")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let (inner, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        folders.extend(inner);
        found.extend(files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    }
    found
}

fn parse(named: &Named) -> Result<(), String> {
    let words = std::iter::once("casebridge".to_owned()).chain(named.words.iter().filter_map(|word| filled_in(word)));
    match Arguments::command().try_get_matches_from(words) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(()),
            ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                if !named.is_whole =>
            {
                Ok(())
            }
            // An option without its value.
            ErrorKind::InvalidValue if !named.is_whole && named.words.last().is_some_and(|word| word.starts_with("--")) => Ok(()),
            _ => Err(error.to_string()),
        },
    }
}

/// A word as somebody would type it who fills the page's words in; `None` if nothing is left of it.
fn filled_in(word: &str) -> Option<String> {
    let plain = word.trim_matches(['[', ']', '"', '\'', ')', ',', '.', ':']).trim_end_matches('…').trim_end_matches([']', '[']);
    let first = plain.split(['|', '\\']).next().unwrap_or_default();
    let value = match first {
        "" => return None,
        "ID" | "CASE" | "<ID>" => "48202",
        "RUN" => "20261124-001705-x7k2",
        "LETTER" | "N" => "1",
        "EMAIL" | "ADDRESS" => "jo@firm.example",
        "TIME" => "12h",
        "FROM" | "TO" => "sqlite://casebridge.db",
        other => other,
    };
    Some(value.to_owned())
}

/// The commands of a page: in blocks for a shell, and in backticks.
fn commands<'t>(page: &'t str, text: &'t str) -> impl Iterator<Item = Named> + 't {
    let mut block: Option<&str> = None;
    let mut continued = String::new();
    text.lines().enumerate().flat_map(move |(index, line)| {
        let place = format!("{page}:{}", index + 1);
        if let Some(rest) = line.trim_start().strip_prefix("```") {
            block = if block.is_some() { None } else { Some(rest.split_whitespace().next().unwrap_or_default()) };
            return Vec::new();
        }
        let found: Vec<Vec<String>> = match block {
            Some("sh" | "console") => {
                let typed = if block == Some("console") && continued.is_empty() { line.strip_prefix("$ ") } else { Some(line) };
                let Some(typed) = typed else { return Vec::new() };
                let whole = std::mem::take(&mut continued) + typed;
                if let Some(begun) = whole.strip_suffix('\\') {
                    continued = begun.to_owned();
                    return Vec::new();
                }
                in_shell(&whole)
            }
            Some(_) => Vec::new(),
            None => {
                let spans = line.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix("casebridge "));
                spans.map(|span| span.split_whitespace().map(str::to_owned).collect()).collect()
            }
        };
        let is_whole = block.is_some();
        let is_meant = |words: &Vec<String>| !words.first().is_some_and(|word| word.contains("COMMAND"));
        found.into_iter().filter(is_meant).map(|words| Named { place: place.clone(), words, is_whole }).collect()
    })
}

/// The commands of casebridge on a line for a shell.
fn in_shell(line: &str) -> Vec<Vec<String>> {
    let line = line.split(" #").next().unwrap_or_default().replace("$(", " | ");
    let parts = line.split([';', '|']).flat_map(|part| part.split("&&"));
    let known: Vec<String> = Arguments::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let is_binary = |word: &str| word == "casebridge" || word.ends_with("/casebridge");
    let mut found = Vec::new();
    for part in parts.filter(|part| !part.trim_start().starts_with('#')) {
        let words = words(part);
        let words: Vec<&str> = words.iter().map(String::as_str).take_while(|word| !word.starts_with(['<', '>', '&'])).collect();
        let words: Vec<&str> = words.into_iter().skip_while(|word| word.contains('=') && !word.starts_with('-')).collect();
        let cargo = part.contains("cargo run").then(|| words.iter().position(|word| *word == "--")).flatten();
        let first = words.first().filter(|word| is_binary(word)).map(|_| 0);
        let later = || words.windows(2).position(|pair| is_binary(pair[0]) && known.iter().any(|name| name == pair[1]));
        if let Some(start) = cargo.or(first).or_else(later) {
            found.push(words[start + 1..].iter().map(|word| (*word).to_owned()).collect());
        }
    }
    found
}

/// The words of a line; quotes hold some together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().expect("at least one").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
