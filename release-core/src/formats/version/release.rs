//! A release: `X.Y.Z` or its candidate `X.Y.ZrcN`, its spellings, and its line `X.Y`.

use super::pep440::Version;
use std::fmt;

/// A version that can be released: three numbers, and for a candidate its number.
///
/// The order is PEP 440's: a candidate sorts before its final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Release {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// The `N` of a candidate `X.Y.ZrcN`, or `None` for a final.
    pub candidate: Option<u64>,
}

/// A minor series `X.Y`, which has a release branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
}

/// The kind of a release within its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseKind {
    /// `X.Y.Z`, Z above 0.
    Patch,
    /// `X.Y.0`, Y above 0 (or `0.0.0`).
    Minor,
    /// `X.0.0`.
    Major,
}

impl fmt::Display for ReleaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

/// The reason for which a text is not the version of a release, with the way to write it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {reason}")]
pub struct ParseReleaseError {
    text: String,
    reason: String,
    /// The same version with three numbers, if their count is what is wrong.
    pub three_numbers: Option<String>,
}

impl From<Release> for Version {
    /// Returns the release as a PEP 440 version.
    fn from(release: Release) -> Self {
        let version = Self::new(release.major, release.minor, release.patch);
        match release.candidate {
            Some(number) => version.with_pre(super::pep440::PreKind::Candidate, number),
            None => version,
        }
    }
}

impl Release {
    /// Creates the final `X.Y.Z`.
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch, candidate: None }
    }

    /// Returns candidate `N` of this version.
    #[must_use]
    pub const fn with_candidate(self, number: u64) -> Self {
        Self { candidate: Some(number), ..self }
    }

    /// Returns the final of a candidate; a final returns itself.
    #[must_use]
    pub const fn base(self) -> Self {
        Self { candidate: None, ..self }
    }

    /// Returns the line of the release.
    pub const fn line(self) -> Line {
        Line { major: self.major, minor: self.minor }
    }

    /// Returns `true` for a candidate.
    pub const fn is_candidate(self) -> bool {
        self.candidate.is_some()
    }

    /// Returns the kind of the release, or of its final.
    pub const fn kind(self) -> ReleaseKind {
        match (self.major, self.minor, self.patch) {
            (1.., 0, 0) => ReleaseKind::Major,
            (_, _, 0) => ReleaseKind::Minor,
            _ => ReleaseKind::Patch,
        }
    }

    /// Returns the next version on its line.
    #[must_use]
    pub const fn next_patch(self) -> Self {
        Self::new(self.major, self.minor, self.patch + 1)
    }

    /// Returns npm's spelling, which is semver: `0.5.0-rc.1`. The dot matters: semver sorts `rc10` below `rc9`, and
    /// `rc.10` above `rc.9` (<https://semver.org/#spec-item-11>).
    pub fn npm(self) -> semver::Version {
        let mut version = semver::Version::new(self.major, self.minor, self.patch);
        if let Some(number) = self.candidate {
            // `rc.N` is always a valid pre-release, so the alternative is never used.
            version.pre = semver::Prerelease::new(&format!("rc.{number}")).unwrap_or(semver::Prerelease::EMPTY);
        }
        version
    }

    /// Reads a version as a person types it: with or without the tag's `v`, surrounding space ignored.
    ///
    /// # Errors
    /// If it is not X.Y.Z or X.Y.ZrcN as PEP 440 writes them; the error says what to write instead.
    pub fn parse(text: &str) -> Result<Self, ParseReleaseError> {
        let trimmed = text.trim();
        let bare = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let refused =
            |reason: &str| ParseReleaseError { text: text.to_owned(), reason: reason.to_owned(), three_numbers: None };
        let Ok(version) = bare.parse::<Version>() else {
            return Err(refused("is not a version: write X.Y.Z, such as `0.4.5`, or X.Y.ZrcN for a candidate"));
        };
        let normal = version.to_string();
        match Self::of_normal(&normal) {
            None => Err(refused("is not a version that is released here: a release is X.Y.Z, a candidate X.Y.ZrcN")),
            Some((None, count)) => {
                let three = three_numbers(&normal);
                let reason = format!("has {count} of the three numbers of a release: write X.Y.Z, such as `{three}`");
                Err(ParseReleaseError { three_numbers: Some(three), ..refused(&reason) })
            }
            Some(_) if normal != bare => Err(refused(&format!("is not in PEP 440's normal form: write `{normal}`"))),
            Some((Some(release), _)) => Ok(release),
        }
    }

    /// Reads a PEP 440 normal form, and returns the count of its numbers beside the release if there are three.
    /// Returns `None` if it has other parts than numbers and a candidate's suffix.
    fn of_normal(normal: &str) -> Option<(Option<Self>, usize)> {
        let (numbers, candidate) = match normal.split_once("rc") {
            Some((numbers, candidate)) => (numbers, Some(candidate.parse().ok()?)),
            None => (normal, None),
        };
        let numbers: Vec<u64> = numbers.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        let release = match numbers[..] {
            [major, minor, patch] => Some(Self { major, minor, patch, candidate }),
            _ => None,
        };
        Some((release, numbers.len()))
    }
}

