//! A client is asked for without a version.
//!
//! ## What it does
//!
//! Reports pins of clients that have no specifier, or a URL in its place, unless `[[client]]` in `release.toml` says that
//! the pin is kept.
//!
//! ## Why is this bad?
//!
//! A release installs whichever client is the newest on that day, or one that no registry has. No release can be prepared
//! either: there is nothing to move.
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
//! dependencies = ["meadow-client"]
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
//! Unsafe, on a release branch and where there is no URL: it changes what users can install.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::pins;
use release_core::manifest::requirement::Constraint;
use release_core::monorepo::PinForm;
use release_core::pins::policy;

pub(super) fn check(context: &Context, report: &mut Report) {
    let target = pins::target(context);
    for pin in pins::pins(context).filter(pins::Pin::is_client) {
        let (what, label) = match pin.requirement.map(|requirement| &requirement.constraint) {
            Some(Constraint::Any) => ("without a version", "any version will do"),
            Some(Constraint::Url(_)) => ("by URL", "not a version"),
            _ => continue,
        };
        let example = match (pin.form(context), &target) {
            (PinForm::Keep | PinForm::Unpinned, _) => continue,
            (form, Some(target)) => policy::specifier(form, target),
            (PinForm::Bounded, None) => ">=X.Y.Z,<X.(Y+1)".to_owned(),
            (PinForm::Operator(operator), None) => format!("{operator}X.Y.Z"),
        };
        let message = format!("{} asks for the client `{}` {what}", pin.site.path, pin.name());
        let mut finding = Finding::at(message, pin.site.path, pin.site.span(), label)
            .help(format!("write `{}{example}`, or say in release.toml that this pin is kept", pin.name()));
        finding.fix = target.as_ref().and_then(|target| pin.with_specifier(context, target));
        report.find(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    /// The requirement of the package as each finding would have it.
    fn mended(requirement: &str, state: &str, config: &str) -> Vec<Option<String>> {
        Scene::of_requirement("0.4.5", requirement, state).with("release.toml", config).mended("pin-unversioned")
    }

    #[test]
    fn the_version_goes_behind_the_extras() {
        for (pin, fixed) in [
            ("meadow-client", "meadow-client==0.4.5"),
            ("meadow-client[cli, x] ; python_version > \"3\"", "meadow-client[cli, x]==0.4.5 ; python_version > \"3\""),
            ("meadow_client []", "meadow_client []==0.4.5"),
        ] {
            assert_eq!(mended(pin, "", ""), [Some(fixed.to_owned())]);
        }
    }

    #[test]
    fn a_url_is_found_and_not_mended_and_a_pin_that_is_kept_is_not_found() {
        assert_eq!(mended("meadow-client @ https://files.example/c.whl", "", ""), [None]);
        assert_eq!(mended("meadow-client", "branch main", ""), [None]);
        assert!(mended("meadow-client==0.1", "", "").is_empty());
        let keep = "[[client]]\nname = 'meadow-client'\npin = { release = 'keep' }";
        assert!(mended("meadow-client", "", keep).is_empty());
    }

    #[test]
    fn the_policy_says_what_is_missing_and_whether_anything_is() {
        let policy = |form: &str| format!("[[client]]\nname = 'meadow-client'\npin = {{ release = '{form}' }}");
        let fixed = |text: &str| [Some(text.to_owned())];
        assert_eq!(mended("meadow-client[x]", "", &policy(">=,<")), fixed("meadow-client[x]>=0.4.5,<0.5"));
        assert_eq!(mended("meadow-client", "", &policy("~=")), fixed("meadow-client~=0.4.5"));
        for pin in ["meadow-client", "meadow-client @ https://files.example/c.whl", "meadow-client==0.4.5"] {
            assert!(mended(pin, "", &policy("none")).is_empty(), "{pin}");
        }
    }
}
