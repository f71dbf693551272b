//! The place from which a Python build takes its version, for each of the build back ends.

use super::place::{Built, Place};
use super::project::{MANIFEST, Project};
use super::python::NAME;
use super::search::{Found, Refusal, Search};
use super::setuptools::setuptools;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::toml::{self, TomlString};
use crate::problem::{CORRECT_SYNTAX, Problem};
use crate::text::SourceText;
use crate::version::Version;
use camino::Utf8PathBuf;
use regex_lite::Regex;
use toml_edit::Item;

/// Returns the version of the Python package of a repository.
///
/// # Errors
/// If a build takes it from where it cannot be written.
pub(super) fn built(search: &Search<'_>) -> Found<Built> {
    let empty = SourceText::new("");
    let manifest = search.at(MANIFEST);
    let source = search.text(&manifest).unwrap_or(&empty);
    let read = Pyproject::parse(source).and_then(|read| Ok((read, toml::parse(source)?)));
    let (read, document) = read.map_err(|error| {
        let problem = Problem::unparsed(&manifest, "is not TOML", CORRECT_SYNTAX, (error.span, error.message));
        Refusal { problem: Box::new(problem), is_elsewhere: false }
    })?;
    Project { search, manifest, read: &read, root: document.as_table(), source }.built()
}

