//! Why a registry gave no answer.

use super::foreign;
use std::fmt;
use std::time::Duration;

/// Why a registry gave no answer. That something is not there is an answer, and no failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Who was asked, without credentials.
    pub(crate) address: String,
    /// What came instead.
    pub(crate) kind: Kind,
    /// The variable of the proxy that was asked without TLS, and may have answered itself.
    pub(crate) through: Option<String>,
}

/// What came instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 401 or 403.
    Unauthorized { status: u16, sent: Sent },
    /// 429, and how long to wait where the registry says so.
    Busy { retry_after: Option<Duration> },
    /// 500 and above.
    Server { status: u16, retry_after: Option<Duration> },
    /// A status that is no answer to what was asked.
    Status(u16),
    /// The whole took too long.
    Timeout(Duration),
    /// Nobody was reached, why, and the variable of the proxy that was to be used.
    NoConnection { why: String, proxy: Option<String> },
    /// More than this many bytes.
    TooLarge(u64),
    /// It ended before its end.
    CutOff,
    /// Another kind of document, and what was asked for.
    ContentType { got: String, wanted: String },
    /// More than this many redirects.
    Redirects(u32),
    /// From a place with TLS to one without.
    Insecure,
    /// To what is no address.
    NoAddress,
    /// A redirect, by this status, that does not say where to.
    NoLocation(u16),
    /// What is wrong with the document, in the words `answers ...`.
    Malformed(String),
    /// The proxy and what is wrong with it.
    Proxy(String),
    /// The proxy of a variable answers itself, with this status.
    ProxyStatus { variable: String, status: u16 },
    /// Its certificate is not trusted, and why.
    Certificate(String),
    /// Anything else.
    Other(String),
}

/// What a request said of who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Nothing is known for this host; where credentials are put.
    Nothing { way_out: String },
    /// Credentials, and where they stood.
    From(String),
    /// They were kept back, because anybody could have read them on the way.
    Withheld(String),
}

impl Failure {
    pub(super) fn new(address: impl Into<String>, kind: Kind) -> Self {
        Self { address: address.into(), kind, through: None }
    }

    /// What a document cannot be read as.
    pub(super) fn malformed(address: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(address, Kind::Malformed(what.into()))
    }

    /// Whether it is worth asking again.
    pub(crate) fn is_transient(&self) -> bool {
        match &self.kind {
            Kind::Busy { .. } | Kind::Server { .. } | Kind::Timeout(_) | Kind::NoConnection { .. } | Kind::CutOff => {
                true
            }
            Kind::ProxyStatus { status, .. } => *status >= 500,
            Kind::Unauthorized { .. }
            | Kind::Status(_)
            | Kind::TooLarge(_)
            | Kind::ContentType { .. }
            | Kind::Redirects(_)
            | Kind::Insecure
            | Kind::NoAddress
            | Kind::NoLocation(_)
            | Kind::Malformed(_)
            | Kind::Proxy(_)
            | Kind::Certificate(_)
            | Kind::Other(_) => false,
        }
    }

    /// How long the registry asks to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            Kind::Busy { retry_after } | Kind::Server { retry_after, .. } => retry_after,
            _ => None,
        }
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)?;
        match &self.through {
            Some(variable) => write!(f, " (asked through the proxy of {variable})"),
            None => Ok(()),
        }
    }
}

impl Failure {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.address;
        match &self.kind {
            Kind::Unauthorized { status, sent: Sent::Nothing { way_out } } => {
                write!(f, "{url} answers {status} and asks for credentials: {way_out}")
            }
            Kind::Unauthorized { status, sent: Sent::From(source) } => {
                write!(f, "{url} answers {status}: it refuses the credentials from {source}")
            }
            Kind::Unauthorized { status, sent: Sent::Withheld(source) } => write!(
                f,
                "{url} answers {status}, and the credentials from {source} are not sent without TLS: use its https address"
            ),
            Kind::Busy { retry_after: Some(after) } => {
                write!(f, "{url} answers 429: too many requests, it asks to wait {after:?}")
            }
            Kind::Busy { retry_after: None } => write!(f, "{url} answers 429: too many requests, try again later"),
            Kind::Server { status, .. } | Kind::Status(status) => write!(f, "{url} answers {status}"),
            Kind::Timeout(limit) => {
                write!(f, "{url} does not answer within {limit:?}; UV_HTTP_TIMEOUT sets another limit, in seconds")
            }
            Kind::NoConnection { why, proxy: None } => write!(f, "there is no connection to {url}: {why}"),
            Kind::NoConnection { why, proxy: Some(name) } => {
                write!(f, "there is no connection to {url} through the proxy of {name}: {why}")
            }
            Kind::TooLarge(limit) => write!(f, "the answer of {url} has more than {}", size(*limit)),
            Kind::CutOff => write!(f, "the answer of {url} ends too early"),
            Kind::ContentType { got, wanted } if got.is_empty() => {
                write!(f, "{url} answers without a content type and not `{wanted}`")
            }
            Kind::ContentType { got, wanted } if got.eq_ignore_ascii_case("text/html") => {
                write!(f, "{url} answers {}, a page for people, and not `{wanted}`", foreign(got))
            }
            Kind::ContentType { got, wanted } => write!(f, "{url} answers {} and not `{wanted}`", foreign(got)),
            Kind::Redirects(limit) => write!(f, "{url} redirects more than {limit} times"),
            Kind::Insecure => write!(f, "{url} leads to a place without TLS"),
            Kind::NoAddress => write!(f, "{url} leads to a place that is no URL"),
            Kind::NoLocation(status) => write!(f, "{url} answers {status}, a redirect, without saying where to"),
            Kind::Malformed(what) => write!(f, "{url} answers {what}"),
            Kind::Proxy(what) => write!(f, "{url} cannot be asked: {what}"),
            Kind::ProxyStatus { variable, status: 407 } => write!(
                f,
                "{url} cannot be asked: the proxy of {variable} answers 407 and asks for credentials: put them into the URL of {variable}"
            ),
            Kind::ProxyStatus { variable, status } => {
                write!(f, "{url} cannot be asked: the proxy of {variable} answers {status}")
            }
            Kind::Certificate(why) if why.contains("CaUsedAsEndEntity") => write!(
                f,
                "the certificate of {url} is that of an authority (`CA:TRUE`), and no server can be trusted by such a one itself, \
                 also not by SSL_CERT_FILE: make the server's own without that (`openssl req -x509 -addext \
                 basicConstraints=critical,CA:FALSE ...`), or sign it with the authority's"
            ),
            Kind::Certificate(why) => write!(
                f,
                "the certificate of {url} is not trusted ({}); SSL_CERT_FILE names a file with those to trust",
                foreign(why)
            ),
            Kind::Other(what) => write!(f, "{url}: {}", foreign(what)),
        }
    }
}

/// A number of bytes as people write it.
fn size(bytes: u64) -> String {
    match bytes >> 20 {
        mib if mib > 0 && bytes == mib << 20 => format!("{mib} MiB"),
        _ => format!("{bytes} bytes"),
    }
}
