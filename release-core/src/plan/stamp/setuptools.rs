//! The place from which setuptools takes a version: `[tool.setuptools.dynamic]`, `setup.py`, `setup.cfg`, or setuptools-scm
//! (<https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html>).

use super::place::{Built, Place};
use super::project::Project;
use super::python::{Setup, setup_version};
use super::search::{Found, Refusal};
use crate::manifest::pyproject::{self, BuildSystem};
use crate::manifest::toml::{self, TomlString};
use crate::text::{SourceText, Span};
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::Item;

const READER: &str = "setuptools";
const SETUP_CFG: &str = "setup.cfg";
const SETUP_PY: &str = "setup.py";

/// An option that names where the version is.
struct Pointer<'a> {
    path: &'a Utf8Path,
    span: Span,
    value: String,
}

/// Returns the version of a package that setuptools builds.
///
/// # Errors
/// If it comes from where it cannot be written.
pub(super) fn setuptools(project: &Project<'_>) -> Found<Built> {
    let search = project.search;
    let (setup_cfg, setup_py) = (search.at(SETUP_CFG), search.at(SETUP_PY));
    let config = search.text(&setup_cfg).map_or("", |source| source.as_str());
    let script = search.text(&setup_py).map(SourceText::as_str);
    if let Some(at) = versioneer(project, config, script) {
        return Err(at);
    }
    if let Some(found) = dynamic(project)? {
        return Ok(found.into());
    }
    if let Some(built) = scm(project, script)? {
        return Ok(built);
    }
    if search.is_named(&setup_py) || search.is_named(&setup_cfg) {
        return Ok(Built::default());
    }
    if let Some(places) = script.map(|script| from_script(project, script)).transpose()?.flatten() {
        return Ok(places.into());
    }
    if let Some(places) = from_config(project, config)? {
        return Ok(places.into());
    }
    let is_package = project.read.project.is_some() || script.is_some() || value(config, "metadata", "name").is_some();
    if !is_package && project.read.build_system.is_none() {
        return Ok(Built::default());
    }
    if project.read.project.is_none()
        && let Some(script) = script
    {
        let message = format!("{setup_py} gives setuptools no version, so that a build is 0.0.0");
        return Err(Refusal::elsewhere(message, &setup_py, 0..script.len().min(1), "its version is elsewhere"));
    }
    Err(project.elsewhere("nothing says where setuptools takes the version from, so that a build is 0.0.0"))
}

fn versioneer(project: &Project<'_>, config: &str, script: Option<&str>) -> Option<Refusal> {
    let message = "versioneer takes the version from git's tags, and no file or variable gives it another";
    let mut refusal = if project.table(&["tool", "versioneer"]).is_some() {
        project.elsewhere(message)
    } else if let Some(at) = config.find("[versioneer]") {
        Refusal::elsewhere(
            message.to_owned(),
            &project.search.at(SETUP_CFG),
            at..at + "[versioneer]".len(),
            "versioneer",
        )
    } else {
        let at = script?.find("versioneer.get_version")?;
        Refusal::elsewhere(
            message.to_owned(),
            &project.search.at(SETUP_PY),
            at..at + "versioneer.get_version".len(),
            "versioneer",
        )
    };
    refusal.problem.help =
        "tag the commit that is built, or move to setuptools-scm: `cargo xtask release stamp --migrate`".to_owned();
    Some(refusal)
}

/// Returns the places that `[tool.setuptools.dynamic]` names.
fn dynamic(project: &Project<'_>) -> Found<Option<Vec<Place>>> {
    if let Some(attribute) = project.string(&["tool", "setuptools", "dynamic", "version", "attr"]) {
        let option = Pointer { path: &project.manifest, span: attribute.span, value: attribute.value };
        return from_attribute(project, &option).map(Some);
    }
    let Some(file) = project.item(&["tool", "setuptools", "dynamic", "version", "file"]) else { return Ok(None) };
    let files: Vec<TomlString> = toml::string(file).map_or_else(|| toml::strings(file), |file| vec![file]);
    let [file] = &files[..] else {
        let span = file.span().unwrap_or(0..0);
        let message = format!("{}: setuptools takes the version from {} files", project.manifest, files.len());
        return Err(Refusal::at(message, &project.manifest, span, "name one"));
    };
    let option = Pointer { path: &project.manifest, span: file.span.clone(), value: file.value.clone() };
    from_file(project, &option).map(Some)
}

