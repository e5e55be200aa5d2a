//! Properties of merging: `rules/_defaults.yaml` under a firm's own file.

use proptest::prelude::*;

use super::firm::{HEAD, rules};

/// A firm's rules as far as these tests change them.
#[derive(Debug, PartialEq)]
struct Shown {
    reopen: bool,
    from_cases: u64,
    share: f64,
    concurrency: usize,
    stages: Vec<(String, u8)>,
    own_stages: Vec<(String, String, u8)>,
    required: usize,
}

fn shown(files: &[(&str, String)]) -> Shown {
    let rules = rules(files);
    let own = rules.stages.by_case_type.entries().flat_map(|(case_type, own)| {
        own.value.entries().map(|(stage, target)| (case_type.to_owned(), stage.to_owned(), target.value.number())).collect::<Vec<_>>()
    });
    Shown {
        reopen: rules.sync.reopen.value,
        from_cases: rules.guard.from_cases,
        share: rules.guard.max_stage_changes.value,
        concurrency: rules.limits.concurrency,
        stages: rules.stages.map.entries().map(|(stage, target)| (stage.to_owned(), target.value.number())).collect(),
        own_stages: own.collect(),
        required: rules.validation.required.len(),
    }
}

/// Any of a few keys, as YAML; each may be left out.
fn keys() -> impl Strategy<Value = String> {
    let key = |text: BoxedStrategy<String>| proptest::option::of(text).prop_map(Option::unwrap_or_default);
    let guard = (proptest::option::of(0..=100_u8), proptest::option::of(0..50_u8)).prop_map(|(share, from)| {
        let share = share.map(|share| format!("  max_stage_changes: {share}%\n")).unwrap_or_default();
        let from = from.map(|from| format!("  from_cases: {from}\n")).unwrap_or_default();
        if share.is_empty() && from.is_empty() { String::new() } else { format!("guard:\n{share}{from}") }
    });
    let stages = (proptest::option::of(1..=12_u8), proptest::option::of(("[A-C]", 1..=12_u8))).prop_map(|(to, own)| {
        let map = to.map(|to| format!("  map:\n    - {{ casepeer: Intake, to: {to} }}\n")).unwrap_or_default();
        let own =
            own.map(|(case_type, to)| format!("  by_case_type:\n    {case_type}: [{{ casepeer: Talks, to: {to} }}]\n")).unwrap_or_default();
        if map.is_empty() && own.is_empty() { String::new() } else { format!("stages:\n{map}{own}") }
    });
    (
        key(any::<bool>().prop_map(|on| format!("sync: {{ reopen: {on} }}\n")).boxed()),
        guard,
        key((1..50_u8).prop_map(|number| format!("limits: {{ concurrency: {number} }}\n")).boxed()),
        stages,
        key(Just("validation: { required: [name] }\n".to_owned()).boxed()),
    )
        .prop_map(|(sync, guard, limits, stages, validation)| format!("{sync}{guard}{limits}{stages}{validation}"))
}

fn firm(keys: &str) -> (&'static str, String) {
    ("firm", format!("{HEAD}{keys}"))
}

fn defaults(keys: &str) -> (&'static str, String) {
    ("_defaults", keys.to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, ..ProptestConfig::default() })]

    #[test]
    fn an_empty_layer_changes_nothing(keys in keys()) {
        prop_assert_eq!(shown(&[defaults(""), firm(&keys)]), shown(&[firm(&keys)]));
    }

    #[test]
    fn it_does_not_matter_in_which_of_two_layers_a_key_stands_alone(keys in keys()) {
        prop_assert_eq!(shown(&[defaults(&keys), firm("")]), shown(&[firm(&keys)]));
    }

    #[test]
    fn a_layer_over_itself_changes_nothing(keys in keys()) {
        prop_assert_eq!(shown(&[defaults(&keys), firm(&keys)]), shown(&[firm(&keys)]));
    }

    #[test]
    fn maps_merge_and_lists_and_scalars_replace(under in keys(), over in keys()) {
        let (below, above, merged) = (shown(&[firm(&under)]), shown(&[firm(&over)]), shown(&[defaults(&under), firm(&over)]));
        let of = |key: &str| if over.contains(key) { &above } else { &below };
        prop_assert_eq!(merged.reopen, of("reopen").reopen);
        prop_assert_eq!(merged.from_cases, of("from_cases").from_cases);
        prop_assert!((merged.share - of("max_stage_changes").share).abs() < f64::EPSILON);
        prop_assert_eq!(merged.concurrency, of("concurrency").concurrency);
        prop_assert_eq!(&merged.stages, &of("\n  map:").stages);
        prop_assert_eq!(merged.required, of("required").required);
        // Case types are a map: those of both layers are there, and the upper one's hold.
        let mut own: Vec<_> = below.own_stages.into_iter().filter(|(case_type, ..)| above.own_stages.iter().all(|(other, ..)| other != case_type)).collect();
        own.extend(above.own_stages);
        own.sort();
        let mut merged = merged.own_stages;
        merged.sort();
        prop_assert_eq!(merged, own);
    }
}
