//! Scripts of hooks that cannot be used, shown where the script has them.

use insta::assert_snapshot;

use super::{firm, rendered, with_scripts};

/// What `casebridge check` shows of a firm with this script.
fn check(scripts: &'static [(&'static str, &'static str)]) -> String {
    rendered(&with_scripts(&[("rules/hartwell.yaml", &firm("hooks: hartwell.rhai\n"))], scripts).diagnostics())
}

#[test]
fn no_such_script() {
    assert_snapshot!(check(&[("hartwel.rhai", "")]));
}

#[test]
fn a_script_out_of_the_folder() {
    let generation = with_scripts(&[("rules/hartwell.yaml", &firm("hooks: ../hartwell.rhai\n"))], &[]);
    assert_snapshot!(rendered(&generation.diagnostics()));
}

#[test]
fn misspelt_and_wrongly_shaped_hooks() {
    const SCRIPT: &str = "fn map_cases(c, wanted) { wanted }\nfn validate(c, d) { [] }\nfn on_connect(c) { c }\nprivate fn mine() { 1 }\n";
    assert_snapshot!(check(&[("hartwell.rhai", SCRIPT)]));
}

#[test]
fn syntax_and_reserved_words() {
    const BROKEN: &str = "fn validate(c) {\n    let x = ;\n}\n";
    const RESERVED: &str = "fn validate(case) { [] }\n";
    assert_snapshot!([check(&[("hartwell.rhai", BROKEN)]), check(&[("hartwell.rhai", RESERVED)])].join("\n"));
}

#[test]
fn unknown_functions_and_variables() {
    const FUNCTION: &str = "fn validate(c) {\n    if c.stage.contans(\"x\") { [] } else { [] }\n}\n";
    const VARIABLE: &str = "fn validate(c) {\n    if cas.stage == \"x\" { [] } else { [] }\n}\n";
    const EVAL: &str = "fn validate(c) { eval(\"1\"); [] }\n";
    assert_snapshot!([FUNCTION, VARIABLE, EVAL].map(|text| check(Box::leak(Box::new([("hartwell.rhai", text)])))).join("\n"));
}

#[test]
fn a_top_level_that_does_something() {
    const SCRIPT: &str = "const LIMIT = 3;\nlet seen = 0;\nfn validate(c) { [] }\n";
    assert_snapshot!(check(&[("hartwell.rhai", SCRIPT)]));
}

#[test]
fn faults_of_a_module_are_shown_in_the_module() {
    const SCRIPT: &str = "import \"words\" as words;\nfn validate(c) { words::check(c) }\n";
    const MODULE: &str = "fn check(c) {\n    let sync = 1;\n    []\n}\n";
    assert_snapshot!(check(&[("hartwell.rhai", SCRIPT), ("words.rhai", MODULE)]));
}

#[test]
fn modules_that_import_each_other_or_lead_out_of_the_folder() {
    const CIRCLE: &str = "import \"words\" as words;\nfn validate(c) { [] }\n";
    const OUT: &str = "import \"../words\" as words;\nfn validate(c) { [] }\n";
    let circle = check(&[("hartwell.rhai", CIRCLE), ("words.rhai", "import \"words\" as again;\n")]);
    assert_snapshot!([circle, check(&[("hartwell.rhai", OUT)])].join("\n"));
}

/// What `casebridge check` says of a firm with these hooks, or nothing.
fn of_hooks(script: &str) -> String {
    let scripts = Box::leak(Box::new([("hartwell.rhai", &*script.to_owned().leak())]));
    rendered(&with_scripts(&[("rules/hartwell.yaml", &firm("hooks: hartwell.rhai\n"))], scripts).diagnostics())
}

/// The same of a script that runs by itself.
fn of_migration(script: &str) -> String {
    let scripts = Box::leak(Box::new([("work.rhai", &*script.to_owned().leak())]));
    let schedule = "schedule: { scripts: [{ script: work.rhai, cron: '0 6 * * *' }] }\n";
    rendered(&with_scripts(&[("rules/hartwell.yaml", &firm(schedule))], scripts).diagnostics())
}

/// The same of an expression.
fn of_expression(expression: &str) -> String {
    let rules = firm(&format!("validation:\n  rules:\n    - {{ when: '{expression}', error: A }}\n"));
    rendered(&with_scripts(&[("rules/hartwell.yaml", &rules)], &[]).diagnostics())
}

