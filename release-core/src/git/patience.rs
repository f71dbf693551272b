//! The patience with remotes.

use std::time::Duration;

/// How long a remote may be silent, unless somebody says otherwise.
pub const SILENCE: Duration = Duration::from_secs(60);

/// How long remotes are waited for, and who may end that.
pub struct Patience {
    /// How long a remote may say nothing.
    pub silence: Duration,
    /// Begins to watch for signals that ask the run to end.
    pub watch: Box<dyn Fn() -> Stop>,
}

/// Answers which signal has asked the run to end.
pub type Stop = Box<dyn Fn() -> Option<i32>>;

impl Default for Patience {
    fn default() -> Self {
        Self { silence: SILENCE, watch: Box::new(|| Box::new(|| None)) }
    }
}
