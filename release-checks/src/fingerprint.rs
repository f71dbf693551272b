//! Fingerprints: they make a finding the same finding tomorrow.
//!
//! A fingerprint is made of the rule, the file of the main label (or the tag or branch), and what the finding is about: its
//! message (or, where that grows from day to day, what of it does not), and the text under its main label. Numbers of lines in a message do not count, nor do white space, the kind of
//! quotes and trailing commas in the text: lines may be added above, line endings may change, a formatter may come by.
//! Levels, the way out, further labels and other findings do not count either. Findings that are equal in all of this are
//! told apart by a number, in the order of their places.
//!
//! The hash is FNV-1a with 64 bits, which is the same everywhere and for good. It keeps a few thousand findings apart; whoever
//! could forge one could as well edit the baseline.

use std::collections::HashMap;
use std::fmt;

/// The hash that makes a finding the same finding tomorrow; written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Reads 16 hexadecimal digits, in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_one = text.len() == 16 && text.bytes().all(is_digit);
        u64::from_str_radix(text, 16).ok().filter(|_| is_one).map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The parts of a finding that make it the same tomorrow; those that it does not have are empty.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The rule.
    pub rule: &'a str,
    /// The file of the main label.
    pub path: &'a str,
    /// The tag or branch.
    pub reference: &'a str,
    /// The message, or what of it does not change from day to day.
    pub message: &'a str,
    /// The text under the main label.
    pub text: &'a str,
}

/// Numbers findings that are otherwise equal. The findings of one run go through one of these, in the order of their places.
#[derive(Debug, Default)]
pub struct Fingerprints {
    seen: HashMap<u64, u64>,
}

impl Fingerprints {
    /// Returns the fingerprint of the next finding.
    pub fn next(&mut self, subject: &Subject<'_>) -> Fingerprint {
        let (message, text) = (plain_message(subject.message), plain_text(subject.text));
        let fields = [subject.rule, subject.path, subject.reference, &message, &text];
        let hash = fields.into_iter().fold(FNV_OFFSET, hashed);
        let ordinal = self.seen.entry(hash).or_default();
        let fingerprint = Fingerprint(hashed(hash, &ordinal.to_string()));
        *ordinal += 1;
        fingerprint
    }
}

