//! A rule: its name, level, documentation and check.

use crate::baseline::Entry;
use crate::context::Context;
use crate::diagnostic::Report;
use crate::level::{Level, Levels};
use crate::past::Past;
use crate::suppression::Suppression;

/// A rule: its name, its weight, its documentation and its check.
pub struct Rule {
    /// The name of its file in kebab-case, the family first.
    pub name: &'static str,
    /// Its level, unless a setting gives another.
    pub level: Level,
    /// The `//!` comment of the rule's file, which is its documentation.
    pub comment: &'static str,
    /// Finds what is wrong.
    pub check: Check,
}

/// Bytes of a constant as text.
macro_rules! text_of {
    ($bytes:expr) => {{
        const BYTES: &[u8] = $bytes;
        match std::str::from_utf8(BYTES) {
            Ok(text) => text,
            Err(_) => "",
        }
    }};
}
pub(crate) use text_of;

/// The `//!` comment at the start of a rule's file, as the binary holds it: its code and its tests stay outside.
macro_rules! comment_of {
    ($file:expr) => {{
        const SOURCE: &str = include_str!($file);
        const COMMENT: Option<&[u8; $crate::rule::comment_length(SOURCE)]> = SOURCE.as_bytes().first_chunk();
        // A copy, because a part of a constant text would bring the whole of it.
        text_of!(&match COMMENT {
            Some(comment) => *comment,
            None => [0; _],
        })
    }};
}
pub(crate) use comment_of;

/// Returns the name of a rule: that of its file, with hyphens.
pub(crate) const fn kebab<const N: usize>(file: &str) -> [u8; N] {
    let (mut name, mut at) = ([0; N], 0);
    while at < N {
        name[at] = if file.as_bytes()[at] == b'_' { b'-' } else { file.as_bytes()[at] };
        at += 1;
    }
    name
}

/// Returns the length of the `//!` comment that a source begins with.
pub(crate) const fn comment_length(source: &str) -> usize {
    let source = source.as_bytes();
    let mut start = 0;
    while let Some(line) = source.split_at(start).1.first_chunk() {
        if !matches!(line, b"//!") {
            break;
        }
        while start < source.len() && source[start] != b'\n' {
            start += 1;
        }
        if start < source.len() {
            start += 1;
        }
    }
    start
}

/// A check, by what it looks at.
#[derive(Clone, Copy)]
pub enum Check {
    /// One tree and what surrounds it.
    Tree(fn(&Context, &mut Report)),
    /// The settings about rules, and what became of them.
    Settings(fn(&Settings<'_>, &mut Report)),
    /// The past as a whole.
    Past(fn(&Past<'_>, &mut Report)),
}

/// The settings of a tree, and what became of them when the rules about the tree had run.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// The tree.
    pub context: &'a Context,
    /// Every rule, over one tree or over the past.
    pub rules: &'a [&'static Rule],
    /// The levels that held.
    pub levels: &'a Levels,
    /// The rules that could not tell.
    pub skipped: &'a [&'static str],
    /// The suppressions that accepted no finding.
    pub unused: &'a [&'a Suppression],
    /// The entries of the baseline that accept what is gone.
    pub stale: &'a [&'a Entry],
}

/// A rule that earlier versions of this tool had.
#[derive(Debug)]
pub struct Removed {
    /// Its name.
    pub name: &'static str,
    /// The programs that look for the same.
    pub instead: &'static str,
}

/// The rules that earlier versions had. A setting that names one is told where it went.
pub const REMOVED: &[Removed] = &[Removed {
    name: "workflow-script-injection",
    instead: "zizmor and actionlint look for text of others in the scripts of workflows",
}];

/// Returns the rule of a name.
pub fn rule(rules: &[&'static Rule], name: &str) -> Option<&'static Rule> {
    rules.iter().find(|rule| rule.name == name).copied()
}

/// Returns the name of a rule that is nearest to a word that is none, where one is near.
pub fn nearest(rules: &[&'static Rule], word: &str) -> Option<&'static str> {
    let near = release_core::text::nearest(word, rules.iter().map(|rule| (rule.name, rule.name)));
    near.filter(|(distance, _)| distance * 3 <= word.len()).map(|(_, name)| name)
}

/// Returns the rule of a name that earlier versions had.
pub fn removed(name: &str) -> Option<&'static Removed> {
    REMOVED.iter().find(|rule| rule.name == name)
}

impl Removed {
    /// Says where the rule went.
    pub fn message(&self) -> String {
        format!("`{}` is no longer a rule of this tool: {}", self.name, self.instead)
    }
}

impl Rule {
    /// Tells if it looks at the past, and so finds nothing in a single tree.
    pub fn is_of_the_past(&self) -> bool {
        matches!(self.check, Check::Past(_))
    }

    /// The family: what stands before the rule's own words, such as `uv-lock`.
    pub fn family(&self) -> &'static str {
        const FAMILIES: [&str; 11] =
            ["scm", "version", "package", "pin", "uv-lock", "npm", "branch", "tag", "policy", "config", "workflow"];
        FAMILIES.iter().find(|family| self.name.starts_with(**family)).copied().unwrap_or("")
    }

    /// The documentation, as Markdown.
    pub fn documentation(&self) -> String {
        let lines = self.comment.lines().filter_map(|line| line.strip_prefix("//!"));
        lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
    }

    /// The first sentence of the documentation: what the rule is about.
    pub fn summary(&self) -> String {
        self.documentation()
            .lines()
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .unwrap_or_default()
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::comment_length;

    #[test]
    fn the_comment_ends_where_the_code_begins() {
        for (source, comment) in [
            ("//! ä\n//!\n//! b\n\nfn c() {}\n", "//! ä\n//!\n//! b\n"),
            ("//! a\nfn c() {}\n//! d\n", "//! a\n"),
            ("//! a", "//! a"),
            ("//!", "//!"),
            ("//", ""),
            ("", ""),
        ] {
            assert_eq!(&source[..comment_length(source)], comment);
        }
    }
}
