//! A version is not written as PEP 440 writes it.
//!
//! ## What it does
//!
//! Reads the version of every package, static or `fallback_version`, and reports it when it is no version or not in its normal
//! form.
//!
//! ## Why is this bad?
//!
//! Tools compare versions as text in more places than one would think: tags, file names, pins, container images. A build writes
//! the normal form, so that what is published is called otherwise than the manifest says.
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
//! fallback_version = "0.4.5-rc1"
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
//! fallback_version = "0.4.5rc1"
//! ```
//!
//! ## Fix
//!
//! Safe: the normal form is the same version. Of what is no version at all, there is none.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use release_core::version::Version;

pub(super) fn check(context: &Context, report: &mut Report) {
    for package in &context.monorepo.packages {
        let Some(manifest) = context.monorepo.manifest(package) else { continue };
        let fallback = manifest.read.scm.as_ref().and_then(|scm| scm.fallback_version.as_ref());
        let fixed = manifest.read.project.as_ref().and_then(|project| Some(&project.version.as_ref()?.0));
        for text in fixed.into_iter().chain(fallback) {
            let path = &package.path;
            match Version::parse(&text.value).map(|version| version.to_string()) {
                Ok(normal) if normal == text.value => {}
                Ok(normal) => {
                    let message = format!("the version `{}` of {path} is not how PEP 440 writes it", text.value);
                    let finding = Finding::at(message, path, text.span.clone(), format!("`{normal}`"))
                        .help(format!("write `{normal}`"));
                    let span = text.content_span(&manifest.source);
                    report.find(finding.rewrite(Applicability::Safe, path, span, normal));
                }
                Err(error) => {
                    let message = format!("the version `{}` of {path} is no PEP 440 version", text.value);
                    report.find(
                        Finding::at(message, path, text.span.clone(), error.problem)
                            .help("write X.Y.Z, such as `0.4.5`, X.Y.ZrcN for a candidate, or X.Y.Z.dev0 on main"),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    fn fires(version: &str, state: &str) -> bool {
        Scene::of_version(version, state).breaks("version-spelling")
    }

    #[test]
    fn only_the_normal_form_passes() {
        for version in ["0.4.5", "0.4.5rc1", "0.4.6.dev0", "0.4.5.post1", "1!0.4", "0.4.5+x.1"] {
            assert!(!fires(version, ""), "{version}");
        }
        for version in
            ["0.4.5-rc1", "0.4.5-dev.20251027", "v0.4.5", "0.4.05", "0.4.5.RC1", "0.4.5c1", "latest", "", "0.4.x"]
        {
            assert!(fires(version, ""), "{version}");
        }
    }
}
