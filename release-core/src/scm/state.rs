//! The state of a commit, and the version that the schemes make of it.

use super::error::ScmError;
use super::flavor::Flavor;
use super::found::{Found, Parts, ScmVersion};
use super::fragments::{Bump, bump};
use super::schemes::{LocalScheme, VersionScheme};
use super::settings::Settings;
use super::tag::TagPattern;
use crate::calendar::{Day, Moment};
use crate::version::Version;

/// The surroundings of a commit, as far as schemes ask for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) branch: Option<&'a str>,
    /// The names of the news fragments.
    pub(super) fragments: &'a [String],
    /// The day of the commit.
    pub(super) day: Day,
    /// The moment of the build.
    pub(super) moment: Moment,
}

/// Returns the version that the schemes of a package make of what is known of a commit.
pub(super) fn by_schemes(settings: &Settings, found: Found, place: Place<'_>) -> Result<ScmVersion, ScmError> {
    let (version_scheme, local_schemes) = (settings.version_scheme()?, settings.local_schemes()?);
    let is_cut = settings.flavor > Flavor::V8;
    let node = found.node.map(|node| if is_cut { node.chars().take(10).collect() } else { node });
    let found = Found { node, ..found };
    let state = State { settings, pattern: &settings.pattern()?, found: &found, place };
    let (main, local) = (state.main(version_scheme)?, state.local(&local_schemes)?);
    let text = match is_cut {
        true => combined(&main, [found.version.local().unwrap_or_default(), &local]),
        false => main + &local,
    };
    let Found { spelled: base, distance, node, dirty, origin, .. } = found;
    Ok(ScmVersion { text, origin, parts: Some(Parts { base, distance, node, dirty, version_scheme, local_schemes }) })
}

/// Joins a version and its local parts, each segment once.
fn combined(main: &str, locals: [&str; 2]) -> String {
    let (public, own) = main.split_once('+').map_or((main, None), |(public, own)| (public, Some(own)));
    let mut segments: Vec<&str> = own.into_iter().flat_map(|own| own.split('.')).collect();
    for segment in locals.iter().flat_map(|local| local.trim_matches('+').split('.')).filter(|part| !part.is_empty()) {
        if !segments.contains(&segment) {
            segments.push(segment);
        }
    }
    if segments.is_empty() { public.to_owned() } else { format!("{public}+{}", segments.join(".")) }
}

/// The input of the schemes.
#[derive(Clone, Debug)]
pub(super) struct State<'a> {
    pub(super) settings: &'a Settings,
    pub(super) pattern: &'a TagPattern,
    /// The knowledge of the commit, which is written as it is printed.
    pub(super) found: &'a Found,
    pub(super) place: Place<'a>,
}

