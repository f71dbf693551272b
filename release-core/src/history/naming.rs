//! The names of a repository's tags and line branches, read in both directions.

use crate::version::{Line, Release, Version};
use std::collections::BTreeMap;
use std::fmt;

/// The pattern of tags, such as `v{version}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagPattern {
    before: String,
    after: String,
}

impl Default for TagPattern {
    fn default() -> Self {
        Self { before: "v".to_owned(), after: String::new() }
    }
}

impl TagPattern {
    /// Reads a pattern with one `{version}` in it.
    ///
    /// # Errors
    /// If `{version}` does not occur exactly once.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        match pattern.split_once("{version}") {
            Some((before, after)) if !after.contains("{version}") => {
                Ok(Self { before: before.to_owned(), after: after.to_owned() })
            }
            Some(_) => Err(format!("the tag pattern `{pattern}` has `{{version}}` twice")),
            None => Err(format!("the tag pattern `{pattern}` has no `{{version}}`")),
        }
    }

    /// Returns the tag of a release.
    pub fn tag(&self, release: Release) -> String {
        format!("{}{release}{}", self.before, self.after)
    }

    /// Returns the tag that begins the development of a final.
    pub fn development_tag(&self, release: Release) -> String {
        format!("{}{}-dev{}", self.before, release.base(), self.after)
    }

    /// Returns every spelling of the tag that begins the development of a final, the one that is written first.
    pub fn development_tags(&self, release: Release) -> [String; 2] {
        let spelled = format!("{}{}.dev0{}", self.before, release.base(), self.after);
        [self.development_tag(release), spelled]
    }

    /// Returns the final whose development a tag begins, in any spelling, or `None` for other tags.
    pub fn development(&self, tag: &str) -> Option<Release> {
        self.nightly(tag).filter(|(_, number)| *number == 0).map(|(release, _)| release)
    }

    /// Returns the development version that a tag names, and its number: `v0.3.1-dev.20251027`, `v0.3.1.dev20251027`,
    /// and `v0.5.0-dev` and `v0.5.0.dev0`, whose number is 0. Returns `None` for other tags.
    pub fn nightly(&self, tag: &str) -> Option<(Release, u64)> {
        let version = self.version(tag)?;
        let at = version.find("-dev").or_else(|| version.find(".dev"))?;
        let (base, number) = (&version[..at], &version[at + "-dev".len()..]);
        let number = match number.strip_prefix('.').unwrap_or(number) {
            "" if number.is_empty() => 0,
            digits => digits.parse().ok()?,
        };
        let release = Release::parse(base).ok()?;
        (release.to_string() == base && !release.is_candidate()).then_some((release, number))
    }

    /// Returns the release that a tag names, or `None` for other tags, such as development tags.
    pub fn release(&self, tag: &str) -> Option<Release> {
        let version = self.version(tag)?;
        // `parse` accepts a leading `v` from a person; a tag `vv0.4.5` does not match.
        Release::parse(version).ok().filter(|release| release.to_string() == version)
    }

    /// Returns the version that a tag names, by this pattern or in another spelling of it.
    pub fn named(&self, tag: &str) -> Option<Version> {
        let own = self.version(tag).filter(|own| own.starts_with(|c: char| c.is_ascii_digit()));
        let own = own.and_then(|own| Version::parse(own).ok()).filter(is_no_date);
        own.or_else(|| self.misnamed(tag))
    }

    /// Returns the version that a tag spells, if it is neither a release's by this pattern, nor a development tag, nor
    /// PEP 440's own spelling: `0.4.5` where tags begin with `v`, `v0.4.5-rc1`, `release-0.4.5`.
    pub fn misnamed(&self, tag: &str) -> Option<Version> {
        if self.release(tag).is_some() || self.development(tag).is_some() {
            return None;
        }
        // A second `v` is one too many: PEP 440 reads one, and the pattern has it already.
        let bare = self.version(tag);
        let bare = bare.filter(|bare| self.before.is_empty() || bare.starts_with(|c: char| c.is_ascii_digit()));
        let is_canonical =
            |text: &str| Version::parse(text).is_ok_and(|v| v.to_string() == text && v.release().len() > 2);
        if bare.is_some_and(is_canonical) {
            return None;
        }
        let words = ["release-", "release/", "release_"].iter().find_map(|word| tag.strip_prefix(word)).unwrap_or(tag);
        let version = [bare, Some(words)].into_iter().flatten().find_map(|text| Version::parse(text).ok())?;
        // One number is a build's.
        (version.release().len() > 1 && is_no_date(&version)).then_some(version)
    }

    /// Returns where the commit of a tag belongs that names no release: `v0.2.10.1` and `v0.4.5.post1` to their line, a dated
    /// nightly nowhere. Returns `None` for all others.
    pub fn home(&self, tag: &str) -> Option<Home> {
        if let Some((_, number)) = self.nightly(tag) {
            return (number > 0).then_some(Home::Nightly);
        }
        let version = Version::parse(self.version(tag)?).ok().filter(|version| !version.is_dev())?;
        let text = Some(version.to_string()).filter(|text| !text.contains('!'))?;
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map_while(|number| number.parse().ok());
        Some(Home::Line(Line { major: numbers.next()?, minor: numbers.next()? }))
    }

    /// Returns the place of a commit with these tags and the tag that says it, a line before a nightly's.
    pub fn home_by<'a>(&self, tags: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, Home)> {
        let homes = tags.into_iter().filter_map(|tag| Some((tag, self.home(tag)?)));
        homes.min_by_key(|(_, home)| *home == Home::Nightly)
    }

    /// Returns the final version that a tag names and that is no release here: `v0.8.1.1`, `v1.0`, `v0.8.2.post1`.
    pub fn other_final(&self, tag: &str) -> Option<Version> {
        let version = Version::parse(self.version(tag)?).ok()?;
        let is_final = version.pre().is_none() && !version.is_dev();
        (is_final && self.release(tag).is_none()).then_some(version)
    }

    /// Returns the part of a tag in which a version stands.
    fn version<'a>(&self, tag: &'a str) -> Option<&'a str> {
        tag.strip_prefix(&self.before)?.strip_suffix(&self.after)
    }
}

