//! Days and moments of the calendar, in UTC. This module does not ask for the time.

use std::fmt;

/// A day of the Gregorian calendar, as a number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

/// A second of UTC, since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(i64);

const SECONDS: i64 = 86_400;
/// Number of days from 0000-03-01, where the years of this calculation begin, to 1970-01-01; in 400 years, 100 years
/// and 4 years.
const TO_1970: i64 = 719_468;
const DAYS: [i64; 4] = [146_097, 36_524, 1_461, 365];

impl Day {
    /// Returns the day with this year, month and day of the month, or `None` if there is none.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) {
            return None;
        }
        // The year begins in March, so that the leap day is its last day.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let day_of_year = (153 * month + 2) / 5 + day - 1;
        let number = Self(year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - TO_1970);
        (day >= 1 && number.parts().2 == day).then_some(number)
    }

    /// Reads `2026-02-19`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |text: &str, count| (text.len() == count).then(|| text.parse::<u16>().ok()).flatten();
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let is_over = parts.next().is_none() && !text.contains('+');
        let day = Self::new(digits(year, 4)?.into(), digits(month, 2)?.into(), digits(day, 2)?.into());
        day.filter(|_| is_over)
    }

    /// Returns `20260219`, the number of a nightly.
    pub fn compact(self) -> String {
        let (year, month, day) = self.parts();
        format!("{year}{month:02}{day:02}")
    }

    /// Returns the day that many days later, or earlier if the number is negative.
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Returns the day of a second since 1970.
    pub const fn at(seconds: i64) -> Self {
        Self(seconds.div_euclid(SECONDS))
    }

    /// Returns the first second of the day, since 1970.
    pub const fn start(self) -> i64 {
        self.0 * SECONDS
    }

    /// Returns the first second after the day, since 1970.
    pub const fn end(self) -> i64 {
        (self.0 + 1) * SECONDS
    }

    /// Returns year, month and day of the month.
    pub fn parts(self) -> (i64, i64, i64) {
        let days = self.0 + TO_1970;
        let (era, day) = (days.div_euclid(DAYS[0]), days.rem_euclid(DAYS[0]));
        let year = (day - day / (DAYS[2] - 1) + day / DAYS[1] - day / (DAYS[0] - 1)) / DAYS[3];
        let day_of_year = day - (DAYS[3] * year + year / 4 - year / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        (era * 400 + year + next, month, day)
    }

    /// Returns the day of a commit from git's `2026-02-19T23:30:00+02:00`, in UTC or in the committer's time zone.
    pub fn of_commit(text: &str, in_utc: bool) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let day = Self::parse(date)?;
        if !in_utc {
            return Some(day);
        }
        // Hours and minutes, and seconds if there are any.
        let clock = |text: &str| {
            let parts: Vec<i64> = text.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
            (parts.len() > 1)
                .then(|| parts.iter().zip([3600, 60, 1]).map(|(part, seconds)| part * seconds).sum::<i64>())
        };
        let offset = match time.get(8..)? {
            "Z" => 0,
            zone => clock(zone.get(1..)?)? * if zone.starts_with('-') { -1 } else { 1 },
        };
        Some(Moment(day.0 * SECONDS + clock(time.get(..8)?)? - offset).day())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Moment {
    /// Returns a moment, or `None` outside the years that Python's `datetime` supports.
    pub fn new(seconds: i64) -> Option<Self> {
        let moment = Self(seconds);
        (Day::new(1, 1, 1)?..=Day::new(9999, 12, 31)?).contains(&moment.day()).then_some(moment)
    }

    /// Returns the moment's day.
    pub const fn day(self) -> Day {
        Day::at(self.0)
    }

    /// Returns the moment's number of seconds since 1970.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Returns the date, such as `20260219`.
    pub fn date(self) -> String {
        self.day().compact()
    }

    /// Returns the date and time, such as `20260219233000`.
    pub fn timestamp(self) -> String {
        let second = self.0.rem_euclid(SECONDS);
        format!("{}{:02}{:02}{:02}", self.date(), second / 3600, second / 60 % 60, second % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_are_written_in_utc() {
        for (seconds, text) in [
            (0, "19700101000000"),
            (-1, "19691231235959"),
            (951_782_399, "20000228235959"),
            (951_782_400, "20000229000000"),
            (4_107_542_399, "21000228235959"),
            (4_107_542_400, "21000301000000"),
        ] {
            assert_eq!(Moment::new(seconds).unwrap().timestamp(), text);
        }
        assert!(Moment::new(i64::MAX).is_none() && Moment::new(i64::MIN).is_none());
    }

    #[test]
    fn a_commit_near_midnight_has_two_days() {
        for (text, utc, there) in [
            ("2026-03-01T00:30:00+02:00", 28, 1),
            ("2026-02-28T23:30:00-01:00", 1, 28),
            ("2026-02-28T23:30:00Z", 28, 28),
        ] {
            assert_eq!(Day::of_commit(text, true).unwrap().parts().2, utc, "{text}");
            assert_eq!(Day::of_commit(text, false).unwrap().parts().2, there, "{text}");
        }
        for text in ["", "T", "2026-02-28", "2026-02-30T00:00:00Z", "2026-02-28T00:00", "2026-02-28T0000000ü"] {
            assert_eq!(Day::of_commit(text, true), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_read_in_one_spelling() {
        for text in ["2026-02-19", "2024-02-29", "0001-01-01"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for text in ["2026-2-19", "20260219", "2026-02-30", "2026-02-19-", "+026-02-19", "today", "", "2026-+2-19"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert_eq!(Day::parse("2026-02-28").unwrap().plus(1).compact(), "20260301");
    }

    proptest! {
        #[test]
        fn a_day_is_found_by_its_parts(number in -719_162_i64..2_932_896) {
            let (year, month, day) = Day(number).parts();
            prop_assert_eq!(Day::new(year, month, day), Some(Day(number)));
        }
    }
}
