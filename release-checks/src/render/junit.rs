//! `JUnit` XML, as GitLab and Jenkins show test results.
//!
//! There is no standard; this keeps to what all readers have in common: <https://github.com/testmoapp/junitxml>. A rule is a
//! test; in a check its family is a suite, in an audit each tag is one, the oldest first, and so is the past: a rule keeps its name from run to run, so that its history can be shown. All findings that fail
//! are one `failure`, because readers show the first and leave the others out. A rule that could not tell, or is not run, is
//! `skipped` with the reason. Warnings and what was accepted stand in `system-out`. There are no times: two runs on one tree
//! are the same bytes.

use super::concise::concise;
use super::run::{Command, Part, Run, Sources};
use crate::diagnostic::Diagnostic;
use crate::level::{Level, SetBy};
use crate::rule::Rule;
use crate::rules::{OF_THE_PAST, OF_TREES, STALE_BASELINE};
use crate::run::{AcceptedBy, Checked};
use release_core::problem::Problem;
use release_core::text::{is_hidden, numbered, shown};
use std::fmt::Write;

/// Rules that find nothing at a tag, beside those of workflows: what they look at is of today.
const OF_TODAY: [&str; 3] = ["branch-behind", "config-stale-baseline", "config-unknown-level"];

/// Tests that stand together.
struct Suite {
    name: String,
    /// The words that tell its tests from those of the same name elsewhere.
    class: String,
    cases: Vec<Case>,
}

/// The outcome of a rule, or of an attempt to read a tree.
struct Case {
    name: &'static str,
    failures: Vec<String>,
    /// `true` if there was nothing to judge, which is an error and no failure.
    is_error: bool,
    file: Option<String>,
    skipped: Option<String>,
    said: Vec<String>,
}

/// Returns the report of a run.
pub fn junit(run: &Run<'_>) -> String {
    let name = if matches!(run.command, Command::Audit) { "audit" } else { "check" };
    let suites: Vec<Suite> = run.parts.iter().flat_map(|part| suites(run, part)).collect();
    let all = suites.iter().flat_map(|suite| &suite.cases);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "<testsuites name=\"release {name}\"{}>", counts(&all));
    for suite in &suites {
        let counts = counts(&suite.cases.iter());
        let _ = writeln!(text, "  <testsuite name=\"{}\"{counts}>", attribute(&suite.name));
        for case in &suite.cases {
            write(&mut text, case, &suite.class);
        }
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

/// Returns the suites of a part: of a check one for each family, of an audit one for each tag and one for the past.
fn suites(run: &Run<'_>, part: &Part<'_>) -> Vec<Suite> {
    let cases = |rules: &mut dyn Iterator<Item = &'static Rule>| match part.checked {
        Ok(checked) => rules.map(|rule| case(run, part, checked, rule)).collect(),
        Err(problems) => vec![unfit(problems)],
    };
    match (run.command, part.tag) {
        (Command::Audit, Some((tag, _))) => {
            let is_of_tags = |rule: &&Rule| part.checked.is_ok_and(|checked| is_of_tags(rule, checked));
            let cases = cases(&mut OF_TREES.iter().copied().filter(is_of_tags));
            // Readers split a class at its dots.
            vec![Suite { name: tag.to_owned(), class: format!("release-audit.{}", tag.replace('.', "_")), cases }]
        }
        (Command::Audit, None) => {
            let cases = cases(&mut OF_THE_PAST.iter().copied().chain([STALE_BASELINE]));
            vec![Suite { name: "the past".to_owned(), class: "release-audit.past".to_owned(), cases }]
        }
        (Command::Check { .. }, _) => {
            // The rules are sorted by name, and a family's stand together.
            let suite = |rules: &[&'static Rule]| {
                let family = rules.first().map_or("", |rule| rule.family());
                let cases = cases(&mut rules.iter().copied());
                Suite { name: family.to_owned(), class: format!("release-check.{family}"), cases }
            };
            OF_TREES.chunk_by(|a, b| a.family() == b.family()).map(suite).collect()
        }
    }
}

/// Returns `true` if a rule can find something in a tree that is tagged, or did.
fn is_of_tags(rule: &Rule, checked: &Checked) -> bool {
    let accepted = checked.accepted.iter().map(|accepted| &accepted.diagnostic);
    let is_of_today = rule.family() == "workflow" || OF_TODAY.contains(&rule.name);
    !is_of_today || checked.diagnostics.iter().chain(accepted).any(|found| found.rule == rule.name)
}

/// The only test of a tree that cannot be checked.
fn unfit(problems: &[Problem]) -> Case {
    let described = |problem: &Problem| {
        let label = problem.labels.first();
        let place = label.map_or_else(String::new, |label| format!("{}: ", shown(label.path.as_str())));
        with_help(format!("{place}{}", shown(&problem.message)), problem)
    };
    Case {
        name: "tree",
        failures: problems.iter().map(described).collect(),
        is_error: true,
        file: problems.iter().find_map(|problem| Some(problem.labels.first()?.path.to_string())),
        skipped: None,
        said: Vec::new(),
    }
}

