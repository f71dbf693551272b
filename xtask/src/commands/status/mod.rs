//! `release status`: all lines of a repository, or the steps of one release. It reads, and changes nothing.

mod json;
mod observe;
mod show;
mod world;

use crate::Outcome;
use crate::checkout::{Checkout, Intent};
use crate::cli::{Format, Global, Status};
use crate::stop::{Result, Stop};
use observe::Observed;
use release_core::train::steps::{Whole, judge};

/// Shows the state of all lines, or of one release.
pub(super) fn run(global: &Global, words: &Status) -> Result<Outcome> {
    let release = words.release().map_err(Stop::usage)?;
    let checkout = Checkout::open(global, Intent::Read)?;
    let observed = Observed::new(global, &checkout, release)?;
    let is_json = global.output_format == Some(Format::Json);
    let Some(release) = release else {
        let overview = observed.overview()?;
        match is_json {
            true => json::lines(&observed, &overview).print(),
            false => show::lines(global, &observed, &overview),
        }
        // What is listed is whole only where everything was looked at.
        return Ok(if observed.is_whole() { Outcome::Done } else { Outcome::Unknown });
    };
    let world = world::of(&observed, release)?;
    let steps = judge(&world);
    match is_json {
        true => json::steps(&observed, &world, &steps).print(),
        false => show::steps(global, &observed, &world, &steps),
    }
    Ok(match Whole::of(&steps) {
        Whole::Done => Outcome::Done,
        Whole::Blocked => Outcome::Refused,
        Whole::NotKnown => Outcome::Unknown,
        Whole::Waiting => Outcome::Waiting,
        Whole::Turn => Outcome::Turn,
    })
}
