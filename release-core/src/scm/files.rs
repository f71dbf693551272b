//! The files that setuptools-scm reads besides a manifest. Nothing outside of a boundary is read, whatever a manifest names.

use super::error::ScmError;
use super::flavor::Flavor;
use super::schemes::VersionScheme;
use super::settings::{Settings, Tool};
use super::unpacked::Unpacked;
use super::{Checkout, Observed, keys, unpacked};
use crate::manifest::pyproject::{CONFIG_FILE, Pyproject, ScmTable};
use crate::manifest::toml;
use crate::reading;
use crate::text::SourceText;
use camino::{Utf8Path, Utf8PathBuf};

/// The folder of news fragments, unless towncrier's settings name another.
const FRAGMENTS: &str = "changelog.d";

impl Settings {
    /// Reads the settings of the package in `folder`, those in `.config/python-vcs-versioning.toml` included.
    ///
    /// # Errors
    /// If that file has a key that it may not have.
    pub fn read(
        manifest: &Pyproject,
        flavor: Flavor,
        boundary: &Utf8Path,
        folder: &Utf8Path,
    ) -> Result<Self, ScmError> {
        let mut settings = Self::of(manifest, flavor);
        if flavor < Flavor::V10 || settings.tool == Tool::HatchVcs {
            return Ok(settings);
        }
        let top = settings.top(folder);
        let Some(text) = text(boundary, &top.join(CONFIG_FILE)) else { return Ok(settings) };
        let package = folder.strip_prefix(&top).ok().map_or(".", Utf8Path::as_str);
        let package = if package.is_empty() { "." } else { package };
        if toml::parse(&SourceText::new(text.clone())).is_err() {
            settings.notes.push(format!("{CONFIG_FILE} is not TOML, and setuptools-scm passes over it: correct it"));
        }
        if let Some(table) = ScmTable::of_config_file(&text, package) {
            keys::check_file(&table)?;
            settings.override_by(table);
        }
        Ok(settings)
    }

    /// Replaces settings by those of the file.
    fn override_by(&mut self, file: ScmTable) {
        let written: Vec<&str> = file.keys.iter().map(|key| key.value.as_str()).collect();
        if !written.is_empty() {
            self.notes.push(format!("{CONFIG_FILE} replaces {} of the manifest", written.join(", ")));
        }
        if let Some(name) = &file.dist_name {
            self.name = Some(name.value.clone());
        }
        let table = &mut self.table;
        table.keys.retain(|key| !file.has(&key.value));
        table.mistyped.retain(|key| !file.has(&key.value));
        for key in &file.keys {
            match key.value.as_str() {
                "version_scheme" => table.version_scheme.clone_from(&file.version_scheme),
                "local_scheme" => table.local_scheme.clone_from(&file.local_scheme),
                "tag_regex" => table.tag_regex.clone_from(&file.tag_regex),
                "fallback_version" => table.fallback_version.clone_from(&file.fallback_version),
                "search_parent_directories" => table.searches_parents = file.searches_parents,
                _ => {}
            }
        }
        table.keys.extend(file.keys);
        table.mistyped.extend(file.mistyped);
    }

    /// Returns the observations in files beside a checkout.
    ///
    /// # Errors
    /// If the news fragments that a scheme asks for cannot be read.
    pub fn observed(
        &self,
        boundary: &Utf8Path,
        folder: &Utf8Path,
        checkout: Option<Checkout>,
    ) -> Result<Observed, ScmError> {
        let fragments = self.fragments(boundary, folder)?;
        let is_wanted = checkout.is_none() || self.tool == Tool::HatchVcs;
        let unpacked = if is_wanted { self.unpacked(boundary, folder) } else { Vec::new() };
        Ok(Observed { checkout, unpacked, fragments, ..Observed::default() })
    }

    /// Returns the files of a source tree without a repository that name a version: those of the package's folder, then of
    /// `root`.
    fn unpacked(&self, boundary: &Utf8Path, folder: &Utf8Path) -> Vec<Unpacked> {
        let top = self.top(folder);
        let own = if self.flavor < Flavor::V10 { folder.to_owned() } else { self.own(folder) };
        let mut folders = vec![own];
        folders.extend((!folders.contains(&top)).then_some(top));
        // hatchling reads this file itself, wherever `root` leads.
        let info = |place: &Utf8Path| if self.tool == Tool::HatchVcs { folder } else { place }.join("PKG-INFO");
        let read = |place: &Utf8PathBuf| Unpacked {
            archival: text(boundary, &place.join(".git_archival.txt")),
            package_info: text(boundary, &info(place)),
            metadata: metadata(boundary, place),
        };
        folders.iter().map(read).collect()
    }

    /// Returns the names of the package's news fragments, if a scheme asks for them.
    ///
    /// # Errors
    /// If towncrier's settings cannot be read, or name a folder outside of the boundary.
    fn fragments(&self, boundary: &Utf8Path, folder: &Utf8Path) -> Result<Vec<String>, ScmError> {
        let scheme = self.version_scheme();
        if !matches!(scheme, Ok(VersionScheme::Fragments | VersionScheme::FragmentsZerover)) {
            return Ok(Vec::new());
        }
        let own = self.own(folder);
        let configured = |file: &str, path: &[&str]| {
            let Some(text) = text(boundary, &own.join(file)) else { return Ok(None) };
            let source = SourceText::new(text);
            let document =
                toml::parse(&source).map_err(|_| ScmError::File(format!("{file} is not TOML: correct it")))?;
            let directory =
                toml::table(document.as_table(), path).and_then(|table| toml::string(table.get("directory")?));
            Ok(directory.map(|directory| directory.value).filter(|directory| !directory.is_empty()))
        };
        let directory = match configured("pyproject.toml", &["tool", "towncrier"])? {
            Some(directory) => Some(directory),
            None => configured("towncrier.toml", &[])?,
        };
        let directory = directory.unwrap_or_else(|| FRAGMENTS.to_owned());
        let path = own.join(&directory);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let is_inside = path
            .canonicalize_utf8()
            .is_ok_and(|real| boundary.canonicalize_utf8().is_ok_and(|top| real.starts_with(top)));
        let entries = path.read_dir_utf8().ok().filter(|_| is_inside);
        let entries = entries.ok_or_else(|| {
            ScmError::File(format!(
                "the news fragments in `{directory}` cannot be read: name a folder of the repository"
            ))
        })?;
        let files = entries.flatten().filter(|entry| entry.path().is_file());
        Ok(files.map(|entry| entry.file_name().to_owned()).collect())
    }
}

/// Returns the metadata that a source distribution made with setuptools-scm 10 has.
fn metadata(boundary: &Utf8Path, folder: &Utf8Path) -> Option<String> {
    if !folder.starts_with(boundary) {
        return None;
    }
    let entries = folder.read_dir_utf8().ok()?.flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_owned()).collect();
    names.retain(|name| name.ends_with(".egg-info"));
    names.sort();
    names.iter().find_map(|name| text(boundary, &folder.join(name).join(unpacked::METADATA)))
}

/// Returns the text of a file inside of the boundary.
fn text(boundary: &Utf8Path, path: &Utf8Path) -> Option<String> {
    String::from_utf8(reading::inside(boundary, path.strip_prefix(boundary).ok()?).ok()?).ok()
}
