//! The packages of an npm workspace: their versions, the ranges by which they ask for each other, and the lockfile at the root
//! (<https://github.com/npm/cli/blob/latest/docs/lib/content/using-npm/workspaces.md>).

use super::json::{LOCKS, MANIFEST, kept, not_json, place};
use super::place::Place;
use super::search::Search;
use crate::lockfile::package_lock::PackageLock;
use crate::manifest::package_json::{self, Dependency, JsonString, PackageJson};
use crate::manifest::workflow::list_of;
use crate::manifest::workspaces::is_matched;
use crate::problem::Problem;
use crate::text::Span;
use crate::version::mapping::to_npm;
use crate::version::npm::{Range, read_version};
use camino::{Utf8Path, Utf8PathBuf};
use jsonc_parser::ast::Value;
use std::collections::BTreeSet;

/// The lockfiles of other package managers, which repeat the ranges.
const OTHER_LOCKS: [&str; 4] = ["pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"];

const PNPM: &str = "pnpm-workspace.yaml";

/// A package of a workspace, the root included.
struct Member {
    path: Utf8PathBuf,
    read: PackageJson,
    is_private: bool,
}

/// The ranges of packages that are stamped, and where they stand.
struct Pins<'a> {
    search: &'a Search<'a>,
    new: semver::Version,
    names: BTreeSet<&'a str>,
}

/// Returns every place of a workspace, or `None` if there is no workspace.
///
/// # Errors
/// The files that cannot be read, versions of which it is not clear what they are to become, and ranges that cannot be moved.
pub(super) fn workspace(search: &Search<'_>) -> Result<Option<Vec<Place>>, Vec<Problem>> {
    let alone = |problem| vec![problem];
    let Some(patterns) = patterns(search).map_err(alone)? else { return Ok(None) };
    let members = members(search, &patterns).map_err(alone)?;
    let (mut places, stamped) = versions(search, &members)?;
    let Ok(new) = to_npm(search.version) else { return Ok(Some(places)) };
    let names = stamped.iter().filter_map(|member| Some(member.read.name.as_ref()?.value.as_str())).collect();
    let pins = Pins { search, new, names };
    let mut problems = Vec::new();
    for member in &members {
        pins.add(&mut places, &mut problems, &member.path, "", &member.read.dependencies);
    }
    for path in LOCKS.map(Utf8Path::new) {
        let Some(source) = search.text(path).filter(|_| !search.is_named(path)) else { continue };
        let read = PackageLock::parse(source).map_err(|error| vec![not_json(path, error)])?;
        if let Some(version) = read.version.as_ref().filter(|_| stamped.iter().any(|member| member.folder().is_empty()))
        {
            places.push(place(search, path, "version", version).map_err(alone)?);
        }
        for entry in &read.packages {
            let table = format!("packages[\"{}\"].", entry.path.value);
            let is_stamped = stamped.iter().any(|member| member.folder() == entry.path.value);
            if let Some(version) = entry.version.as_ref().filter(|_| is_stamped) {
                places.push(place(search, path, &format!("{table}version"), version).map_err(alone)?);
            }
            pins.add(&mut places, &mut problems, path, &table, &entry.dependencies);
        }
    }
    problems.extend(pins.other_locks(&places));
    if problems.is_empty() { Ok(Some(places)) } else { Err(problems) }
}

impl Member {
    fn folder(&self) -> &str {
        self.path.parent().map_or("", Utf8Path::as_str)
    }

    /// Returns the version, unless `release.toml` says what is written here.
    fn version<'a>(&'a self, search: &Search<'_>) -> Option<&'a JsonString> {
        self.read.version.as_ref().filter(|_| !search.is_named(&self.path))
    }
}

/// Returns the patterns of the members' folders, or `None` if there is no workspace.
pub(super) fn patterns(search: &Search<'_>) -> Result<Option<Vec<String>>, Problem> {
    if let Some(source) = search.text(PNPM.into()) {
        let read = list_of(source, "packages").map_err(|error| {
            Problem::unparsed(
                PNPM.into(),
                "cannot be read",
                "correct it and run the command again",
                (error.span, error.message),
            )
        })?;
        return Ok(Some(read));
    }
    let Some(source) = search.text(MANIFEST.into()) else { return Ok(None) };
    let root = PackageJson::parse(source).map_err(|error| not_json(MANIFEST.into(), error))?;
    Ok(root.workspaces)
}

/// Returns the root and the packages in the folders that the patterns match.
fn members(search: &Search<'_>, patterns: &[String]) -> Result<Vec<Member>, Problem> {
    let mut members = Vec::new();
    for (path, source) in search.texts.iter().filter(|(path, _)| path.file_name() == Some(MANIFEST)) {
        let folder = path.parent().map_or("", Utf8Path::as_str);
        if !folder.is_empty() && !is_matched(patterns, folder) {
            continue;
        }
        let root = package_json::root(source).map_err(|error| not_json(path, error))?;
        let is_private = root
            .get("private")
            .is_some_and(|property| matches!(&property.value, Value::BooleanLit(flag) if flag.value));
        let read = PackageJson::parse(source).map_err(|error| not_json(path, error))?;
        members.push(Member { path: path.clone(), read, is_private });
    }
    Ok(members)
}

