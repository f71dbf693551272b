//! Environment markers, compared as uv compares them: by the environments for which they hold, not by their text.
//!
//! uv writes markers anew, and leaves out what is true of every Python that a lockfile is for. Two markers are the same if they hold
//! in the same environments; those are as many as the values that both sides name.

use super::python::{PythonRange, around, numbers};
use crate::version::{Operand, Operator, SpecifierSet, Version};
use std::collections::{BTreeMap, BTreeSet};

/// The most environments that are looked at.
const MOST: usize = 20_000;

/// The variables that uv knows to exclude each other in some of their values.
const OF_PLATFORMS: [&str; 3] = ["os_name", "platform_system", "sys_platform"];

/// A condition on an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// All of these hold; of none of them, always.
    All(Vec<Marker>),
    /// One of these holds; of none of them, never.
    Any(Vec<Marker>),
    /// It does not hold.
    Not(Box<Marker>),
    /// The Python version, of two numbers if it is short, is within these.
    Python { is_short: bool, set: SpecifierSet },
    /// A variable has this value.
    Text { variable: &'static str, value: String },
    /// An extra is asked for.
    Extra(String),
    /// A comparison that is known by its text alone.
    Opaque(String),
}

/// The names and older names of variables that are compared as text.
const TEXTS: [(&str, &str); 11] = [
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_system", "platform_system"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    ("platform_python_implementation", "platform_python_implementation"),
    ("platform.python_implementation", "platform_python_implementation"),
    ("python_implementation", "platform_python_implementation"),
    ("implementation_name", "implementation_name"),
];

/// Systems under the name that `sys_platform` has for them; uv takes both for the same.
const SYSTEMS: [(&str, &str); 3] = [("Windows", "win32"), ("Darwin", "darwin"), ("Linux", "linux")];

impl Marker {
    /// Returns the marker that always holds.
    pub(super) fn always() -> Self {
        Self::All(Vec::new())
    }

    /// Reads a marker, or returns `None` if it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = words(text)?;
        words.reverse();
        let marker = any(&mut words)?;
        words.is_empty().then_some(marker)
    }

    /// Returns the marker that holds where both do.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(none), marker) | (marker, Self::All(none)) if none.is_empty() => marker,
            (one, other) => Self::All(vec![one, other]),
        }
    }

    /// Returns `true` if it holds in an environment.
    pub(super) fn holds(&self, place: &Environment<'_>) -> bool {
        match self {
            Self::All(markers) => markers.iter().all(|marker| marker.holds(place)),
            Self::Any(markers) => markers.iter().any(|marker| marker.holds(place)),
            Self::Not(marker) => !marker.holds(place),
            Self::Python { is_short, set } => {
                let [major, minor, patch] = place.python;
                set.contains(&Version::new(major, minor, if *is_short { 0 } else { patch }))
            }
            Self::Text { variable, value } => place.texts.get(variable).copied().flatten() == Some(value),
            Self::Extra(name) => place.extra == Some(name),
            Self::Opaque(text) => place.opaque.contains(text.as_str()),
        }
    }

    fn visit<'a>(&'a self, seen: &mut Seen<'a>) -> Option<()> {
        match self {
            Self::All(markers) | Self::Any(markers) => {
                markers.iter().try_for_each(|marker| marker.visit(seen))?;
            }
            Self::Not(marker) => marker.visit(seen)?,
            Self::Python { set, .. } => {
                for clause in &set.clauses {
                    let (Operand::Version(version) | Operand::Series(version)) = &clause.operand else { return None };
                    seen.pythons.extend(around(&numbers(version).filter(|_| !version.is_prerelease())?));
                }
            }
            Self::Text { variable, value } => drop(seen.texts.entry(variable).or_default().insert(value)),
            Self::Opaque(text) => drop(seen.opaque.insert(text)),
            Self::Extra(_) => {}
        }
        Some(())
    }
}

/// The values that markers name.
#[derive(Default)]
struct Seen<'a> {
    pythons: BTreeSet<[u64; 3]>,
    texts: BTreeMap<&'static str, BTreeSet<&'a String>>,
    opaque: BTreeSet<&'a str>,
}

/// An environment, as far as markers tell it from others.
#[derive(Clone, Debug)]
pub(super) struct Environment<'a> {
    python: [u64; 3],
    texts: BTreeMap<&'static str, Option<&'a String>>,
    opaque: BTreeSet<&'a str>,
    extra: Option<&'a String>,
}

impl Environment<'_> {
    /// Returns `true` if there may be no such environment: its values exclude each other, or depend on each other.
    pub(super) fn is_doubtful(&self) -> bool {
        let named = OF_PLATFORMS.iter().filter(|variable| self.texts.get(**variable).copied().flatten().is_some());
        named.count() > 1
    }
}

