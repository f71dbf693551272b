//! The depth of a TOML document, told from its tokens before anything follows it down. `toml_edit` has a limit for brackets and one
//! for the names of a key, but each bracket may have a key of its own.

use crate::text::Span;
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// The deepest document that is read; `pyproject.toml` and lockfiles stay below ten.
pub(super) const DEEPEST: usize = 64;

/// Returns the place at which a document becomes deeper than [`DEEPEST`]: brackets, and names below each other. A number with a
/// point counts as two names, and what is not TOML may count as deeper than it is.
pub(super) fn too_deep(text: &str) -> Option<Span> {
    let mut brackets: Vec<Bracket> = Vec::new();
    // The names of the table's header, and those of the key that is read outside of brackets.
    let (mut header, mut names, mut is_value) = (0, 0, false);
    let mut depth = 0_usize;
    for token in Source::new(text).lex() {
        let kind = token.kind();
        match kind {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                if brackets.is_empty() && !is_value {
                    depth -= std::mem::take(&mut header);
                }
                let closes = match kind {
                    TokenKind::LeftSquareBracket => TokenKind::RightSquareBracket,
                    _ => TokenKind::RightCurlyBracket,
                };
                brackets.push(Bracket { closes, names: 0 });
                depth += 1;
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                if let Some(closed) = brackets.pop_if(|bracket| bracket.closes == kind) {
                    depth -= 1 + closed.names;
                }
            }
            TokenKind::Dot => {
                depth += 1;
                match brackets.last_mut() {
                    Some(_) if !is_value => header += 1,
                    Some(bracket) => bracket.names += 1,
                    None => names += 1,
                }
            }
            TokenKind::Comma => depth -= brackets.last_mut().map_or(0, |bracket| std::mem::take(&mut bracket.names)),
            TokenKind::Equals if brackets.is_empty() => is_value = true,
            TokenKind::Newline if brackets.is_empty() => {
                depth -= std::mem::take(&mut names);
                is_value = false;
            }
            _ => {}
        }
        if depth > DEEPEST {
            let span = token.span();
            return Some(span.start()..span.end());
        }
    }
    None
}

/// A bracket that is open.
struct Bracket {
    closes: TokenKind,
    /// The names of the key that is read in it.
    names: usize,
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::text::SourceText;

    #[test]
    fn a_document_that_is_too_deep_is_an_error_with_its_place_however_it_gets_deep() {
        let key = |names: usize| vec!["a"; names].join(".");
        let tables = |names: usize, count: usize| {
            format!("{}1{}", format!("{{ {} = ", key(names)).repeat(count), " }".repeat(count))
        };
        let lists = |deep: usize| format!("{}{}", "[".repeat(deep), "]".repeat(deep));
        type Of<'a> = &'a dyn Fn(usize) -> String;
        let shapes: [(&str, Of<'_>); 8] = [
            ("lists", &|deep| format!("a = {}", lists(deep))),
            ("tables", &|deep| format!("a = {}", tables(1, deep))),
            ("a key", &|deep| format!("{} = 1", key(deep + 1))),
            ("a header", &|deep| format!("[{}]\na = 1", key(deep))),
            ("a header of a list", &|deep| format!("[[{}]]\na = 1", key(deep - 1))),
            ("a header and a key", &|deep| format!("[{}]\n{} = 1", key(deep / 2 + 1), key(deep / 2 + 1))),
            ("a header and a list", &|deep| format!("[{}]\na = {}", key(2), lists(deep - 1))),
            ("tables with long keys", &|deep| format!("a = {}", tables(8, deep / 8))),
        ];
        for (what, of) in shapes {
            let fits = SourceText::new(of(DEEPEST));
            assert_eq!(parse(&fits).err(), None, "{what}");
            let text = format!("# {what}\n{}", of(DEEPEST + 8));
            let error = parse(&SourceText::new(text.clone())).unwrap_err();
            assert_eq!(error.message, "nested more than 64 deep", "{what}");
            assert!(error.span.start > text.find('\n').unwrap() && error.span.end <= text.len(), "{what}");
        }
    }

    #[test]
    fn what_stands_side_by_side_does_not_add_up() {
        let lines = "[a.b]\nc.d = [1.5, 2.5, { e.f = '[[[', g = \"\"\"\n]{\"\"\" }] # [[[\n\n[[h.i]]\n".repeat(200);
        assert_eq!(too_deep(&lines), None);
        let long = format!("a = [{}]\nb = {{ {} }}\n", "[1.5],\n".repeat(200), "c.d = {},".repeat(200));
        assert_eq!(too_deep(&long), None);
    }
}
