//! Annotations of GitHub Actions, and the summary of a job.
//!
//! Format: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>. Properties and messages are
//! escaped as the runner's own toolkit does it.

use super::Sources;
use crate::diagnostic::Diagnostic;
use crate::level::Level;
use std::fmt::Write;

/// One workflow command.
pub fn github(diagnostic: &Diagnostic, sources: &Sources<'_>) -> String {
    let Diagnostic { rule, level, finding, .. } = diagnostic;
    let command = if *level == Level::Error { "error" } else { "warning" };
    let mut properties = format!("title={}", property(rule));
    if let Some(label) = finding.place() {
        // Writing to a string cannot fail.
        let _ = write!(properties, ",file={}", property(label.path.as_str()));
        if let Some(source) = sources.get(label.path.as_path()) {
            let (start, end) = (source.location(label.span.start), source.location(label.span.end));
            let _ = write!(
                properties,
                ",line={},endLine={},col={},endColumn={}",
                start.line, end.line, start.column, end.column
            );
        }
    }
    let reference = finding.reference.as_ref().map_or_else(String::new, |reference| format!("{reference}: "));
    let help =
        if finding.problem.help.is_empty() { String::new() } else { format!("\nhelp: {}", finding.problem.help) };
    format!("::{command} {properties}::{}", message(&format!("{reference}{}{help}", finding.problem.message)))
}

/// The summary of a job, as Markdown.
pub fn summary(headline: &str, diagnostics: &[Diagnostic], sources: &Sources<'_>) -> String {
    let mut text = format!("### {headline}\n");
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

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text within a table of Markdown.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\r', '\n'], " ").replace('<', "&lt;")
}
