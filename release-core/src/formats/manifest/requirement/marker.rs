//! The grammar of environment markers (PEP 508). Markers are not evaluated: a release edits only the text before a
//! marker.

use super::cursor::{Cursor, is_blank};
use crate::text::{Problem, Span};
use crate::version::Operator;

/// The variables, and the older names of some of them.
const VARIABLES: [&str; 20] = [
    "python_version",
    "python_full_version",
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
    "extras",
    "dependency_groups",
];

/// Skips a marker: comparisons with `and` and `or` between them, in parentheses or not. Returns its place.
pub(super) fn check(cursor: &mut Cursor<'_>) -> Result<Span, Problem> {
    cursor.skip_blanks();
    let start = cursor.at;
    let mut open = Vec::new();
    loop {
        cursor.skip_blanks();
        while cursor.rest().starts_with('(') {
            open.push(cursor.at);
            cursor.at += 1;
            cursor.skip_blanks();
        }
        comparison(cursor)?;
        cursor.skip_blanks();
        while !open.is_empty() && cursor.eat(')') {
            open.pop();
            cursor.skip_blanks();
        }
        if !eat_word(cursor, "and") && !eat_word(cursor, "or") {
            break;
        }
    }
    match open.pop() {
        Some(open) => Err((open, "this `(` is never closed")),
        None => Ok(start..start + cursor.text[start..cursor.at].trim_end_matches(is_blank).len()),
    }
}

fn comparison(cursor: &mut Cursor<'_>) -> Result<(), Problem> {
    operand(cursor)?;
    cursor.skip_blanks();
    operator(cursor)?;
    cursor.skip_blanks();
    operand(cursor)
}

fn operand(cursor: &mut Cursor<'_>) -> Result<(), Problem> {
    let start = cursor.at;
    if let Some(quote @ ('\'' | '"')) = cursor.rest().chars().next() {
        cursor.at += 1;
        let content = cursor.run(|character| character != quote);
        if !cursor.eat(quote) {
            return Err((start, "this quote is never closed"));
        }
        return if is_python_string(&cursor.text[content]) { Ok(()) } else { Err((start, "not a Python string")) };
    }
    if VARIABLES.contains(&&cursor.text[word(cursor)]) {
        return Ok(());
    }
    Err((start, "expected a marker variable or a quoted string"))
}

fn operator(cursor: &mut Cursor<'_>) -> Result<(), Problem> {
    let start = cursor.at;
    if let Some(operator) = Operator::at_start(cursor.rest()) {
        cursor.at += operator.as_str().len();
        return Ok(());
    }
    let negated = eat_word(cursor, "not");
    let spaced = !negated || !cursor.run(is_blank).is_empty();
    if spaced && eat_word(cursor, "in") {
        return Ok(());
    }
    Err((start, "expected a comparison, `in` or `not in`"))
}

fn eat_word(cursor: &mut Cursor<'_>, wanted: &str) -> bool {
    let start = cursor.at;
    let found = &cursor.text[word(cursor)] == wanted;
    if !found {
        cursor.at = start;
    }
    found
}

fn word(cursor: &mut Cursor<'_>) -> Span {
    cursor.run(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '.'))
}

/// Returns `true` if Python reads this text, between quotes that it does not contain, as a string: no bare line
/// break, and no unfinished escape after a backslash. The name in `\N{name}` is not looked up.
fn is_python_string(content: &str) -> bool {
    let mut rest = content.chars();
    while let Some(character) = rest.next() {
        match character {
            '\n' | '\r' | '\0' => return false,
            '\\' => {
                let escape = rest.as_str();
                let Some(kind) = rest.next() else { return false };
                let valid = match kind {
                    'x' => has_hex(escape, 2),
                    'u' => has_hex(escape, 4),
                    'U' => {
                        has_hex(escape, 8) && u32::from_str_radix(&escape[1..9], 16).is_ok_and(|code| code <= 0x10_ffff)
                    }
                    'N' => escape.strip_prefix("N{").and_then(|name| name.find('}')).is_some_and(|end| end > 0),
                    '\0' => false,
                    // A continued line may end in two characters.
                    '\r' => {
                        rest = rest.as_str().strip_prefix('\n').unwrap_or(rest.as_str()).chars();
                        true
                    }
                    _ => true,
                };
                if !valid {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}

/// Returns `true` if at least that many hexadecimal digits follow the first character, which is ASCII.
fn has_hex(escape: &str, digits: usize) -> bool {
    escape.as_bytes().get(1..=digits).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
}
