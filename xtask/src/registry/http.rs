//! The one HTTP client: GET, TLS, proxies, redirects, limits of time and size, kinds of documents.
//!
//! Redirects are followed here and not by ureq, so that each place gets its own credentials and its own proxy, or none.

use super::credentials::{Own, Sent};
use super::environment::{Environment, read};
use super::failure::{Failure, no_url};
use super::foreign::foreign;
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

/// Limits of time and way to an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The time until there is a connection.
    pub(crate) connect: Duration,
    /// The time for one answer as a whole, redirects included.
    pub(crate) whole: Duration,
    /// The number of ways from one place to the next.
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

/// A request.
#[derive(Clone)]
pub(super) struct Request<'a> {
    pub(super) place: Place,
    /// The name of the place in messages.
    pub(super) shown: &'a str,
    pub(super) accept: &'a str,
    /// The content types that are an answer; any, if there are none.
    pub(super) kinds: &'a [&'a str],
    /// A part of it, as `bytes=0-9`.
    pub(super) range: Option<String>,
    pub(super) credentials: Own<'a>,
    /// `true` where what asks was asked in secret, and is not to be continued in public.
    pub(super) secret: bool,
    /// The most that is read.
    pub(super) bytes: u64,
}

/// A reply.
pub(super) struct Reply {
    /// The place that it came from, after redirects.
    pub(super) place: Place,
    pub(super) bytes: Vec<u8>,
    /// The place at which the bytes begin, and how many there are in all, when they are a part.
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
            let (url, forwards) = (request.shown, self.forwards(place));
            let fail = |what: String| Failure::new(what + &through(forwards));
            if request.secret && !place.tls {
                return Err(fail(format!("{url} leads to a place without TLS")));
            }
            let left = self.limits.whole.saturating_sub(started.elapsed());
            let (response, sent) = self.ask(&request, left)?;
            let status = response.status().as_u16();
            let header = |name: &str| header(response.headers(), name);
            let retry_after = seconds(header("Retry-After")).map(Duration::from_secs);
            match (status, forwards) {
                (200 | 206, _) => return self.answer(response, &request).map(Some),
                (301 | 302 | 303 | 307 | 308, _) => {
                    if response.headers().get("Location").is_none() {
                        let what = format!("{url} answers {status}, a redirect, without saying where to");
                        return Err(fail(what));
                    }
                    let next = address::join(&place.url(), header("Location")).and_then(|url| Place::parse(&url));
                    let next = next.filter(|_| !header("Location").is_empty()).ok_or_else(|| fail(no_url(url)))?.0;
                    request.secret |= place.tls;
                    // Whoever was led away has no credentials here, even when led back.
                    if next.authority() != authority {
                        request.credentials = request.credentials.none();
                    }
                    request.place = next;
                }
                (404 | 410, _) => return Ok(None),
                (407, Some(variable)) => return Err(Failure::of_proxy(url, variable, status)),
                (401 | 403, _) => return Err(fail(sent.refused(url, status))),
                (429, _) => {
                    let when =
                        retry_after.map_or("try again later".to_owned(), |time| format!("it asks to wait {time:?}"));
                    let failure = fail(format!("{url} answers 429: too many requests, {when}"));
                    return Err(Failure { is_transient: true, retry_after, ..failure });
                }
                (500.., _) => {
                    let failure = fail(format!("{url} answers {status}"));
                    return Err(Failure { is_transient: true, retry_after, ..failure });
                }
                _ => return Err(Failure { status: Some(status), ..fail(format!("{url} answers {status}")) }),
            }
        }
        Err(Failure::new(format!("{} redirects more than {} times", request.shown, self.limits.redirects)))
    }

    /// One request, to one place.
    fn ask(&self, request: &Request<'_>, left: Duration) -> Result<(Response<Body>, Sent), Failure> {
        let place = &request.place;
        let named = self.proxy(place);
        let proxy = match named.map(|named| (&named.proxy, named.variable)) {
            None => None,
            Some((Ok(proxy), _)) => Some(proxy.clone()),
            Some((Err(why), variable)) => {
                return Err(Failure::new(format!("{} cannot be asked: {variable} {why}", request.shown)));
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
        let response = call.call().map_err(|error| self.failure(&error, request.shown, named))?;
        Ok((response, sent))
    }

    /// The variable of the proxy that hears the whole of a question, and may answer itself.
    fn forwards(&self, place: &Place) -> Option<&'static str> {
        self.proxy(place).filter(|_| !place.tls).map(|named| named.variable)
    }

    fn proxy(&self, place: &Place) -> Option<&Named> {
        let named = if place.tls { &self.proxies.https } else { &self.proxies.http };
        named.as_ref().filter(|_| !self.proxies.is_direct(place))
    }

    fn answer(&self, response: Response<Body>, request: &Request<'_>) -> Result<Reply, Failure> {
        let place = &request.place;
        let (url, limit) = (request.shown, request.bytes);
        let fail = |what: String| Failure::new(what + &through(self.forwards(place)));
        let headers = response.headers();
        let kind = header(headers, "Content-Type").split(';').next().unwrap_or_default().trim();
        if !request.kinds.is_empty() && !request.kinds.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
            let got = match kind {
                "" => "without a content type".to_owned(),
                html if html.eq_ignore_ascii_case("text/html") => format!("{}, a page for people,", foreign(html)),
                other => foreign(other),
            };
            let wanted = request.kinds.first().copied().unwrap_or_default();
            return Err(fail(format!("{url} answers {got} and not `{wanted}`")));
        }
        let part = match response.status().as_u16() {
            206 => {
                let wrong = || Failure::malformed(url, "with a part that does not say which one it is");
                Some(part(header(headers, "Content-Range")).ok_or_else(wrong)?)
            }
            _ => None,
        };
        let too_large = || fail(format!("the answer of {url} has more than {}", size(limit)));
        if header(headers, "Content-Length").parse::<u64>().is_ok_and(|length| length > limit) {
            return Err(too_large());
        }
        let is_packed = match header(headers, "Content-Encoding").to_ascii_lowercase().as_str() {
            "" | "identity" => false,
            "gzip" | "x-gzip" => true,
            _ => return Err(Failure::malformed(url, "in an encoding that was not asked for")),
        };
        let body = response.into_body().into_reader();
        let bytes = bytes(body, is_packed, limit).map_err(|error| match error {
            Unread::TooLarge => too_large(),
            Unread::NotGzip => Failure::malformed(url, "what is said to be gzip and is not"),
            Unread::Failed(error) => self.failure(&error, url, self.proxy(place)),
        })?;
        Ok(Reply { place: place.clone(), bytes, part })
    }

    /// The reason why there is no answer. The errors' own words may show addresses that a server sent.
    fn failure(&self, error: &Error, url: &str, proxy: Option<&Named>) -> Failure {
        let unreached = |why: &str| {
            let by = proxy.map(|named| format!(" through the proxy of {}", named.variable)).unwrap_or_default();
            Failure::transient(format!("there is no connection to {url}{by}: {why}"))
        };
        let too_late = || {
            let limit = self.limits.whole;
            let what =
                format!("{url} does not answer within {limit:?}; UV_HTTP_TIMEOUT sets another limit, in seconds");
            Failure::transient(what)
        };
        let other = |what: String| Failure::new(format!("{url}: {}", foreign(&what)));
        match error {
            Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                unreached(&format!("it does not answer within {:?}", self.limits.connect.min(self.limits.whole)))
            }
            Error::Timeout(_) => too_late(),
            Error::HostNotFound => unreached("the host is not known"),
            Error::ConnectionFailed => unreached("it does not answer"),
            Error::BadUri(_) | Error::Http(_) => Failure::new(no_url(url)),
            Error::Io(error) => match error.kind() {
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                    Failure::transient(format!("the answer of {url} ends too early"))
                }
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => too_late(),
                io::ErrorKind::ConnectionRefused => unreached("it refuses the connection"),
                io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => unreached("it is out of reach"),
                io::ErrorKind::InvalidData if error.to_string().contains("certificate") => {
                    Failure::untrusted(url, &error.to_string())
                }
                _ if error.to_string().contains("resolve") || error.to_string().contains("lookup") => {
                    unreached("the host is not known")
                }
                _ => other(error.to_string()),
            },
            Error::Protocol(_) | Error::LargeResponseHeader(..) => Failure::malformed(url, "what is not HTTP"),
            Error::ConnectProxyFailed(reason) => match (status_of_proxy(reason), proxy) {
                (Some(status), Some(named)) => Failure::of_proxy(url, named.variable, status),
                _ => unreached("it says nothing"),
            },
            error => other(error.to_string()),
        }
    }
}

/// Words for a proxy that was asked without TLS, and may have answered itself.
fn through(variable: Option<&str>) -> String {
    variable.map(|variable| format!(" (asked through the proxy of {variable})")).unwrap_or_default()
}

/// A number of bytes as people write it.
fn size(bytes: u64) -> String {
    match bytes >> 20 {
        mib if mib > 0 && bytes == mib << 20 => format!("{mib} MiB"),
        _ => format!("{bytes} bytes"),
    }
}

/// The authorities whose certificates are trusted: the file that uv, OpenSSL or pip are told to use, as companies with a proxy of their own
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

/// The reason why a body could not be read.
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
