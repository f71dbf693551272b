//! The manifests of a tree as uv is given them: nothing in them makes it build a package, start git, ask a host in another way
//! than over the web, or read outside of the tree.
//!
//! By experiment with uv 0.13: for `uv lock` the metadata of a package in a folder is read from `[project]`, unless `dynamic`
//! names the version, the dependencies, the extras or `requires-python`; then its build backend runs, for editable packages
//! with `--no-build` too. The version of a package that has `version` in `dynamic` is not locked, so any static one in its
//! place gives the same lockfile, once the line with it is taken out again.

mod addresses;
mod npm;

pub use addresses::web_addresses;
pub use npm::given_to_npm;

use crate::lockfile::uv_lock::compare::joined;
use crate::lockfile::uv_lock::{SourceKind, UvLock};
use crate::manifest::pyproject::{Declared, Pyproject};
use crate::manifest::requirement::{Constraint, canonical_name};
use crate::manifest::toml;
use crate::manifest::toml::entries;
use crate::problem::Problem;
use crate::text::{SourceText, Span, TextEdit, splice};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{Item, TableLike};

/// The version in place of a dynamic one.
const ANY_VERSION: &str = "0";

/// The text in place of a manifest that uv must not act on and that the lockfile does not know: it ends at its first line.
const CLOSED: &str = "this manifest would make uv build it, start a program or read outside of the tree\n";

/// Fields of `[project]` that only a build backend knows where they are dynamic, and that are locked.
const LOCKED_FIELDS: [&str; 3] = ["dependencies", "optional-dependencies", "requires-python"];

/// Settings of `[tool.uv]` that say what is locked, or nothing that `uv lock` would look at. What is none of them may choose
/// a proxy, trust a certificate less, or name a folder outside of the tree.
const SETTINGS: [&str; 52] = [
    "add-bounds",
    "build-backend",
    "build-constraint-dependencies",
    "cache-dir",
    "cache-keys",
    "check-url",
    "compile-bytecode",
    "concurrent-builds",
    "concurrent-downloads",
    "concurrent-installs",
    "config-settings",
    "config-settings-package",
    "conflicts",
    "constraint-dependencies",
    "default-groups",
    "dependency-groups",
    "dependency-metadata",
    "dev-dependencies",
    "environments",
    "exclude-dependencies",
    "exclude-newer",
    "exclude-newer-package",
    "exclude-newer-span",
    "extra-build-dependencies",
    "extra-build-variables",
    "extra-index-url",
    "fork-strategy",
    "index",
    "index-strategy",
    "index-url",
    "keyring-provider",
    "link-mode",
    "managed",
    "no-binary",
    "no-binary-package",
    "no-build",
    "no-build-isolation",
    "no-build-isolation-package",
    "no-build-package",
    "no-sources",
    "override-dependencies",
    "package",
    "pip",
    "prerelease",
    "publish-url",
    "python-downloads",
    "python-preference",
    "required-environments",
    "required-version",
    "resolution",
    "sources",
    "workspace",
];

/// The files that uv is given.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The manifests.
    pub manifests: Vec<(Utf8PathBuf, SourceText)>,
    /// The normalised names of packages whose version is dynamic, which must have none in the lockfile that uv writes.
    pub dynamic: Vec<String>,
}