/// The place to which the commit of a tag belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// The branch of a line.
    Line(Line),
    /// Neither main nor a line, unless main has the commit: nightlies were tagged on commits of their own.
    Nightly,
}

impl fmt::Display for TagPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{{version}}{}", self.before, self.after)
    }
}

/// Returns `false` if the first number is a year, which no release's is.
fn is_no_date(version: &Version) -> bool {
    version.release().first().is_some_and(|first| *first <= 1900.into())
}

/// Tags that do not follow the pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherTags {
    /// The number of all tags.
    pub tags: usize,
    /// The pattern that was expected.
    pub expected: String,
    /// The pattern that most tags with a version follow, their number, and the highest release among them.
    pub followed: Option<(String, usize, Release)>,
}

impl OtherTags {
    /// Looks at tags of which none follows the pattern; returns `None` if there are none.
    pub(super) fn of<'a>(tags: impl Iterator<Item = &'a str>, pattern: &TagPattern) -> Option<Self> {
        let mut number = 0;
        let mut patterns: BTreeMap<String, (usize, Release)> = BTreeMap::new();
        for tag in tags {
            number += 1;
            let Some((followed, release)) = pattern_of(tag) else { continue };
            let (count, highest) = patterns.entry(followed.to_string()).or_insert((0, release));
            (*count, *highest) = (*count + 1, release.max(*highest));
        }
        let most = patterns.into_iter().max_by_key(|(_, (count, highest))| (*count, *highest));
        let followed = most.map(|(pattern, (count, highest))| (pattern, count, highest));
        (number > 0).then(|| Self { tags: number, expected: pattern.to_string(), followed })
    }

    /// Returns the sentence about these tags, and the way out.
    pub fn described(&self) -> (String, String) {
        let Self { tags, expected, followed } = self;
        match followed {
            Some((pattern, number, highest)) => (
                format!("none of the {tags} tags here follows `tag = \"{expected}\"`, and {number} follow `tag = \"{pattern}\"`, up to {highest}"),
                format!("give that pattern in release.toml: `[release]` with `tag = \"{pattern}\"`"),
            ),
            None => (
                format!("none of the {tags} tags here follows `tag = \"{expected}\"`"),
                "give the pattern of the releases' tags in release.toml: `[release]` with `tag = \"...\"`; or fetch the tags: `git fetch --tags`".to_owned(),
            ),
        }
    }
}

/// Returns the pattern that a tag of a release follows, and the release. Development tags and those with other numbers
/// around the version are of no release.
fn pattern_of(tag: &str) -> Option<(TagPattern, Release)> {
    let start = tag.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = tag.split_at(start);
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'r' | 'c');
    let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
    let (version, after) = rest.split_at(end);
    let is_plain = !after.contains(|c: char| c.is_ascii_digit()) && !after.starts_with("-dev");
    let release = Release::parse(version).ok().filter(|release| release.to_string() == version && is_plain)?;
    Some((TagPattern { before: before.to_owned(), after: after.to_owned() }, release))
}

