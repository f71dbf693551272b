//! A `package.json` asks for a client under its old name and its new one.
//!
//! ## What it does
//!
//! Reports a UI that asks for more than one client, and for another package called a client in the very same range or from a final
//! of this monorepo on: a client's versions are the monorepo's, and no other range keeps step with them. The first final of a
//! major is no such sign, as every project has one.
//!
//! ## Why is this bad?
//!
//! The old name gets no more releases. Both are bundled, and the UI talks to the server through whichever is imported.
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
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.4.5",
//!     "field-client": "^0.4.5"
//!   }
//! }
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
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.4.5"
//!   }
//! }
//! ```
//!
//! ## Fix
//!
//! None: imports have to change too.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::npm::named;
use release_core::manifest::package_json::Dependency;
use release_core::version::npm::Spec;
use std::collections::BTreeSet;

pub(super) fn check(context: &Context, report: &mut Report) {
    for project in &context.npm {
        let Ok(package) = &project.package else { continue };
        let path = &project.path;
        let uis = context.monorepo.uis.iter().filter(|ui| path.parent() == Some(&ui.path));
        let names: BTreeSet<&str> = uis.map(|ui| ui.key.as_str()).collect();
        let of_clients = || package.dependencies.iter().filter(|found| names.contains(&*found.name));
        let is_ours = |found: &Dependency| {
            let final_of =
                named(found).filter(|release| !release.is_candidate() && (release.minor, release.patch) != (0, 0));
            final_of.is_some_and(|release| context.history.commit(release).is_some())
        };
        let keeps_step = |found: &&Dependency| {
            found.name.ends_with("client")
                && !names.contains(&*found.name)
                && Spec::parse(&found.range).range().is_some_and(|range| range.series().is_some())
                && of_clients().next().is_some()
                && (is_ours(found) || of_clients().any(|client| client.range == found.range))
        };
        let clients: Vec<&Dependency> = of_clients().chain(package.dependencies.iter().filter(keeps_step)).collect();
        let distinct: BTreeSet<&str> = clients.iter().map(|client| client.name.as_str()).collect();
        let Some((first, others)) = clients.split_first().filter(|_| distinct.len() > 1) else { continue };
        let quoted: Vec<String> = distinct.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("{path} asks for more than one client: {}", quoted.join(", "));
        let label = |client: &Dependency| format!("`{}`", client.name);
        let finding = Finding::at(message, path, first.span.clone(), label(first))
            .and_all(others.iter().map(|client| (path.as_path(), client.span.clone(), label(client))));
        report.find(finding.help("remove the old name, in the code too; if both are meant, ignore this with a reason"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn other_clients_with_ranges_of_their_own_are_left_alone() {
        for (dependencies, expected) in [
            (r#"{"meadow-client": "^0.4.5", "mqtt-client": "^0.4.2"}"#, SILENT),
            (r#"{"meadow-client": "^0.4.5", "react": "^0.4.5"}"#, SILENT),
            (r#"{"meadow-client": "latest", "mqtt-client": "latest"}"#, SILENT),
            (r#"{"mqtt-client": "^0.4.5", "http-client": "^0.4.5"}"#, SILENT),
            (r#"{"meadow-client": "^0.4.5", "@meadow/client": "^0.4.5"}"#, FIRES),
        ] {
            assert_eq!(fires(dependencies, ""), expected, "{dependencies}");
        }
    }

    #[test]
    fn an_old_client_that_stayed_at_a_final_is_known_by_its_number() {
        for (old, tags, expected) in [
            ("^0.3.9", "tag v0.3.9\ntag v0.4.4", FIRES),
            ("0.3.9", "tag v0.3.9\ntag v0.4.4", FIRES),
            ("^0.3.8", "tag v0.3.9\ntag v0.4.4", SILENT),
            ("^0.3.9-rc.1", "tag v0.3.9rc1\ntag v0.4.4", SILENT),
            ("^1.0.0", "tag v1.0.0\ntag v0.4.4", SILENT),
        ] {
            let dependencies = format!(r#"{{"meadow-client": "^0.4.5", "field-client": "{old}"}}"#);
            assert_eq!(fires(&dependencies, tags), expected, "{old} {tags}");
        }
    }

    fn fires(dependencies: &str, state: &str) -> usize {
        let scene = Scene::of_version("0.4.5", state).asking_for("meadow-client==0.4.5");
        scene.with("ui/package.json", format!("{{\"dependencies\": {dependencies}}}")).count("npm-client-renamed")
    }
}
