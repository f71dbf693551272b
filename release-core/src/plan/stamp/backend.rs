//! The place from which a Python build takes its version, for each of the build back ends.

use super::python::NAME;
use super::search::{Found, Refusal, Search, normal};
use super::setuptools::setuptools;
use super::{Dynamic, Place};
use crate::manifest::pyproject::Pyproject;
use crate::manifest::toml::{self, TomlString};
use crate::problem::{CORRECT_SYNTAX, Problem};
use crate::text::{SourceText, Span};
use camino::{Utf8Path, Utf8PathBuf};
use regex_lite::Regex;
use toml_edit::{Item, TableLike};

pub(super) const MANIFEST: &str = "pyproject.toml";

/// The version of a Python build.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// The places that it is read from.
    pub(super) places: Vec<Place>,
    /// The variable that it is read from.
    pub(super) dynamic: Option<Dynamic>,
}

/// A `pyproject.toml` that is looked at; without one, an empty document.
pub(super) struct Project<'a> {
    pub(super) search: &'a Search<'a>,
    pub(super) read: &'a Pyproject,
    root: &'a dyn TableLike,
    source: &'a SourceText,
}

/// Returns the version of the Python package of a repository.
///
/// # Errors
/// If a build takes it from where it cannot be written.
pub(super) fn built(search: &Search<'_>) -> Found<Built> {
    if search.is_named(MANIFEST.into()) {
        return Ok(Built::default());
    }
    let empty = SourceText::new("");
    let source = search.text(MANIFEST.into()).unwrap_or(&empty);
    let read = Pyproject::parse(source).and_then(|read| Ok((read, toml::parse(source)?)));
    let (read, document) = read.map_err(|error| {
        let problem = Problem::unparsed(MANIFEST.into(), "is not TOML", CORRECT_SYNTAX, (error.span, error.message));
        Refusal { problem: Box::new(problem), is_elsewhere: false }
    })?;
    Project { search, read: &read, root: document.as_table(), source }.built()
}

impl Built {
    pub(super) fn by_variable(name: Option<&str>, from: &str, variable: String) -> Self {
        let dynamic =
            Dynamic { distribution: name.unwrap_or("the package").to_owned(), from: from.to_owned(), variable };
        Self { dynamic: Some(dynamic), ..Self::default() }
    }
}

impl From<Place> for Built {
    fn from(place: Place) -> Self {
        vec![place].into()
    }
}

impl From<Vec<Place>> for Built {
    fn from(places: Vec<Place>) -> Self {
        Self { places, dynamic: None }
    }
}

