//! Annotations of GitHub Actions, and the summary of a job.
//!
//! Format: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>. Properties and messages are
//! escaped as the runner's own toolkit does it.

use super::run::Sources;
use crate::diagnostic::Diagnostic;
use crate::level::Level;
use release_core::text::shown;
use std::fmt::Write;

/// One workflow command.
pub fn github(diagnostic: &Diagnostic, sources: &Sources<'_>) -> String {
    let Diagnostic { rule, level, finding, .. } = diagnostic;
    let command = if *level == Level::Error { "error" } else { "warning" };
    let place = finding.place().map(|label| {
        let region = sources.get(label.path.as_path()).map(|source| {
            let (start, end) = (source.location(label.span.start), source.location(label.span.end));
            format!(",line={},endLine={},col={},endColumn={}", start.line, end.line, start.column, end.column)
        });
        format!(",file={}{}", property(label.path.as_str()), region.unwrap_or_default())
    });
    let properties = format!("title={}{}", property(rule), place.unwrap_or_default());
    let reference = finding.reference.as_ref().map_or_else(String::new, |reference| format!("{reference}: "));
    let help = &finding.problem.help;
    let help = if help.is_empty() { String::new() } else { format!("%0Ahelp: {}", message(help)) };
    format!("::{command} {properties}::{}", message(&format!("{reference}{}", finding.problem.message)) + &help)
}

/// The summary of a job, as Markdown.
pub fn summary(headline: &str, diagnostics: &[Diagnostic], sources: &Sources<'_>) -> String {
    let mut text = match headline.chars().all(|c| c.is_ascii_alphanumeric() || " ,.:/-".contains(c)) {
        true => format!("### {headline}\n"),
        false => format!("### {}\n", cell(headline)),
    };
    if !diagnostics.is_empty() {
        text += "\n| | rule | where | |\n|---|---|---|---|\n";
    }
    for diagnostic in diagnostics {
        let Diagnostic { rule, level, finding, .. } = diagnostic;
        let place = match (finding.place(), &finding.reference) {
            (Some(label), _) => {
                let line = sources.get(label.path.as_path()).map(|source| source.location(label.span.start).line);
                line.map_or_else(|| label.path.to_string(), |line| format!("{}:{line}", label.path))
            }
            (None, reference) => reference.clone().unwrap_or_default(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {level} | `{rule}` | {} | {} |", cell(&place), cell(&finding.problem.message));
    }
    text
}

/// The runner makes control characters of `%0A` and its kin again, so that those of others are escaped before.
fn message(text: &str) -> String {
    shown(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text within a table of Markdown, as code: nothing in it is markup, a link, a mention or a picture. It is fenced by more backticks
/// than stand in it together, and a bar would end the cell even there. Tables take no HTML out of a code span.
fn cell(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    // A backslash before a bar's own would make that one plain.
    let text = shown(text).replace("\\|", "\\\\u{7c}").replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // The one space at both ends is not part of it.
    format!("{fence} {text} {fence}")
}
