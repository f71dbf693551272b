//! The clock of the machine.

use anyhow::Context as _;
use release_core::calendar::Moment;
use std::time::{SystemTime, UNIX_EPOCH};

/// The moment that the clock shows.
pub(crate) fn now() -> anyhow::Result<Moment> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970: set it")?.as_secs();
    i64::try_from(seconds).ok().and_then(Moment::new).context("the clock is after the year 9999: set it")
}
