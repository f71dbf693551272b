//! The mapping between PEP 440's versions and npm's: finals, candidates (`0.5.0rc1`, `0.5.0-rc.1`) and development versions
//! (`0.5.1.dev3`, `0.5.1-dev.3`).
//!
//! Only versions that sort alike on both sides are mapped. PEP 440 orders `dev < a < b < rc < final`
//! (<https://packaging.python.org/en/latest/specifications/version-specifiers/#summary-of-permitted-suffixes-and-relative-ordering>),
//! semver orders identifiers by their letters, so `alpha < beta < dev < rc < final`
//! (<https://semver.org/#spec-item-11>). A single version does not show which others exist beside it, and so alphas
//! and betas are always refused: next to a development version, which every line has, they have no spelling that
//! keeps the order.

#[cfg(test)]
mod tests;

use super::npm::MAX_NUMBER;
use super::pep440::{Number, PreKind, Version};
use semver::{BuildMetadata, Prerelease};

/// The reason for which a version has no counterpart that keeps the order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// An epoch of PEP 440: semver has none.
    #[error("`{0}` has no npm spelling: semver has no epoch; write it without `N!`")]
    Epoch(String),
    /// Fewer or more numbers than three.
    #[error("`{version}` has no npm spelling: it has {count} numbers and semver has three; write X.Y.Z")]
    NotThreeNumbers {
        /// The version.
        version: String,
        /// The number of its numbers.
        count: usize,
    },
    /// An alpha or a beta.
    #[error(
        "`{0}` has no npm spelling: PEP 440 sorts alphas and betas above development versions, npm below them; make it a \
         candidate (X.Y.ZrcN, `X.Y.Z-rc.N` on npm)"
    )]
    AlphaOrBeta(String),
    /// A post-release: semver has no version between a final and the next one.
    #[error("`{0}` has no npm spelling: npm has nothing between a final and the next version; release the next patch")]
    Post(String),
    /// A development version of a candidate.
    #[error(
        "`{0}` has no npm spelling: PEP 440 sorts a development version below its candidate, npm anything after `rc.N` above \
         it; write X.Y.Z.devN or X.Y.ZrcN"
    )]
    DevelopmentOfCandidate(String),
    /// A local label: semver's order ignores build metadata.
    #[error("`{0}` has no npm spelling: npm does not order what follows a `+`; write it without")]
    Local(String),
    /// A number above 2^53 - 1, the largest that npm reads.
    #[error("`{0}` has no npm spelling: npm reads no number above 9007199254740991")]
    NumberTooLarge(String),
    /// A pre-release on npm that is neither `rc.N` nor `dev.N`.
    #[error(
        "`{0}` has no PEP 440 spelling that keeps its order: write X.Y.Z, X.Y.Z-rc.N or X.Y.Z-dev.N, with the second dot"
    )]
    OtherPrerelease(String),
    /// Build metadata on npm: PEP 440 orders its local labels, npm does not.
    #[error("`{0}` has no PEP 440 spelling: npm does not order what follows a `+`, PEP 440 does; write it without")]
    BuildMetadata(String),
    /// A version that semver allows and npm does not: one of its numbers is above 2^53 - 1.
    #[error("`{0}` is not a version for npm itself, which reads no number above 9007199254740991")]
    NotNpm(String),
}

/// Returns npm's spelling of a final, a candidate or a development version.
///
/// # Errors
/// If there is none that keeps PEP 440's order; the error says why, and what to write instead.
pub fn to_npm(version: &Version) -> Result<semver::Version, MappingError> {
    let text = || version.to_string();
    if *version.epoch() != 0 {
        return Err(MappingError::Epoch(text()));
    }
    let [major, minor, patch] = version.release() else {
        return Err(MappingError::NotThreeNumbers { version: text(), count: version.release().len() });
    };
    if version.post().is_some() {
        return Err(MappingError::Post(text()));
    }
    if version.local().is_some() {
        return Err(MappingError::Local(text()));
    }
    let suffix = match (version.pre(), version.dev()) {
        (None, None) => None,
        (None, Some(number)) => Some(("dev", number)),
        (Some((PreKind::Candidate, number)), None) => Some(("rc", number)),
        (Some((PreKind::Candidate, _)), Some(_)) => return Err(MappingError::DevelopmentOfCandidate(text())),
        (Some((PreKind::Alpha | PreKind::Beta, _)), _) => return Err(MappingError::AlphaOrBeta(text())),
    };
    spelled([major, minor, patch], suffix).ok_or_else(|| MappingError::NumberTooLarge(text()))
}

/// Returns PEP 440's spelling, in its normal form, of a final, a candidate or a development version on npm.
///
/// # Errors
/// If it has another pre-release than `rc.N` or `dev.N`, build metadata, or a number that npm itself does not read.
pub fn from_npm(version: &semver::Version) -> Result<Version, MappingError> {
    let text = || version.to_string();
    if !version.build.is_empty() {
        return Err(MappingError::BuildMetadata(text()));
    }
    if [version.major, version.minor, version.patch].into_iter().any(|number| number > MAX_NUMBER) {
        return Err(MappingError::NotNpm(text()));
    }
    let release = Version::new(version.major, version.minor, version.patch);
    if version.pre.is_empty() {
        return Ok(release);
    }
    let Some((name @ ("rc" | "dev"), number)) = version.pre.split_once('.') else {
        return Err(MappingError::OtherPrerelease(text()));
    };
    // `parse` would accept a sign; a semver identifier of digits has neither a sign nor leading zeros.
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(MappingError::OtherPrerelease(text()));
    }
    let number = number.parse().ok().filter(|number| *number <= MAX_NUMBER);
    let number = number.ok_or_else(|| MappingError::NotNpm(text()))?;
    Ok(if name == "rc" { release.with_pre(PreKind::Candidate, number) } else { release.with_dev(number) })
}

/// Returns the version of these numbers and `-NAME.N`, or `None` if one of them is larger than npm reads.
fn spelled(numbers: [&Number; 3], suffix: Option<(&str, &Number)>) -> Option<semver::Version> {
    let safe = |number: &Number| number.as_u64().filter(|number| *number <= MAX_NUMBER);
    let [major, minor, patch] = numbers;
    let pre = match suffix {
        Some((name, number)) => Prerelease::new(&format!("{name}.{}", safe(number)?)).ok()?,
        None => Prerelease::EMPTY,
    };
    Some(semver::Version {
        major: safe(major)?,
        minor: safe(minor)?,
        patch: safe(patch)?,
        pre,
        build: BuildMetadata::EMPTY,
    })
}
