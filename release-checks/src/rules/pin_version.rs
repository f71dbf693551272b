//! A pin on a release branch names another version than the tree's.
//!
//! ## What it does
//!
//! On the branch of a line, compares the pins of clients, and of siblings that carry a specifier, with the version that is
//! released: that of the tree or, where the tree has a development version, that of its tag. Pins whose policy is `keep`
//! stay as they are.
//!
//! ## Why is this bad?
//!
//! Client and package are released together. A release that asks for the client of another release was tested with that
//! one, and installs it.
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
//! dependencies = ["meadow-client==0.4.4"]
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
//!
//! ## Fix
//!
//! Unsafe: it changes what users can install.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::pins;
use release_core::monorepo::PinForm;
use release_core::version::Version;

pub(super) fn check(context: &Context, report: &mut Report) {
    let (Some(_), Some(version)) = (report.known(&context.branch), pins::target(context)) else { return };
    // Lists that disagree among themselves have a finding already, and it says which version is meant.
    for pin in pins::groups(context).filter(|group| !pins::disagree(group)).flatten() {
        let named: Vec<&Version> = pin.versions().collect();
        if matches!(pin.form(context), PinForm::Keep | PinForm::Unpinned)
            || named.is_empty()
            || named.contains(&&version)
        {
            continue;
        }
        let own = pin.manifest.version_string();
        let spelled = pin.specifier().map(ToString::to_string).unwrap_or_default();
        let message =
            format!("`{}` is pinned to `{spelled}` in {}, and the release is {version}", pin.name(), pin.site.path);
        let mut finding = Finding::at(message, pin.site.path, pin.site.span(), "not this release")
            .help(format!("pin it to {version}, or say in release.toml that this pin is kept"));
        if let Some(own) = own {
            finding = finding.and(pin.site.path, own.span.clone(), format!("the version is {}", own.value));
        }
        finding.fix = pin.to(context, &version);
        report.find(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn a_pin_names_the_release_that_the_tree_is() {
        let keep = "[[client]]\nname = 'meadow-client'\npin = { candidate = 'keep' }";
        let bounded = "[[client]]\nname = 'meadow-client'\npin = { release = '>=,<' }";
        let unpinned = "[[client]]\nname = 'meadow-client'\npin = { release = 'none' }";
        for (version, pin, state, config, found) in [
            ("0.4.5", "==0.4.5", "", "", SILENT),
            ("0.4.5", ">=0.4.5", "", "", SILENT),
            ("0.4.5", ">=0.4.5,<0.5", "", "", SILENT),
            ("0.4.5", "", "", "", SILENT),
            ("0.4.5", "==0.4.*", "", "", SILENT),
            ("0.4.5", ">=0.4.0", "", "", FIRES),
            ("0.4.5rc1", "==0.4.4", "", "", FIRES),
            ("0.4.5rc1", "==0.4.4", "", keep, SILENT),
            ("0.4.5.dev0", "==0.4.4", "", "", SILENT),
            ("0.4.5.dev0", "==0.4.4", "tag v0.4.5 here", "", FIRES),
            ("0.4.5.dev0", "==0.4.5", "tag v0.4.5 here", "", SILENT),
            ("0.5.0.dev0", ">=0.4.0", "branch main", "", SILENT),
            ("0.4.5", ">=0.4.5,<0.5", "", bounded, SILENT),
            ("0.4.5", ">=0.4.4,<0.5", "", bounded, FIRES),
            ("0.4.5rc1", ">=0.4.4,<0.5", "", bounded, FIRES),
            ("0.4.5", "", "", unpinned, SILENT),
            ("0.4.5", "==0.4.4", "", unpinned, SILENT),
        ] {
            let scene = Scene::of_requirement(version, &format!("meadow-client{pin}"), state);
            let report = scene.with("release.toml", config).report("pin-version");
            assert_eq!(report.findings.len(), found, "{version} {pin} {state} {config}");
        }
    }
}