impl Project<'_> {
    fn built(&self) -> Found<Built> {
        let project = self.read.project.as_ref();
        let poetry = self.string(&["tool", "poetry", "version"]);
        let backend = self.read.build_system.as_ref().and_then(|build| build.backend.clone());
        let backend = backend.as_ref().map(|backend| backend.value.as_str());
        if let Some((text, _)) = project.and_then(|project| project.version.as_ref()) {
            let mut places = vec![self.search.toml_place(&self.manifest, text, "project")?];
            // Poetry took it from there before it knew `[project]`, and its older versions still do.
            if let Some(text) = poetry {
                places.push(self.search.toml_place(&self.manifest, &text, "tool.poetry")?);
            }
            if backend == Some("maturin") {
                places.extend(self.crate_of(text)?);
            }
            return Ok(places.into());
        }
        let is_poetry = poetry.is_some() || backend.is_some_and(|backend| backend.starts_with("poetry"));
        if project.is_some_and(|project| !project.is_dynamic()) && !is_poetry {
            // uv and others keep requirements in a file that is not built.
            return match backend {
                Some(_) => Err(self.elsewhere("`[project]` has neither `version` nor `dynamic = [\"version\"]`")),
                None => Ok(Built::default()),
            };
        }
        match backend {
            Some("hatchling.build" | "hatchling.ouroboros") => self.hatch(),
            Some("flit_core.buildapi" | "flit.buildapi" | "flit_core.build_thyself") => self.flit(),
            Some("pdm.backend" | "pdm.pep517.api") => self.pdm(),
            Some("poetry.core.masonry.api" | "poetry.masonry.api" | "poetry_dynamic_versioning.backend") => {
                self.poetry(poetry)
            }
            Some("maturin") => self.maturin(),
            None if poetry.is_some() => self.poetry(poetry),
            None | Some("setuptools.build_meta" | "setuptools.build_meta:__legacy__") => setuptools(self),
            Some(other) => Err(self
                .elsewhere(&format!("`stamp` does not know where the build back end `{other}` takes a version from"))),
        }
    }

    /// Hatchling: <https://hatch.pypa.io/latest/plugins/version-source/reference/>.
    fn hatch(&self) -> Found<Built> {
        let option = |key| self.string(&["tool", "hatch", "version", key]);
        let own = self.search.at("hatch.toml");
        if let Some(source) = self.search.text(&own)
            && toml::parse(source).is_ok_and(|read| read.as_table().contains_key("version"))
        {
            let message = format!("{own} says where hatchling takes the version from");
            return Err(Refusal::elsewhere(message, &own, 0..1, "write it in pyproject.toml"));
        }
        let source = option("source").map_or_else(|| "regex".to_owned(), |source| source.value);
        match (source.as_str(), option("path")) {
            ("regex", Some(path)) => {
                let expressions = self.hatch_pattern(option("pattern").as_ref())?;
                let found = self.path(&path)?;
                if self.search.is_named(&found) {
                    return Ok(Built::default());
                }
                let place = self.search.matched(&found, expressions, "hatch")?;
                place.map(Built::from).ok_or_else(|| self.unread("hatchling", &found, &path))
            }
            ("code", Some(path)) => {
                let expression = option("expression").map_or_else(|| NAME.to_owned(), |text| text.value);
                self.module(&path, expression.trim_end_matches("()").trim(), "hatchling")
            }
            ("env", _) => match option("variable") {
                Some(variable) => Ok(Built::by_variable(self.name().as_deref(), "hatchling", variable.value)),
                None => Err(self.elsewhere("`[tool.hatch.version]` has `source = \"env\"` and no `variable`")),
            },
            ("vcs", _) => {
                let variable = "SETUPTOOLS_SCM_PRETEND_VERSION".to_owned();
                Ok(Built::by_variable(self.name().as_deref(), "hatch-vcs", variable))
            }
            ("regex" | "code", None) => {
                Err(self.elsewhere("`[tool.hatch.version]` has no `path`, so that hatchling finds no version"))
            }
            (other, _) => Err(self.elsewhere(&format!("`stamp` does not know hatchling's version source `{other}`"))),
        }
    }

    /// Returns the expressions by which hatchling finds a version; its own has a back reference, which two expressions stand for.
    fn hatch_pattern(&self, pattern: Option<&TomlString>) -> Found<Vec<Regex>> {
        let own = ["\"", "'"].map(|quote| {
            format!("(?im)^(?:__version__|VERSION)(?: ?: ?str)? *= *{quote}v?(?P<version>[^{quote}\n]+?){quote}")
        });
        let wanted = pattern.map_or_else(|| own.to_vec(), |pattern| vec![format!("(?m){}", pattern.value)]);
        let read: Result<Vec<Regex>, _> = wanted.iter().map(|pattern| Regex::new(pattern)).collect();
        read.map_err(|_| {
            let message = format!("{}: `stamp` cannot follow hatchling's pattern", self.manifest);
            let span = pattern.map_or(0..0, |pattern| pattern.span.clone());
            Refusal::elsewhere(message, &self.manifest, span, "not understood")
        })
    }

    /// Returns the version that a name of a module has.
    fn module(&self, path: &TomlString, name: &str, reader: &str) -> Found<Built> {
        let found = self.path(path)?;
        let places = self.search.python(&found, name, Some(reader))?;
        places.map(Built::from).ok_or_else(|| self.unread(reader, &found, path))
    }

    /// Flit: <https://flit.pypa.io/en/stable/pyproject_toml.html>; which files it reads, `flit_core/common.py`.
    fn flit(&self) -> Found<Built> {
        let named = self
            .string(&["tool", "flit", "module", "name"])
            .or_else(|| self.string(&["tool", "flit", "metadata", "module"]));
        let own = self.read.name().map(|name| name.replace('-', "_"));
        let Some(module) = named.map(|name| name.value).or(own) else {
            return Err(self.elsewhere("flit's module has no name"));
        };
        let module = module.replace('.', "/");
        for prefix in ["", "src/"] {
            let package = self.search.at(format!("{prefix}{module}"));
            let files = ["__init__.py", "version.py", "_version.py", "__version__.py"].map(|name| package.join(name));
            let (mut places, mut is_found) = (Vec::new(), false);
            for file in files.into_iter().chain([Utf8PathBuf::from(format!("{package}.py"))]) {
                if let Some(found) = self.search.python(&file, NAME, None)? {
                    is_found = true;
                    places.extend(found);
                }
            }
            if is_found {
                return Ok(places.into());
            }
        }
        Err(self.elsewhere(&format!(
            "flit takes the version from `{NAME}` of {module}, which has none that can be written"
        )))
    }

    /// pdm-backend: <https://backend.pdm-project.org/metadata/#dynamic-project-version>.
    fn pdm(&self) -> Found<Built> {
        let option = |key| self.string(&["tool", "pdm", "version", key]);
        match (option("source").as_ref().map(|source| source.value.as_str()), option("path"), option("getter")) {
            (Some("file"), Some(path), _) => {
                let found = self.path(&path)?;
                if self.search.is_named(&found) {
                    return Ok(Built::default());
                }
                let expression = Regex::new(r#"(?m)^__version__\s*=\s*["'](?P<version>.+?)["']\s*(?:#.*)?$"#);
                let place = self.search.matched(&found, expression, "pdm")?;
                place.map(Built::from).ok_or_else(|| self.unread("pdm-backend", &found, &path))
            }
            (Some("scm"), ..) => {
                Ok(Built::by_variable(self.name().as_deref(), "pdm-backend", "PDM_BUILD_SCM_VERSION".to_owned()))
            }
            (Some("call"), _, Some(getter)) => {
                let message =
                    format!("{}: pdm-backend takes the version from what `{}` returns", self.manifest, getter.value);
                Err(Refusal::elsewhere(message, &self.manifest, getter.span, "its version is elsewhere"))
            }
            _ => Err(self.elsewhere(
                "`[tool.pdm.version]` does not say a source that pdm-backend knows, so that a build is 0.0.0",
            )),
        }
    }

    /// Poetry, and the plugin that takes its version from git: <https://github.com/mtkennerly/poetry-dynamic-versioning>.
    fn poetry(&self, version: Option<TomlString>) -> Found<Built> {
        let enabled = self.item(&["tool", "poetry-dynamic-versioning", "enable"]);
        if enabled.and_then(Item::as_bool) == Some(true) {
            let variable = "POETRY_DYNAMIC_VERSIONING_BYPASS".to_owned();
            return Ok(Built::by_variable(self.name().as_deref(), "poetry-dynamic-versioning", variable));
        }
        if self.item(&["tool", "poetry", "package-mode"]).and_then(Item::as_bool) == Some(false) {
            return Ok(Built::default());
        }
        match version {
            Some(text) => Ok(self.search.toml_place(&self.manifest, &text, "tool.poetry")?.into()),
            None => Err(self.elsewhere("neither `[project]` nor `[tool.poetry]` has a version")),
        }
    }

    /// Returns the places of the crate of a package that has its version in the manifest, if the crate has the same.
    fn crate_of(&self, own: &TomlString) -> Found<Vec<Place>> {
        let places = match self.maturin() {
            Ok(built) => built.places,
            Err(refusal) if refusal.is_elsewhere => return Ok(Vec::new()),
            Err(refusal) => return Err(refusal),
        };
        let own = Version::parse(&own.value).ok();
        let is_same = |place: &Place| {
            let version = place.version();
            version.is_some() && (version == own || version.as_ref() == Some(self.search.version))
        };
        Ok(if places.first().is_some_and(is_same) { places } else { Vec::new() })
    }

    /// maturin, which takes the version of the crate: <https://www.maturin.rs/metadata>.
    fn maturin(&self) -> Found<Built> {
        let option = self.string(&["tool", "maturin", "manifest-path"]);
        let path = option.as_ref().map_or_else(|| Ok(self.search.at("Cargo.toml")), |option| self.path(option))?;
        super::cargo::places(self.search, &path).map(Built::from).map_err(|refusal| match refusal {
            Some(refusal) => refusal,
            None => {
                self.elsewhere(&format!("maturin takes the version from {path}, which has none that can be written"))
            }
        })
    }
}