/// Returns the variable of setuptools-scm, if that sets the version: with the build requirement alone, or the table alone, it does not.
fn scm(project: &Project<'_>, script: Option<&str>) -> Found<Option<Built>> {
    let name = project.name();
    let built = || {
        let suffix = name.as_ref().map(|name| format!("_FOR_{}", crate::scm::suffix(name))).unwrap_or_default();
        Built::by_variable(name.as_deref(), "setuptools-scm", format!("SETUPTOOLS_SCM_PRETEND_VERSION{suffix}"))
    };
    let build = project.read.build_system.as_ref();
    let requires = build.is_some_and(BuildSystem::requires_scm);
    let is_simple = build.is_some_and(BuildSystem::requires_simple_scm);
    let is_set = project.read.scm.is_some() || script.is_some_and(|script| script.contains("use_scm_version"));
    match (requires, is_set) {
        (true, true) => Ok(Some(built())),
        (true, false) if is_simple => Ok(Some(built())),
        (false, true) if project.read.project.as_ref().is_some_and(pyproject::Project::is_dynamic) => Err(project
            .elsewhere(
                "`[build-system]` does not require setuptools-scm, so that a build does not ask it for a version",
            )),
        _ => Ok(None),
    }
}

fn from_script(project: &Project<'_>, script: &str) -> Found<Option<Vec<Place>>> {
    let path = project.search.at(SETUP_PY);
    match setup_version(script) {
        Setup::Absent => Ok(None),
        Setup::Hidden(span) => {
            let message = format!("{path} may give setuptools a version among arguments that are not spelled out");
            Err(Refusal::elsewhere(message, &path, span, "perhaps here"))
        }
        Setup::Given(found) => {
            let places = project.search.set(&path, "version", &found, Some(READER), 0)?;
            places.map(Some).ok_or_else(|| {
                let message = format!("{path} gives setuptools a version that it computes");
                Refusal::elsewhere(message, &path, found.first.unwrap_or(0..0), "its version is elsewhere")
            })
        }
    }
}

fn from_config(project: &Project<'_>, config: &str) -> Found<Option<Vec<Place>>> {
    let Some(span) = value(config, "metadata", "version") else { return Ok(None) };
    let (text, path) = (&config[span.clone()], project.search.at(SETUP_CFG));
    let option = |rest: &str| Pointer { path: &path, span: span.clone(), value: rest.trim().to_owned() };
    if let Some(attribute) = text.strip_prefix("attr:") {
        return from_attribute(project, &option(attribute)).map(Some);
    }
    if let Some(file) = text.strip_prefix("file:") {
        return from_file(project, &option(file)).map(Some);
    }
    match Version::parse(text) {
        Ok(_) => Ok(Some(vec![project.search.place(&path, span, "metadata")?])),
        Err(error) => Err(Refusal::at(format!("{path}: {error}"), &path, span, "not a version")),
    }
}

/// Returns the places of a name in a module, `package.module.NAME`.
fn from_attribute(project: &Project<'_>, option: &Pointer<'_>) -> Found<Vec<Place>> {
    let (module, name) = option.value.trim().rsplit_once('.').unwrap_or(("__init__", option.value.trim()));
    let mut files: Vec<Utf8PathBuf> =
        folders(project, module).iter().filter_map(|path| project.search.module(path)).collect();
    files.dedup();
    let [file] = &files[..] else {
        let problem = match files.is_empty() {
            true => format!("setuptools takes the version from `{}`, and no module {module} was found", option.value),
            false => format!(
                "setuptools takes the version from `{}`, which is in {} and {}",
                option.value, files[0], files[1]
            ),
        };
        return Err(Refusal::elsewhere(problem, option.path, option.span.clone(), "its version is elsewhere"));
    };
    let places = project.search.python(file, name, Some(READER))?;
    places.ok_or_else(|| {
        let message =
            format!("setuptools takes the version from `{name}` in {file}, which has none that can be written");
        Refusal::at(message, option.path, option.span.clone(), "its version is elsewhere")
    })
}

