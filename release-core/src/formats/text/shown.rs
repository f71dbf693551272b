//! Foreign text as it may be shown: names, paths, subjects, lines of files, answers of servers, what other programs print.
//!
//! A terminal obeys control characters, a reader is misled by marks that turn the direction of text or have no width, and the log
//! of a workflow takes some lines for commands. All of these are written by their number instead, as `\u{202e}`: seen, and without
//! effect. Text that has none of them is not changed, and what is shown once is not changed by being shown again.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns text on one line: line breaks and tabs are written as `\n`, `\r` and `\t`.
pub fn shown(text: &str) -> Cow<'_, str> {
    let write = |line: &mut String, character: char| match character {
        '\n' => line.push_str("\\n"),
        '\r' => line.push_str("\\r"),
        '\t' => line.push_str("\\t"),
        hidden => line.push_str(&numbered(hidden)),
    };
    rewritten(text, |_, character| is_hidden(character), write)
}

/// Returns text of several lines, whose breaks and tabs stay, and of which no line is a command to the log of a workflow.
pub fn shown_lines(text: &str) -> Cow<'_, str> {
    rewritten(text, |at, _| is_replaced(text, at), |new, character| new.push_str(&numbered(character)))
}

/// Returns a character by its number, as `\u{202e}`.
pub fn numbered(character: char) -> String {
    format!("\\u{{{:x}}}", u32::from(character))
}

/// Returns a document of JSON in which the hidden characters are escapes, and no string is a command to the log of a workflow. They
/// can only stand in its strings, and a reader gets the same strings.
pub fn shown_json(json: &str) -> Cow<'_, str> {
    let is_escaped = |at: usize, character: char| match character {
        '#' => is_command(json, at),
        _ => character != '\n' && is_hidden(character),
    };
    rewritten(json, is_escaped, |text, character| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    })
}

/// Returns a document of XML or HTML in which no line is a command to the log of a workflow. A reader gets the same text.
pub fn shown_markup(markup: &str) -> Cow<'_, str> {
    let is_escaped = |at: usize, character: char| matches!(character, ':' | '#') && is_command(markup, at);
    rewritten(markup, is_escaped, |text, character| {
        // Writing to a string cannot fail.
        let _ = write!(text, "&#{};", u32::from(character));
    })
}

/// Returns `true` if the character at a place in text of several lines has to be written by its number. A carriage
/// return stays before a line feed.
pub fn is_replaced(text: &str, at: usize) -> bool {
    let rest = &text[at..];
    match rest.chars().next() {
        Some('\n' | '\t') | None => false,
        Some('\r') => !rest.starts_with("\r\n"),
        Some(':' | '#') => is_command(text, at),
        Some(character) => is_hidden(character),
    }
}

/// Returns `true` if a character has an effect and no shape of its own: controls, marks of direction, separators of
/// lines, characters without width, tags, and numbers that are no character at all.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Text in which some characters are written otherwise.
fn rewritten(text: &str, is: impl Fn(usize, char) -> bool, write: impl Fn(&mut String, char)) -> Cow<'_, str> {
    let mut found = text.char_indices().filter(|(at, character)| is(*at, *character)).peekable();
    if found.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let (mut new, mut kept) = (String::with_capacity(text.len() + 16), 0);
    for (at, character) in found {
        new.push_str(&text[kept..at]);
        write(&mut new, character);
        kept = at + character.len_utf8();
    }
    new.push_str(&text[kept..]);
    Cow::Owned(new)
}

