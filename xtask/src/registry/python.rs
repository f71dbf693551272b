//! A Python index, by its simple API in JSON (PEP 691).

use super::credentials::Credentials;
use super::environment::{Environment, User};
use super::failure::Failure;
use super::foreign::foreign;
use super::http::{Http, Request};
use super::origin::Origin;
use super::place::Place;
use super::wheel;
use super::whom::Whom;
use camino::Utf8Path;
use release_core::lockfile::uv_lock::{FileKind, UvLock};
use release_core::registry::Registry;
use release_core::registry::address;
use release_core::registry::simple::{File, Page};

/// The form that is asked for, and that must come: JSON in this form.
const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";

/// The host of an index's address, with its port.
pub(crate) fn host(text: &str) -> Option<String> {
    Place::parse(named(text.trim()).1).map(|(place, _)| place.authority())
}

/// An index's address without credentials.
pub(crate) fn shown(text: &str) -> String {
    let place = Place::parse(named(text.trim()).1);
    place.map_or_else(|| "an address that is none".to_owned(), |(place, _)| place.shown())
}

/// The name that uv admits before a URL, and the URL.
fn named(text: &str) -> (Option<&str>, &str) {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let named = text.split_once('=').filter(|(name, _)| is_name(name));
    named.map_or((None, text), |(name, url)| (Some(name), url))
}

/// Chooses the index that installers use here: of the command line, else of the environment, else of the settings (the user's
/// file or the tree's release.toml), else the one that most packages of a lockfile at this path come from.
pub(crate) fn choose(
    user: &User,
    configured: Option<(&str, Origin)>,
    lock: Option<(&Utf8Path, &UvLock)>,
) -> Result<Whom, String> {
    let environment = &user.environment;
    if let Some((flag, url)) = &user.index {
        return index(url, Origin::CommandLine(flag), environment);
    }
    for name in ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"] {
        if let Some(value) = environment.get(name) {
            return index(value, Origin::Environment(name.to_owned()), environment);
        }
    }
    if let Some((url, origin)) = configured {
        return index(url, origin, environment);
    }
    let locked = lock.map(|(path, lock)| locked(path, lock, environment)).transpose()?.flatten();
    let unknown =
        "it is not known which index to ask: name one with `--index URL`, or set `index` in [release] of release.toml";
    locked.ok_or_else(|| unknown.to_owned())
}

/// Returns the index that most packages of a lockfile come from; `None` where they come from no index.
pub(crate) fn locked(path: &Utf8Path, lock: &UvLock, environment: &Environment) -> Result<Option<Whom>, String> {
    lock.main_registry().map(|url| index(url, Origin::Tree(path.to_string()), environment)).transpose()
}

fn index(text: &str, origin: Origin, environment: &Environment) -> Result<Whom, String> {
    let (name, url) = named(text.trim());
    Whom::new(Registry::Pypi, url, origin, &|place, user_info, origin| {
        Credentials::python(place, name, user_info, origin, environment)
    })
}

impl Whom {
    /// The page of a package by its canonical name, and the address that the addresses of its files are relative to;
    /// `None` where the index does not know the package.
    pub(crate) fn page(&self, http: &Http, name: &str) -> Result<Option<(Page, String)>, Failure> {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            let what = format!("no question for {}, which is not the name of a package", foreign(name));
            return Err(Failure::malformed(&self.address, &what));
        }
        let request = Request {
            accept: SIMPLE_JSON,
            kinds: &[SIMPLE_JSON],
            ..self.request(self.place.with(&format!("/{name}/")), &self.address)
        };
        let Some(answer) = http.get(&request)? else { return Ok(None) };
        let wrong = |reason: &str| format!("what is no page of {name}: {}", foreign(reason));
        let page = Page::parse(&answer.bytes, name);
        let page = page.map_err(|error| Failure::malformed(&self.address, &wrong(&error.reason)))?;
        Ok(Some((page, answer.place.url())))
    }

    /// The core metadata of a wheel: what the index has beside it (PEP 658, PEP 714), else the METADATA in the wheel. The base
    /// is the address that its page came from.
    pub(crate) fn metadata(&self, http: &Http, file: &File, base: &str) -> Result<Vec<u8>, Failure> {
        let malformed = |what: String| Failure::malformed(&self.address, &what);
        let place = address::join(base, &file.url).and_then(|url| Place::parse(&url));
        let (place, _) =
            place.ok_or_else(|| malformed(format!("with a file at {}, which is no URL", foreign(&file.url))))?;
        if file.kind != FileKind::Wheel {
            return Err(malformed(format!(
                "with {}, which is no wheel and has no metadata to rely on",
                foreign(&file.name)
            )));
        }
        let shown = place.shown();
        if file.has_metadata {
            let beside = place.with(".metadata");
            let name = beside.shown();
            let request = Request { bytes: wheel::METADATA, ..self.request(beside, &name) };
            if let Some(answer) = http.get(&request)? {
                return Ok(answer.bytes);
            }
        }
        let read = wheel::metadata(http, &self.request(place, &shown), &file.name)?;
        read.ok_or_else(|| malformed(format!("with a file that is not at its place, {shown}")))
    }
}
