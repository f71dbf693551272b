//! The versions that a build may have, in both spellings.

use crate::version::{Release, Version};
use std::fmt;

/// The largest number that npm reads (`Number.MAX_SAFE_INTEGER`).
const MOST: u64 = (1 << 53) - 1;

/// A final, a candidate, or a development version `X.Y.Z.devN` of a final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildVersion {
    /// The release; for a development version the final that it leads to.
    pub release: Release,
    /// The `N` of a development version.
    pub development: Option<u64>,
}

/// The reason for which a text cannot be the version of a build.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseBuildVersionError {
    /// The text is not a version.
    #[error("`{0}` is not a version: write X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, such as `0.4.5`")]
    NotAVersion(String),
    /// The text is not spelled in the normal form.
    #[error("`{text}` is not in PEP 440's normal form: write `{normal}`")]
    NotNormal {
        /// The text as given.
        text: String,
        /// Its normal form.
        normal: String,
    },
    /// Semver has no spelling for the version, or none that keeps the order.
    #[error(
        "`{0}` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991"
    )]
    NoNpmSpelling(String),
}

impl BuildVersion {
    /// Returns a development version of a final.
    pub const fn development(base: Release, number: u64) -> Self {
        Self { release: base.base(), development: Some(number) }
    }

    /// Reads a version as a person types it: with or without the tag's `v`, surrounding space ignored.
    ///
    /// # Errors
    /// If the text is not a version, is not in normal form, or has no spelling on npm.
    pub fn parse(text: &str) -> Result<Self, ParseBuildVersionError> {
        let trimmed = text.trim();
        let bare = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let Ok(version) = Version::parse(bare) else {
            return Err(ParseBuildVersionError::NotAVersion(trimmed.to_owned()));
        };
        let normal = version.to_string();
        let no_spelling = || ParseBuildVersionError::NoNpmSpelling(normal.clone());
        let (release, number) = match normal.split_once(".dev") {
            Some((release, number)) => (release, Some(number.parse().map_err(|_| no_spelling())?)),
            None => (normal.as_str(), None),
        };
        let release = Release::parse(release).map_err(|_| no_spelling())?;
        let numbers = [Some(release.major), Some(release.minor), Some(release.patch), release.candidate, number];
        if numbers.iter().flatten().any(|number| *number > MOST) || (number.is_some() && release.is_candidate()) {
            return Err(no_spelling());
        }
        if normal != bare {
            return Err(ParseBuildVersionError::NotNormal { text: trimmed.to_owned(), normal });
        }
        Ok(Self { release, development: number })
    }

    /// Returns npm's spelling: `0.5.0`, `0.5.0-rc.1`, `0.5.1-dev.20260219`.
    pub fn npm(&self) -> String {
        match self.development {
            // The only form that `Release::npm` lacks; a test beside `version::mapping` compares it with the general
            // mapping.
            Some(number) => format!("{}-dev.{number}", self.release),
            None => self.release.npm().to_string(),
        }
    }
}

impl fmt::Display for BuildVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.release.fmt(f)?;
        self.development.map_or(Ok(()), |number| write!(f, ".dev{number}"))
    }
}
