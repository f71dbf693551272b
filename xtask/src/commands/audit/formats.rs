//! An audit as SARIF and as a report of tests.

use super::observed::Audited;
use super::report::Report;
use release_checks::render::{self, AuditRun, TagRun};

/// Prints the report for code scanning.
pub(super) fn sarif(report: &Report<'_>) {
    with_run(report, |run| crate::output::document(&render::audit_sarif(run)));
}

/// The report of tests.
pub(super) fn junit(report: &Report<'_>) -> String {
    with_run(report, render::audit_junit)
}

fn with_run<T>(report: &Report<'_>, render: impl FnOnce(&AuditRun<'_>) -> T) -> T {
    let tags: Vec<TagRun<'_>> = report.audited.iter().map(tag_run).collect();
    let branches = report.observed.refs.branch_names();
    let branches: Vec<&str> = branches.iter().map(String::as_str).collect();
    render(&AuditRun {
        tags: &tags,
        past: report.past,
        sources: &report.sources(),
        manifest: &report.observed.first,
        branches: &branches,
        levels: report.levels,
        version: env!("CARGO_PKG_VERSION"),
        deny_warnings: report.audit.judged.deny_warnings,
    })
}

fn tag_run(audited: &Audited) -> TagRun<'_> {
    TagRun {
        tag: &audited.tag.name,
        commit: &audited.tag.commit,
        checked: audited.checked.as_ref().map_err(Vec::as_slice),
        sources: audited.sources.iter().map(|(path, text)| (path.as_path(), text)).collect(),
        stand_in: audited.stand_in.as_ref().map(|(path, span)| (path.as_path(), span.clone())),
    }
}