impl Project<'_> {
    fn built(&self) -> Found<Built> {
        let project = self.read.project.as_ref();
        let poetry = self.string(&["tool", "poetry", "version"]);
        if let Some((text, _)) = project.and_then(|project| project.version.as_ref()) {
            let mut places = vec![self.search.toml_place(MANIFEST.into(), text, "project")?];
            // Poetry took it from there before it knew `[project]`, and its older versions still do.
            if let Some(text) = poetry {
                places.push(self.search.toml_place(MANIFEST.into(), &text, "tool.poetry")?);
            }
            return Ok(places.into());
        }
        let backend = self.read.build_system.as_ref().and_then(|build| build.backend.clone());
        let backend = backend.as_ref().map(|backend| backend.value.as_str());
        match backend {
            Some("hatchling.build" | "hatchling.ouroboros") => self.hatch(),
            Some("flit_core.buildapi" | "flit.buildapi" | "flit_core.build_thyself") => self.flit(),
            Some("pdm.backend" | "pdm.pep517.api") => self.pdm(),
            Some("poetry.core.masonry.api" | "poetry.masonry.api" | "poetry_dynamic_versioning.backend") => {
                self.poetry(poetry)
            }
            Some("maturin") => self.maturin(),
            None if poetry.is_some() => self.poetry(poetry),
            None | Some("setuptools.build_meta" | "setuptools.build_meta:__legacy__") => {
                let may_be_none =
                    project.is_some() && !project.is_some_and(crate::manifest::pyproject::Project::is_dynamic);
                match may_be_none && backend.is_none() {
                    // uv and others keep requirements in such a file.
                    true => Ok(Built::default()),
                    false => setuptools(self),
                }
            }
            Some(other) => Err(self
                .elsewhere(&format!("`stamp` does not know where the build back end `{other}` takes a version from"))),
        }
    }

    /// Returns the table at a path.
    pub(super) fn table(&self, path: &[&str]) -> Option<&dyn TableLike> {
        toml::table(self.root, path)
    }

    /// Returns the value at a path.
    pub(super) fn item(&self, path: &[&str]) -> Option<&Item> {
        let (last, path) = path.split_last()?;
        self.table(path)?.get(last)
    }

    /// Returns the string at a path.
    pub(super) fn string(&self, path: &[&str]) -> Option<TomlString> {
        toml::string(self.item(path)?)
    }

    /// Returns the name of the package.
    pub(super) fn name(&self) -> Option<String> {
        let own = self.read.name().map(str::to_owned);
        own.or_else(|| self.string(&["tool", "poetry", "name"]).map(|name| name.value))
    }

    /// Returns the refusal of a version that comes from an unknown place, at the line that says the most about it.
    pub(super) fn elsewhere(&self, message: &str) -> Refusal {
        let build = self.read.build_system.as_ref();
        let backend = build.and_then(|build| build.backend.as_ref()).map(|backend| backend.span.clone());
        let project = self.read.project.as_ref();
        let dynamic = project.and_then(|project| project.dynamic.as_ref()).map(|dynamic| dynamic.span.clone());
        let name = project.and_then(|project| project.name.as_ref()).map(|name| name.span.clone());
        let span: Span = backend.or(dynamic).or(name).unwrap_or(0..self.source.as_str().len().min(1));
        Refusal::elsewhere(format!("{MANIFEST}: {message}"), MANIFEST.into(), span, "its version is elsewhere")
    }

    /// Returns the path that an option names, with its place.
    pub(super) fn path(&self, text: &TomlString) -> Found<Utf8PathBuf> {
        normal(&text.value).ok_or_else(|| {
            let message = format!("{MANIFEST}: the version is in `{}`, outside of the repository", text.value);
            Refusal::at(message, MANIFEST.into(), text.span.clone(), "outside")
        })
    }

    /// Hatchling: <https://hatch.pypa.io/latest/plugins/version-source/reference/>.
    fn hatch(&self) -> Found<Built> {
        let option = |key| self.string(&["tool", "hatch", "version", key]);
        if let Some(source) = self.search.text("hatch.toml".into())
            && toml::parse(source).is_ok_and(|read| read.as_table().contains_key("version"))
        {
            let message = "hatch.toml says where hatchling takes the version from";
            return Err(Refusal::elsewhere(
                message.to_owned(),
                "hatch.toml".into(),
                0..1,
                "write it in pyproject.toml",
            ));
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
            let message = format!("{MANIFEST}: `stamp` cannot follow hatchling's pattern");
            let span = pattern.map_or(0..0, |pattern| pattern.span.clone());
            Refusal::elsewhere(message, MANIFEST.into(), span, "not understood")
        })
    }

    /// Returns the version that a name of a module has.
    fn module(&self, path: &TomlString, name: &str, reader: &str) -> Found<Built> {
        let found = self.path(path)?;
        let places = self.search.python(&found, name, Some(reader))?;
        places.map(Built::from).ok_or_else(|| self.unread(reader, &found, path))
    }

    /// Returns the refusal of a file that has no version which could be written.
    pub(super) fn unread(&self, reader: &str, path: &Utf8Path, option: &TomlString) -> Refusal {
        let is_there = self.search.text(path).is_some();
        let reason = if is_there { "it has none that can be written" } else { "there is no such file" };
        let message = format!("{reader} takes the version from {path}, and {reason}");
        Refusal::at(message, MANIFEST.into(), option.span.clone(), "the version is there")
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
            let package = Utf8PathBuf::from(format!("{prefix}{module}"));
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
                let message = format!("{MANIFEST}: pdm-backend takes the version from what `{}` returns", getter.value);
                Err(Refusal::elsewhere(message, MANIFEST.into(), getter.span, "its version is elsewhere"))
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
            Some(text) => Ok(self.search.toml_place(MANIFEST.into(), &text, "tool.poetry")?.into()),
            None => Err(self.elsewhere("neither `[project]` nor `[tool.poetry]` has a version")),
        }
    }

    /// maturin, which takes the version of the crate: <https://www.maturin.rs/metadata>.
    fn maturin(&self) -> Found<Built> {
        let option = self.string(&["tool", "maturin", "manifest-path"]);
        let path = option.as_ref().map_or(Ok("Cargo.toml".into()), |option| self.path(option))?;
        super::cargo::places(self.search, &path).map(Built::from).map_err(|refusal| match refusal {
            Some(refusal) => refusal,
            None => {
                self.elsewhere(&format!("maturin takes the version from {path}, which has none that can be written"))
            }
        })
    }
}
