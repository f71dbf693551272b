//! A workflow cannot be read.
//!
//! ## What it does
//!
//! Reports files of `.github/workflows` that are not YAML, in which a key stands twice, or that are larger or deeper than anybody
//! writes.
//!
//! ## Why is this bad?
//!
//! GitHub does not start such a workflow, and says so only on its own pages; no other rule has looked at it.
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
//! ```yaml .github/workflows/release.yml
//! on: release
//! jobs:
//!   publish:
//!     runs-on: ubuntu-latest
//!     runs-on: self-hosted
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
//! ```yaml .github/workflows/release.yml
//! on: release
//! jobs:
//!   publish:
//!     runs-on: ubuntu-latest
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};

pub(super) fn check(context: &Context, report: &mut Report) {
    for file in &context.workflows {
        let Err(error) = &file.read else { continue };
        let message = format!("{} cannot be read: {}", file.path, error.message);
        let finding = Finding::at(message, &file.path, error.span.clone(), error.message.clone());
        report.find(finding.help("mend it: GitHub starts no workflow that it cannot read"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn workflows_are_the_yaml_files_of_one_folder() {
        for (path, found) in [
            (".github/workflows/a.yml", FIRES),
            (".github/workflows/a.yaml", FIRES),
            (".github/workflows/below/a.yml", SILENT),
            (".github/workflows/a.txt", SILENT),
            (".github/a.yml", SILENT),
            ("api/.github/workflows/a.yml", SILENT),
        ] {
            let mut scene = Scene::of_version("0.4.5", "");
            scene.files.insert(path.into(), "a: 'b".to_owned());
            let fires = scene.count("workflow-syntax");
            assert_eq!(fires, found, "{path}");
        }
    }
}