/// The manifests among these texts as uv is given them, to write the lockfile at this path.
///
/// # Errors
/// What uv would run or read for packages of the lockfile, and for manifests in its folder and above.
pub fn given_to_uv(
    path: &Utf8Path,
    lock: &UvLock,
    texts: &BTreeMap<Utf8PathBuf, SourceText>,
) -> Result<Given, Vec<Problem>> {
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    let mut problems = Vec::new();
    let mut locals = BTreeSet::new();
    for package in &lock.packages {
        let Some(source) = &package.source else { continue };
        let (name, location) = (&package.name.value, &source.location.value);
        let of_package =
            |what: &str| problem(path, &source.location.span, format!("{path}: `{name}` comes from {what}"));
        match source.kind {
            SourceKind::Registry if !is_web(location) => problems.push(of_package("a folder and from no index")),
            SourceKind::Registry | SourceKind::Url => {}
            SourceKind::Git => problems.push(of_package("a git repository, and git is not started for uv")),
            SourceKind::Path => problems.push(of_package("an archive of the tree, which uv is not given")),
            SourceKind::Editable | SourceKind::Virtual | SourceKind::Directory => {
                let manifest = joined(folder, location).map(|folder| folder.join("pyproject.toml"));
                match manifest.filter(|manifest| texts.contains_key(manifest)) {
                    Some(manifest) => drop(locals.insert(manifest)),
                    None => problems.push(of_package("a folder without a pyproject.toml in this repository")),
                }
            }
        }
    }
    let mut given = Given::default();
    for (at, text) in texts.iter().filter(|(at, _)| at.file_name() == Some("pyproject.toml")) {
        let is_around = folder.starts_with(at.parent().unwrap_or(Utf8Path::new("")));
        let is_known = is_around || locals.contains(at);
        match one(at, text, texts, locals.contains(at)) {
            Ok((text, name)) => {
                given.manifests.push((at.clone(), text));
                given.dynamic.extend(name);
            }
            Err(found) if is_known => problems.extend(found),
            Err(_) => given.manifests.push((at.clone(), SourceText::new(CLOSED))),
        }
    }
    let around = folder.ancestors().map(|folder| folder.join("uv.toml"));
    for settings in around.filter(|settings| texts.contains_key(settings)) {
        let message = format!("{settings} has settings of uv's, which uv is not given");
        problems.push(Problem::new(message, "move those that decide what is locked to [tool.uv] of pyproject.toml"));
    }
    if problems.is_empty() { Ok(given) } else { Err(problems) }
}

fn problem(path: &Utf8Path, span: &Span, message: String) -> Problem {
    Problem::new(message, "").at(path, span.clone(), "")
}

fn is_web(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    ["https://", "http://"].iter().any(|scheme| lower.starts_with(scheme))
}

type One = Result<(SourceText, Option<String>), Vec<Problem>>;

