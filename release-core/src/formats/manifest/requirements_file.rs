//! A list of requirements in a file of its own, which setuptools reads for `[tool.setuptools.dynamic]`
//! (<https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html#dynamic-metadata>): one requirement a line, with
//! comments, and with lines that go on after a backslash. Options of pip, such as `-r`, are an error there.

use super::pyproject::Declared;
use super::requirement::Requirement;
use super::toml::TomlString;
use crate::text::{SourceText, Span};

/// Returns the requirements of a file, as those of a table. What cannot be read is kept with its error.
pub fn listed(source: &SourceText, table: &str) -> Vec<Declared> {
    let declared = |span: Span| {
        let text = TomlString::plain(source, span)?;
        Some(Declared { table: table.to_owned(), requirement: Requirement::parse(&text.value), text })
    };
    lines(source.as_str()).into_iter().filter_map(declared).collect()
}

/// Returns the places of the requirements, each without its comment and the space around it.
fn lines(text: &str) -> Vec<Span> {
    let (mut found, mut at) = (Vec::new(), 0);
    let mut open: Option<Span> = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = match line.trim_start_matches('\u{feff}') {
            comment if comment.trim_start().starts_with('#') => "",
            other => other.split_once(" #").map_or(other, |(content, _)| content),
        };
        let trimmed = content.trim();
        let offset = start + line.find(trimmed).unwrap_or(0);
        let from = open.take().map_or(offset, |open| open.start);
        let end = offset + trimmed.len();
        match trimmed.strip_suffix('\\') {
            Some("") if from == offset => {}
            Some(_) => open = Some(from..end),
            None => found.push(from..end),
        }
    }
    // A backslash in the last line joins nothing.
    found.extend(open.map(|open| open.start..open.start + text[open].trim_end_matches('\\').trim_end().len()));
    found.retain(|span| !span.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_is_found_with_the_bytes_that_spell_it() {
        let text = "\u{feff}# all of them\r\nmeadow-client==0.4.4  # ours\r\n\r\n  meadow-api>=0.4\nother \\\n  >=1 ; \\\n  python_version < '4' # why\n-r x.txt\n \\\nlast ~= 2.0 \\";
        let source = SourceText::new(text);
        let found: Vec<(String, bool, &str)> = listed(&source, "project.dependencies")
            .into_iter()
            .map(|one| (one.text.value, one.requirement.is_ok(), &text[one.text.span]))
            .collect();
        let shown: Vec<(&str, bool, &str)> = found.iter().map(|(a, b, c)| (a.as_str(), *b, *c)).collect();
        assert_eq!(
            shown,
            [
                ("meadow-client==0.4.4", true, "meadow-client==0.4.4"),
                ("meadow-api>=0.4", true, "meadow-api>=0.4"),
                ("other >=1 ; python_version < '4'", true, "other \\\n  >=1 ; \\\n  python_version < '4'"),
                ("-r x.txt", false, "-r x.txt"),
                ("last ~= 2.0", true, "last ~= 2.0"),
            ]
        );
    }
}
