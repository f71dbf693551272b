//! On a release branch, a UI asks for a client of another series.
//!
//! ## What it does
//!
//! On a release branch, compares the first two numbers of the range in which a UI asks for its client with the line. Ranges
//! that name no single version are left out, and so is main.
//!
//! ## Why is this bad?
//!
//! The UI of a patch is built with the client of another series, and talks to a server that it was not made for.
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
//!     "meadow-client": "^0.3.5"
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
//! None: the lockfile has to change with it.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::version::npm::{Range, Spec};

pub(super) fn check(context: &Context, report: &mut Report) {
    let (Some(_), Some(line)) = (report.known(&context.branch), context.line()) else { return };
    for project in &context.npm {
        let Ok(package) = &project.package else { continue };
        let path = &project.path;
        for wanted in &package.dependencies {
            let is_client = context.monorepo.asks_for(path, &wanted.name);
            let Some(series) = Spec::parse(&wanted.range).range().and_then(Range::series) else { continue };
            if !is_client || series == line {
                continue;
            }
            let message = format!("{path} asks for `{}` `{}` on the branch of {line}", wanted.name, wanted.range);
            let finding = Finding::at(message, path, wanted.span.clone(), format!("of series {series}"));
            report.find(finding.help(format!("ask for the last version of {line}, and write the lockfile again")));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn only_clients_on_release_branches_have_a_series() {
        for (range, state, expected) in [
            ("^0.4.0", "", SILENT),
            ("^0.4.0-rc.1", "", SILENT),
            ("^0.5.0", "", FIRES),
            ("0.3.x", "", FIRES),
            (">=0.3.0", "", SILENT),
            ("latest", "", SILENT),
            ("^0.3.0", "branch main", SILENT),
        ] {
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'\ndependencies = ['meadow-client==0.4.5']";
            let package = format!("{{\"dependencies\": {{\"meadow-client\": \"{range}\", \"a\": \"^9.0.0\"}}}}");
            let files = [("pyproject.toml", manifest), ("ui/package.json", &package)];
            let fires = Scene::of_files(files, state).count("npm-client-series");
            assert_eq!(fires, expected, "{range} {state}");
        }
    }
}