impl State<'_> {
    fn is_exact(&self) -> bool {
        self.found.distance == 0 && !self.found.dirty
    }

    /// Returns the version of the tag as the schemes see it: 8 keeps its local part.
    fn tag(&self) -> &str {
        if self.settings.flavor == Flavor::V8 { &self.found.spelled } else { self.public() }
    }

    fn public(&self) -> &str {
        self.found.spelled.split_once('+').map_or(&self.found.spelled, |(public, _)| public)
    }

    /// Returns the public part.
    pub(super) fn main(&self, scheme: VersionScheme) -> Result<String, ScmError> {
        let next = |guessed: String| format!("{guessed}.dev{}", self.found.distance);
        if self.is_exact() && !(scheme == VersionScheme::SimplifiedSemver && self.settings.flavor < Flavor::V10) {
            return Ok(self.tag().to_owned());
        }
        Ok(match scheme {
            VersionScheme::GuessNextDev => next(bumped(self.public())?),
            VersionScheme::PostRelease => format!("{}.post{}", self.tag(), self.found.distance),
            VersionScheme::OnlyVersion => self.tag().to_owned(),
            VersionScheme::Fragments | VersionScheme::FragmentsZerover => next(self.by_fragments(scheme)?),
            VersionScheme::NoGuessDev => next(posted(self.public())?),
            VersionScheme::SimplifiedSemver if self.is_exact() => self.numbers(3, false),
            VersionScheme::SimplifiedSemver => {
                let is_feature = self.place.branch.is_some_and(|branch| branch.contains("feature"));
                next(self.numbers(if is_feature { 2 } else { 3 }, true))
            }
            VersionScheme::ReleaseBranchSemver if self.is_on_release_branch()? => next(bumped(self.public())?),
            VersionScheme::ReleaseBranchSemver => next(self.numbers(2, true)),
            VersionScheme::CalverByDate => match self.dated_branch()? {
                Some(version) => version,
                None => next(self.by_date()?),
            },
        })
    }

    /// Returns the next version, by the news fragments.
    fn by_fragments(&self, scheme: VersionScheme) -> Result<String, ScmError> {
        let major = || {
            let number = self.public().split('.').next().unwrap_or_default().trim_start_matches('v');
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then_some(number).ok_or_else(|| ScmError::Major(self.public().to_owned()))
        };
        let is_zerover = scheme == VersionScheme::FragmentsZerover;
        Ok(match bump(self.place.fragments) {
            None => bumped(self.public())?,
            Some(Bump::Patch) => self.numbers(3, true),
            Some(Bump::Minor) => self.numbers(2, true),
            Some(Bump::Breaking) if is_zerover && major()?.trim_start_matches('0').is_empty() => self.numbers(2, true),
            Some(Bump::Breaking | Bump::Major) => format!("{}.0.0", plus_one(major()?)),
        })
    }

    /// Returns the first `retain` numbers, the last of them incremented, and zeros up to three.
    fn numbers(&self, retain: usize, increment: bool) -> String {
        let is_newer = self.settings.flavor == Flavor::V10;
        // A tag that leads to a version already has its number, which is not incremented.
        let leads_to = is_newer && increment && self.found.version.dev().is_some_and(|number| *number == 0);
        let release = self.found.version.release().iter();
        let mut numbers: Vec<String> = release.map(ToString::to_string).collect();
        if !leads_to {
            numbers.resize(retain, "0".to_owned());
            if let Some(last) = numbers.last_mut().filter(|_| increment) {
                *last = plus_one(last);
            }
        }
        if numbers.len() < 3 {
            numbers.resize(3, "0".to_owned());
        }
        let epoch = self.found.version.epoch();
        let epoch = if is_newer && *epoch != 0 { format!("{epoch}!") } else { String::new() };
        epoch + &numbers.join(".")
    }

    /// Returns the version that a branch's name contains, by the pattern for tags.
    fn branch_version<'b>(&self, name: &'b str) -> Result<Option<&'b str>, ScmError> {
        let name = name.strip_prefix(self.settings.prefix()).unwrap_or(name);
        match self.pattern.read(name) {
            Some(parts) if parts.version.is_empty() => Err(ScmError::Tag { tag: name.to_owned() }),
            found => Ok(found.map(|parts| parts.version)),
        }
    }

    fn is_on_release_branch(&self) -> Result<bool, ScmError> {
        let Some(branch) = self.place.branch else { return Ok(false) };
        let name = branch.rsplit('/').next().unwrap_or(branch);
        let Some(version) = self.branch_version(name)? else { return Ok(false) };
        let version = version.strip_prefix('v').unwrap_or(version);
        Ok(version.split('.').take(2).eq(self.tag().split('.').take(2)))
    }

    fn dated_branch(&self) -> Result<Option<String>, ScmError> {
        let Some(branch) = self.place.branch.filter(|branch| branch.starts_with("release-")) else { return Ok(None) };
        let version = self.branch_version(branch.rsplit('-').next().unwrap_or(branch))?;
        Ok(version.filter(|version| Dated::read(version).is_some()).map(str::to_owned))
    }

    /// Returns the day of the commit and a number: the tag's number plus one if the tag is of the same day, else 0.
    fn by_date(&self) -> Result<String, ScmError> {
        let tag = Dated::read(self.tag());
        let (year, month, day) = self.place.day.parts();
        let (prefix, is_long) = tag.as_ref().map_or(("", false), |tag| (tag.prefix, tag.year.len() == 4));
        let patch = match &tag {
            Some(tag) if tag.day().ok_or_else(|| ScmError::Date(self.tag().to_owned()))? == self.place.day => {
                plus_one(if tag.patch.is_empty() { "0" } else { tag.patch })
            }
            // 8 treats a tag that is not a date as one of today.
            None if self.settings.flavor == Flavor::V8 && self.place.moment.day() == self.place.day => "1".to_owned(),
            _ => "0".to_owned(),
        };
        let year = if is_long { year.to_string() } else { format!("{:02}", year.rem_euclid(100)) };
        let text = format!("{prefix}{year}.{month:02}.{day:02}.{patch}");
        if self.settings.table.keeps_spelling {
            return Ok(text);
        }
        Version::parse(&text).map(|version| version.to_string()).map_err(|_| ScmError::Date(text))
    }

    /// Returns the local part with its `+`, or an empty text if all schemes decline.
    pub(super) fn local(&self, schemes: &[LocalScheme]) -> Result<String, ScmError> {
        for scheme in schemes {
            return Ok(match scheme {
                LocalScheme::NodeAndDate => self.node_and(&self.place.moment.date()),
                LocalScheme::NodeAndTimestamp => self.node_and(&self.place.moment.timestamp()),
                LocalScheme::DirtyTag if self.found.dirty => "+dirty".to_owned(),
                LocalScheme::FailOnUncommittedChanges | LocalScheme::NoLocalVersionStrict if self.found.dirty => {
                    return Err(ScmError::Dirty);
                }
                LocalScheme::FailOnUncommittedChanges => continue,
                LocalScheme::DirtyTag | LocalScheme::NoLocalVersion | LocalScheme::NoLocalVersionStrict => {
                    String::new()
                }
            });
        }
        Ok("+unknown".to_owned())
    }

    fn node_and(&self, time: &str) -> String {
        match (self.found.node.as_ref().filter(|_| !self.is_exact()), self.found.dirty) {
            (None, false) => String::new(),
            (None, true) => format!("+d{time}"),
            (Some(node), false) => format!("+{node}"),
            (Some(node), true) => format!("+{node}.d{time}"),
        }
    }
}

