//! `JUnit` XML, as GitLab and Jenkins show test results.
//!
//! There is no standard; this keeps to what all readers have in common: <https://github.com/testmoapp/junitxml>. A rule is a
//! test, its family a suite: a rule keeps its name from run to run, so that its history can be shown. All findings that fail
//! are one `failure`, because readers show the first and leave the others out. A rule that could not tell, or is not run, is
//! `skipped` with the reason. Warnings and what was accepted stand in `system-out`. There are no times: two runs on one tree
//! are the same bytes.

use super::{Run, Sources, concise};
use crate::diagnostic::Diagnostic;
use crate::level::{Level, SetBy};
use crate::registry::RULES;
use crate::rule::Rule;
use crate::run::AcceptedBy;
use std::fmt::Write;

/// What came of a rule.
struct Case {
    rule: &'static Rule,
    failures: Vec<String>,
    file: Option<String>,
    skipped: Option<String>,
    said: Vec<String>,
}

/// The report of a run.
pub fn junit(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let cases: Vec<Case> = RULES.iter().map(|rule| case(run, rule, sources)).collect();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "<testsuites name=\"release check\"{}>", counts(&cases));
    // The rules are sorted by name, and a family's stand together.
    for suite in cases.chunk_by(|a, b| a.rule.family() == b.rule.family()) {
        let family = suite.first().map_or("", |case| case.rule.family());
        let _ = writeln!(text, "  <testsuite name=\"{}\"{}>", attribute(family), counts(suite));
        for case in suite {
            write(&mut text, case);
        }
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

fn case(run: &Run<'_>, rule: &'static Rule, sources: &Sources<'_>) -> Case {
    let checked = run.checked;
    let found: Vec<&Diagnostic> = checked.diagnostics.iter().filter(|found| found.rule == rule.name).collect();
    let (failing, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| run.fails_by(found.level));
    let (level, set_by) = run.levels.of(rule.name, rule.level);
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
        format!("accepted by {by} ({reason}): {}", concise(&accepted.diagnostic, sources))
    });
    let mut said: Vec<String> = others.into_iter().map(|found| described(found, sources)).collect();
    // Beside a failure `skipped` would hide it.
    said.extend(skipped.iter().filter(|_| !failing.is_empty()).map(|reason| format!("skipped in part: {reason}")));
    said.extend(accepted);
    Case {
        rule,
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
    if help.is_empty() { line } else { format!("{line}\n  help: {help}") }
}

fn counts(cases: &[Case]) -> String {
    let failures = cases.iter().filter(|case| !case.failures.is_empty()).count();
    let skipped = cases.iter().filter(|case| case.skipped.is_some()).count();
    format!(" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"", cases.len())
}

fn write(text: &mut String, case: &Case) {
    let file = case.file.as_ref().map_or_else(String::new, |file| format!(" file=\"{}\"", attribute(file)));
    let name = format!("name=\"{}\" classname=\"release-check.{}\"{file}", case.rule.name, case.rule.family());
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
            number => format!("{number} findings: {first}"),
        };
        let all = content(&case.failures.join("\n"));
        let _ = writeln!(
            text,
            "      <failure message=\"{}\" type=\"{}\">{all}</failure>",
            attribute(&message),
            case.rule.name
        );
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
            '\u{fffe}' | '\u{ffff}' => escaped.extend(character.escape_unicode()),
            // C1 controls may stand in XML, and are of no more use to whoever reads it.
            character if character.is_control() => escaped.extend(character.escape_unicode()),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
