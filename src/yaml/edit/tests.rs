//! Every form in which a value and its place can be written, before and after.

use super::*;

fn new(value: &str) -> NewValue {
    let (_, node) = parse("value", format!("v: {value}\n")).unwrap();
    let value_node = node.under(&KeyPath::parse("v").unwrap()).unwrap();
    NewValue { value: value_node.value.clone(), as_written: Some(value.to_owned()) }
}

fn edited(text: &str, setting: &str) -> Result<String, String> {
    let (path, value) = KeyPath::parse_setting(setting).unwrap();
    put("rules/x.yaml", text, &path, &new(value)).map_err(|fault| fault.to_string())
}

#[track_caller]
fn becomes(text: &str, setting: &str, after: &str) {
    assert_eq!(edited(text, setting).as_deref(), Ok(after), "{setting}");
    // The same with the line ends of another system.
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(edited(&crlf(text), setting).as_deref(), Ok(crlf(after).as_str()), "{setting} with CRLF");
}

#[track_caller]
fn is_refused(text: &str, setting: &str, why: &str) {
    let fault = edited(text, setting).unwrap_err();
    assert!(fault.contains(why), "{fault}");
}

#[test]
fn a_value_is_replaced_in_its_place() {
    becomes("a: 1 # c\nb: 2\n", "a=3", "a: 3 # c\nb: 2\n");
    becomes("s:\n  n: { on: false }  # paused\n", "s.n.on=true", "s:\n  n: { on: true }  # paused\n");
    becomes("n: { a: 1, b: 'x', c: [1] }\n", "n.b=w", "n: { a: 1, b: 'w', c: [1] }\n");
    becomes("n: { a: 1, b: [1, { c: 2 }] } # c\n", "n.b=[3]", "n: { a: 1, b: [3] } # c\n");
    becomes("n: {a:1}\n", "n={ a: 2 }", "n: { a: 2 }\n");
    becomes("n: {\"a\":1,\"b\":2}\n", "n.b=3", "n: {\"a\":1,\"b\":3}\n");
    becomes("g: {\n  a: 3, # few\n  b: 5%\n}\n", "g.a=4", "g: {\n  a: 4, # few\n  b: 5%\n}\n");
    becomes("\"g\":\n  'a' : 3\t# c\n", "g.a=4", "\"g\":\n  'a' : 4\t# c\n");
    becomes("é: \"→ ü\" # ✓\nz: 1\n", "é=\"ö → x\"", "é: \"ö → x\" # ✓\nz: 1\n");
    becomes("a:   1", "a=2", "a:   2");
    becomes("---\na: 1\n...\n", "a=2", "---\na: 2\n...\n");
    becomes("a:\n  one # c\nb: 1\n", "a=two", "a:\n  two # c\nb: 1\n");
    becomes("a: one\n  two\n  three # c\nb: 1\n", "a=four", "a: four # c\nb: 1\n");
    becomes("? a\n: 1\nb: 2\n", "a=3", "? a\n: 3\nb: 2\n");
}

#[test]
fn a_value_keeps_the_quotes_of_the_one_before() {
    becomes("a: \"x\"\n", "a=w", "a: \"w\"\n");
    becomes("a: 'x'\n", "a=\"it's\"", "a: 'it''s'\n");
    becomes("a: 'x'\n", "a=\"a\\nb\"", "a: \"a\\nb\"\n");
    becomes("a: x\n", "a=\"w\"", "a: w\n");
    becomes("a: x\n", "a=\"[CS] \"", "a: \"[CS] \"\n");
    becomes("a: x\n", "a='12'", "a: \"12\"\n");
    becomes("a: 25% # c\n", "a=10%", "a: 10% # c\n");
    becomes("a: \"25%\" # c\n", "a=10%", "a: \"10%\" # c\n");
}

#[test]
fn a_list_or_a_map_may_replace_and_be_replaced() {
    becomes("a: [x, w] # c\n", "a=[x]", "a: [x] # c\n");
    becomes("a: [x, [w]]\n", "a=1", "a: 1\n");
    becomes("a:\n  - x\n  - w\n\n# c\nb: 1\n", "a=[x]", "a: [x]\n\n# c\nb: 1\n");
    becomes("a: # why\n- x\n- w: 1\n  z: |\n    t\n\nb: 1\n", "a=[x]", "a: [x] # why\n\nb: 1\n");
    becomes("a:   # why\n  b: 1\n  c:\nd: 2\n", "a={ b: 2 }", "a: { b: 2 }   # why\nd: 2\n");
    becomes("a: &k # why\n  b: 1\n", "a=[]", "a: &k [] # why\n");
    becomes("a: 1\n", "a=[ x,  w ]", "a: [ x,  w ]\n");
    becomes("a:\n  b:\n    c: { d: [1] }\n", "a.b=2", "a:\n  b: 2\n");
}

