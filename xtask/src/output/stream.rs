//! The two streams: everything that is printed goes through here, and nothing but text comes out.
//!
//! Text is escaped here, at the end of its way, so that whoever writes a message cannot forget it: a control character, a mark of
//! direction or a command to a workflow's log, wherever it came from, is written by its number (`release_core::text::shown_lines`).
//! That holds for escape sequences as well. Our own colours are therefore no escape sequences on their way: [`Paint`] writes marks
//! with a number that is drawn anew in every run, which no file, name or server can know, and only here they become colours.
//!
//! A stream that cannot be written is no reason to stop halfway. What stderr loses is lost; that stdout lost something is
//! remembered, and decides how the run ends ([`ended`]).

use anstyle::{AnsiColor, Style};
use release_core::text::{Span, is_replaced, numbered, shown, shown_json, shown_lines, shown_markup, user_information};
use serde::Serialize;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::{Error, ErrorKind, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A colour that only this program can give to text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint(pub(crate) Style);

pub(crate) const HEADING: Paint = Paint(Style::new().bold());
pub(crate) const REMOVED: Paint = Paint(AnsiColor::Red.on_default());
pub(crate) const ADDED: Paint = Paint(AnsiColor::Green.on_default());
pub(crate) const QUIET: Paint = Paint(Style::new().dimmed());
pub(crate) const FAILED: Paint = Paint(AnsiColor::Red.on_default().bold());
pub(crate) const PASSED: Paint = Paint(AnsiColor::Green.on_default().bold());

/// The text in place of user information.
const HIDDEN: &str = "***";

/// Ends a mark.
const END: char = '\u{fdd1}';

impl fmt::Display for Paint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sequence = if formatter.alternate() { format!("{:#}", self.0) } else { self.0.to_string() };
        if sequence.is_empty() { Ok(()) } else { formatter.write_str(&mark(&sequence)) }
    }
}

/// Takes over the colours of a drawing, all of whose foreign text was escaped before it was drawn.
pub(crate) fn drawn(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut marked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('m') {
            Some((digits, rest)) if digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b';')) => {
                marked += &mark(&format!("\u{1b}[{digits}m"));
                marked += rest;
            }
            _ => marked += &format!("\u{1b}[{part}"),
        }
    }
    marked
}

fn mark(sequence: &str) -> String {
    format!("{}{sequence}{END}", beginning())
}

/// The beginning of a mark in this run.
fn beginning() -> &'static str {
    static BEGINNING: OnceLock<String> = OnceLock::new();
    BEGINNING.get_or_init(|| format!("\u{fdd0}{:016x}", RandomState::new().hash_one("mark")))
}

/// Text as it leaves, with colours or without.
pub(crate) fn rendered(text: &str, is_colored: bool) -> String {
    let mut parts = text.split(beginning());
    let mut plain = parts.next().unwrap_or_default().to_owned();
    let mut marks = Vec::new();
    for part in parts {
        let (sequence, rest) = part.split_once(END).unwrap_or(("", part));
        marks.push((plain.len(), sequence));
        plain.push_str(rest);
    }
    let hidden = user_information(&plain);
    if !is_colored || marks.is_empty() {
        return shown_lines(&without(&plain, &hidden)).into_owned();
    }
    let mut colored = String::with_capacity(plain.len() + marks.len() * 8);
    let (mut marks, mut hidden) = (marks.into_iter().peekable(), hidden.into_iter().peekable());
    for (at, character) in plain.char_indices() {
        while hidden.next_if(|span| span.end <= at).is_some() {}
        while let Some((_, sequence)) = marks.next_if(|(place, _)| *place <= at) {
            colored.push_str(sequence);
        }
        match is_replaced(&plain, at) {
            _ if hidden.peek().is_some_and(|span| span.start == at) => colored.push_str(HIDDEN),
            _ if hidden.peek().is_some_and(|span| span.contains(&at)) => {}
            true => colored.push_str(&numbered(character)),
            false => colored.push(character),
        }
    }
    marks.for_each(|(_, sequence)| colored.push_str(sequence));
    colored
}

/// Text with user information of addresses left out.
fn without(plain: &str, hidden: &[Span]) -> String {
    let (mut text, mut kept) = (String::with_capacity(plain.len()), 0);
    for span in hidden {
        text.push_str(&plain[kept..span.start]);
        text.push_str(HIDDEN);
        kept = span.end;
    }
    text + &plain[kept..]
}

/// One line, with empty ones around it: line breaks within are foreign, and are written as `\n`.
pub(crate) fn one_line(text: &str) -> String {
    let inner = text.trim_matches('\n');
    if !inner.contains(['\n', '\r']) {
        return text.to_owned();
    }
    let before = text.len() - text.trim_start_matches('\n').len();
    let after = &text[before + inner.len()..];
    format!("{}{}{after}", &text[..before], inner.replace('\r', "\\r").replace('\n', "\\n"))
}

/// Text for people on stdout.
pub(crate) fn out(text: &str) {
    write(&rendered(text, is_colored(&std::io::stdout())));
}

/// Text for people on stderr.
pub(crate) fn err(text: &str) {
    let stderr = std::io::stderr();
    let text = rendered(text, is_colored(&stderr));
    // There is nowhere left to say it.
    let _ = stderr.lock().write_all(text.as_bytes());
}

/// A document of JSON, to be printed on stdout.
#[derive(Debug)]
pub(crate) struct Document(serde_json::Result<String>);

