//! A package's document at an npm registry ("packument"): its versions, and what npm writes into a lockfile of each.
//!
//! Formats, of which the second has less and npm asks for it first:
//! <https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md#getpackage> and
//! <https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md#abbreviated-metadata-format>.

mod normal;
#[cfg(test)]
mod tests;

use super::DocumentError;
use super::loose::{Loose, MOST, Object, too_many};
use crate::version::npm::read_version;
use crate::version::{Release, Version};
use normal::RawManifest;
use serde::Deserialize;
use serde::de::MapAccess;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) use normal::{AS_IT_IS, noted};

/// All versions of a package, as its registry tells them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The package.
    pub name: String,
    /// The versions by their own spelling. What the registry has in a shape that is not known is left out.
    pub versions: BTreeMap<String, Manifest>,
    /// The dist-tags, each with the version that it points to.
    pub tags: BTreeMap<String, String>,
    /// The versions that were ever published, by the times of a full document; those that `versions` lacks were unpublished.
    pub published: BTreeSet<String>,
}

/// One published version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The version, as it was published.
    pub version: String,
    /// Everything that npm notes of it in the entry of a lockfile beside the version and the archive, under the keys and in
    /// the form that the entry has: `dependencies`, `engines`, `bin`, `hasInstallScript`, ... What is empty is left out.
    pub noted: BTreeMap<&'static str, Value>,
    /// The archive's address.
    pub tarball: Option<String>,
    /// The archive's hashes (<https://www.w3.org/TR/SRI/>).
    pub integrity: Option<String>,
    /// The archive's SHA-1, all that the oldest versions have.
    pub shasum: Option<String>,
    /// The commit that it was published from, as the publishing client noted it; a full document has it alone.
    pub git_head: Option<String>,
    /// The address of its attestations; `None` if the registry has none of it.
    pub attestations: Option<String>,
}

#[derive(Deserialize)]
struct RawDocument {
    name: String,
    #[serde(default)]
    versions: Loose<Versions>,
    #[serde(default, rename = "dist-tags")]
    tags: Loose<Texts>,
    #[serde(default)]
    time: Loose<Texts>,
}

/// Texts by their keys.
#[derive(Default)]
struct Texts(BTreeMap<String, String>);

impl<'de> Object<'de> for Texts {
    fn read<A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            if let Value::String(text) = value {
                texts.insert(key, text);
            }
            if texts.len() > MOST {
                return Err(too_many("tags or times"));
            }
        }
        Ok(Self(texts))
    }
}

/// The versions by their own spelling.
#[derive(Default)]
struct Versions(BTreeMap<String, RawManifest>);

impl<'de> Object<'de> for Versions {
    fn read<A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut versions = BTreeMap::new();
        while let Some((version, Loose(manifest))) = entries.next_entry::<String, Loose<RawManifest>>()? {
            versions.extend(manifest.map(|manifest| (version, manifest)));
            if versions.len() > MOST {
                return Err(too_many("versions"));
            }
        }
        Ok(Self(versions))
    }
}

impl Document {
    /// Reads the document of a package, in full or abbreviated.
    ///
    /// # Errors
    /// If it is not JSON, not an object with a name, or of another name.
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, DocumentError> {
        let raw: RawDocument = serde_json::from_slice(bytes).map_err(DocumentError::new)?;
        if raw.name != name {
            return Err(DocumentError::new(format!("that of {}", raw.name)));
        }
        let versions = raw.versions.0.unwrap_or_default().0.into_iter();
        let read = |(version, raw): (String, RawManifest)| {
            let manifest = raw.into_manifest(name, &version)?;
            Some((version, manifest))
        };
        let tags = raw.tags.0.unwrap_or_default().0;
        let times = raw.time.0.unwrap_or_default().0.into_keys();
        let published = times.filter(|key| read_version(key).is_some()).collect();
        Ok(Self { versions: versions.filter_map(read).collect(), tags, published, name: raw.name })
    }

    /// The version that a PEP 440 version is published as. `0.5.0rc1` is `0.5.0-rc.1`; where that is not there, another
    /// spelling of the same, such as `0.5.0-rc1`.
    pub fn version(&self, version: &Version) -> Option<&Manifest> {
        let canonical = Release::parse(&version.to_string()).ok().map(|release| release.npm().to_string());
        canonical
            .and_then(|text| self.versions.get(&text))
            .or_else(|| self.versions.values().find(|manifest| meaning(&manifest.version).as_ref() == Some(version)))
    }
}

/// The PEP 440 version that an npm version is the same as; `None` for those that only npm has. What stands behind the
/// numbers is before a release in npm: PEP 440's `1.0.0-1` and `1.0.0-post1` are other versions.
fn meaning(text: &str) -> Option<Version> {
    let version = read_version(text)?;
    let starts_with_digit = version.pre.starts_with(|first: char| first.is_ascii_digit());
    if starts_with_digit || !version.build.is_empty() {
        return None;
    }
    Version::parse(text).ok().filter(|version| version.post().is_none())
}
