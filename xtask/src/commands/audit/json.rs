//! An audit as JSON. The format is documented in `docs/json.md`; a change that breaks a reader raises [`VERSION`].

use super::observed::Audited;
use super::report::{Counts, Report, hours};
use crate::output::{object, skipped};
use release_checks::past::day;
use release_checks::render::{Sources, json};
use release_core::history::{LineHistory, Window};
use serde::Serialize;

/// The version of the format.
const VERSION: u32 = 1;

/// Returns the document.
pub(super) fn document(report: &Report<'_>, counts: Counts) -> impl Serialize {
    let timeline = &report.observed.timeline;
    object! {
        schema_version: VERSION,
        command: "audit",
        tags: report.audited.iter().map(|audited| tag(report, audited)).collect::<Vec<_>>(),
        past: json::diagnostics(&report.past.diagnostics, &report.sources()),
        lines: timeline.lines().iter().map(|found| line(report, found)).collect::<Vec<_>>(),
        finals: timeline.windows().iter().map(last).collect::<Vec<_>>(),
        skipped: skipped::document(&report.skipped(), &report.past.skipped),
        errors: counts.errors,
        warnings: counts.warnings,
        known: counts.known,
        suppressed: report.ignored(),
        baseline: report.baseline.map(|baseline| json::baseline(baseline, report.baselined(), report.stale)),
    }
}

fn tag<'a>(report: &Report<'a>, audited: &'a Audited) -> impl Serialize + use<'a> {
    let sources: Sources<'_> = audited.sources.iter().map(|(path, text)| (path.as_path(), text)).collect();
    let (checked, unfit) = (audited.checked.as_ref().ok(), audited.checked.as_ref().err());
    let diagnostics = checked.map_or(&[][..], |checked| checked.diagnostics.as_slice());
    object! {
        tag: &audited.tag.name,
        commit: &audited.tag.commit,
        date: day(audited.tag.time),
        release: report.observed.config.tag.release(&audited.tag.name).map(|release| release.to_string()),
        branch: audited.branch.as_deref(),
        counts: Counts::of(diagnostics.iter()),
        diagnostics: json::diagnostics(diagnostics, &sources),
        skipped: checked.iter().flat_map(|checked| &checked.skipped).map(|skipped| skipped.rule).collect::<Vec<_>>(),
        unfit: unfit.into_iter().flatten().map(|problem| problem.message.as_str()).collect::<Vec<_>>(),
    }
}

fn line(report: &Report<'_>, line: &LineHistory) -> impl Serialize + use<> {
    let fixes = line.unreleased.iter().flat_map(|unreleased| unreleased.fixes(&report.observed.timeline));
    object! {
        line: line.line.to_string(),
        branch: line.branch.clone(),
        opened: line.opened.map(day),
        ended: line.ended.map(|(time, _)| day(time)),
        ended_by: line.ended.map(|(_, by)| by.to_string()),
        last: line.releases.iter().rfind(|tagged| !tagged.release.is_candidate()).map(|tagged| tagged.release.to_string()),
        unreleased: fixes.map(|commit| commit.id.clone()).collect::<Vec<_>>(),
    }
}

fn last(window: &Window) -> impl Serialize + use<> {
    object! {
        version: window.release.to_string(),
        date: day(window.tag.time),
        candidates: window.candidates.iter().map(|tagged| tagged.tag.name.clone()).collect::<Vec<_>>(),
        hours_from_first_candidate: window.from_first.map(hours),
        hours_from_last_candidate: window.from_last.map(hours),
    }
}