/// The environments that markers tell apart.
pub(super) struct Environments<'a> {
    /// All of them, for the Pythons of a lockfile.
    pub(super) all: Vec<Environment<'a>>,
    /// `true` if the markers have comparisons that are known by their text alone.
    pub(super) has_opaque: bool,
}

/// Returns the environments that these markers tell apart where one extra or none is asked for, or `None` if they are too many or
/// cannot be counted.
pub(super) fn environments<'a>(
    markers: impl IntoIterator<Item = &'a Marker>,
    range: &PythonRange,
    extra: Option<&'a String>,
) -> Option<Environments<'a>> {
    let mut seen = Seen::default();
    markers.into_iter().try_for_each(|marker| marker.visit(&mut seen))?;
    seen.pythons.extend(range.corners());
    seen.pythons.extend(around(&[3]));
    let pythons = seen.pythons.into_iter().filter(|version| range.has(*version));
    let (texts, opaque) = (BTreeMap::new(), BTreeSet::new());
    let mut all: Vec<_> =
        pythons.map(|python| Environment { python, texts: texts.clone(), opaque: opaque.clone(), extra }).collect();
    let is_few = |all: &Vec<Environment<'_>>, times: usize| all.len() * times <= MOST;
    for (variable, values) in seen.texts {
        is_few(&all, values.len() + 1).then_some(())?;
        let values = values.into_iter().map(Some).chain([None]);
        let with = |value: Option<&'a String>| {
            all.iter().map(move |place| {
                let mut place = place.clone();
                place.texts.insert(variable, value);
                place
            })
        };
        all = values.flat_map(with).collect();
    }
    let has_opaque = !seen.opaque.is_empty();
    for text in seen.opaque {
        is_few(&all, 2).then_some(())?;
        let mut with = all.clone();
        with.iter_mut().for_each(|place| place.opaque.extend([text]));
        all.append(&mut with);
    }
    Some(Environments { all, has_opaque })
}

/// Returns `true` if two markers hold in the same environments, `false` if they do not, and `None` if only uv can tell.
pub(super) fn is_same(one: &Marker, other: &Marker, range: &PythonRange) -> Option<bool> {
    if one == other {
        return Some(true);
    }
    let places = environments([one, other], range, None)?;
    let mut differing = places.all.iter().filter(|place| one.holds(place) != other.holds(place)).peekable();
    if differing.peek().is_none() {
        return Some(true);
    }
    (!places.has_opaque && differing.any(|place| !place.is_doubtful())).then_some(false)
}

/// A part of a marker's text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Name(String),
    Quoted(String),
    Sign(String),
}

fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, length) = match first {
            '\'' | '"' => {
                let content = &rest[1..1 + rest[1..].find(first)?];
                (Word::Quoted(content.to_owned()), content.len() + 2)
            }
            '(' | ')' => (Word::Sign(first.to_string()), 1),
            _ => match Operator::at_start(rest) {
                Some(operator) => (Word::Sign(operator.to_string()), operator.as_str().len()),
                None => {
                    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
                    let name = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
                    (Word::Name(name.to_owned()), name.len())
                }
            },
        };
        if length == 0 {
            return None;
        }
        words.push(word);
        rest = rest[length..].trim_start();
    }
    Some(words)
}

/// Takes the next word if it is this name.
fn take(words: &mut Vec<Word>, name: &str) -> bool {
    let is_it = matches!(words.last(), Some(Word::Name(word)) if word == name);
    if is_it {
        words.pop();
    }
    is_it
}

fn any(words: &mut Vec<Word>) -> Option<Marker> {
    let mut parts = vec![all(words)?];
    while take(words, "or") {
        parts.push(all(words)?);
    }
    Some(if parts.len() == 1 { parts.remove(0) } else { Marker::Any(parts) })
}

fn all(words: &mut Vec<Word>) -> Option<Marker> {
    let mut parts = vec![one(words)?];
    while take(words, "and") {
        parts.push(one(words)?);
    }
    Some(if parts.len() == 1 { parts.remove(0) } else { Marker::All(parts) })
}

