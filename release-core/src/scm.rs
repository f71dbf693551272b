//! The version that setuptools-scm gives a build of a commit.
//!
//! These are pure functions over observations: [`Settings`] from a manifest, [`Checkout`] from git
//! (`Git::scm_checkout`, at most three processes), [`Unpacked`] if there is no repository. The answers are those of
//! setuptools-scm 8.3, 9.2 and 10.3, and a test compares them with the real ones.
//!
//! Differences between them: 8 uses git's own abbreviation of commits, drops a tag's local part and does not take
//! `fallback_version` for a tag; 9 takes it, and keeps a tag's local part; 10 keeps the epoch in the schemes of
//! semantic versions, has new names for them, `tag.prefix` and `tag.strict`, and reads `VCS_VERSIONING_` variables
//! too.
//!
//! Settings that setuptools-scm accepts and this module refuses with an error: custom schemes and those that read
//! news fragments, commands other than `git describe`, `distance_scope`, `pre_parse`, and the variables that override
//! metadata and configuration. The file `.config/python-vcs-versioning.toml`, metadata in `*.egg-info`, Mercurial and
//! Jujutsu are ignored.

mod environment;
mod error;
mod flavor;
mod found;
mod schemes;
mod settings;
mod state;
mod tag;
#[cfg(test)]
mod tests;
mod unpacked;

pub use environment::suffix;
pub use error::ScmError;
pub use flavor::Flavor;
pub use found::{Origin, Parts, ScmVersion};
pub use schemes::{LocalScheme, VersionScheme};
pub use settings::{Question, Settings};
pub use tag::{PatternError, TagParts, TagPattern};
pub use unpacked::Unpacked;

use crate::calendar::{Day, Moment};
use found::{Found, as_given, described, of_tag, spelled};
use state::by_schemes;

/// The observations, apart from the manifest, that a version depends on.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The checkout, or `None` if there is no repository.
    pub checkout: Option<Checkout>,
    /// The folders without a repository, the manifest's first, then `root`.
    pub unpacked: Vec<Unpacked>,
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
            by_schemes(settings, found, checkout.branch.as_deref(), day, moment)
        }
        None => unpacked::version(settings, &observed.unpacked, moment),
    }
}

fn in_checkout(settings: &Settings, checkout: &Checkout) -> Result<Found, ScmError> {
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
