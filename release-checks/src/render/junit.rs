//! `JUnit` XML, as GitLab and Jenkins show test results.
//!
//! There is no standard; this keeps to what all readers have in common: <https://github.com/testmoapp/junitxml>. A rule is a
//! test, its family a suite: a rule keeps its name from run to run, so that its history can be shown. All findings that fail
//! are one `failure`, because readers show the first and leave the others out. A rule that could not tell, or is not run, is
//! `skipped` with the reason. Warnings and what was accepted stand in `system-out`. There are no times: two runs on one tree
//! are the same bytes.

mod audit;

pub use audit::audit_junit;

use super::{Run, Sources, concise};
use crate::diagnostic::Diagnostic;
use crate::level::{Level, Levels, SetBy};
use crate::rule::Rule;
use crate::rules::OF_TREES;
use crate::run::{AcceptedBy, Checked};
use release_core::text::{is_hidden, numbered, shown};
use std::fmt::Write;

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

/// The report of a run.
pub fn junit(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let judged =
        Judged { checked: run.checked, levels: run.levels, sources, fails: &|found| run.fails_by(found.level) };
    // The rules are sorted by name, and a family's stand together.
    let suite = |rules: &[&'static Rule]| {
        let family = rules.first().map_or("", |rule| rule.family());
        let cases = rules.iter().map(|rule| case(&judged, rule)).collect();
        Suite { name: family.to_owned(), class: format!("release-check.{family}"), cases }
    };
    let families = OF_TREES.chunk_by(|a, b| a.family() == b.family());
    document("release check", &families.map(suite).collect::<Vec<_>>())
}

/// Tests that stand together.
struct Suite {
    name: String,
    /// The words that tell its tests from those of the same name elsewhere.
    class: String,
    cases: Vec<Case>,
}

fn document(name: &str, suites: &[Suite]) -> String {
    let all = suites.iter().flat_map(|suite| &suite.cases);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "<testsuites name=\"{name}\"{}>", counts(&all));
    for suite in suites {
        let counts = counts(&suite.cases.iter());
        let _ = writeln!(text, "  <testsuite name=\"{}\"{counts}>", attribute(&suite.name));
        for case in &suite.cases {
            write(&mut text, case, &suite.class);
        }
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

/// The findings in one place.
struct Judged<'a> {
    checked: &'a Checked,
    levels: &'a Levels,
    sources: &'a Sources<'a>,
    fails: &'a dyn Fn(&Diagnostic) -> bool,
}

fn case(judged: &Judged<'_>, rule: &'static Rule) -> Case {
    let Judged { checked, levels, sources, fails } = judged;
    let found: Vec<&Diagnostic> = checked.diagnostics.iter().filter(|found| found.rule == rule.name).collect();
    let (failing, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| fails(found));
    let (level, set_by) = levels.of(rule.name, rule.level);
    let could_not_tell = checked.skipped.iter().find(|skipped| skipped.rule == rule.name);
    let skipped = match (level, set_by) {
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
    let help = &diagnostic.finding.problem.help;
    if help.is_empty() { line } else { format!("{line}\n  help: {}", shown(help)) }
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
