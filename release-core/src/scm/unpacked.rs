//! A source tree without a repository: the versions that an archive or a source distribution names.

use super::error::ScmError;
use super::flavor::Flavor;
use super::found::{Found, Origin, ScmVersion, as_given, described, of_tag};
use super::settings::Settings;
use super::state::by_schemes;
use crate::calendar::Moment;

/// The files of a folder that name a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The text of `.git_archival.txt`.
    pub archival: Option<String>,
    /// The text of `PKG-INFO`.
    pub package_info: Option<String>,
}

pub(super) fn version(settings: &Settings, folders: &[Unpacked], moment: Moment) -> Result<ScmVersion, ScmError> {
    // 8 and 9 look only into the manifest's folder; 10 prefers the archive's file in any folder.
    let folders = if settings.flavor < Flavor::V10 { &folders[..folders.len().min(1)] } else { folders };
    for text in folders.iter().filter_map(|folder| folder.archival.as_ref()) {
        if let Some(found) = archival(settings, text)? {
            return by_schemes(settings, found, None, moment.day(), moment);
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