/// One manifest, with a static version in place of a dynamic one, and the name of the package then.
fn one(path: &Utf8Path, text: &SourceText, texts: &BTreeMap<Utf8PathBuf, SourceText>, is_local: bool) -> One {
    let (read, document) = match (Pyproject::parse(text), toml::parse(text)) {
        (Ok(read), Ok(document)) => (read, document),
        (Err(error), _) | (_, Err(error)) => {
            return Err(vec![problem(path, &error.span, format!("{path} is not TOML: {error}"))]);
        }
    };
    let root: &dyn TableLike = document.as_table();
    let mut problems = settings(path, root, texts);
    problems.extend(direct(path, &read));
    if read.project.is_none() && is_local {
        let message = format!("{path} has no [project], so that {} would run", backend(&read, root));
        problems.push(problem(path, &(0..0), message));
    }
    let dynamic = read.project.as_ref().and_then(|project| project.dynamic.as_ref());
    let fields: Vec<&str> = dynamic.iter().flat_map(|list| &list.items).map(|item| item.value.as_str()).collect();
    let place = dynamic.map_or(0..0, |list| list.span.clone());
    let locked: Vec<String> =
        fields.iter().filter(|field| LOCKED_FIELDS.contains(field)).map(|field| format!("`{field}`")).collect();
    if !locked.is_empty() {
        let message = format!("{path}: only {} knows {}, and none is run", backend(&read, root), locked.join(" and "));
        problems.push(problem(path, &place, message));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if !fields.contains(&"version") {
        return Ok((text.clone(), None));
    }
    static_version(text, &place, &fields).map(|text| (text, read.name().map(canonical_name))).ok_or_else(|| {
        let message = format!("{path}: only {} knows the version, and none is run", backend(&read, root));
        vec![problem(path, &place, message)]
    })
}

/// The text with a version that is static; `None` where it is written in a way that does not take one.
fn static_version(text: &SourceText, dynamic: &Span, fields: &[&str]) -> Option<SourceText> {
    let is_plain = |field: &&&str| field.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let rest: Vec<String> = fields
        .iter()
        .filter(|field| **field != "version")
        .map(|field| Some(field).filter(is_plain).map(|field| format!("\"{field}\"")))
        .collect::<Option<_>>()?;
    let replacement = format!("[{}]\nversion = \"{ANY_VERSION}\"", rest.join(", "));
    let new = SourceText::new(splice(text.as_str(), &[TextEdit { span: dynamic.clone(), replacement }]).ok()?);
    let read = Pyproject::parse(&new).ok()?.project?;
    let is_static = read.version.as_ref().is_some_and(|(version, _)| version.value == ANY_VERSION);
    (is_static && !read.is_dynamic()).then_some(new)
}

/// The build backend that uv would run, and where it comes from.
fn backend(read: &Pyproject, root: &dyn TableLike) -> String {
    let Some(build) = &read.build_system else { return "setuptools, as nothing else is named,".to_owned() };
    let name = build.backend.as_ref().map_or("setuptools.build_meta:__legacy__", |backend| backend.value.as_str());
    let own = toml::table(root, &["build-system"]).and_then(|build| build.get("backend-path"));
    let requires: Vec<&str> =
        build.requires.iter().flat_map(|list| &list.items).map(|item| item.value.as_str()).collect();
    let from = match (own, requires.is_empty()) {
        (Some(_), _) => " of the tree itself (`backend-path`)".to_owned(),
        (None, true) => String::new(),
        (None, false) => format!(" (`{}`)", requires.join("`, `")),
    };
    format!("the build backend `{name}`{from}")
}

/// Returns the problems of what `[tool.uv]` may not say.
fn settings(path: &Utf8Path, root: &dyn TableLike, texts: &BTreeMap<Utf8PathBuf, SourceText>) -> Vec<Problem> {
    let Some(uv) = toml::table(root, &["tool", "uv"]) else { return Vec::new() };
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    let place = |item: &Item| item.span().unwrap_or(0..0);
    let mut problems = Vec::new();
    for (key, item) in uv.iter().filter(|(key, _)| !SETTINGS.contains(key)) {
        let message = format!("{path}: `tool.uv.{key}` is no setting that a tree may give uv here");
        problems.push(problem(path, &place(item), message));
    }
    let urls = entries(uv.get("index")).into_iter().filter_map(|index| toml::string(index.get("url")?));
    let older = ["index-url", "extra-index-url"].into_iter().filter_map(|key| uv.get(key));
    let older = older.flat_map(|item| toml::string(item).into_iter().chain(toml::strings(item)));
    for url in urls.chain(older).filter(|url| !is_web(&url.value)) {
        let message = format!("{path}: the index `{}` is no address of the web (http or https)", url.value);
        problems.push(problem(path, &url.span, message));
    }
    let sources = uv.get("sources").and_then(Item::as_table_like);
    for (name, item) in sources.into_iter().flat_map(|sources| sources.iter()) {
        for source in entries(Some(item)) {
            let text = |key: &str| source.get(key).map(|item| toml::string(item).unwrap_or_else(|| nothing(item)));
            let is_folder = |way: &str| {
                !way.starts_with('/')
                    && joined(folder, way).is_some_and(|found| texts.contains_key(&found.join("pyproject.toml")))
            };
            let git = text("git").map(|git| (git, "is a git repository, and git is not started for uv"));
            let url = text("url").filter(|url| !is_web(&url.value));
            let url = url.map(|url| (url, "is no address of the web (http or https)"));
            let way = text("path").filter(|way| !is_folder(&way.value));
            let way = way.map(|way| (way, "is no folder of this repository with a pyproject.toml"));
            if let Some((text, what)) = git.or(url).or(way) {
                let message = format!("{path}: the source `{}` of `{name}` {what}", text.value);
                problems.push(problem(path, &text.span, message));
            }
        }
    }
    problems
}

/// Requirements by address that is none of the web. One that cannot be read here, uv may read.
fn direct(path: &Utf8Path, read: &Pyproject) -> Vec<Problem> {
    let is_other = |declared: &&Declared| match declared.requirement.as_ref().map(|read| &read.constraint) {
        Ok(Constraint::Url(span)) => !declared.text.value.get(span.clone()).is_some_and(is_web),
        Ok(Constraint::Any | Constraint::Specifier(_)) => false,
        Err(_) => declared.text.value.contains(['/', '\\']),
    };
    let message = |declared: &Declared| {
        format!("{path}: `{}` is asked for at no address of the web (http or https)", declared.text.value)
    };
    let others = read.requirements.iter().filter(is_other);
    others.map(|declared| problem(path, &declared.text.span, message(declared))).collect()
}

/// Returns the problem of a value that is no string where one has to stand.
fn nothing(item: &Item) -> toml::TomlString {
    toml::TomlString { value: String::new(), span: item.span().unwrap_or(0..0) }
}

#[cfg(test)]
mod tests;
