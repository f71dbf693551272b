//! A reply of a server, read as a whole up to a limit, and the head that it came with.

use super::credentials::Sent;
use super::failure::Failure;
use super::place::Place;
use flate2::read::MultiGzDecoder;
use release_core::train::world::Code;
use std::io::{self, Read};
use std::time::Duration;
use ureq::Error;
use ureq::http::HeaderMap;

/// A reply.
pub(crate) struct Reply {
    /// The place that it came from, after redirects.
    pub(super) place: Place,
    /// The status: a success, 304, or one that says why there is none.
    pub(crate) status: u16,
    headers: HeaderMap,
    /// The whole document; of a failure only its beginning.
    pub(crate) bytes: Vec<u8>,
    /// The place at which the bytes begin, and how many there are in all, when they are a part.
    pub(super) part: Option<(u64, u64)>,
    /// The credentials that the request had.
    pub(crate) sent: Sent,
    /// The variable of a proxy that heard the request, and may have answered itself.
    forwards: Option<&'static str>,
}

impl Reply {
    /// A reply with its head, whose body is still to come.
    pub(super) fn new(
        place: Place,
        status: u16,
        headers: HeaderMap,
        sent: Sent,
        forwards: Option<&'static str>,
    ) -> Self {
        Self { place, status, headers, bytes: Vec::new(), part: None, sent, forwards }
    }

    /// A header, without blanks around it; empty if it did not come.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim()
    }

    /// Tells whether a header came.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// Tells whether it is an answer, and not the reason why there is none.
    pub(crate) fn is_answer(&self) -> bool {
        matches!(self.status, 200..=299 | 304)
    }

    /// The time for which the server asks to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        seconds(self.header("Retry-After")).map(Duration::from_secs)
    }

    /// A failure, with the words for a proxy that may have answered itself.
    pub(crate) fn failure(&self, code: Code, message: &str) -> Failure {
        Failure { status: Some(self.status), ..Failure::new(code, format!("{message}{}", through(self.forwards))) }
    }

    /// Returns the failure of a status that every kind of server has: the proxy's own, too many requests, an error of the server's.
    pub(crate) fn common_failure(&self, url: &str) -> Option<Failure> {
        let (status, retry_after) = (self.status, self.retry_after());
        match (status, self.forwards) {
            (407, Some(variable)) => Some(Failure::of_proxy(url, variable, status)),
            (429, _) => {
                let when = retry_after.map_or("try again later".to_owned(), |time| format!("it asks to wait {time:?}"));
                let message = format!("{url} answers 429: too many requests, {when}");
                Some(Failure { is_transient: true, retry_after, ..self.failure(Code::RateLimited, &message) })
            }
            (500.., _) => {
                let failure = self.failure(Code::ServerError, &format!("{url} answers {status}"));
                Some(Failure { is_transient: true, retry_after, ..failure })
            }
            _ => None,
        }
    }
}

/// Words for a proxy that was asked without TLS, and may have answered itself.
pub(super) fn through(variable: Option<&str>) -> String {
    variable.map(|variable| format!(" (asked through the proxy of {variable})")).unwrap_or_default()
}

/// A number of seconds, however large.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// The reason why a body could not be read.
pub(super) enum Unread {
    TooLarge,
    NotGzip,
    Failed(Error),
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
pub(super) fn bytes(body: impl Read, is_packed: bool, limit: u64) -> Result<Vec<u8>, Unread> {
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
}
