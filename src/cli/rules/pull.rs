//! `casebridge rules pull`: the files of rules and scripts from the store into a folder.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::{Context, Exit, Refusal, answer};
use crate::mirror::is_rule_path;

pub(super) async fn pull(context: &Context, to: &Path, force: bool) -> Result<Exit, Refusal> {
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
    if !force && !in_the_way.is_empty() {
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
    if context.json {
        answer::line(json!({ "files": files.iter().map(|(path, ..)| path).collect::<Vec<_>>() }));
    } else {
        answer::line(format_args!("{} files are in {} now", files.len(), to.display()));
    }
    Ok(Exit::Well)
}
