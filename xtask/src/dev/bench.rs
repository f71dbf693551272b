//! `cargo xtask bench`: what discovery, scan and prepare cost.

use crate::Outcome;
use camino::Utf8Path;

pub(crate) fn run(_runs: usize, _packages: &[usize], _checkout: Option<&Utf8Path>) -> anyhow::Result<Outcome> {
    Ok(Outcome::Done)
}
