//! Random numbers that are the same in every run, for tests that generate their input, and the share of the input
//! that a run uses.

#![allow(dead_code, reason = "each test binary that includes this file uses a part of it")]

/// The variable with which tests use all of their input, as in CI. Without it a run uses part of the input, to be
/// short.
const THOROUGH: &str = "RELEASE_TESTS_THOROUGH";

/// Returns the number of questions out of all that this run asks.
pub(crate) fn questions(all: usize) -> usize {
    all / every(4)
}

/// Returns the step between the items that this run uses; a thorough run uses all of them.
pub(crate) fn every(part: usize) -> usize {
    if std::env::var_os(THOROUGH).is_some() { 1 } else { part }
}

/// Returns the items that the next question is for: one in turn, in a thorough run all of them.
pub(crate) fn in_turn<T>(items: &mut [T], asked: usize) -> Vec<&mut T> {
    let (every, count) = (every(items.len()), items.len().max(1));
    let is_next = |at: &usize| every <= 1 || *at == asked % count;
    items.iter_mut().enumerate().filter(|(at, _)| is_next(at)).map(|(_, item)| item).collect()
}

/// A generator of numbers (splitmix64), from which tests make texts.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}
