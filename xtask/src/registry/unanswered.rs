//! The reason why a server gave no answer at all.

use super::failure::{Failure, no_url};
use super::foreign::foreign;
use super::limits::Limits;
use release_core::train::world::Code;
use std::io;
use ureq::Error;

/// Returns the reason why there is no answer from an address, which was asked through the proxy of this variable. The errors' own words
/// may show addresses that a server sent.
pub(super) fn unanswered(error: &Error, url: &str, proxy: Option<&'static str>, limits: Limits) -> Failure {
    let unreached = |why: &str| {
        let by = proxy.map(|variable| format!(" through the proxy of {variable}")).unwrap_or_default();
        Failure::transient(Code::Unreachable, format!("there is no connection to {url}{by}: {why}"))
    };
    let too_late = || {
        let limit = limits.whole;
        let what = format!("{url} does not answer within {limit:?}; UV_HTTP_TIMEOUT sets another limit, in seconds");
        Failure::transient(Code::TimedOut, what)
    };
    let other = |what: String| Failure::new(Code::Other, format!("{url}: {}", foreign(&what)));
    match error {
        Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            unreached(&format!("it does not answer within {:?}", limits.connect.min(limits.whole)))
        }
        Error::Timeout(_) => too_late(),
        Error::HostNotFound => unreached("the host is not known"),
        Error::ConnectionFailed => unreached("it does not answer"),
        Error::BadUri(_) | Error::Http(_) => Failure::new(Code::Other, no_url(url)),
        Error::Io(error) => match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                Failure::transient(Code::CutOff, format!("the answer of {url} ends too early"))
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
            (Some(status), Some(variable)) => Failure::of_proxy(url, variable, status),
            _ => unreached("it says nothing"),
        },
        error => other(error.to_string()),
    }
}

/// The status in ureq's words on a proxy that gives no tunnel, `proxy server responded 407/...`.
fn status_of_proxy(reason: &str) -> Option<u16> {
    reason.split_once("responded ")?.1.split('/').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_proxy_is_read_from_what_is_said_of_it() {
        assert_eq!(status_of_proxy("proxy server responded 407/407"), Some(407));
        assert_eq!(status_of_proxy("proxy server did not respond"), None);
    }
}
