//! PEP 440 versions: every spelling that it allows, the normal form, and the order.

mod number;
mod parse;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::text::ParseError;
pub use number::Number;
pub(crate) use parse::is_space;

/// A version (PEP 440). Equality and order are those of the PEP, so `1.0`, `1.0.0` and `v1` are equal; [`Display`]
/// writes the normal form of the spelling it was read from, so they print as `1.0`, `1.0.0` and `1`.
///
/// [`Display`]: fmt::Display
#[derive(Clone)]
pub struct Version {
    epoch: Number,
    release: Release,
    pre: Option<(PreKind, Number)>,
    post: Option<Number>,
    dev: Option<Number>,
    /// In normal form: lower case, parts divided by `.`, numbers without leading zeros.
    local: Option<Box<str>>,
}

/// The kind of a pre-release: the first letters of its suffix, in the order in which they sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PreKind {
    /// `a`, also spelled `alpha`.
    Alpha,
    /// `b`, also spelled `beta`.
    Beta,
    /// `rc`, also spelled `c`, `pre` and `preview`.
    Candidate,
}

impl Version {
    /// Creates the version `major.minor.patch`.
    pub fn new(major: u64, minor: u64, patch: u64) -> Self {
        let mut release = Release::new(major.into());
        release.push(minor.into());
        release.push(patch.into());
        Self::from_release(release)
    }

    /// Reads any spelling that PEP 440 allows, whitespace around it included.
    ///
    /// # Errors
    /// If the text is not a version, with the place at which it stops being one.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::version(text)
    }

    /// Returns `true` if the text is a version spelled in its normal form.
    pub fn is_canonical_spelling(text: &str) -> bool {
        Self::parse(text).is_ok_and(|version| version.to_string() == text)
    }

    /// Returns this version as a pre-release of the same release: `1.0` becomes `1.0rc1`.
    #[must_use]
    pub fn with_pre(self, kind: PreKind, number: u64) -> Self {
        Self { pre: Some((kind, number.into())), ..self }
    }

    /// Returns this version as a development release: `1.0` becomes `1.0.dev1`.
    #[must_use]
    pub fn with_dev(self, number: u64) -> Self {
        Self { dev: Some(number.into()), ..self }
    }

    /// Returns the epoch, which is 0 unless the version has one (`1!2.0`).
    pub fn epoch(&self) -> &Number {
        &self.epoch
    }

    /// Returns the numbers of the release as spelled: three for `1.0.0`, two for `1.0`, never none.
    pub fn release(&self) -> &[Number] {
        self.release.numbers()
    }

    /// Returns the pre-release suffix: `rc` and 1 for `1.0rc1`.
    pub fn pre(&self) -> Option<(PreKind, &Number)> {
        self.pre.as_ref().map(|(kind, number)| (*kind, number))
    }

    /// Returns the number of a post-release: 1 for `1.0.post1` and `1.0-1`.
    pub fn post(&self) -> Option<&Number> {
        self.post.as_ref()
    }

    /// Returns the number of a development release: 3 for `1.0.dev3`.
    pub fn dev(&self) -> Option<&Number> {
        self.dev.as_ref()
    }

    /// Returns the local label in normal form: `ubuntu.1` for `1.0+Ubuntu-01`.
    pub fn local(&self) -> Option<&str> {
        self.local.as_deref()
    }

    /// Returns `true` if installers treat this as a pre-release: an alpha, beta or candidate, or any development
    /// release.
    pub fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// Returns `true` if this is a development release.
    pub fn is_dev(&self) -> bool {
        self.dev.is_some()
    }

    /// Returns `true` if both have the same epoch and release.
    pub(super) fn same_release(&self, other: &Self) -> bool {
        self.epoch == other.epoch && self.release.significant() == other.release.significant()
    }

    /// Returns `true` if both are the same version except for their local labels.
    pub(super) fn same_public(&self, other: &Self) -> bool {
        self.same_release(other) && self.pre == other.pre && self.post == other.post && self.dev == other.dev
    }

    /// Returns `true` if the epoch is that of `family`, and the release, continued by zeros, begins with its first
    /// `count` numbers.
    pub(super) fn starts_with(&self, family: &Self, count: usize) -> bool {
        let zero = Number::default();
        let own = self.release().iter().chain(std::iter::repeat(&zero));
        self.epoch == family.epoch && family.release().iter().take(count).zip(own).all(|(wanted, own)| wanted == own)
    }

    fn from_release(release: Release) -> Self {
        Self { epoch: Number::default(), release, pre: None, post: None, dev: None, local: None }
    }

    /// Returns the sort key between release and post: a bare development release sorts below every pre-release, a
    /// version without suffix above them.
    fn phase(&self) -> (u8, Option<&(PreKind, Number)>) {
        match (&self.pre, &self.post, &self.dev) {
            (Some(pre), _, _) => (1, Some(pre)),
            (None, None, Some(_)) => (0, None),
            _ => (2, None),
        }
    }
}

