//! User information of addresses in foreign text, which is never shown.

use super::source::Span;

/// Returns the places of user information in addresses: the part between `://` and the last `@` before the host ends (RFC 3986,
/// 3.2.1). A lone `git`, with which servers of git are asked, is no secret.
pub fn user_information(text: &str) -> Vec<Span> {
    let ends_authority = |c: char| c.is_whitespace() || "/?#\"'`<>\\|".contains(c);
    let places = text.match_indices("://").map(|(at, separator)| at + separator.len());
    let user_information = |start: usize| {
        let authority = text[start..].split(ends_authority).next().unwrap_or_default();
        let length = authority.rfind('@').filter(|length| *length > 0 && authority[..*length] != *"git")?;
        Some(start..start + length)
    };
    places.filter_map(user_information).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_information_is_found_in_any_text_and_nothing_else_is() {
        for (text, found) in [
            ("https://u:p@r.example/simple", &["u:p"][..]),
            ("source = { registry = \"https://token@r.example/simple\" }", &["token"]),
            ("git+https://u:p%40q@r.example/x.git@v1 and http://a:b@c", &["u:p%40q", "a:b"]),
            ("https://u:p@q@r.example", &["u:p@q"]),
            ("ssh://git@r.example/x, https://r.example/@scope/name, https://@r.example, a@b, ://", &[]),
            ("https://r.example/u:p@q", &[]),
        ] {
            let texts: Vec<&str> = user_information(text).into_iter().map(|span| &text[span]).collect();
            assert_eq!(texts, found, "{text}");
        }
    }
}
