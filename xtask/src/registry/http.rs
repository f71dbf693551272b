//! The one HTTP client: TLS, proxies, redirects, limits of time and size, kinds of documents.
//!
//! Redirects are followed here and not by ureq, so that each place gets its own credentials and its own proxy, or none.

use super::credentials::{Own, Sent};
use super::environment::{Environment, read};
use super::failure::{Failure, no_url};
use super::foreign::foreign;
use super::forward;
use super::limits::Limits;
use super::place::Place;
use super::proxy::{Named, Proxies};
use super::reply::{Reply, Unread, bytes, through};
use super::unanswered::unanswered;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use camino::Utf8Path;
use release_core::registry::address;
use release_core::train::world::Code;
use std::sync::Arc;
use std::time::{Duration, Instant};
use ureq::http::{self, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, AsSendBody, Body, Error, Proxy};

/// Bytes of a document, on the wire and once it is unpacked: pages of packages with thousands of files have some.
pub(crate) const DOCUMENT: u64 = 32 << 20;

/// The most that is read of the reason that a server gives for a refusal.
const REASON: u64 = 64 << 10;

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
pub(crate) struct Request<'a> {
    /// `GET`, `POST` and so on.
    pub(crate) method: &'static str,
    pub(crate) place: Place,
    /// The name of the place in messages.
    pub(crate) shown: &'a str,
    pub(crate) accept: &'a str,
    /// The content types that are an answer; any, if there are none.
    pub(crate) kinds: &'a [&'a str],
    /// A part of it, as `bytes=0-9`.
    pub(crate) range: Option<String>,
    /// More headers.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// A document in JSON, for the methods that bring one.
    pub(crate) body: Option<String>,
    pub(crate) credentials: Own<'a>,
    /// `true` where what asks was asked in secret, and is not to be continued in public.
    pub(crate) secret: bool,
    /// `true` where a redirect to another host is no way to an answer.
    pub(crate) stays: bool,
    /// The most that is read.
    pub(crate) bytes: u64,
}

impl<'a> Request<'a> {
    /// A `GET` of anything.
    pub(crate) fn get(place: Place, shown: &'a str, credentials: Own<'a>) -> Self {
        Self {
            method: "GET",
            place,
            shown,
            accept: "*/*",
            kinds: &[],
            range: None,
            headers: Vec::new(),
            body: None,
            credentials,
            secret: false,
            stays: false,
            bytes: DOCUMENT,
        }
    }
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

    /// Asks for a document. Nothing is there (404, 410) is an answer.
    pub(super) fn get(&self, request: &Request<'_>) -> Result<Option<Reply>, Failure> {
        let (reply, url) = (self.exchange(request)?, request.shown);
        let failure = match reply.status {
            404 | 410 => return Ok(None),
            _ if reply.is_answer() => return Ok(Some(reply)),
            401 | 403 => reply.failure(reply.sent.code(reply.status), &reply.sent.refused(url, reply.status)),
            status => reply.failure(Code::Other, &format!("{url} answers {status}")),
        };
        Err(reply.common_failure(url).unwrap_or(failure))
    }

