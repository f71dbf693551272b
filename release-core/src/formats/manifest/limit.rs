//! `exclude-newer`: the limits on the time of upload within which uv chooses versions.
//!
//! Settings: <https://docs.astral.sh/uv/reference/settings/#exclude-newer>. By experiment with uv 0.13.9: a file counts only if
//! it was uploaded before the limit, a day is its end where uv runs, and a lockfile that was written with another limit is
//! resolved again.

use super::requirement::canonical_name;
use crate::calendar::Day;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use toml_edit::{Item, TableLike};

/// The limits on the time of upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The limit of every package without one of its own.
    pub all: Option<Limit>,
    /// The limits of packages, by canonical names.
    pub packages: BTreeMap<String, Limit>,
}

/// A limit on the time of upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// None, which frees a package from the limit of all others.
    Off,
    /// A moment, in nanoseconds since 1970, with its text.
    Moment(i128, String),
    /// A day, which ends at midnight where uv runs.
    Day(Day),
    /// A time before the run, as ISO 8601 has it where that is known.
    Span(String),
}

const NANOSECONDS: i128 = 1_000_000_000;
/// The largest distance of midnights on earth from that of UTC.
const FARTHEST: i128 = 14 * 3600 * NANOSECONDS;

impl Limits {
    /// Reads the limits of uv's settings.
    pub fn read(settings: &dyn TableLike) -> Self {
        let packages = settings.get("exclude-newer-package").and_then(Item::as_table_like);
        let package = |(name, item): (&str, &Item)| {
            let limit = match item.as_bool() {
                Some(_) => Limit::Off,
                None => Limit::read(item.as_str()?),
            };
            Some((canonical_name(name), limit))
        };
        Self {
            all: settings.get("exclude-newer").and_then(Item::as_str).map(Limit::read),
            packages: packages.into_iter().flat_map(TableLike::iter).filter_map(package).collect(),
        }
    }

    /// Returns the limit of a package.
    pub fn of(&self, package: &str) -> Option<&Limit> {
        self.packages.get(package).or(self.all.as_ref())
    }

    /// Returns the limits for which uv resolves a lockfile again that was written with others: each with the name of its package
    /// or `None`, and both sides. A later moment is none of them, nor is the limit of a package that is not locked.
    pub fn breaks<'a>(&'a self, recorded: &'a Self, is_locked: impl Fn(&str) -> bool) -> Vec<Differing<'a>> {
        let names: BTreeSet<&String> = self.packages.keys().chain(recorded.packages.keys()).collect();
        let of_package = |name: &&'a String| {
            let (set, known) = (self.packages.get(*name), recorded.packages.get(*name));
            let is_kept = match (set, known) {
                (Some(set), Some(known)) => holds(set, known),
                (Some(set), None) => *set == Limit::Off || !is_locked(name),
                _ => false,
            };
            (!is_kept).then_some((Some(name.as_str()), set, known))
        };
        let is_kept = match (&self.all, &recorded.all) {
            (Some(set), Some(known)) => holds(set, known),
            (set, known) => set.is_none() && known.is_none(),
        };
        let all = (!is_kept).then_some((None, self.all.as_ref(), recorded.all.as_ref()));
        all.into_iter().chain(names.iter().filter_map(of_package)).collect()
    }

    /// Returns the first limit that others do not have in the same way: the name of its package or `None`, and both.
    pub fn difference<'a>(&'a self, other: &'a Self) -> Option<Differing<'a>> {
        let names = self.packages.keys().chain(other.packages.keys());
        let packages = names.map(|name| (Some(name.as_str()), self.packages.get(name), other.packages.get(name)));
        let mut all = [(None, self.all.as_ref(), other.all.as_ref())].into_iter().chain(packages);
        all.find(|(_, one, other)| match (one, other) {
            (None, None) => false,
            (Some(one), Some(other)) => !one.is_same(other),
            _ => true,
        })
    }
}

/// Returns `true` if a lockfile that was written with a limit holds under another one, which may be later.
fn holds(set: &Limit, recorded: &Limit) -> bool {
    match (set, recorded) {
        (Limit::Off, _) => true,
        (Limit::Moment(set, _), Limit::Moment(recorded, _)) => set >= recorded,
        (Limit::Day(day), Limit::Moment(recorded, _)) => i128::from(day.end()) * NANOSECONDS + FARTHEST >= *recorded,
        (set, recorded) => set == recorded,
    }
}

