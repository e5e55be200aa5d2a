//! `casebridge rules push`: the files of folders into the store, for instances whose `rules_source` is `store`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use crate::cli::check::{script_faults, test_faults};
use crate::cli::{Context, Exit, Refusal, output};
use crate::diagnostic::{Diagnostic, render_all};
use crate::domain::{Action, FirmId};
use crate::ruleset::{Before, RulePathFault, folder_files};
use crate::store::RuleFile;

/// What a push does to the store.
#[derive(Debug, Default)]
struct Pushed {
    added: Vec<String>,
    changed: Vec<String>,
    removed: Vec<String>,
    /// Files that the store has and the folders do not, and that stay.
    left: Vec<String>,
}

pub(super) async fn push(context: &Context, remove: bool) -> Result<Exit, Refusal> {
    let unreadable = |fault: RulePathFault| Refusal::usage(fault.to_string(), "--from names a folder that has `rules` in it");
    let files = folder_files(&context.rules_folder(), &context.scripts()).map_err(unreadable)?;
    if files.is_empty() {
        let folder = context.settings.rules_dir.display();
        return Err(Refusal::usage(format!("there are no rules in {folder}"), "--from names a folder that has `rules` in it"));
    }
    let store = context.host().await?.store;
    // The number first: what somebody changes from here on makes the store say no.
    let seen = store.rule_file_changes().await?;
    let kept = store.rule_files_since(0).await?;
    check(context, before(&kept, remove))?;
    let (pushed, changes) = compare(&files, kept, remove);
    if !changes.is_empty() {
        let about = files_in_words(changes.len());
        if !store.put_rule_files(&changes, seen, Timestamp::now()).await? {
            return Err(Refusal::failed("the store changed during the push: nothing was pushed; push again"));
        }
        context.note(&store, Action::RulesPushed, |entry| entry.to(about)).await?;
    }
    store.close().await;
    if context.json {
        let Pushed { added, changed, removed, left } = pushed;
        output::line(json!({ "added": added, "changed": changed, "removed": removed, "left": left }));
    } else {
        output::text(pushed.as_text(files.len()));
    }
    Ok(Exit::Success)
}

/// The rules that the store has. Without `remove`, its firms stay.
fn before(kept: &[RuleFile], remove: bool) -> Before {
    let mut before = Before::default();
    for (path, text) in kept.iter().filter_map(|file| Some((&file.path, file.text.as_ref()?))) {
        let Some(name) = path.strip_prefix("rules/").and_then(|name| name.strip_suffix(".yaml")) else { continue };
        match FirmId::new(name) {
            Some(firm) => {
                if !remove {
                    before.staying.insert(firm.clone(), path.into());
                }
                before.firms.insert(firm, text.clone());
            }
            None if name == "_defaults" => before.defaults = Some(text.clone()),
            None => {}
        }
    }
    before
}

/// Refuses what `check` and `test` would find faults in. Keys are not looked for: they are where rules are used.
fn check(context: &Context, before: Before) -> Result<(), Refusal> {
    let generation = context.generation_against(before);
    let mut found = generation.diagnostics();
    found.extend(test_faults(context, &generation, true));
    found.extend(script_faults(context));
    if found.iter().any(Diagnostic::is_error) {
        return Err(Refusal::faulty(found));
    }
    if !found.is_empty() {
        eprintln!("{}", render_all(&found, context.color));
    }
    Ok(())
}

/// What differs between folders and store, and what makes the store the same.
fn compare(files: &BTreeMap<String, String>, kept: Vec<RuleFile>, remove: bool) -> (Pushed, Vec<(String, Option<String>)>) {
    let kept: BTreeMap<String, String> = kept.into_iter().filter_map(|file| Some((file.path, file.text?))).collect();
    let (mut pushed, mut changes) = (Pushed::default(), Vec::new());
    for (path, text) in files.iter().filter(|(path, text)| kept.get(*path) != Some(text)) {
        let list = if kept.contains_key(path) { &mut pushed.changed } else { &mut pushed.added };
        list.push(path.clone());
        changes.push((path.clone(), Some(text.clone())));
    }
    for path in kept.into_keys().filter(|path| !files.contains_key(path)) {
        if remove {
            changes.push((path.clone(), None));
            pushed.removed.push(path);
        } else {
            pushed.left.push(path);
        }
    }
    (pushed, changes)
}

impl Pushed {
    fn as_text(&self, files: usize) -> String {
        let lists = [("added", &self.added), ("changed", &self.changed), ("removed", &self.removed)];
        let changes: usize = lists.iter().map(|(_, paths)| paths.len()).sum();
        let mut text: String = lists.iter().flat_map(|(what, paths)| paths.iter().map(move |path| format!("{what:<8} {path}\n"))).collect();
        text.push_str(&match changes {
            0 => format!("nothing to push: the store has {} already\n", files_in_words(files)),
            _ => format!("the store has {} now\n", files_in_words(files)),
        });
        if !self.left.is_empty() {
            text.push_str(&format!("only in the store: {}; --remove removes such files\n", self.left.join(", ")));
        }
        text
    }
}

fn files_in_words(count: usize) -> String {
    format!("{count} file{}", if count == 1 { "" } else { "s" })
}
