//! `--fix`, `--unsafe-fixes`, `--diff`: what the fixes make of the files.

use anyhow::bail;
use camino::Utf8PathBuf;
use release_checks::context::Context;
use release_checks::fix::{Applicability, Fix};
use release_checks::run::Checked;
use release_core::plan::PlannedFile;
use release_core::text::{SourceText, TextEdit, splice};
use std::collections::BTreeMap;

/// The files as the fixes make them, and how many fixes there are. Of two that want the same bytes the first is made; the
/// other's finding is there again in the next run, if it still holds.
pub(super) fn fixed(
    context: &Context,
    checked: &Checked,
    most: Applicability,
) -> anyhow::Result<(Vec<PlannedFile>, usize)> {
    let mut made: Vec<&Fix> = Vec::new();
    for fix in checked.diagnostics.iter().filter_map(|diagnostic| diagnostic.finding.fix.as_ref()) {
        if fix.applicability <= most && !made.iter().any(|other| fix.conflicts_with(other)) {
            made.push(fix);
        }
    }
    let mut edits: BTreeMap<&Utf8PathBuf, Vec<TextEdit>> = BTreeMap::new();
    for (path, edit) in made.iter().flat_map(|fix| &fix.edits) {
        edits.entry(path).or_default().push(edit.clone());
    }
    let mut files = Vec::new();
    for (path, edits) in edits {
        let Some(old) = context.source(path) else {
            bail!("a fix is for {path}, which was not read; this is a defect of this tool")
        };
        let new = SourceText::new(splice(old.as_str(), &edits)?);
        if new != *old {
            files.push(PlannedFile { path: path.clone(), old: old.clone(), new });
        }
    }
    Ok((files, made.len()))
}

/// A number of fixes, in words.
pub(super) fn counted(number: usize) -> String {
    if number == 1 { "1 fix".to_owned() } else { format!("{number} fixes") }
}
