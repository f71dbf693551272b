//! Texts for comparison: the same ones in every run, valid in every shape, and others that are only nearly valid.

use crate::random::Random;

const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "2",
    "9",
    "10",
    "00",
    "007",
    "20260219",
    "18446744073709551615",
    "18446744073709551616",
    "018446744073709551616",
    "99999999999999999999",
    "100000000000000000000",
    "1234567890123456789012345678901234567890",
];
const PRE: [&str; 14] =
    ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "A", "Alpha", "BETA", "RC", "Pre", "pReview"];
const POST: [&str; 6] = ["post", "rev", "r", "POST", "Rev", "R"];
const SEPARATORS: [&str; 5] = ["", "", ".", "-", "_"];
const LOCAL: [&str; 12] =
    ["ubuntu", "Ubuntu", "1", "01", "10", "2", "abc", "1a", "a1", "0", "00", "18446744073709551616"];
const OPERATORS: [&str; 8] = ["==", "!=", "<=", ">=", "<", ">", "~=", "==="];
const SPACES: [&str; 8] = ["", "", "", "", " ", "\t", "  ", " \t "];
const ODD_SPACES: [&str; 8] = ["", "", "", " ", "\n", "\u{a0}", "\u{1c}", "\u{2028}"];
const NAMES: [&str; 12] =
    ["llama-stack-client", "a", "A.B_c", "x--y", "name_", "1", "9z", "a-", "-a", "", "n\u{e9}", "foo.-_bar"];
const URLS: [&str; 6] =
    ["https://example.org/x.whl", "git+ssh://git@host/r@v1#egg=x", "file:///a;b", "./here", "", "https://e.org/a,b(c)"];
const VARIABLES: [&str; 12] = [
    "python_version",
    "os.name",
    "os_name",
    "sys.platform",
    "platform.python_implementation",
    "python_implementation",
    "extra",
    "extras",
    "dependency_groups",
    "implementation_version",
    "platform_release",
    "platform.release",
];
const STRINGS: [&str; 16] = [
    "\"3.11\"",
    "'linux'",
    "''",
    "\"it's\"",
    "\"\\\\\"",
    "\"\\\"",
    "\"\\x41\"",
    "\"\\x4\"",
    "'\\u00e9'",
    "'\\u12'",
    "'\\U0010ffff'",
    "'\\U00110000'",
    "\"a\\\nb\"",
    "\"a\nb\"",
    "'\u{e9}'",
    "'\\q'",
];
const COMPARISONS: [&str; 12] =
    ["==", "!=", "<", ">=", "~=", "===", " in ", " not in ", "in", " not  in", "notin", "="];
/// The text that a mutation inserts: parts of the grammars, and characters that look or fold like them.
const PIECES: [&str; 52] = [
    ".",
    "-",
    "_",
    "+",
    "!",
    "*",
    ".*",
    "v",
    "V",
    "a",
    "rc",
    "post",
    "dev",
    "r",
    "0",
    "1",
    "99999999999999999999",
    " ",
    "\t",
    "\n",
    "\r",
    "\u{b}",
    "\u{1f}",
    "\u{85}",
    "\u{a0}",
    "\u{200b}",
    "\u{feff}",
    "\u{663}",
    "\u{b2}",
    "\u{ff11}",
    "\u{17f}",
    "\u{131}",
    "\u{130}",
    "\u{212a}",
    "\u{e9}",
    ";",
    ",",
    "(",
    ")",
    "[",
    "]",
    "@",
    "#",
    "\"",
    "'",
    "\\",
    "==",
    "===",
    "~=",
    "<",
    "and",
    "\0",
];

impl Random {
    /// A valid version in any spelling, with numbers of every size.
    pub(crate) fn version(&mut self) -> String {
        let mut text = self.pick(&["", "", "", "v", "V"]).to_owned();
        if self.one_in(6) {
            text += self.pick(&NUMBERS);
            text += "!";
        }
        text += self.pick(&NUMBERS);
        for _ in 0..self.below(6) {
            text += ".";
            text += self.pick(&NUMBERS);
        }
        if self.one_in(3) {
            text += &self.suffix(&PRE);
        }
        match self.below(9) {
            0 | 1 => text += &self.suffix(&POST),
            2 => text = text + "-" + self.pick(&NUMBERS),
            _ => {}
        }
        if self.one_in(4) {
            text += &self.suffix(&["dev", "DEV", "Dev"]);
        }
        if self.one_in(5) {
            text += "+";
            text += self.pick(&LOCAL);
            for _ in 0..self.below(3) {
                text += self.pick(&[".", "-", "_"]);
                text += self.pick(&LOCAL);
            }
        }
        text
    }

    fn suffix(&mut self, words: &[&str]) -> String {
        let number = if self.one_in(4) { "" } else { self.pick(&NUMBERS) };
        [self.pick(&SEPARATORS), self.pick(words), self.pick(&SEPARATORS), number].concat()
    }

    /// A valid version of small numbers, so that many of them are neighbours or equal.
    pub(crate) fn near_version(&mut self) -> String {
        [&self.near_release(), &*self.near_suffix(), self.pick(&["", "", "", "", "+x", "+1", "+x.1", "+2.x"])].concat()
    }

