//! A `uv.lock` holds a client of another series than the branch.
//!
//! ## What it does
//!
//! Compares the first two numbers of every locked client with those of the release branch, or on main with those of main's
//! version. Clients that keep their pins are left out, and so are those whose pins exclude what is locked (`uv-lock-excluded`).
//!
//! ## Why is this bad?
//!
//! A floating pin resolves to whatever is newest: a patch is then tested with the client of the next series, or main with
//! that of the last one.
//!
//! Before the first final of a series its client cannot be locked: that is a warning. So it is on main, whose lockfiles move with a release only where `floors` is set in `[main]` of release.toml.
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
//! dependencies = ["meadow-client>=0.4.0"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5.dev0"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//!
//! [[package]]
//! name = "meadow-client"
//! version = "0.5.0"
//! source = { registry = "https://index.example/simple" }
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//!
//! [package.metadata]
//! requires-dist = [{ name = "meadow-client", specifier = ">=0.4.0" }]
//! ```
//!
//! ```state
//! branch main
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
//! dependencies = ["meadow-client>=0.4.0"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5.dev0"
//! ```
//!
//! ```toml uv.lock
//! version = 1
//!
//! [[package]]
//! name = "meadow-client"
//! version = "0.4.4"
//! source = { registry = "https://index.example/simple" }
//!
//! [[package]]
//! name = "meadow"
//! source = { editable = "." }
//!
//! [package.metadata]
//! requires-dist = [{ name = "meadow-client", specifier = ">=0.4.0" }]
//! ```
//!
//! ```state
//! branch main
//! ```
//!
//! ## Fix
//!
//! None: uv has to find the version and its files.

use crate::context::{Context, Role};
use crate::diagnostic::{Finding, Report};
use crate::relock::{brings, relock_or};
use crate::uv::{indexed, locks, scope};
use release_core::manifest::pyproject::Declared;
use release_core::manifest::requirement::Requirement;
use release_core::monorepo::{Client, PinForm};
use release_core::registry::Registry;
use release_core::version::{Line, Release, Version};

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(branch) = report.known(&context.branch) else { return };
    let own = context.versions().next();
    let line = match branch.role {
        Role::Line(line) => Some(line),
        Role::Main => own.and_then(|own| series(&own.text.value)),
    };
    let Some(line) = line else { return report.skip("main has no version that can be read") };
    let is_candidate = context.release().is_some_and(Release::is_candidate);
    let is_kept = |client: &&Client| {
        let policy = client.policy;
        let form = match branch.role {
            Role::Main => policy.main,
            Role::Line(_) if is_candidate => policy.candidate,
            Role::Line(_) => policy.release,
        };
        form == PinForm::Keep
    };
    for (project, lock) in locks(context) {
        let Some((path, manifest)) = &project.manifest else { continue };
        if !context.monorepo.manifests.contains_key(path) {
            continue;
        }
        for (package, version, _) in indexed(lock) {
            let client = context.monorepo.client(&package.name.value);
            let Some(client) = client.filter(|client| !is_kept(client)) else { continue };
            let Some(locked) = series(&version.value).filter(|locked| *locked != line) else { continue };
            let requirements = &manifest.read.requirements;
            let pins: Vec<&Declared> = requirements.iter().filter(|pin| pin.name() == client.name).collect();
            if pins.iter().any(|pin| excludes(pin, &version.value)) {
                continue;
            }
            // What is of a later series waits for nothing.
            let in_flight = locked < line && context.is_unopened(line, Registry::Pypi, &client.name);
            let is_left = branch.role == Role::Main && !context.config.main_floors;
            let resolved = if in_flight { ", which is resolved after publication" } else { "" };
            let message = format!(
                "{} locks `{}` {}, and {} is {line}{resolved}",
                project.path, client.name, version.value, branch.name
            );
            let pins =
                pins.iter().map(|pin| (path.as_path(), pin.text.span.clone(), "the pin that admits or refuses it"));
            let mut finding =
                Finding::at(message, &project.path, version.span.clone(), format!("of series {locked}")).and_all(pins);
            if let Some(own) = own.filter(|_| branch.role == Role::Main) {
                finding = finding.and(&own.package.path, own.text.span.clone(), format!("of series {line}"));
            }
            let ours = relock_or(
                brings(context, &client.name).filter(|brings| series(&brings.to_string()) == Some(line)).as_ref(),
            );
            report.find(finding.in_flight(in_flight).mild(is_left).help(format!(
                "run {ours}`uv lock --upgrade-package '{}=={line}.Z'` with the client's last version of {line}, and commit it",
                client.name
            )));
        }
    }
}

