//! A version with its origin, made of what is known of a commit by the schemes of a package.

use super::error::ScmError;
use super::flavor::Flavor;
use super::schemes::{LocalScheme, VersionScheme};
use super::settings::{Settings, Tool};
use crate::version::Version;

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

impl ScmVersion {
    /// Returns the version as the wheel has it: setuptools writes the normal form, hatchling leaves it as it is.
    ///
    /// # Errors
    /// If it is not a version, which 8 does not notice, and no wheel is built.
    pub fn in_wheel(&self, tool: Tool) -> Result<String, ScmError> {
        let error = |problem| ScmError::Version { place: "the build".to_owned(), text: self.text.clone(), problem };
        let version = Version::parse(&self.text).map_err(error)?;
        Ok(if tool == Tool::HatchVcs { self.text.clone() } else { version.to_string() })
    }
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
    /// `scm_version.json` in an `*.egg-info`.
    Metadata,
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

/// The knowledge of a commit before the schemes apply.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) version: Version,
    pub(super) spelled: String,
    pub(super) distance: u64,
    pub(super) node: Option<String>,
    pub(super) dirty: bool,
    pub(super) origin: Origin,
}

/// Returns tag, distance, commit and `true` if files are changed. 8 and 9 cut at the last two dashes, without a look
/// at the parts.
pub(super) fn described(flavor: Flavor, output: &str) -> Result<(&str, u64, Option<String>, bool), ScmError> {
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

/// Returns the tag in the output of `git describe`, as setuptools-scm 10 reads it.
pub(crate) fn described_tag(output: &str) -> &str {
    described(Flavor::V10, output).map_or(output, |(tag, ..)| tag)
}

/// Returns the version in a tag, and its spelling.
pub(super) fn of_tag(settings: &Settings, tag: &str) -> Result<(Version, String), ScmError> {
    let name = tag.strip_prefix(settings.prefix()).unwrap_or(tag);
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

pub(super) fn spelled(settings: &Settings, text: &str, place: &str) -> Result<(Version, String), ScmError> {
    let error = |problem| ScmError::Version { place: place.to_owned(), text: text.to_owned(), problem };
    let version = Version::parse(text).map_err(error)?;
    let spelled = if settings.table.keeps_spelling { text.to_owned() } else { version.to_string() };
    Ok((version, spelled))
}

/// Returns a version that is printed as given; 8 does not even parse it.
pub(super) fn as_given(settings: &Settings, text: &str, place: &str, origin: Origin) -> Result<ScmVersion, ScmError> {
    if settings.flavor > Flavor::V8 {
        spelled(settings, text, place)?;
    }
    Ok(ScmVersion { text: text.to_owned(), origin, parts: None })
}
