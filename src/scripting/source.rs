//! Scripts as files: read from the scripts folder and from nowhere else.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use sha2::{Digest as _, Sha256};

use crate::diagnostic::{Diagnostic, Source};

/// No script is longer.
const MAX_BYTES: u64 = 1024 * 1024;

/// The folder of scripts.
#[derive(Debug, Clone)]
pub struct ScriptFolder {
    path: PathBuf,
    /// The texts by name, where no folder on disk has them; what keeps them may swap in others.
    texts: Option<Arc<ArcSwap<BTreeMap<String, String>>>>,
}

impl ScriptFolder {
    /// The folder, as users write it.
    pub fn new(path: impl Into<PathBuf>) -> ScriptFolder {
        ScriptFolder { path: path.into(), texts: None }
    }

    /// A folder of this name that is nowhere on disk, with whatever these texts are when it is read.
    pub fn of_texts(path: impl Into<PathBuf>, texts: Arc<ArcSwap<BTreeMap<String, String>>>) -> ScriptFolder {
        ScriptFolder { path: path.into(), texts: Some(texts) }
    }

    /// As users know it; where it is, if it is on disk.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A folder of this name that is nowhere on disk: the scripts that are shipped in the program, each by name.
    pub fn shipped(path: &str, scripts: &'static [(&'static str, &'static str)]) -> ScriptFolder {
        ScriptFolder::new(path).with(scripts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
    }

    /// The folder with these files alone, by their names, whatever is on disk now: what was in it when rules were in order.
    pub fn with(&self, files: impl IntoIterator<Item = (String, String)>) -> ScriptFolder {
        ScriptFolder::of_texts(&self.path, Arc::new(ArcSwap::from_pointee(files.into_iter().collect())))
    }

    /// The name of a script within the folder, given that or its path as a user types it (`scripts/connect.rhai`).
    pub fn name_of(&self, typed: &str) -> String {
        let typed = typed.strip_prefix("./").unwrap_or(typed);
        match Path::new(typed).strip_prefix(&self.path) {
            Ok(within) if !self.path.as_os_str().is_empty() => within.display().to_string(),
            _ => typed.to_owned(),
        }
    }

    /// Every script of the folder and of the folders in it, by name.
    pub fn names(&self) -> Vec<String> {
        if let Some(texts) = &self.texts {
            return texts.load().keys().filter(|name| is_script(Path::new(name))).cloned().collect();
        }
        let mut names = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(self.path.join(&folder)) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let name = entry.file_name();
                if name.to_string_lossy().starts_with('.') {
                    continue;
                }
                let within = folder.join(&name);
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(within),
                    _ if is_script(&within) => names.push(within.display().to_string()),
                    _ => {}
                }
            }
        }
        names.sort();
        names
    }

    /// What changes when any script of the folder does.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for name in self.names() {
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(&name);
            match self.read(&name) {
                Ok(source) => hash.update(&source.text),
                Err(fault) => hash.update(&fault.message),
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads a script; its name shows the folder, as in `scripts/hartwell.rhai`.
    pub fn read(&self, name: &str) -> Result<Arc<Source>, Diagnostic> {
        let shown = self.path.join(name);
        let shown = shown.display();
        let fault = |message: String, help: String| Err(Diagnostic::without_place(message).help(help));
        let inside = !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        let escapes = || {
            let message = format!("`{name}` is not in the scripts folder");
            fault(message, format!("name a file under {}, without .. and not from /", self.path.display()))
        };
        if !inside {
            return escapes();
        }
        let too_large =
            || fault(format!("{shown} is larger than 1 MiB"), "scripts are a few kilobytes; is this the right file?".to_owned());
        if let Some(texts) = &self.texts {
            return match texts.load().get(name) {
                Some(text) if text.len() as u64 > MAX_BYTES => too_large(),
                Some(text) => Ok(Arc::new(Source::new(&shown.to_string(), text.clone(), Vec::new()))),
                None => fault(format!("there is no script {shown}"), self.nearest(name)),
            };
        }
        let Ok(real) = self.path.join(name).canonicalize() else {
            return fault(format!("there is no script {shown}"), self.nearest(name));
        };
        // A link may lead out of the folder.
        if !self.path.canonicalize().is_ok_and(|folder| real.starts_with(folder)) {
            return escapes();
        }
        let mut bytes = Vec::new();
        if let Err(error) = std::fs::File::open(&real).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)) {
            return fault(format!("{shown} cannot be read: {}", error.kind()), "make it readable for casebridge's user".to_owned());
        }
        if bytes.len() as u64 > MAX_BYTES {
            return too_large();
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Arc::new(Source::new(&shown.to_string(), text, Vec::new()))),
            Err(_) => fault(format!("{shown} is not UTF-8 text"), "save it as UTF-8".to_owned()),
        }
    }

    fn nearest(&self, name: &str) -> String {
        let names = self.names();
        let with_ending = format!("{name}.rhai");
        if names.contains(&with_ending) {
            return format!("did you mean `{with_ending}`?");
        }
        match crate::diagnostic::nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => format!("the folder {} has no scripts", self.path.display()),
            None => format!("the scripts there are: {}", names.join(", ")),
        }
    }
}

fn is_script(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".rhai") && !name.ends_with(".d.rhai")
}
