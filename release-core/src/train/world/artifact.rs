//! The artifacts of a release, one on one registry after the other.

use super::fact::Why;
use crate::registry::ArtifactKind;
use serde::Serialize;

/// One artifact of a release, as its registry shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// The kind of registry.
    pub kind: ArtifactKind,
    /// The name on the registry, such as `llama-stack-client`.
    pub name: String,
    /// The version as the registry spells it, such as `0.5.0-rc.1` on npm.
    pub version: String,
    /// The address that was asked, without credentials.
    pub place: String,
    /// Its standing.
    #[serde(flatten)]
    pub standing: Standing,
    /// Observations that are no gap, such as a size, a digest or an attestation; sentences.
    pub notes: Vec<String>,
    /// The one next command or act where there is a gap; empty where there is none.
    pub next: String,
}

/// The standing of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", content = "detail", rename_all = "kebab-case")]
pub enum Standing {
    /// Everything is there.
    There,
    /// The registry does not have this version.
    Missing,
    /// Parts are there, these are not.
    Partial(Vec<String>),
    /// It waits on the registry for a person's approval.
    Staged,
    /// It was published and then withdrawn, for this reason.
    Yanked(String),
    /// The same artifact has other bytes elsewhere; the places and digests that differ.
    OtherBytes(String),
    /// A moving name, such as `latest`, points to another version; which name, and where it points.
    WrongTag(String),
    /// The registry could not be asked, which says nothing about the artifact.
    Unknown(Why),
}
