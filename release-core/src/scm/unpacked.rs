//! A source tree without a repository: the versions that an archive or a source distribution names.

use super::error::ScmError;
use super::flavor::Flavor;
use super::found::{Found, Origin, ScmVersion, as_given, described, of_tag, spelled};
use super::settings::Settings;
use super::state::{Place, by_schemes};
use crate::calendar::{Day, Moment};

/// The files of a folder that name a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The text of `.git_archival.txt`.
    pub archival: Option<String>,
    /// The text of `PKG-INFO`.
    pub package_info: Option<String>,
    /// The text of `scm_version.json` in a `*.egg-info`, which 10 writes and reads.
    pub metadata: Option<String>,
}

/// The file of 10 in an `*.egg-info`.
pub(super) const METADATA: &str = "scm_version.json";

pub(super) fn version(
    settings: &Settings,
    folders: &[Unpacked],
    fragments: &[String],
    moment: Moment,
) -> Result<ScmVersion, ScmError> {
    // 8 and 9 look only into the manifest's folder; 10 prefers the richest file in any folder.
    let folders = if settings.flavor < Flavor::V10 { &folders[..folders.len().min(1)] } else { folders };
    let place = Place { branch: None, fragments, day: moment.day(), moment };
    let recorded = folders.iter().filter_map(|folder| folder.metadata.as_ref());
    for text in recorded.filter(|_| settings.flavor >= Flavor::V10) {
        if let Some((found, branch, day)) = metadata(settings, text) {
            let day = day.unwrap_or_else(|| moment.day());
            return by_schemes(settings, found, Place { branch: branch.as_deref(), day, ..place });
        }
    }
    for text in folders.iter().filter_map(|folder| folder.archival.as_ref()) {
        if let Some(found) = archival(settings, text)? {
            return by_schemes(settings, found, place);
        }
    }
    for text in folders.iter().filter_map(|folder| folder.package_info.as_ref()) {
        if let Some(version) = header(text, "Version").filter(|version| *version != "UNKNOWN") {
            return as_given(settings, version, "PKG-INFO", Origin::PackageInfo);
        }
    }
    settings.supported_without_git()?;
    let fallback = settings.table.fallback_version.as_ref().ok_or(ScmError::NoVersion)?;
    as_given(settings, &fallback.value, "fallback_version", Origin::Fallback)
}

/// Returns the version that hatchling takes from the `PKG-INFO` of a source distribution.
pub(super) fn of_hatchling(settings: &Settings, text: &str) -> Result<ScmVersion, ScmError> {
    let version = header(text, "Version").filter(|_| header(text, "Name").is_some());
    let version =
        version.ok_or_else(|| ScmError::File("PKG-INFO names no package and version: remove it".to_owned()))?;
    spelled(settings, version, "PKG-INFO")?;
    as_given(settings, version, "PKG-INFO", Origin::PackageInfo)
}

/// Reads `scm_version.json`: the state of the commit, its branch and its day.
fn metadata(settings: &Settings, text: &str) -> Option<(Found, Option<String>, Option<Day>)> {
    let read: serde_json::Value = serde_json::from_str(text).ok()?;
    let text = |key: &str| read[key].as_str().map(str::to_owned);
    let (version, spelled) = spelled(settings, &text("tag")?, METADATA).ok()?;
    let (node, dirty) = (text("node"), read["dirty"].as_bool().unwrap_or_default());
    let found = Found { version, spelled, distance: read["distance"].as_u64()?, node, dirty, origin: Origin::Metadata };
    Some((found, text("branch"), text("node_date").and_then(|day| Day::parse(&day))))
}

fn archival(settings: &Settings, text: &str) -> Result<Option<Found>, ScmError> {
    let found = |tag: &str, distance, node| {
        let (version, spelled) = of_tag(settings, tag)?;
        Ok(Found { version, spelled, distance, node, dirty: false, origin: Origin::Archival })
    };
    let describe = header(text, "describe-name").filter(|describe| !describe.contains("%(describe"));
    if let Some(describe) = describe.filter(|describe| settings.flavor < Flavor::V10 || !describe.is_empty()) {
        let (tag, distance, node, _) = described(settings.flavor, describe)?;
        return found(tag, distance, node).map(Some);
    }
    for name in header(text, "ref-names").unwrap_or_default().split(',') {
        let Some((_, tag)) = name.split_once("tag: ") else { continue };
        let tag = tag.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        match found(tag, 0, None) {
            Ok(found) => return Ok(Some(found)),
            Err(error @ ScmError::Version { .. }) if settings.flavor < Flavor::V10 => return Err(error),
            Err(_) => {}
        }
    }
    match header(text, "node") {
        None => Ok(None),
        Some(node) if node.to_uppercase().contains("$FORMAT") => Ok(None),
        Some(node) => found("0.0", 0, Some(node.to_owned())).map(Some),
    }
}

/// Returns a field of a mail-style header, which ends with the first empty line.
fn header<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let fields = text.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':'));
    fields.filter(|(field, _)| *field == name).map(|(_, value)| value.trim_start_matches([' ', '\t'])).last()
}
