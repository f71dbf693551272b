//! Foreign text as HTML.

use release_core::text::{is_hidden, numbered};
use std::fmt::Write;

/// Text as HTML. Names, subjects and messages are foreign: nothing of them is markup, not even in an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // Some are not allowed in HTML; marks that turn the direction of what follows would make a name look like another.
            c if is_hidden(c) && !matches!(c, '\n' | '\t') => html.push_str(&numbered(c)),
            c => html.push(c),
        }
    }
    html
}

/// A name as HTML where no element can stand, as in a title: its direction is its own.
pub(super) fn isolated(name: &str) -> String {
    format!("\u{2068}{}\u{2069}", escaped(name))
}

/// A message, in which backticks enclose code.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part = |(index, part): (usize, &&str)| match index % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    };
    parts.iter().enumerate().map(part).collect()
}

/// The identifier of a tag's findings: the same as long as the tag has its name, so that a link to it lasts.
pub(super) fn id(tag: &str) -> String {
    let mut id = "tag-".to_owned();
    for byte in tag.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' => id.push(char::from(byte)),
            _ => {
                let _ = write!(id, "_{byte:02x}");
            }
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_markup() {
        assert_eq!(
            escaped("<a href=\"x\" b='c'>&\u{0}\u{202e}"),
            "&lt;a href=&quot;x&quot; b=&#39;c&#39;&gt;&amp;\\u{0}\\u{202e}"
        );
        assert_eq!(prose("run `a <b>` or `c`"), "run <code>a &lt;b&gt;</code> or <code>c</code>");
        assert_eq!(prose("a ` alone <"), "a ` alone &lt;");
        assert_eq!(isolated("v1-\u{5d0}\u{2068}"), "\u{2068}v1-\u{5d0}\\u{2068}\u{2069}");
    }

    #[test]
    fn a_link_to_a_tag_lasts_and_leads_to_no_other() {
        for (tag, wanted) in [
            ("v0.4.0rc1", "tag-v0.4.0rc1"),
            ("release/1", "tag-release_2f1"),
            ("release_2f1", "tag-release_5f2f1"),
            ("\"#%é", "tag-_22_23_25_c3_a9"),
        ] {
            assert_eq!(id(tag), wanted);
        }
    }
}
