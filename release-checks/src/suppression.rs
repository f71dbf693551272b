//! Findings that are accepted: by a comment where the format has them, or by `[[ignore]]` in `release.toml`.
//!
//! A comment stands on the line of the finding or on a line of its own above it, and gives the reason:
//!
//! ```toml
//! "meadow-client>=0.4", # release: ignore[pin-operator] the demo follows main
//! ```

use crate::context::Context;
use crate::diagnostic::Finding;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::manifest::TomlString;
use release_core::manifest::workflow::MOST_BYTES;
use release_core::monorepo::Config;
use release_core::text::{SourceText, Span};
use std::collections::HashMap;

/// The beginning of a comment.
const MARK: &str = "release: ignore[";

/// One rule that is accepted somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The rule's name, as written.
    pub rule: String,
    /// The file in which the name stands.
    pub path: Utf8PathBuf,
    /// The bytes of the name there.
    pub span: Span,
    /// The reason, where it gives one.
    pub reason: Option<String>,
    /// The findings that it accepts.
    pub scope: Scope,
}

/// The findings that a suppression accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that begin on a line of the file that the suppression stands in.
    Line(usize),
    /// Those of a file, of a folder, or of a tag or branch.
    Place(String),
    /// All.
    Everything,
}

/// Returns every suppression of the tree, in the order of files and places.
pub fn suppressions(context: &Context) -> Vec<Suppression> {
    let manifests = context.monorepo.manifests.iter();
    let mut found: Vec<Suppression> = manifests.flat_map(|(path, manifest)| comments(path, &manifest.source)).collect();
    // A file that is no workflow for its size may hold any number of marks.
    let workflows = context.workflows.iter().filter(|workflow| workflow.source.as_str().len() <= MOST_BYTES);
    found.extend(workflows.flat_map(|workflow| comments(&workflow.path, &workflow.source)));
    if let Some((path, _)) = &context.config_source {
        found.extend(configured(&context.config, path));
    }
    found
}

/// Returns the suppressions of `[[ignore]]`; `path` is the file that they stand in.
pub(crate) fn configured(config: &Config, path: &Utf8Path) -> impl Iterator<Item = Suppression> {
    config.ignores.iter().map(move |ignore| Suppression {
        rule: ignore.rule.value.clone(),
        path: path.to_owned(),
        span: ignore.rule.span.clone(),
        reason: text(ignore.reason.as_ref()),
        scope: text(ignore.path.as_ref()).map_or(Scope::Everything, Scope::Place),
    })
}