/// Returns the normal form with zeros added, or numbers removed, to make three numbers.
fn three_numbers(normal: &str) -> String {
    let (numbers, candidate) = normal.split_at(normal.find("rc").unwrap_or(normal.len()));
    let numbers: Vec<&str> = numbers.split('.').chain(["0", "0"]).take(3).collect();
    format!("{}{candidate}", numbers.join("."))
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        match self.candidate {
            Some(number) => write!(f, "rc{number}"),
            None => Ok(()),
        }
    }
}

impl Ord for Release {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // `None` sorts first and a final comes last, so a final counts as the candidate after all others.
        let key = |r: &Self| (r.major, r.minor, r.patch, r.candidate.is_none(), r.candidate);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Release {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    #[test]
    fn a_release_is_three_numbers_with_or_without_v_and_a_candidate() {
        for (text, release) in [
            ("0.4.5", Release::new(0, 4, 5)),
            ("v0.4.5", Release::new(0, 4, 5)),
            ("1.0.0", Release::new(1, 0, 0)),
            ("0.5.0rc1", Release::new(0, 5, 0).with_candidate(1)),
            ("v0.5.0rc10", Release::new(0, 5, 0).with_candidate(10)),
        ] {
            assert_eq!(Release::parse(text), Ok(release), "{text}");
        }
    }

    #[test]
    fn every_other_text_is_refused_with_the_way_to_write_it() {
        let refused: Vec<String> = [
            "0.4",
            "4",
            "0.2.10.1",
            "0.4.5-rc1",
            "0.4.5c1",
            "0.4.05",
            "0.5.0.dev0",
            "0.5.0.post1",
            "0.5.0-1",
            "1!0.5.0",
            "0.5.0a1",
            "0.5.0+x",
            "0.5.0-foo",
            "",
            "latest",
        ]
        .iter()
        .map(|text| Release::parse(text).unwrap_err().to_string())
        .collect();
        check(
            &refused.join("\n"),
            &expect![[r#"
                `0.4` has 2 of the three numbers of a release: write X.Y.Z, such as `0.4.0`
                `4` has 1 of the three numbers of a release: write X.Y.Z, such as `4.0.0`
                `0.2.10.1` has 4 of the three numbers of a release: write X.Y.Z, such as `0.2.10`
                `0.4.5-rc1` is not in PEP 440's normal form: write `0.4.5rc1`
                `0.4.5c1` is not in PEP 440's normal form: write `0.4.5rc1`
                `0.4.05` is not in PEP 440's normal form: write `0.4.5`
                `0.5.0.dev0` is not a version that is released here: a release is X.Y.Z, a candidate X.Y.ZrcN
                `0.5.0.post1` is not a version that is released here: a release is X.Y.Z, a candidate X.Y.ZrcN
                `0.5.0-1` is not a version that is released here: a release is X.Y.Z, a candidate X.Y.ZrcN
                `1!0.5.0` is not a version that is released here: a release is X.Y.Z, a candidate X.Y.ZrcN
                `0.5.0a1` is not a version that is released here: a release is X.Y.Z, a candidate X.Y.ZrcN
                `0.5.0+x` is not a version that is released here: a release is X.Y.Z, a candidate X.Y.ZrcN
                `0.5.0-foo` is not a version: write X.Y.Z, such as `0.4.5`, or X.Y.ZrcN for a candidate
                `` is not a version: write X.Y.Z, such as `0.4.5`, or X.Y.ZrcN for a candidate
                `latest` is not a version: write X.Y.Z, such as `0.4.5`, or X.Y.ZrcN for a candidate"#]],
        );
    }

    fn check(actual: &str, expected: &Expect) {
        expected.assert_eq(actual);
    }

    #[test]
    fn the_kind_of_a_release_is_read_off_its_numbers() {
        for (text, kind) in [
            ("0.4.5", ReleaseKind::Patch),
            ("0.5.0rc1", ReleaseKind::Minor),
            ("1.0.0", ReleaseKind::Major),
            ("0.0.0", ReleaseKind::Minor),
            ("1.2.0", ReleaseKind::Minor),
        ] {
            assert_eq!(Release::parse(text).unwrap().kind(), kind, "{text}");
        }
    }

    fn release() -> impl Strategy<Value = Release> {
        (0u64..3, 0u64..12, 0u64..12, prop::option::of(1u64..12)).prop_map(|(major, minor, patch, candidate)| Release {
            major,
            minor,
            patch,
            candidate,
        })
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_pep_440_and_of_npm(left in release(), right in release()) {
            let pep440 = |release: Release| release.to_string().parse::<Version>().unwrap();
            prop_assert_eq!(left.cmp(&right), pep440(left).cmp(&pep440(right)));
            prop_assert_eq!(left.cmp(&right), left.npm().cmp(&right.npm()));
        }

        #[test]
        fn a_release_reads_back_as_it_is_written(release in release()) {
            prop_assert_eq!(Release::parse(&release.to_string()), Ok(release));
        }
    }
}