/// Returns the paths at which a module may be, without an ending: where the manifest says that packages are, else in `src` and at the
/// root.
fn folders(project: &Project<'_>, module: &str) -> Vec<Utf8PathBuf> {
    let path = module.replace('.', "/");
    let config = project.search.texts.get(&project.search.at(SETUP_CFG)).map_or("", |source| source.as_str());
    let listed = value(config, "options", "package_dir").map(|span| config[span].to_owned()).unwrap_or_default();
    let listed = listed
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, folder)| (name.trim().to_owned(), folder.trim().to_owned()));
    let table = project.table(&["tool", "setuptools", "package-dir"]);
    let table = table.into_iter().flat_map(|table| table.iter());
    let mut folders: Vec<(String, String)> = listed.collect();
    folders.extend(table.filter_map(|(name, folder)| Some((name.to_owned(), folder.as_str()?.to_owned()))));
    let first = |item: Option<&Item>| item.map(toml::strings).into_iter().flatten().next().map(|text| text.value);
    folders.extend(
        first(project.item(&["tool", "setuptools", "packages", "find", "where"])).map(|folder| (String::new(), folder)),
    );
    folders.extend(
        value(config, "options.packages.find", "where").map(|span| (String::new(), config[span].trim().to_owned())),
    );
    // The longest name decides.
    folders.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, folder) in folders {
        let inside = if name.is_empty() { Some(module) } else { module.strip_prefix(&*name) };
        let Some(inside) = inside.filter(|inside| name.is_empty() || inside.is_empty() || inside.starts_with('.'))
        else {
            continue;
        };
        let inside = inside.replace('.', "/");
        return project
            .search
            .named_path(&format!("{folder}/{}", inside.trim_start_matches('/')))
            .into_iter()
            .collect();
    }
    vec![project.search.at(format!("src/{path}")), project.search.at(path)]
}

/// Returns the place of the version that is all of a file.
fn from_file(project: &Project<'_>, option: &Pointer<'_>) -> Found<Vec<Place>> {
    let refused = |reason: String| Refusal::at(reason, option.path, option.span.clone(), "the version is there");
    let path = project.search.named_path(&option.value).filter(|path| !path.as_str().contains(','));
    let Some(path) = path else {
        return Err(refused(format!(
            "setuptools takes the version from `{}`, which is no file of the repository",
            option.value
        )));
    };
    if project.search.is_named(&path) {
        return Ok(Vec::new());
    }
    let Some(source) = project.search.text(&path) else {
        return Err(refused(format!("setuptools takes the version from {path}, and there is no such file")));
    };
    let text = source.as_str().trim_start_matches('\u{feff}');
    let (start, version) = (source.as_str().len() - text.trim_start().len(), text.trim());
    if Version::parse(version).is_err() {
        return Err(refused(format!(
            "setuptools takes the version from {path}, which has more or less than one in it"
        )));
    }
    Ok(vec![project.search.place(&path, start..start + version.len(), "version")?])
}

/// Returns the place of an option's value in a `setup.cfg`, the lines that continue it included.
fn value(config: &str, section: &str, key: &str) -> Option<Span> {
    let (mut at, mut is_inside, mut found) = (0, false, None::<Span>);
    for line in config.split_inclusive('\n') {
        let (start, text) = (at, line.trim_end());
        at += line.len();
        if let Some(value) = &mut found {
            match line.starts_with([' ', '\t']) || text.is_empty() {
                true if !text.is_empty() => value.end = start + text.len(),
                true => {}
                false => break,
            }
        } else if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            is_inside = name == section;
        } else if is_inside
            && let Some(equals) = text.find(['=', ':'])
            && text[..equals].trim().replace('-', "_").eq_ignore_ascii_case(key)
        {
            let value = text[equals + 1..].trim_start();
            found = Some(start + text.len() - value.len()..start + text.len());
        }
    }
    found
}
