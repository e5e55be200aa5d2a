//! A key that someone typed into a file is in no diagnostic and in no kept text, wherever and however it stands.

use proptest::prelude::*;

use super::{firm, generation, rendered};

/// Ways to write a key into a file, and to have something else wrong beside it.
fn layouts(key: &str) -> Vec<String> {
    vec![
        format!("connections: {{ casepeer: {{ base_url: nowhere, key: {key} }} }}\n"),
        format!("connections:\n  casepeer:\n    base_url: nowhere\n    key: \"{key}\" # mine\n"),
        format!("connections:\n  casepeer:\n    key: '{key}'\n    key: '{key}'\n"),
        format!("connections:\n  casepeer:\n    key: |\n      {key}\n    page_size: 900\n"),
        format!("connections:\n  casepeer: {{ kye: {key}, page_size: 900 }}\n"),
        format!("connections:\n  casepeer: {{ api_key: {key}, page_size: 900 }}\n"),
        format!("connections:\n  case_status: {{ webhook_secret: {key}, page_size: 900 }}\n"),
        format!("connections:\n  casepeer: {{ key: [{key}], page_size: 900 }}\n"),
        format!("connections:\n  casepeer: {{ key: {{ a: {key} }}, page_size: 900 }}\n"),
        format!("connections:\n  casepeer: {{ key: {key}, page_size: [ }}\n"),
        format!("name: [\nconnections:\n  casepeer: {{ key: {key} }}\n"),
        format!("connections:\n  casepeer:\n    key: {key}\n   odd: indentation\n"),
        format!("key: {key}\n"),
        format!("connections:\n  casepeer: {{ base_url: 'https://evil.example/?token={key}' }}\n"),
        format!("connections:\n  casepeer: {{ base_url: nowhere, key:{key} }}\n"),
        format!("connections:\n  casepeer:\n    pgae_size: 7 # was key: {key}\n"),
        format!("connections:\n  casepeer:\n    base_url: nowhere   # 'https://x.example/?{key}'\n"),
        firm(&format!("sync: {{ reopen: 7, key: {key} }}\n")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn keys_are_never_shown(key in "sk_[a-zA-Z0-9]{12,30}") {
        for text in layouts(&key) {
            let generation = generation(&[("rules/hartwell.yaml", &text)]);
            let diagnostics = generation.diagnostics();
            prop_assert!(!diagnostics.is_empty(), "{} has a fault", text);
            let shown = format!("{}{}", rendered(&diagnostics), serde_json::to_string(&diagnostics).unwrap());
            prop_assert!(!shown.contains(&key), "{}\n{}", text, shown);
        }
    }

    #[test]
    fn nothing_that_is_read_ends_in_a_panic(text in "[ -~\n\t\u{e9}\u{1f600}]{0,200}") {
        for diagnostic in generation(&[("rules/hartwell.yaml", &text)]).diagnostics() {
            if let Some(place) = &diagnostic.place {
                prop_assert!(place.line as usize <= text.lines().count().max(1), "{:?}", place);
            }
        }
    }
}