impl Document {
    /// Writes the document down.
    pub(crate) fn new(document: &impl Serialize) -> Self {
        Self(serde_json::to_string_pretty(document))
    }

    /// Prints it.
    pub(crate) fn print(self) {
        match self.0 {
            Ok(text) => write(&(shown_json(&text).into_owned() + "\n")),
            Err(error) => fail(error.into()),
        }
    }
}

/// Prints a document of JSON on stdout.
pub(crate) fn json(document: &impl Serialize) {
    Document::new(document).print();
}

/// A document of XML or HTML on stdout, with its text escaped.
pub(crate) fn markup(document: &str) {
    write(&shown_markup(document));
}

/// A command to the log of a workflow, on a line of stdout. The only one that may be one.
pub(crate) fn command(line: &str) {
    let line = shown(line);
    let (begins, rest) = line.split_at(line.len() - line.trim_start_matches(':').len());
    write(&format!("{begins}{}\n", shown_lines(rest)));
}

/// The output of another program, on stderr as it comes, a line at a time.
#[derive(Default)]
pub(crate) struct Said(Vec<u8>);

impl Said {
    /// Shows the lines that are whole.
    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        if let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') {
            let whole = self.0.len() - (bytes.len() - end - 1);
            let rest = self.0.split_off(whole);
            self.show();
            self.0 = rest;
        }
    }

    fn show(&self) {
        err(&String::from_utf8_lossy(&self.0));
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            self.show();
        }
    }
}

fn is_colored(stream: &impl anstream::stream::RawStream) -> bool {
    anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never
}

/// The first thing that went wrong on stdout. Nothing is written after it.
static LOST: Mutex<Option<Error>> = Mutex::new(None);

fn write(text: &str) {
    let mut failed = LOST.lock().unwrap_or_else(PoisonError::into_inner);
    if failed.is_none() {
        *failed = std::io::stdout().lock().write_all(text.as_bytes()).err();
    }
}

fn fail(error: Error) {
    LOST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}

/// Returns the code of a run that would have ended with this one: with 2 where stdout lost something of it. A reader that has gone away
/// (`| head`) knows that, and hides no verdict.
pub(crate) fn ended(code: u8) -> u8 {
    let flushed = std::io::stdout().lock().flush().err();
    let failed = LOST.lock().unwrap_or_else(PoisonError::into_inner).take().or(flushed);
    match failed {
        None => code,
        Some(error) if error.kind() == ErrorKind::BrokenPipe => {
            if code == 0 {
                2
            } else {
                code
            }
        }
        Some(error) => {
            let what = match code {
                0 => "the command itself is done and would have ended with exit 0".to_owned(),
                code => format!("the command itself would have ended with exit {code}"),
            };
            err(&format!("error: could not write to stdout, so that its output is not whole: {error}; {what}\n"));
            2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anstyle::AnsiColor;

    const RED: Paint = Paint(AnsiColor::Red.on_default());

    #[test]
    fn user_information_is_never_shown_with_or_without_colours() {
        let text = format!("a {0}https://me:s3cret@r.example/x{0:#} ssh://git@h.example b", crate::output::QUIET);
        assert_eq!(rendered(&text, false), "a https://***@r.example/x ssh://git@h.example b");
        let colored = rendered(&text, true);
        assert!(colored.contains("https://***@r.example/x") && colored.contains('\u{1b}'), "{colored:?}");
    }

    #[test]
    fn only_our_own_colours_become_colours() {
        let text = format!("{RED}\u{1b}[32mx\u{fdd0}0000000000000000\u{1b}[32m\u{fdd1}{RED:#}");
        let foreign = "\\u{1b}[32mx\\u{fdd0}0000000000000000\\u{1b}[32m\\u{fdd1}";
        assert_eq!(rendered(&text, true), format!("\u{1b}[31m{foreign}\u{1b}[0m"));
        assert_eq!(rendered(&text, false), foreign);
    }

    #[test]
    fn a_colour_hides_no_command() {
        for text in [format!("{RED}::{RED:#}error::x"), format!(" {RED}:{RED:#}:error::x"), format!("#{RED}#[error]x")]
        {
            for is_colored in [false, true] {
                let plain = anstream::adapter::strip_str(&rendered(&text, is_colored)).to_string();
                assert!(plain.contains("\\u{"), "{plain}");
            }
        }
    }

    #[test]
    fn the_colours_of_a_drawing_are_taken_over_and_nothing_else() {
        let text = drawn("\u{1b}[1m\u{1b}[91merror\u{1b}[0m \u{1b}[2J\u{1b}]0;x\u{7}");
        assert_eq!(rendered(&text, true), "\u{1b}[1m\u{1b}[91merror\u{1b}[0m \\u{1b}[2J\\u{1b}]0;x\\u{7}");
    }

    #[test]
    fn a_line_has_its_breaks_around_it_alone() {
        for (text, expected) in [("\nx\n\n", "\nx\n\n"), ("a\nb\r\n", "a\\nb\\r\n"), ("", ""), ("\n", "\n")] {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_a_program_says_is_held_until_its_line_is_whole() {
        let mut said = Said::default();
        said.hear(b"a\n:");
        assert_eq!(said.0, b":");
        said.hear(b":error::x");
        assert_eq!(said.0, b"::error::x");
        said.hear(b"\n\n");
        assert!(said.0.is_empty());
    }
}
