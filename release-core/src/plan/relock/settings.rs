//! The settings of uv that hold for a lockfile.

use crate::manifest::parse_toml;
use crate::manifest::uv_settings::UvSettings;
use crate::monorepo::Monorepo;
use crate::problem::{CORRECT_SYNTAX, Problem};
use crate::text::SourceText;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// Returns the settings for the lockfile at this path, and the file that has them: uv looks in its folder and above for the first
/// `uv.toml` or `[tool.uv]`, and reads no other. Without any, it is the manifest beside the lockfile that would have them.
///
/// # Errors
/// If the `uv.toml` is not TOML.
pub fn settings(
    path: &Utf8Path,
    texts: &BTreeMap<Utf8PathBuf, SourceText>,
    monorepo: &Monorepo,
) -> Result<(UvSettings, Utf8PathBuf), Box<Problem>> {
    for folder in path.parent().into_iter().flat_map(Utf8Path::ancestors) {
        let (settings, manifest) = (folder.join("uv.toml"), folder.join("pyproject.toml"));
        if let Some(text) = texts.get(&settings) {
            let document = parse_toml(text).map_err(|error| {
                let error = (error.span, error.message);
                Box::new(Problem::unparsed(&settings, "is not TOML", CORRECT_SYNTAX, error))
            })?;
            return Ok((UvSettings::read(document.as_table()), settings));
        }
        if let Some(uv) = monorepo.manifests.get(&manifest).map(|manifest| &manifest.read.uv).filter(|uv| uv.is_there) {
            return Ok((uv.settings.clone(), manifest));
        }
    }
    Ok((UvSettings::default(), path.with_file_name("pyproject.toml")))
}
