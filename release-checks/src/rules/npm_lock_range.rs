//! A `package-lock.json` was written for other ranges than `package.json` asks for.
//!
//! ## What it does
//!
//! Compares the dependency tables of `package.json` with what the lockfile has noted down of them in `packages[""]`, by meaning.
//! What is missing on either side is reported too. The requirements of a workspace are noted down in the lockfile of its project.
//! An override that differs from the dependency of the same `package.json` is reported too; of a UI's client also one of pnpm's or
//! yarn's (`pnpm.overrides`, `resolutions`), of `pnpm-workspace.yaml`, and of the root of its workspace. A UI without a
//! `package-lock.json` is named among what was skipped. A client is a finding of its own; all others of a lockfile are one.
//!
//! ## Why is this bad?
//!
//! `npm ci` refuses a lockfile that lacks a dependency, or whose version the new range excludes. It says nothing where the
//! locked version still fits, or where the lockfile has a dependency too many: then the next `npm install` changes the file, in
//! a commit about something else. An override that differs fails `npm install` (`EOVERRIDE`).
//!
//! A client that is released together with the tree cannot be locked before it is published. That alone is a warning, until
//! the release's tag is behind.
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
//!     "react": "^19.2.0"
//!   }
//! }
//! ```
//!
//! ```json src/meadow_ui/package-lock.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "lockfileVersion": 3,
//!   "packages": {
//!     "": {
//!       "name": "meadow-ui",
//!       "version": "0.1.0",
//!       "dependencies": {
//!         "react": "^19.0.0"
//!       }
//!     },
//!     "node_modules/react": {
//!       "version": "19.2.1"
//!     }
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
//!     "react": "^19.2.0"
//!   }
//! }
//! ```
//!
//! ```json src/meadow_ui/package-lock.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "lockfileVersion": 3,
//!   "packages": {
//!     "": {
//!       "name": "meadow-ui",
//!       "version": "0.1.0",
//!       "dependencies": {
//!         "react": "^19.2.0"
//!       }
//!     },
//!     "node_modules/react": {
//!       "version": "19.2.1"
//!     }
//!   }
//! }
//! ```
//!
//! ## Fix
//!
//! None: other ranges may need other versions, which npm has to find.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::npm::{Pair, is_in_flight, pairs_and_members, skip_others};
use crate::relock::{brings_to_ui, relock_or};
use crate::uv::{SHOWN, listed};
use camino::Utf8Path;
use release_core::lockfile::package_lock::compare::{Difference, differences_of};
use release_core::manifest::package_json::{Dependency, PackageJson};
use release_core::version::npm::Spec;

pub(super) fn check(context: &Context, report: &mut Report) {
    for project in &context.npm {
        let Ok(package) = &project.package else { continue };
        for finding in overridden(&project.path, package) {
            report.find(finding);
        }
    }
    for finding in overridden_clients(context) {
        report.find(finding);
    }
    skip_others(context, report);
    for pair in pairs_and_members(context) {
        report_unknown(context, &pair, report);
        let (clients, others): (Vec<_>, Vec<_>) = differences_of(pair.package, pair.lock, &pair.member)
            .into_iter()
            .partition(|difference| context.monorepo.asks_for(&pair.project.path, difference.name));
        for client in clients {
            let in_flight = client.wanted.is_some_and(|wanted| is_in_flight(context, wanted));
            let ours = relock_or(brings_to_ui(context, &pair.project.path, client.name).as_ref());
            report.find(finding(&pair, &[client], ours, in_flight));
        }
        if !others.is_empty() {
            report.find(finding(&pair, &others, "", false));
        }
    }
}

/// Overrides that differ from a dependency of the same file.
fn overridden<'a>(path: &'a Utf8Path, package: &'a PackageJson) -> impl Iterator<Item = Finding> + 'a {
    let everywhere = package.overrides.iter().filter(|one| one.everywhere && one.table == "overrides");
    everywhere.filter(|one| !one.wanted.value.starts_with('$')).filter_map(move |one| {
        let differs = |dependency: &&Dependency| {
            dependency.name == one.name
                && dependency.table != "peerDependencies"
                && Spec::parse(&dependency.range) != Spec::parse(&one.wanted.value)
        };
        let dependency = package.dependencies.iter().find(differs)?;
        let (name, wanted) = (&one.name, &one.wanted.value);
        let message = format!("{path} asks for `{name}` `{}` and overrides it with `{wanted}`", dependency.range);
        let finding = Finding::at(message, path, one.wanted.span.clone(), "the override").and(
            path,
            dependency.span.clone(),
            "the dependency",
        );
        Some(finding.help(format!("write `${name}` as the override, which follows the dependency")))
    })
}

