//! The one HTTP client: GET, TLS, proxies, redirects, limits of time and size, kinds of documents.
//!
//! Redirects are followed here and not by ureq, so that each place gets its own credentials and its own proxy, or none.

use super::credentials::Credentials;
use super::environment::{Environment, read};
use super::failure::{Failure, Kind, Sent};
use super::place::Place;
use super::proxy::{Named, Proxies};
use camino::Utf8Path;
use flate2::read::MultiGzDecoder;
use release_core::registry::address;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};
use ureq::http::{HeaderMap, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Error};

/// How long and how far is gone for an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Until there is a connection.
    pub(crate) connect: Duration,
    /// For one answer as a whole, redirects included.
    pub(crate) whole: Duration,
    /// From one place to the next.
    pub(crate) redirects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), whole: Duration::from_secs(30), redirects: 5 }
    }
}

/// Bytes of a document, on the wire and once it is unpacked: pages of packages with thousands of files have some.
pub(crate) const DOCUMENT: u64 = 32 << 20;

/// The client of a run; its connections are kept for the next question.
pub(crate) struct Http {
    direct: Agent,
    proxies: Proxies,
    limits: Limits,
}

/// What is asked for.
#[derive(Clone)]
pub(super) struct Question<'a> {
    pub(super) place: Place,
    /// What the place is called in messages.
    pub(super) shown: &'a str,
    pub(super) accept: &'a str,
    /// The content types that are an answer; any, if there are none.
    pub(super) kinds: &'a [&'a str],
    /// A part of it, as `bytes=0-9`.
    pub(super) range: Option<String>,
    pub(super) credentials: &'a Credentials,
    /// Whether what asks was asked in secret, and is not to be continued in public.
    pub(super) secret: bool,
    /// The most that is read.
    pub(super) bytes: u64,
}

/// What came.
pub(super) struct Answer {
    /// Where it came from, after redirects.
    pub(super) place: Place,
    pub(super) bytes: Vec<u8>,
    /// Where the bytes begin and how many there are in all, when they are a part.
    pub(super) part: Option<(u64, u64)>,
}