/// The hash of nothing in FNV-1a: <http://www.isthe.com/chongo/tech/comp/fnv/>.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// Returns a hash with one more field. Its length goes first, so that what ends one field cannot begin the next.
fn hashed(hash: u64, field: &str) -> u64 {
    let length = (field.len() as u64).to_le_bytes();
    let bytes = length.iter().chain(field.as_bytes());
    bytes.fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A message without places in it: `line 3, column 5` and `:3:5`. A release line, `line 0.4`, is no place.
fn plain_message(message: &str) -> String {
    const BEFORE_NUMBERS: [&str; 6] = ["line", "lines", "column", "columns", "byte", "character"];
    let mut plain = String::with_capacity(message.len());
    let mut last = "";
    for word in message.split_whitespace() {
        let core = word.trim_end_matches([',', '.', ';', ':', ')']);
        let is_number = !core.is_empty() && core.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && BEFORE_NUMBERS.contains(&last) {
            plain.push('#');
            plain.push_str(&word[core.len()..]);
        } else {
            plain.push_str(without_place(core));
            plain.push_str(&word[core.len()..]);
        }
        plain.push(' ');
        last = word.trim_start_matches('(');
    }
    plain
}

/// `path:3:5` without what comes after the path.
fn without_place(word: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let cut = |word: &'_ str| word.rsplit_once(':').filter(|(_, number)| is_number(number)).map(|(rest, _)| rest.len());
    match cut(word).and_then(|end| cut(&word[..end])) {
        Some(end) => &word[..end],
        None => word,
    }
}

/// A text as formatters leave it.
fn plain_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars().filter(|character| !character.is_whitespace()) {
        if matches!(character, ']' | '}' | ')') && plain.ends_with(',') {
            plain.pop();
        }
        plain.push(if character == '\'' { '"' } else { character });
    }
    if plain.ends_with(',') {
        plain.pop();
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Finding;
    use proptest::prelude::*;
    use release_core::text::SourceText;

    const LINE: &str = "    \"meadow-client>=0.4.5\",";

    /// The fingerprint of a finding on the client's pin in a text.
    fn of(text: &str, message: &str) -> Fingerprint {
        let at = text.find("\"meadow-client").unwrap();
        let end = at + text[at + 1..].find('"').unwrap() + 2;
        let finding = Finding::at(message, "pyproject.toml".into(), at..end, "here");
        Fingerprints::default().next(&finding.subject("pin-operator", Some(&SourceText::new(text))))
    }

    #[test]
    fn places_in_messages_do_not_count_and_release_lines_do() {
        const SAME: bool = true;
        const ANOTHER: bool = false;
        for (left, right, same) in [
            ("unexpected `]` on line 3, column 5", "unexpected `]` on line 30, column 1", SAME),
            ("see pyproject.toml:3:5", "see pyproject.toml:31:15", SAME),
            ("see (line 3)", "see (line 4)", SAME),
            ("line 0.3 is end of life", "line 0.4 is end of life", ANOTHER),
            ("two  spaces", "two spaces", SAME),
            ("takes 3 packages", "takes 4 packages", ANOTHER),
            ("on https://index.example:80/simple", "on https://index.example:81/simple", ANOTHER),
        ] {
            assert_eq!(plain_message(left) == plain_message(right), same, "{left}: {}", plain_message(left));
        }
    }

    #[test]
    fn a_formatter_does_not_count() {
        const SAME: bool = true;
        const ANOTHER: bool = false;
        for (left, right, same) in [
            ("[ 'a', 'b', ]", "[\n    \"a\",\r\n    \"b\"\n]", SAME),
            ("a = 1", "a=1", SAME),
            ("'a',", "\"a\"", SAME),
            ("a = 1", "a = 2", ANOTHER),
        ] {
            assert_eq!(plain_text(left) == plain_text(right), same, "{left}");
        }
    }

    #[test]
    fn rule_file_and_reference_count_and_fields_do_not_run_into_each_other() {
        let of = |rule: &str, finding: &Finding| Fingerprints::default().next(&finding.subject(rule, None));
        let at = |path: &str| Finding::at("m", path.into(), 0..1, "");
        let all = [
            of("tag-name", &Finding::about("m", "v1")),
            of("tag-nam", &Finding::about("m", "ev1")),
            of("tag-name", &Finding::about("m", "v2")),
            of("tag-name", &at("v1")),
            of("tag-name", &at("a/v1")),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn a_message_that_grows_from_day_to_day_is_the_same_finding() {
        let of = |message: &str, steady: &str| {
            let finding = Finding::about(message, "main").steady(Some(steady.to_owned()));
            Fingerprints::default().next(&finding.subject("version-main-history", None))
        };
        assert_eq!(of("since May, 3 days", "since May"), of("since May, 4 days", "since May"));
        assert_ne!(of("since May, 3 days", "since May"), of("since June, 3 days", "since June"));
    }

    #[test]
    fn a_place_outside_of_the_text_or_within_a_character_is_no_panic() {
        let source = SourceText::new("ä");
        for span in [1..2, 0..1, 7..9, 0..usize::MAX] {
            let finding = Finding::at("m", "a".into(), span, "");
            let _ = Fingerprints::default().next(&finding.subject("tag-name", Some(&source)));
        }
    }

    #[test]
    fn fingerprints_are_what_they_were_in_earlier_versions() {
        assert_eq!(of(LINE, "floats").to_string(), "bb1cddeda04da4d3");
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        const READ: bool = true;
        const REFUSED: bool = false;
        for (text, is_one) in [
            ("0123456789abcdef", READ),
            ("0123456789ABCDEF", REFUSED),
            ("0123456789abcde", REFUSED),
            ("+123456789abcdef", REFUSED),
            ("", REFUSED),
        ] {
            let read = Fingerprint::parse(text);
            assert_eq!(read.is_some(), is_one, "{text}");
            assert!(read.is_none_or(|read| read.to_string() == text));
        }
    }

    proptest! {
        #[test]
        fn lines_above_line_endings_and_indentation_do_not_count(
            above in prop::collection::vec("[a-z =#ä]{0,12}", 0..6), crlf in any::<bool>(), indent in 0usize..9,
        ) {
            let ending = if crlf { "\r\n" } else { "\n" };
            let mut text: String = above.iter().map(|line| format!("{line}{ending}")).collect();
            text += &format!("{:indent$}{}{ending}", "", LINE.trim());
            let message = format!("floats on line {}", above.len() + 1);
            prop_assert_eq!(of(&text, &message), of(LINE, "floats on line 1"));
        }

        #[test]
        fn other_findings_do_not_count(others in prop::collection::vec("[a-z]{1,8}", 0..6), at in 0usize..6) {
            let mut all = Fingerprints::default();
            let mut found = None;
            for (index, message) in others.iter().enumerate() {
                if index == at {
                    found = Some(all.next(&Finding::about("the one", "v1").subject("tag-name", None)));
                }
                let _ = all.next(&Finding::about(message.as_str(), "v1").subject("tag-name", None));
            }
            let alone = Fingerprints::default().next(&Finding::about("the one", "v1").subject("tag-name", None));
            prop_assert_eq!(found.unwrap_or(alone), alone);
        }

        #[test]
        fn another_subject_is_another_finding(left in "[a-z0-9.<>=~]{1,12}", right in "[a-z0-9.<>=~]{1,12}") {
            let of = |subject: &str| of(&format!("\"meadow-client{subject}\""), "floats");
            prop_assert_eq!(of(&left) == of(&right), left == right);
        }

        #[test]
        fn equals_are_told_apart_by_their_order(number in 1usize..20) {
            let mut all = Fingerprints::default();
            let finding = Finding::about("m", "v1");
            let fingerprints: std::collections::BTreeSet<_> =
                (0..number).map(|_| all.next(&finding.subject("tag-name", None))).collect();
            prop_assert_eq!(fingerprints.len(), number);
        }
    }
}
