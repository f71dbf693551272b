//! `release verify`: every artifact of a release, as its registry shows it.

mod observe;
mod show;

use crate::Outcome;
use crate::checkout::{Checkout, Intent};
use crate::cli::{Global, Verify};
use crate::effects::interrupt::Interrupt;
use crate::effects::wait::{self, Seen};
use crate::output;
use crate::stop::{Result, Stop};
use observe::{Questions, Round};
use release_core::train::verify::{Verdict, verdict};

/// Asks every registry, and again while there is time to wait, and shows the artifacts as they stand.
pub(super) fn run(global: &Global, words: &Verify) -> Result<Outcome> {
    let release = words.release().map_err(Stop::usage)?;
    let checkout = Checkout::open(global, Intent::Read)?;
    let questions = Questions::new(global, words, &checkout, release)?;
    questions.who_is_asked().iter().for_each(|sentence| output::say(global, sentence));
    let interrupt = Interrupt::watch()?;
    let round = wait::until(words.wait.unwrap_or_default(), &interrupt, global, || {
        let round = interrupt.harmless(|| questions.ask());
        match round.may_change() {
            Some(missing) => {
                let retry_after = round.retry_after;
                Seen::Pending(round, missing, retry_after)
            }
            None => Seen::Done(round),
        }
    });
    let Round { artifacts, .. } = round;
    let verdict = verdict(&artifacts);
    show::show(global, release, verdict, &questions, &artifacts);
    Ok(match verdict {
        Verdict::There => Outcome::Done,
        Verdict::Unknown => Outcome::Unknown,
        Verdict::Yanked => Outcome::Yanked,
        Verdict::OtherBytes => Outcome::Refused,
        Verdict::Absent => Outcome::Absent,
        Verdict::Lagging => Outcome::Lagging,
    })
}
