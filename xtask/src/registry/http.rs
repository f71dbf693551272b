//! The one HTTP client: GET, TLS, proxies, redirects, limits of time and size, kinds of documents.
//!
//! Redirects are followed here and not by ureq, so that each place gets its own credentials and its own proxy, or none.

use super::credentials::Own;
use super::environment::{Environment, read};
use super::failure::{Failure, Kind, Sent};
use super::forward;
use super::place::Place;
use super::proxy::{Named, Proxies};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use camino::Utf8Path;
use flate2::read::MultiGzDecoder;
use release_core::registry::address;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};
use ureq::http::{HeaderMap, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::typestate::WithoutBody;
use ureq::{Agent, Body, Error, Proxy, RequestBuilder};

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
    /// Asks proxies for addresses without TLS.
    forward: Agent,
    proxies: Proxies,
    limits: Limits,
}

/// What is asked for.
#[derive(Clone)]
pub(super) struct Request<'a> {
    pub(super) place: Place,
    /// What the place is called in messages.
    pub(super) shown: &'a str,
    pub(super) accept: &'a str,
    /// The content types that are an answer; any, if there are none.
    pub(super) kinds: &'a [&'a str],
    /// A part of it, as `bytes=0-9`.
    pub(super) range: Option<String>,
    pub(super) credentials: Own<'a>,
    /// Whether what asks was asked in secret, and is not to be continued in public.
    pub(super) secret: bool,
    /// The most that is read.
    pub(super) bytes: u64,
}

/// What came.
pub(super) struct Reply {
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
        let config = config.build();
        Self { direct: config.new_agent(), forward: forward::agent(config), proxies, limits }
    }

    /// Asks. Nothing is there (404, 410) is an answer.
    pub(super) fn get(&self, request: &Request<'_>) -> Result<Option<Reply>, Failure> {
        let started = Instant::now();
        let mut request = request.clone();
        let authority = request.place.authority();
        for _ in 0..=self.limits.redirects {
            let place = &request.place;
            let fail = |kind| Failure { through: self.forwards(place), ..Failure::new(request.shown, kind) };
            if request.secret && !place.tls {
                return Err(fail(Kind::Insecure));
            }
            let left = self.limits.whole.saturating_sub(started.elapsed());
            let (response, sent) = self.ask(&request, left)?;
            let status = response.status().as_u16();
            let header = |name: &str| header(response.headers(), name);
            let retry_after = seconds(header("Retry-After")).map(Duration::from_secs);
            match (status, self.forwards(place)) {
                (200 | 206, _) => return self.answer(response, &request).map(Some),
                (301 | 302 | 303 | 307 | 308, _) => {
                    if response.headers().get("Location").is_none() {
                        return Err(fail(Kind::NoLocation(status)));
                    }
                    let next = address::join(&place.url(), header("Location")).and_then(|url| Place::parse(&url));
                    let next = next.filter(|_| !header("Location").is_empty()).ok_or_else(|| fail(Kind::NoAddress))?.0;
                    request.secret |= place.tls;
                    // Whoever was led away is nobody here, even when led back.
                    if next.authority() != authority {
                        request.credentials = request.credentials.nobody();
                    }
                    request.place = next;
                }
                (404 | 410, _) => return Ok(None),
                (407, Some(variable)) => {
                    return Err(Failure::new(request.shown, Kind::ProxyStatus { variable, status }));
                }
                (401 | 403, _) => return Err(fail(Kind::Unauthorized { status, sent })),
                (429, _) => return Err(fail(Kind::Busy { retry_after })),
                (500.., _) => return Err(fail(Kind::Server { status, retry_after })),
                (status, _) => return Err(fail(Kind::Status(status))),
            }
        }
        Err(Failure::new(request.shown, Kind::Redirects(self.limits.redirects)))
    }

    /// One request, to one place.
    fn ask(&self, request: &Request<'_>, left: Duration) -> Result<(Response<Body>, Sent), Failure> {
        let place = &request.place;
        let named = self.proxy(place);
        let proxy = match named.map(|named| (&named.proxy, named.variable)) {
            None => None,
            Some((Ok(proxy), _)) => Some(proxy.clone()),
            Some((Err(why), variable)) => {
                return Err(Failure::new(request.shown, Kind::Proxy(format!("{variable} {why}"))));
            }
        };
        let (authorization, sent) = request.credentials.header(place);
        let mut call = match proxy.as_ref().filter(|_| !place.tls) {
            None => self.direct.get(place.url()),
            Some(proxy) => by_proxy(&self.forward, proxy, place),
        };
        call = call.header("Accept", request.accept);
        // What is unpacked has other offsets than what is sent.
        let encoding = if request.range.is_some() { "identity" } else { "gzip" };
        call = call.header("Accept-Encoding", encoding);
        if let Some(range) = &request.range {
            call = call.header("Range", range);
        }
        if let Some(value) = authorization {
            call = call.header("Authorization", value);
        }
        let tunnel = proxy.filter(|_| place.tls);
        let call = call.config().proxy(tunnel).timeout_global(Some(left)).build();
        let response = call.call().map_err(|error| self.failure(&error, request, named))?;
        Ok((response, sent))
    }

    /// The variable of the proxy that hears the whole of a question, and may answer itself.
    fn forwards(&self, place: &Place) -> Option<String> {
        self.proxy(place).filter(|_| !place.tls).map(|named| named.variable.to_owned())
    }

    fn proxy(&self, place: &Place) -> Option<&Named> {
        let named = if place.tls { &self.proxies.https } else { &self.proxies.http };
        named.as_ref().filter(|_| !self.proxies.is_direct(place))
    }

    fn answer(&self, response: Response<Body>, request: &Request<'_>) -> Result<Reply, Failure> {
        let place = &request.place;
        let fail = |kind| Failure { through: self.forwards(place), ..Failure::new(request.shown, kind) };
        let headers = response.headers();
        let kind = header(headers, "Content-Type").split(';').next().unwrap_or_default().trim();
        if !request.kinds.is_empty() && !request.kinds.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
            let wanted = request.kinds.first().copied().unwrap_or_default().to_owned();
            return Err(fail(Kind::ContentType { got: kind.to_owned(), wanted }));
        }
        let part =
            match response.status().as_u16() {
                206 => Some(part(header(headers, "Content-Range")).ok_or_else(|| {
                    Failure::malformed(request.shown, "with a part that does not say which one it is")
                })?),
                _ => None,
            };
        if header(headers, "Content-Length").parse::<u64>().is_ok_and(|length| length > request.bytes) {
            return Err(fail(Kind::TooLarge(request.bytes)));
        }
        let is_packed = match header(headers, "Content-Encoding").to_ascii_lowercase().as_str() {
            "" | "identity" => false,
            "gzip" | "x-gzip" => true,
            _ => return Err(Failure::malformed(request.shown, "in an encoding that was not asked for")),
        };
        let body = response.into_body().into_reader();
        let bytes = bytes(body, is_packed, request.bytes).map_err(|error| match error {
            Unread::TooLarge => fail(Kind::TooLarge(request.bytes)),
            Unread::NotGzip => Failure::malformed(request.shown, "what is said to be gzip and is not"),
            Unread::Failed(error) => self.failure(&error, request, self.proxy(place)),
        })?;
        Ok(Reply { place: place.clone(), bytes, part })
    }

    /// Why there is no answer. The errors' own words may show addresses that a server sent.
    fn failure(&self, error: &Error, request: &Request<'_>, proxy: Option<&Named>) -> Failure {
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
            Error::ConnectProxyFailed(reason) => match (status_of_proxy(reason), variable.clone()) {
                (Some(status), Some(variable)) => Kind::ProxyStatus { variable, status },
                _ => unreached("it says nothing"),
            },
            other => Kind::Other(other.to_string()),
        };
        Failure::new(request.shown, kind)
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