/// Returns the versions of the packages, and the packages that get the version: those that are published, and private ones that have had
/// the same.
fn versions<'a>(search: &Search<'_>, members: &'a [Member]) -> Result<(Vec<Place>, Vec<&'a Member>), Vec<Problem>> {
    let versioned: Vec<(&Member, &JsonString)> =
        members.iter().filter_map(|member| Some((member, member.version(search)?))).collect();
    let published: Vec<&(&Member, &JsonString)> = versioned.iter().filter(|(member, _)| !member.is_private).collect();
    let new = to_npm(search.version).map(|version| version.to_string()).unwrap_or_default();
    let deciding = if published.is_empty() { versioned.iter().collect() } else { published };
    let olds: Vec<&&(&Member, &JsonString)> = deciding.iter().filter(|(_, version)| version.value != new).collect();
    if let Some(other) = olds.iter().find(|(_, version)| version.value != olds[0].1.value) {
        let ((one, first), (two, second)) = (olds[0], other);
        let message = format!(
            "{} is at {} and {} at {}: it is not clear which packages of the workspace get the version",
            one.path, first.value, two.path, second.value
        );
        let help = "give those that are released together one version, mark the others `\"private\": true`, or name files in release.toml: `[[stamp]]`";
        let problem = Problem::new(message, help).at(&one.path, first.span.clone(), "one version");
        return Err(vec![problem.at(&two.path, second.span.clone(), "another")]);
    }
    let old = olds.first().map(|(_, version)| version.value.clone());
    let (mut places, mut stamped) = (Vec::new(), Vec::new());
    for (member, version) in versioned {
        let is_one = !member.is_private || version.value == new || old.as_ref() == Some(&version.value);
        if is_one {
            places.push(place(search, &member.path, "version", version).map_err(|problem| vec![problem])?);
            stamped.push(member);
        } else {
            places.push(kept(&member.path, "version", version, None));
        }
    }
    Ok((places, stamped))
}

impl Pins<'_> {
    /// Adds the ranges of packages that are stamped.
    fn add(
        &self,
        places: &mut Vec<Place>,
        problems: &mut Vec<Problem>,
        path: &Utf8Path,
        prefix: &str,
        ranges: &[Dependency],
    ) {
        let own = ranges.iter().filter(|range| self.names.contains(range.name.as_str()));
        for range in own.filter(|_| !self.search.is_named(path)) {
            let table = format!("{prefix}{}.{}", range.table, range.name);
            let text = JsonString { value: range.range.clone(), span: range.span.clone() };
            match self.moved(&range.range) {
                Move::To(new) => places.push(kept(path, &table, &text, Some(new))),
                Move::Follows => {}
                Move::Unknown => problems.push(self.unmoved(path, range)),
            }
        }
    }

    /// Returns the range after the move.
    fn moved(&self, range: &str) -> Move {
        let (protocol, rest) = range.split_at(if range.starts_with("workspace:") { "workspace:".len() } else { 0 });
        let follows = ["", "*", "^", "~", "latest"].contains(&rest.trim());
        let is_folder = ["file:", "link:", "portal:", "./", "../"].iter().any(|start| rest.starts_with(start));
        if follows || is_folder {
            return Move::Follows;
        }
        let version = rest.trim_start_matches(['^', '~', '=']);
        let operator = &rest[..rest.len() - version.len()];
        if operator.len() <= 1 && read_version(version).is_some() {
            return Move::To(format!("{protocol}{operator}{}", self.new));
        }
        match Range::parse(rest) {
            Ok(read) if read.contains(&self.new) => Move::Follows,
            _ => Move::Unknown,
        }
    }

    fn unmoved(&self, path: &Utf8Path, range: &Dependency) -> Problem {
        let reason = match range.range.starts_with("catalog:") {
            true => format!("whose range is in {PNPM}"),
            false => format!("which does not allow {}", self.new),
        };
        let message = format!("{path} asks for {} by `{}`, {reason}", range.name, range.range);
        let help = "write the range as one version (`^1.2.3`, `~1.2.3` or `1.2.3`), or by `workspace:*`";
        Problem::new(message, help).at(path, range.span.clone(), "a package of this workspace")
    }

    /// Returns the problem of a lockfile that repeats ranges which move, and that is not edited.
    fn other_locks(&self, places: &[Place]) -> Option<Problem> {
        let moved = places.iter().find(|place| {
            place.table.contains("ependencies.") && place.new.as_ref().is_some_and(|new| *new != place.old)
        })?;
        let lock = OTHER_LOCKS.into_iter().find(|lock| self.search.text(Utf8Path::new(lock)).is_some())?;
        if self.search.is_named(lock.into()) {
            return None;
        }
        let message = format!(
            "{} asks for a package of this workspace by `{}`, which {lock} repeats and `stamp` does not write there",
            moved.path, moved.old
        );
        let help = format!(
            "write the range as `workspace:*`, or name {lock} in release.toml: `[[stamp]]` with `path` and `pattern`"
        );
        let span: Span = moved.span.clone();
        Some(Problem::new(message, help).at(&moved.path, span, "a package of this workspace"))
    }
}

/// The fate of a range.
enum Move {
    To(String),
    /// It is right for any version, or for the new one.
    Follows,
    Unknown,
}
