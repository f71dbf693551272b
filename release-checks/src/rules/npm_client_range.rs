//! A UI asks for its client otherwise than by a range.
//!
//! ## What it does
//!
//! Reads what a UI's `package.json` asks for as its client. A range is right, also that of an alias (`npm:NAME@RANGE`). A
//! repository, a folder, an archive or a tag such as `latest` is an error, and on main a warning. Where a file of this repository
//! holds the version, as for `workspace:*` or `catalog:`, it is a warning with that place until the file has the version of the
//! release; on main nothing is said of it. Clients that releases leave alone (`keep`) are left alone here too.
//!
//! ## Why is this bad?
//!
//! After a release the UI is to be built with the client of that release. `release post` moves ranges, and refuses everything
//! else: in its place another package would be installed.
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
//!     "meadow-client": "git+https://git.example/meadow-client.git"
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
//! None: which version was meant is not known.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::manifest::requirement::canonical_name;
use release_core::monorepo::{PinForm, Ui};

pub(super) fn check(context: &Context, report: &mut Report) {
    let version = context.release().map(|release| release.npm().to_string());
    let moves = |ui: &&Ui| {
        let client = context.monorepo.client(&canonical_name(&ui.client));
        client.is_none_or(|client| client.policy.release != PinForm::Keep)
    };
    for ui in context.monorepo.uis.iter().filter(moves) {
        for found in context.monorepo.without_range(ui) {
            let is_right = version.as_ref().is_some_and(|version| found.is_at(version));
            if is_right || (context.is_main() && found.is_held_here()) {
                continue;
            }
            let (path, spec) = (&found.path, found.dependency.range.trim());
            let message = format!("{path} asks for its client `{}` by `{spec}`, which no release moves", ui.key);
            let finding = Finding::at(message, path, found.dependency.span.clone(), found.what());
            let finding = finding.and_all(found.place());
            let is_mild = found.is_held_here() || context.is_main();
            report.find(finding.help(found.help(version.as_deref())).mild(is_mild));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::level::Level;
    use crate::rules::tests::Scene;

    const MANIFEST: &str = "[project]\nname = 'meadow'\nversion = '0.4.5'\ndependencies = ['meadow-client==0.4.5']";

    fn level(spec: &str, others: &[(&str, &str)], state: &str) -> Option<Level> {
        let package = format!("{{\"dependencies\": {{\"meadow-client\": \"{spec}\"}}}}");
        let own = Scene::of_files([("pyproject.toml", MANIFEST), ("src/ui/package.json", &package)], state);
        others.iter().fold(own, |scene, (path, text)| scene.with(path, *text)).level("npm-client-range")
    }

    #[test]
    fn what_is_no_range_is_found_and_on_main_it_is_a_warning() {
        for (spec, is_range) in [
            ("^0.4.4", true),
            ("", true),
            ("npm:@kite/meadow-client@^0.4.4", true),
            ("npm:@kite/meadow-client@next", false),
            ("latest", false),
            ("git+https://x.example/y.git", false),
            ("kite/meadow-client", false),
            ("file:../client", false),
            ("link:../client", false),
            ("https://x.example/c.tgz", false),
            ("workspace:*", false),
            ("catalog:", false),
            ("catalog:next", false),
        ] {
            let levels = ["", "branch main"].map(|state| level(spec, &[], state));
            let expected = if is_range { [None, None] } else { [Some(Level::Error), Some(Level::Warn)] };
            assert_eq!(levels, expected, "{spec}");
        }
    }

    #[test]
    fn a_version_that_a_file_of_the_tree_holds_is_right_when_it_is_that_of_the_release() {
        for (spec, path, text) in [
            ("catalog:", "pnpm-workspace.yaml", "catalog:\n  meadow-client: ^VERSION\n"),
            ("catalog:next", "pnpm-workspace.yaml", "catalogs:\n  next:\n    meadow-client: '^VERSION'\n"),
            ("catalog:", "src/.yarnrc.yml", "catalog: { meadow-client: ^VERSION }\n"),
            ("catalog:", "package.json", r#"{"workspaces": {"catalog": {"meadow-client": "^VERSION"}}}"#),
            ("workspace:*", "src/c/package.json", r#"{"name": "meadow-client", "version": "VERSION"}"#),
            ("workspace:../c", "src/c/package.json", r#"{"name": "c", "version": "VERSION"}"#),
            ("workspace:meadow-js@^", "src/c/package.json", r#"{"name": "meadow-js", "version": "VERSION"}"#),
        ] {
            for (version, expected) in [("0.4.5", None), ("0.4.4", Some(Level::Warn))] {
                let others = [(path, text.replace("VERSION", version))];
                let others = others.each_ref().map(|(path, text)| (*path, text.as_str()));
                assert_eq!(level(spec, &others, ""), expected, "{spec} {path} {version}");
                assert_eq!(level(spec, &others, "branch main"), None, "{spec} {path} {version} on main");
            }
        }
    }

    #[test]
    fn a_client_that_releases_leave_alone_may_come_from_anywhere() {
        let package = r#"{"dependencies": {"meadow-client": "latest"}}"#;
        let config = "[[client]]\nname = 'meadow-client'\npin = { release = 'keep', candidate = 'keep' }";
        let files = [("pyproject.toml", MANIFEST), ("ui/package.json", package), ("release.toml", config)];
        assert_eq!(Scene::of_files(files, "").count("npm-client-range"), 0);
    }
}
