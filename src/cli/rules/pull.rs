//! `casebridge rules pull`: the files of rules and scripts from the store into a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::{Context, Exit, Refusal, output};
use crate::ruleset::{RulePathFault, RulesFolder, folder_files, is_rule_path};
use crate::scripting::ScriptFolder;

/// What a pull may do to what the folder has already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Over {
    /// Files that hold other text are overwritten.
    pub force: bool,
    /// Files that the store does not have are removed.
    pub remove: bool,
}

pub(super) async fn pull(context: &Context, to: &Path, over: Over) -> Result<Exit, Refusal> {
    let store = context.host().await?.store;
    let kept = store.rule_files_since(0).await?;
    store.close().await;
    let files: Vec<(String, PathBuf, String)> = kept
        .into_iter()
        .filter(|file| is_rule_path(&file.path))
        .filter_map(|file| Some((to.join(&file.path), file.path, file.text?)))
        .map(|(place, path, text)| (path, place, text))
        .collect();
    if files.is_empty() {
        return Err(Refusal::usage("the store has no rules", "`casebridge rules push` brings them there"));
    }
    let differing = |(_, place, text): &&(String, PathBuf, String)| fs::read(place).is_ok_and(|held| held != text.as_bytes());
    let in_the_way: Vec<String> = files.iter().filter(differing).map(|(_, place, _)| place.display().to_string()).collect();
    if !over.force && !in_the_way.is_empty() {
        let help = "pull into an empty folder, or overwrite them with --force";
        return Err(Refusal::usage(format!("other text is there already, and nothing was written: {}", in_the_way.join(", ")), help));
    }
    for (_, place, text) in &files {
        let cannot = |error: std::io::Error| Refusal::failed(format!("{} cannot be written: {}", place.display(), error.kind()));
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).map_err(cannot)?;
        }
        fs::write(place, text).map_err(cannot)?;
    }
    // The next push would bring back what the store has removed.
    let strays = strays(to, &files)?;
    if over.remove {
        for path in &strays {
            let cannot = |error: std::io::Error| Refusal::failed(format!("{path} cannot be removed: {}", error.kind()));
            fs::remove_file(to.join(path)).map_err(cannot)?;
        }
    }
    if context.json {
        let (removed, left) = if over.remove { (strays, Vec::new()) } else { (Vec::new(), strays) };
        output::line(json!({ "files": files.iter().map(|(path, ..)| path).collect::<Vec<_>>(), "removed": removed, "left": left }));
        return Ok(Exit::Success);
    }
    output::line(format_args!("{} files are in {} now", files.len(), to.display()));
    match (strays.is_empty(), over.remove) {
        (true, _) => {}
        (false, true) => output::line(format_args!("removed: {}", strays.join(", "))),
        (false, false) => {
            output::line(format_args!(
                "not in the store: {}; --remove removes such files, and a push would bring them there",
                strays.join(", ")
            ));
        }
    }
    Ok(Exit::Success)
}

/// The files of rules and scripts in the folder that are none of these.
fn strays(folder: &Path, files: &[(String, PathBuf, String)]) -> Result<Vec<String>, Refusal> {
    let (rules, scripts) = (folder.join("rules"), folder.join("scripts"));
    if !rules.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = |fault: RulePathFault| Refusal::failed(fault.to_string());
    let there = folder_files(&RulesFolder::on_disk(&rules), &ScriptFolder::new(scripts)).map_err(unreadable)?;
    let kept: BTreeSet<&str> = files.iter().map(|(path, ..)| path.as_str()).collect();
    Ok(there.into_keys().filter(|path| !kept.contains(path.as_str())).collect())
}
