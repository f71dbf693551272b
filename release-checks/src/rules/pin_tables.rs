//! Two lists ask for different versions of one client or sibling.
//!
//! ## What it does
//!
//! Compares the pins of every client and sibling over all lists of all manifests. Pins under different environment markers
//! may differ, and uv's tables of constraints may do so on main. On main it is a warning by default.
//!
//! ## Why is this bad?
//!
//! Which client is tested depends on the extras that are installed. On a release branch at least one of them is not the
//! client that is released with the package.
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
//! dependencies = ["meadow-client==0.4.5"]
//!
//! [project.optional-dependencies]
//! cli = ["meadow-client==0.4.4"]
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
//! [project.optional-dependencies]
//! cli = ["meadow-client==0.4.5"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ## Fix
//!
//! Unsafe, on a release branch: all are pinned to the version of the tree, which changes what users can install. On main
//! there is none: which version is meant is not written anywhere.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Fix;
use crate::pins::{self, Pin};

pub(super) fn check(context: &Context, report: &mut Report) {
    let target = pins::target(context);
    for group in pins::groups(context).filter(|group| pins::disagree(group)) {
        // Those that are not at the version of the tree come first: they are the ones to change.
        let is_right = |pin: &&Pin<'_>| target.as_ref().is_some_and(|target| pin.versions().any(|own| own == target));
        let (right, wrong): (Vec<&Pin<'_>>, Vec<&Pin<'_>>) = group.iter().partition(is_right);
        let [first, rest @ ..] = &[wrong, right].concat()[..] else { continue };
        let spelled = |pin: &Pin<'_>| pin.specifier().map(ToString::to_string).unwrap_or_default();
        let label = |pin: &Pin<'_>| format!("`{}` in `{}`", spelled(pin), pin.site.table);
        let other = rest.iter().find(|other| other.specifier() != first.specifier());
        let message = format!(
            "two lists disagree about `{}`: `{}` and `{}`",
            first.name(),
            spelled(first),
            other.map(|pin| spelled(pin)).unwrap_or_default()
        );
        let help = match &target {
            Some(target) => format!("pin all of them to {target}, the version of this tree"),
            None => "write the same in all of them".to_owned(),
        };
        let mut finding = Finding::at(message, first.site.path, first.site.span(), label(first))
            .and_all(rest.iter().map(|pin| (pin.site.path, pin.site.span(), label(pin))))
            .help(help);
        let fixes = target.iter().flat_map(|target| group.iter().filter_map(|pin| pin.to(context, target)));
        finding.fix = fixes.reduce(|all, next| Fix { edits: [all.edits, next.edits].concat(), ..all });
        report.find(finding.mild(context.line().is_none()));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    fn fires(state: &str, lists: &str) -> Vec<&'static str> {
        let text = format!(
            "[build-system]\nrequires = ['setuptools>=61.0', 'setuptools-scm>=8.0']\n[project]\nname = 'meadow'\ndynamic = ['version']\n{lists}\n[tool.setuptools_scm]\nfallback_version = '0.5.0.dev0'\n"
        );
        let scene = Scene::of_files([("pyproject.toml", text)], state);
        let report = scene.report("pin-tables");
        report.findings.iter().map(|finding| if finding.mild { "warning" } else { "error" }).collect()
    }

    #[test]
    fn lists_that_ask_for_the_same_in_another_way_agree() {
        for (lists, found) in [
            ("dependencies = ['meadow-client>=0.4']\noptional-dependencies.cli = ['meadow_client >= 0.4.0']", &[][..]),
            ("dependencies = ['meadow-client>=0.4']\noptional-dependencies.cli = ['meadow-client']", &[]),
            ("dependencies = ['meadow-client>=0.4']\noptional-dependencies.cli = ['meadow-client>=0.3']", &["warning"]),
            ("dependencies = ['meadow-client>=0.4', 'meadow-client>=0.3; python_version < \"3.9\"']", &[]),
            ("dependencies = ['meadow-client>=0.4']\n[tool.uv]\nconstraint-dependencies = ['meadow-client<0.6']", &[]),
        ] {
            assert_eq!(fires("branch main", lists), found, "{lists}");
        }
        let lists = "dependencies = ['meadow-client==0.4.4']\noptional-dependencies.cli = ['meadow-client==0.4.3']";
        assert_eq!(fires("branch release-0.4.x", lists), ["error"]);
    }
}
