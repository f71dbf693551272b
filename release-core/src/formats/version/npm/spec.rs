//! The specifications in a dependency table: mostly ranges, but also tags, aliases, folders and URLs.

use super::parse;
use super::range::Range;

/// The specification beside a name in a dependency table of a `package.json` or its lockfile.
///
/// Source: <https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-json.md#dependencies>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spec {
    /// A range of versions of the package that the table names.
    Range(Range),
    /// `npm:NAME@RANGE`: another package under that name.
    Alias {
        /// The package behind the alias.
        name: String,
        /// Its requested versions: a range, all of them if none is given, or a tag.
        wanted: Box<Self>,
    },
    /// A tag of the registry, such as `latest`.
    Tag(String),
    /// A specification that is not for a registry's version: `file:`, `git+ssh:`, `workspace:`, a path, a URL,
    /// `owner/repository`. Also one that npm refuses.
    Other(String),
}

impl Spec {
    /// Reads a specification; every text is one.
    pub fn parse(text: &str) -> Self {
        let trimmed = text.trim_matches(parse::is_space);
        match trimmed.strip_prefix("npm:") {
            Some(alias) => Self::alias(alias).unwrap_or_else(|| Self::Other(text.to_owned())),
            None => Self::from_registry(trimmed).unwrap_or_else(|| Self::Other(text.to_owned())),
        }
    }

    /// Returns the package behind an alias, or `None` if a specification is none.
    pub fn package_behind(text: &str) -> Option<String> {
        let is_alias = text.trim_start_matches(parse::is_space).starts_with("npm:");
        match is_alias.then(|| Self::parse(text)) {
            Some(Self::Alias { name, .. }) => Some(name),
            _ => None,
        }
    }

    /// Returns the range; for an alias, that of the package behind it.
    pub fn range(&self) -> Option<&Range> {
        match self {
            Self::Range(range) => Some(range),
            Self::Alias { wanted, .. } => wanted.range(),
            Self::Tag(_) | Self::Other(_) => None,
        }
    }

    /// Returns the package that a requirement under this name gets from the registry: for an alias, the one behind it.
    pub fn package<'a>(&'a self, key: &'a str) -> &'a str {
        if let Self::Alias { name, .. } = self { name } else { key }
    }

    fn alias(text: &str) -> Option<Self> {
        // The first character may be the `@` of a scope.
        let at = text.char_indices().skip(1).find(|(_, character)| *character == '@').map(|(at, _)| at);
        let (name, wanted) = at.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
        let is_name = !name.trim_start_matches('@').is_empty() && !name.contains([':', ' ']);
        let wanted = Box::new(Self::from_registry(wanted)?);
        is_name.then(|| Self::Alias { name: name.to_owned(), wanted })
    }

    fn from_registry(text: &str) -> Option<Self> {
        // A file name is enough to mean a file, even if it is also a pre-release.
        if [".tgz", ".tar.gz", ".tar"].iter().any(|end| text.to_ascii_lowercase().ends_with(end)) {
            return None;
        }
        if let Ok(range) = Range::parse(text) {
            return Some(Self::Range(range));
        }
        // A text that begins like a version is not a tag, nor is one like a path.
        let is_tag = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_.!~*'()".contains(character));
        is_tag.then(|| Self::Tag(text.to_owned()))
    }
}