/// Each with the field that is misspelt and what was meant.
#[test]
fn misspelt_fields_are_found_wherever_they_stand() {
    let hooks = [
        ("fn map_case(c, wanted) { if c.stage == \"Closed\" && c.client.emial == () { } wanted }", "emial", "email"),
        ("fn map_case(c, wanted) { if c.id == 7 { } else if c.id == 8 { wanted.stge = 4; } wanted }", "stge", "stage"),
        (
            "fn map_case(c, wanted) { switch c.stage { \"A\" => { wanted.stage = c.cse_number; } _ => {} } wanted }",
            "cse_number",
            "case_number",
        ),
        ("fn map_case(c, wanted) { while c.id == 7 { return c.stge; } wanted }", "stge", "stage"),
        ("fn map_case(c, wanted) { try { c.stge } catch (e) { log(c.nmae) } wanted }\nfn log(x) {}", "nmae", "name"),
        ("fn map_case(c, wanted) { let client = c.client; if c.id == 7 { client.frist_name } wanted }", "frist_name", "first_name"),
        ("fn map_case(c, wanted) { if c.id == 7 { c.client.phones[0].nunber } wanted }", "nunber", "number"),
        ("fn map_case(c, wanted) { if c.id == 7 { c.client?.phones[0]?.labl } wanted }", "labl", "label"),
        ("fn map_case(c, wanted) { for p in c.client.phones { if p.labl == \"x\" { } } wanted }", "labl", "label"),
        ("fn map_case(c, wanted) { if c.id == 7 { `${c.client.lst_name}` } wanted }", "lst_name", "last_name"),
        ("fn map_case(c, wanted) { if c.id == 7 { [#{ a: c.stge }] } wanted }", "stge", "stage"),
        ("fn validate(c) { if c.id == 7 { c.staff.filter(|m| m.rol == \"paralegal\") } [] }", "rol", "role"),
        ("fn validate(c) { if c.id == 7 { c.client.phones.find(|p| true).nubmer } [] }", "nubmer", "number"),
        ("fn validate(c) { if c.id == 7 { let l = c.staff.filter(|m| m.role == \"x\"); l[0].emial } [] }", "emial", "email"),
        ("fn validate(c) { if c.id == 7 { c.staff.some(|m| m.email == c.client.emial) } [] }", "emial", "email"),
        ("fn validate(c) { if c.id == 7 { check(c.client) } [] }\nprivate fn check(who) { who.emial }", "emial", "email"),
        ("fn validate(c) { let by = |m| m.rol; if c.id == 7 { c.staff.map(by) } [] }", "rol", "role"),
        ("fn note_text(message, text) { if message.id == \"x\" { message.bdy } else { text } }", "bdy", "body"),
        ("fn connect_case(c, draft) { if c.id == 7 { draft.phnoe = (); } draft }", "phnoe", "phone"),
        ("fn validate(c) { let who = (); if c.id == 7 { who = c.client; } if who != () { who.emial } [] }", "emial", "email"),
        ("fn validate(c) { let a; let b; for i in 0..9 { if b != () { b.emial } b = a; a = c.client; } [] }", "emial", "email"),
        ("fn validate(c) { let l = []; l.push(c.client); for w in l { if c.id == 7 { w.emial } } [] }", "emial", "email"),
        ("fn validate(c) { if c.id == 7 { who(c).emial } [] }\nfn who(c) { if c.id == 8 { return c.client; } c.client }", "emial", "email"),
        ("fn validate(c) { if c.id == 7 { c.look(); } [] }\nprivate fn look() { this.clinet }", "clinet", "client"),
        ("fn validate(c) { let all = #{ by: |m| m.id == c.stge }; if c.id == 7 { all.mine } [] }", "stge", "stage"),
        ("fn validate(c) { let w = switch c.stage { \"A\" => c.client, _ => () }; if w != () { w.emial } [] }", "emial", "email"),
        ("fn validate(c) { if type_of(c.name) == \"string\" && c.stge == 1 { } [] }", "stge", "stage"),
        ("fn map_case(c, wanted) { wanted.paralegals.push(\"x\"); if c.id == 7 { wanted.stge = 1; } wanted }", "stge", "stage"),
    ];
    let migrations = [
        ("let c = casepeer.get_case(7); if c != () && c.stage == \"x\" { log.info(c.stge); }", "stge", "stage"),
        ("for c in case_status.list_cases() { if c.id == 7 { log.info(c.readabl_id); } }", "readabl_id", "readable_id"),
        ("if run.dry_rn { }", "dry_rn", "dry_run"),
        ("for c in casepeer.list_cases(#{ status: \"open\" }) { if c.id == 7 { if case_status.close_case(c.id).okk { } } }", "okk", "ok"),
        ("for a in case_status.list_practice_areas() { for s in a.stages { if s.number == 0 { s.nme } } }", "nme", "name"),
        ("fn look(c) { if c.id == 7 { c.clinet } }\nfor c in casepeer.list_cases() { look(c); }", "clinet", "client"),
        ("fn look() { for m in case_status.list_messages() { if m.id == \"\" { m.bdy } } }\nif false { look(); }", "bdy", "body"),
    ];
    let expressions = [
        ("case_type == \"Dog Bite\" && client.emial == ()", "emial", "email"),
        ("id == 7 && staff.some(|m| m.rol == \"paralegal\")", "rol", "role"),
        ("id != 7 || client.phones[0].labl == \"x\"", "labl", "label"),
        ("id == 7 && `${client.lst_name}` == \"x\"", "lst_name", "last_name"),
    ];
    let shown = (hooks.map(|(text, field, meant)| (text, of_hooks(text), field, meant)).into_iter())
        .chain(migrations.map(|(text, field, meant)| (text, of_migration(text), field, meant)))
        .chain(expressions.map(|(text, field, meant)| (text, of_expression(text), field, meant)));
    for (text, shown, field, meant) in shown {
        let place = text.lines().enumerate().find_map(|(line, text)| Some((line + 1, text.find(&format!(".{field}"))? + 2)));
        let (line, column) = place.unwrap();
        assert!(shown.contains(&format!("there is no property `{field}` of")), "{text}\n{shown}");
        assert!(shown.contains(&format!("did you mean `{meant}`?")), "{text}\n{shown}");
        assert!(shown.contains("rules/hartwell.yaml:") || shown.contains(&format!(".rhai:{line}:{column}")), "{text}\n{shown}");
    }
}