/// Reports the workspace of a UI that the lockfile of its project does not know.
fn report_unknown(context: &Context, pair: &Pair<'_>, report: &mut Report) {
    let (path, lock, member) = (&pair.project.path, &pair.file.path, &pair.member);
    if member.is_empty() || pair.lock.packages.iter().any(|entry| entry.path.value == *member) {
        return;
    }
    let asked = pair.package.dependencies.iter().find(|wanted| context.monorepo.asks_for(path, &wanted.name));
    let Some(asked) = asked else { return };
    let message = format!("{lock} does not know {path}, which is in the workspace of its project");
    let finding = Finding::at(message, path, asked.span.clone(), "nothing is locked for this");
    report.find(finding.help(format!("run `npm install --package-lock-only` beside {lock} and commit it")));
}

/// Overrides that put something else in place of what a UI asks for as its client: of pnpm and yarn, and of the root of a workspace.
fn overridden_clients(context: &Context) -> Vec<Finding> {
    let mut found = Vec::new();
    for ui in &context.monorepo.uis {
        let path = ui.path.join("package.json");
        let Some(package) = context.monorepo.package_jsons.get(&path) else { continue };
        for one in context.monorepo.overriding(ui) {
            // Those of npm in the same file were looked at, whatever they override.
            let is_known = one.is_own(ui) && one.is_of_npm() && one.found.everywhere;
            let differs = |dependency: &&Dependency| dependency.name == ui.key && one.differs_from(&dependency.range);
            let dependency = package.dependencies.iter().filter(|_| !is_known).find(differs);
            let Some(dependency) = dependency else { continue };
            let (wanted, table) = (&one.found.wanted, one.found.table);
            let message = format!(
                "{path} asks for its client `{}` `{}`, and `{table}` of {} puts `{}` in its place",
                ui.key, dependency.range, one.path, wanted.value
            );
            let finding = Finding::at(message, one.path, wanted.span.clone(), "the override");
            let finding = finding.and(&path, dependency.span.clone(), "the dependency");
            found.push(finding.help(format!("write `{}` as the override, or remove it", dependency.range)));
        }
    }
    found
}

fn finding(pair: &Pair<'_>, found: &[Difference<'_>], ours: &str, in_flight: bool) -> Finding {
    let (path, lock) = (&pair.project.path, &pair.file.path);
    let text = |side: Option<&Dependency>| side.map_or("nothing".to_owned(), |side| format!("`{}`", side.range));
    let resolved = if in_flight { ", which is resolved after publication" } else { "" };
    let message = match found {
        [one] => format!(
            "{lock} records {} for `{}`, where {path} asks for {}{resolved}",
            text(one.recorded),
            one.name,
            text(one.wanted)
        ),
        _ => format!(
            "{lock} records {} dependencies otherwise than {path} has them: {}",
            found.len(),
            listed(found.iter().map(|difference| difference.name))
        ),
    };
    let shown = &found[..found.len().min(SHOWN)];
    let recorded = shown.iter().filter_map(|difference| difference.recorded);
    let wanted = shown.iter().filter_map(|difference| difference.wanted);
    let mut places = recorded
        .map(|side| (lock.as_path(), side.span.clone(), format!("records `{}`", side.range)))
        .chain(wanted.map(|side| (path.as_path(), side.span.clone(), format!("asks for `{}`", side.range))));
    let (first, span, label) = places.next().unwrap_or((lock.as_path(), 0..0, String::new()));
    let finding = Finding::at(message, first, span, label).and_all(places);
    let when = if in_flight { "once it is published, run" } else { "run" };
    let folder = lock.parent().filter(|folder| !folder.as_str().is_empty()).map_or(".", |folder| folder.as_str());
    finding
        .in_flight(in_flight)
        .help(format!("{when} {ours}`npm install --package-lock-only` in {folder} and commit the lockfile"))
}

#[cfg(test)]
mod tests {
    use crate::level::Level;
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn levels(package: &str, recorded: &str, state: &str) -> Vec<Level> {
        let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'\ndependencies = ['meadow-client==0.4.5']";
        let lock = format!("{{ \"lockfileVersion\": 3, \"packages\": {{ \"\": {recorded} }} }}");
        let files = [("pyproject.toml", manifest), ("ui/package.json", package), ("ui/package-lock.json", &lock)];
        Scene::of_files(files, state).levels("npm-lock-range")
    }