/// A question to a proxy for a place without TLS, as whoever the proxy's URL names.
fn by_proxy(agent: &Agent, proxy: &Proxy, place: &Place) -> RequestBuilder<WithoutBody> {
    let request = agent.get(forward::address(proxy, place)).header("Host", place.authority());
    match (proxy.username(), proxy.password()) {
        (None, None) => request,
        (user, password) => {
            let both = format!("{}:{}", user.unwrap_or_default(), password.unwrap_or_default());
            request.header("Proxy-Authorization", format!("Basic {}", BASE64_STANDARD.encode(both)))
        }
    }
}

/// The status in ureq's words on a proxy that gives no tunnel, `proxy server responded 407/...`.
fn status_of_proxy(reason: &str) -> Option<u16> {
    reason.split_once("responded ")?.1.split('/').next()?.trim().parse().ok()
}

/// A number of seconds, however large.
fn seconds(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A body that remembers whether it could be read.
struct Watched<R> {
    body: R,
    is_broken: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer).inspect_err(|error| self.is_broken |= error.kind() != io::ErrorKind::Interrupted)
    }
}

/// A body, unpacked. The limit is one for what is sent and one for what that is unpacked to.
fn bytes(body: impl Read, is_packed: bool, limit: u64) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    let mut sent = Watched { body, is_broken: false }.take(limit + 1);
    let read = if is_packed {
        MultiGzDecoder::new(&mut sent).take(limit + 1).read_to_end(&mut bytes)
    } else {
        sent.read_to_end(&mut bytes)
    };
    if sent.limit() == 0 || bytes.len() as u64 > limit {
        return Err(Unread::TooLarge);
    }
    match read {
        Ok(_) => Ok(bytes),
        // All that was sent is here, and is no gzip.
        Err(_) if is_packed && !sent.get_ref().is_broken => Err(Unread::NotGzip),
        Err(error) => Err(Unread::Failed(Error::from(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_wait_is_a_number_of_any_size() {
        for (text, expected) in [
            ("0", Some(0)),
            ("17", Some(17)),
            ("18446744073709551615", Some(u64::MAX)),
            ("99999999999999999999999999", Some(u64::MAX)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn the_status_of_a_proxy_is_read_from_what_is_said_of_it() {
        assert_eq!(status_of_proxy("proxy server responded 407/407"), Some(407));
        assert_eq!(status_of_proxy("proxy server did not respond"), None);
    }
}