#[test]
fn what_may_be_right_is_not_faulted() {
    for script in [
        "fn map_case(c, wanted) { c = #{ stge: 1 }; c.stge; wanted }",
        "fn map_case(c, wanted) { let m = #{}; m.mine = 1; if m.mine == 1 { } wanted }",
        "fn map_case(c, wanted) { let x = c.client; x = #{ mine: 1 }; x.mine; wanted }",
        "fn map_case(c, wanted) { let l = c.client.phones.filter(|p| true); l.push(#{ mine: 1 }); for p in l { p.mine } wanted }",
        "fn map_case(c, wanted) { let l = [c]; l.push(#{ mine: 1 }); for x in l { x.mine } wanted }",
        "fn map_case(c, wanted) { let c = #{ mine: c.id }; c.mine; wanted }",
        "fn map_case(c, wanted) { c.staff.map(|m| #{ mine: m.role }).filter(|x| x.mine == \"x\"); wanted }",
        "fn map_case(c, wanted) { c.staff.reduce(|seen, m| { seen.mine = m.role; seen }, #{ mine: 1 }); wanted }",
        "fn validate(c) { [c.client, #{ mine: 1 }].filter(|x| type_of(x) == \"map\" && x.mine == 1); [] }",
        "fn validate(c) { look(c); look(#{ mine: 1 }); [] }\nprivate fn look(x) { if type_of(x) == \"map\" { x.mine } }",
        "fn validate(c) { let x = if c.id == 7 { c.client } else { #{ mine: 1 } }; if c.id != 7 { x.mine } [] }",
        "fn validate(c) { if c.stage.len > 3 && c.staff.len > 1 && !c.client.phones.is_empty { } [] }",
        "fn validate(c) { let client = (); [1].for_each(|i| { client = #{ mine: 1 }; }); [] }",
        "fn validate(c) { try { throw #{ mine: 1 } } catch (c) { c.mine } [] }",
        "fn validate(c) { let a = c.client; let b = a; for i in 0..9 { if i > 1 { b.mine } b = a; a = #{ mine: i }; } [] }",
        "fn validate(c) { let w = c.client; let f = || w.mine; w = #{ mine: 1 }; f.call(); [] }",
        "fn validate(c) { let l = [c.client]; l[0] = #{ mine: 1 }; push(l, #{ mine: 2 }); for x in l { x.mine } [] }",
        "fn validate(c) { let l = [[c.client]]; l[0].push(#{ mine: 1 }); for x in l { for y in x { y.mine } } [] }",
        "fn validate(c) { let l = [c.client]; l.add(#{ mine: 1 }); for x in l { x.mine } [] }\nprivate fn add(x) { this.push(x); }",
        "fn validate(c) { let l = [c.client]; l += [#{ mine: 1 }]; l.for_each(|| this.mine = 1); [] }",
        "fn validate(c) { let l = c.staff.map(|m| m.role); l.for_each(|| { this = #{ mine: this }; }); for x in l { x.mine } [] }",
        "fn validate(c) { let m = #{ stge: 1, client: #{ emial: 1 } }; m[\"stge\"]; m.client.emial; [] }",
        "fn validate(c) { staff(#{ mine: 1 }); [] }\nprivate fn staff(c) { c.mine; let c = c.mine; c }",
    ] {
        assert_eq!(of_hooks(script), "", "{script}");
    }
    assert_eq!(
        of_migration("let m = #{}; for c in casepeer.list_cases() { m[c.case_type] = #{ mine: c }; } m.values().map(|x| x.mine);"),
        ""
    );
    assert_eq!(of_migration("for row in run.input { log.info(row.mine); }"), "");
    assert_eq!(of_expression("staff.map(|m| #{ mine: m.role }).some(|x| x.mine == \"x\")"), "");
}

#[test]
fn an_unknown_field_is_quoted_in_the_file_where_it_stands() {
    const SCRIPT: &str = "import \"lib/people\" as people;\n\nfn validate(c) {\n    if c.stage == \"Closed\" && people::reachable(c.client) { c[\"stge\"]; }\n    if c.id == 7 { c[\"client\"]; }\n    []\n}\n";
    const MODULE: &str = "fn reachable(who) {\n    who.emial != () || who.phones.some(|phone| phone.nubmer != \"\")\n}\n";
    assert_snapshot!(check(&[("hartwell.rhai", SCRIPT), ("lib/people.rhai", MODULE)]));
    assert_snapshot!(of_expression("case_type == \"Dog Bite\" && client.emial == ()"));
}
