//! Settings of setuptools-scm stand in a table that the build does not read.
//!
//! ## What it does
//!
//! Reports `[tool.vcs-versioning]` beside `[tool.setuptools_scm]`.
//!
//! ## Why is this bad?
//!
//! A build reads `[tool.setuptools_scm]` alone, and `python -m setuptools_scm` of version 10 `[tool.vcs-versioning]` alone. What
//! the command prints is not what the wheel is called, and a setting in the wrong table has no effect.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=10.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//!
//! [tool.vcs-versioning]
//! version_scheme = "post-release"
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=10.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.vcs-versioning]
//! fallback_version = "0.4.5"
//! version_scheme = "post-release"
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::scm;

pub(super) fn check(context: &Context, report: &mut Report) {
    for scm::ScmPackage { package, manifest, .. } in scm::packages(context) {
        let (Some(table), Some(unread)) = (&manifest.read.scm, &manifest.read.unread_scm) else { continue };
        let path = &package.path;
        let message = format!("a build of {path} does not read `[{}]`", unread.name);
        let finding = Finding::at(message, path, unread.span.clone(), "read by `python -m setuptools_scm` alone");
        let finding = finding.and(path, table.span.clone(), "read by the build alone");
        report.find(finding.help("move what is right into one of the tables, and remove the other"));
    }
}