/// Tells if a requirement excludes a version, which `uv-lock-excluded` finds.
fn excludes(pin: &Declared, version: &str) -> bool {
    let requirement = pin.requirement.as_ref().ok().filter(|_| scope(&pin.table).is_some());
    let (Some(specifier), Ok(version)) = (requirement.and_then(Requirement::specifier), Version::parse(version)) else {
        return false;
    };
    !specifier.contains(&version)
}

/// The first two numbers of a version.
fn series(version: &str) -> Option<Line> {
    let normal = Version::parse(version).ok()?.to_string();
    let mut numbers = normal.split(|character: char| !character.is_ascii_digit());
    Some(Line { major: numbers.next()?.parse().ok()?, minor: numbers.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use crate::level::Level;
    use crate::rules::tests::Scene;

    fn level(version: &str, pin: &str, locked: &str, state: &str) -> Option<Level> {
        scene(version, pin, locked, state).level("uv-lock-series")
    }

    fn scene(version: &str, pin: &str, locked: &str, state: &str) -> Scene {
        let manifest = format!(
            "[project]\nname = 'meadow'\nversion = '{version}'\ndependencies = ['meadow-client{pin}', 'other>=1']"
        );
        let entry =
            |name, version| format!("[[package]]\nname = '{name}'\nversion = '{version}'\nsource.registry = 'x'\n");
        let lock = format!("version = 1\n{}{}", entry("meadow-client", locked), entry("other", "1.0"));
        let files = [("pyproject.toml", manifest), ("uv.lock", lock)];
        Scene::of_files(files, state)
    }

    #[test]
    fn main_is_held_to_its_series_where_a_release_moves_its_clients() {
        let scene = scene("0.5.1.dev0", ">=0.4.0", "0.4.4", "branch main\ntag v0.5.0");
        let scene = scene.with("release.toml", "[main]\nfloors = true\n");
        assert_eq!(scene.level("uv-lock-series"), Some(Level::Error));
    }

    #[test]
    fn the_line_or_mains_version_says_which_series_is_right() {
        for (version, pin, locked, state, expected) in [
            ("0.4.5", "==0.4.4", "0.4.4", "", None),
            ("0.4.5", ">=0.4.0", "0.5.0rc1", "", Some(Level::Error)),
            ("0.5.0", ">=0.4", "0.4.4", "branch release-0.5.x", Some(Level::Warn)),
            ("0.5.0", ">=0.4", "0.4.4", "branch release-0.5.x\ntag v0.5.0 past", Some(Level::Error)),
            // A candidate, until the next one or its final is there.
            ("0.5.0rc1", ">=0.4", "0.4.4", "branch release-0.5.x", Some(Level::Warn)),
            ("0.5.0rc1", ">=0.4", "0.4.4", "branch release-0.5.x\ntag v0.5.0rc1 past", Some(Level::Warn)),
            ("0.5.0rc1", ">=0.4", "0.4.4", "branch release-0.5.x\ntag v0.5.0rc2 past", Some(Level::Warn)),
            ("0.5.0rc1", ">=0.4", "0.4.4", "branch release-0.5.x\ntag v0.5.0", Some(Level::Error)),
            // The pin excludes it, which is another rule's.
            ("0.5.1rc1", "==0.5.1rc1", "0.4.4", "branch release-0.5.x\ntag v0.5.0", None),
            ("0.5.0", "==0.5.0", "0.4.4", "branch release-0.5.x\ntag v0.5.0 past", None),
            ("0.5.1rc1", ">=0.4", "0.4.4", "branch release-0.5.x\ntag v0.5.0", Some(Level::Error)),
            ("0.4.5rc1", ">=0.4.5rc1", "0.5.0rc1", "", Some(Level::Error)),
            // A branch that was cut, and not prepared yet.
            ("0.5.0.dev0", ">=0.4.0", "0.4.4", "branch release-0.5.x", Some(Level::Warn)),
            ("0.5.0.dev0", ">=0.4.0", "0.4.4", "branch main", Some(Level::Warn)),
            // A release leaves what main has locked.
            ("0.5.1.dev0", ">=0.4.0", "0.4.4", "branch main\ntag v0.5.0", Some(Level::Warn)),
            ("0.5.1.dev0", ">=0.5.0", "0.5.0", "branch main\ntag v0.5.0", None),
        ] {
            assert_eq!(level(version, pin, locked, state), expected, "{version} {locked} {state}");
        }
    }
}
