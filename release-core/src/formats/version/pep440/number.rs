//! A number of any size: PEP 440 sets no limit, and dates and commit counts make long ones.

use std::fmt;

/// A non-negative whole number with any number of digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Repr);

/// `Large` holds the count of the digits and the digits of numbers that `Small` cannot, without leading zeros, so that the derived
/// order and equality are those of the numbers: a longer one is larger, and those of one length compare as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Small(u64),
    Large(Box<(usize, String)>),
}

impl Number {
    /// Returns the number as `u64`, or `None` if it is larger than that.
    pub fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Repr::Small(number) => Some(number),
            Repr::Large(_) => None,
        }
    }

    /// Reads one or more ASCII digits, and ignores leading zeros.
    pub(super) fn from_digits(digits: &str) -> Self {
        // Digits fail to be a `u64` only if there are too many.
        digits.parse::<u64>().map_or_else(
            |_| {
                let digits = digits.trim_start_matches('0');
                Self(Repr::Large(Box::new((digits.len(), digits.to_owned()))))
            },
            Self::from,
        )
    }
}

impl Default for Number {
    fn default() -> Self {
        Self::from(0)
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(Repr::Small(number))
    }
}

impl PartialEq<u64> for Number {
    fn eq(&self, other: &u64) -> bool {
        self.as_u64() == Some(*other)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(number) => number.fmt(f),
            Repr::Large(digits) => f.write_str(&digits.1),
        }
    }
}
