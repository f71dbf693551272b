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
mod schemes;
mod settings;
mod tag;
#[cfg(test)]
mod tests;
mod unpacked;

pub use environment::suffix;
pub use schemes::{LocalScheme, VersionScheme};
pub use settings::{Question, Settings};
pub use tag::{PatternError, TagParts, TagPattern};
pub use unpacked::Unpacked;

use crate::calendar::{Day, Moment};
use crate::text::Span;
use crate::version::{ParseVersionError, Version};
use schemes::State;
use std::fmt;

/// A major version of setuptools-scm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flavor {
    /// 8.x.
    V8,
    /// 9.x.
    V9,
    /// 10.x, the newest.
    #[default]
    V10,
}

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

/// The version of a build, with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScmVersion {
    /// The version, as printed.
    pub text: String,
    /// The origin of the version.
    pub origin: Origin,
    /// The parts of a computed version; `None` for one that is taken as given.
    pub parts: Option<Parts>,
}

/// The origin of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An environment variable.
    Pretended {
        /// The name of the variable.
        variable: String,
    },
    /// A tag.
    Tag {
        /// The name of the tag.
        tag: String,
    },
    /// No tag is reachable: `fallback_version`, if it applies (else 0.0), stands for one, and all commits come after
    /// it.
    NoTag,
    /// `.git_archival.txt`.
    Archival,
    /// `PKG-INFO`.
    PackageInfo,
    /// `fallback_version`, word for word, without a repository.
    Fallback,
}

/// The parts of a computed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The version of the tag, or of its substitute.
    pub base: String,
    /// The number of commits after it.
    pub distance: u64,
    /// The commit, as printed (`g1a2b3c4d5`).
    pub node: Option<String>,
    /// `true` if a tracked file is changed.
    pub dirty: bool,
    /// The scheme of the public part.
    pub version_scheme: VersionScheme,
    /// The schemes of the local part.
    pub local_schemes: Vec<LocalScheme>,
}

/// The reason for which there is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are named by the messages")]
pub enum ScmError {
    /// Nothing provides a version.
    #[error(
        "there is neither a repository nor `.git_archival.txt`, `PKG-INFO` or `fallback_version`: build in a checkout, or set SETUPTOOLS_SCM_PRETEND_VERSION"
    )]
    NoVersion,
    /// The nearest tag cannot be read.
    #[error(
        "`tag_regex` finds no version in the tag `{tag}`, and setuptools-scm fails: delete the tag, or let `git_describe_command` leave it out"
    )]
    Tag { tag: String },
    /// The text that was found is not a version.
    #[error("{place} says `{text}`: {problem}")]
    Version { place: String, text: String, problem: ParseVersionError },
    /// The tag says `.devN`, and commits follow.
    #[error(
        "`{0}` is a tag with a numbered development version, and nothing can follow it: delete it, or write one that ends with .dev0"
    )]
    NumberedDev(String),
    /// The tag does not end with a number.
    #[error(
        "`{0}` does not end with a number, so it has no next one: write the tag in normal form, or drop `normalize = false`"
    )]
    NoNumber(String),
    /// The tag is a post-release.
    #[error("`{0}` is a post-release already, which `no-guess-dev` cannot follow: take `guess-next-dev`")]
    AlreadyPost(String),
    /// A date that is not in the calendar.
    #[error(
        "`{0}` looks like a date, but is not one: write the tag as YYYY.MM.DD, or take another `version_scheme` than `calver-by-date`"
    )]
    Date(String),
    /// The schemes forbid changed files.
    #[error("tracked files are changed, which `local_scheme` forbids: commit or restore them")]
    Dirty,
    /// The output of `git describe` has another form.
    #[error(
        "`{0}` is not what `git describe --long` writes, and setuptools-scm fails: use --long in `git_describe_command`"
    )]
    Describe(String),
    /// `SOURCE_DATE_EPOCH` is not a moment.
    #[error(
        "SOURCE_DATE_EPOCH is `{0}`, which is not a number of seconds since 1970: set it to the output of `git log -1 --format=%ct`, or unset it"
    )]
    Epoch(String),
    /// The clock is wrong.
    #[error("the clock says {0} seconds since 1970, a year that has no date: set it")]
    Now(i64),
    /// A variable that is not supported.
    #[error("{0} is set, which changes setuptools-scm's answer in a way that is not supported here: unset it")]
    Variable(String),
    /// A scheme that does not come with setuptools-scm.
    #[error(
        "`{option} = \"{name}\"` is not a scheme of setuptools-scm {flavor} that is supported here: use one of {known}"
    )]
    Scheme { option: &'static str, name: String, flavor: Flavor, known: String, span: Span },
    /// An option that is not supported.
    #[error(
        "`{option}` is an option that setuptools-scm {flavor} does not have or that is not supported here: remove it"
    )]
    Option { option: String, flavor: Flavor, span: Span },
    /// A command that is not `git describe`.
    #[error(
        "`{command}` searches for tags, but only git is started here: use a command that begins with `git describe`"
    )]
    Command { command: String, span: Span },
    /// A pattern that cannot be read.
    #[error("`tag_regex = '{regex}'` {problem}: write one whose group `version` is the version")]
    Pattern { regex: String, problem: PatternError, span: Span },
}

