//! Limits of time, and of how far an answer may be away.

use std::time::Duration;

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