#[test]
fn a_text_of_several_lines_is_replaced_whole() {
    becomes("a: |\n  x\n  w\n\n# c\nb: 1\n", "a=z", "a: z\n\n# c\nb: 1\n");
    becomes("a: >-  # why\n    x\n  # c\nb: 1\n", "a=z", "a: z  # why\n  # c\nb: 1\n");
    becomes("a: |+\n  x\n\n\nb: 1\n", "a=z", "a: z\n\n\nb: 1\n");
    becomes("a: |\n\nb: 1\n", "a=z", "a: z\n\nb: 1\n");
    becomes("a: | # why\nb: 1\n", "a=z", "a: z # why\nb: 1\n");
    becomes("m:\n  a: |2-\n     ö→\n    # text\n  b: 1\n", "m.a=z", "m:\n  a: z\n  b: 1\n");
    becomes("a: \"x\\\n  w\" # c\n", "a=z", "a: \"z\" # c\n");
    assert_eq!(edited("a: >+\n", "a=z").as_deref(), Ok("a: z\n"));
}

#[test]
fn a_key_without_a_value_gets_one() {
    becomes("a: # c\nb: 1\n", "a=2", "a: 2 # c\nb: 1\n");
    becomes("a:\n", "a=2", "a: 2\n");
    becomes("a: ~ # c\n", "a=2", "a: 2 # c\n");
    becomes("m: { a: , b: 1 }\n", "m.a=2", "m: { a: 2 , b: 1 }\n");
    becomes("m: { a, b: 1 }\n", "m.a=2", "m: { a: 2, b: 1 }\n");
    becomes("a:   # c\nb: 1\n", "a.x.w=2", "a:   # c\n  x:\n    w: 2\nb: 1\n");
    becomes("m: { a: , b: 1 }\n", "m.a.x=2", "m: { a: { x: 2 } , b: 1 }\n");
    becomes("m: { a, b: 1 }\n", "m.a.x=2", "m: { a: { x: 2 }, b: 1 }\n");
    becomes("a: null\n", "a.x=2", "a: { x: 2 }\n");
}

#[test]
fn a_key_is_added_within_brackets() {
    becomes("n: { a: 1 }  # c\n", "n.b=2", "n: { a: 1, b: 2 }  # c\n");
    becomes("n: {a: 1}\n", "n.b.c=2", "n: {a: 1, b: { c: 2 }}\n");
    becomes("n: { a: 1, }\n", "n.b=2", "n: { a: 1, b: 2, }\n");
    becomes("n: { a: [x, w] }\n", "n.b=2", "n: { a: [x, w], b: 2 }\n");
    becomes("n: {} # c\n", "n.b=2", "n: { b: 2 } # c\n");
    becomes("n: { }\n", "n.\"b c.d\"=2", "n: { b c.d: 2 }\n");
    becomes("n: { # c\n}\n", "n.b=2", "n: { b: 2 # c\n}\n");
    becomes("n: {\n  a: 1, # few\n}\n", "n.b=2", "n: {\n  a: 1, # few\n  b: 2,\n}\n");
    becomes("n: {\n  a: 1 # few\n}\n", "n.b=2", "n: {\n  a: 1, # few\n  b: 2\n}\n");
    becomes("n: {\n  a: 1,\n  c: 2 }\n", "n.b=2", "n: {\n  a: 1,\n  c: 2,\n  b: 2 }\n");
    becomes("{ a: 1 }\n", "b=2", "{ a: 1, b: 2 }\n");
    becomes("n: { a: x }\n", "n.b=\"w, z\"", "n: { a: x, b: \"w, z\" }\n");
}

