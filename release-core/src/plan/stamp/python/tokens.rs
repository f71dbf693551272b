//! Python as tokens and statements, as far as an assignment needs it
//! (<https://docs.python.org/3/reference/lexical_analysis.html>).

use crate::text::Span;

/// The kind of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    /// A string with the bytes between its quotes; plain if they are its value.
    Text {
        content: Span,
        is_plain: bool,
    },
    Operator,
}

/// A token outside of comments.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// The number of brackets around it; a bracket itself stands outside.
    pub(super) depth: usize,
}

/// A simple statement of the module itself: not one within a function or class.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) tokens: Vec<Token>,
    /// `true` within `if`, `try` and the like.
    pub(super) is_conditional: bool,
}

/// Returns the statements that run when a module is imported.
pub(super) fn statements(text: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    // The blocks around a line: their indentation, and `true` for those of functions and classes.
    let mut blocks: Vec<(usize, bool)> = Vec::new();
    for line in lines(text) {
        let Some(first) = line.first() else { continue };
        let start = text[..first.span.start].rfind('\n').map_or(0, |at| at + 1);
        let indent = text[start..first.span.start].trim_start_matches('\u{feff}').len();
        while blocks.last().is_some_and(|(outer, _)| *outer >= indent) {
            blocks.pop();
        }
        let opens = match &text[first.span.clone()] {
            "def" | "class" | "async" => Some(true),
            "if" | "elif" | "else" | "try" | "except" | "finally" | "with" | "for" | "while" | "match" | "case" => {
                Some(false)
            }
            _ => None,
        };
        let is_inside = blocks.iter().any(|(_, is_scope)| *is_scope) || opens == Some(true);
        let body = match opens {
            Some(_) => line.iter().position(|token| is(text, token, ":")).map_or(&[][..], |at| &line[at + 1..]),
            None => &line,
        };
        if !is_inside {
            let is_conditional = opens.is_some() || !blocks.is_empty();
            let parts = body.split(|token| is(text, token, ";")).filter(|tokens| !tokens.is_empty());
            found.extend(parts.map(|tokens| Statement { tokens: tokens.to_vec(), is_conditional }));
        }
        blocks.extend(opens.map(|is_scope| (indent, is_scope)));
    }
    found
}

/// Returns `true` if a token is this operator, outside of brackets.
pub(super) fn is(text: &str, token: &Token, operator: &str) -> bool {
    token.depth == 0 && token.kind == Kind::Operator && &text[token.span.clone()] == operator
}

/// Returns the tokens of each logical line.
fn lines(text: &str) -> Vec<Vec<Token>> {
    let (mut lines, mut line, mut depth, mut at) = (Vec::new(), Vec::new(), 0_usize, 0);
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        match next {
            '#' => at += rest.find('\n').unwrap_or(rest.len()),
            '\n' if depth == 0 => {
                lines.push(std::mem::take(&mut line));
                at += 1;
            }
            '\\' | '\u{feff}' => at += next.len_utf8() + usize::from(rest[next.len_utf8()..].starts_with('\n')),
            _ if next.is_whitespace() => at += next.len_utf8(),
            _ => {
                let (kind, length) = token(rest, at);
                let word = &rest[..length];
                depth -= usize::from(matches!(word, ")" | "]" | "}")).min(depth);
                line.push(Token { kind, span: at..at + length, depth });
                depth += usize::from(matches!(word, "(" | "[" | "{"));
                at += length;
            }
        }
    }
    lines.push(line);
    lines
}

/// Returns the kind and the length of the token at the beginning of a text, which stands at `at` in the file.
fn token(rest: &str, at: usize) -> (Kind, usize) {
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let is_prefix = word <= 2 && rest[..word].chars().all(|c| "rRbBuUfFtT".contains(c));
    if is_prefix && rest[word..].starts_with(['"', '\'']) {
        let (content, length) = string(&rest[word..]);
        let is_text = !rest[..word].contains(['b', 'B', 'f', 'F', 't', 'T']);
        let value = &rest[word..][content.clone()];
        let is_plain = is_text && !value.is_empty() && !value.contains(['\\', '\n', '\r']);
        let content = at + word + content.start..at + word + content.end;
        return (Kind::Text { content, is_plain }, word + length);
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
        return (Kind::Number, end);
    }
    if word > 0 {
        return (Kind::Name, word);
    }
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let is_pair = rest.starts_with(|c: char| "=!<>:+-*/%&|^@".contains(c)) && rest[first..].starts_with('=');
    (Kind::Operator, first + usize::from(is_pair))
}

/// Returns the content of the string at the beginning of a text, and the length of the whole. A short string that is not closed ends
/// with its line.
fn string(rest: &str) -> (Span, usize) {
    let quote = &rest[..1];
    let width = if rest[1..].starts_with(quote) && rest[2..].starts_with(quote) { 3 } else { 1 };
    let quotes = &rest[..width];
    let (mut at, mut is_escaped) = (width, false);
    while let Some(next) = rest[at..].chars().next() {
        if !is_escaped && rest[at..].starts_with(quotes) {
            return (width..at, at + width);
        }
        if next == '\n' && width == 1 && !is_escaped {
            break;
        }
        is_escaped = next == '\\' && !is_escaped;
        at += next.len_utf8();
    }
    (width..at, at)
}
