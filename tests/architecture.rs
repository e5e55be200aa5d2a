//! Keeps the house in order: which room may use which, how large a file may grow, and that each says what it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each room of `src` may use of the others.
const ROOMS: [(&str, &[&str]); 26] = [
    ("diagnostic", &[]),
    ("domain", &[]),
    ("private_files", &[]),
    ("background", &[]),
    ("yaml", &["diagnostic"]),
    ("settings", &["diagnostic", "domain", "yaml"]),
    ("rules", &["diagnostic", "domain", "yaml"]),
    ("scripting", &["diagnostic", "domain", "rules"]),
    ("ruleset", &["diagnostic", "domain", "rules", "scripting", "yaml"]),
    ("vendors", &["domain"]),
    ("store", &["domain", "private_files"]),
    ("mail", &["domain", "private_files"]),
    ("report", &["domain", "mail", "private_files"]),
    ("sandbox", &[]),
    ("runs", &["diagnostic", "domain", "report", "rules", "ruleset", "scripting", "store", "vendors"]),
    ("secrets", &["domain", "rules", "ruleset", "settings", "store"]),
    ("metrics", &["background", "domain", "rules", "ruleset", "runs", "store"]),
    ("notifications", &["diagnostic", "domain", "mail", "rules", "ruleset", "runs", "store", "vendors"]),
    (
        "jobs",
        &[
            "diagnostic",
            "domain",
            "mail",
            "metrics",
            "notifications",
            "report",
            "rules",
            "ruleset",
            "runs",
            "scripting",
            "settings",
            "store",
            "vendors",
        ],
    ),
    ("scheduler", &["domain", "jobs", "rules", "ruleset", "store"]),
    (
        "host",
        &[
            "background",
            "domain",
            "jobs",
            "metrics",
            "notifications",
            "rules",
            "ruleset",
            "runs",
            "scheduler",
            "scripting",
            "secrets",
            "settings",
            "store",
        ],
    ),
    ("temporal", &["domain", "jobs", "rules", "ruleset", "runs", "scheduler", "settings", "store"]),
    ("auth", &["domain", "store"]),
    (
        "web",
        &[
            "auth",
            "diagnostic",
            "domain",
            "host",
            "jobs",
            "mail",
            "metrics",
            "report",
            "rules",
            "ruleset",
            "runs",
            "scheduler",
            "scripting",
            "secrets",
            "settings",
            "store",
            "vendors",
            "yaml",
        ],
    ),
    (
        "cli",
        &[
            "auth",
            "diagnostic",
            "domain",
            "host",
            "jobs",
            "mail",
            "metrics",
            "notifications",
            "private_files",
            "report",
            "rules",
            "ruleset",
            "runs",
            "sandbox",
            "scheduler",
            "scripting",
            "secrets",
            "settings",
            "store",
            "temporal",
            "vendors",
            "web",
            "yaml",
        ],
    ),
    ("app", &["cli", "diagnostic", "ruleset", "runs", "settings", "store"]),
];

/// Crates that a room must not know, since it would no longer be what it is.
const ABSENT: [(&str, &[&str]); 6] = [
    ("domain", &["tokio", "reqwest", "sqlx", "rhai", "serde_yaml", "axum", "clap"]),
    ("rules", &["tokio", "reqwest", "sqlx", "rhai", "axum", "clap", "anyhow"]),
    ("vendors", &["sqlx", "rhai", "serde_yaml", "axum", "clap"]),
    ("store", &["reqwest", "rhai", "serde_yaml", "axum", "clap"]),
    ("report", &["reqwest", "sqlx", "rhai", "serde_yaml", "axum", "clap"]),
    ("runs", &["sqlx", "rhai", "serde_yaml", "axum", "clap"]),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["src", "tests", "benches"] {
        walk(&root.join(folder), &mut found);
    }
    assert!(found.len() > 50, "the sources are where they were");
    found.into_iter().map(|path| (path.strip_prefix(root).unwrap().to_owned(), fs::read_to_string(&path).unwrap())).collect()
}

/// The room of a file under `src`; `None` for `main.rs`, `lib.rs` and what is not under `src`.
fn room(path: &Path) -> Option<String> {
    let within = path.strip_prefix("src").ok()?;
    let first = within.iter().next()?.to_str()?;
    let room = first.trim_end_matches(".rs");
    (!["main", "lib"].contains(&room)).then(|| room.to_owned())
}