fn one(words: &mut Vec<Word>) -> Option<Marker> {
    if words.last() == Some(&Word::Sign("(".to_owned())) {
        words.pop();
        let marker = any(words)?;
        return (words.pop()? == Word::Sign(")".to_owned())).then_some(marker);
    }
    let left = words.pop()?;
    let sign = match words.pop()? {
        Word::Sign(sign) => sign,
        Word::Name(name) if name == "in" => name,
        Word::Name(name) if name == "not" && take(words, "in") => "not in".to_owned(),
        _ => return None,
    };
    match (left, words.pop()?) {
        (Word::Name(variable), Word::Quoted(value)) => Some(comparison(&variable, &sign, &value)),
        (Word::Quoted(value), Word::Name(variable)) => {
            let turned = match sign.as_str() {
                "<" => ">",
                "<=" => ">=",
                ">" => "<",
                ">=" => "<=",
                "==" | "!=" => &sign,
                // The value within the variable, which is no comparison that has another form.
                _ => return Some(Marker::Opaque(format!("'{value}' {sign} {variable}"))),
            };
            Some(comparison(&variable, turned, &value))
        }
        _ => None,
    }
}

fn comparison(variable: &str, sign: &str, value: &str) -> Marker {
    let negated = |marker: Marker| if matches!(sign, "!=" | "not in") { Marker::Not(Box::new(marker)) } else { marker };
    let opaque = || Marker::Opaque(format!("{variable} {sign} '{value}'"));
    let text = TEXTS.iter().find(|(name, _)| *name == variable).map(|(_, name)| *name);
    match (variable, text) {
        ("extra", _) if matches!(sign, "==" | "!=") => {
            negated(Marker::Extra(crate::manifest::requirement::canonical_name(value)))
        }
        ("python_version" | "python_full_version", _) => {
            let is_short = variable == "python_version";
            let python = |text: String| SpecifierSet::parse(&text).ok().map(|set| Marker::Python { is_short, set });
            let read = match sign {
                "in" | "not in" => {
                    let versions = value.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty());
                    let parts: Option<Vec<_>> = versions.map(|version| python(format!("=={version}"))).collect();
                    parts.map(|parts| negated(Marker::Any(parts)))
                }
                "===" => None,
                sign => python(format!("{sign}{value}")),
            };
            read.unwrap_or_else(opaque)
        }
        (_, Some(name)) if matches!(sign, "==" | "!=") => {
            let system = SYSTEMS.iter().find(|(system, _)| name == "platform_system" && *system == value);
            let (variable, value) = system.map_or((name, value), |(_, platform)| ("sys_platform", *platform));
            negated(Marker::Text { variable, value: value.to_owned() })
        }
        _ => opaque(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_the_same_if_they_hold_in_the_same_environments() {
        for (one, other, expected) in [
            ("python_version < '3'", "python_version < '3.1'", Some(true)),
            ("python_version >= '3.12'", "python_full_version>='3.12'", Some(true)),
            ("python_version > '3.12'", "python_full_version >= '3.13'", Some(true)),
            ("python_version == '3.12'", "python_full_version >= '3.12' and python_full_version < '3.13'", Some(true)),
            ("python_version in '3.12 3.13'", "python_version == '3.12' or python_version=='3.13'", Some(true)),
            ("python_version not in '3.12'", "python_version != '3.12'", Some(true)),
            ("python_version >= '3.12'", "python_version >= '3.13'", Some(false)),
            ("python_full_version != '3.12.1'", "python_version >= '3'", Some(false)),
            ("python_version >= '3.9' and os_name == 'nt'", "os_name=='nt'", Some(true)),
            ("sys_platform == 'win32'", "'win32' == sys.platform", Some(true)),
            ("sys_platform == 'win32'", "platform_system == 'Windows'", Some(true)),
            ("sys_platform == 'win32'", "platform_system == 'Plan9'", Some(false)),
            ("sys_platform == 'win32'", "sys_platform == 'win32' and os_name == 'nt'", Some(false)),
            ("os_name == 'nt' and sys_platform == 'linux'", "python_version < '3'", None),
            ("(os_name == 'nt' or os_name != 'nt') and platform_machine == 'a'", "platform_machine == 'a'", Some(true)),
            ("platform_release >= '5'", "platform_release  >=  \"5\"", Some(true)),
            ("platform_release >= '5'", "platform_release >= '6'", None),
            ("'linux' in sys_platform", "sys_platform == 'linux'", None),
            ("python_version >= '3.12rc1'", "python_version >= '3.12'", None),
        ] {
            let range = PythonRange::parse(">=3.11").unwrap();
            let [one, other] = [one, other].map(|text| Marker::parse(text).unwrap());
            assert_eq!(is_same(&one, &other, &range), expected, "{one:?} {other:?}");
        }
    }

    #[test]
    fn what_is_no_marker_is_not_read_as_one() {
        for text in
            ["", "os_name", "os_name == nt", "os_name == 'nt", "(os_name == 'nt'", "os_name == 'nt' os_name", "ä"]
        {
            assert_eq!(Marker::parse(text), None, "{text}");
        }
    }
}