impl Http {
    /// A client with the proxies and limits of the environment.
    pub(crate) fn of(environment: &Environment) -> Result<Self, String> {
        let mut limits = Limits::default();
        if let Some(text) = environment.get("UV_HTTP_TIMEOUT") {
            let seconds = text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds));
            let seconds = seconds.ok_or("UV_HTTP_TIMEOUT is not a number of seconds from 1 to 86400")?;
            (limits.connect, limits.whole) = (Duration::from_secs(seconds), Duration::from_secs(seconds));
        }
        Ok(Self::with_roots(limits, Proxies::read(environment), roots(environment)?))
    }

    #[cfg(test)]
    pub(super) fn new(limits: Limits, proxies: Proxies) -> Self {
        Self::with_roots(limits, proxies, RootCerts::WebPki)
    }

    fn with_roots(limits: Limits, proxies: Proxies, roots: RootCerts) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(limits.connect))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(concat!("xtask-release/", env!("CARGO_PKG_VERSION")));
        Self { direct: config.build().new_agent(), proxies, limits }
    }

    /// Asks. Nothing is there (404, 410) is an answer.
    pub(super) fn get(&self, question: &Question<'_>) -> Result<Option<Answer>, Failure> {
        let started = Instant::now();
        let fail = |kind| Failure::new(question.shown, kind);
        let mut place = question.place.clone();
        let mut is_secret = question.secret || place.tls;
        for _ in 0..=self.limits.redirects {
            if is_secret && !place.tls {
                return Err(fail(Kind::Insecure));
            }
            let left = self.limits.whole.saturating_sub(started.elapsed());
            let (response, sent) = self.ask(&place, question, left)?;
            let status = response.status().as_u16();
            let header = |name: &str| header(response.headers(), name);
            let retry_after = header("Retry-After").parse().ok().map(Duration::from_secs);
            match status {
                200 | 206 => return self.answer(place, response, question).map(Some),
                301 | 302 | 303 | 307 | 308 => {
                    let next = address::join(&place.url(), header("Location")).and_then(|url| Place::parse(&url));
                    is_secret |= place.tls;
                    place = next.ok_or_else(|| fail(Kind::NoAddress))?.0;
                }
                404 | 410 => return Ok(None),
                401 | 403 => return Err(fail(Kind::Unauthorized { status, sent })),
                429 => return Err(fail(Kind::Busy { retry_after })),
                500.. => return Err(fail(Kind::Server { status, retry_after })),
                status => return Err(fail(Kind::Status(status))),
            }
        }
        Err(fail(Kind::Redirects(self.limits.redirects)))
    }

    /// One request, to one place.
    fn ask(&self, place: &Place, question: &Question<'_>, left: Duration) -> Result<(Response<Body>, Sent), Failure> {
        let named = self.proxy(place);
        let proxy = match named.map(|named| (&named.proxy, named.variable)) {
            None => None,
            Some((Ok(proxy), _)) => Some(proxy.clone()),
            Some((Err(why), variable)) => {
                return Err(Failure::new(question.shown, Kind::Proxy(format!("{variable} {why}"))));
            }
        };
        let (authorization, sent) = question.credentials.header(place);
        let mut request = self.direct.get(place.url()).header("Accept", question.accept);
        // What is unpacked has other offsets than what is sent.
        let encoding = if question.range.is_some() { "identity" } else { "gzip" };
        request = request.header("Accept-Encoding", encoding);
        if let Some(range) = &question.range {
            request = request.header("Range", range);
        }
        if let Some(value) = authorization {
            request = request.header("Authorization", value);
        }
        let request = request.config().proxy(proxy).timeout_global(Some(left)).build();
        let response = request.call().map_err(|error| self.failure(&error, question, named))?;
        Ok((response, sent))
    }

    fn proxy(&self, place: &Place) -> Option<&Named> {
        let named = if place.tls { &self.proxies.https } else { &self.proxies.http };
        named.as_ref().filter(|_| !self.proxies.is_direct(place))
    }

    fn answer(&self, place: Place, response: Response<Body>, question: &Question<'_>) -> Result<Answer, Failure> {
        let fail = |kind| Failure::new(question.shown, kind);
        let headers = response.headers();
        let kind = header(headers, "Content-Type").split(';').next().unwrap_or_default().trim();
        if !question.kinds.is_empty() && !question.kinds.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
            let wanted = question.kinds.first().copied().unwrap_or_default().to_owned();
            return Err(fail(Kind::ContentType { got: kind.to_owned(), wanted }));
        }
        let part =
            match response.status().as_u16() {
                206 => Some(part(header(headers, "Content-Range")).ok_or_else(|| {
                    Failure::malformed(question.shown, "with a part that does not say which one it is")
                })?),
                _ => None,
            };
        if header(headers, "Content-Length").parse::<u64>().is_ok_and(|length| length > question.bytes) {
            return Err(fail(Kind::TooLarge(question.bytes)));
        }
        let is_packed = match header(headers, "Content-Encoding").to_ascii_lowercase().as_str() {
            "" | "identity" => false,
            "gzip" | "x-gzip" => true,
            _ => return Err(Failure::malformed(question.shown, "in an encoding that was not asked for")),
        };
        let body = response.into_body().into_reader();
        let bytes = bytes(body, is_packed, question.bytes).map_err(|error| match error {
            Unread::TooLarge => fail(Kind::TooLarge(question.bytes)),
            Unread::NotGzip => Failure::malformed(question.shown, "what is said to be gzip and is not"),
            Unread::Failed(error) => self.failure(&error, question, self.proxy(&place)),
        })?;
        Ok(Answer { place, bytes, part })
    }

    /// Why there is no answer. The errors' own words may show addresses that a server sent.
    fn failure(&self, error: &Error, question: &Question<'_>, proxy: Option<&Named>) -> Failure {
        let variable = proxy.map(|named| named.variable.to_owned());
        let unreached = |why: &str| Kind::NoConnection { why: why.to_owned(), proxy: variable.clone() };
        let kind = match error {
            Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                unreached(&format!("nobody answers within {:?}", self.limits.connect.min(self.limits.whole)))
            }
            Error::Timeout(_) => Kind::Timeout(self.limits.whole),
            Error::HostNotFound => unreached("the host is not known"),
            Error::ConnectionFailed => unreached("nobody answers"),
            Error::BadUri(_) | Error::Http(_) => Kind::NoAddress,
            Error::Io(error) => match error.kind() {
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                    Kind::CutOff
                }
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Kind::Timeout(self.limits.whole),
                io::ErrorKind::ConnectionRefused => unreached("it refuses the connection"),
                io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => unreached("it is out of reach"),
                io::ErrorKind::InvalidData if error.to_string().contains("certificate") => {
                    Kind::Certificate(error.to_string())
                }
                _ if error.to_string().contains("resolve") || error.to_string().contains("lookup") => {
                    unreached("the host is not known")
                }
                _ => Kind::Other(error.to_string()),
            },
            Error::Protocol(_) | Error::LargeResponseHeader(..) => Kind::Malformed("what is not HTTP".to_owned()),
            Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => {
                Kind::Proxy(format!("the proxy of {} refuses", variable.as_deref().unwrap_or("the environment")))
            }
            other => Kind::Other(other.to_string()),
        };
        Failure::new(question.shown, kind)
    }
}

/// Whose certificates are trusted: the file that uv, OpenSSL or pip are told to use, as companies with a proxy of their own
/// have it, else the authorities that browsers trust.
fn roots(environment: &Environment) -> Result<RootCerts, String> {
    let mut names = ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"].into_iter();
    let Some((name, path)) = names.find_map(|name| Some((name, environment.get(name)?))) else {
        return Ok(RootCerts::WebPki);
    };
    let text = read(Utf8Path::new(path)).unwrap_or_default();
    let certificates = parse_pem(text.as_bytes()).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    if certificates.is_empty() {
        return Err(format!("{path}, which {name} names, has no certificates (PEM)"));
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim()
}

/// Begin and total of `bytes 5-9/100` (RFC 9110, 14.4).
fn part(text: &str) -> Option<(u64, u64)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.trim().parse().ok()?, total.parse().ok()?))
}

/// Why a body could not be read.
enum Unread {
    TooLarge,
    NotGzip,
    Failed(Error),
}

/// A body, unpacked. The limit is one for what is sent and one for what that is unpacked to.
fn bytes(body: impl Read, is_packed: bool, limit: u64) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    let mut sent = body.take(limit + 1);
    let read = if is_packed {
        MultiGzDecoder::new(&mut sent).take(limit + 1).read_to_end(&mut bytes)
    } else {
        sent.read_to_end(&mut bytes)
    };
    if sent.limit() == 0 || bytes.len() as u64 > limit {
        return Err(Unread::TooLarge);
    }
    match read.map_err(Error::from) {
        Ok(_) => Ok(bytes),
        Err(Error::Io(error)) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            Err(Unread::NotGzip)
        }
        Err(error) => Err(Unread::Failed(error)),
    }
}
