//! The move from static versions to setuptools-scm: every package gets the missing parts of the configuration, all of
//! them one `fallback_version`, and the `uv.lock` files lose the versions of packages that are no longer static. Pins
//! do not change.

use super::development::highest;
use super::draft::{Draft, Fate};
use super::planned::{Edits, PlannedFile, PlannedSite};
use super::prepare::keeps_others;
use super::scm_config;
use super::unlock::{Locks, unlock};
use crate::history::History;
use crate::manifest::pyproject::{BuildSystem, Project};
use crate::manifest::toml;
use crate::monorepo::{Monorepo, Site, SiteKind, sites};
use crate::problem::Problem;
use crate::version::{Line, Release, Version};
use std::fmt;
use std::str::FromStr;

/// The version that the packages develop: `X.Y.Z`, `X.Y.ZrcN` or `X.Y.Z.devN`, as PEP 440 writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback(Version);

/// A text that cannot be a fallback version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not X.Y.Z, X.Y.ZrcN or X.Y.Z.devN")]
pub struct ParseFallbackError(String);

impl FromStr for Fallback {
    type Err = ParseFallbackError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseFallbackError(text.to_owned());
        let version = Version::parse(text.trim()).map_err(|_| error())?;
        if version.local().is_some() || (version.is_dev() && version.pre().is_some()) {
            return Err(error());
        }
        let normal = version.to_string();
        let base = normal.split_once(".dev").map_or(normal.as_str(), |(base, _)| base);
        Release::parse(base).map(|_| Self(version)).map_err(|_| error())
    }
}

impl fmt::Display for Fallback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The source of the next version.
#[derive(Clone, Debug)]
pub enum Ground {
    /// The tree is main's: its own development version, else the one after the highest final.
    Main,
    /// The tree is a line's: the patch after its last final.
    Line(Line),
    /// The version that a person gave.
    Given(Fallback),
    /// No source; the problem is the reason.
    Unknown(Box<Problem>),
}

/// Every edit of the move; empty if it needs none.
#[derive(Clone, Debug)]
pub struct Adoption {
    /// The `fallback_version` of the packages, or `None` if their configuration is complete.
    pub fallback: Option<Fallback>,
    /// Every site that changes, by file and place.
    pub sites: Vec<PlannedSite>,
    /// The files that change, by path.
    pub files: Vec<PlannedFile>,
}

impl Adoption {
    /// Returns `true` if the tree needs no edit.
    pub fn is_done(&self) -> bool {
        self.files.is_empty()
    }
}

/// Plans the move, and verifies the result in memory. A monorepo that has already moved keeps its versions, for any
/// next version.
///
/// # Errors
/// Every package whose manifest cannot be edited, with its place; a version that would go back, or that is unknown.
/// There is no plan then.
pub fn adopt(monorepo: &Monorepo, history: &History, ground: &Ground, locks: &Locks) -> Result<Adoption, Vec<Problem>> {
    let fallback = fallback(monorepo, history, ground);
    // The missing parts do not depend on the version, so they are listed without one too; there is no plan then.
    let version = fallback.as_ref().map_or_else(|_| "X.Y.Z".to_owned(), Fallback::to_string);
    let mut draft = Draft::default();
    scm_config::complete_all(monorepo, &version, &mut draft);
    let fallback = match fallback {
        _ if draft.is_empty() => None,
        Ok(fallback) => {
            align(monorepo, &version, &mut draft);
            Some(fallback)
        }
        Err(problems) => {
            problems.into_iter().for_each(|problem| draft.refuse(problem));
            None
        }
    };
    let names: Vec<&str> = monorepo.packages.iter().map(|package| package.canonical.as_str()).collect();
    unlock(&mut draft, locks, &names);
    let Edits { sites, files } = draft.finish(&|file, _| verify(monorepo, fallback.as_ref(), file))?;
    Ok(Adoption { fallback, sites, files })
}

