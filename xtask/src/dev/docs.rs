//! `cargo xtask docs`: the parts of `docs/` that are generated from the code.

use crate::Outcome;
use crate::output;
use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use clap::Command;
use release_checks::rule::{REMOVED, Removed};
use release_checks::rules;
use release_core::monorepo::config::shape::{Key, Kind, TABLES};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

/// The folder with the pages of rules.
const RULES_FOLDER: &str = "docs/rules";

/// Writes the generated pages, or says which are out of date.
pub(crate) fn run(check: bool, grammar: Command) -> anyhow::Result<Outcome> {
    let root = super::workspace();
    let pages = pages(grammar);
    let mut stale = Vec::new();
    for (path, wanted) in &pages {
        if fs::read_to_string(root.join(path)).unwrap_or_default() != *wanted {
            stale.push(path.clone());
        }
    }
    let gone = gone(&root, &pages)?;
    if check {
        for path in stale.iter().chain(&gone) {
            output::note(&format!("{path} is out of date; `cargo xtask docs` writes it"));
        }
        return Ok(if stale.is_empty() && gone.is_empty() { Outcome::Done } else { Outcome::Refused });
    }
    fs::create_dir_all(root.join(RULES_FOLDER)).with_context(|| format!("could not make {RULES_FOLDER}"))?;
    for path in &stale {
        fs::write(root.join(path), &pages[path]).with_context(|| format!("could not write {path}"))?;
        output::note(&format!("wrote {path}"));
    }
    for path in &gone {
        fs::remove_file(root.join(path)).with_context(|| format!("could not remove {path}"))?;
        output::note(&format!("removed {path}"));
    }
    Ok(Outcome::Done)
}

/// Pages of rules that are no more.
fn gone(root: &Utf8Path, pages: &BTreeMap<Utf8PathBuf, String>) -> anyhow::Result<Vec<Utf8PathBuf>> {
    let Ok(entries) = root.join(RULES_FOLDER).read_dir_utf8() else { return Ok(Vec::new()) };
    let mut gone = Vec::new();
    for entry in entries {
        let path = Utf8Path::new(RULES_FOLDER).join(entry?.file_name());
        if !pages.contains_key(&path) {
            gone.push(path);
        }
    }
    Ok(gone)
}

/// Every generated page, by path.
fn pages(grammar: Command) -> BTreeMap<Utf8PathBuf, String> {
    let mut pages = BTreeMap::from([
        ("docs/cli.md".into(), reference(grammar)),
        ("docs/release.schema.json".into(), schema()),
        (Utf8Path::new(RULES_FOLDER).join("README.md"), index()),
    ]);
    for rule in rules::all() {
        let page = format!(
            "# {}\n\n<!-- Generated from release-checks/src/rules/{}.rs by `cargo xtask docs`; do not edit. -->\n\nLevel: {}.\n\n{}",
            rule.name,
            rule.name.replace('-', "_"),
            rule.level,
            rule.documentation()
        );
        pages.insert(Utf8Path::new(RULES_FOLDER).join(format!("{}.md", rule.name)), page);
    }
    pages
}

/// The list of rules, by family.
fn index() -> String {
    let mut text =
        String::from("# Rules\n\nGenerated from `release-checks/src/rules/` by `cargo xtask docs`; do not edit.\n");
    let mut family = "";
    for rule in rules::all() {
        // Writing to a string cannot fail.
        if rule.family() != family {
            family = rule.family();
            let _ = write!(text, "\n## {family}\n\n| rule | level | what it finds |\n|---|---|---|\n");
        }
        let _ = writeln!(text, "| [{0}]({0}.md) | {1} | {2} |", rule.name, rule.level, rule.summary());
    }
    text
}

/// The JSON Schema of `release.toml`, for editors.
fn schema() -> String {
    let mut root: Map<String, Value> = Map::new();
    for table in TABLES {
        let mut value = object(table.keys);
        value["description"] = json!(table.what);
        if table.is_list {
            value = json!({ "type": "array", "items": value });
        }
        match table.name.split_once('.') {
            None => drop(root.insert(table.name.to_owned(), value)),
            Some((above, below)) => {
                let above = root
                    .entry(above)
                    .or_insert_with(|| json!({ "type": "object", "additionalProperties": false, "properties": {} }));
                above["properties"][below] = value;
            }
        }
    }
    let level = json!({ "enum": ["ignore", "warn", "error"] });
    let gone = |rule: &Removed| {
        let level = json!({ "enum": ["ignore", "warn", "error"], "deprecated": true, "description": rule.message() });
        (rule.name.to_owned(), level)
    };
    let levels = rules::all().into_iter().map(|rule| (rule.name.to_owned(), level.clone()));
    let levels: Map<String, Value> = levels.chain(REMOVED.iter().map(gone)).collect();
    root.insert(
        "rules".to_owned(),
        json!({ "type": "object", "description": "Levels of rules.", "additionalProperties": false, "properties": levels }),
    );
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "release.toml",
        "description": "Generated from the code by `cargo xtask docs`; do not edit. See configuration.md.",
        "type": "object",
        "additionalProperties": false,
        "properties": root,
    });
    format!("{schema:#}\n")
}

fn object(keys: &[Key]) -> Value {
    let property = |key: &Key| {
        let mut value = match key.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::OneOf(known) => json!({ "enum": known }),
            Kind::SomeOf(known) => json!({ "type": "array", "minItems": 1, "items": { "enum": known } }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Count => json!({ "type": "integer", "minimum": 0 }),
            Kind::CountOrRange => {
                let count = json!({ "type": "integer", "minimum": 0 });
                json!({ "oneOf": [count, { "type": "array", "items": count, "minItems": 2, "maxItems": 2 }] })
            }
            Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Kind::Tables(keys) => json!({ "type": "array", "items": object(keys) }),
            Kind::Table(keys) => object(keys),
        };
        value["description"] = json!(key.what);
        (key.name.to_owned(), value)
    };
    let required: Vec<&str> = keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    let mut value = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        value["required"] = json!(required);
    }
    value
}

/// The command reference: the help of every command.
fn reference(grammar: Command) -> String {
    let mut text = String::from(
        "# Command reference\n\nGenerated from `xtask/src/commands/mod.rs` by `cargo xtask docs`; do not edit.\n",
    );
    let mut root = grammar.term_width(100);
    root.build();
    section(&mut text, &root, &[]);
    text.push_str(&exit_codes());
    text
}

/// The table of exit codes.
fn exit_codes() -> String {
    let mut text = String::from("\n## Exit codes\n\n| exit | what it means |\n|---|---|\n");
    let codes: BTreeMap<u8, &str> = Outcome::ALL.into_iter().map(|(_, code, meaning)| (code, meaning)).collect();
    for (code, meaning) in codes {
        let _ = writeln!(text, "| {code} | {meaning} |");
    }
    text.push_str("| 128 + N | signal N ended the run, such as 130 for Ctrl-C |\n");
    text
}

fn section(text: &mut String, command: &Command, parents: &[&str]) {
    let path = [parents, &[command.get_name()]].concat();
    let help = command.clone().term_width(100).color(clap::ColorChoice::Never).render_long_help().to_string();
    let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    // Writing to a string cannot fail.
    let _ =
        write!(text, "\n{} `{}`\n\n```text\n{}\n```\n", "#".repeat(path.len() + 1), path.join(" "), help.join("\n"));
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        section(text, command, &path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn the_generated_pages_are_up_to_date() {
        assert!(run(true, Cli::command()).unwrap() == Outcome::Done, "run `cargo xtask docs`");
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