fn text(value: Option<&TomlString>) -> Option<String> {
    value.map(|value| value.value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The suppressions in the comments of a TOML or YAML file. A mark within a string is no comment.
fn comments(path: &Utf8Path, source: &SourceText) -> Vec<Suppression> {
    let text = source.as_str();
    let mut found = Vec::new();
    // Lines and quotes are counted from mark to mark.
    let (mut line, mut line_start, mut counted) = (1, 0, 0);
    let mut quotes = Quotes::default();
    for (at, _) in text.match_indices(MARK) {
        let between = &text[counted..at];
        line += between.bytes().filter(|byte| *byte == b'\n').count();
        let here = match between.rfind('\n') {
            None => between,
            Some(end) => {
                line_start = counted + end + 1;
                quotes = Quotes::default();
                &between[end + 1..]
            }
        };
        here.chars().for_each(|character| quotes.take(character));
        counted = at;
        let before = text[line_start..at].trim_end();
        let Some(code) = before.strip_suffix('#').filter(|_| quotes.open.is_none()) else { continue };
        let line = if code.trim().is_empty() { line + 1 } else { line };
        let start = at + MARK.len();
        let end_of_line = text[start..].find('\n').map_or(text.len(), |end| start + end);
        let Some(close) = text[start..end_of_line].find(']') else { continue };
        let reason = text[start + close + 1..end_of_line].trim();
        let mut offset = start;
        for name in text[start..start + close].split(',') {
            let lead = name.len() - name.trim_start().len();
            let span = offset + lead..offset + lead + name.trim().len();
            offset += name.len() + 1;
            found.push(Suppression {
                rule: name.trim().to_owned(),
                path: path.to_owned(),
                span,
                reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
                scope: Scope::Line(line),
            });
        }
    }
    found
}

/// The quotes that are open on a line.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    last: Option<char>,
}

impl Quotes {
    fn take(&mut self, character: char) {
        let is_escaped = self.open == Some('"') && self.last == Some('\\');
        match self.open {
            Some(open) if open == character && !is_escaped => self.open = None,
            // That of `it's` opens nothing.
            None if character == '"' || (character == '\'' && !self.last.is_some_and(char::is_alphanumeric)) => {
                self.open = Some(character);
            }
            _ => {}
        }
        // A backslash that is escaped escapes nothing.
        self.last = Some(character).filter(|_| !(is_escaped && character == '\\'));
    }
}

/// Suppressions by what they may accept: a repository may have as many as it has findings. Those that accept the same are one
/// group, as all of them may accept each finding.
#[derive(Default)]
pub(crate) struct Index<'a> {
    /// The first suppression of each group, in their order.
    groups: Vec<&'a Suppression>,
    /// The group of each suppression.
    group_of: Vec<usize>,
    everywhere: HashMap<&'a str, usize>,
    lines: HashMap<(&'a str, &'a Utf8Path, usize), usize>,
    /// By the place without the slashes at its end.
    places: HashMap<(&'a str, &'a str), Vec<usize>>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(all: &'a [Suppression]) -> Self {
        let mut index = Self::default();
        let mut known: HashMap<(&str, &str), usize> = HashMap::new();
        for one in all {
            let (rule, new) = (one.rule.as_str(), index.groups.len());
            let group = match &one.scope {
                Scope::Everything => *index.everywhere.entry(rule).or_insert(new),
                Scope::Line(line) => *index.lines.entry((rule, &one.path, *line)).or_insert(new),
                Scope::Place(place) => *known.entry((rule, place)).or_insert(new),
            };
            if group == new {
                index.groups.push(one);
                if let Scope::Place(place) = &one.scope {
                    index.places.entry((rule, place.trim_end_matches('/'))).or_default().push(group);
                }
            }
            index.group_of.push(group);
        }
        index
    }

    /// Returns the group of the suppression at a place.
    pub(crate) fn group(&self, at: usize) -> Option<usize> {
        self.group_of.get(at).copied()
    }

    /// Returns the first suppression of a group.
    pub(crate) fn first(&self, group: usize) -> Option<&'a Suppression> {
        self.groups.get(group).copied()
    }

    /// Returns the group that names a place as it is written.
    pub(crate) fn at_place(&self, rule: &str, place: &str) -> Option<usize> {
        let named = self.places.get(&(rule, place.trim_end_matches('/')))?;
        named.iter().find(|group| self.is_named(**group, place)).copied()
    }

    /// Tells if a group names a place as it is written.
    fn is_named(&self, group: usize, place: &str) -> bool {
        self.first(group).is_some_and(|one| matches!(&one.scope, Scope::Place(named) if named == place))
    }

    /// Returns the groups of suppressions that accept a finding, in their order.
    pub(crate) fn accepting<'s>(
        &self,
        rule: &str,
        finding: &Finding,
        source: &dyn Fn(&Utf8Path) -> Option<&'s SourceText>,
    ) -> Vec<usize> {
        let mut found: Vec<usize> = self.everywhere.get(rule).into_iter().copied().collect();
        if let Some(label) = finding.place()
            && let Some(source) = source(&label.path).filter(|_| !self.lines.is_empty())
        {
            let line = source.location(label.span.start).line;
            found.extend(self.lines.get(&(rule, label.path.as_path(), line)));
        }
        let places = finding.place().map(|label| label.path.as_str()).into_iter().chain(finding.reference.as_deref());
        for place in places.filter(|_| !self.places.is_empty()) {
            // The place itself, and every folder around it.
            let folders = place.match_indices('/').map(|(at, _)| &place[..at]);
            for name in folders.chain([place]) {
                let named = self.places.get(&(rule, name)).into_iter().flatten();
                // A slash at its end makes it a folder.
                found.extend(named.filter(|group| name != place || self.is_named(**group, place)));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_in_a_string_is_no_comment() {
        const COMMENT: usize = 1;
        const TEXT: usize = 0;
        for (before, found) in [
            ("a = 1 # ", COMMENT),
            ("a = 'b' # ", COMMENT),
            ("a = \"it's\" # ", COMMENT),
            ("run: echo it's done # ", COMMENT),
            ("# it's done # ", COMMENT),
            ("a = \"b\\\\\" # ", COMMENT),
            ("a = \"b\\\" # ", TEXT),
            ("a = \"# ", TEXT),
            ("a = 'b # ", TEXT),
            ("a = 'b\n# ", COMMENT),
            ("a ", TEXT),
        ] {
            let source = SourceText::new(format!("{before}release: ignore[pin-operator] x"));
            assert_eq!(comments(Utf8Path::new("a.toml"), &source).len(), found, "{before}");
        }
    }

    #[test]
    fn comments_name_rules_and_a_reason_for_their_line_or_the_next() {
        let text = "a = 1 # release: ignore[pin-operator, uv-lock-series] it is a demo\n# release: ignore[scm-root]\nb = 2\nc = \"# release: ignore[no-comment] x\"\n";
        let found: Vec<_> = comments(Utf8Path::new("a.toml"), &SourceText::new(text))
            .into_iter()
            .map(|s| (s.rule, &text[s.span.clone()] == "x", s.reason, s.scope))
            .collect();
        let reason = Some("it is a demo".to_owned());
        assert_eq!(
            found,
            [
                ("pin-operator".to_owned(), false, reason.clone(), Scope::Line(1)),
                ("uv-lock-series".to_owned(), false, reason, Scope::Line(1)),
                ("scm-root".to_owned(), false, None, Scope::Line(3)),
            ]
        );
        for suppression in comments(Utf8Path::new("a.toml"), &SourceText::new(text)) {
            assert_eq!(text[suppression.span], suppression.rule);
        }
    }
}
