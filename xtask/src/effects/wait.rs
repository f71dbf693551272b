//! Waits for the world, within a limit, and says what for.

use super::interrupt::Interrupt;
use crate::cli::Global;
use crate::duration::shown;
use release_core::text;
use std::io::{IsTerminal, Write};
use std::thread;
use std::time::{Duration, Instant};

/// The first pause, which doubles up to the last.
const FIRST: Duration = Duration::from_secs(2);
const LAST: Duration = Duration::from_secs(30);

/// The time for which a signal goes unnoticed.
const SLICE: Duration = Duration::from_millis(100);

/// The time between two lines of a log that say that the wait goes on.
const REPORT: Duration = Duration::from_secs(60);

/// The result of a look at the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen<T> {
    /// There is nothing to wait for any more.
    Done(T),
    /// The state so far; what is missing, in words; the time for which the one who was asked wants to be left alone.
    Pending(T, String, Option<Duration>),
}

/// Looks, and looks again until nothing is missing, the limit is reached, or a signal asks the run to end. What the last look
/// saw is given back; it is looked at least once, also when the limit is nothing.
pub(crate) fn until<T>(limit: Duration, interrupt: &Interrupt, global: &Global, look: impl FnMut() -> Seen<T>) -> T {
    let started = Instant::now();
    let clock = Clock { now: &|| started.elapsed(), sleep: &thread::sleep, is_over: &|| interrupt.happened() };
    let is_terminal = std::io::stderr().is_terminal();
    let progress = Progress { is_terminal, is_quiet: global.quiet, out: &mut std::io::stderr(), said: None };
    wait(limit, &clock, progress, look)
}

/// The time, since the wait began, and what can end it.
struct Clock<'a> {
    now: &'a dyn Fn() -> Duration,
    sleep: &'a dyn Fn(Duration),
    is_over: &'a dyn Fn() -> bool,
}

fn wait<T>(limit: Duration, clock: &Clock<'_>, mut progress: Progress<'_>, mut look: impl FnMut() -> Seen<T>) -> T {
    let mut pause = FIRST;
    loop {
        let (state, missing, retry_after) = match look() {
            Seen::Done(state) => return state,
            Seen::Pending(state, missing, retry_after) => (state, missing, retry_after),
        };
        let begun = (clock.now)();
        if begun >= limit || (clock.is_over)() {
            return state;
        }
        // The last look is at the limit itself.
        let end = limit.min(begun.saturating_add(pause.max(retry_after.unwrap_or_default())));
        while (clock.now)() < end {
            progress.show((clock.now)(), limit, &missing);
            (clock.sleep)(SLICE.min(end.saturating_sub((clock.now)())));
            if (clock.is_over)() {
                return state;
            }
        }
        pause = LAST.min(pause * 2);
    }
}

/// The words meanwhile: on a terminal one line that is written anew, elsewhere a line at the beginning and one a minute.
struct Progress<'a> {
    is_terminal: bool,
    is_quiet: bool,
    out: &'a mut dyn Write,
    /// When something was said, and what.
    said: Option<(Duration, String)>,
}

impl Progress<'_> {
    fn show(&mut self, elapsed: Duration, limit: Duration, missing: &str) {
        if self.is_quiet {
            return;
        }
        let line = format!("waiting: {} ({} of {})", text::shown(missing), shown(elapsed), shown(limit));
        // A stream that is closed has no reader.
        if self.is_terminal {
            if self.said.as_ref().is_none_or(|(_, said)| *said != line) {
                let _ = write!(self.out, "\r\x1b[2K{line}");
                let _ = self.out.flush();
                self.said = Some((elapsed, line));
            }
        } else if self.said.as_ref().is_none_or(|(at, _)| elapsed >= at.saturating_add(REPORT)) {
            let _ = writeln!(self.out, "{line}");
            self.said = Some((elapsed, line));
        }
    }
}