/// The pattern of release branches, such as `release-{major}.{minor}.x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchPattern {
    before: String,
    between: String,
    after: String,
}

impl Default for BranchPattern {
    fn default() -> Self {
        Self { before: "release-".to_owned(), between: ".".to_owned(), after: ".x".to_owned() }
    }
}

impl BranchPattern {
    /// Reads a pattern with one `{major}` and, after it and some text, one `{minor}`.
    ///
    /// # Errors
    /// If one of them is missing, or no text stands between them.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let parts =
            pattern.split_once("{major}").and_then(|(before, rest)| Some((before, rest.split_once("{minor}")?)));
        match parts {
            Some((before, (between, after))) if !between.is_empty() => {
                Ok(Self { before: before.to_owned(), between: between.to_owned(), after: after.to_owned() })
            }
            _ => Err(format!("the branch pattern `{pattern}` needs `{{major}}`, some text between, and `{{minor}}`")),
        }
    }

    /// Returns the pattern that a name of two numbers follows.
    pub fn of(name: &str) -> Option<Self> {
        let is_digit = |c: char| c.is_ascii_digit();
        let (before, rest) = name.split_at(name.find(is_digit)?);
        let rest = rest.trim_start_matches(is_digit);
        let (between, rest) = rest.split_at(rest.find(is_digit)?);
        let after = rest.trim_start_matches(is_digit);
        let pattern = Self { before: before.to_owned(), between: between.to_owned(), after: after.to_owned() };
        (!after.contains(is_digit)).then_some(pattern)
    }

    /// Returns the branch of a line.
    pub fn branch(&self, line: Line) -> String {
        format!("{}{}{}{}{}", self.before, line.major, self.between, line.minor, self.after)
    }

    /// Returns the line of a branch, if it is a line's branch.
    pub fn line(&self, branch: &str) -> Option<Line> {
        let (major, minor) = branch.strip_prefix(&self.before)?.strip_suffix(&self.after)?.split_once(&self.between)?;
        let line = Line { major: major.parse().ok()?, minor: minor.parse().ok()? };
        // Excludes text that parses as a number but is not its spelling: `release-0.04.x`, `release-0.+4.x`.
        (self.branch(line) == branch).then_some(line)
    }
}

