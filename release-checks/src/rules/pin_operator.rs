//! The operator of a pin is not that of the branch.
//!
//! ## What it does
//!
//! Compares the operator of every pin of a client, and of every sibling that carries a specifier, with the policy of the
//! branch: `==` on the branch of a line and `>=` on main, unless `[[client]]` in `release.toml` says otherwise. It looks at
//! finals and development versions; of a candidate, the policy for candidates holds. Further clauses, such as an upper bound
//! on main, may stand beside it. Where the policy has both bounds (`>=,<`), the upper one is that of the series; where it is
//! `none`, there must be no specifier.
//!
//! An audit warns at the tags before the first release that is pinned like this, unless `release.toml` names the clients: these
//! tags broke no policy of their time.
//!
//! ## Why is this bad?
//!
//! A floating pin on a release branch lets an old release install a client of a later series, as soon as there is one. An
//! exact pin on main stops development from seeing a new client at all.
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
//! dependencies = ["meadow-client>=0.4.5"]
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
use crate::fix::Applicability;
use crate::pins;
use release_core::monorepo::PinForm;
use release_core::pins::policy::{self, is_bounded};
use release_core::version::{Clause, Operand, Operator, SpecifierSet};

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(branch) = report.known(&context.branch) else { return };
    for pin in pins::pins(context) {
        let form = pin.form(context);
        let Some(specifier) = pin.specifier() else { continue };
        let wanted = match form {
            PinForm::Operator(wanted) => wanted,
            PinForm::Bounded | PinForm::Unpinned => {
                report.findings.extend(of_bounds(context, &pin, specifier, form, &branch.name));
                continue;
            }
            PinForm::Keep => continue,
        };
        let Some(clause) = against(&specifier.clauses, wanted) else { continue };
        let message = format!("`{}` is pinned by `{clause}`, and on {} it is `{wanted}`", pin.name(), branch.name);
        let label = format!("`{}`", clause.operator);
        let finding = Finding::at(message, pin.site.path, pin.site.span(), label).help(format!(
            "write `{}{wanted}` and the version, or say in release.toml how this client is pinned",
            pin.name()
        ));
        let span = pin.site.text.source_span(&pin.manifest.source, clause.operator_span.clone());
        let is_version = clause.version().is_some_and(|version| wanted.accepts(&version));
        let span = span.filter(|_| is_version && specifier.clauses.len() == 1);
        report.find(finding.rewrite(Applicability::Unsafe, pin.site.path, span, wanted.to_string()));
    }
}

/// A pin that should have bounds and has not, or should have no specifier and has.
fn of_bounds(
    context: &Context,
    pin: &pins::Pin<'_>,
    specifier: &SpecifierSet,
    form: PinForm,
    branch: &str,
) -> Option<Finding> {
    let version = pin.versions().next();
    let (asked, example, fix) = match form {
        PinForm::Bounded if is_bounded(&specifier.clauses) => return None,
        PinForm::Bounded => {
            let example = version.map_or(">=X.Y.Z,<X.(Y+1)".to_owned(), |version| policy::specifier(form, version));
            let version = version.filter(|_| specifier.clauses.len() == 1);
            ("from one version up to the next series", example, version.and_then(|version| pin.to(context, version)))
        }
        _ => ("without a version", String::new(), pin.without_specifier()),
    };
    let name = pin.name();
    let message = format!("`{name}` is pinned by `{specifier}`, and on {branch} it is asked for {asked}");
    let help = format!("write `{name}{example}`, or say in release.toml how this client is pinned");
    let finding = Finding::at(message, pin.site.path, pin.site.span(), format!("`{specifier}`")).help(help);
    Some(Finding { fix, ..finding })
}

/// The clause by which a specifier is not what is wanted. `==` fixes one version, and a series is not one; where another
/// operator is wanted, no clause may fix one.
fn against(clauses: &[Clause], wanted: Operator) -> Option<&Clause> {
    let fixes = |clause: &&Clause| match clause.operator {
        Operator::Equal => matches!(clause.operand, Operand::Version(_)),
        operator => operator == Operator::Arbitrary,
    };
    let is_wanted = |clause: &Clause| clause.operator == wanted && (wanted != Operator::Equal || fixes(&clause));
    let fixed = clauses.iter().find(fixes).filter(|_| wanted != Operator::Equal);
    fixed.or_else(|| clauses.first().filter(|_| !clauses.iter().any(is_wanted)))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn the_operator_is_that_of_the_branch_whatever_stands_beside_it() {
        let candidate = "[[client]]\nname = 'meadow-client'\npin = { candidate = '>=' }";
        let kept = "[[client]]\nname = 'meadow-client'\npin = { release = 'keep' }";
        for (branch, version, pin, config, found) in [
            ("release-0.4.x", "0.4.5", "==0.4.5", "", SILENT),
            ("release-0.4.x", "0.4.5", "== 0.4.5, <0.5", "", SILENT),
            ("release-0.4.x", "0.4.5", "==0.4.*", "", FIRES),
            ("release-0.4.x", "0.4.5", "===0.4.5", "", FIRES),
            ("release-0.4.x", "0.4.5", ">=0.4.5,<0.5", "", FIRES),
            ("release-0.4.x", "0.4.5", "", "", SILENT),
            ("release-0.4.x", "0.4.5", ">=0.4", kept, SILENT),
            ("release-0.4.x", "0.4.5rc1", ">=0.4.5rc1", candidate, SILENT),
            ("release-0.4.x", "0.4.5rc1", "==0.4.5rc1", candidate, FIRES),
            ("main", "0.5.0.dev0", ">=0.4", "", SILENT),
            ("main", "0.5.0.dev0", ">=0.4,!=0.4.3,<0.6", "", SILENT),
            ("main", "0.5.0.dev0", "==0.4.4", "", FIRES),
            ("main", "0.5.0.dev0", ">=0.4,==0.4.4", "", FIRES),
            ("main", "0.5.0.dev0", "<0.6", "", FIRES),
        ] {
            let scene = Scene::of_requirement(version, &format!("meadow-client{pin}"), &format!("branch {branch}"));
            let report = scene.with("release.toml", config).report("pin-operator");
            assert_eq!(report.findings.len(), found, "{branch} {version} {pin}");
        }
    }

    #[test]
    fn bounds_are_those_of_the_series_and_none_is_none() {
        for (form, pin, fixed) in [
            (">=,<", ">=0.4.5,<0.5", None),
            (">=,<", ">=0.4.5,<0.5.0,!=0.4.6", None),
            (">=,<", "==0.4.5", Some(Some("meadow-client>=0.4.5,<0.5"))),
            (">=,<", ">=0.4.5", Some(Some("meadow-client>=0.4.5,<0.5"))),
            (">=,<", ">=0.4.5,<0.6", Some(None)),
            (">=,<", "==0.4.*", Some(None)),
            ("none", "", None),
            ("none", "==0.4.5", Some(Some("meadow-client"))),
            ("none", " >=0.4,<0.5", Some(Some("meadow-client"))),
        ] {
            let config = format!("[[client]]\nname = 'meadow-client'\npin = {{ release = '{form}' }}");
            let scene = Scene::of_requirement("0.4.5", &format!("meadow-client{pin}"), "").with("release.toml", config);
            let mended = scene.mended("pin-operator").into_iter().next();
            assert_eq!(mended, fixed.map(|fixed| fixed.map(str::to_owned)), "{form} {pin}");
        }
    }
}