    /// Sends a request, and follows redirects. Any status of the server's is a reply, also one that says why there is no answer.
    pub(crate) fn exchange(&self, request: &Request<'_>) -> Result<Reply, Failure> {
        let started = Instant::now();
        let mut request = request.clone();
        let authority = request.place.authority();
        for _ in 0..=self.limits.redirects {
            let (url, forwards) = (request.shown, self.forwards(&request.place));
            if request.secret && !request.place.tls {
                let message = format!("{url} leads to a place without TLS{}", through(forwards));
                return Err(Failure::new(Code::Redirected, message));
            }
            let left = self.limits.whole.saturating_sub(started.elapsed());
            let (mut response, sent) = self.ask(&request, left)?;
            let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
            let reply = Reply::new(request.place.clone(), status, headers, sent, forwards);
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                return self.read(reply, response.into_body(), &request);
            }
            let next = next(&reply, &request)?;
            request.secret |= request.place.tls;
            // Whoever was led away has no credentials here, even when led back.
            if next.authority() != authority {
                request.credentials = request.credentials.none();
            }
            request.place = next;
        }
        let message = format!("{} redirects more than {} times", request.shown, self.limits.redirects);
        Err(Failure::new(Code::Redirected, message))
    }

    /// One request, to one place.
    fn ask(&self, request: &Request<'_>, left: Duration) -> Result<(Response<Body>, Sent), Failure> {
        let (place, url) = (&request.place, request.shown);
        let named = self.proxy(place);
        let proxy = match named.map(|named| (&named.proxy, named.variable)) {
            None => None,
            Some((Ok(proxy), _)) => Some(proxy.clone()),
            Some((Err(why), variable)) => {
                return Err(Failure::new(Code::Other, format!("{url} cannot be asked: {variable} {why}")));
            }
        };
        let (authorization, sent) = request.credentials.header(place);
        let whole = proxy.as_ref().filter(|_| !place.tls);
        let (agent, mut call) = match whole {
            None => (&self.direct, http::Request::builder().uri(place.url())),
            Some(proxy) => (&self.forward, by_proxy(proxy, place)),
        };
        // What is unpacked has other offsets than what is sent.
        let encoding = if request.range.is_some() { "identity" } else { "gzip" };
        call = call.method(request.method).header("Accept", request.accept).header("Accept-Encoding", encoding);
        let own = [("Range", request.range.clone()), ("Authorization", authorization)];
        let own = own.into_iter().filter_map(|(name, value)| Some((name, value?)));
        for (name, value) in own.chain(request.headers.clone()) {
            call = call.header(name, value);
        }
        let with = (agent, proxy.filter(|_| place.tls), left);
        let response = match &request.body {
            None => run(with, call, ()),
            Some(body) => run(with, call.header("Content-Type", "application/json"), body.as_bytes()),
        };
        let variable = named.map(|named| named.variable);
        Ok((response.map_err(|error| unanswered(&error, url, variable, self.limits))?, sent))
    }

    /// The variable of the proxy that hears the whole of a question, and may answer itself.
    fn forwards(&self, place: &Place) -> Option<&'static str> {
        self.proxy(place).filter(|_| !place.tls).map(|named| named.variable)
    }

    fn proxy(&self, place: &Place) -> Option<&Named> {
        let named = if place.tls { &self.proxies.https } else { &self.proxies.http };
        named.as_ref().filter(|_| !self.proxies.is_direct(place))
    }

    /// Reads the body of a reply. That of a refusal may be anything, and is only read for the words that it may have.
    fn read(&self, mut reply: Reply, body: Body, request: &Request<'_>) -> Result<Reply, Failure> {
        let is_packed = match reply.header("Content-Encoding").to_ascii_lowercase().as_str() {
            "" | "identity" => false,
            "gzip" | "x-gzip" => true,
            _ if !reply.is_answer() => return Ok(reply),
            _ => return Err(Failure::malformed(request.shown, "in an encoding that was not asked for")),
        };
        if !reply.is_answer() {
            reply.bytes = bytes(body.into_reader(), is_packed, REASON).unwrap_or_default();
            return Ok(reply);
        }
        if matches!(reply.status, 204 | 304) {
            return Ok(reply);
        }
        let (url, limit) = (request.shown, request.bytes);
        self::kind(&reply, request)?;
        if reply.status == 206 {
            let wrong = || Failure::malformed(url, "with a part that does not say which one it is");
            reply.part = Some(part(reply.header("Content-Range")).ok_or_else(wrong)?);
        }
        let too_large = || reply.failure(Code::TooLarge, &format!("the answer of {url} has more than {}", size(limit)));
        if reply.header("Content-Length").parse::<u64>().is_ok_and(|length| length > limit) {
            return Err(too_large());
        }
        let variable = self.proxy(&reply.place).map(|named| named.variable);
        let read = bytes(body.into_reader(), is_packed, limit).map_err(|error| match error {
            Unread::TooLarge => too_large(),
            Unread::NotGzip => Failure::malformed(url, "what is said to be gzip and is not"),
            Unread::Failed(error) => unanswered(&error, url, variable, self.limits),
        })?;
        reply.bytes = read;
        Ok(reply)
    }
}

/// Runs a request with this body by an agent, through this tunnel, within the time that is left.
fn run(
    (agent, tunnel, left): (&Agent, Option<Proxy>, Duration),
    call: http::request::Builder,
    body: impl AsSendBody,
) -> Result<Response<Body>, Error> {
    let call = agent.configure_request(call.body(body)?).proxy(tunnel).timeout_global(Some(left)).build();
    agent.run(call)
}

/// Returns the place that a reply leads to.
fn next(reply: &Reply, request: &Request<'_>) -> Result<Place, Failure> {
    let (url, status, location) = (request.shown, reply.status, reply.header("Location"));
    let fail = |message: String| reply.failure(Code::Redirected, &message);
    if !reply.has("Location") {
        return Err(fail(format!("{url} answers {status}, a redirect, without saying where to")));
    }
    let next = address::join(&request.place.url(), location).and_then(|url| Place::parse(&url));
    let next = next.filter(|_| !location.is_empty()).ok_or_else(|| fail(no_url(url)))?.0;
    if request.stays && next.authority() != request.place.authority() {
        let host = foreign(&next.host);
        return Err(fail(format!("{url} leads to another host, {host}, which is not asked with what is for this one")));
    }
    // Only these two ask for the same again; after the others it is not known what was done.
    if request.method != "GET" && !matches!(status, 307 | 308) {
        return Err(fail(format!("{url} answers {status}, a redirect, to what was to be changed")));
    }
    Ok(next)
}

/// Fails if a reply is of another content type than what was asked for.
fn kind(reply: &Reply, request: &Request<'_>) -> Result<(), Failure> {
    let kind = reply.header("Content-Type").split(';').next().unwrap_or_default().trim();
    if request.kinds.is_empty() || request.kinds.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        return Ok(());
    }
    let got = match kind {
        "" => "without a content type".to_owned(),
        html if html.eq_ignore_ascii_case("text/html") => format!("{}, a page for people,", foreign(html)),
        other => foreign(other),
    };
    let wanted = request.kinds.first().copied().unwrap_or_default();
    Err(reply.failure(Code::WrongType, &format!("{} answers {got} and not `{wanted}`", request.shown)))
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

/// Begin and total of `bytes 5-9/100` (RFC 9110, 14.4).
fn part(text: &str) -> Option<(u64, u64)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.trim().parse().ok()?, total.parse().ok()?))
}

/// A question to a proxy for a place without TLS, as whoever the proxy's URL names.
fn by_proxy(proxy: &Proxy, place: &Place) -> http::request::Builder {
    let request = http::Request::builder().uri(forward::address(proxy, place)).header("Host", place.authority());
    match (proxy.username(), proxy.password()) {
        (None, None) => request,
        (user, password) => {
            let both = format!("{}:{}", user.unwrap_or_default(), password.unwrap_or_default());
            request.header("Proxy-Authorization", format!("Basic {}", BASE64_STANDARD.encode(both)))
        }
    }
}
