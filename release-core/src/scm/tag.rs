//! Reading a version from a tag's name.

use regex_lite::Regex;

/// The pattern of tags: `tag_regex`, or setuptools-scm's default.
///
/// The default is `^(?:[\w-]+-)?(?P<version>[vV]?\d+(?:\.\d+){0,2}[^\+]*)(?:\+.*)?$` (its manual, "Configuration
/// parameters"): words that end with a dash, as many as possible, and everything from the digit on. It is implemented
/// without a regular expression; there `\w` and `\d` are Python's, and in a custom expression they are those of
/// ASCII.
#[derive(Clone, Debug, Default)]
pub struct TagPattern(Option<Regex>);

/// The match of a pattern in a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagParts<'a> {
    /// The version; empty if the pattern matches without it.
    pub version: &'a str,
    /// The rest of the match after the version.
    pub suffix: &'a str,
}

/// The reason for which an expression cannot be a pattern of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The text is not a regular expression, or uses syntax that only Python's have, such as `(?=`.
    #[error("has syntax that is not supported here")]
    Syntax,
    /// The expression does not say which group is the version.
    #[error("has neither a single group nor one called `version`")]
    Groups,
    /// Matching takes a time that grows with the pattern's length and the tag's.
    #[error("has more than 1000 bytes and is not looked at")]
    Long,
}

/// A pattern that is longer is not looked at.
const LONGEST: usize = 1_000;

impl TagPattern {
    /// Reads a custom pattern; an empty one means the default.
    ///
    /// # Errors
    /// If it cannot be read, or does not say which group is the version.
    pub fn new(regex: &str) -> Result<Self, PatternError> {
        if regex.is_empty() {
            return Ok(Self::default());
        }
        if regex.len() > LONGEST {
            return Err(PatternError::Long);
        }
        // It is matched from the start, and not necessarily to the end.
        let regex = Regex::new(&format!("^(?:{regex})")).map_err(|_| PatternError::Syntax)?;
        let is_named = regex.capture_names().flatten().any(|name| name == "version");
        if regex.captures_len() == 2 || is_named { Ok(Self(Some(regex))) } else { Err(PatternError::Groups) }
    }

    /// Returns the parts of a tag, or `None` if it does not match.
    pub fn read<'a>(&self, tag: &'a str) -> Option<TagParts<'a>> {
        let Some(regex) = &self.0 else { return default(tag) };
        let found = regex.captures(tag)?;
        let group = if found.len() == 2 { found.get(1) } else { found.name("version") };
        let (version, end) = group.map_or(("", 0), |group| (group.as_str(), group.end()));
        Some(TagParts { version, suffix: &tag[end..found.get(0)?.end()] })
    }
}

fn default(tag: &str) -> Option<TagParts<'_>> {
    let is_version =
        |rest: &str| rest.strip_prefix(['v', 'V']).unwrap_or(rest).starts_with(|c: char| c.is_ascii_digit());
    let words = tag.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(tag.len());
    let after_dash = tag[..words].rmatch_indices('-').filter(|(at, _)| *at > 0).map(|(at, _)| at + 1);
    let start = after_dash.chain([0]).find(|start| is_version(&tag[*start..]))?;
    let end = tag.find('+').unwrap_or(tag.len());
    Some(TagParts { version: &tag[start..end], suffix: &tag[end..] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pattern_that_is_too_long_is_not_looked_at() {
        let pattern = |repeated: usize| TagPattern::new(&format!("{}(.*)", "v?".repeat(repeated)));
        assert!(pattern(400).is_ok());
        let error = pattern(500).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("has more than 1000 bytes and is not looked at"));
    }

    #[test]
    fn the_default_takes_words_up_to_the_last_dash_before_a_digit() {
        for (tag, version, suffix) in [
            ("v0.5.0", "v0.5.0", ""),
            ("V1", "V1", ""),
            ("meadow-1.0rc1", "1.0rc1", ""),
            ("meadow_api-v1.0-dev", "v1.0-dev", ""),
            ("nightly-2025-09-27", "27", ""),
            ("1.0+linux-2", "1.0", "+linux-2"),
            ("v1.2-3", "v1.2-3", ""),
            ("a--1", "1", ""),
        ] {
            assert_eq!(TagPattern::default().read(tag), Some(TagParts { version, suffix }), "{tag}");
        }
        for tag in ["", "v", "release/1.0", "a.b-1.0", "-v", "-1", "x1"] {
            assert_eq!(TagPattern::default().read(tag), None, "{tag}");
        }
    }

    #[test]
    fn a_pattern_must_say_which_group_is_the_version() {
        for (regex, error) in
            [("a", PatternError::Groups), ("(a)(b)", PatternError::Groups), ("(?=a)(b)", PatternError::Syntax)]
        {
            assert_eq!(TagPattern::new(regex).unwrap_err(), error, "{regex}");
        }
        let read = |regex: &str| {
            TagPattern::new(regex)
                .unwrap()
                .read("r-1.0.x")
                .map(|parts| (parts.version.to_owned(), parts.suffix.to_owned()))
        };
        assert_eq!(read(r"r-([\d.]+\d)\."), Some(("1.0".into(), ".".into())));
        assert_eq!(read(r"(r)-(?P<version>\d+)"), Some(("1".into(), "".into())));
        assert_eq!(read(r"(\d)"), None);
    }

    proptest! {
        #[test]
        fn the_default_is_what_its_expression_says(tag in "[av1.+_/-]{0,12}") {
            let regex = r"^(?:[\w-]+-)?(?P<version>[vV]?\d+(?:\.\d+){0,2}[^\+]*)(?:\+.*)?$";
            prop_assert_eq!(TagPattern::default().read(&tag), TagPattern::new(regex).unwrap().read(&tag));
        }
    }
}
