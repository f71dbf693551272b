//! `release rules` and `release explain RULE`.

use super::check::settings;
use crate::Outcome;
use crate::cli::{Format, Global};
use crate::output::{self, HEADING, QUIET, object};
use crate::stop::{Result, Stop};
use release_checks::rule::removed;
use release_checks::rules;
use release_core::problem::Problem;

/// Lists the rules, with the levels that hold here.
pub(super) fn list(global: &Global) -> Result<Outcome> {
    let levels = settings::levels_here(global)?;
    let rule = |rule: &&'static release_checks::rule::Rule| {
        let (level, set_by) = levels.of(rule.name, rule.level);
        object! {
            name: rule.name,
            family: rule.family(),
            level: level.to_string(),
            set_by: set_by,
            summary: rule.summary(),
        }
    };
    let rules: Vec<_> = rules::all().iter().map(rule).collect();
    if global.output_format == Some(Format::Json) {
        output::document(&serde_json::json!({ "schema_version": 1, "command": "rules", "rules": rules }));
        return Ok(Outcome::Done);
    }
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    for rule in &rules {
        output::data(&format!(
            "{HEADING}{:width$}{HEADING:#}  {QUIET}{:6}{QUIET:#}  {}\n",
            rule.name, rule.level, rule.summary
        ));
    }
    output::say(global, &format!("\n{} rules; `cargo xtask release explain RULE` says more", rules.len()));
    Ok(Outcome::Done)
}

/// Prints the page of a rule, and the level that holds here.
pub(super) fn explain(global: &Global, name: &str) -> Result<Outcome> {
    let as_json = global.output_format == Some(Format::Json);
    if let Some(gone) = removed(name) {
        match as_json {
            true => output::document(
                &object! { schema_version: 1, command: "explain", name: name, removed: gone.message() },
            ),
            false => output::data(&format!("{}\n", gone.message())),
        }
        return Ok(Outcome::Done);
    }
    let Some(rule) = rules::rule(name) else {
        let help = match rules::nearest(name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`cargo xtask release rules` lists them".to_owned(),
        };
        return Err(Stop::usage(Problem::new(format!("there is no rule `{name}`"), help)));
    };
    let (level, set_by) = settings::levels_here(global)?.of(rule.name, rule.level);
    if as_json {
        output::document(&object! {
            schema_version: 1,
            command: "explain",
            name: rule.name,
            family: rule.family(),
            level: level.to_string(),
            set_by: set_by,
            summary: rule.summary(),
            documentation: rule.documentation(),
        });
        return Ok(Outcome::Done);
    }
    let by = settings::set_by(set_by);
    output::lines(&format!("{HEADING}# {}{HEADING:#}\n\nLevel: {level}, {by}.\n\n{}", rule.name, rule.documentation()));
    Ok(Outcome::Done)
}
