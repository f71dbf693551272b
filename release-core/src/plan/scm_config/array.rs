//! Strings that are added to arrays in the style of what stands there.

use crate::manifest::pyproject::StringList;
use crate::text::{SourceText, Span, TextEdit};

/// Returns the edits that add a string to the end of an array, in the array's style.
pub fn appended(source: &SourceText, list: &StringList, item: &str) -> Vec<TextEdit> {
    let text = source.as_str();
    let insert = |at: usize, replacement: String| TextEdit { span: at..at, replacement };
    let Some(last) = list.items.last() else { return vec![insert(list.span.start + 1, quoted(item, '"'))] };
    let quote = if text[last.span.clone()].starts_with('\'') { '\'' } else { '"' };
    let item = quoted(item, quote);
    let comma = comma_after(text, last.span.end..list.span.end);
    let after = comma.map_or(last.span.end, |at| at + 1);
    let Some(line_break) = text[after..list.span.end].find('\n') else {
        return vec![insert(last.span.end, format!(", {item}"))];
    };
    let line_start = text[..last.span.start].rfind('\n').map_or(0, |at| at + 1);
    let items = text[line_start..].trim_start_matches([' ', '\t']);
    let indent = match items.starts_with(['"', '\'']) {
        true => &text[line_start..text.len() - items.len()],
        false => "    ",
    };
    let next_line = after + line_break + 1;
    let eol = source.line_ending();
    match comma {
        Some(_) => vec![insert(next_line, format!("{indent}{item},{eol}"))],
        None => vec![insert(last.span.end, ",".to_owned()), insert(next_line, format!("{indent}{item}{eol}"))],
    }
}

/// Returns the first comma in a part of an array, outside comments.
fn comma_after(text: &str, part: Span) -> Option<usize> {
    let mut is_comment = false;
    text[part.clone()].char_indices().find_map(|(at, character)| {
        is_comment = (is_comment || character == '#') && character != '\n';
        (character == ',' && !is_comment).then_some(part.start + at)
    })
}

/// Writes a TOML string in these quotes, if it does not contain them.
pub(super) fn quoted(text: &str, quote: char) -> String {
    let other = if quote == '"' { '\'' } else { '"' };
    if text.contains('\\') || (text.contains(quote) && text.contains(other)) {
        return format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    }
    let quote = if text.contains(quote) { other } else { quote };
    format!("{quote}{text}{quote}")
}
