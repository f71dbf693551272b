//! Asks an index what is published, by its simple API (PEP 691).
//!
//! "Absent" and "could not ask" are different answers. What a server sends is foreign: it is bounded, and shown only in parts
//! and escaped. Credentials of an index's URL are dropped as soon as it is read, so that no message can show them.

#[cfg(test)]
mod tests;

use release_checks::context::Answer;
use release_core::lockfile::uv_lock::UvLock;
use release_core::manifest::requirement::canonical_name;
use release_core::version::Version;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::thread;
use std::time::Duration;
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;
use ureq::{Agent, Body, Error};

/// What is asked for, and what must come: JSON in this form.
const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";

/// How many packages are asked for at the same time.
const CONNECTIONS: usize = 8;

/// An index, by the URL of its simple API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    /// Without credentials, query, fragment and a slash at its end.
    url: String,
    /// Who named it.
    pub(crate) named_by: String,
}

/// How long and how much is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Until there is a connection.
    pub(crate) connect: Duration,
    /// For one answer as a whole, redirects included.
    pub(crate) whole: Duration,
    /// Bytes of an answer, once it is unpacked.
    pub(crate) bytes: u64,
    /// From one place to the next.
    pub(crate) redirects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let (connect, whole) = (Duration::from_secs(10), Duration::from_secs(30));
        Self { connect, whole, bytes: 16 << 20, redirects: 5 }
    }
}

/// The page of a package.
#[derive(Deserialize)]
struct Page {
    meta: Meta,
    name: String,
    files: Vec<File>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "api-version")]
    api_version: String,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    /// False, or true, or the reason.
    #[serde(default)]
    yanked: Value,
}