impl fmt::Display for BranchPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{{major}}{}{{minor}}{}", self.before, self.between, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_back_as_they_are_written() {
        for pattern in ["v{version}", "{version}", "release/{version}-final"] {
            let pattern = TagPattern::parse(pattern).unwrap();
            for release in [Release::new(0, 4, 5), Release::new(1, 0, 0).with_candidate(2)] {
                assert_eq!(pattern.release(&pattern.tag(release)), Some(release));
            }
        }
    }

    #[test]
    fn what_spells_a_version_in_another_way_is_told_from_what_does_not() {
        for name in
            ["0.4.5", "v0.4", "V0.4.5", "v0.4.5-rc1", "v0.4.5.rc.1", "v0.3.1-dev.20251027", "release-0.4.5", "v0.4.05"]
        {
            assert!(TagPattern::default().misnamed(name).is_some(), "{name}");
        }
        for name in [
            "v0.4.5",
            "v0.4.5rc1",
            "v0.4.5-dev",
            "v0.4.5.post1",
            "v0.2.10.1",
            "v0.5.0.dev20260219",
            "latest",
            "v1",
            "api-v0.4.5",
            "nightly-2025-09-27",
            "2025.09.27",
            "vv0.4.5",
        ] {
            assert!(TagPattern::default().misnamed(name).is_none(), "{name}");
        }
        let bare = TagPattern::parse("{version}").unwrap();
        assert!(bare.misnamed("v0.4.5").is_some() && bare.misnamed("0.4.5").is_none());
    }

    #[test]
    fn development_tags_are_read_back_as_they_are_written_and_others_are_not() {
        let pattern = TagPattern::default();
        let release = Release::new(0, 5, 1);
        assert_eq!(pattern.development_tags(release), ["v0.5.1-dev", "v0.5.1.dev0"]);
        for tag in pattern.development_tags(release) {
            assert_eq!(pattern.development(&tag), Some(release), "{tag}");
        }
        for tag in ["v0.5.1", "v0.5.1-dev.20251027", "0.5.1-dev", "v0.5-dev", "v0.5.1rc1-dev", "vv0.5.1-dev"] {
            assert_eq!(pattern.development(tag), None, "{tag}");
        }
    }

    #[test]
    fn development_tags_of_every_shape_say_which_version_they_are() {
        for (tag, number) in [
            ("v0.3.1-dev.20251027", 20_251_027),
            ("v0.3.1.dev20251027", 20_251_027),
            ("v0.3.1-dev", 0),
            ("v0.3.1.dev0", 0),
        ] {
            assert_eq!(TagPattern::default().nightly(tag), Some((Release::new(0, 3, 1), number)), "{tag}");
        }
        for tag in [
            "v0.3.1",
            "v0.3-dev",
            "v0.3.1rc1-dev",
            "0.3.1-dev",
            "v0.3.1-dev.x",
            "v0.3.1-dev.",
            "v-dev",
            "v0.3.1-dev.99999999999999999999",
        ] {
            assert_eq!(TagPattern::default().nightly(tag), None, "{tag}");
        }
    }

    #[test]
    fn a_tag_of_more_numbers_belongs_to_its_line_and_a_dated_one_nowhere() {
        let line = |minor| Some(Home::Line(Line { major: 0, minor }));
        for (tag, home) in [
            ("v0.2.10.1", line(2)),
            ("v0.4.5.post1", line(4)),
            ("v0.4.5-rc1", line(4)),
            ("v0.4", line(4)),
            ("v0.3.1-dev.20251027", Some(Home::Nightly)),
            ("v0.3.1.dev20251027", Some(Home::Nightly)),
            ("v0.5.0-dev", None),
            ("v0.5.0.dev0", None),
            ("v4", None),
            ("v1!0.4.5", None),
            ("0.2.10.1", None),
            ("nightly", None),
        ] {
            assert_eq!(TagPattern::default().home(tag), home, "{tag}");
        }
    }

    #[test]
    fn tags_of_another_shape_are_no_release() {
        for tag in ["v0.5.0-dev", "v0.3.1-dev.20251027", "vv0.4.5", "0.4.5", "v0.4", "v0.4.05", "v0.4.5-rc1", "nightly"]
        {
            assert_eq!(TagPattern::default().release(tag), None, "{tag}");
        }
    }

    #[test]
    fn tags_of_another_pattern_are_counted_with_the_one_that_most_follow() {
        for (tags, expected) in [
            ("", None),
            ("0.4.3 0.4.4 0.5.0rc1 0.5.0-dev", Some("4: {version} 3 0.5.0rc1")),
            ("release/0.4.4 release/0.4.3 0.9.0", Some("3: release/{version} 2 0.4.4")),
            ("0.4.4-final nightly-2025-09-27 v0.3.1-dev.20251027 0.4", Some("4: {version}-final 1 0.4.4")),
            ("nightly latest", Some("2: ")),
        ] {
            let others = OtherTags::of(tags.split_whitespace(), &TagPattern::default());
            let shown = others.map(|others| {
                let followed = others.followed.map(|(pattern, count, highest)| format!("{pattern} {count} {highest}"));
                format!("{}: {}", others.tags, followed.unwrap_or_default())
            });
            assert_eq!(shown.as_deref(), expected, "{tags}");
        }
    }

    #[test]
    fn branches_are_read_back_as_they_are_written_and_near_misses_are_not() {
        let pattern = BranchPattern::default();
        assert_eq!(pattern.line("release-0.4.x"), Some(Line { major: 0, minor: 4 }));
        for branch in ["release-0.4", "release-0.04.x", "release-0.+4.x", "release-0.4.x-fix", "main", "release-.4.x"] {
            assert_eq!(pattern.line(branch), None, "{branch}");
        }
    }

    #[test]
    fn a_name_of_two_numbers_shows_its_pattern() {
        for (name, pattern) in [
            ("release-0.4.x", Some("release-{major}.{minor}.x")),
            ("stable/12.3", Some("stable/{major}.{minor}")),
            ("0.4.x", Some("{major}.{minor}.x")),
            ("release-0.4.5", None),
            ("release-4", None),
            ("main", None),
        ] {
            assert_eq!(BranchPattern::of(name).map(|found| found.to_string()).as_deref(), pattern, "{name}");
        }
    }

    #[test]
    fn patterns_that_cannot_be_read_back_are_refused() {
        assert!(TagPattern::parse("v{version}{version}").is_err());
        assert!(BranchPattern::parse("release-{major}{minor}").is_err());
        assert!(BranchPattern::parse("release-{minor}.{major}").is_err());
    }
}
