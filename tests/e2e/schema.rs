//! Holds the JSON output against the JSON Schema in `docs/`, and the schema against the output: an undocumented field is as
//! wrong as a missing one.

use crate::support::{directory, release};
use serde_json::Value;
use std::fs;

/// Checks a value against the part of JSON Schema that our schema uses, and that every field is known to it.
pub(crate) fn check(value: &Value, schema: &Value, place: &str) {
    if let Some(constant) = schema.get("const") {
        assert_eq!(value, constant, "{place}");
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        assert!(choices.contains(value), "{place}: {value} is none of {choices:?}");
    }
    if let Some(kind) = schema.get("type") {
        let kinds: Vec<&str> = kind
            .as_array()
            .map_or_else(|| vec![kind], |kinds| kinds.iter().collect())
            .into_iter()
            .filter_map(Value::as_str)
            .collect();
        let is = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(kinds.contains(&is), "{place}: {value} is {is}, not {kinds:?}");
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check(item, &schema["items"], &format!("{place}[{index}]"));
    }
    let Some(fields) = value.as_object() else { return };
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(fields.contains_key(required), "{place} lacks {required}");
    }
    for (name, field) in fields {
        let known = &schema["properties"][name];
        assert!(!known.is_null(), "{place}.{name} is not documented in its schema");
        check(field, known, &format!("{place}.{name}"));
    }
}

/// The schema of a name in `docs/`.
pub(crate) fn schema(name: &str) -> Value {
    let text = fs::read_to_string(format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_outcome_of_a_plan_is_as_the_schema_has_it() {
    let schema = schema("plan.schema.json");
    let (_kept, directory) = directory();
    for (arguments, outcome, code) in [
        (&["patch", "0.4.5", "--dry-run"][..], "planned", 0),
        (&["patch", "0.4.5"], "written", 0),
        (&["patch", "0.4.5", "--commit"], "committed", 0),
        (&["patch", "0.4.4"], "nothing-to-do", 0),
        (&["patch", "0.4.6"], "refused", 1),
        (&["minor", "0.5.0", "--commit", "--branch", "--early", "tested"], "committed", 0),
        (&["rc", "1.0.0rc1"], "written", 0),
    ] {
        let arguments = [arguments, &["--sandbox", "--output-format", "json"]].concat();
        let run = release(&directory, &arguments).expect(code);
        let document: Value = serde_json::from_str(&run.stdout).expect("one document and nothing else");
        check(&document, &schema, "plan");
        assert_eq!(document["outcome"], outcome, "{arguments:?}");
    }
}

#[test]
fn what_a_check_found_is_as_the_schema_has_it() {
    let schema = schema("check.schema.json");
    let (_kept, directory) = directory();
    for rev in [&[][..], &["--rev", "v0.3.1"], &["--rev", "v0.4.0rc1", "--branch", "main"]] {
        let arguments = [&["check", "--sandbox", "--output-format", "json"], rev].concat();
        let run = release(&directory, &arguments);
        let document: Value = serde_json::from_str(&run.stdout).expect("one document and nothing else");
        check(&document, &schema, "check");
    }
}

#[test]
fn what_an_audit_found_is_as_the_schema_has_it() {
    let schema = schema("audit.schema.json");
    let (_kept, directory) = directory();
    for chosen in [&[][..], &["--tags", "v0.3*"]] {
        let run = release(&directory, &[&["audit", "--sandbox", "--output-format", "json"], chosen].concat());
        let document: Value = serde_json::from_str(&run.stdout).expect("one document and nothing else");
        check(&document, &schema, "audit");
    }
}

#[test]
fn what_follows_a_release_is_as_the_schema_has_it() {
    let schema = schema("follow-up.schema.json");
    let (_kept, directory) = directory();
    for (arguments, outcome, code) in [
        (&["post", "0.4.5"][..], "planned", 0),
        (&["post", "0.4.5", "--commit"], "committed", 0),
        (&["post", "0.4.4"], "nothing-to-do", 0),
        (&["post", "0.3.2"], "planned", 0),
        (&["relock"], "nothing-to-do", 0),
        (&["relock", "meadow-client==0.4.5"], "refused", 1),
    ] {
        let arguments = [arguments, &["--sandbox", "--output-format", "json"]].concat();
        let run = release(&directory, &arguments).expect(code);
        let document: Value = serde_json::from_str(&run.stdout).expect("one document and nothing else");
        check(&document, &schema, "follow-up");
        assert_eq!(document["outcome"], outcome, "{arguments:?}");
    }
}

#[test]
fn the_pins_of_a_tree_are_as_the_schema_has_them() {
    let schema = schema("pins.schema.json");
    let (_kept, directory) = directory();
    for words in [
        &[][..],
        &["--rev", "main"],
        &["--simulate"],
        &["--simulate", "0.4.5"],
        &["--simulate", "0.4.5", "--online"],
        &["--policy", "bounded"],
        &["--policy", "none", "--dry-run"],
        &["--policy", "exact"],
    ] {
        let words = [&["pins", "--sandbox", "--output-format", "json"], words].concat();
        let run = release(&directory, &words).expect(0);
        let document: Value = serde_json::from_str(&run.stdout).expect("one document and nothing else");
        check(&document, &schema, "pins");
    }
}

#[test]
fn what_a_build_is_called_is_as_the_schema_has_it() {
    let schema = schema("version.schema.json");
    let (_kept, directory) = directory();
    for (arguments, outcome, code) in [
        (&[][..], "answered", 0),
        (&["--rev", "v0.3.1"], "answered", 0),
        (&["--mode", "build-only"], "answered", 0),
        (&["--mode", "release"], "refused", 1),
        (&["--rev", "origin/release-0.4.x"], "refused", 1),
        (&["--scm"], "answered", 0),
        (&["--plan-tags"], "answered", 0),
        (&["--report"], "answered", 0),
    ] {
        let arguments = [&["version", "--sandbox", "--output-format", "json"], arguments].concat();
        let run = release(&directory, &arguments).expect(code);
        let document: Value = serde_json::from_str(&run.stdout).expect("one document and nothing else");
        check(&document, &schema, "version");
        assert_eq!(document["outcome"], outcome, "{arguments:?}");
    }
}

#[test]
fn what_a_move_to_setuptools_scm_does_is_as_the_schema_has_it() {
    let schema = schema("init.schema.json");
    let check_run = |run: &crate::support::Run, outcome: &str| {
        let document: Value = serde_json::from_str(&run.stdout).expect("one document and nothing else");
        check(&document, &schema, "init");
        assert_eq!(document["outcome"], outcome);
    };
    let (_kept, directory) = directory();
    let done = release(&directory, &["init", "--adopt-scm", "--sandbox", "--output-format", "json"]).expect(0);
    check_run(&done, "nothing-to-do");

    let sample = crate::init::before_scm("release-0.4.x", "0.4.4");
    let json = |words: &str| sample.release(&format!("init --adopt-scm --output-format json {words}"));
    check_run(&json("--dry-run").expect(0), "planned");
    sample.write("pyproject.toml", &(sample.read("pyproject.toml") + "# mine\n"));
    check_run(&json("").expect(1), "refused");
    sample.commit("docs: mine");
    check_run(&json("").expect(0), "written");
}
