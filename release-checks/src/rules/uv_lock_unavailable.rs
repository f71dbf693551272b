//! `uv.lock` locks a client that its index does not have, or that was yanked.
//!
//! ## What it does
//!
//! With `--online`, looks up the version of every client that is locked. Entries that come from another index than most of the
//! lockfile's are left out: that index was not asked.
//!
//! ## Why is this bad?
//!
//! `uv sync` fails on a file that is gone, and on one that was yanked it goes on with what its makers took back.
//!
//! ## Example
//!
//! ```state
//! branch main
//! published meadow-client 0.4.3 0.4.4:yanked
//! ```
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client>=0.4.3"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5.dev0"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//! requires-python = ">=3.12"
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//! dependencies = [{ name = "meadow-client" }]
//!
//! [package.metadata]
//! requires-dist = [{ name = "meadow-client", specifier = ">=0.4.3" }]
//!
//! [[package]]
//! name = "meadow-client"
//! version = "0.4.4"
//! source = { registry = "https://index.example/simple" }
//! sdist = { url = "https://index.example/meadow_client-0.4.4.tar.gz", hash = "sha256:0" }
//! ```
//!
//! ## Use instead
//!
//! ```state
//! branch main
//! published meadow-client 0.4.3 0.4.4:yanked
//! ```
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client>=0.4.3"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5.dev0"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//! requires-python = ">=3.12"
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//! dependencies = [{ name = "meadow-client" }]
//!
//! [package.metadata]
//! requires-dist = [{ name = "meadow-client", specifier = ">=0.4.3" }]
//!
//! [[package]]
//! name = "meadow-client"
//! version = "0.4.3"
//! source = { registry = "https://index.example/simple" }
//! sdist = { url = "https://index.example/meadow_client-0.4.3.tar.gz", hash = "sha256:0" }
//! ```
//!
//! ## Fix
//!
//! None: `cargo xtask release relock` locks the version that is pinned, where the index has it.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::published::{because, python};
use crate::uv::{indexed, locks};
use release_core::version::Version;

pub(super) fn check(context: &Context, report: &mut Report) {
    let root = context.uv.iter().find(|project| project.path == "uv.lock");
    let index_of_most = root.and_then(|project| project.lock.as_ref().ok()?.main_registry());
    for (project, lock) in locks(context) {
        let of_most = indexed(lock).filter(|(.., index)| Some(index.value.trim_end_matches('/')) == index_of_most);
        for (package, text, _) in of_most.filter(|(package, ..)| context.monorepo.client(&package.name.value).is_some())
        {
            let name = package.name.value.as_str();
            let Ok(version) = Version::parse(&text.value) else { continue };
            let Some((index, versions)) = python(&context.published, name, report) else { continue };
            let wrong = match versions.get(&version) {
                None => format!("{index} does not have"),
                Some(found) => match &found.yanked {
                    Some(reason) => format!("is yanked{}", because(reason)),
                    None => continue,
                },
            };
            let path = &project.path;
            let message = format!("{path} locks `{name}` {}, which {wrong}", text.value);
            let finding = Finding::at(message, path, text.span.clone(), "is locked");
            report.find(finding.help("pin a version that can be installed, and run `cargo xtask release relock`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn what_is_locked_from_the_index_has_to_be_there() {
        let entry = |name: &str, index: &str| {
            format!("[[package]]\nname = '{name}'\nversion = '0.4.4'\nsource.registry = 'https://{index}.example'\n")
        };
        for (index, said, expected) in [
            ("most", "0.4.4", SILENT),
            ("most", "0.4.4:yanked", FIRES),
            ("most", "0.4.3", FIRES),
            ("most", "absent", FIRES),
            ("most", "unknown", SILENT),
            ("test", "0.4.3", SILENT),
        ] {
            let mut scene = Scene::of_version("0.4.4", &format!("published meadow-client {said}"));
            scene.files.values_mut().for_each(|text| text.push_str("dependencies = ['meadow-client==0.4.4']\n"));
            let others = entry("a", "most") + &entry("b", "most");
            let lock = format!("version = 1\n{others}{}", entry("meadow-client", index));
            scene.files.insert("uv.lock".into(), lock);
            assert_eq!(scene.count("uv-lock-unavailable"), expected, "{index} {said}");
        }
    }
}
