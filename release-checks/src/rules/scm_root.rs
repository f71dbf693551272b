//! `root` of setuptools-scm does not lead to the root of the repository.
//!
//! ## What it does
//!
//! Follows `root` in `[tool.setuptools_scm]` from the manifest's folder, and reports it when it does not end at the root of
//! the repository. Without `root`, the manifest's own folder is meant.
//!
//! ## Why is this bad?
//!
//! setuptools-scm takes the folder for the top of a git work tree, finds none, and builds the package as its
//! `fallback_version`, whatever was tagged.
//!
//! ## Example
//!
//! ```toml src/api/pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow-api"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! root = ".."
//! fallback_version = "0.4.5"
//! ```
//!
//! ## Use instead
//!
//! ```toml src/api/pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow-api"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! root = "../.."
//! fallback_version = "0.4.5"
//! ```
//!
//! ## Fix
//!
//! Safe: there is one way to the root.

use crate::context::Context;
use crate::diagnostic::Finding;
use crate::fix::{Applicability, Fix};
use crate::level::Level;
use crate::rule::{Report, Rule};
use release_core::plan::scm_config::{leads_to_root, way_to_root};
use release_core::text::TextEdit;

/// The rule of this file.
pub(crate) const RULE: Rule =
    Rule { name: "scm-root", level: Level::Error, source: include_str!("scm_root.rs"), check };

fn check(context: &Context, report: &mut Report) {
    for package in &context.monorepo.packages {
        let Some(manifest) = context.monorepo.manifest(package) else { continue };
        let Some(scm) = &manifest.read.scm else { continue };
        let right = way_to_root(&package.path).unwrap_or_else(|| ".".to_owned());
        let path = &package.path;
        match &scm.root {
            Some(root) if !leads_to_root(path, &root.value) => {
                let message = format!("`root = \"{}\"` does not lead from {path} to the repository's root", root.value);
                let mut finding = Finding::at(message, path, root.span.clone(), "leads elsewhere")
                    .help(format!("write `root = \"{right}\"`"));
                if let Some(span) = root.content_span(&manifest.source) {
                    finding = finding.fix(Fix::new(Applicability::Safe, path, TextEdit { span, replacement: right }));
                }
                report.find(finding);
            }
            None if !leads_to_root(path, ".") => {
                let message = format!("{path} has no `root`, so that setuptools-scm looks for git in its own folder");
                let finding = Finding::at(message, path, scm.span.clone(), "no `root`");
                report.find(finding.help(format!("add `root = \"{right}\"`")));
            }
            _ => {}
        }
    }
}
