//! npm's spelling of PEP 440's versions: finals, candidates (`0.5.0rc1`, `0.5.0-rc.1`) and development versions
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
use semver::Prerelease;

/// The reason for which a version has no spelling on npm that keeps the order, with the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{version}` has no npm spelling: {reason}")]
pub struct MappingError {
    version: String,
    reason: String,
}

/// Returns npm's spelling of a final, a candidate or a development version.
///
/// # Errors
/// If there is none that keeps PEP 440's order; the error says why, and what to write instead.
pub fn to_npm(version: &Version) -> Result<semver::Version, MappingError> {
    let refused = |reason: &str| Err(MappingError { version: version.to_string(), reason: reason.to_owned() });
    if *version.epoch() != 0 {
        return refused("semver has no epoch; write it without `N!`");
    }
    let [major, minor, patch] = version.release() else {
        let count = version.release().len();
        return refused(&format!("it has {count} numbers and semver has three; write X.Y.Z"));
    };
    if version.post().is_some() {
        return refused("npm has nothing between a final and the next version; release the next patch");
    }
    if version.local().is_some() {
        return refused("npm does not order what follows a `+`; write it without");
    }
    let suffix = match (version.pre(), version.dev()) {
        (None, None) => None,
        (None, Some(number)) => Some(("dev", number)),
        (Some((PreKind::Candidate, number)), None) => Some(("rc", number)),
        (Some((PreKind::Candidate, _)), Some(_)) => {
            return refused(
                "PEP 440 sorts a development version below its candidate, npm anything after `rc.N` above it; \
                 write X.Y.Z.devN or X.Y.ZrcN",
            );
        }
        (Some((PreKind::Alpha | PreKind::Beta, _)), _) => {
            return refused(
                "PEP 440 sorts alphas and betas above development versions, npm below them; make it a candidate \
                 (X.Y.ZrcN, `X.Y.Z-rc.N` on npm)",
            );
        }
    };
    let spelled = spelled([major, minor, patch], suffix);
    spelled.map_or_else(|| refused(&format!("npm reads no number above {MAX_NUMBER}")), Ok)
}

/// Returns the version of these numbers and `-NAME.N`, or `None` if one of them is larger than npm reads.
fn spelled(numbers: [&Number; 3], suffix: Option<(&str, &Number)>) -> Option<semver::Version> {
    let safe = |number: &Number| number.as_u64().filter(|number| *number <= MAX_NUMBER);
    let [major, minor, patch] = numbers;
    let pre = match suffix {
        Some((name, number)) => Prerelease::new(&format!("{name}.{}", safe(number)?)).ok()?,
        None => Prerelease::EMPTY,
    };
    Some(semver::Version { pre, ..semver::Version::new(safe(major)?, safe(minor)?, safe(patch)?) })
}
