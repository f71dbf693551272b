//! Names and versions as a `package.json` has them.

use crate::manifest::package_json::Dependency;
use crate::version::npm::Spec;
use crate::version::{Release, Version};

/// Returns the name of the package that a requirement gets from the registry.
pub(super) fn on_registry(dependency: &Dependency) -> String {
    Spec::package_behind(&dependency.range).unwrap_or_else(|| dependency.name.clone())
}

/// Returns `true` if a package of a scope is called like a client: `@meadow/meadow-client` or `@meadow/client`.
pub(super) fn is_of_scope(package: &str, client: &str) -> bool {
    let parts = package.strip_prefix('@').and_then(|package| package.split_once('/'));
    parts.is_some_and(|(scope, name)| name == client || format!("{scope}-{name}") == client)
}

/// Returns the version in a range such as `^0.4.4` or `0.5.0-rc.1`, in PEP 440's spelling.
pub(super) fn npm_version(range: &str) -> Option<Version> {
    // The version of an alias stands behind the last `@`.
    let range = range.strip_prefix("npm:").and_then(|alias| alias.rsplit('@').next()).unwrap_or(range);
    let version = semver::Version::parse(range.trim_start_matches(['^', '~', '>', '=', ' '])).ok()?;
    let base = Release::new(version.major, version.minor, version.patch);
    let release = match version.pre.as_str() {
        "" => base,
        candidate => base.with_candidate(candidate.strip_prefix("rc")?.trim_start_matches('.').parse().ok()?),
    };
    Version::parse(&release.to_string()).ok()
}
