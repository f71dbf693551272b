//! Files that `release.toml` names, by `[[stamp]]`.

use super::place::{Place, spelled};
use super::search::Search;
use crate::monorepo::{Spelling, StampConfig};
use crate::problem::Problem;
use crate::text::{SourceText, Span, count};
use camino::Utf8Path;

/// Returns the places of every entry for a file.
///
/// # Errors
/// If a pattern matches more or less often than it is to, or another one's text.
pub(super) fn named(search: &Search<'_>, path: &Utf8Path, source: &SourceText) -> Result<Vec<Place>, Problem> {
    let mut found = Vec::new();
    for setting in search.named.iter().filter(|named| named.path == path) {
        found.extend(named_places(search, path, source, setting)?);
    }
    without_overlap(path, found)
}

/// Refuses two patterns that match the same text.
fn without_overlap(path: &Utf8Path, mut places: Vec<Place>) -> Result<Vec<Place>, Problem> {
    places.sort_by_key(|place| place.span.start);
    let overlap = places.windows(2).find(|both| both[0].span.end > both[1].span.start);
    let Some(both) = overlap else { return Ok(places) };
    let problem = Problem::new(
        format!("{path}: two `[[stamp]]` patterns of release.toml match the same text"),
        "remove one of them, or correct its `pattern`",
    );
    Err(problem.at(path, both[0].span.clone(), "wanted twice"))
}

/// Returns the places of a pattern in a file that `release.toml` names; their number must match its `count`.
fn named_places(
    search: &Search<'_>,
    path: &Utf8Path,
    source: &SourceText,
    setting: &StampConfig,
) -> Result<Vec<Place>, Problem> {
    let spelling = setting.spelling.unwrap_or_else(|| Spelling::of_file(path));
    let new = spelled(path, spelling, search.version)?;
    let spans = occurrences(source.as_str(), &setting.before, &setting.after);
    if spans.len() != setting.count {
        let places = |number: usize| count(number, "place");
        let pattern = format!("{}{{version}}{}", setting.before, setting.after);
        let problem = Problem::new(
            format!("{path} has {} of `{pattern}`, and release.toml expects {}", places(spans.len()), setting.count),
            "correct `pattern` or `count` of that [[stamp]]",
        );
        return Err(spans.into_iter().fold(problem, |problem, span| problem.at(path, span, "found here")));
    }
    let old = |span: &Span| source.as_str()[span.clone()].to_owned();
    let place = |span| Place {
        path: path.to_owned(),
        old: old(&span),
        span,
        new: Some(new.clone()),
        table: "[[stamp]]".to_owned(),
    };
    Ok(spans.into_iter().map(place).collect())
}

/// Returns the texts that look like versions between `before` and `after`, which are matched literally.
pub(super) fn occurrences(text: &str, before: &str, after: &str) -> Vec<Span> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b".+-!_".contains(byte);
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = text[from..].find(before) {
        let start = from + at + before.len();
        let most = text.as_bytes()[start..].iter().take_while(|byte| is_part(byte)).count();
        // The longest text that `after` allows, because `after` may begin with characters of a version.
        let end = (1..=most).rev().map(|length| start + length).find(|end| text[*end..].starts_with(after));
        match end {
            Some(end) => {
                found.push(start..end);
                from = end;
            }
            None => from += at + text[from + at..].chars().next().map_or(1, char::len_utf8),
        }
        if from >= text.len() {
            break;
        }
    }
    found
}
