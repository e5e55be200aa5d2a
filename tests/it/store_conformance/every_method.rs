//! No method of the store is without a claim here.

use std::fs;
use std::path::Path;

#[test]
fn every_method_of_the_store_is_called_by_this_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Without white space: a long call is broken before its method.
    let suite: String = text_below(&root.join("tests/it/store_conformance")).split_whitespace().collect();
    let source = text_below(&root.join("src/store"));
    let of_store = source.split("\nimpl Store {\n").skip(1).filter_map(|block| block.split("\n}\n").next());
    let methods: Vec<&str> = of_store
        .flat_map(|block| block.split("\n    pub async fn ").skip(1))
        .filter_map(|method| method.split(['(', '<']).next())
        .collect();
    assert!(methods.len() > 120, "{methods:?}");
    let is_called = |name: &&str| suite.contains(&format!("store.{name}(")) || suite.contains(&format!("Store::{name}("));
    let missing: Vec<&str> = methods.into_iter().filter(|name| !is_called(name)).collect();
    assert!(missing.is_empty(), "no claim calls {missing:?}");
}

fn text_below(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: std::path::PathBuf| if path.is_dir() { text_below(&path) } else { fs::read_to_string(path).unwrap() };
    entries.map(text).collect::<Vec<_>>().join("\n")
}
