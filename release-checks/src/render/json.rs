//! Diagnostics as JSON. The format is documented in `docs/json.md`; a change that breaks a reader raises [`VERSION`].

use super::run::Sources;
use super::value::{Json, object};
use crate::baseline::Baseline;
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Skipped};
use crate::fix::Applicability;
use crate::run::Checked;
use camino::Utf8PathBuf;
use release_core::problem::Label;
use release_core::text::{Span, TextEdit};

/// The version of the format.
pub const VERSION: usize = 1;

/// Returns the document of a check.
pub fn document(checked: &Checked, context: &Context, sources: &Sources<'_>) -> Json {
    let skipped =
        |skipped: &Skipped| object([("rule", skipped.rule.into()), ("reason", skipped.reason.as_str().into())]);
    let baseline = |of: &Baseline| baseline(of, checked.baselined(), checked.stale.len());
    object([
        ("schema_version", VERSION.into()),
        ("command", "check".into()),
        ("branch", context.branch.as_ref().ok().map(|branch| branch.name.as_str()).into()),
        ("diagnostics", diagnostics(&checked.diagnostics, sources)),
        ("skipped", checked.skipped.iter().map(skipped).collect()),
        ("suppressed", checked.ignored().into()),
        ("baseline", context.baseline.as_ref().map(baseline).into()),
    ])
}

/// Returns the document of the baseline that held: its file, and the numbers of the findings that it accepted and of its entries
/// that accept something that is gone.
pub fn baseline(baseline: &Baseline, accepted: usize, stale: usize) -> Json {
    object([("path", baseline.path.as_str().into()), ("accepted", accepted.into()), ("stale", stale.into())])
}

/// Returns the documents of findings.
pub fn diagnostics(diagnostics: &[Diagnostic], sources: &Sources<'_>) -> Json {
    diagnostics.iter().map(|diagnostic| one(diagnostic, sources)).collect()
}

fn one(diagnostic: &Diagnostic, sources: &Sources<'_>) -> Json {
    let Diagnostic { rule, level, set_by, fingerprint, finding } = diagnostic;
    let label = |label: &Label| {
        let location = sources.get(label.path.as_path()).map(|source| source.location(label.span.start));
        object([
            ("path", label.path.as_str().into()),
            ("line", location.map(|location| location.line).into()),
            ("column", location.map(|location| location.column).into()),
            ("span", span(&label.span)),
            ("text", label.text.as_str().into()),
        ])
    };
    let edit = |(path, edit): &(Utf8PathBuf, TextEdit)| {
        let replacement = edit.replacement.as_str().into();
        object([("path", path.as_str().into()), ("span", span(&edit.span)), ("replacement", replacement)])
    };
    let fix = finding.fix.as_ref().map(|fix| {
        let is_safe = fix.applicability == Applicability::Safe;
        object([("safe", is_safe.into()), ("edits", fix.edits.iter().map(edit).collect())])
    });
    object([
        ("rule", (*rule).into()),
        ("level", level.to_string().into()),
        ("set_by", set_by.as_str().into()),
        ("in_flight", finding.in_flight.into()),
        ("fingerprint", fingerprint.to_string().into()),
        ("message", finding.problem.message.as_str().into()),
        ("help", finding.problem.help.as_str().into()),
        ("reference", finding.reference.as_deref().into()),
        ("labels", finding.problem.labels.iter().map(label).collect()),
        ("fix", fix.into()),
    ])
}

fn span(span: &Span) -> Json {
    [span.start.into(), span.end.into()].into_iter().collect()
}