/// A package or `None` for all, and the limits of two sides.
pub type Differing<'a> = (Option<&'a str>, Option<&'a Limit>, Option<&'a Limit>);

impl Limit {
    /// Reads a moment, a day, or a span.
    pub fn read(text: &str) -> Self {
        match (moment(text), Day::parse(text)) {
            (Some(moment), _) => Self::Moment(moment, text.to_owned()),
            (None, Some(day)) => Self::Day(day),
            (None, None) => Self::Span(span(text).unwrap_or_else(|| text.to_owned())),
        }
    }

    /// Returns `true` if both mean the same limit; a day may end at any midnight on earth.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Moment(one, _), Self::Moment(other, _)) => one == other,
            (Self::Day(day), Self::Moment(moment, _)) | (Self::Moment(moment, _), Self::Day(day)) => {
                (moment - i128::from(day.end()) * NANOSECONDS).abs() <= FARTHEST
            }
            (one, other) => one == other,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("false"),
            Self::Moment(_, text) | Self::Span(text) => f.write_str(text),
            Self::Day(day) => day.fmt(f),
        }
    }
}

/// Reads a moment of RFC 3339, in nanoseconds since 1970.
pub fn moment(text: &str) -> Option<i128> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let (clock, zone) = time.split_at_checked(time.find(['Z', 'z', '+', '-'])?)?;
    let part = |text: &str| (text.len() == 2).then(|| text.parse::<u8>().ok()).flatten().map(i64::from);
    let mut parts = clock.splitn(3, ':');
    let (hours, minutes, seconds) = (part(parts.next()?)?, part(parts.next()?)?, parts.next()?);
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let fraction =
        Some(fraction).filter(|text| (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()))?;
    let fraction: i128 = format!("{fraction:0<9}").parse().ok()?;
    let offset = match zone {
        "Z" | "z" => 0,
        zone => {
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            (part(hours)? * 3600 + part(minutes)? * 60) * if zone.starts_with('-') { -1 } else { 1 }
        }
    };
    let whole = Day::parse(date)?.start() + hours * 3600 + minutes * 60 + part(seconds)? - offset;
    Some(i128::from(whole) * NANOSECONDS + fraction)
}

/// Returns a span of one unit, such as `7 days`, as uv records it.
fn span(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(back) = text.strip_suffix(" ago") {
        return span(back).map(|span| format!("-{span}"));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u32 = number.parse().ok()?;
    match unit.trim() {
        "d" | "day" | "days" => Some(format!("P{number}D")),
        "w" | "wk" | "wks" | "week" | "weeks" => Some(format!("P{number}W")),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(format!("PT{number}H")),
        "mo" | "mos" | "month" | "months" => Some(format!("P{number}M")),
        "y" | "yr" | "yrs" | "year" | "years" => Some(format!("P{number}Y")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_the_same_if_uv_would_keep_the_lockfile() {
        for (one, other, expected) in [
            ("2026-03-10T00:00:00Z", "2026-03-10T00:00:00+00:00", true),
            ("2026-03-10T00:00:00+02:00", "2026-03-09T22:00:00Z", true),
            ("2026-03-10 00:00:00.5Z", "2026-03-10T00:00:00.500Z", true),
            ("2026-03-10T00:00:00Z", "2026-03-10T00:00:00.001Z", false),
            ("2026-02-28", "2026-03-01T00:00:00Z", true),
            ("2026-02-28", "2026-02-28T10:00:00Z", true),
            ("2026-02-28", "2026-02-27T00:00:00Z", false),
            ("7 days", "P7D", true),
            ("2w", "P2W", true),
            ("24 hours", "PT24H", true),
            ("P7D", "P7D", true),
            ("1 week ago", "-P1W", true),
            ("7 days", "P8D", false),
            ("7 days", "2026-02-28T00:00:00Z", false),
        ] {
            assert_eq!(Limit::read(one).is_same(&Limit::read(other)), expected, "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_moment_is_not_read_as_one() {
        for text in [
            "",
            "2026-03-10",
            "2026-03-10T00:00:00",
            "2026-03-10T00:00Z",
            "2026-03-10T00:00:00.Z",
            "2026-02-30T00:00:00Z",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
