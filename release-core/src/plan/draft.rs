//! A plan in the making: every site with its fate, the edits for it, and the problems.

use super::planned::{Edits, Outcome, PlannedFile, PlannedKind, PlannedSite};
use crate::monorepo::Site;
use crate::problem::Problem;
use crate::text::{SourceText, Span, TextEdit, splice};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// Sites and edits, collected file by file.
#[derive(Default)]
pub(super) struct Draft {
    files: BTreeMap<Utf8PathBuf, (SourceText, Vec<TextEdit>)>,
    sites: Vec<PlannedSite>,
    problems: Vec<Problem>,
}

/// Checks a file that is edited, among all planned sites; the error is its first difference from the plan.
pub(super) type Verify<'a> = dyn Fn(&PlannedFile, &[PlannedSite]) -> Result<(), String> + 'a;

/// The fate of a site that the scan found.
pub(super) enum Fate {
    /// The policy keeps it.
    Kept,
    /// It already has its value.
    AlreadyRight,
    /// It changes to this value, by this edit of the file.
    Changed { new: String, edit: TextEdit },
}

/// A place in a file that is planned, but is not a site of the scan.
pub(super) struct Part<'a> {
    pub(super) path: &'a Utf8Path,
    pub(super) source: &'a SourceText,
    pub(super) kind: PlannedKind,
    /// The package or client to which it belongs.
    pub(super) subject: &'a str,
    pub(super) table: &'a str,
    pub(super) span: Span,
    /// The text at the place, or `None` if text is added.
    pub(super) old: Option<&'a str>,
}

impl Draft {
    /// Plans a site of the scan, or records its problem.
    pub(super) fn site(&mut self, site: &Site<'_>, fate: Result<Fate, Box<Problem>>) {
        let old = site.text.value.as_str();
        let (outcome, new, edit) = match fate {
            Ok(Fate::Kept) => (Outcome::Kept, old.to_owned(), None),
            Ok(Fate::AlreadyRight) => (Outcome::AlreadyRight, old.to_owned(), None),
            Ok(Fate::Changed { new, edit }) => (Outcome::Changed, new, Some(edit)),
            Err(problem) => return self.refuse(*problem),
        };
        let Site { path, source, subject, table, .. } = site;
        let part = Part { path, source, kind: site.kind.into(), subject, table, span: site.span(), old: Some(old) };
        self.add(part.planned(outcome, Some(new)), source, edit);
    }

    /// Plans a part that changes to `new`, or is removed if that is `None`.
    pub(super) fn change(&mut self, part: &Part<'_>, new: Option<String>, edits: impl IntoIterator<Item = TextEdit>) {
        self.add(part.planned(Outcome::Changed, new), part.source, edits);
    }

    /// Adds a site that is planned already, with its edits.
    pub(super) fn add(&mut self, site: PlannedSite, source: &SourceText, edits: impl IntoIterator<Item = TextEdit>) {
        let mut edits = edits.into_iter().peekable();
        if edits.peek().is_some() {
            let file = self.files.entry(site.path.clone()).or_insert_with(|| (source.clone(), Vec::new()));
            file.1.extend(edits);
        }
        self.sites.push(site);
    }

    /// Records a problem: the draft does not become a plan.
    pub(super) fn refuse(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Returns `true` if there is neither a planned site nor a problem.
    pub(super) fn is_empty(&self) -> bool {
        self.sites.is_empty() && self.problems.is_empty()
    }

    /// Makes all edits, and calls `verify` on each new text. The edits are right by construction; this finds the
    /// defect if they are not.
    ///
    /// # Errors
    /// All recorded problems, else edits that do not fit their file, else the findings of `verify`.
    pub(super) fn finish(self, verify: &Verify<'_>) -> Result<Edits, Vec<Problem>> {
        let Self { files: drafted, mut sites, mut problems } = self;
        if !problems.is_empty() {
            return Err(problems);
        }
        sites.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
        let mut files = Vec::with_capacity(drafted.len());
        for (path, (old, edits)) in drafted {
            match splice(old.as_str(), &edits) {
                Ok(new) => files.push(PlannedFile { path, old, new: SourceText::new(new) }),
                Err(error) => problems.push(unsound(&path, &error.to_string())),
            }
        }
        if problems.is_empty() {
            let defect = |file: &PlannedFile| Some(unsound(&file.path, &verify(file, &sites).err()?));
            problems = files.iter().filter_map(defect).collect();
        }
        if problems.is_empty() { Ok(Edits { sites, files }) } else { Err(problems) }
    }
}

impl Fate {
    /// Returns the fate of a version that is to become `target`.
    ///
    /// # Errors
    /// A version that is spelled with escapes.
    pub(super) fn version(site: &Site<'_>, target: &str) -> Result<Self, Box<Problem>> {
        if site.text.value == target {
            return Ok(Self::AlreadyRight);
        }
        let span = site.text.content_span(site.source).ok_or_else(|| spelled_oddly(site))?;
        Ok(Self::Changed { new: target.to_owned(), edit: TextEdit { span, replacement: target.to_owned() } })
    }

    /// Returns the fate of a requirement, from an edit of its text; `None` means that the text is right.
    ///
    /// # Errors
    /// A requirement that is spelled with escapes in the changed part.
    pub(super) fn requirement(site: &Site<'_>, edit: Option<TextEdit>) -> Result<Self, Box<Problem>> {
        let Some(edit) = edit else { return Ok(Self::AlreadyRight) };
        let new = splice(&site.text.value, std::slice::from_ref(&edit)).map_err(|_| spelled_oddly(site))?;
        let span = site.text.source_span(site.source, edit.span).ok_or_else(|| spelled_oddly(site))?;
        Ok(Self::Changed { new, edit: TextEdit { span, replacement: edit.replacement } })
    }
}

impl Part<'_> {
    /// Returns the part as a planned site.
    pub(super) fn planned(&self, outcome: Outcome, new: Option<String>) -> PlannedSite {
        PlannedSite {
            path: self.path.to_owned(),
            kind: self.kind,
            subject: self.subject.to_owned(),
            table: self.table.to_owned(),
            span: self.span.clone(),
            location: self.source.location(self.span.start),
            old: self.old.map(str::to_owned),
            new,
            outcome,
        }
    }
}

/// Returns the problem of an edit with a wrong result, which is a defect of this tool.
fn unsound(path: &Utf8Path, reason: &str) -> Problem {
    Problem::new(
        format!("{path}: the planned edit is wrong: {reason}"),
        "nothing was written; this is a defect of this tool: report it with the file",
    )
}

fn spelled_oddly(site: &Site<'_>) -> Box<Problem> {
    let message = format!("`{}` cannot be edited in place", site.text.value);
    site.problem(message, "write it as a plain string", "spelled with escapes that the version is part of")
}
