//! The build requirement on setuptools-scm has no lower bound.
//!
//! ## What it does
//!
//! Reports `setuptools-scm` in `build-system.requires` when nothing says which version is the oldest that will do.
//!
//! ## Why is this bad?
//!
//! Old versions name a commit differently, or do not read what the table says. A constraint elsewhere, or a frozen index, can
//! bring one in, and the build succeeds under another version.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
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
//! ## Fix
//!
//! Unsafe: the bound is that of the other packages, or `>=8.0`, and an environment may have an older version on purpose.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use crate::scm;
use release_core::manifest::TomlString;
use release_core::manifest::pyproject::{Pyproject, is_scm};
use release_core::manifest::requirement::{Constraint, Requirement};
use release_core::text::TextEdit;
use release_core::version::Operator;

pub(super) fn check(context: &Context, report: &mut Report) {
    let bound = bound(context);
    for scm::ScmPackage { package, manifest, .. } in scm::packages(context) {
        let path = &package.path;
        for (item, requirement) in requirements(&manifest.read).filter(|(_, found)| !is_bounded(found)) {
            let message = format!("`{}` in {path} has no lower bound", item.value);
            let mut finding = Finding::at(message, path, item.span.clone(), "any version will do")
                .help(format!("write `setuptools-scm{bound}`"));
            // Only a bare name: where there are other clauses, a bound might contradict them.
            if requirement.constraint == Constraint::Any && requirement.extras.is_empty() {
                let end = requirement.name.span.end;
                let span = item.source_span(&manifest.source, end..end);
                let edits = span.map(|span| TextEdit { span, replacement: bound.clone() }).into_iter().collect();
                let is_right = |read: &Pyproject| requirements(read).any(|(_, found)| is_bounded(&found));
                finding.fix = scm::sure(Applicability::Unsafe, path, &manifest.source, edits, is_right);
            }
            report.find(finding);
        }
    }
}

/// The requirements of a build on setuptools-scm, each with its text.
fn requirements(read: &Pyproject) -> impl Iterator<Item = (&TomlString, Requirement)> {
    let requires = read.build_system.as_ref().and_then(|build| build.requires.as_ref());
    let items = requires.into_iter().flat_map(|list| &list.items).filter(|item| is_scm(&item.value));
    items.filter_map(|item| Some((item, Requirement::parse(&item.value).ok()?)))
}

fn is_bounded(requirement: &Requirement) -> bool {
    const UPPER: [Operator; 3] = [Operator::Less, Operator::LessEqual, Operator::NotEqual];
    match &requirement.constraint {
        Constraint::Any => false,
        Constraint::Url(_) => true,
        Constraint::Specifier(specifier) => specifier.clauses.iter().any(|clause| !UPPER.contains(&clause.operator)),
    }
}

/// The bound that a package has, when it is one and no more.
fn bound(context: &Context) -> String {
    let mut all = scm::packages(context).flat_map(|subject| requirements(&subject.manifest.read));
    let found = all.find_map(|(_, requirement)| match &requirement.specifier()?.clauses[..] {
        [clause] if clause.operator == Operator::GreaterEqual => Some(format!(">={}", clause.text)),
        _ => None,
    });
    found.unwrap_or_else(|| ">=8.0".to_owned())
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn every_clause_that_sets_a_floor_is_a_bound() {
        for (requirement, fires) in [
            ("setuptools-scm", FIRES),
            ("setuptools-scm[toml]", FIRES),
            ("setuptools-scm<11,!=9.0", FIRES),
            ("setuptools-scm ; python_version > '3'", FIRES),
            ("setuptools-scm>8", SILENT),
            ("setuptools-scm~=8.0", SILENT),
            ("setuptools-scm==9.2.0", SILENT),
            ("setuptools-scm<11,>=8", SILENT),
            ("setuptools-scm @ https://files.example/scm.whl", SILENT),
        ] {
            let text = format!(
                "[build-system]\nrequires = [\"{requirement}\"]\n[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n"
            );
            let scene = Scene::of_files([("pyproject.toml", text)], "");
            assert_eq!(scene.count("scm-build-requirement-bound"), fires, "{requirement}");
        }
    }
}
