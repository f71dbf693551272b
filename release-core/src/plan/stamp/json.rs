//! Versions in npm's files.

use super::place::{Place, spelled};
use super::search::Search;
use crate::manifest::package_json::JsonString;
use crate::monorepo::Spelling;
use crate::problem::Problem;
use crate::text::SyntaxError;
use camino::Utf8Path;

pub(super) const MANIFEST: &str = "package.json";

/// npm's lockfiles.
pub(super) const LOCKS: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];

/// Returns the problem of a file that is not JSON.
pub(super) fn not_json(path: &Utf8Path, error: SyntaxError) -> Problem {
    Problem::unparsed(path, "cannot be read", "correct it and run the command again", (error.span, error.message))
}

/// Returns the place of a JSON string that holds the version.
pub(super) fn place(search: &Search<'_>, path: &Utf8Path, table: &str, text: &JsonString) -> Result<Place, Problem> {
    let new = spelled(path, Spelling::Npm, search.version)?;
    Ok(kept(path, table, text, Some(new)))
}

/// Returns a place that gets another text, or keeps its own.
pub(super) fn kept(path: &Utf8Path, table: &str, text: &JsonString, new: Option<String>) -> Place {
    // Without the quotes.
    let span = text.span.start + 1..text.span.end - 1;
    Place { path: path.to_owned(), span, old: text.value.clone(), new, table: table.to_owned() }
}
