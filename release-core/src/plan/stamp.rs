//! Writing a version into a client repository: manifests, `__version__` in Python, and files that `release.toml`
//! names.

mod python;
#[cfg(test)]
mod tests;

pub use python::{VersionLine, version_line};

use super::draft::{Draft, Part};
use super::planned::{Edits, Outcome, PlannedFile, PlannedKind, PlannedSite};
use crate::lockfile::package_lock::PackageLock;
use crate::manifest::package_json::{JsonString, PackageJson};
use crate::manifest::pyproject::Pyproject;
use crate::monorepo::{Spelling, StampConfig};
use crate::problem::{CORRECT_SYNTAX, Problem};
use crate::text::SyntaxError;
use crate::text::{SourceText, Span, TextEdit, count};
use crate::version::Version;
use crate::version::mapping::to_npm;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// The texts of a client repository that may carry its version, by path.
pub type Texts = BTreeMap<Utf8PathBuf, SourceText>;

/// The plan for stamping a repository.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Every place that carries the version, by file and place, including unchanged ones.
    pub sites: Vec<PlannedSite>,
    /// The files that change.
    pub files: Vec<PlannedFile>,
    /// The distribution with a dynamic version: setuptools-scm takes it from the environment, and no file carries it.
    pub dynamic: Option<String>,
}

/// A place, with the spelling of the version there.
struct Place {
    span: Span,
    old: String,
    new: String,
    /// The name of its surroundings in the file.
    table: String,
}

/// Plans to write a version into every place that carries it.
///
/// # Errors
/// Every file that cannot be stamped, with its place; there is no plan then. A repository without any version is such
/// an error too.
pub fn stamp(texts: &Texts, named: &[StampConfig], version: &Version) -> Result<Stamp, Vec<Problem>> {
    let (mut draft, mut dynamic) = (Draft::default(), None);
    for (path, source) in texts {
        let settings: Vec<&StampConfig> = named.iter().filter(|named| named.path == *path).collect();
        match places(path, source, &settings, version, &mut dynamic) {
            Ok(places) => places.into_iter().for_each(|place| add(&mut draft, path, source, place)),
            Err(problem) => draft.refuse(problem),
        }
    }
    for missing in named.iter().filter(|named| !texts.contains_key(&named.path)) {
        draft.refuse(Problem::new(
            format!("release.toml names {} in `[[stamp]]`, but there is no such file", missing.path),
            "correct its `path` in [[stamp]], or remove the entry",
        ));
    }
    if draft.is_empty() && dynamic.is_none() {
        draft.refuse(Problem::new(
            "nothing here carries a version: no pyproject.toml, package.json or `__version__`",
            "run this in a client repository (`-C DIR`), or name its files in release.toml: `[[stamp]]` with `path` and `pattern`",
        ));
    }
    // For files of any kind, the only possible check is that the texts of all places change.
    draft.finish(&|_, _| Ok(())).map(|Edits { sites, files }| Stamp { sites, files, dynamic })
}

fn add(draft: &mut Draft, path: &Utf8Path, source: &SourceText, place: Place) {
    let Place { span, old, new, table } = place;
    let (kind, subject) = (PlannedKind::StampedVersion, path.file_name().unwrap_or_default());
    let part = Part { path, source, kind, subject, table: &table, span: span.clone(), old: Some(&old) };
    match old == new {
        true => draft.add(part.planned(Outcome::AlreadyRight, Some(new)), source, None),
        false => draft.change(&part, Some(new.clone()), [TextEdit { span, replacement: new }]),
    }
}

