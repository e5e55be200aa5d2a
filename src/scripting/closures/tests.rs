//! Which of Rhai's functions are replaced, and that what replaces them does the same.

use std::collections::BTreeSet;

use super::*;

/// The functions that get one of the script's, by name and number of parameters.
fn that_call_back(engine: &Engine, standard: bool) -> BTreeSet<(String, usize)> {
    let found = engine.collect_fn_metadata(
        None,
        |function| {
            let parameters = &function.metadata.params_info;
            let of_pointers = parameters.first().is_some_and(|first| first.ends_with("FnPtr"));
            // Those that are registered here name no types.
            let takes = !standard || parameters.iter().any(|parameter| parameter.ends_with("FnPtr"));
            (takes && !of_pointers).then(|| (function.metadata.name.to_string(), function.metadata.num_params))
        },
        standard,
    );
    found.into_iter().collect()
}

#[test]
fn each_of_rhais_functions_that_calls_back_is_replaced() {
    let mut bare = Engine::new_raw();
    register(&mut bare);
    let replaced = that_call_back(&bare, false);
    let rhais = that_call_back(&Engine::new(), true);
    assert!(rhais.len() > 20, "{rhais:?}");
    assert_eq!(rhais.difference(&replaced).collect::<Vec<_>>(), Vec::<&(String, usize)>::new());
}

#[test]
fn they_do_what_rhais_do() {
    let mut replaced = Engine::new();
    register(&mut replaced);
    for script in [
        "let l = [3, 1, 2, 1]; l.sort(|a, b| a - b); l",
        "let l = [3, 1, 2, 1]; l.sort_by(|a, b| a > b); l",
        "[3, 1, 2].order(|a, b| b - a)",
        "let l = [1, 1, 2, 2, 1]; l.dedup(); l",
        "let l = [1, 1, 2, \"2\", 1]; l.dedup(); l",
        "let l = [1, 2, 4, 8, 3]; l.dedup(|a, b| b == 2 * a); l",
        "let l = [1, 2, 3, 4]; let d = l.drain(|n| n % 2 == 0); [l, d]",
        "let l = [1, 2, 3, 4]; let d = l.retain(|n, place| place > 1); [l, d]",
        "[1, 2, 3].index_of(|n| n > 1) + [1, 2, 3].index_of(|n| n > 7) * 10 + [1, 2, 1].index_of(|n| n == 1, -2) * 100",
        "[[1, 2, 3].find(|n| n > 1), [1].find(|n| n > 1), [1, 2, 3].find(|n| true, -1)]",
        "[[1, 2].find_map(|n| if n == 2 { 7 }), [1].find_map(|n| ()), [5, 6].find_map(|n| n, 1), [5].find_map(|n| n, 9)]",
        "[[1].some(|n| n == 1), [].some(|n| 1), [1].all(|n| n == 2), [].all(|n| 1)]",
        "[1, 2].map(|n, place| n * 10 + place) + [1, 2].filter(|| this == 2)",
        "[[1, 2].reduce(|sum, n| if sum == () { n } else { sum * 10 + n }), [1, 2].reduce(|sum, n| sum * 10 + n, 0)]",
        "[[1, 2].reduce_rev(|sum, n, place| if sum == () { n } else { sum * 10 + place }), [1, 2].reduce_rev(|sum, n| sum * 10 + n, 0)]",
        "[1, 2].zip([3, 4, 5], |a, b, place| a * b + place)",
        "let sum = [1, 2]; sum.for_each(|place| this += place); sum",
        "#{ a: 1, b: 2 }.map(|key, value| value + 1)",
        "#{ a: 1, b: 2 }.filter(|key, value| key == \"a\")",
        "let m = #{ a: 1, b: 2 }; let d = m.drain(|key, value| value == 1); [m, d]",
        "let m = #{ a: 1, b: 2 }; let d = m.retain(|key| key == \"b\"); [m, d]",
        "fn odd(n) { n % 2 == 1 } let l = [1, 2, 3]; [l.filter(\"odd\"), l.map(\"odd\"), l.some(\"odd\"), l.index_of(\"odd\")]",
    ] {
        let [rhais, ours] = [&Engine::new(), &replaced].map(|engine| engine.eval::<Dynamic>(script).unwrap().to_string());
        assert_eq!(rhais, ours, "{script}");
    }
}
