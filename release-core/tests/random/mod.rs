//! The same numbers in every run, for tests that generate their input, and how much of it a run looks at.

#![allow(dead_code, reason = "each test binary that includes this file uses a part of it")]

/// The variable by which tests ask all that they know to ask, as in CI. Without it a run takes part of that: it is to be short.
const THOROUGH: &str = "RELEASE_TESTS_THOROUGH";

/// How many questions of so many are asked in this run.
pub(crate) fn asked(all: usize) -> usize {
    all / every(4)
}

/// Each how manyth of many things is looked at in this run, where a thorough one looks at all.
pub(crate) fn every(part: usize) -> usize {
    if std::env::var_os(THOROUGH).is_some() { 1 } else { part }
}

/// A generator of numbers (splitmix64); the tests add texts by their help.
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
