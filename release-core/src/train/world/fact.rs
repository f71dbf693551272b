//! Observations, or the reasons why there are none.

use serde::Serialize;
use std::fmt;

/// Something that was observed, or the reason why it could not be. "Not there" is an observation, and no reason.
pub type Fact<T> = Result<T, Why>;

/// The reason why something is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// Its kind, the same in every version of this tool.
    pub code: Code,
    /// A sentence without secrets, which names the place that was asked and the way out.
    pub reason: String,
}

/// The kind of a reason, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Nothing was asked, because of `--offline`.
    Offline,
    /// There is no remote, forge or registry to ask.
    NotConfigured,
    /// The server wants credentials, and there are none (401).
    NoCredentials,
    /// The server refuses the credentials (401).
    CredentialsRefused,
    /// The credentials may not read this (403).
    Forbidden,
    /// The forge does not know the repository, or hides it (404).
    NoRepository,
    /// The state of the resource forbids it (409).
    Conflict,
    /// The server does not accept the question (422).
    Rejected,
    /// Too many questions (429, or a secondary limit).
    RateLimited,
    /// The server failed (5xx).
    ServerError,
    /// There is no connection.
    Unreachable,
    /// The answer did not come in time.
    TimedOut,
    /// The answer ended too early.
    CutOff,
    /// The answer is of another content type.
    WrongType,
    /// The answer is no document of its kind.
    WrongDocument,
    /// The answer is larger than what is read.
    TooLarge,
    /// The server leads to another host.
    Redirected,
    /// The server's certificate is not trusted.
    Untrusted,
    /// Any other status, or a proxy that stands in the way.
    Other,
}

impl Why {
    /// Creates a reason.
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