/// Gives packages with another fallback version the common one.
fn align(monorepo: &Monorepo, version: &str, draft: &mut Draft) {
    let is_other = |site: &&Site<'_>| site.kind == SiteKind::FallbackVersion && site.text.value != version;
    for site in sites(monorepo).iter().filter(is_other) {
        draft.site(site, Fate::version(site, version));
    }
}

/// Returns the next version.
fn fallback(monorepo: &Monorepo, history: &History, ground: &Ground) -> Result<Fallback, Vec<Problem>> {
    let next = match ground {
        Ground::Given(fallback) => return Ok(fallback.clone()),
        Ground::Unknown(problem) => return Err(vec![(**problem).clone()]),
        Ground::Main => match highest(monorepo)? {
            Some((own, _)) if own.is_dev() => own.to_string(),
            _ => {
                let last = history.highest_final();
                last.and_then(|last| history.next_development(last)).ok_or_else(|| vec![nothing_released()])?
            }
        },
        Ground::Line(line) => {
            let last = history.last_final(*line).map(Release::next_patch);
            last.unwrap_or_else(|| Release::new(line.major, line.minor, 0)).to_string()
        }
    };
    let next: Fallback = next.parse().map_err(|error: ParseFallbackError| vec![odd(&error)])?;
    let ahead: Vec<Problem> = sites(monorepo).iter().filter_map(|site| goes_back(site, &next)).collect();
    if ahead.is_empty() { Ok(next) } else { Err(ahead) }
}

fn nothing_released() -> Problem {
    Problem::new("no final is tagged, so the next version does not follow from the tags", "name it: `--fallback X.Y.Z`")
}

fn odd(error: &ParseFallbackError) -> Problem {
    Problem::new(format!("the packages develop a version that no release has: {error}"), "name it: `--fallback X.Y.Z`")
}

/// Returns the problem of a package with a higher version than the next one: a tag is missing locally, or the branch
/// is wrong.
fn goes_back(site: &Site<'_>, next: &Fallback) -> Option<Problem> {
    let own = Version::parse(&site.text.value).ok().filter(|own| site.is_version() && *own > next.0)?;
    let message = format!("the version would go back, from {own} to {next}, the next version by the tags");
    let help = "`--fetch` fetches tags that are missing here; or name the version: `--fallback X.Y.Z`";
    Some(*site.problem(message, help, "further already"))
}

/// Reads a new text like an original one.
///
/// # Errors
/// Its first difference from the plan.
fn verify(monorepo: &Monorepo, fallback: Option<&Fallback>, file: &PlannedFile) -> Result<(), String> {
    let Some(before) = monorepo.manifests.get(&file.path) else { return keeps_other_lines(file) };
    let after = before.again(file.new.clone()).map_err(|error| error.to_string())?;
    let is_dynamic = after.fixed_version().is_none() && after.read.project.as_ref().is_some_and(Project::is_dynamic);
    if !is_dynamic || !after.read.build_system.as_ref().is_some_and(BuildSystem::requires_scm) {
        return Err("its version would not come from setuptools-scm".to_owned());
    }
    let wanted = fallback.map(Fallback::to_string);
    if after.current_version() != wanted {
        return Err(format!("its version would not be {}", wanted.unwrap_or_default()));
    }
    keeps_others(before, &after, &|_| false)
}

/// Checks that a lockfile loses versions of packages and no other lines.
fn keeps_other_lines(file: &PlannedFile) -> Result<(), String> {
    let scalars = |text| toml::parse(text).map(|document| toml::scalars(&document));
    let (Ok(before), Ok(after)) = (scalars(&file.old), scalars(&file.new)) else {
        return Err("it would not be TOML".to_owned());
    };
    let is_version = |path: &str| {
        path.strip_prefix("package.").and_then(|path| path.split_once('.')).is_some_and(|x| x.1 == "version")
    };
    let is_kept = after.is_subset(&before) && before.difference(&after).all(|(path, _)| is_version(path));
    if is_kept { Ok(()) } else { Err("more than versions would change".to_owned()) }
}
