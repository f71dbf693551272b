//! The one who chose a place: the user, or the tree that is looked at.
//!
//! Only the user's choices may expand a variable, select credentials by a name, use those of an address, or netrc's
//! `default`. The tree is whatever was checked out, anybody's perhaps.

use super::foreign::foreign;
use release_core::text::shown;
use std::fmt;

/// The one who chose a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// The user, by this flag.
    CommandLine(&'static str),
    /// The user, by this variable, or what variables of a kind are called.
    Environment(String),
    /// The user, in this file.
    User(String),
    /// The tree, in the file at this path.
    Tree(String),
}

impl Origin {
    /// Tells whether the tree chose.
    pub(crate) fn is_tree(&self) -> bool {
        matches!(self, Self::Tree(_))
    }

    /// The kind of origin, as JSON has it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::CommandLine(_) => "command-line",
            Self::Environment(_) => "environment",
            Self::User(_) => "user",
            Self::Tree(_) => "tree",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine(name) => f.write_str(name),
            Self::Environment(name) | Self::User(name) | Self::Tree(name) => f.write_str(&shown(name)),
        }
    }
}

/// Returns the reason why an address of the tree's that has a variable is no address; the rest of it is shown as it stands there.
pub(super) fn unexpanded(text: &str, what: &str, origin: &Origin, way_out: &str) -> Option<String> {
    if !origin.is_tree() || !text.contains("${") {
        return None;
    }
    // Whatever stands before an `@` may be a password, in an address that is none too.
    let bare = match text.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            format!("{scheme}://{after}").trim_start_matches("://").to_owned()
        }
        None => text.to_owned(),
    };
    let bare = foreign(&bare);
    Some(format!("the {what} that {origin} names, {bare}, has a variable, and none is expanded for a tree: {way_out}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_said_as_text_alone() {
        assert_eq!(Origin::Tree("a\u{1b}[31m\u{202e}b/.npmrc".to_owned()).to_string(), r"a\u{1b}[31m\u{202e}b/.npmrc");
        assert_eq!(Origin::CommandLine("--index").to_string(), "--index");
    }

    #[test]
    fn a_variable_of_the_tree_is_said_as_it_stands_and_nothing_before_a_host_is() {
        let tree = Origin::Tree(".npmrc".to_owned());
        for (text, shown) in [
            ("https://${HOST}/npm", "https://${HOST}/npm"),
            ("https://u:pass@${HOST}/npm", "https://${HOST}/npm"),
            ("https://u:pa/ss@${HOST}/npm", "https://${HOST}/npm"),
            ("${A}:pass@host", "host"),
        ] {
            let said = unexpanded(text, "registry", &tree, "do").unwrap();
            assert_eq!(
                said,
                format!(
                    "the registry that .npmrc names, `{shown}`, has a variable, and none is expanded for a tree: do"
                )
            );
        }
        assert_eq!(unexpanded("https://host/", "registry", &tree, "do"), None);
        assert_eq!(unexpanded("${A}", "registry", &Origin::User("x".to_owned()), "do"), None);
    }
}
