//! The reason why a server gave no answer.

use super::foreign::foreign;
use release_core::train::world::{Code, Why};
use std::fmt;
use std::time::Duration;

/// The reason why a server gave no answer. That something is not there is an answer, and no failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Its kind, for scripts.
    pub(crate) code: Code,
    /// A sentence, without credentials.
    pub(crate) message: String,
    /// `true` where it is worth asking again.
    pub(crate) is_transient: bool,
    /// The time for which the server asks to be left alone.
    pub(crate) retry_after: Option<Duration>,
    /// The status, where it is no answer to the question.
    pub(crate) status: Option<u16>,
}

impl Failure {
    /// A failure that stays as it is.
    pub(crate) fn new(code: Code, message: String) -> Self {
        Self { code, message, is_transient: false, retry_after: None, status: None }
    }

    /// A failure that may be gone when the question is asked again.
    pub(crate) fn transient(code: Code, message: String) -> Self {
        Self { is_transient: true, ..Self::new(code, message) }
    }

    /// A document that cannot be read as one of its kind.
    pub(crate) fn malformed(address: &str, what: &str) -> Self {
        Self::new(Code::WrongDocument, format!("{address} answers {what}"))
    }

    /// A proxy that answers itself.
    pub(super) fn of_proxy(address: &str, variable: &str, status: u16) -> Self {
        let way_out = match status {
            407 => format!(" and asks for credentials: put them into the URL of {variable}"),
            _ => String::new(),
        };
        let what = format!("{address} cannot be asked: the proxy of {variable} answers {status}{way_out}");
        Self { is_transient: status >= 500, ..Self::new(Code::Other, what) }
    }

    /// A certificate that is not trusted.
    pub(super) fn untrusted(address: &str, why: &str) -> Self {
        let message = match why.contains("CaUsedAsEndEntity") {
            true => format!(
                "the certificate of {address} is that of an authority (`CA:TRUE`), and no server can be trusted by such a one \
                 itself, also not by SSL_CERT_FILE: make the server's own without that (`openssl req -x509 -addext \
                 basicConstraints=critical,CA:FALSE ...`), or sign it with the authority's"
            ),
            false => format!(
                "the certificate of {address} is not trusted ({}); SSL_CERT_FILE names a file with those to trust",
                foreign(why)
            ),
        };
        Self::new(Code::Untrusted, message)
    }
}

/// Words for a server that leads to what is no address.
pub(super) fn no_url(address: &str) -> String {
    format!("{address} leads to a place that is no URL")
}

impl From<Failure> for Why {
    fn from(failure: Failure) -> Self {
        Self::new(failure.code, failure.message)
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
