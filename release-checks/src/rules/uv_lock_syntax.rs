//! A `uv.lock` cannot be read.
//!
//! ## What it does
//!
//! Reports lockfiles that are not TOML, such as one with the marks of a conflict, and those of a format that is not known
//! here. The other rules say nothing about them.
//!
//! ## Why is this bad?
//!
//! uv refuses it as well, or writes a new one, with other content than was reviewed.
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
//! <<<<<<< HEAD
//! revision = 3
//! =======
//! revision = 2
//! >>>>>>> main
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
//! revision = 3
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::lockfile::uv_lock::relock::KNOWN_VERSION;

pub(super) fn check(context: &Context, report: &mut Report) {
    for project in &context.uv {
        let path = &project.path;
        match &project.lock {
            Err(error) => {
                let message = format!("{path} is not TOML");
                let finding = Finding::at(message, path, error.span.clone(), error.message.clone());
                report.find(finding.help("take it from one of the branches and run `uv lock`"));
            }
            Ok(lock) if lock.version.is_some_and(|version| version != KNOWN_VERSION) => {
                let version = lock.version.unwrap_or_default();
                let text = project.source.as_str();
                let start = text.find("version").unwrap_or(0);
                let end = text[start..].find(['\n', '\r']).map_or(text.len(), |at| start + at);
                let message = format!("{path} is of format {version}, and {KNOWN_VERSION} is known here");
                let finding = Finding::at(message, path, start..end, "not known");
                report.find(finding.help("write it with a uv that knows format 1, or update this tool"));
            }
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn another_format_is_not_read_as_if_it_were_known() {
        for (lock, expected) in [("version = 2\n", true), ("version = 1\nrevision = 9\n", false), ("", false)] {
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'".to_owned();
            let files = [("pyproject.toml", manifest), ("a/uv.lock", lock.to_owned())];
            let fires = Scene::of_files(files, "").breaks("uv-lock-syntax");
            assert_eq!(fires, expected, "{lock}");
        }
        let entry = "[[package]]\nname = 'meadow'\nversion = '0.4.4'\nsource = { virtual = '.' }\n";
        for (version, expected) in [(1, &["uv-lock-version"][..]), (2, &["uv-lock-syntax"])] {
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'".to_owned();
            let files = [("pyproject.toml", manifest), ("uv.lock", format!("version = {version}\n{entry}"))];
            assert_eq!(Scene::of_files(files, "").fires(), expected);
        }
    }
}
