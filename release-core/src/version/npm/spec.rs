//! What a dependency table may ask for: mostly ranges, but also tags, aliases, folders and URLs.

use super::{Range, parse};

/// What stands beside a name in a dependency table of a `package.json` or its lock.
///
/// Source: <https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-json.md#dependencies>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spec {
    /// A range of versions of the package that the table names.
    Range(Range),
    /// `npm:NAME@RANGE`: another package under that name.
    Alias {
        /// The package that is meant.
        name: String,
        /// Which of its versions: a range, all of them where nothing is said, or a tag.
        wanted: Box<Self>,
    },
    /// A tag of the registry, such as `latest`.
    Tag(String),
    /// What does not come from a registry or not by its version: `file:`, `git+ssh:`, `workspace:`, a path, a URL,
    /// `owner/repository`. Also what npm refuses.
    Other(String),
}

impl Spec {
    /// Tells what is asked for; every text is something.
    pub fn parse(text: &str) -> Self {
        let trimmed = text.trim_matches(parse::is_space);
        match trimmed.strip_prefix("npm:") {
            Some(alias) => Self::alias(alias).unwrap_or_else(|| Self::Other(text.to_owned())),
            None => Self::from_registry(trimmed).unwrap_or_else(|| Self::Other(text.to_owned())),
        }
    }

    /// The range, of an alias that of the package meant.
    pub fn range(&self) -> Option<&Range> {
        match self {
            Self::Range(range) => Some(range),
            Self::Alias { wanted, .. } => wanted.range(),
            Self::Tag(_) | Self::Other(_) => None,
        }
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
        // A file is asked for by its name alone, even where that is also a pre-release.
        if [".tgz", ".tar.gz", ".tar"].iter().any(|end| text.to_ascii_lowercase().ends_with(end)) {
            return None;
        }
        if let Ok(range) = Range::parse(text) {
            return Some(Self::Range(range));
        }
        // What begins like a version is meant as one, and a path like a path.
        let is_tag = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_.!~*'()".contains(character));
        is_tag.then(|| Self::Tag(text.to_owned()))
    }
}
