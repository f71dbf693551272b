//! Discovery on whole trees.

mod clients;
mod packages;
mod renamed;

use super::{Config, Monorepo, Snapshot, Tree, TreeError, discover};
use crate::git::TrackedFile;
use crate::history::TagPattern;
use crate::history::{History, Tag};
use crate::problem::Problem;
use crate::text::SourceText;
use camino::Utf8Path;

/// A tree in memory: paths and texts.
pub(crate) type Files<'a> = &'a [(&'a str, &'a str)];

struct Memory<'a>(Files<'a>);

impl Tree for Memory<'_> {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        let wanted = self.0.iter().filter(|(path, _)| names.contains(&Utf8Path::new(path).file_name().unwrap()));
        let file = |(path, _): &(&str, &str)| TrackedFile { path: path.into(), id: String::new(), is_link: false };
        Ok(wanted.map(file).collect())
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        let text = |file: &&TrackedFile| self.0.iter().find(|(path, _)| file.path == *path).unwrap().1.into();
        Ok(files.iter().map(text).collect())
    }
}

/// Discovers a tree with this `release.toml`, in a repository with these tags.
pub(crate) fn discovered(files: Files<'_>, config: &str, tags: &str) -> Result<Monorepo, Vec<Problem>> {
    let config = Config::parse(Utf8Path::new("release.toml"), &SourceText::new(config))?;
    let tag = |name: &str| Tag { name: name.to_owned(), commit: "0".to_owned() };
    let history = History::new(&tags.split(' ').map(tag).collect::<Vec<_>>(), &TagPattern::default());
    let found = discover(Snapshot::take(&Memory(files), &config).unwrap(), &config, &history)?;
    if found.doubts.is_empty() { Ok(found) } else { Err(found.doubts) }
}

/// Writes problems as text: the message, the places, and the help.
pub(crate) fn noted(problems: &[Problem], files: Files<'_>) -> String {
    let mut lines = Vec::new();
    for problem in problems {
        lines.push(problem.message.clone());
        for label in &problem.labels {
            let text = files.iter().find(|(path, _)| label.path == *path).unwrap().1;
            let line = SourceText::new(text).location(label.span.start).line;
            lines.push(format!("  {}:{line}: {} ({})", label.path, &text[label.span.clone()], label.text));
        }
        lines.push(format!("  = {}", problem.help));
    }
    lines.join("\n")
}

/// A package with a version from setuptools-scm.
fn scm(name: &str, fallback: &str, rest: &str) -> String {
    format!(
        "[project]\nname = \"{name}\"\ndynamic = [\"version\"]\n{rest}\n[tool.setuptools_scm]\nfallback_version = \"{fallback}\"\n"
    )
}

/// A package with a static version.
fn fixed(name: &str, version: &str, rest: &str) -> String {
    format!("[project]\nname = \"{name}\"\nversion = \"{version}\"\n{rest}\n")
}
