//! The settings of uv that hold for a lockfile.

use crate::manifest::limit::Limits;
use crate::manifest::parse_toml;
use crate::monorepo::Monorepo;
use crate::problem::{CORRECT_SYNTAX, Problem};
use crate::text::SourceText;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// Returns the limits of `exclude-newer` for the lockfile at this path: uv looks in its folder and above for the first `uv.toml`
/// or `[tool.uv]`, and reads no other.
pub(super) fn limits(
    path: &Utf8Path,
    texts: &BTreeMap<Utf8PathBuf, SourceText>,
    monorepo: &Monorepo,
) -> Result<Limits, Box<Problem>> {
    for folder in path.parent().into_iter().flat_map(Utf8Path::ancestors) {
        let (settings, manifest) = (folder.join("uv.toml"), folder.join("pyproject.toml"));
        if let Some(text) = texts.get(&settings) {
            let document = parse_toml(text).map_err(|error| {
                let error = (error.span, error.message);
                Box::new(Problem::unparsed(&settings, "is not TOML", CORRECT_SYNTAX, error))
            })?;
            return Ok(Limits::read(document.as_table()));
        }
        if let Some(uv) = monorepo.manifests.get(&manifest).map(|manifest| &manifest.read.uv).filter(|uv| uv.is_there) {
            return Ok(uv.limits.clone());
        }
    }
    Ok(Limits::default())
}
