//! A Python index, by its simple API in JSON (PEP 691).

use super::credentials::Credentials;
use super::environment::{Environment, User};
use super::failure::Failure;
use super::foreign;
use super::http::{DOCUMENT, Http, Request};
use super::origin::{Origin, unexpanded};
use super::place::Place;
use super::wheel;
use camino::Utf8Path;
use release_core::lockfile::uv_lock::{FileKind, UvLock};
use release_core::registry::address;
use release_core::registry::simple::{File, Page};

/// What is asked for, and what must come: JSON in this form.
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

/// An index, by the URL of its simple API.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// Without credentials, query, fragment and a slash at its end.
    place: Place,
    shown: String,
    credentials: Credentials,
    /// Who chose it.
    pub(crate) origin: Origin,
}

impl Index {
    /// The index that installers use here: of the command line, else of the environment, else of the settings (the user's
    /// file or the tree's release.toml), else the one that most packages of a lockfile at this path come from.
    pub(crate) fn choose(
        user: &User,
        configured: Option<(&str, Origin)>,
        lock: Option<(&Utf8Path, &UvLock)>,
    ) -> Result<Self, String> {
        let environment = &user.environment;
        if let Some((flag, url)) = &user.index {
            return Self::new(url, Origin::CommandLine(flag), environment);
        }
        for name in ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"] {
            if let Some(value) = environment.get(name) {
                return Self::new(value, Origin::Environment(name.to_owned()), environment);
            }
        }
        if let Some((url, origin)) = configured {
            return Self::new(url, origin, environment);
        }
        let locked = lock.map(|(path, lock)| Self::locked(path, lock, environment)).transpose()?.flatten();
        match locked {
            Some(index) => Ok(index),
            None => {
                Err("it is not known which index to ask: name one with `--index URL`, or set `index` in [release] of \
                         release.toml"
                    .to_owned())
            }
        }
    }

    /// The index that most packages of a lockfile come from; `None` where they come from no index.
    pub(crate) fn locked(path: &Utf8Path, lock: &UvLock, environment: &Environment) -> Result<Option<Self>, String> {
        let index = |url: &str| Self::new(url, Origin::Tree(path.to_string()), environment);
        lock.main_registry().map(index).transpose()
    }

    fn new(text: &str, origin: Origin, environment: &Environment) -> Result<Self, String> {
        let text = text.trim();
        let way_out = "name the index with `--index URL`, or set UV_DEFAULT_INDEX";
        if let Some(reason) = unexpanded(text, "index", &origin, way_out) {
            return Err(reason);
        }
        let (name, url) = named(text);
        let lower = url.to_ascii_lowercase();
        if !["https://", "http://"].iter().any(|scheme| lower.starts_with(scheme)) {
            return Err(format!("the index that {origin} names is no address of the web (http or https)"));
        }
        let parsed = Place::parse(url).ok_or_else(|| format!("the index that {origin} names is no URL"))?;
        let (place, user_info) = (parsed.0.base(), parsed.1);
        let credentials = Credentials::python(&place, name, user_info.as_ref(), &origin, environment);
        Ok(Self { shown: place.shown(), place, credentials, origin })
    }

    /// The place that is asked.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Who chose it, and what that means for who asks.
    pub(crate) fn named_by(&self) -> String {
        self.credentials.said(&self.origin, &self.place)
    }

    /// How it is called: its URL without credentials.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// The place that is asked, and as whom.
    pub(super) fn asked(&self) -> (&Place, &Credentials) {
        (&self.place, &self.credentials)
    }

    /// The page of a package by its canonical name, and the address that the addresses of its files are relative to; nothing
    /// where the index does not know the package.
    pub(crate) fn page(&self, http: &Http, name: &str) -> Result<Option<(Page, String)>, Failure> {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            let what = format!("no question for {}, which is not the name of a package", foreign(name));
            return Err(Failure::malformed(&self.shown, what));
        }
        let request = Request {
            accept: SIMPLE_JSON,
            kinds: &[SIMPLE_JSON],
            bytes: DOCUMENT,
            ..self.request(self.place.with(&format!("/{name}/")), &self.shown)
        };
        let Some(answer) = http.get(&request)? else { return Ok(None) };
        let wrong = |reason: &str| format!("what is no page of {name}: {}", foreign(reason));
        let page = Page::parse(&answer.bytes, name);
        let page = page.map_err(|error| Failure::malformed(&self.shown, wrong(&error.reason)))?;
        Ok(Some((page, answer.place.url())))
    }

    /// The core metadata of a wheel: what the index has beside it (PEP 658, PEP 714), else the METADATA in the wheel. The base
    /// is the address that its page came from.
    pub(crate) fn metadata(&self, http: &Http, file: &File, base: &str) -> Result<Vec<u8>, Failure> {
        let malformed = |what: String| Failure::malformed(&self.shown, what);
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
        read.ok_or_else(|| Failure::malformed(&self.shown, format!("with a file that is not at its place, {shown}")))
    }

    /// A question on behalf of this index. A file on another host is asked for with the user's own entry for that host, and
    /// with none where the tree chose the index.
    fn request<'a>(&'a self, place: Place, shown: &'a str) -> Request<'a> {
        let is_elsewhere = place.authority() != self.place.authority();
        let credentials = match self.origin.is_tree() && is_elsewhere {
            true => self.credentials.none(),
            false => self.credentials.of(&place),
        };
        Request {
            place,
            shown,
            accept: "*/*",
            kinds: &[],
            range: None,
            credentials,
            // What was asked in secret is not asked in public because a server says so.
            secret: self.place.tls,
            bytes: DOCUMENT,
        }
    }
}
