//! Versions that packages with a static one repeat beside their manifests: in modules, in the manifest of their crate, and in the
//! files that release.toml names.

use crate::stop::{Result, Texts};
use anyhow::anyhow;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::TrackedFile;
use release_core::monorepo::{Config, Manifest, Monorepo, Tree, is_foreign};
use release_core::plan::Edits;
use release_core::plan::stamp::{CRATE, MODULES, modules, modules_wanted, stated};
use release_core::problem::Problem;
use release_core::text::SourceText;
use release_core::version::Version;
use std::collections::BTreeSet;

/// The depth of a module in its package: `src/NAME/_version.py`.
const DEPTH: usize = 3;

/// The edits, or what stands against them, and the texts to show it in.
pub(super) type Repeated = (std::result::Result<Edits, Vec<Problem>>, Texts);

/// Plans to give them a version.
pub(super) fn repeated(tree: &dyn Tree, monorepo: &Monorepo, config: &Config, version: &Version) -> Result<Repeated> {
    let folders: Vec<&Utf8Path> = stated(monorepo).filter_map(|package| package.path.parent()).collect();
    if folders.is_empty() && config.stamps.is_empty() {
        return Ok((Ok(Edits::default()), Texts::new()));
    }
    let mut texts: Texts =
        monorepo.manifests.iter().map(|(path, manifest)| (path.clone(), manifest.source.clone())).collect();
    let is_near = |path: &Utf8Path| {
        let mut below = folders.iter().filter_map(|folder| path.strip_prefix(folder).ok());
        below.any(|rest| {
            rest.components().count() <= DEPTH && !rest.components().any(|component| is_foreign(component.as_str()))
        })
    };
    let owns: Vec<String> = monorepo.manifests.values().filter_map(Manifest::current_version).collect();
    read(tree, &MODULES, &is_near, &owns, &mut texts)?;
    let mut asked: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    loop {
        let mut wanted = modules_wanted(monorepo, &texts, config, version);
        wanted.retain(|path| asked.insert(path.clone()));
        if wanted.is_empty() {
            break;
        }
        let names: BTreeSet<&str> = wanted.iter().filter_map(|path| path.file_name()).collect();
        let is_crate = names.contains(CRATE);
        let is_wanted = |path: &Utf8Path| wanted.contains(path) || (is_crate && path.file_name() == Some(CRATE));
        read(tree, &names.into_iter().collect::<Vec<_>>(), &is_wanted, &owns, &mut texts)?;
    }
    Ok((modules(monorepo, &texts, config, version), texts))
}

/// Reads the tracked files of these names that are meant. A module in another encoding counts only if it has one of the versions
/// that packages have.
fn read(
    tree: &dyn Tree,
    names: &[&str],
    is_meant: &dyn Fn(&Utf8Path) -> bool,
    owns: &[String],
    texts: &mut Texts,
) -> Result<()> {
    let is_new = |file: &TrackedFile| !file.is_link && is_meant(&file.path) && !texts.contains_key(&file.path);
    let files: Vec<TrackedFile> = tree.files(names)?.into_iter().filter(is_new).collect();
    let contents = tree.read(&files.iter().collect::<Vec<_>>())?;
    for (file, bytes) in files.into_iter().zip(contents) {
        let has_one =
            owns.iter().any(|own| !own.is_empty() && bytes.windows(own.len()).any(|part| part == own.as_bytes()));
        match SourceText::from_bytes(bytes) {
            Ok(text) => drop(texts.insert(file.path, text)),
            Err(at) if has_one => {
                return Err(anyhow!("{} is not UTF-8 at byte {at}; save it as UTF-8", file.path).into());
            }
            Err(_) => {}
        }
    }
    Ok(())
}