impl fmt::Display for Flavor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V8 => "8",
            Self::V9 => "9",
            Self::V10 => "10",
        })
    }
}

/// The knowledge of a commit before the schemes apply.
struct Found {
    version: Version,
    spelled: String,
    distance: u64,
    node: Option<String>,
    dirty: bool,
    origin: Origin,
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
    if let Some(given) = environment::pretended(settings, &observed.environment)? {
        let variable = given.variable.to_owned();
        return as_given(settings, given.version, given.variable, Origin::Pretended { variable });
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

/// Returns tag, distance, commit and `true` if files are changed. 8 and 9 cut at the last two dashes, without a look
/// at the parts.
fn described(flavor: Flavor, output: &str) -> Result<(&str, u64, Option<String>, bool), ScmError> {
    let (text, dirty) = output.strip_suffix("-dirty").map_or((output, false), |text| (text, true));
    let mut parts = text.rsplitn(3, '-');
    let (Some(node), Some(distance), Some(tag)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok((text, 0, None, dirty));
    };
    let is_node = node.strip_prefix('g').is_some_and(|id| {
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    });
    let number = distance.parse::<u64>();
    match number {
        Ok(number) if flavor < Flavor::V10 || (is_node && !tag.is_empty()) => {
            Ok((tag, number, Some(node.to_owned()), dirty))
        }
        Err(_) if flavor < Flavor::V10 => Err(ScmError::Describe(output.to_owned())),
        _ => Ok((text, 0, None, dirty)),
    }
}

/// Returns the version in a tag, and its spelling.
fn of_tag(settings: &Settings, tag: &str) -> Result<(Version, String), ScmError> {
    let prefix = settings.table.tag_prefix.as_ref().map_or("", |prefix| &prefix.value);
    let name = tag.strip_prefix(prefix).unwrap_or(tag);
    let pattern = settings.pattern()?;
    let parts = pattern.read(name).filter(|parts| !parts.version.is_empty());
    let parts = parts.ok_or_else(|| ScmError::Tag { tag: tag.to_owned() })?;
    let base = spelled(settings, parts.version, &format!("the tag {tag}"))?;
    if parts.suffix.is_empty() || settings.flavor == Flavor::V8 {
        return Ok(base);
    }
    // The suffix belongs to the version if both together are a version.
    Ok(spelled(settings, &format!("{}{}", parts.version, parts.suffix), tag).unwrap_or(base))
}

fn spelled(settings: &Settings, text: &str, place: &str) -> Result<(Version, String), ScmError> {
    let error = |problem| ScmError::Version { place: place.to_owned(), text: text.to_owned(), problem };
    let version = Version::parse(text).map_err(error)?;
    let spelled = if settings.table.keeps_spelling { text.to_owned() } else { version.to_string() };
    Ok((version, spelled))
}

/// Returns a version that is printed as given; 8 does not even parse it.
fn as_given(settings: &Settings, text: &str, place: &str, origin: Origin) -> Result<ScmVersion, ScmError> {
    if settings.flavor > Flavor::V8 {
        spelled(settings, text, place)?;
    }
    Ok(ScmVersion { text: text.to_owned(), origin, parts: None })
}

fn by_schemes(
    settings: &Settings,
    found: Found,
    branch: Option<&str>,
    day: Day,
    moment: Moment,
) -> Result<ScmVersion, ScmError> {
    let (version_scheme, local_schemes) = (settings.version_scheme()?, settings.local_schemes()?);
    let is_cut = settings.flavor > Flavor::V8;
    let node = found.node.map(|node| if is_cut { node.chars().take(10).collect() } else { node });
    let state = State {
        flavor: settings.flavor,
        keeps_spelling: settings.table.keeps_spelling,
        pattern: &settings.pattern()?,
        prefix: settings.table.tag_prefix.as_ref().map_or("", |prefix| &prefix.value),
        version: found.version,
        spelled: found.spelled,
        distance: found.distance,
        node: node.as_deref(),
        dirty: found.dirty,
        branch,
        day,
        moment,
    };
    let (main, local) = (state.main(version_scheme)?, state.local(&local_schemes)?);
    let text = match is_cut {
        true => combined(&main, [state.version.local().unwrap_or_default(), &local]),
        false => main + &local,
    };
    let base = state.spelled;
    let (distance, dirty) = (found.distance, found.dirty);
    let parts = Parts { base, distance, node, dirty, version_scheme, local_schemes };
    Ok(ScmVersion { text, origin: found.origin, parts: Some(parts) })
}

/// Joins a version and its local parts, each segment once.
fn combined(main: &str, locals: [&str; 2]) -> String {
    let (public, own) = main.split_once('+').map_or((main, None), |(public, own)| (public, Some(own)));
    let mut segments: Vec<&str> = own.into_iter().flat_map(|own| own.split('.')).collect();
    for segment in locals.iter().flat_map(|local| local.trim_matches('+').split('.')).filter(|part| !part.is_empty()) {
        if !segments.contains(&segment) {
            segments.push(segment);
        }
    }
    if segments.is_empty() { public.to_owned() } else { format!("{public}+{}", segments.join(".")) }
}