/// Returns every place of a file.
fn places(
    path: &Utf8Path,
    source: &SourceText,
    settings: &[&StampConfig],
    version: &Version,
    dynamic: &mut Option<String>,
) -> Result<Vec<Place>, Problem> {
    let mut found = Vec::new();
    for setting in settings {
        found.extend(named_places(path, source, setting, version)?);
    }
    // A file with a `[[stamp]]` entry is not searched in another way.
    if !settings.is_empty() {
        return without_overlap(path, found);
    }
    let not_json = |place| Problem::unparsed(path, "cannot be read", "correct it and run the command again", place);
    match path.file_name() {
        Some("pyproject.toml") => pyproject(path, source, version, dynamic),
        Some("package.json") => {
            let read = PackageJson::parse(source).map_err(|error| not_json((error.span, error.message)))?;
            strings(path, read.version.iter().map(|text| ("version", text)), version)
        }
        Some("package-lock.json") => {
            let read = PackageLock::parse(source).map_err(|error| not_json((error.span, error.message)))?;
            let project = read.project().and_then(|project| project.version.as_ref());
            let top = read.version.iter().map(|text| ("version", text));
            strings(path, top.chain(project.map(|text| ("packages[\"\"].version", text))), version)
        }
        _ => python_places(path, source, version),
    }
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

fn pyproject(
    path: &Utf8Path,
    source: &SourceText,
    version: &Version,
    dynamic: &mut Option<String>,
) -> Result<Vec<Place>, Problem> {
    let unparsed =
        |error: SyntaxError| Problem::unparsed(path, "is not TOML", CORRECT_SYNTAX, (error.span, error.message));
    let read = Pyproject::parse(source).map_err(unparsed)?;
    let Some(project) = &read.project else { return Ok(Vec::new()) };
    let Some((text, _)) = &project.version else {
        if project.is_dynamic() {
            *dynamic = read.name().map(str::to_owned);
        }
        return Ok(Vec::new());
    };
    let Some(span) = text.content_span(source) else {
        let message = format!("{path}: `{}` cannot be edited in place", text.value);
        let problem = Problem::new(message, "write it as a plain string");
        return Err(problem.at(path, text.span.clone(), "spelled with escapes"));
    };
    Ok(vec![Place { span, old: text.value.clone(), new: version.to_string(), table: "project".to_owned() }])
}

/// Returns the places of JSON strings, in npm's spelling.
fn strings<'a>(
    path: &Utf8Path,
    found: impl Iterator<Item = (&'static str, &'a JsonString)>,
    version: &Version,
) -> Result<Vec<Place>, Problem> {
    let place = |(table, text): (&'static str, &JsonString)| {
        Ok(Place {
            // Without the quotes.
            span: text.span.start + 1..text.span.end - 1,
            old: text.value.clone(),
            new: spelled(path, Spelling::Npm, version)?,
            table: table.to_owned(),
        })
    };
    found.map(place).collect()
}

/// Returns the version in a spelling.
fn spelled(path: &Utf8Path, spelling: Spelling, version: &Version) -> Result<String, Problem> {
    match spelling {
        Spelling::Pep440 => Ok(version.to_string()),
        Spelling::Npm => to_npm(version).map(|version| version.to_string()).map_err(|error| {
            Problem::new(format!("{path}: {error}"), "give a version that both PEP 440 and npm can spell")
        }),
    }
}

/// Returns the place of a Python file's `__version__` if it is a plain string; code may set any other, and it is
/// ignored.
fn python_places(path: &Utf8Path, source: &SourceText, version: &Version) -> Result<Vec<Place>, Problem> {
    let new = version.to_string();
    match version_line(source.as_str()) {
        VersionLine::Literal(span) => {
            let old = source.as_str()[span.clone()].to_owned();
            Ok(vec![Place { span, old, new, table: "__version__".to_owned() }])
        }
        VersionLine::Several(spans) => {
            let problem = Problem::new(
                format!("{path} sets `__version__` more than once"),
                "set it once, or name the file in release.toml with the intended pattern: `[[stamp]]`",
            );
            Err(spans.into_iter().fold(problem, |problem, span| problem.at(path, span, "a version")))
        }
        VersionLine::None => Ok(Vec::new()),
    }
}

/// Returns the places of a pattern in a file that `release.toml` names; their number must match its `count`.
fn named_places(
    path: &Utf8Path,
    source: &SourceText,
    setting: &StampConfig,
    version: &Version,
) -> Result<Vec<Place>, Problem> {
    let spelling = setting.spelling.unwrap_or_else(|| Spelling::of_file(path));
    let new = spelled(path, spelling, version)?;
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
    let place = |span| Place { old: old(&span), span, new: new.clone(), table: "[[stamp]]".to_owned() };
    Ok(spans.into_iter().map(place).collect())
}

/// Returns the texts that look like versions between `before` and `after`, which are matched literally.
fn occurrences(text: &str, before: &str, after: &str) -> Vec<Span> {
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

impl Spelling {
    /// Returns the spelling of the ecosystem of a file with this name.
    pub fn of_file(path: &Utf8Path) -> Self {
        match path.extension() {
            Some("json" | "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx") => Self::Npm,
            _ => Self::Pep440,
        }
    }
}
