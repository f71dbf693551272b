//! The version that setuptools-scm gives a build of a commit.
//!
//! [`source`] tells which tool names a build. The version is a pure function over observations: [`Settings`] from a manifest
//! and a file beside it, [`Checkout`] from git (`Git::scm_checkout`, at most three processes, and more for options that
//! ask for more), [`Unpacked`] if there is no repository. The answers are those of setuptools-scm 8.3, 9.2 and 10.3, and of
//! hatch-vcs, and tests compare them with the real ones and with the wheels that they make.
//!
//! Differences between them: 8 uses git's own abbreviation of commits, drops a tag's local part and does not take
//! `fallback_version` for a tag; 9 takes it, and keeps a tag's local part; 10 keeps the epoch in the schemes of
//! semantic versions, has new names for them, `tag.prefix` and `tag.strict`, reads `VCS_VERSIONING_` variables,
//! `[tool.vcs-versioning]`, `.config/python-vcs-versioning.toml` and `scm_version.json` too, and counts commits by folder.
//!
//! Settings that setuptools-scm accepts and this module refuses with an error: custom schemes, commands other than
//! `git describe`, keys in `keys.rs`, and the variables that override metadata and configuration. Mercurial and Jujutsu are
//! ignored.

mod environment;
mod error;
mod files;
mod flavor;
mod found;
mod fragments;
mod keys;
mod schemes;
mod settings;
mod source;
mod state;
mod tag;
#[cfg(test)]
mod tests;
mod unpacked;

pub use environment::suffix;
pub use error::ScmError;
pub use flavor::Flavor;
pub(crate) use found::described_tag;
pub use found::{Origin, Parts, ScmVersion};
pub use schemes::{LocalScheme, VersionScheme};
pub use settings::{Question, Scope, Settings, Tool};
pub use source::{Source, source};
pub use tag::{PatternError, TagParts, TagPattern};
pub use unpacked::Unpacked;

use crate::calendar::{Day, Moment};
use found::{Found, as_given, described, of_tag, spelled};
use state::{Place, by_schemes};

/// The observations, apart from the manifest, that a version depends on.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The checkout, or `None` if there is no repository.
    pub checkout: Option<Checkout>,
    /// The folders without a repository, the manifest's first, then `root`; of hatch-vcs, also those with one.
    pub unpacked: Vec<Unpacked>,
    /// The names of the news fragments; observed only for schemes that use them.
    pub fragments: Vec<String>,
    /// The environment variables, in their order.
    pub environment: Vec<(String, String)>,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// The state of a checkout or a revision, as git describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The tag.
    pub described: Described,
    /// The branch, or `HEAD` without one; observed only for schemes that use it.
    pub branch: Option<String>,
    /// The date of the commit (`%cI`); observed only for schemes that use it, and if there is no tag.
    pub committed: Option<String>,
    /// The history that the clone lacks; observed only if that matters.
    pub history: Depth,
    /// The submodules that are missing; observed only if that matters.
    pub missing_submodules: Vec<String>,
    /// The commits in the scope; observed only if there is one.
    pub scoped: Option<Scoped>,
}

impl Checkout {
    /// Returns a whole checkout of which only the tag was observed.
    pub const fn of(described: Described) -> Self {
        Self {
            described,
            branch: None,
            committed: None,
            history: Depth::Full,
            missing_submodules: Vec::new(),
            scoped: None,
        }
    }
}

/// The history that a clone has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// All.
    #[default]
    Full,
    /// A part, and the commit has a tag.
    ShallowAtTag,
    /// A part.
    Shallow,
}

/// The commits in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scoped {
    /// `true` if the package is the repository's root.
    pub is_at_root: bool,
    /// Their number since the tag, or `None` if git cannot count them.
    pub distance: Option<u64>,
    /// `true` if a tracked file of the scope is changed.
    pub dirty: bool,
}

/// The result of `git describe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Described {
    /// Its output, `v0.5.0-3-g1a2b3c4d5-dirty`.
    Tag(String),
    /// The failure because no tag is reachable.
    NoTag {
        /// The commit, or `None` before the first one.
        head: Option<String>,
        /// The number of commits.
        commits: u64,
        /// `true` if a tracked file is changed.
        dirty: bool,
    },
}

