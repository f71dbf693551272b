//! The patience with remotes.

use std::time::Duration;

/// The time for which a remote may be silent, unless another one is set.
pub const SILENCE: Duration = Duration::from_secs(60);

/// The time for which remotes are waited for, and the signals that may end it.
pub struct Patience {
    /// The time for which a remote may say nothing.
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
