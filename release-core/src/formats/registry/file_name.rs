//! Names of distribution files, which contain the package and the version of a file.
//!
//! Wheels: `NAME-VERSION(-BUILD)?-PYTHON-ABI-PLATFORM.whl`
//! (<https://packaging.python.org/en/latest/specifications/binary-distribution-format/>, PEP 427 and 491). Source
//! distributions: `NAME-VERSION.tar.gz` (PEP 625); older ones have other endings, and `-` and `.` in names and versions.

use crate::manifest::requirement::canonical_name;
use crate::version::Version;

/// The endings of source distributions; only the first is written today.
const SDISTS: [&str; 5] = [".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"];

/// The kind of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A source distribution.
    Sdist,
    /// A wheel.
    Wheel,
}

/// Returns kind and version of a file of the package with that canonical name, or `None` if the file belongs to
/// another package or its name follows no rule.
pub fn version_of(file: &str, canonical_package: &str) -> Option<(FileKind, Version)> {
    if let Some(stem) = file.strip_suffix(".whl") {
        let parts: Vec<&str> = stem.split('-').collect();
        let [name, version, ..] = parts[..] else { return None };
        let is_wheel = matches!(parts.len(), 5 | 6) && canonical_name(name) == canonical_package;
        return Some((FileKind::Wheel, Version::parse(version).ok().filter(|_| is_wheel)?));
    }
    let stem = SDISTS.iter().find_map(|ending| file.strip_suffix(ending))?;
    Some((FileKind::Sdist, sdist_version(stem, canonical_package)?))
}

/// Returns `true` if the name of a file contains another package or version than these, or `None` if it contains
/// neither.
pub fn is_of_another(file: &str, kind: FileKind, canonical_package: &str, version: &Version) -> Option<bool> {
    if kind == FileKind::Wheel {
        let mut parts = file.strip_suffix(".whl")?.split('-');
        let (name, read) = (parts.next()?, Version::parse(parts.next()?).ok()?);
        return Some(read != *version || canonical_name(name) != canonical_package);
    }
    let stem = SDISTS.iter().find_map(|ending| file.strip_suffix(ending))?;
    match sdist_version(stem, canonical_package) {
        Some(read) => Some(read != *version),
        None => stem.rsplit_once('-').and_then(|(_, text)| Version::parse(text).ok()).map(|_| true),
    }
}

/// Returns `true` if a wheel runs on every Python 3: `py3-none-any`, or `py2.py3-none-any`.
pub fn is_pure_wheel(file: &str) -> bool {
    let mut tags = file.strip_suffix(".whl").unwrap_or_default().rsplit('-');
    let (platform, abi, python) = (tags.next(), tags.next(), tags.next().unwrap_or_default());
    platform == Some("any") && abi == Some("none") && python.split('.').any(|tag| tag == "py3")
}

/// Reads a version from an old name, in which the name and the version may contain `-`: the first possible division
/// counts.
fn sdist_version(stem: &str, canonical_package: &str) -> Option<Version> {
    // A name longer than its canonical form has runs of separators, but not thousands.
    let longest = canonical_package.len().saturating_mul(2).saturating_add(2);
    let dashes = stem.match_indices('-').map(|(at, _)| at).take_while(|at| *at <= longest);
    let mut own = dashes.filter(|at| canonical_name(&stem[..*at]) == canonical_package);
    own.find_map(|at| Version::parse(&stem[at + 1..]).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_version_is_read_off_every_spelling() {
        for (file, expected) in [
            ("meadow_client-0.4.5-py3-none-any.whl", Some((FileKind::Wheel, "0.4.5"))),
            ("meadow_client-0.4.5-1-py2.py3-none-any.whl", Some((FileKind::Wheel, "0.4.5"))),
            ("Meadow.Client-0.4.5rc1-cp312-cp312-linux_x86_64.whl", Some((FileKind::Wheel, "0.4.5rc1"))),
            ("meadow_client-0.4.5+cpu-py3-none-any.whl", Some((FileKind::Wheel, "0.4.5+cpu"))),
            ("meadow_client-0.4.5.tar.gz", Some((FileKind::Sdist, "0.4.5"))),
            ("meadow-client-0.4.5.tar.gz", Some((FileKind::Sdist, "0.4.5"))),
            ("meadow-client-0.4.5-rc1.zip", Some((FileKind::Sdist, "0.4.5rc1"))),
            ("Meadow--Client-0.4.5.tgz", Some((FileKind::Sdist, "0.4.5"))),
            ("meadow_client-0.4.5.whl", None),
            ("meadow_client-0.4.5-a-b-c-d-e.whl", None),
            ("meadow_client_extra-0.4.5-py3-none-any.whl", None),
            ("meadow-client-extra-0.4.5.tar.gz", None),
            ("meadow_client-latest.tar.gz", None),
            ("meadow_client-0.4.5.win32.exe", None),
            ("meadow_client-0.4.5.tar.gz.asc", None),
            ("0.4.5.tar.gz", None),
            ("", None),
        ] {
            let expected = expected.map(|(kind, version)| (kind, version.parse().unwrap()));
            assert_eq!(version_of(file, "meadow-client"), expected, "{file}");
        }
    }

    #[test]
    fn only_what_says_a_package_and_a_version_is_of_another() {
        let version: Version = "0.4.5".parse().unwrap();
        for (file, kind, expected) in [
            ("meadow_client-0.4.5-py3-none-any.whl", FileKind::Wheel, Some(false)),
            ("meadow_client-0.4.4-py3-none-any.whl", FileKind::Wheel, Some(true)),
            ("brook-0.4.5-py3-none-any.whl", FileKind::Wheel, Some(true)),
            ("meadow_client-x-py3-none-any.whl", FileKind::Wheel, None),
            ("meadow-client-0.4.5.tar.gz", FileKind::Sdist, Some(false)),
            ("brook-0.4.5.tar.gz", FileKind::Sdist, Some(true)),
            ("v0.4.5.tar.gz", FileKind::Sdist, None),
        ] {
            assert_eq!(is_of_another(file, kind, "meadow-client", &version), expected, "{file}");
        }
    }

    #[test]
    fn pure_wheels_are_told_by_their_tags() {
        for (file, expected) in [
            ("a-1-py3-none-any.whl", true),
            ("a-1-2-py2.py3-none-any.whl", true),
            ("a-1-py2-none-any.whl", false),
            ("a-1-cp312-abi3-linux_x86_64.whl", false),
            ("a-1-py3-none-win32.whl", false),
            ("a-1.tar.gz", false),
        ] {
            assert_eq!(is_pure_wheel(file), expected, "{file}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_file_or_none(file in "[-a-z0-9._+é]{0,30}(\\.whl|\\.tar\\.gz)?", package in "[a-z-]{0,8}") {
            let _ = version_of(&file, &package);
            let _ = is_pure_wheel(&file);
        }
    }
}
