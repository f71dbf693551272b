//! Reads a baseline, and notes everything that is wrong with it.

use super::{Baseline, Entry, Place, VERSION};
use crate::fingerprint::Fingerprint;
use camino::Utf8Path;
use release_core::calendar::Day;
use release_core::manifest::parse_toml;
use release_core::problem::Problem;
use release_core::text::{SourceText, Span};
use std::collections::BTreeMap;
use toml_edit::{Item, TableLike};

/// The keys at the top.
const TOP: [&str; 2] = ["version", "finding"];

/// The keys of an entry.
const KEYS: [&str; 8] = ["fingerprint", "rule", "tag", "path", "reference", "message", "reason", "date"];

impl Baseline {
    /// Reads a baseline; `path` is what errors call it.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn parse(path: &Utf8Path, source: &SourceText) -> Result<Self, Vec<Problem>> {
        let document = parse_toml(source).map_err(|error| {
            let help = "correct the syntax, or take the file back from git";
            vec![Problem::new(format!("{path} is not TOML"), help).at(path, error.span, error.message)]
        })?;
        let mut reader = Reader { path, problems: Vec::new() };
        let mut entries = reader.entries(document.as_table());
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        entries.sort_by(|a, b| a.key().cmp(&b.key()));
        Ok(Self { path: path.to_owned(), source: source.clone(), entries, foreign: None })
    }
}

/// Walks the document and notes what is wrong.
struct Reader<'a> {
    path: &'a Utf8Path,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn entries(&mut self, root: &dyn TableLike) -> Vec<Entry> {
        self.check_keys(root, &TOP, self.path.as_str());
        let path = self.path;
        match root.get("version").map(|item| (item.as_integer(), span(item))) {
            Some((Some(VERSION), _)) => {}
            Some((_, span)) => {
                let message = format!("{path} has a version of the format that is not {VERSION}");
                self.problem(message, &span, "a newer release of this tool wrote it: use that one");
            }
            None => {
                self.problem(
                    format!("{path} lacks `version`"),
                    &(0..0),
                    &format!("add `version = {VERSION}` at the top"),
                );
            }
        }
        let Some(item) = root.get("finding") else { return Vec::new() };
        let Some(tables) = item.as_array_of_tables() else {
            let message = format!("`finding` is {}, not an array of tables", item.type_name());
            self.problem(message, &span(item), "write each entry below `[[finding]]`");
            return Vec::new();
        };
        let mut seen = BTreeMap::new();
        let mut entries = Vec::new();
        for table in tables {
            let Some(entry) = self.entry(table, table.span().unwrap_or(0..0)) else { continue };
            match seen.insert((entry.tag.clone(), entry.fingerprint), entry.span.clone()) {
                Some(first) => {
                    let at = entry.tag.as_ref().map_or_else(String::new, |tag| format!(" at {}", shown(tag)));
                    let message = format!("{} has the fingerprint {}{at} twice", self.path, entry.fingerprint);
                    let problem = Problem::new(message, "remove one of the two entries");
                    self.problems.push(problem.at(self.path, entry.span, "again").at(self.path, first, "first here"));
                }
                None => entries.push(entry),
            }
        }
        entries
    }

    fn entry(&mut self, table: &dyn TableLike, whole: Span) -> Option<Entry> {
        self.check_keys(table, &KEYS, "[[finding]]");
        let fingerprint = self.required(table, "fingerprint", &whole);
        let rule = self.required(table, "rule", &whole);
        let reason = self.required(table, "reason", &whole);
        let date = self.required(table, "date", &whole);
        let message = self.string(table, "message").map(|(text, _)| text).unwrap_or_default();
        let tag = self.string(table, "tag");
        if let Some((_, at)) = tag.as_ref().filter(|(tag, _)| tag.trim().is_empty()) {
            self.problem("`tag` is empty", at, "name the tag that it was found at, or remove the key");
        }
        let tag = tag.map(|(tag, _)| tag);
        let path = self.string(table, "path").map(|(text, _)| Place::Path(text));
        let reference = self.string(table, "reference").map(|(text, _)| Place::Reference(text));
        let (fingerprint, at) = fingerprint?;
        let read = Fingerprint::parse(&fingerprint);
        if read.is_none() {
            let message = format!("`{}` is not a fingerprint", shown(&fingerprint));
            self.problem(message, &at, "16 hexadecimal digits; `--write-baseline` writes them");
        }
        let (reason, reason_at) = reason?;
        if reason.trim().is_empty() {
            self.problem("a finding is accepted without a reason", &reason_at, "say why in `reason`");
        }
        let (date, date_at) = date?;
        let day = Day::parse(&date);
        if day.is_none() {
            self.problem(format!("`{}` is not a day", shown(&date)), &date_at, "write YYYY-MM-DD");
        }
        if path.is_some() && reference.is_some() {
            let help = "leave `path` for a file, `reference` for a tag or branch";
            self.problem("a finding has both `path` and `reference`", &at, help);
        }
        let place = path.or(reference);
        Some(Entry { fingerprint: read?, rule: rule?.0, tag, place, message, reason, date: day?, span: at })
    }

    fn check_keys(&mut self, table: &dyn TableLike, known: &[&str], of: &str) {
        for (key, item) in table.iter().filter(|(key, _)| !known.contains(key)) {
            let at = table.get_key_value(key).and_then(|(key, _)| key.span()).unwrap_or_else(|| span(item));
            let nearest = release_core::text::nearest(key, known.iter().map(|name| (*name, *name)));
            let help = match nearest {
                Some((distance, name)) if distance * 2 <= key.len() => format!("did you mean `{name}`?"),
                _ => format!("known are {}", known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")),
            };
            self.problem(format!("{of} has no key `{}`", shown(key)), &at, &help);
        }
    }

    fn required(&mut self, table: &dyn TableLike, key: &str, whole: &Span) -> Option<(String, Span)> {
        if !table.contains_key(key) {
            self.problem(format!("[[finding]] lacks `{key}`"), whole, &format!("add `{key} = \"...\"`"));
        }
        self.string(table, key)
    }

    fn string(&mut self, table: &dyn TableLike, key: &str) -> Option<(String, Span)> {
        let item = table.get(key)?;
        if item.as_str().is_none() {
            self.problem(format!("`{key}` is {}, not a string", item.type_name()), &span(item), "write a string");
        }
        Some((item.as_str()?.to_owned(), span(item)))
    }

    fn problem(&mut self, message: impl Into<String>, span: &Span, help: &str) {
        self.problems.push(Problem::new(message, help).at(self.path, span.clone(), ""));
    }
}

fn span(item: &Item) -> Span {
    item.span().unwrap_or(0..0)
}

/// The beginning of a text that may be of any length.
fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}
