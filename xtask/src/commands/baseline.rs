//! `--baseline` and `--write-baseline` of `check` and `audit`: which findings are accepted, from which file, and how it is written.

use crate::checkout::Repository;
use crate::cli::{BaselineFlags, Global};
use crate::clock::now;
use crate::directory::current_directory;
use crate::effects::interrupt::Interrupt;
use crate::effects::write;
use crate::output::{self, diff};
use crate::stop::{Result, Stop};
use anyhow::{Context as _, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_checks::baseline::{Baseline, FILE_NAME};
use release_checks::renew::{Found, Renewed, renewed};
use release_core::plan::PlannedFile;
use release_core::reading;
use release_core::text::SourceText;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;

/// The file, and what it is called: relative to the root where it is below it.
struct Place {
    file: Utf8PathBuf,
    shown: Utf8PathBuf,
    is_below_root: bool,
}

fn place(repository: &Repository, flags: &BaselineFlags) -> anyhow::Result<Place> {
    let root = &repository.location.root;
    let Some(given) = &flags.baseline else {
        return Ok(Place { file: root.join(FILE_NAME), shown: FILE_NAME.into(), is_below_root: true });
    };
    let file = current_directory()?.join(given);
    // Links and `..` are followed, so that a file of the repository is known as one; a folder that is missing is said later.
    let folder = file.parent().and_then(|folder| folder.canonicalize_utf8().ok());
    let real = folder.zip(file.file_name()).map_or_else(|| file.clone(), |(folder, name)| folder.join(name));
    let root = root.canonicalize_utf8().unwrap_or_else(|_| root.clone());
    Ok(match real.strip_prefix(&root) {
        Ok(below) => Place { shown: below.to_owned(), is_below_root: true, file: real },
        Err(_) => Place { shown: given.clone(), is_below_root: false, file: real },
    })
}

/// The baseline: that of `--baseline`, else the one at the root, else none. One that is to be written may be missing.
pub(super) fn read(repository: &Repository, flags: &BaselineFlags, rev: Option<&str>) -> Result<Option<Baseline>> {
    let place = place(repository, flags)?;
    let path = place.shown.clone();
    let may_be_missing = flags.baseline.is_none() || flags.write_baseline;
    let Some(source) = text(repository, &place, may_be_missing)? else { return Ok(None) };
    let foreign = rev.map(|rev| format!("{path} is the work tree's, and {rev} is checked"));
    match Baseline::parse(&path, &source) {
        Ok(baseline) => Ok(Some(Baseline { foreign, ..baseline })),
        Err(problems) => Err(Stop::unreadable(path, source, problems)),
    }
}

/// The text of the file; `None` where it is missing, and may be.
fn text(repository: &Repository, place: &Place, may_be_missing: bool) -> anyhow::Result<Option<SourceText>> {
    let Place { file, shown, is_below_root } = place;
    let read = match is_below_root {
        true => reading::inside_if_any(&repository.location.root, shown),
        false if may_be_missing && fs::symlink_metadata(file).is_err() => Ok(None),
        false => reading::named(file).map(Some),
    };
    let makes = "`--write-baseline` makes one, at the path that it is given";
    let bytes = match read {
        Ok(Some(bytes)) => bytes,
        Ok(None) if may_be_missing => return Ok(None),
        Ok(None) => bail!("could not read the baseline {shown}: there is none; {makes}"),
        Err(error) if error.is_absent() => {
            return Err(error).with_context(|| format!("could not read the baseline {shown}; {makes}"));
        }
        Err(error) => return Err(error).with_context(|| format!("could not read the baseline {shown}")),
    };
    let Ok(source) = SourceText::from_bytes(bytes) else { bail!("the baseline {shown} is not UTF-8") };
    Ok(Some(source))
}

/// Writes what was found into the baseline, or with `--dry-run` shows what would change, and gives back what is accepted now;
/// `None` where there is no file, and no finding to put into one.
pub(super) fn write(
    repository: &Repository,
    global: &Global,
    flags: &BaselineFlags,
    baseline: Option<&Baseline>,
    found: &Found<'_>,
) -> Result<Option<Baseline>> {
    let place = place(repository, flags)?;
    let old = baseline.map(|baseline| &baseline.source);
    let renewed = renewed(baseline, found, flags.reason.as_deref(), now()?.day()).map_err(Stop::usage)?;
    let new = SourceText::new(renewed.text.as_str());
    let changes = old.map_or(renewed.added > 0, |old| *old != new);
    if changes && !global.dry_run {
        put(repository, &place, old, &new)?;
    }
    say(global, &place.shown, &renewed, changes);
    if changes && global.dry_run {
        let old = old.map_or("", SourceText::as_str);
        output::note(&format!("{} would become", place.shown));
        output::explain(&diff::unified(&place.shown, old, new.as_str()));
    }
    if !changes && old.is_none() {
        return Ok(None);
    }
    let written = Baseline::parse(&place.shown, &new).ok();
    Ok(Some(written.context("the baseline cannot be read as it was written; this is a defect of this tool")?))
}

fn say(global: &Global, shown: &Utf8Path, renewed: &Renewed, changes: bool) {
    let Renewed { added, kept, dropped, left, .. } = renewed;
    let done = match (changes, global.dry_run) {
        (false, _) => "nothing to write",
        (true, true) => "would be written",
        (true, false) => "written; commit it",
    };
    output::say(global, &format!("{shown}: {added} new, {kept} kept, {dropped} dropped; {done}"));
    if *left > 0 {
        let what = output::count(*left, "finding");
        output::say(global, &format!("{what} left out: a release on its way makes them, and they fail nothing"));
    }
}

/// Writes the file whole or not at all. What is below the root goes the way of every edit, with its journal; a file that is not
/// there yet, or elsewhere, is made beside its place and renamed.
fn put(repository: &Repository, place: &Place, old: Option<&SourceText>, new: &SourceText) -> anyhow::Result<()> {
    let Place { file, shown, is_below_root } = place;
    // A limit on file sizes is an error then, and ends no run with a temporary file left behind.
    let interrupt = Interrupt::watch()?;
    if let Some(old) = old.filter(|_| *is_below_root) {
        let planned = PlannedFile { path: shown.clone(), old: old.clone(), new: new.clone() };
        let (root, state) = (&repository.location.root, repository.state_dir());
        return write::write_files(root, &state, "the baseline", &[planned], &interrupt);
    }
    if fs::symlink_metadata(file).is_ok_and(|file| file.is_symlink()) {
        bail!("the baseline {shown} is a symbolic link; name the file that it leads to");
    }
    let context = || format!("could not write the baseline {shown}");
    // A run that is killed leaves it in the git directory, where nobody sees it and the next one writes over it.
    let staged = repository.state_dir().join("baseline");
    let written = stage(&staged, new).with_context(context).and_then(|()| {
        if interrupt.happened() {
            bail!("interrupted; nothing was changed");
        }
        if old.is_none() && fs::symlink_metadata(file).is_ok() {
            bail!("{shown} was made meanwhile; see what it is, and run this again");
        }
        move_to(&staged, file).with_context(context)
    });
    if written.is_err() {
        // There is nothing to add to what went wrong.
        let _ = fs::remove_file(&staged);
    }
    written
}

fn stage(path: &Utf8Path, text: &SourceText) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_str().as_bytes())?;
    file.sync_all()
}

/// Renames a file, by way of a copy beside its place where that is on another disk.
fn move_to(staged: &Utf8Path, file: &Utf8Path) -> io::Result<()> {
    match fs::rename(staged, file) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {}
        renamed => return renamed,
    }
    let mut copy = tempfile::Builder::new();
    // Private by default; a file that is to be committed has the permissions that the user's others have.
    copy.prefix(".release-baseline-").permissions(fs::Permissions::from_mode(0o666));
    let mut copy = copy.tempfile_in(file.parent().unwrap_or(file))?;
    io::copy(&mut File::open(staged)?, &mut copy)?;
    copy.as_file().sync_all()?;
    copy.persist(file)?;
    fs::remove_file(staged)
}
