//! A client is pinned to versions that were yanked.
//!
//! ## What it does
//!
//! With `--online`, reports pins on clients that only yanked versions satisfy
//! ([PEP 592](https://peps.python.org/pep-0592/)). A version counts as yanked when all its files are.
//!
//! ## Why is this bad?
//!
//! The client was taken back. Installers refuse a range that only yanked versions satisfy, and install one that is named by `==`
//! with a warning: users get what its makers call broken.
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
//! dependencies = ["meadow-client>=0.4.4"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.5.0.dev0"
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
//! fallback_version = "0.5.0.dev0"
//! ```
//!
//! ## Fix
//!
//! None: publish the client again, with the next number, or pin another version.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::published::because;
use crate::rules::pin_unpublished::with_versions;

pub(super) fn check(context: &Context, report: &mut Report) {
    with_versions(context, report, |pin, specifier, index, versions| {
        let admitted = || versions.iter().filter(|(version, _)| specifier.contains(version));
        let (last, reason) = admitted().next_back().and_then(|(last, of)| Some((last, of.yanked.as_ref()?)))?;
        if admitted().any(|(_, version)| version.yanked.is_none()) {
            return None;
        }
        let (name, path) = (pin.name(), pin.site.path);
        let message = format!("only yanked versions of `{name}` satisfy `{specifier}` in {path}");
        let label = format!("{last} is yanked{}", because(reason));
        let finding = Finding::at(message, path, pin.site.span(), label);
        Some(finding.help(format!("pin a version that {index} has and that was not taken back")))
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn a_pin_needs_one_version_that_was_not_taken_back() {
        for (pin, said, expected) in [
            ("==0.4.4", "0.4.3 0.4.4", SILENT),
            ("==0.4.4", "0.4.3 0.4.4:yanked", FIRES),
            (">=0.4", "0.4.3 0.4.4:yanked", SILENT),
            (">=0.4", "0.4.3:yanked 0.4.4:yanked", FIRES),
            (">=0.4.4", "0.4.4:yanked 0.4.5rc1", SILENT),
            ("==0.4.9", "0.4.4:yanked", SILENT),
            ("==0.4.4", "unknown", SILENT),
            ("==0.4.4", "absent", SILENT),
        ] {
            let scene = Scene::of_version("0.4.4", &format!("published meadow-client {said}"))
                .asking_for(&format!("meadow-client{pin}"));
            assert_eq!(scene.count("pin-yanked"), expected, "{pin} {said}");
        }
    }
}