/// Returns the version without `.dev0`, or `None` if it has no `.dev`.
fn without_dev(version: &str) -> Result<Option<&str>, ScmError> {
    match version.rsplit_once(".dev") {
        Some((version, "0")) => Ok(Some(version)),
        Some(_) => Err(ScmError::NumberedDev(version.to_owned())),
        None => Ok(None),
    }
}

/// Returns the version that `.dev0` leads to, or the version with its last number incremented.
fn bumped(version: &str) -> Result<String, ScmError> {
    if let Some(version) = without_dev(version)? {
        return Ok(version.to_owned());
    }
    let rest = version.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &version[rest.len()..];
    if number.is_empty() {
        Err(ScmError::NoNumber(version.to_owned()))
    } else {
        Ok(format!("{rest}{}", plus_one(number)))
    }
}

fn posted(version: &str) -> Result<String, ScmError> {
    match without_dev(version)? {
        Some(version) => Ok(version.to_owned()),
        None if version.contains("post") => Err(ScmError::AlreadyPost(version.to_owned())),
        None => Ok(format!("{version}.post1")),
    }
}

/// Increments a number of any length, and drops leading zeros.
fn plus_one(number: &str) -> String {
    let number = number.trim_start_matches('0');
    let rest = number.trim_end_matches('9');
    let zeros = "0".repeat(number.len() - rest.len());
    match rest.char_indices().next_back() {
        Some((at, last)) => format!("{}{}{zeros}", &rest[..at], last.to_digit(10).unwrap_or(0) + 1),
        None => format!("1{zeros}"),
    }
}

/// A version that is a date: `26.2.19`, `2026.02.19.1`.
struct Dated<'a> {
    prefix: &'a str,
    year: &'a str,
    month: &'a str,
    day: &'a str,
    patch: &'a str,
}

impl<'a> Dated<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let numbers = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let mut parts = numbers.split('.');
        let (year, month, day, patch) = (parts.next()?, parts.next()?, parts.next()?, parts.next().unwrap_or(""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_date = matches!(year.len(), 2 | 4) && [month, day].iter().all(|part| matches!(part.len(), 1 | 2));
        let is_dated = is_date && parts.next().is_none() && [year, month, day, patch].into_iter().all(is_number);
        is_dated.then(|| Self { prefix: &text[..text.len() - numbers.len()], year, month, day, patch })
    }

    fn day(&self) -> Option<Day> {
        let year: i64 = self.year.parse().ok()?;
        // The year is read like `%y` of `strptime`.
        let year = match self.year.len() {
            2 if year < 69 => year + 2000,
            2 => year + 1900,
            _ => year,
        };
        Day::new(year, self.month.parse().ok()?, self.day.parse().ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_more_is_one_more(number in 0_u64..u64::MAX, zeros in 0_usize..3) {
            prop_assert_eq!(plus_one(&format!("{}{number}", "0".repeat(zeros))), (u128::from(number) + 1).to_string());
        }
    }
}
