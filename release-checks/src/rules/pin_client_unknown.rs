//! It is doubtful which requirements are clients.
//!
//! ## What it does
//!
//! Reports what discovery is not sure of: a pin that looks like the client under another name, two clients of which one
//! may be the other's old name, a client that a front end or `release.toml` names and that no manifest pins, and what still asks
//! for the client of one of the last two finals after another one has come.
//!
//! ## Why is this bad?
//!
//! A client that is not known is not moved by a release, and the release asks for an old one. No release is prepared on a
//! guess.
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
//! dependencies = [
//!     "meadow-client==0.4.5",
//!     "flower-client==0.4.5",
//! ]
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
//! dependencies = [
//!     "meadow-client==0.4.5",
//!     "flower-client==0.4.5",
//! ]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml release.toml
//! [[client]]
//! name = "meadow-client"
//!
//! [[client]]
//! name = "flower-client"
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::problem::Problem;

pub(super) fn check(context: &Context, report: &mut Report) {
    for doubt in &context.monorepo.doubts {
        let mut doubt = doubt.clone();
        if doubt.labels.is_empty() {
            doubt = with_place(doubt, context);
        }
        report.find(Finding::of(doubt, "clients"));
    }
    // What the last finals pinned says what was renamed.
    if context.monorepo.doubts.is_empty() && context.monorepo.may_ask_for_an_old_client(&context.history) {
        report.skipped = context.unread.clone();
    }
}

/// A pin that is missing has no place of its own. What asks for the client has one: the front end, or the settings.
fn with_place(doubt: Problem, context: &Context) -> Problem {
    let is_named = |name: &str| doubt.message.contains(&format!("`{name}`"));
    for project in &context.npm {
        let Ok(package) = &project.package else { continue };
        if let Some(dependency) = package.dependencies.iter().find(|dependency| is_named(&dependency.name)) {
            return doubt.at(&project.path, dependency.span.clone(), "asked for here");
        }
    }
    let named = context.config.clients.iter().map(|client| client.name.as_str());
    let Some((path, source)) = &context.config_source else { return doubt };
    let place = named.filter(|name| is_named(name)).find_map(|name| {
        let at = source.as_str().find(&format!("\"{name}\""))?;
        Some(at..at + name.len() + 2)
    });
    doubt.at(path, place.unwrap_or(0..0), "named here")
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    fn places(pin: &str, extra: (&str, &str)) -> Vec<String> {
        let text = format!(
            "[project]\nname = 'meadow'\ndynamic = ['version']\ndependencies = [{pin}]\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n"
        );
        let files = [("pyproject.toml", text), (extra.0, extra.1.to_owned())];
        let report = Scene::of_files(files, "").report("pin-client-unknown");
        report.findings.iter().map(|finding| finding.place().unwrap().path.to_string()).collect()
    }

    #[test]
    fn a_doubt_stands_where_the_client_is_asked_for() {
        let ui = ("ui/package.json", "{ \"dependencies\": { \"meadow-client\": \"^0.4.5\" } }\n");
        assert_eq!(places("'meadow-client==0.4.5'", ui), Vec::<String>::new());
        assert_eq!(places("", ui), ["ui/package.json"]);
        assert_eq!(places("", ("release.toml", "[[client]]\nname = \"meadow-client\"\n")), ["release.toml"]);
        assert_eq!(places("'meadow-client==0.4.5', 'old-client==0.4.5'", ui), ["pyproject.toml"]);
        assert_eq!(places("'meadow-client==0.4.5', 'http-client>=2'", ui), Vec::<String>::new());
    }
}
