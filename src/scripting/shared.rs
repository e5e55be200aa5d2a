//! What many firms' hooks have in common and hold once: the engine of the same limits, and the compiled script of the same content.
//!
//! An engine with the functions of scripts registered takes more than half a megabyte. Firms share scripts, and a firm's last good rules and
//! its current ones mostly have the same; whoever holds rules keeps what they need alive, and nothing here does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rhai::Engine;
use sha2::{Digest as _, Sha256};

use super::engine;
use super::hooks::FirmScript;
use super::limits::ScriptLimits;
use super::source::ScriptFolder;
use crate::diagnostic::{Diagnostic, Source};

/// A hash of a script's own name and text.
type Key = [u8; 32];

static ENGINES: Mutex<Vec<(ScriptLimits, Weak<Engine>)>> = Mutex::new(Vec::new());

static SCRIPTS: Mutex<Option<HashMap<Key, Vec<Weak<FirmScript>>>>> = Mutex::new(None);

/// The engine that hooks of these limits run on. What compiled them was another one, which knew the folder of modules.
pub(super) fn engine_for_hooks(limits: &ScriptLimits) -> Arc<Engine> {
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    engines.retain(|(_, engine)| engine.strong_count() > 0);
    if let Some(engine) = engines.iter().find_map(|(of, engine)| if of == limits { engine.upgrade() } else { None }) {
        return engine;
    }
    let engine = Arc::new(engine::for_hooks(limits));
    engines.push((limits.clone(), Arc::downgrade(&engine)));
    engine
}

/// The compiled script of this name, by `compile` unless one of the same content, its imports included, is in use.
pub(super) fn compiled(
    folder: &ScriptFolder,
    name: &str,
    limits: &ScriptLimits,
    compile: impl FnOnce() -> Result<FirmScript, Vec<Diagnostic>>,
) -> Result<Arc<FirmScript>, Vec<Diagnostic>> {
    let source = folder.read(name).map_err(|fault| vec![fault])?;
    let key = key_of(&source);
    let known = || {
        let candidates = with_scripts(|scripts| scripts.get(&key).cloned()).unwrap_or_default();
        candidates.iter().filter_map(Weak::upgrade).find(|script| script.is_of(folder, limits))
    };
    if let Some(script) = known() {
        return Ok(script);
    }
    let script = Arc::new(compile()?);
    with_scripts(|scripts| {
        scripts.retain(|_, of_key| {
            of_key.retain(|script| script.strong_count() > 0);
            !of_key.is_empty()
        });
        scripts.entry(key).or_default().push(Arc::downgrade(&script));
    });
    Ok(script)
}

fn with_scripts<T>(look: impl FnOnce(&mut HashMap<Key, Vec<Weak<FirmScript>>>) -> T) -> T {
    look(SCRIPTS.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

fn key_of(source: &Source) -> Key {
    let mut hash = Sha256::new();
    hash.update((source.name.len() as u64).to_be_bytes());
    hash.update(&*source.name);
    hash.update(&source.text);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::rules::{HookScripts as _, Hooks};
    use crate::scripting::RhaiHooks;

    const CHECK: &str = "import \"names\" as names;\nfn validate(c) { names::check(c) }\n";

    fn load(folder: &ScriptFolder, limits: &ScriptLimits) -> Arc<dyn Hooks> {
        RhaiHooks { folder: folder.clone(), limits: limits.clone() }.load("hooks.rhai").expect("hooks in order")
    }

    fn folder(module: &str) -> ScriptFolder {
        let files = [("hooks.rhai", CHECK), ("names.rhai", module)];
        ScriptFolder::new("scripts").with(files.map(|(name, text)| (name.to_owned(), text.to_owned())))
    }

    #[test]
    fn firms_with_the_same_script_hold_one_compiled_script_and_those_with_others_hold_one_engine() {
        let limits = ScriptLimits { operations: 123_456, ..ScriptLimits::default() };
        let (nothing, something) = ("fn check(c) { [] }", "fn check(c) { [\"no\"] }");
        let first = load(&folder(nothing), &limits);
        assert!(Arc::ptr_eq(&first, &load(&folder(nothing), &limits)), "the same content is compiled once");
        // A module counts as the script's own text does, and so do limits.
        let edited = load(&folder(something), &limits);
        assert!(!Arc::ptr_eq(&first, &edited));
        assert!(!Arc::ptr_eq(&first, &load(&folder(nothing), &ScriptLimits { operations: 123_457, ..limits.clone() })));
        assert!(Arc::ptr_eq(&edited, &load(&folder(something), &limits)));
        // The two scripts and this have one engine.
        assert_eq!(Arc::strong_count(&engine_for_hooks(&limits)), 3);
        drop((first, edited));
        assert_eq!(Arc::strong_count(&engine_for_hooks(&limits)), 1, "what nobody uses is let go");
    }
}