/// The rooms that a text uses, by `crate::<room>` outside comments.
fn used(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect())
        .collect()
}

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(room) = room(&path) else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: the room `{room}` is not on the plan", path.display()));
            continue;
        };
        for other in used(&text) {
            let is_room = ROOMS.iter().any(|(name, _)| *name == other);
            if is_room && other != room && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{}: {room} must not use {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rooms_do_not_know_what_they_must_not() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(room) = room(&path) else { continue };
        let absent = ABSENT.iter().filter(|(name, _)| *name == room).flat_map(|(_, absent)| absent.iter());
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        wrong.extend(
            absent.filter(|name| code.contains(&format!("{name}::"))).map(|name| format!("{}: {room} knows {name}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_domain_stands_first_and_no_two_rooms_use_each_other() {
    for (room, allowed) in ROOMS {
        for other in allowed {
            let (_, back) = ROOMS.iter().find(|(name, _)| name == other).expect("on the plan");
            assert!(!back.contains(&room), "{room} and {other} use each other");
        }
    }
}

#[test]
fn a_file_has_one_idea_and_says_which() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > 400 {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
        if !text.starts_with("//! ") {
            wrong.push(format!("{}: no //! line says what it is for", path.display()));
        }
        for name in ["manager", "helper", "util", "misc"] {
            if path.iter().any(|part| part.to_string_lossy().trim_end_matches(".rs").contains(name)) {
                wrong.push(format!("{}: a name that says nothing", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_top_level_holds_only_what_is_needed() {
    const EXPECTED: [&str; 21] = [
        ".ci",
        ".config",
        ".gitignore",
        ".rustfmt.toml",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "askama.toml",
        "benches",
        "contracts",
        "docs",
        "migrations",
        "rules",
        "scripts",
        "src",
        "test",
        "tests",
        "web",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // What a build, a run of the host or git itself leaves is not part of the project.
    let left = [".git", "target", "var", "casebridge.yaml"];
    let names = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let odd: Vec<String> = names.filter(|name| !EXPECTED.contains(&name.as_str()) && !left.contains(&name.as_str())).collect();
    assert!(odd.is_empty(), "not expected at the top level: {odd:?}");
}

/// The pages that people read, with their paths from the top level.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![root.join("README.md"), root.join("CONTRIBUTING.md"), root.join("contracts/README.md")];
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("md") => found.push(path),
                None if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    let read = |path: PathBuf| (path.strip_prefix(root).unwrap().to_owned(), fs::read_to_string(&path).unwrap());
    found.into_iter().map(read).collect()
}

#[test]
fn pages_name_files_that_are_there() {
    const FOLDERS: [&str; 5] = ["src/", "tests/", "docs/", "migrations/", "contracts/"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources: Vec<PathBuf> = sources().into_iter().map(|(path, _)| path).collect();
    let is_source = |words: &str| Path::new(words).extension().is_some_and(|ending| ending == "rs");
    let is_there = |named: &str| {
        if is_source(named) {
            sources.iter().any(|path| path.ends_with(named))
        } else {
            !FOLDERS.iter().any(|folder| named.starts_with(folder)) || root.join(named).exists()
        }
    };
    let mut missing = Vec::new();
    let mut count = 0;
    for (page, text) in pages() {
        let named = text.split('`').filter(|words| words.contains(['.', '/']) && !words.contains(['*', ' ', '\n', '<', '{', '…', ':']));
        for named in named {
            count += usize::from(is_source(named));
            if !is_there(named) {
                missing.push(format!("{}: {named}", page.display()));
            }
        }
    }
    assert!(count > 50, "files are named in backticks");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// What a heading is called in a link, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || ['-', '_', ' '].contains(letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = pages();
    let mut broken = Vec::new();
    for (page, text) in &pages {
        let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
        for link in links.filter(|link| !link.contains("://") && !link.contains([' ', '\n', '`'])) {
            let (path, heading) = link.split_once('#').map_or((link, None), |(path, heading)| (path, Some(heading)));
            let target = if path.is_empty() { root.join(page) } else { root.join(page.parent().unwrap()).join(path) };
            let is_there = match heading {
                None => target.exists(),
                Some(heading) => fs::read_to_string(&target).is_ok_and(|text| {
                    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
                    headings.map(|line| anchor(line.trim_start_matches('#').trim())).any(|name| name == heading)
                }),
            };
            if !is_there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_first_pages_stay_short() {
    for (page, most) in [("README.md", 9_216), ("docs/ARCHITECTURE.md", 18_432), ("docs/STYLE.md", 6_144), ("CONTRIBUTING.md", 6_144)] {
        let length = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap().len();
        assert!(length <= most, "{page}: {length} bytes are more than {most}; move what is not for everybody to another page");
    }
}

#[test]
fn no_two_public_types_share_a_name() {
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src")) {
        for line in text.lines().map(str::trim_start) {
            let kinds = ["pub struct ", "pub enum ", "pub trait ", "pub type "];
            let Some(rest) = kinds.iter().find_map(|kind| line.strip_prefix(kind)) else { continue };
            let name: String = rest.chars().take_while(|letter| letter.is_alphanumeric()).collect();
            declared.entry(name).or_default().push(path.display().to_string());
        }
    }
    assert!(declared.len() > 200, "types are declared");
    let shared: Vec<_> = declared.into_iter().filter(|(_, paths)| paths.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:?}");
}

/// They would be run by nobody: the tests are built once, and not again for each example.
#[test]
fn no_comment_has_an_example_that_is_not_run() {
    let is_example = |line: &str| ["///", "//!"].iter().any(|start| line.trim_start().starts_with(start)) && line.contains("```");
    let of_src = sources().into_iter().filter(|(path, _)| path.starts_with("src"));
    let found: Vec<PathBuf> = of_src.filter(|(_, text)| text.lines().any(is_example)).map(|(path, _)| path).collect();
    assert!(found.is_empty(), "move these examples into tests: {found:?}");
}
