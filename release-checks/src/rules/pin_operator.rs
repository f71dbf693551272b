//! The operator of a pin is not that of the branch.
//!
//! ## What it does
//!
//! Compares the operator of every pin of a client, and of every sibling that carries a specifier, with the policy of the
//! branch: `==` on the branch of a line and `>=` on main, unless `[[client]]` in `release.toml` says otherwise. It looks at
//! finals and development versions; of a candidate, the policy for candidates holds.
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

use crate::context::{Context, Role};
use crate::diagnostic::Finding;
use crate::fix::{Applicability, Fix};
use crate::level::Level;
use crate::rule::{Report, Rule};
use release_core::monorepo::{PinForm, sites};
use release_core::text::TextEdit;
use release_core::version::Release;

/// The rule of this file.
pub(crate) const RULE: Rule =
    Rule { name: "pin-operator", level: Level::Error, source: include_str!("pin_operator.rs"), check };

fn check(context: &Context, report: &mut Report) {
    let branch = match &context.branch {
        Ok(branch) => branch,
        Err(reason) => return report.skip(reason.clone()),
    };
    let is_candidate = context.release().is_some_and(Release::is_candidate);
    for site in sites(&context.monorepo) {
        let Some(requirement) = site.declared.and_then(|declared| declared.requirement.as_ref().ok()) else { continue };
        let Some(manifest) = context.monorepo.manifests.get(site.path) else { continue };
        let policy = context.monorepo.client(&site.subject).map(|client| client.policy).unwrap_or_default();
        let form = match branch.role {
            Role::Main => policy.main,
            Role::Line(_) if is_candidate => policy.candidate,
            Role::Line(_) => policy.release,
        };
        let PinForm::Operator(wanted) = form else { continue };
        let Some(specifier) = requirement.specifier() else { continue };
        let Some(clause) = specifier.clauses.iter().find(|clause| clause.operator != wanted) else { continue };
        let message = format!(
            "`{}` is pinned by `{}`, and on {} it is `{wanted}`",
            requirement.name.text, clause.operator, branch.name
        );
        let mut finding = Finding::at(message, site.path, site.span(), format!("`{}`", clause.operator)).help(format!(
            "write `{}{wanted}{}`, or say in release.toml how this client is pinned",
            requirement.name.text, clause.text
        ));
        let span = site.text.source_span(&manifest.source, clause.operator_span.clone());
        if let (Some(span), [_]) = (span, &specifier.clauses[..]) {
            finding = finding.fix(Fix::new(
                Applicability::Unsafe,
                site.path,
                TextEdit { span, replacement: wanted.to_string() },
            ));
        }
        report.find(finding);
    }
}
