//! A Python index, by its simple API in JSON (PEP 691).

use super::credentials::Credentials;
use super::environment::Environment;
use super::failure::Failure;
use super::foreign;
use super::http::{DOCUMENT, Http, Question};
use super::place::Place;
use super::wheel;
use release_core::lockfile::uv_lock::{FileKind, UvLock};
use release_core::registry::address;
use release_core::registry::simple::{File, Page};

/// What is asked for, and what must come: JSON in this form.
const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";

/// An index, by the URL of its simple API.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// Without credentials, query, fragment and a slash at its end.
    place: Place,
    shown: String,
    credentials: Credentials,
    /// Who named it.
    pub(crate) named_by: String,
}

impl Index {
    /// The index that installers use here: of release.toml, else of the environment, else the one that most packages of the
    /// root's lockfile come from.
    pub(crate) fn choose(
        configured: Option<&str>,
        environment: &Environment,
        lock: Option<&UvLock>,
    ) -> Result<Self, String> {
        if let Some(url) = configured {
            return Self::new(url, "release.toml", environment);
        }
        for name in ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"] {
            if let Some(value) = environment.get(name) {
                return Self::new(value, name, environment);
            }
        }
        match lock.and_then(UvLock::main_registry) {
            Some(url) => Self::locked(url, environment),
            None => Err("it is not known which index to ask: set `index` in [release] of release.toml".to_owned()),
        }
    }

    /// The index that an entry of a lockfile names, for where nothing else names one.
    pub(crate) fn locked(url: &str, environment: &Environment) -> Result<Self, String> {
        Self::new(url, "uv.lock", environment)
    }

    fn new(text: &str, named_by: &str, environment: &Environment) -> Result<Self, String> {
        let text = text.trim();
        // uv admits a name before the URL.
        let is_name =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let named = text.split_once('=').filter(|(name, _)| is_name(name));
        let (name, url) = named.map_or((None, text), |(name, url)| (Some(name), url));
        let lower = url.to_ascii_lowercase();
        if !["https://", "http://"].iter().any(|scheme| lower.starts_with(scheme)) {
            return Err(format!("the index that {named_by} names is no address of the web (http or https)"));
        }
        let parsed = Place::parse(url).ok_or_else(|| format!("the index that {named_by} names is no URL"))?;
        let (place, user_info) = (parsed.0.base(), parsed.1);
        let credentials = Credentials::python(&place, name, user_info.as_ref(), named_by, environment);
        Ok(Self { shown: place.shown(), place, credentials, named_by: named_by.to_owned() })
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
        let question = Question {
            accept: SIMPLE_JSON,
            kinds: &[SIMPLE_JSON],
            bytes: DOCUMENT,
            ..self.question(self.place.with(&format!("/{name}/")), &self.shown)
        };
        let Some(answer) = http.get(&question)? else { return Ok(None) };
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
            let question = Question { bytes: wheel::METADATA, ..self.question(beside, &name) };
            if let Some(answer) = http.get(&question)? {
                return Ok(answer.bytes);
            }
        }
        let read = wheel::metadata(http, &self.question(place, &shown), &file.name)?;
        read.ok_or_else(|| Failure::malformed(&self.shown, format!("with a file that is not at its place, {shown}")))
    }

    fn question<'a>(&'a self, place: Place, shown: &'a str) -> Question<'a> {
        Question {
            place,
            shown,
            accept: "*/*",
            kinds: &[],
            range: None,
            credentials: &self.credentials,
            // What was asked in secret is not asked in public because a server says so.
            secret: self.place.tls,
            bytes: DOCUMENT,
        }
    }
}