    #[test]
    fn an_override_agrees_with_the_dependency_or_follows_it() {
        for (wanted, expected) in [("^1", SILENT), ("$a", SILENT), ("^1.0.1", FIRES)] {
            let package = format!(r#"{{"dependencies": {{"a": "^1"}}, "overrides": {{"a": "{wanted}", "b": "2"}}}}"#);
            assert_eq!(levels(&package, r#"{"dependencies": {"a": "^1"}}"#, "").len(), expected, "{wanted}");
        }
    }

    #[test]
    fn an_override_of_a_client_agrees_with_the_ui_wherever_it_stands() {
        let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'\ndependencies = ['meadow-client==0.4.4']";
        let own = |table: &str| format!(r#"{{"dependencies": {{"meadow-client": "^0.4.4"}}{table}}}"#);
        for (table, path, text) in [
            (r#", "resolutions": {"meadow-client": "VALUE"}"#, "README", ""),
            (r#", "resolutions": {"**/meadow-client": "VALUE"}"#, "README", ""),
            (r#", "pnpm": {"overrides": {"meadow-client": "VALUE"}}"#, "README", ""),
            (r#", "overrides": {"other": {"meadow-client": "VALUE"}}"#, "README", ""),
            ("", "pnpm-workspace.yaml", "overrides:\n  meadow-client: VALUE\n"),
            ("", "package.json", r#"{"workspaces": ["ui"], "overrides": {"meadow-client": "VALUE"}}"#),
            ("", "package.json", r#"{"workspaces": ["ui"], "pnpm": {"overrides": {"meadow-client@^0.4": "VALUE"}}}"#),
        ] {
            for (value, expected) in [("^0.4.4", SILENT), ("0.4.3", FIRES), ("^0.4.3", FIRES)] {
                let (package, text) = (own(&table.replace("VALUE", value)), text.replace("VALUE", value));
                let files = [("pyproject.toml", manifest), ("ui/package.json", &package), (path, &text)];
                assert_eq!(Scene::of_files(files, "").count("npm-lock-range"), expected, "{table} {path} {value}");
            }
        }
        let alone = [("package.json", r#"{"overrides": {"meadow-client": "0.4.3"}}"#)];
        let files = [("pyproject.toml", manifest), ("ui/package.json", &own("")), alone[0]];
        assert_eq!(Scene::of_files(files, "").count("npm-lock-range"), SILENT, "no workspace");
    }

    #[test]
    fn a_workspace_is_held_to_the_lockfile_of_its_project_and_a_ui_without_one_is_named_as_skipped() {
        let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'\ndependencies = ['meadow-client==0.4.4']";
        let package = r#"{"dependencies": {"meadow-client": "^0.4.4"}}"#;
        for (recorded, excluded, expected) in [("^0.4.4", "0.4.4", [SILENT; 2]), ("^0.4.1", "0.4.1", [FIRES; 2])] {
            let lock = format!(
                r#"{{"lockfileVersion": 3, "packages": {{"": {{}}, "src/ui": {{"dependencies": {{"meadow-client": "{recorded}"}}}}, "node_modules/meadow-client": {{"version": "{excluded}"}}}}}}"#
            );
            let root = r#"{"workspaces": ["src/*"]}"#.to_owned();
            let files = [
                ("pyproject.toml", manifest.to_owned()),
                ("package.json", root),
                ("package-lock.json", lock),
                ("src/ui/package.json", package.to_owned()),
            ];
            let scene = Scene::of_files(files, "");
            let found = ["npm-lock-range", "npm-lock-excluded"].map(|rule| scene.count(rule));
            assert_eq!(found, expected, "{recorded}");
            let unknown = r#"{"lockfileVersion": 3, "packages": {"": {}}}"#;
            assert_eq!(scene.with("package-lock.json", unknown).count("npm-lock-range"), FIRES, "an unknown workspace");
        }
    }

    #[test]
    fn ranges_are_compared_by_meaning_and_by_table() {
        for (package, recorded, expected) in [
            (r#"{"dependencies": {"a": "^1.0"}}"#, r#"{"dependencies": {"a": "^1.0.0"}}"#, SILENT),
            (
                r#"{"dependencies": {"a": "^1"}, "optionalDependencies": {"a": "^1"}}"#,
                r#"{"optionalDependencies": {"a": "^1"}}"#,
                SILENT,
            ),
            (r#"{"dependencies": {"a": "^1"}}"#, r#"{"devDependencies": {"a": "^1"}}"#, FIRES),
            (r#"{"dependencies": {"a": "npm:b@1"}}"#, r#"{"dependencies": {"a": "npm:c@1"}}"#, FIRES),
            (r#"{"dependencies": {"a": "^1", "b": "1"}}"#, r#"{"dependencies": {"c": "1"}}"#, FIRES),
            (r#"{"dependencies": {"a": "latest"}}"#, r#"{"dependencies": {"a": "latest"}}"#, SILENT),
        ] {
            assert_eq!(levels(package, recorded, "").len(), expected, "{package}");
        }
    }

    #[test]
    fn only_the_client_of_a_release_on_its_way_may_differ() {
        let package = r#"{"dependencies": {"meadow-client": "^0.4.5", "a": "2"}}"#;
        let recorded = r#"{"dependencies": {"meadow-client": "^0.4.4", "a": "1"}}"#;
        for (state, expected) in [("", [Level::Warn, Level::Error]), ("tag v0.4.5 past", [Level::Error; 2])] {
            let mut found = levels(package, recorded, state);
            found.sort();
            assert_eq!(found, expected, "{state}");
        }
    }
}
