//! The plan for stamping, and how a place becomes part of a draft.

use super::place::{Dynamic, Place};
use crate::plan::draft::{Draft, Part};
use crate::plan::planned::{Outcome, PlannedFile, PlannedKind, PlannedSite};
use crate::text::{SourceText, TextEdit};

/// The plan for stamping a repository.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Every place that carries the version, by file and place, including unchanged ones.
    pub sites: Vec<PlannedSite>,
    /// The files that change.
    pub files: Vec<PlannedFile>,
    /// The variable that a Python build takes the version from, if it is one: no file carries it then.
    pub dynamic: Option<Dynamic>,
}

/// Plans a place of a file.
pub(super) fn draw(draft: &mut Draft, source: &SourceText, place: &Place) {
    let Place { path, span, old, new, table } = place;
    let (kind, subject) = (PlannedKind::StampedVersion, path.file_name().unwrap_or_default());
    let part = Part { path, source, kind, subject, table, span: span.clone(), old: Some(old) };
    match new {
        None => draft.add(part.planned(Outcome::Kept, Some(old.clone())), source, None),
        Some(new) if new == old => draft.add(part.planned(Outcome::AlreadyRight, Some(new.clone())), source, None),
        Some(new) => {
            let edit = TextEdit { span: span.clone(), replacement: new.clone() };
            draft.change(&part, Some(new.clone()), [edit]);
        }
    }
}
