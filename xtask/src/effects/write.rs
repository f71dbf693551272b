//! Writes a plan's files, so that Ctrl-C and a full disk take everything back.

use super::interrupt::Interrupt;
use crate::cli::Global;
use crate::output;
use camino::Utf8Path;
use release_core::apply::{self, ApplyError, FileChange, Recovery, WriteSet};
use release_core::plan::PlannedFile;
use release_core::problem::Problem;
use std::ops::ControlFlow;

/// Writes files below `root`, all or none; `label` is what an interrupted run is called afterwards.
pub(crate) fn write_files(
    root: &Utf8Path,
    state_dir: &Utf8Path,
    label: &str,
    files: &[PlannedFile],
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let changes: Vec<FileChange> = files
        .iter()
        .map(|file| FileChange {
            path: file.path.clone(),
            old: file.old.as_str().as_bytes().to_vec(),
            new: file.new.as_str().as_bytes().to_vec(),
        })
        .collect();
    let set = WriteSet { root, state_dir, label, changes: &changes };
    let written = apply::write(&set, &mut |_| match interrupt.happened() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    });
    written.map_err(|error| match error {
        ApplyError::NotTakenBack { .. } => anyhow::Error::new(error),
        error => anyhow::anyhow!("{error}; nothing was changed"),
    })
}

/// Takes back or finishes what an interrupted run left. A dry run writes nothing, so there it is a problem.
pub(crate) fn recover(global: &Global, root: &Utf8Path, state_dir: &Utf8Path) -> anyhow::Result<Option<Problem>> {
    if global.dry_run {
        let pending = apply::pending(root, state_dir)?;
        return Ok(pending.map(|pending| {
            Problem::new(
                format!("an earlier run was interrupted while it wrote the files of {}", pending.label),
                "run the command without `--dry-run`: it takes back what was half written, then does its own work",
            )
        }));
    }
    let (verb, label, when, files) = match apply::recover(root, state_dir, &mut |_| {})? {
        Recovery::Nothing => return Ok(None),
        Recovery::TakenBack { label, files } => ("took back", label, "while it wrote", files),
        Recovery::Finished { label, files } => ("finished", label, "after it had written", files),
    };
    let files = output::count(files.len(), "file");
    output::say(global, &format!("{verb} {label}, which was interrupted {when} ({files})"));
    Ok(None)
}