impl Drop for Progress<'_> {
    /// Takes the line of a terminal away.
    fn drop(&mut self) {
        if self.is_terminal && self.said.take().is_some() {
            let _ = write!(self.out, "\r\x1b[2K");
            let _ = self.out.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use std::cell::{Cell, RefCell};

    /// Waits on a clock that only sleeping moves: what came back, when each look was, what was said.
    fn waited(
        limit: u64,
        is_terminal: bool,
        signal: Option<u64>,
        seen: impl Fn(u64) -> Seen<u64>,
    ) -> (u64, Vec<u64>, String) {
        let time = Cell::new(Duration::ZERO);
        let looks = RefCell::new(Vec::new());
        let clock = Clock {
            now: &|| time.get(),
            sleep: &|pause| time.set(time.get() + pause),
            is_over: &|| signal.is_some_and(|at| time.get() >= Duration::from_secs(at)),
        };
        let mut out = Vec::new();
        let progress = Progress { is_terminal, is_quiet: false, out: &mut out, said: None };
        let state = wait(Duration::from_secs(limit), &clock, progress, || {
            looks.borrow_mut().push(time.get().as_secs());
            seen(time.get().as_secs())
        });
        (state, looks.into_inner(), String::from_utf8(out).unwrap())
    }

    fn pending(at: u64) -> Seen<u64> {
        Seen::Pending(at, "meadow-client 0.4.5".to_owned(), None)
    }

    #[test]
    fn the_pauses_grow_and_the_last_look_is_at_the_limit() {
        let (state, looks, _) = waited(150, false, None, pending);
        assert_eq!((state, looks), (150, vec![0, 2, 6, 14, 30, 60, 90, 120, 150]));
    }

    #[test]
    fn nothing_is_waited_for_when_it_is_there_or_the_limit_is_nothing() {
        assert_eq!(waited(60, false, None, Seen::Done), (0, vec![0], String::new()));
        assert_eq!(waited(0, false, None, pending), (0, vec![0], String::new()));
    }

    #[test]
    fn what_comes_ends_the_wait() {
        let (state, looks, _) = waited(60, false, None, |at| if at < 6 { pending(at) } else { Seen::Done(at) });
        assert_eq!((state, looks), (6, vec![0, 2, 6]));
    }

    #[test]
    fn who_asks_to_be_left_alone_is_left_alone_within_the_limit() {
        let after = |seconds| move |at| Seen::Pending(at, String::new(), Some(Duration::from_secs(seconds)));
        assert_eq!(waited(60, false, None, after(25)).1, [0, 25, 50, 60]);
        for seconds in [1000, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(waited(60, false, None, after(seconds)).1, [0, 60]);
        }
        // Also after a while.
        let late = |at| Seen::Pending(at, String::new(), (at > 0).then_some(Duration::MAX));
        assert_eq!(waited(60, false, None, late).1, [0, 2, 60]);
    }

    #[test]
    fn a_signal_ends_a_pause_and_nothing_is_asked_after_it() {
        let (state, looks, _) = waited(600, false, Some(20), pending);
        assert_eq!((state, looks), (14, vec![0, 2, 6, 14]));
    }

    #[track_caller]
    fn check(said: &str, expected: &Expect) {
        expected.assert_eq(&said.replace('\r', "\\r").replace('\x1b', "\\e"));
    }

    #[test]
    fn a_log_has_a_line_at_the_beginning_and_one_a_minute() {
        check(
            &waited(150, false, None, pending).2,
            &expect![[r"
                waiting: meadow-client 0.4.5 (0s of 2m30s)
                waiting: meadow-client 0.4.5 (1m of 2m30s)
                waiting: meadow-client 0.4.5 (2m of 2m30s)
            "]],
        );
    }

    #[test]
    fn a_terminal_has_one_line_that_goes_away() {
        check(
            &waited(2, true, None, pending).2,
            &expect![[
                r"\r\e[2Kwaiting: meadow-client 0.4.5 (0s of 2s)\r\e[2Kwaiting: meadow-client 0.4.5 (1s of 2s)\r\e[2K"
            ]],
        );
    }
}
