//! A final's `uv.lock` holds packages of an index that nothing leads to.
//!
//! ## What it does
//!
//! In a final, reports packages from an index that is neither the one that most packages of the lockfile come from nor
//! reached through `[tool.uv]`: an index that is not `explicit`, or one that the package's source names. Candidates and
//! development versions may take what they test from elsewhere.
//!
//! ## Why is this bad?
//!
//! Such packages come from a test index that was given on the command line when the lockfile was written. It may drop or
//! replace them at any time, and anybody can publish there under a known name.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//!
//! [[package]]
//! name = "anyio"
//! version = "4.2.0"
//! source = { registry = "https://index.example/simple" }
//!
//! [[package]]
//! name = "idna"
//! version = "3.6"
//! source = { registry = "https://index.example/simple" }
//!
//! [[package]]
//! name = "sniffio"
//! version = "1.3.0"
//! source = { registry = "https://test.example/simple" }
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//!
//! [[package]]
//! name = "anyio"
//! version = "4.2.0"
//! source = { registry = "https://index.example/simple" }
//!
//! [[package]]
//! name = "idna"
//! version = "3.6"
//! source = { registry = "https://index.example/simple" }
//!
//! [[package]]
//! name = "sniffio"
//! version = "1.3.0"
//! source = { registry = "https://index.example/simple" }
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//! ```
//!
//! ## Fix
//!
//! None: the files of the right index are uv's to find.

use crate::context::{Context, UvProject};
use crate::diagnostic::{Finding, Report};
use crate::uv::{SHOWN, listed, locks};
use release_core::lockfile::uv_lock::{LockedPackage, SourceKind, UvLock};
use release_core::manifest::TomlString;
use std::collections::{BTreeMap, BTreeSet, HashSet};

pub(super) fn check(context: &Context, report: &mut Report) {
    if !context.is_final() {
        return;
    }
    for (project, lock) in locks(context) {
        let Some(majority) = lock.main_registry() else { continue };
        let reached = reached(project, lock);
        let is_strange = |(package, index): &(&LockedPackage, &TomlString)| {
            let index = normal(&index.value);
            let is_reached = |package: Option<&str>| reached.contains(&(index, package));
            index != majority && !is_reached(None) && !is_reached(Some(&package.name.value))
        };
        let strange: Vec<_> = lock.packages.iter().filter_map(from_index).filter(is_strange).collect();
        let Some((_, first)) = strange.first() else { continue };
        let indexes: BTreeSet<&str> = strange.iter().map(|(_, index)| normal(&index.value)).collect();
        let names = listed(strange.iter().map(|(package, _)| package.name.value.as_str()));
        let s = if strange.len() == 1 { "" } else { "s" };
        let message = format!(
            "{} takes {} package{s} from {}, which nothing in `tool.uv` names: {names}",
            project.path,
            strange.len(),
            indexes.into_iter().collect::<Vec<_>>().join(", ")
        );
        let more = strange.iter().take(SHOWN).skip(1);
        let finding = Finding::at(message, &project.path, first.span.clone(), "not where the others come from")
            .and_all(more.map(|(_, index)| (project.path.as_path(), index.span.clone(), "nor is this")));
        report.find(finding.help(format!(
            "lock again without the other index (most packages come from {majority}), or declare it in `[[tool.uv.index]]`"
        )));
    }
}

fn from_index(package: &LockedPackage) -> Option<(&LockedPackage, &TomlString)> {
    let source = package.source.as_ref().filter(|source| source.kind == SourceKind::Registry)?;
    Some((package, &source.location))
}

fn normal(index: &str) -> &str {
    index.trim_end_matches('/')
}

/// Returns the indexes that `tool.uv` leads to, for every package or for one.
fn reached<'a>(project: &'a UvProject, lock: &'a UvLock) -> HashSet<(&'a str, Option<&'a str>)> {
    let uv = project.manifest.as_ref().map(|(_, manifest)| &manifest.read.uv);
    let indexes = || uv.into_iter().flat_map(|uv| &uv.indexes);
    let for_all = indexes().filter(|index| !index.explicit).map(|index| (normal(&index.url.value), None));
    let by_name: BTreeMap<&str, &str> =
        indexes().filter_map(|index| Some((index.name.as_deref()?, normal(&index.url.value)))).collect();
    let of_sources = uv.into_iter().flat_map(|uv| &uv.sources).filter_map(|source| {
        let url = by_name.get(source.index.as_deref()?)?;
        Some((*url, Some(&*source.package)))
    });
    // The sources of other members stand in their own manifests; the lockfile has noted down what they led to.
    let noted = lock.packages.iter().filter_map(|package| package.metadata.as_ref()).flat_map(|metadata| {
        let groups = metadata.requires_dev.iter().flat_map(|group| &group.requirements);
        metadata.requires_dist.iter().chain(groups)
    });
    let noted = noted.filter_map(|noted| Some((normal(&noted.index.as_ref()?.value), Some(&*noted.name.value))));
    for_all.chain(of_sources).chain(noted).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn fires(version: &str, uv: &str, state: &str) -> usize {
        let entry = |name, index| {
            format!("[[package]]\nname = '{name}'\nversion = '1.0'\nsource = {{ registry = 'https://{index}' }}\n")
        };
        let manifest = format!("[project]\nname = 'meadow'\nversion = '{version}'\n{uv}");
        let lock = [
            "version = 1\n".to_owned(),
            entry("a", "test.example/"),
            entry("b", "i.example"),
            entry("c", "i.example/"),
        ];
        let files = [("pyproject.toml", manifest), ("uv.lock", lock.concat())];
        Scene::of_files(files, state).count("uv-lock-index")
    }

    #[test]
    fn only_finals_are_held_to_it_and_what_uv_is_told_is_right() {
        let index = |more: &str| format!("[[tool.uv.index]]\nname = 't'\nurl = 'https://test.example'\n{more}\n");
        for (version, uv, state, expected) in [
            ("0.4.5", String::new(), "", FIRES),
            ("0.4.5rc1", String::new(), "", SILENT),
            ("0.4.5.dev0", String::new(), "branch main", SILENT),
            ("0.4.5.dev0", String::new(), "tag v0.4.5 here", FIRES),
            ("0.4.5", String::new(), "tag v0.4.5rc1 here", SILENT),
            ("0.4.5", index(""), "", SILENT),
            ("0.4.5", index("explicit = true"), "", FIRES),
            ("0.4.5", index("explicit = true\n[tool.uv.sources]\nA = { index = 't' }"), "", SILENT),
            ("0.4.5", index("explicit = true\n[tool.uv.sources]\nb = { index = 't' }"), "", FIRES),
        ] {
            assert_eq!(fires(version, &uv, state), expected, "{version} {uv} {state}");
        }
    }
}
