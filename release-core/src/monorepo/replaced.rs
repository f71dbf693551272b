//! Versions of packages that a file of setuptools-scm's own gives in place of their manifests.

use super::discovery::Monorepo;
use super::snapshot::{Tree, TreeError, texts};
use crate::git::TrackedFile;
use crate::manifest::pyproject::{CONFIG_FILE, ScmTable};
use crate::problem::Problem;
use crate::text::SourceText;
use camino::{Utf8Path, Utf8PathBuf};

/// A `fallback_version` that a build does not take from the manifest.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// The file that gives it.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// The problem, and the way out.
    pub problem: Problem,
}

/// Returns a problem for each package whose `fallback_version` a build takes from `.config/python-vcs-versioning.toml`, as
/// setuptools-scm 10 does. No release edits that file.
///
/// # Errors
/// When the tree cannot be read.
pub fn replaced(tree: &dyn Tree, monorepo: &Monorepo) -> Result<Vec<Replaced>, TreeError> {
    let files = tree.files(&["python-vcs-versioning.toml"])?;
    let files: Vec<&TrackedFile> = files.iter().filter(|file| !file.is_link).collect();
    let mut found = Vec::new();
    for (path, source) in texts(tree, &files, &mut Vec::new())? {
        let Some(top) = path.as_str().strip_suffix(CONFIG_FILE).map(|top| Utf8Path::new(top.trim_end_matches('/')))
        else {
            continue;
        };
        for package in &monorepo.packages {
            let Some(folder) = package.path.parent().and_then(|folder| folder.strip_prefix(top).ok()) else { continue };
            let key = if folder.as_str().is_empty() { "." } else { folder.as_str() };
            let table = ScmTable::of_config_file(source.as_str(), key);
            let Some(version) = table.and_then(|table| table.fallback_version) else { continue };
            let message =
                format!("{path} gives {} its `fallback_version`, and no release edits that file", package.path);
            let help = format!("move it to `[tool.setuptools_scm]` of {}", package.path);
            let problem = Problem::new(message, help).at(&path, version.span, "the build takes it");
            found.push(Replaced { path: path.clone(), source: source.clone(), problem });
        }
    }
    Ok(found)
}