fn case(run: &Run<'_>, part: &Part<'_>, checked: &Checked, rule: &'static Rule) -> Case {
    let sources = &part.sources;
    let found = checked.diagnostics.iter().filter(|found| found.rule == rule.name);
    let (failing, others): (Vec<&Diagnostic>, Vec<_>) = found.partition(|found| run.fails_by(found));
    let could_not_tell = checked.skipped.iter().find(|skipped| skipped.rule == rule.name);
    let skipped = match run.levels.of(rule.name, rule.level) {
        (Level::Ignore, SetBy::Flag) => Some("not run: `--ignore`".to_owned()),
        (Level::Ignore, SetBy::Configuration) => Some("not run: `ignore` in `[rules]` of release.toml".to_owned()),
        (Level::Ignore, SetBy::Default) => Some("not run by default".to_owned()),
        _ => could_not_tell.map(|skipped| skipped.reason.clone()),
    };
    let accepted = checked.accepted.iter().filter(|accepted| accepted.diagnostic.rule == rule.name).map(|accepted| {
        let by = match accepted.by {
            AcceptedBy::Comment => "a comment",
            AcceptedBy::Configuration => "release.toml",
            AcceptedBy::Baseline => "the baseline",
        };
        let reason = accepted.reason.as_deref().unwrap_or("no reason is given");
        format!("accepted by {by} ({}): {}", shown(reason), concise(&accepted.diagnostic, sources))
    });
    let known = |found: &Diagnostic| if found.finding.in_flight { "known from a release on its way: " } else { "" };
    let said = others.into_iter().map(|found| format!("{}{}", known(found), described(found, sources)));
    let mut said: Vec<String> = said.collect();
    // Beside a failure `skipped` would hide it.
    said.extend(skipped.iter().filter(|_| !failing.is_empty()).map(|reason| format!("skipped in part: {reason}")));
    said.extend(accepted);
    Case {
        name: rule.name,
        is_error: false,
        file: failing.iter().find_map(|found| Some(found.finding.place()?.path.to_string())),
        skipped: skipped.filter(|_| failing.is_empty()),
        failures: failing.into_iter().map(|found| described(found, sources)).collect(),
        said,
    }
}

/// A finding with the way out.
fn described(diagnostic: &Diagnostic, sources: &Sources<'_>) -> String {
    let line = concise(diagnostic, sources);
    with_help(line, &diagnostic.finding.problem)
}

fn with_help(line: String, problem: &Problem) -> String {
    if problem.help.is_empty() { line } else { format!("{line}\n  help: {}", shown(&problem.help)) }
}

fn counts<'a>(cases: &(impl Iterator<Item = &'a Case> + Clone)) -> String {
    let number = |is: fn(&&Case) -> bool| cases.clone().filter(is).count();
    let failures = number(|case| !case.failures.is_empty() && !case.is_error);
    let (errors, skipped) = (number(|case| case.is_error), number(|case| case.skipped.is_some()));
    let tests = number(|_| true);
    format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

fn write(text: &mut String, case: &Case, class: &str) {
    let file = case.file.as_ref().map_or_else(String::new, |file| format!(" file=\"{}\"", attribute(file)));
    let name = format!("name=\"{}\" classname=\"{}\"{file}", case.name, attribute(class));
    if case.failures.is_empty() && case.skipped.is_none() && case.said.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    <testcase {name}/>");
        return;
    }
    let _ = writeln!(text, "    <testcase {name}>");
    if let Some(first) = case.failures.first() {
        let first = first.lines().next().unwrap_or_default();
        let message = match case.failures.len() {
            1 => first.to_owned(),
            number if case.is_error => format!("{number} problems: {first}"),
            number => format!("{number} findings: {first}"),
        };
        let element = if case.is_error { "error" } else { "failure" };
        let (message, all) = (attribute(&message), content(&case.failures.join("\n")));
        let _ = writeln!(text, "      <{element} message=\"{message}\" type=\"{}\">{all}</{element}>", case.name);
    }
    if let Some(reason) = &case.skipped {
        let _ = writeln!(text, "      <skipped message=\"{}\"/>", attribute(reason));
    }
    if !case.said.is_empty() {
        let _ = writeln!(text, "      <system-out>{}</system-out>", content(&case.said.join("\n")));
    }
    text.push_str("    </testcase>\n");
}

/// Text between two tags.
fn content(text: &str) -> String {
    escaped(text, false)
}

/// The value of an attribute, within double quotes.
fn attribute(text: &str) -> String {
    escaped(text, true)
}

/// Text with its markup escaped. What XML 1.0 has no way to write (<https://www.w3.org/TR/xml/#charsets>) is shown by its
/// number, as `\u{1b}`. A reader makes spaces of line ends in attributes, and `\n` of any line end, unless they are escaped.
fn escaped(text: &str, is_attribute: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            '\n' if is_attribute => escaped.push_str("&#10;"),
            '\t' if is_attribute => escaped.push_str("&#9;"),
            '\n' | '\t' => escaped.push(character),
            // Some of these may stand in XML, and are of no more use to whoever reads it.
            character if is_hidden(character) => escaped.push_str(&numbered(character)),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
