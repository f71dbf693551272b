//! A `uv.lock` records another version of a package of the tree than its manifest.
//!
//! ## What it does
//!
//! Looks at the packages that a lockfile builds from the tree. One whose version is dynamic must have no `version` there, and
//! one whose version is static must have that version.
//!
//! ## Why is this bad?
//!
//! uv does not take such a lockfile: `uv sync --locked` fails, and `uv sync` writes it again.
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
//! name = "meadow"
//! version = "0.4.4"
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
//! name = "meadow"
//! source = { editable = "." }
//! ```
//!
//! ## Fix
//!
//! Safe: the line of a dynamic package is removed, the version of a static one replaced, as uv would do. A version that is
//! missing is not added.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::{Applicability, whole_lines};
use crate::uv::{Local, locals, locks};
use camino::Utf8Path;
use release_core::manifest::TomlString;
use release_core::text::{SourceText, Span};
use release_core::version::Version;

pub(super) fn check(context: &Context, report: &mut Report) {
    for (project, _) in locks(context) {
        for local in locals(context, project) {
            report.findings.extend(of_package(&project.path, &project.source, &local));
        }
    }
}

fn of_package(path: &Utf8Path, source: &SourceText, local: &Local<'_>) -> Option<Finding> {
    let project = local.manifest.project.as_ref()?;
    let (name, manifest) = (&local.entry.name.value, &local.path);
    let own = project.version.as_ref().map(|(version, _)| version);
    match (&local.entry.version, own, &project.dynamic) {
        (Some(locked), None, Some(dynamic)) if project.is_dynamic() => {
            let message = format!("{path} records {} for `{name}`, whose version is dynamic", locked.value);
            let finding = Finding::at(message, path, locked.span.clone(), "recorded")
                .and(manifest, dynamic.span.clone(), "dynamic")
                .help("remove the line: what a build is called is not for the lockfile to say");
            Some(finding.rewrite(Applicability::Safe, path, line(source, locked), ""))
        }
        (Some(locked), Some(own), _) if !project.is_dynamic() => {
            let version = Version::parse(&own.value).ok()?;
            if Version::parse(&locked.value).is_ok_and(|locked| locked == version) {
                return None;
            }
            let message = format!("{path} records {} for `{name}`, which is {}", locked.value, own.value);
            let finding = Finding::at(message, path, locked.span.clone(), "recorded")
                .and(manifest, own.span.clone(), "what the manifest says")
                .help(format!("write {version}, or run `uv lock`"));
            Some(finding.rewrite(Applicability::Safe, path, locked.content_span(source), version.to_string()))
        }
        (None, Some(own), _) if !project.is_dynamic() => {
            let message = format!("{path} records no version for `{name}`, which is {}", own.value);
            let finding = Finding::at(message, path, local.entry.name.span.clone(), "no `version`");
            Some(finding.and(manifest, own.span.clone(), "static").help("run `uv lock` and commit what it writes"))
        }
        _ => None,
    }
}

/// The whole line of a version, where nothing else stands on it.
fn line(source: &SourceText, version: &TomlString) -> Option<Span> {
    let text = source.as_str();
    let line = whole_lines(source, &version.span);
    let before = text[line.start..version.span.start].trim();
    let is_alone = before.strip_suffix('=').is_some_and(|key| key.trim() == "version")
        && text[version.span.end..line.end].trim().is_empty();
    is_alone.then_some(line)
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn a_static_version_is_recorded_and_a_dynamic_one_is_not() {
        let fixed = "version = '0.4.5'";
        let dynamic = "dynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'";
        for (manifest, entry, expected) in [
            (fixed, "version = '0.4.5'", SILENT),
            (fixed, "version = '0.4.5.0'", SILENT),
            (fixed, "version = '0.4.4'", FIRES),
            (fixed, "", FIRES),
            (dynamic, "", SILENT),
            (dynamic, "version = '0.4.5'", FIRES),
        ] {
            for source in ["editable = '.'", "virtual = '.'", "registry = '.'"] {
                let lock = format!("version = 1\n[[package]]\nname = 'meadow'\n{entry}\nsource = {{ {source} }}");
                let manifest = format!("[project]\nname = 'meadow'\n{manifest}");
                let files = [("pyproject.toml", manifest), ("uv.lock", lock)];
                let fires = Scene::of_files(files, "").count("uv-lock-version");
                // A package of a registry is none of this monorepo.
                let expected = if source.starts_with("registry") { SILENT } else { expected };
                assert_eq!(fires, expected, "{entry} {source}");
            }
        }
    }
}
