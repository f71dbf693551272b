//! Python packages that the list of a manifest leaves out.

use super::discovery::Monorepo;
use super::snapshot::{Tree, TreeError};
use crate::manifest::pyproject::PackageList;
use crate::text::Span;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};

/// A list of packages, `[tool.setuptools] packages`, and those below its packages that it lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    /// The manifest.
    pub path: Utf8PathBuf,
    /// The place of the list.
    pub span: Span,
    /// The names of the packages that it lacks, such as `meadow.api`.
    pub names: Vec<String>,
}

/// The file that makes a folder a package.
const MARK: &str = "__init__.py";

/// Returns the lists that leave out packages below those that they name. The sources are listed only where a manifest has such a
/// list. Packages of tests are left out: they are rarely to be installed.
///
/// # Errors
/// When the tree cannot be listed.
pub fn unlisted(tree: &dyn Tree, monorepo: &Monorepo) -> Result<Vec<Unlisted>, TreeError> {
    let manifests = monorepo.packages.iter().filter_map(|package| {
        let list = monorepo.manifests.get(&package.path)?.read.packages.as_ref()?;
        Some((&package.path, list))
    });
    let manifests: Vec<_> = manifests.collect();
    if manifests.is_empty() {
        return Ok(Vec::new());
    }
    let files = tree.files(&[MARK])?;
    let folders: BTreeSet<&Utf8Path> =
        files.iter().filter(|file| !file.is_link).filter_map(|file| file.path.parent()).collect();
    let lacking = |(path, list): (&Utf8PathBuf, &PackageList)| {
        let names = lacking(path.parent().unwrap_or(Utf8Path::new("")), list, &folders);
        (!names.is_empty()).then(|| Unlisted { path: path.clone(), span: list.names.span.clone(), names })
    };
    Ok(manifests.into_iter().filter_map(lacking).collect())
}

/// Returns the names of the packages below those of a list that it lacks.
fn lacking(root: &Utf8Path, list: &PackageList, folders: &BTreeSet<&Utf8Path>) -> Vec<String> {
    let listed = list.names.items.iter().map(|name| (folder(root, list, &name.value), name.value.as_str()));
    let listed: BTreeMap<Utf8PathBuf, &str> = listed.collect();
    let mut names: Vec<String> = Vec::new();
    // A folder comes after those above it.
    for path in folders.iter().filter(|path| !listed.contains_key(**path)) {
        let above = path.ancestors().skip(1).find_map(|above| Some((above, listed.get(above)?)));
        let Some((above, name)) = above else { continue };
        let parts: Vec<&str> = path.strip_prefix(above).map(Utf8Path::iter).into_iter().flatten().collect();
        // A folder between them that is no package makes what is below it data.
        let mut between = path.ancestors().take(parts.len());
        if between.all(|folder| folders.contains(folder)) && !parts.iter().any(|part| matches!(*part, "test" | "tests"))
        {
            names.push(format!("{name}.{}", parts.join(".")));
        }
    }
    names
}

/// Returns the folder of a package: by the longest name of `package-dir` that is one of its own or above it.
fn folder(root: &Utf8Path, list: &PackageList, name: &str) -> Utf8PathBuf {
    let inside = |(above, folder): &(String, String)| {
        let below = if above.is_empty() { Some(name) } else { name.strip_prefix(above.as_str()) };
        let below = below.filter(|below| above.is_empty() || below.is_empty() || below.starts_with('.'))?;
        Some((above.len(), folder.clone(), below.trim_start_matches('.').replace('.', "/")))
    };
    let best = list.folders.iter().filter_map(inside).max();
    let (_, folder, below) = best.unwrap_or((0, String::new(), name.replace('.', "/")));
    let parts = folder.split('/').chain(below.split('/')).filter(|part| !part.is_empty() && *part != ".");
    parts.fold(root.to_owned(), |path, part| path.join(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::pyproject::Pyproject;
    use crate::text::SourceText;

    #[test]
    fn what_lies_below_a_listed_package_is_to_be_listed() {
        for (table, files, expected) in [
            ("packages = ['a']", "a a/b", "a.b"),
            ("packages = ['a', 'a.b']", "a a/b a/b/c", "a.b.c"),
            ("packages = ['a', 'a.b']", "a a/b", ""),
            ("packages = ['a']", "a b other/c", ""),
            ("packages = ['a']", "a a/tests a/tests/unit", ""),
            // Between them is a folder without the mark.
            ("packages = ['a']", "a a/data/x", ""),
            ("packages = ['a']\npackage-dir = { '' = 'src' }", "src/a src/a/b a/c", "a.b"),
            ("packages = ['a', 'z.y']\npackage-dir = { 'z' = './lib/z' }", "a lib/z/y lib/z/y/x", "z.y.x"),
            ("packages = []", "a a/b", ""),
            ("packages = { find = {} }", "a a/b", ""),
        ] {
            for root in ["", "api"] {
                let source = SourceText::new(format!("[tool.setuptools]\n{table}\n"));
                let list = Pyproject::parse(&source).unwrap().packages;
                let files: Vec<Utf8PathBuf> = files.split(' ').map(|file| Utf8Path::new(root).join(file)).collect();
                let folders = files.iter().map(Utf8PathBuf::as_path).collect();
                let names = list.map(|list| lacking(root.into(), &list, &folders)).unwrap_or_default();
                assert_eq!(names.join(" "), expected, "{table} {root}");
            }
        }
    }
}
