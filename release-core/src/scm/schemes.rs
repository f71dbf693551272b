//! The schemes that come with setuptools-scm (its manual, "Extending setuptools-scm", and the entry points it registers).

use super::flavor::Flavor;

/// A scheme for the public part of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionScheme {
    /// `guess-next-dev`, the default: the last number plus one, and `.devN`.
    GuessNextDev,
    /// `post-release`: the tag's version, and `.postN`.
    PostRelease,
    /// `python-simplified-semver`, from 10 on also `semver-pep440`: the next patch, on a branch with `feature` the next minor.
    SimplifiedSemver,
    /// `release-branch-semver`, from 10 on also `semver-pep440-release-branch`: the next patch on a branch named
    /// after the tag's minor, else the next minor.
    ReleaseBranchSemver,
    /// `no-guess-dev`: the tag's version, `.post1` and `.devN`.
    NoGuessDev,
    /// `calver-by-date`: the day of the commit.
    CalverByDate,
    /// `only-version`: the tag's version, independent of later commits.
    OnlyVersion,
    /// `towncrier-fragments`, from 10 on: the next major, minor or patch, by the news fragments.
    Fragments,
    /// `towncrier-fragments-zerover`, from 10 on: the same, but only a fragment `major` leads from 0.x to 1.0.0.
    FragmentsZerover,
}

/// A scheme for the local part of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalScheme {
    /// `node-and-date`, the default.
    NodeAndDate,
    /// `node-and-timestamp`.
    NodeAndTimestamp,
    /// `dirty-tag`: `+dirty` or nothing.
    DirtyTag,
    /// `no-local-version`.
    NoLocalVersion,
    /// `fail-on-uncommitted-changes`: an error, or the next scheme of a list.
    FailOnUncommittedChanges,
    /// `no-local-version-strict`: an error, or nothing.
    NoLocalVersionStrict,
}

pub(super) const VERSION_SCHEMES: [(&str, VersionScheme, Flavor); 11] = [
    ("guess-next-dev", VersionScheme::GuessNextDev, Flavor::V8),
    ("post-release", VersionScheme::PostRelease, Flavor::V8),
    ("python-simplified-semver", VersionScheme::SimplifiedSemver, Flavor::V8),
    ("semver-pep440", VersionScheme::SimplifiedSemver, Flavor::V10),
    ("release-branch-semver", VersionScheme::ReleaseBranchSemver, Flavor::V8),
    ("semver-pep440-release-branch", VersionScheme::ReleaseBranchSemver, Flavor::V10),
    ("no-guess-dev", VersionScheme::NoGuessDev, Flavor::V8),
    ("calver-by-date", VersionScheme::CalverByDate, Flavor::V8),
    ("only-version", VersionScheme::OnlyVersion, Flavor::V8),
    ("towncrier-fragments", VersionScheme::Fragments, Flavor::V10),
    ("towncrier-fragments-zerover", VersionScheme::FragmentsZerover, Flavor::V10),
];

pub(super) const LOCAL_SCHEMES: [(&str, LocalScheme, Flavor); 6] = [
    ("node-and-date", LocalScheme::NodeAndDate, Flavor::V8),
    ("node-and-timestamp", LocalScheme::NodeAndTimestamp, Flavor::V8),
    ("dirty-tag", LocalScheme::DirtyTag, Flavor::V8),
    ("no-local-version", LocalScheme::NoLocalVersion, Flavor::V8),
    ("fail-on-uncommitted-changes", LocalScheme::FailOnUncommittedChanges, Flavor::V10),
    ("no-local-version-strict", LocalScheme::NoLocalVersionStrict, Flavor::V10),
];