impl PreKind {
    /// Returns the suffix in normal form: `a`, `b` or `rc`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alpha => "a",
            Self::Beta => "b",
            Self::Candidate => "rc",
        }
    }
}

impl FromStr for Version {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch != 0 {
            write!(f, "{}!", self.epoch)?;
        }
        for (index, number) in self.release().iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "." })?;
            number.fmt(f)?;
        }
        if let Some((kind, number)) = &self.pre {
            write!(f, "{}{number}", kind.as_str())?;
        }
        if let Some(number) = &self.post {
            write!(f, ".post{number}")?;
        }
        if let Some(number) = &self.dev {
            write!(f, ".dev{number}")?;
        }
        if let Some(local) = &self.local {
            write!(f, "+{local}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version({self})")
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| self.release.significant().cmp(other.release.significant()))
            .then_with(|| self.phase().cmp(&other.phase()))
            .then_with(|| self.post.cmp(&other.post))
            .then_with(|| (self.dev.is_none(), &self.dev).cmp(&(other.dev.is_none(), &other.dev)))
            .then_with(|| match (self.local(), other.local()) {
                (Some(own), Some(other)) => local_parts(own).cmp(local_parts(other)),
                (own, other) => own.is_some().cmp(&other.is_some()),
            })
    }
}

/// Returns the parts of a local label as sort keys: text below numbers, and numbers, which have no leading zeros, by
/// length before digits.
fn local_parts(local: &str) -> impl Iterator<Item = (bool, usize, &str)> {
    local.split('.').map(|part| {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        (is_number, if is_number { part.len() } else { 0 }, part)
    })
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.same_public(other) && self.local == other.local
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.epoch.hash(state);
        self.release.significant().hash(state);
        (&self.pre, &self.post, &self.dev, &self.local).hash(state);
    }
}

/// The numbers of a release. Nearly all releases have at most four, and those need no memory on the heap.
#[derive(Clone)]
enum Release {
    Short { length: usize, numbers: [Number; Release::SHORT] },
    Long(Vec<Number>),
}

impl Release {
    const SHORT: usize = 4;

    fn new(first: Number) -> Self {
        Self::Short { length: 1, numbers: [first, Number::default(), Number::default(), Number::default()] }
    }

    fn push(&mut self, number: Number) {
        match self {
            Self::Short { length, numbers } => match numbers.get_mut(*length) {
                Some(free) => {
                    *free = number;
                    *length += 1;
                }
                None => *self = Self::Long(numbers.iter_mut().map(std::mem::take).chain([number]).collect()),
            },
            Self::Long(numbers) => numbers.push(number),
        }
    }

    fn numbers(&self) -> &[Number] {
        match self {
            Self::Short { length, numbers } => &numbers[..*length],
            Self::Long(numbers) => numbers,
        }
    }

    /// Returns the numbers without the zeros at the end, which neither order nor equality counts.
    fn significant(&self) -> &[Number] {
        let numbers = self.numbers();
        let end = numbers.iter().rposition(|number| *number != 0).map_or(0, |last| last + 1);
        &numbers[..end]
    }
}