/// Returns `true` if a command of a workflow begins at a colon or at the second of two number signs: `::NAME` at the
/// start of a line, after white space too, and `##[NAME]` and `##vso[...]` anywhere
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).
fn is_command(text: &str, at: usize) -> bool {
    let (before, rest) = (&text[..at], &text[at..]);
    // No command begins with a third colon, as the places in a drawing do: what stands between the first two colons and the next
    // two is its name, and no name begins with a colon (actions/runner, `ActionCommand.TryParseV2`).
    if rest.starts_with("::") && !rest.starts_with(":::") {
        let blank = |character: &char| *character != '\n' && character.is_whitespace();
        return before.chars().rev().find(|character| !blank(character)).is_none_or(|character| character == '\n');
    }
    let Some(name) = rest.strip_prefix('#').filter(|_| before.ends_with('#')) else { return false };
    name.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns `true` if GitHub's runner reads a line as a command, whose names are words: its `ActionCommand.TryParseV2`.
    fn is_read_by_runner(line: &str) -> bool {
        let Some(rest) = line.trim_start().strip_prefix("::") else { return false };
        let Some((info, _)) = rest.split_once("::") else { return false };
        let name = info.split(' ').next().unwrap_or_default();
        !name.is_empty() && name.chars().all(|c| c == '-' || c.is_ascii_alphanumeric())
    }

    proptest! {
        #[test]
        fn a_runner_reads_no_line_as_a_command_however_many_colons_begin_it(text in "(:|::|:::|[ \t\n\r\u{a0}\u{3000}]|error|a=b|é){0,12}") {
            prop_assert!(!shown_lines(&text).split('\n').any(is_read_by_runner), "{:?}", text);
        }
    }

    #[test]
    fn what_has_an_effect_is_written_by_its_number() {
        for (text, expected) in [
            ("meadow-client==0.4.5 # ä 日本 🙂 \\n", "meadow-client==0.4.5 # ä 日本 🙂 \\n"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
            ("\u{7f}\u{85}\u{9b}", "\\u{7f}\\u{85}\\u{9b}"),
            ("\u{202e}txt.exe\u{2066}", "\\u{202e}txt.exe\\u{2066}"),
            ("a\u{2028}b\u{200b}\u{feff}\u{e0041}", "a\\u{2028}b\\u{200b}\\u{feff}\\u{e0041}"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn lines_stay_and_none_of_them_is_a_command() {
        for (text, expected) in [
            ("a\r\nb\n\tc\n", "a\r\nb\n\tc\n"),
            ("a\rb", "a\\u{d}b"),
            ("::error::x", "\\u{3a}:error::x"),
            ("a\n \t::set-env name=x::y", "a\n \t\\u{3a}:set-env name=x::y"),
            ("a ::b\n+::c", "a ::b\n+::c"),
            (":::x ::y", ":::x ::y"),
            ("a ##[error]b ##vso[task] # ## [c]", "a #\\u{23}[error]b #\\u{23}vso[task] # ## [c]"),
            ("###[x]", "##\\u{23}[x]"),
        ] {
            assert_eq!(shown_lines(text), expected);
        }
    }

    #[test]
    fn documents_say_the_same_to_their_readers() {
        let text = "\u{202e}\u{7f}\u{9b}\u{e0041} ##[error]\n::x \u{1b} é";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let shown = shown_json(&json);
        assert!(!shown.chars().any(|c| c != '\n' && is_hidden(c)) && !shown.contains("##["), "{shown}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), [text]);
        assert_eq!(shown_markup("<a>x\n ::error::y ##[z]</a>"), "<a>x\n &#58;:error::y #&#35;[z]</a>");
    }

    #[test]
    fn a_line_of_signs_costs_what_its_length_does() {
        // Were each sign to look at all the others, this would take minutes.
        let length = 400_000;
        for unit in [" :", "#", "#a", ":", " ::\u{b}", "\r"] {
            let text = unit.repeat(length / unit.len());
            assert!(shown_lines(&text).len() >= text.len());
        }
    }

    fn is_obeyed(line: &str) -> bool {
        line.trim_start().strip_prefix("::").is_some_and(|rest| !rest.starts_with(':')) || line.contains("##[")
    }

    proptest! {
        #[test]
        fn what_is_shown_is_harmless_and_shown_again_the_same(
            text in "([ \t\r\n:#\\[a-z]|\\PC|\\p{C}|::|##\\[|\u{1b}\\[31m){0,60}",
        ) {
            let line = shown(&text);
            prop_assert!(!line.chars().any(is_hidden));
            prop_assert_eq!(shown(&line), line.clone());
            let lines = shown_lines(&text);
            let left = lines.replace("\r\n", "\n");
            prop_assert!(!left.chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\t')), "{:?}", lines);
            prop_assert!(!left.lines().any(is_obeyed), "{:?}", lines);
            prop_assert_eq!(shown_lines(&lines), lines.clone());
        }

        #[test]
        fn plain_text_is_not_changed(text in "[a-zA-Z0-9 .,=<>~!^*_/\"'`{}()-]{0,60}") {
            prop_assert_eq!(shown(&text), text.as_str());
            prop_assert_eq!(shown_lines(&text), text.as_str());
        }
    }
}
