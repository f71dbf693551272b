//! The registries on which releases are published, and the kinds of everything that a release publishes.

use crate::version::Version;
use crate::version::mapping::to_npm;
use serde::{Serialize, Serializer};
use std::fmt;

/// A registry, by its ecosystem. The order is that of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registry {
    /// npm packages.
    Npm,
    /// Python packages.
    Pypi,
}

/// The destination of something that a release publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArtifactKind {
    /// A package on a registry.
    Registry(Registry),
    /// A container image.
    Oci,
    /// A release on GitHub.
    GithubRelease,
    /// The documentation.
    Docs,
}

impl Registry {
    /// All registries, in the order in which they are listed for people.
    pub const ALL: [Self; 2] = [Self::Pypi, Self::Npm];

    /// Returns the name, as `release.toml` and the output spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
        }
    }

    /// Returns a version as the registry spells it. A version that npm cannot spell stays as it is, for messages.
    pub fn spelling(self, version: &Version) -> String {
        match self {
            Self::Npm => to_npm(version).map_or_else(|_| version.to_string(), |version| version.to_string()),
            Self::Pypi => version.to_string(),
        }
    }
}

impl ArtifactKind {
    /// All kinds, in the order in which they are listed for people.
    pub const ALL: [Self; 5] =
        [Self::Registry(Registry::Pypi), Self::Registry(Registry::Npm), Self::Oci, Self::GithubRelease, Self::Docs];

    /// Returns the name, as `release.toml` and the output spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry(registry) => registry.name(),
            Self::Oci => "oci",
            Self::GithubRelease => "github-release",
            Self::Docs => "docs",
        }
    }

    /// Returns the kind of that name.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }

    /// Returns the registry, or `None` if a registry does not have artifacts of this kind.
    pub const fn registry(self) -> Option<Registry> {
        match self {
            Self::Registry(registry) => Some(registry),
            Self::Oci | Self::GithubRelease | Self::Docs => None,
        }
    }
}

impl From<Registry> for ArtifactKind {
    fn from(registry: Registry) -> Self {
        Self::Registry(registry)
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for ArtifactKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for ArtifactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_shown_and_serialised_by_one_name() {
        let names = ["pypi", "npm", "oci", "github-release", "docs"];
        assert_eq!(ArtifactKind::ALL.map(ArtifactKind::name), names);
        for (kind, name) in ArtifactKind::ALL.into_iter().zip(names) {
            assert_eq!((ArtifactKind::named(name), kind.to_string()), (Some(kind), name.to_owned()));
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
        for registry in Registry::ALL {
            assert_eq!(serde_json::to_value(registry).unwrap(), registry.to_string());
            assert_eq!(ArtifactKind::from(registry).registry(), Some(registry));
        }
        for other in ["", "PyPI", "pypi ", "npm@11"] {
            assert_eq!(ArtifactKind::named(other), None);
        }
        // Packages are asked and listed by registry, then name: the order of sets is that of the names.
        assert_eq!(Registry::Npm.cmp(&Registry::Pypi), "npm".cmp("pypi"));
    }

    #[test]
    fn each_registry_spells_a_version_its_own_way() {
        for (version, pypi, npm) in [
            ("0.4.5", "0.4.5", "0.4.5"),
            ("0.5.0-rc1", "0.5.0rc1", "0.5.0-rc.1"),
            ("0.4.5.post1", "0.4.5.post1", "0.4.5.post1"),
        ] {
            let version = Version::parse(version).unwrap();
            assert_eq!(Registry::ALL.map(|registry| registry.spelling(&version)), [pypi, npm]);
        }
    }
}
