//! No method of the store, of its locks and of what watches them is without a claim here.

use std::fs;
use std::path::Path;

/// What calls methods without a claim about each: `copy.rs` fills whole stores, and `scene.rs` opens them.
const NO_CLAIMS: [&str; 2] = ["copy.rs", "scene.rs"];

/// Methods that have their claims there nevertheless: all of `copy.rs` is about the one, and each scene is a store that the other opened.
const CLAIMED_THERE: [&str; 2] = ["copy_to", "open"];

#[test]
fn every_method_of_the_store_is_called_by_this_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Without white space: a long call is broken before its method.
    let suite: String = text_below(&root.join("tests/it/store_conformance")).split_whitespace().collect();
    let source = text_below(&root.join("src/store"));
    let of_each = [
        ("Store", 120, ["store.", "Store::"]),
        ("Locks", 5, ["locks.", "Locks::"]),
        // A watch is named so, or is looked at where it is made.
        ("LeaseWatch", 4, ["watch.", "hold()."]),
    ];
    let mut missing = Vec::new();
    for (name, least, callers) in of_each {
        let begin = format!("\nimpl {name} {{");
        let blocks = source.split(&begin).skip(1).filter_map(|block| block.split("\n}\n").next());
        let public = blocks.flat_map(|block| block.split("\n    pub ").skip(1));
        let functions = public.filter_map(|item| item.strip_prefix("async ").unwrap_or(item).strip_prefix("fn "));
        let methods: Vec<&str> = functions.filter_map(|function| function.split(['(', '<']).next()).collect();
        assert!(methods.len() >= least, "{name}: {methods:?}");
        let is_called = |method: &str| callers.iter().any(|caller| suite.contains(&format!("{caller}{method}(")));
        missing.extend(methods.into_iter().filter(|method| !is_called(method)));
    }
    missing.sort_unstable();
    assert_eq!(missing, CLAIMED_THERE, "no claim calls what is only on the left");
}

fn text_below(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let with_claims = entries.filter(|path| !NO_CLAIMS.iter().any(|name| path.ends_with(name)));
    let text = |path: std::path::PathBuf| if path.is_dir() { text_below(&path) } else { fs::read_to_string(path).unwrap() };
    with_claims.map(text).collect::<Vec<_>>().join("\n")
}