impl Index {
    /// The index that installers use here: of release.toml, else of the environment, else the one that most packages of the
    /// root's lockfile come from.
    pub(crate) fn choose(
        configured: Option<&str>,
        variable: impl Fn(&str) -> Option<String>,
        lock: Option<&UvLock>,
    ) -> Result<Self, String> {
        if let Some(url) = configured {
            return Self::new(url, "release.toml");
        }
        for name in ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"] {
            if let Some(value) = variable(name).filter(|value| !value.trim().is_empty()) {
                return Self::new(&value, name);
            }
        }
        match lock.and_then(UvLock::main_registry) {
            Some(url) => Self::new(url, "uv.lock"),
            None => Err("it is not known which index to ask: set `index` in [release] of release.toml".to_owned()),
        }
    }

    fn new(text: &str, named_by: &str) -> Result<Self, String> {
        let text = text.trim();
        // uv admits a name before the URL.
        let is_name =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let url = text.split_once('=').filter(|(name, _)| is_name(name)).map_or(text, |(_, url)| url);
        let lower = url.to_ascii_lowercase();
        let Some(scheme) = ["https://", "http://"].into_iter().find(|scheme| lower.starts_with(scheme)) else {
            return Err(format!("the index that {named_by} names is no address of the web (http or https)"));
        };
        let rest = url[scheme.len()..].split(['?', '#']).next().unwrap_or_default();
        let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let is_plain = |c: char| c.is_ascii_graphic() && c != '@';
        if host.is_empty() || !host.chars().all(is_plain) || !path.chars().all(|c| c.is_ascii_graphic()) {
            return Err(format!("the index that {named_by} names is no URL"));
        }
        let url = format!("{scheme}{host}{}", path.trim_end_matches('/'));
        Ok(Self { url, named_by: named_by.to_owned() })
    }

    /// How it is called: its URL without credentials.
    pub(crate) fn shown(&self) -> &str {
        &self.url
    }

    /// What the index says of packages, by their canonical names.
    pub(crate) fn ask(&self, names: &[&str], limits: Limits) -> BTreeMap<String, Answer> {
        let agent = self.config(limits).build().new_agent();
        let mut answers = BTreeMap::new();
        for names in names.chunks(CONNECTIONS) {
            let said: Vec<Answer> = thread::scope(|scope| {
                let ask = |name: &'_ &str| {
                    let (agent, name) = (&agent, (*name).to_owned());
                    scope.spawn(move || self.answer(agent, &name, limits).unwrap_or_else(Answer::Unknown))
                };
                let asked: Vec<_> = names.iter().map(ask).collect();
                let died = |_| Answer::Unknown("asking failed; this is a defect of this tool".to_owned());
                asked.into_iter().map(|thread| thread.join().unwrap_or_else(died)).collect()
            });
            answers.extend(names.iter().map(|name| (*name).to_owned()).zip(said));
        }
        answers
    }

    fn config(&self, limits: Limits) -> ConfigBuilder<AgentScope> {
        Agent::config_builder()
            .timeout_connect(Some(limits.connect))
            .timeout_global(Some(limits.whole))
            .max_redirects(limits.redirects)
            // What was asked in secret is not asked in public because a server says so.
            .https_only(self.url.starts_with("https://"))
            .http_status_as_error(false)
            .user_agent(concat!("xtask-release/", env!("CARGO_PKG_VERSION")))
    }

    fn answer(&self, agent: &Agent, name: &str, limits: Limits) -> Result<Answer, String> {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(format!("{} is not the name of a package", foreign(name)));
        }
        let said = |error: Error| self.reason(&error, limits);
        let request = agent.get(format!("{}/{name}/", self.url)).header("Accept", SIMPLE_JSON);
        let mut response = request.call().map_err(said)?;
        match response.status().as_u16() {
            200 => {}
            404 => return Ok(Answer::Absent),
            status @ (401 | 403) => {
                return Err(format!("{} answers {status}, and this tool sends no credentials", self.url));
            }
            status => return Err(format!("{} answers {status}", self.url)),
        }
        let kind = response.headers().get("Content-Type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case(SIMPLE_JSON) {
            return Err(format!("{} answers {} and not `{SIMPLE_JSON}` (PEP 691)", self.url, foreign(kind)));
        }
        let bytes = self.body(response.body_mut(), limits)?;
        self.versions(&bytes, name)
    }

    fn body(&self, body: &mut Body, limits: Limits) -> Result<Vec<u8>, String> {
        let too_large = || format!("the answer of {} has more than {} bytes", self.url, limits.bytes);
        let mut bytes = Vec::new();
        // One limit for what is sent, and one for what it is unpacked to.
        let reader = body.with_config().limit(limits.bytes + 1).reader();
        match reader.take(limits.bytes + 1).read_to_end(&mut bytes).map_err(Error::from) {
            Err(Error::BodyExceedsLimit(_)) => Err(too_large()),
            Err(error) => Err(self.reason(&error, limits)),
            Ok(_) if bytes.len() as u64 > limits.bytes => Err(too_large()),
            Ok(_) => Ok(bytes),
        }
    }

    fn versions(&self, bytes: &[u8], name: &str) -> Result<Answer, String> {
        let page: Page = serde_json::from_slice(bytes).map_err(|error| {
            format!("{} answers what is no page of a package: {}", self.url, foreign(&error.to_string()))
        })?;
        if page.meta.api_version.split('.').next() != Some("1") {
            return Err(format!("{} speaks version {} of its API", self.url, foreign(&page.meta.api_version)));
        }
        if canonical_name(&page.name) != name {
            return Err(format!("{} answers for {}", self.url, foreign(&page.name)));
        }
        let mut versions = BTreeMap::new();
        for file in &page.files {
            let Some(version) = version_of(&file.filename, name) else { continue };
            let is_yanked = match &file.yanked {
                Value::Bool(yanked) => *yanked,
                Value::String(reason) => !reason.is_empty(),
                _ => false,
            };
            // A version is there as long as one of its files is.
            *versions.entry(version).or_insert(true) &= is_yanked;
        }
        Ok(Answer::Versions(versions))
    }

    /// Why there is no answer, in words. The errors' own may show addresses that a server sent.
    fn reason(&self, error: &Error, limits: Limits) -> String {
        let url = &self.url;
        match error {
            Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                format!("there is no connection to {url} within {:?}", limits.connect)
            }
            Error::Timeout(_) => format!("{url} does not answer within {:?}", limits.whole),
            Error::HostNotFound => format!("the host of {url} is not known"),
            Error::TooManyRedirects => format!("{url} redirects more than {} times", limits.redirects),
            Error::RequireHttpsOnly(_) => format!("{url} redirects to a place without TLS"),
            Error::BadUri(_) | Error::Http(_) | Error::RedirectFailed => {
                format!("{url} leads to a place that is no URL")
            }
            Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                format!("the answer of {url} ends too early")
            }
            Error::Io(error) => format!("{url}: {}", foreign(&error.to_string())),
            Error::Protocol(_) => format!("{url} does not answer as HTTP asks"),
            Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => {
                "the proxy that the environment names refuses".to_owned()
            }
            other => format!("{url}: {}", foreign(&other.to_string())),
        }
    }
}

/// The version in the name of a wheel or of a source distribution of a package.
fn version_of(file: &str, package: &str) -> Option<Version> {
    if let Some(stem) = file.strip_suffix(".whl") {
        let mut parts = stem.split('-');
        let name = parts.next().filter(|name| canonical_name(name) == package);
        return name.and_then(|_| Version::parse(parts.next()?).ok());
    }
    let endings = [".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"];
    let stem = endings.iter().find_map(|ending| file.strip_suffix(ending))?;
    // Old ones have `-` in their names.
    let own = stem.match_indices('-').filter(|(at, _)| canonical_name(&stem[..*at]) == package);
    own.filter_map(|(at, _)| Version::parse(&stem[at + 1..]).ok()).next()
}

/// What a server sent, as part of a message: short, and nothing that a terminal obeys.
fn foreign(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    let shown =
        text.chars().take(120).map(|c| if is_plain(c) { c.to_string() } else { c.escape_default().to_string() });
    format!("`{}`", shown.collect::<String>())
}
