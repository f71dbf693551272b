//! An audit as SARIF and as a report of tests.

use super::observed::Audited;
use super::report::Report;
use camino::Utf8Path;
use release_checks::render::{self, Command, Part, Run};

/// Prints the report for code scanning.
pub(super) fn sarif(report: &Report<'_>) {
    with_run(report, |run| crate::output::document(&render::sarif(run)));
}

/// The report of tests.
pub(super) fn junit(report: &Report<'_>) -> String {
    with_run(report, render::junit)
}

fn with_run<T>(report: &Report<'_>, render: impl FnOnce(&Run<'_>) -> T) -> T {
    let manifest = &report.observed.first;
    let stand_in = Some((manifest.as_path(), 0..0));
    let past = Part { tag: None, checked: Ok(report.past), sources: report.sources(), stand_in };
    let parts: Vec<Part<'_>> = report.audited.iter().map(|audited| part(audited, manifest)).chain([past]).collect();
    let branches = report.observed.refs.branch_names();
    render(&Run {
        command: Command::Audit,
        parts: &parts,
        // A tag that is missing is no branch, and so every other name is a tag's.
        is_tag: &|name| !branches.iter().any(|branch| branch == name),
        levels: report.levels,
        version: env!("CARGO_PKG_VERSION"),
        deny_warnings: report.audit.judged.deny_warnings,
    })
}

/// The findings at a tag; `manifest` stands for a tree that cannot be checked.
fn part<'a>(audited: &'a Audited, manifest: &'a Utf8Path) -> Part<'a> {
    let stand_in = audited.stand_in.as_ref().map(|(path, span)| (path.as_path(), span.clone()));
    Part {
        tag: Some((&audited.tag.name, &audited.tag.commit)),
        checked: audited.checked.as_ref().map_err(Vec::as_slice),
        sources: audited.sources.iter().map(|(path, text)| (path.as_path(), text)).collect(),
        stand_in: stand_in.or(Some((manifest, 0..0))),
    }
}
