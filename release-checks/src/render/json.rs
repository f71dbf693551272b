//! Diagnostics as JSON. The format is documented in `docs/json.md`; a change that breaks a reader raises [`VERSION`].

use super::Sources;
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Skipped};
use crate::fix::Applicability;
use crate::level::{Level, SetBy};
use crate::run::Checked;
use serde::Serialize;

/// The version of the format.
pub const VERSION: u32 = 1;

/// The findings of a check.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    schema_version: u32,
    command: &'static str,
    branch: Option<&'a str>,
    diagnostics: Vec<DiagnosticDocument<'a>>,
    skipped: Vec<SkippedDocument<'a>>,
    suppressed: usize,
    baseline: Option<BaselineDocument<'a>>,
}

/// A finding with its rule and its weight.
#[derive(Debug, Serialize)]
pub struct DiagnosticDocument<'a> {
    rule: &'static str,
    level: Level,
    set_by: SetBy,
    in_flight: bool,
    fingerprint: String,
    message: &'a str,
    help: &'a str,
    reference: Option<&'a str>,
    labels: Vec<LabelDocument<'a>>,
    fix: Option<FixDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct LabelDocument<'a> {
    path: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    span: [usize; 2],
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct FixDocument<'a> {
    safe: bool,
    edits: Vec<EditDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct EditDocument<'a> {
    path: &'a str,
    span: [usize; 2],
    replacement: &'a str,
}

/// The baseline that held.
#[derive(Debug, Serialize)]
pub struct BaselineDocument<'a> {
    /// The name of the file.
    pub path: &'a str,
    /// The number of findings that it accepted.
    pub accepted: usize,
    /// The number of its entries that accept something that is gone.
    pub stale: usize,
}

#[derive(Debug, Serialize)]
struct SkippedDocument<'a> {
    rule: &'static str,
    reason: &'a str,
}

/// The document of a check.
pub fn document<'a>(checked: &'a Checked, context: &'a Context, sources: &Sources<'_>) -> Document<'a> {
    let skipped = |skipped: &'a Skipped| SkippedDocument { rule: skipped.rule, reason: &skipped.reason };
    Document {
        schema_version: VERSION,
        command: "check",
        branch: context.branch.as_ref().ok().map(|branch| branch.name.as_str()),
        diagnostics: diagnostics(&checked.diagnostics, sources),
        skipped: checked.skipped.iter().map(skipped).collect(),
        suppressed: checked.ignored(),
        baseline: context.baseline.as_ref().map(|baseline| BaselineDocument {
            path: baseline.path.as_str(),
            accepted: checked.baselined(),
            stale: checked.stale.len(),
        }),
    }
}

/// The documents of findings.
pub fn diagnostics<'a>(diagnostics: &'a [Diagnostic], sources: &Sources<'_>) -> Vec<DiagnosticDocument<'a>> {
    diagnostics.iter().map(|diagnostic| one(diagnostic, sources)).collect()
}

fn one<'a>(diagnostic: &'a Diagnostic, sources: &Sources<'_>) -> DiagnosticDocument<'a> {
    let Diagnostic { rule, level, set_by, fingerprint, finding } = diagnostic;
    let labels = finding.problem.labels.iter().map(|label| {
        let location = sources.get(label.path.as_path()).map(|source| source.location(label.span.start));
        LabelDocument {
            path: label.path.as_str(),
            line: location.map(|location| location.line),
            column: location.map(|location| location.column),
            span: [label.span.start, label.span.end],
            text: &label.text,
        }
    });
    let fix = finding.fix.as_ref().map(|fix| FixDocument {
        safe: fix.applicability == Applicability::Safe,
        edits: fix
            .edits
            .iter()
            .map(|(path, edit)| EditDocument {
                path: path.as_str(),
                span: [edit.span.start, edit.span.end],
                replacement: &edit.replacement,
            })
            .collect(),
    });
    DiagnosticDocument {
        rule,
        level: *level,
        set_by: *set_by,
        in_flight: finding.in_flight,
        fingerprint: fingerprint.to_string(),
        message: &finding.problem.message,
        help: &finding.problem.help,
        reference: finding.reference.as_deref(),
        labels: labels.collect(),
        fix,
    }
}
