//! A `package.json` asks for a client under its old name and its new one.
//!
//! ## What it does
//!
//! Reports a UI that asks for more than one client, and for another package called a client in the very same range: a client's
//! versions are the monorepo's, and no other range keeps step with them.
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
        let keeps_step = |found: &&Dependency| {
            found.name.ends_with("client")
                && !names.contains(&*found.name)
                && Spec::parse(&found.range).range().is_some_and(|range| range.series().is_some())
                && of_clients().any(|client| client.range == found.range)
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
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'\ndependencies = ['meadow-client==0.4.5']";
            let package = format!("{{\"dependencies\": {dependencies}}}");
            let files = [("pyproject.toml", manifest), ("ui/package.json", &package)];
            let fires = Scene::of_files(files, "").count("npm-client-renamed");
            assert_eq!(fires, expected, "{dependencies}");
        }
    }
}