#[test]
fn a_key_is_added_to_a_block() {
    becomes("g:\n  a: 1 # c\nz: 1\n", "g.b=2", "g:\n  a: 1 # c\n  b: 2\nz: 1\n");
    becomes("g:\n    a: 1\n\n# c\nz: 1\n", "g.b=2", "g:\n    a: 1\n    b: 2\n\n# c\nz: 1\n");
    becomes("g:\n  a: 1\n  # about a\n# about z\nz: 1\n", "g.b=2", "g:\n  a: 1\n  # about a\n  b: 2\n# about z\nz: 1\n");
    becomes("g:\n  a:\n    - x\n    - { w: 1 } # c\nz: 1\n", "g.b=2", "g:\n  a:\n    - x\n    - { w: 1 } # c\n  b: 2\nz: 1\n");
    becomes("g:\n  a: |\n    x\n\nz: 1\n", "g.b=2", "g:\n  a: |\n    x\n  b: 2\n\nz: 1\n");
    becomes("g:\n  a: |+\n    x\n\nz: 1\n", "g.b=2", "g:\n  a: |+\n    x\n\n  b: 2\nz: 1\n");
    becomes("g:\n  a:\nz: 1\n", "g.b=2", "g:\n  a:\n  b: 2\nz: 1\n");
    becomes("s:\n  x: { up: true }\n", "s.m.up=false", "s:\n  x: { up: true }\n  m:\n    up: false\n");
    becomes("s:\n  x: 1\n", "s.on=false", "s:\n  x: 1\n  \"on\": false\n");
    becomes("g:\n    a: 1\n", "h.b=2", "g:\n    a: 1\nh:\n    b: 2\n");
    assert_eq!(edited("g:\n  a: 1", "g.b=2").as_deref(), Ok("g:\n  a: 1\n  b: 2"));
}

#[test]
fn a_key_is_added_at_the_end_of_the_file() {
    becomes("a: 1\n", "g.b=2", "a: 1\ng:\n  b: 2\n");
    becomes("a: 1\n\nz: 1 # c\n", "g.b=2", "a: 1\n\nz: 1 # c\n\ng:\n  b: 2\n");
    becomes("a: 1\n\n# about z\nz: 1\n# end\n\n", "b=2", "a: 1\n\n# about z\nz: 1\n# end\n\nb: 2\n\n");
    becomes("a: 1\n...\n", "b=2", "a: 1\nb: 2\n...\n");
    becomes("# only\n", "a.b=2", "# only\na:\n  b: 2\n");
    becomes("  a: 1\n  b: 2\n", "c=3", "  a: 1\n  b: 2\n  c: 3\n");
    assert_eq!(edited("", "a=2").as_deref(), Ok("a: 2\n"));
    assert_eq!(edited("# only", "a=2").as_deref(), Ok("# only\na: 2\n"));
}

#[test]
fn anchors_and_aliases_are_left_to_people_where_something_else_would_change() {
    becomes("a: &k 1 # c\nb: 2\n", "a=3", "a: &k 3 # c\nb: 2\n");
    becomes("a: &k x\nb: *k # c\n", "b=w", "a: &k x\nb: w # c\n");
    is_refused("a: &k x\nb: *k\n", "a=w", "cannot be set here without a change of something else");
    is_refused("a: &m { x: 1, w: 2 }\nb: *m\n", "b.x=5", "rules/x.yaml:2:4: on the way to `b.x`, this repeats");
    is_refused("a: &m { x: 1 }\nb: *m\n", "b.z=5", "repeats another part");
    is_refused("a: &m { x: 1 }\nb:\n  <<: *m\n", "b.x=5", "repeats another part");
    is_refused("a: !!str 12\n", "a=true", "without a change of something else");
}

#[test]
fn a_comment_is_never_lost() {
    is_refused("a:\n  - x # why x\n  - w\n", "a=[w]", "rules/x.yaml:2:7: this comment stands within the value of `a`");
    is_refused("a:\n  # why\n  - x\n", "a=[w]", "rules/x.yaml:2:3");
    is_refused("a: [x, # why x\n  w]\n", "a=[w]", "would be lost");
    is_refused("a: {\n  x: 1\n  # the end\n}\n", "a=1", "rules/x.yaml:3:3");
    becomes("a: \"# no comment\"\n", "a=x", "a: \"x\"\n");
    becomes("a: [\"# no comment\", b#c]\n", "a=[x]", "a: [x]\n");
    becomes("a: # one\n  # two\n  x\nb: 1\n", "a=w", "a: # one\n  # two\n  w\nb: 1\n");
}

#[test]
fn what_cannot_have_keys_is_refused() {
    is_refused("g: 5\n", "g.a=1", "rules/x.yaml:1:1: `g` is a number and has no keys");
    is_refused("g: [1]\n", "g.a=1", "`g` is a list and has no keys");
    is_refused("- a\n", "g.a=1", "the file is a list and has no keys");
    is_refused("g: [\n", "g.a=1", "not valid YAML");
}