/// Returns the version that setuptools-scm gives the build.
///
/// # Errors
/// If setuptools-scm fails too, or if an option or variable is not supported; the message says which of the two.
pub fn version(settings: &Settings, observed: &Observed) -> Result<ScmVersion, ScmError> {
    settings.supported()?;
    if let Err(error @ ScmError::Pattern { problem: PatternError::Groups, .. }) = settings.pattern()
        && settings.flavor > Flavor::V8
    {
        return Err(error);
    }
    // hatchling does not even ask then.
    if let Some(text) = observed.unpacked.first().and_then(|own| own.package_info.as_ref())
        && settings.tool == Tool::HatchVcs
    {
        return unpacked::of_hatchling(settings, text);
    }
    let moment = environment::moment(settings.flavor, &observed.environment, observed.now)?;
    if let Some((variable, version)) = environment::pretended(settings, &observed.environment)? {
        return as_given(settings, version, variable, Origin::Pretended { variable: variable.clone() });
    }
    match &observed.checkout {
        Some(checkout) => {
            let found = in_checkout(settings, checkout)?;
            let in_utc = settings.flavor > Flavor::V8;
            let committed = checkout.committed.as_deref().and_then(|text| Day::of_commit(text, in_utc));
            let today = || Moment::new(observed.now).ok_or(ScmError::Now(observed.now)).map(Moment::day);
            let day = committed.map_or_else(today, Ok)?;
            let place = Place { branch: checkout.branch.as_deref(), fragments: &observed.fragments, day, moment };
            by_schemes(settings, found, place)
        }
        None => unpacked::version(settings, &observed.unpacked, &observed.fragments, moment),
    }
}

fn in_checkout(settings: &Settings, checkout: &Checkout) -> Result<Found, ScmError> {
    demanded(settings, checkout)?;
    let found = of_description(settings, checkout)?;
    // Before the first commit there is none to count.
    let is_unborn = matches!(checkout.described, Described::NoTag { head: None, .. });
    let Some(scoped) = checkout.scoped.filter(|_| !is_unborn) else { return Ok(found) };
    if scoped.is_at_root {
        return Err(ScmError::ScopeAtRoot);
    }
    Ok(Found { distance: scoped.distance.ok_or(ScmError::Scope)?, dirty: scoped.dirty, ..found })
}

/// Refuses a clone that lacks what `scm.git` demands. From 10 on a tag on the commit is enough history.
fn demanded(settings: &Settings, checkout: &Checkout) -> Result<(), ScmError> {
    let lacks_history = match checkout.history {
        Depth::Full => false,
        Depth::ShallowAtTag => settings.flavor < Flavor::V10,
        Depth::Shallow => true,
    };
    match settings.demand() {
        _ if lacks_history && checkout.scoped.is_some() => Err(ScmError::Shallow("scm.git.distance_scope")),
        "fail_on_shallow" if lacks_history => Err(ScmError::Shallow("scm.git.pre_parse = \"fail_on_shallow\"")),
        // The build fetches, and only then its version can be told.
        "fetch_on_shallow" if lacks_history => Err(ScmError::Shallow("scm.git.pre_parse = \"fetch_on_shallow\"")),
        _ if !checkout.missing_submodules.is_empty() => {
            Err(ScmError::Submodules(checkout.missing_submodules.join(", ")))
        }
        _ => Ok(()),
    }
}

fn of_description(settings: &Settings, checkout: &Checkout) -> Result<Found, ScmError> {
    match &checkout.described {
        Described::Tag(output) => {
            let (tag, distance, node, dirty) = described(settings.flavor, output)?;
            let (version, spelled) = of_tag(settings, tag)?;
            Ok(Found { version, spelled, distance, node, dirty, origin: Origin::Tag { tag: tag.to_owned() } })
        }
        Described::NoTag { head, commits, dirty } => {
            let fallback = settings.table.fallback_version.as_ref().map(|text| text.value.as_str());
            let fallback = fallback.filter(|text| settings.flavor > Flavor::V8 && !text.is_empty()).unwrap_or("0.0");
            let (version, spelled) = spelled(settings, fallback, "fallback_version")?;
            let digits = if settings.flavor == Flavor::V8 { 7 } else { 40 };
            let node = head.as_ref().map(|id| format!("g{}", id.get(..digits).unwrap_or(id)));
            Ok(Found { version, spelled, distance: *commits, node, dirty: *dirty, origin: Origin::NoTag })
        }
    }
}
