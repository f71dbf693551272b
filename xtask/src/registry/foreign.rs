//! Text of a server's in a message.

use release_core::text::shown;

/// The beginning of what a server sent, as part of a message: short, and nothing that a terminal obeys.
pub(crate) fn foreign(text: &str) -> String {
    let end = text.char_indices().nth(120).map_or(text.len(), |(at, _)| at);
    format!("`{}`", shown(&text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_sent_is_shown_short_and_escaped() {
        assert_eq!(foreign("text/html"), "`text/html`");
        assert_eq!(foreign("\u{1b}[31m\n\u{9b}é"), r"`\u{1b}[31m\n\u{9b}é`");
        assert_eq!(foreign(&"é".repeat(1000)).chars().count(), 122);
    }
}