    fn near_release(&mut self) -> String {
        let epoch = self.pick(&["", "", "", "", "", "", "0!", "1!"]);
        let releases = ["0", "0.0", "1", "1.0", "1.0.0", "1.0.1", "1.1", "1.1.0", "1.2", "1.10", "2", "0.1.0.0"];
        [epoch, self.pick(&releases)].concat()
    }

    fn near_suffix(&mut self) -> String {
        let pre = self.pick(&["", "", "", "a1", "a2", "b1", "rc1", "rc2"]);
        let post = self.pick(&["", "", "", ".post0", ".post1", "-2"]);
        [pre, post, self.pick(&["", "", "", ".dev0", ".dev1"])].concat()
    }

    /// A version, or a damaged one.
    pub(crate) fn any_version(&mut self) -> String {
        let text = [self.pick(&ODD_SPACES), &self.version(), self.pick(&ODD_SPACES)].concat();
        self.perhaps_mutated(&text)
    }

    /// Valid specifiers about small numbers.
    pub(crate) fn near_specifiers(&mut self) -> String {
        let count = [0, 1, 1, 1, 1, 2, 3][self.below(7)];
        let clauses: Vec<String> = (0..count).map(|_| self.near_clause()).collect();
        clauses.join(",")
    }

    fn near_clause(&mut self) -> String {
        let operator = self.pick(&OPERATORS);
        let version = match operator {
            "==" | "!=" if self.one_in(2) => self.near_release() + ".*",
            "===" if self.one_in(2) => self.near_version().to_uppercase(),
            "==" | "!=" | "===" => self.near_version(),
            "~=" => {
                let release = self.near_release();
                release.clone() + if release.contains('.') { "" } else { ".0" } + &self.near_suffix()
            }
            _ => self.near_release() + &self.near_suffix(),
        };
        format!("{operator}{version}")
    }

    fn specifiers(&mut self, odd: bool) -> String {
        let mut text = String::new();
        for index in 0..self.below(4) {
            let comma = if index > 0 { "," } else { "" };
            let inner = if odd { ODD_SPACES } else { SPACES };
            let version = if self.one_in(3) { self.version() } else { self.near_version() };
            let operator = self.pick(&OPERATORS);
            let series = if self.one_in(8) { ".*" } else { "" };
            // Labels are an error after most operators.
            let end = if self.one_in(3) { version.len() } else { version.find('+').unwrap_or(version.len()) };
            let parts =
                [self.pick(&SPACES), comma, self.pick(&SPACES), operator, self.pick(&inner), &version[..end], series];
            text += &parts.concat();
        }
        text + self.pick(&["", "", "", "", "", ",", " ,", ",,"])
    }

    /// Specifiers, or damaged ones.
    pub(crate) fn any_specifiers(&mut self) -> String {
        let text = self.specifiers(true);
        self.perhaps_mutated(&text)
    }

    /// A requirement, or a damaged one.
    pub(crate) fn any_requirement(&mut self) -> String {
        let name = if self.one_in(4) { self.pick(&NAMES) } else { "llama-stack" };
        let mut text = [self.pick(&SPACES), name, self.pick(&SPACES)].concat();
        if self.one_in(3) {
            let extras: Vec<String> = (0..self.below(4))
                .map(|_| [self.pick(&SPACES), self.pick(&NAMES[..6]), self.pick(&SPACES)].concat())
                .collect();
            text = text + "[" + &extras.join(",") + "]" + self.pick(&SPACES);
        }
        match self.below(8) {
            0 => {}
            1 => text = [&text, "@", self.pick(&SPACES), self.pick(&URLS), self.pick(&SPACES)].concat(),
            2 => text = [&text, "(", self.pick(&SPACES), &self.specifiers(false), ")", self.pick(&SPACES)].concat(),
            _ => {
                let odd = self.one_in(6);
                text = text + &self.specifiers(odd) + self.pick(&SPACES);
            }
        }
        if self.one_in(3) {
            text = [&text, ";", self.pick(&SPACES), &self.marker(3), self.pick(&SPACES)].concat();
        }
        self.perhaps_mutated(&text)
    }

    fn marker(&mut self, depth: usize) -> String {
        let mut text = String::new();
        for index in 0..=self.below(3) {
            if index > 0 {
                text += self.pick(&[" and ", " or ", "and", "or", " and(", ")or "]);
            }
            if depth > 0 && self.one_in(4) {
                text = text + "(" + self.pick(&SPACES) + &self.marker(depth - 1) + self.pick(&SPACES) + ")";
            } else {
                let (left, right) = (self.marker_operand(), self.marker_operand());
                text = [&text, left, self.pick(&SPACES), self.comparison(), self.pick(&SPACES), right].concat();
            }
        }
        text
    }

    fn marker_operand(&mut self) -> &'static str {
        match self.below(12) {
            0..5 => self.pick(&VARIABLES[..11]),
            5 => self.pick(&VARIABLES),
            6 => self.pick(&STRINGS),
            _ => self.pick(&STRINGS[..4]),
        }
    }

    fn comparison(&mut self) -> &'static str {
        if self.one_in(8) { self.pick(&COMPARISONS) } else { self.pick(&COMPARISONS[..8]) }
    }

    fn perhaps_mutated(&mut self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        for _ in 0..[0, 0, 0, 1, 1, 2][self.below(6)] {
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
