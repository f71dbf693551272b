//! The things that parts of the page share: the audit, and the ways from one part to another.

use super::super::observed::Audited;
use super::super::report::{Counts, Report};
use release_checks::diagnostic::Diagnostic;
use release_core::text::count;
use std::collections::HashMap;

/// The audit, with the ways from one part of the page to another.
pub(super) struct Page<'a> {
    pub(super) report: &'a Report<'a>,
    /// The findings of the rules over the past.
    pub(super) past: &'a [Diagnostic],
    /// The place of each tag among those that were audited.
    pub(super) places: HashMap<&'a str, usize>,
    /// For each of them, which findings of the past are about it.
    pub(super) about: Vec<Vec<usize>>,
}

impl<'a> Page<'a> {
    pub(super) fn of(report: &'a Report<'a>) -> Self {
        let places: HashMap<&str, usize> =
            report.audited.iter().enumerate().map(|(place, audited)| (audited.tag.name.as_str(), place)).collect();
        let past = report.past.diagnostics.as_slice();
        let mut about = vec![Vec::new(); report.audited.len()];
        for (finding, diagnostic) in past.iter().enumerate() {
            let tag = diagnostic.finding.reference.as_deref().and_then(|reference| places.get(reference));
            if let Some(place) = tag {
                about[*place].push(finding);
            }
        }
        Self { report, past, places, about }
    }

    /// A tag that was audited.
    pub(super) fn audited(&self, tag: &str) -> Option<(usize, &'a Audited)> {
        let place = *self.places.get(tag)?;
        Some((place, self.report.audited.get(place)?))
    }

    /// The findings at a tag, and those of the past that are about it.
    pub(super) fn diagnostics(&self, place: usize) -> impl Iterator<Item = &'a Diagnostic> {
        let own = self.report.audited.get(place).and_then(|audited| audited.checked.as_ref().ok());
        let own = own.into_iter().flat_map(|checked| &checked.diagnostics);
        own.chain(self.about.get(place).into_iter().flatten().filter_map(|finding| self.past.get(*finding)))
    }
}

/// The weight of the worst finding, as a class of the style, and in words.
pub(super) fn weight<'a>(
    audited: &Audited,
    diagnostics: impl Iterator<Item = &'a Diagnostic>,
) -> (&'static str, String) {
    if audited.checked.is_err() {
        return ("error", "cannot be checked".to_owned());
    }
    let counts = Counts::of(diagnostics);
    let class = match counts {
        Counts { errors: 1.., .. } => "error",
        Counts { warnings: 1.., .. } => "warn",
        Counts { known: 1.., .. } => "known",
        _ => "clean",
    };
    let parts = [
        (counts.errors, count(counts.errors, "error")),
        (counts.warnings, count(counts.warnings, "warning")),
        (counts.known, format!("{} known", counts.known)),
    ];
    let words: Vec<String> = parts.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words).collect();
    (class, if words.is_empty() { "nothing found".to_owned() } else { words.join(", ") })
}
