//! Texts for comparison: the same ones in every run, valid in every shape, and others that are only nearly valid.

use crate::random::Random;

const NUMBERS: [&str; 9] =
    ["0", "1", "2", "10", "01", "9007199254740990", "9007199254740991", "9007199254740992", "99999999999999999999999"];
const NEAR: [&str; 7] = ["0", "0", "1", "1", "2", "3", "10"];
const ANY: [&str; 3] = ["x", "X", "*"];
const PRE: [&str; 16] =
    ["", "", "", "", "-0", "-1", "-a", "-alpha.1", "-rc.1", "-rc.2", "-rc.10", "-rc1", "-rc.1.x", "-1.a", "--", "-01a"];
const ODD_PRE: [&str; 6] = ["-01", "-", "-a..b", "rc1", "-v", "-9007199254740991"];
const BUILD: [&str; 6] = ["", "", "", "+sha", "+1.02.a-b", "+a+b"];
const OPERATORS: [&str; 12] = ["", "", "^", "^", "~", "~>", ">", "<", ">=", "<=", "=", "=="];
const PREFIXES: [&str; 10] = ["", "", "", "", "", "", "v", "=", "vv", "v="];
const SPACES: [&str; 8] = ["", "", "", "", "", " ", "  ", "\t"];
const BETWEEN: [&str; 12] = [" ", " ", " ", " ", "  ", "\n", " - ", " - ", "||", " || ", " ||", ","];
const PIECES: [&str; 36] = [
    ".",
    "-",
    "+",
    "v",
    "=",
    "x",
    "X",
    "*",
    "^",
    "~",
    ">",
    "<",
    "|",
    "||",
    " ",
    "\t",
    "\n",
    "\u{a0}",
    "\u{85}",
    "\u{feff}",
    "\u{2028}",
    "\u{180e}",
    "0",
    "1",
    "01",
    "a",
    "rc",
    "..",
    "- ",
    " -",
    " - ",
    "\u{663}",
    "\u{e9}",
    "\u{1f600}",
    "+b",
    "\0",
];

impl Random {
    /// A valid version of small numbers, so that many of them are neighbours or equal.
    pub(crate) fn near_version(&mut self) -> String {
        let numbers: Vec<&str> = (0..3).map(|_| self.pick(&NEAR)).collect();
        numbers.join(".") + self.pick(&PRE) + self.pick(&BUILD[..5])
    }

    /// A version with numbers of every size, or a damaged one.
    pub(crate) fn any_version(&mut self) -> String {
        let count = if self.one_in(20) { self.below(5) } else { 3 };
        let numbers: Vec<&str> =
            (0..count).map(|_| if self.one_in(9) { self.pick(&NUMBERS) } else { self.pick(&NEAR) }).collect();
        let pre = if self.one_in(12) { self.pick(&ODD_PRE) } else { self.pick(&PRE) };
        let text =
            [self.pick(&SPACES), self.pick(&PREFIXES), &numbers.join("."), pre, self.pick(&BUILD), self.pick(&SPACES)]
                .concat();
        self.perhaps_mutated(&text)
    }

    /// A range of small numbers, most of them valid.
    pub(crate) fn near_range(&mut self) -> String {
        let count = 1 + self.below(3);
        let mut text = String::new();
        for index in 0..count {
            text += if index == 0 { "" } else { self.pick(&BETWEEN[..11]) };
            text += self.pick(&OPERATORS[..11]);
            text += &self.partial(&NEAR, 4);
        }
        text
    }

    /// A range, or a damaged one.
    pub(crate) fn any_range(&mut self) -> String {
        let mut text = self.pick(&SPACES).to_owned();
        for index in 0..self.below(4) {
            text += if index == 0 { "" } else { self.pick(&BETWEEN) };
            let numbers: &[&str] = if self.one_in(5) { &NUMBERS } else { &NEAR };
            text = text + self.pick(&OPERATORS) + self.pick(&SPACES) + self.pick(&PREFIXES) + &self.partial(numbers, 3);
        }
        text += self.pick(&SPACES);
        self.perhaps_mutated(&text)
    }

    /// A version whose numbers may be left out or be `x`.
    fn partial(&mut self, numbers: &[&str], rarity: usize) -> String {
        let count = if self.one_in(rarity) { 1 + self.below(3) } else { 3 };
        let numbers: Vec<&str> =
            (0..count).map(|_| if self.one_in(rarity * 3) { self.pick(&ANY) } else { self.pick(numbers) }).collect();
        let pre = if self.one_in(30) { self.pick(&ODD_PRE) } else { self.pick(&PRE) };
        let has_pre = count == 3 || self.one_in(40);
        numbers.join(".") + if has_pre { pre } else { "" } + if has_pre { self.pick(&BUILD) } else { "" }
    }

    fn perhaps_mutated(&mut self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        for _ in 0..[0, 0, 0, 0, 0, 0, 1, 1, 2][self.below(9)] {
            let at = self.below(characters.len() + 1);
            // One character is removed, or another piece is inserted, or both.
            if at < characters.len() && !self.one_in(3) {
                characters.remove(at);
            }
            if !self.one_in(3) {
                let piece = self.pick(&PIECES);
                characters.splice(at..at, piece.chars());
            }
        }
        characters.into_iter().collect()
    }
}
