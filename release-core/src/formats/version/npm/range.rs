//! Ranges of versions.

use super::comparator::{Alternative, Comparator, MAX_LENGTH, has_safe_numbers};
use super::{expand, parse};
use crate::text::ParseError;
use crate::version::release::Line;
use semver::Version;
use std::fmt;

/// A range of versions: alternatives, of each of which every comparator must hold.
///
/// Two ranges are equal if they have the same normal form, which [`Display`](fmt::Display) writes and node-semver
/// calls the valid range: `^0.4.4` is `>=0.4.4 <0.5.0-0`.
#[derive(Clone, Debug)]
pub struct Range {
    alternatives: Vec<Alternative>,
    series: Option<Line>,
}

/// Reads one version like npm: surrounding space and one leading `v` are ignored, no number is above 2^53 - 1, and
/// the text is no longer than 256 characters. Returns `None` if the text is not a version.
pub fn read_version(text: &str) -> Option<Version> {
    if text.encode_utf16().count() > MAX_LENGTH {
        return None;
    }
    let text = text.trim_matches(parse::is_space);
    let version = Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()?;
    has_safe_numbers(&version).then_some(version)
}

impl Range {
    /// Reads a range, with the verdict of node-semver.
    ///
    /// # Errors
    /// If the text is not a range, with the first byte that does not fit.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let error = |problem| ParseError::new(text, "an npm version range", problem);
        let alternatives = parse::alternatives(text).map_err(error)?;
        Ok(Self {
            series: expand::series(&alternatives),
            alternatives: expand::expanded(&alternatives).map_err(error)?,
        })
    }

    /// Returns `true` if the version is in the range. A pre-release is in it only if one of the comparators that
    /// admit it names a pre-release of the same three numbers: `>=0.4.0-rc.1` contains 0.4.0-rc.2, but not
    /// 0.5.0-rc.1.
    pub fn contains(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|alternative| {
            alternative.iter().all(|comparator| comparator.admits(version))
                && (version.pre.is_empty()
                    || alternative.iter().any(|comparator| comparator.names_prerelease_of(version)))
        })
    }

    /// Returns the series X.Y of a simple range: the numbers of its one version, exact or after `^`, `~` or `=`
    /// (`^0.4.4`, `0.4.x`). Returns `None` for bounds, several comparators, or a version without a second number.
    pub fn series(&self) -> Option<Line> {
        self.series
    }
}

impl PartialEq for Range {
    fn eq(&self, other: &Self) -> bool {
        self.alternatives == other.alternatives
    }
}

impl Eq for Range {}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comparators =
            |alternative: &Alternative| -> Vec<String> { alternative.iter().map(Comparator::to_string).collect() };
        let alternatives: Vec<_> = self.alternatives.iter().map(|one| comparators(one).join(" ")).collect();
        let text = alternatives.join("||");
        // An empty alternative is always the only one.
        f.write_str(if text.is_empty() { "*" } else { &text })
    }
}
