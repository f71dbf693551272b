//! A requirement on a client or sibling is not one.
//!
//! ## What it does
//!
//! Reports strings in lists of requirements that begin with the name of a client or sibling and do not follow PEP 508.
//!
//! ## Why is this bad?
//!
//! Builds and installers refuse the whole manifest, and no release can move a pin that cannot be read.
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
//! dependencies = ["meadow-client=0.4.5"]
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
//! dependencies = ["meadow-client==0.4.5"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::pins;

pub(super) fn check(context: &Context, report: &mut Report) {
    for pin in pins::pins(context) {
        let Some(Err(error)) = pin.site.declared.map(|declared| &declared.requirement) else { continue };
        let text = pin.site.text;
        let rest = error.offset..text.value.len();
        let span = text.source_span(&pin.manifest.source, rest).filter(|span| !span.is_empty());
        let message = format!("`{}` in {} is not a PEP 508 requirement", text.value, pin.site.path);
        let span = span.unwrap_or_else(|| pin.site.span());
        let finding = Finding::at(message, pin.site.path, span, error.problem);
        report.find(finding.help(format!("write `{}==X.Y.Z`, with the version that is meant", pin.name())));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn only_what_begins_with_a_name_of_ours_is_our_concern() {
        for (pin, found) in [("meadow-client=0.4", 1), ("meadow-client", 0), ("pollen=0.4", 0), ("!", 0)] {
            let text = format!(
                "[project]\nname = 'meadow'\ndynamic = ['version']\ndependencies = ['{pin}']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n"
            );
            let scene = Scene::of_files([("pyproject.toml", text)], "");
            let report = scene.report("pin-unreadable");
            assert_eq!(report.findings.len(), found, "{pin}");
        }
    }
}
