//! The one edit type: a span and its replacement.

use super::source::Span;

/// Replaces the bytes of `span` by `replacement`; an empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// The bytes of the original text that are replaced.
    pub span: Span,
    /// The text that stands there afterwards.
    pub replacement: String,
}

/// The reason for which a list of edits does not fit a text. It is a mistake of the caller's, and nothing was changed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EditError {
    /// The span is reversed, ends after the text, or cuts a character.
    #[error("the span {0:?} is not a range of characters of this text")]
    OutOfText(Span),
    /// Two edits want the same bytes, or insert at the same place.
    #[error("the edits of {0:?} and {1:?} overlap")]
    Overlap(Span, Span),
}

/// The text with all edits made, whatever their order; bytes outside the spans are the original's.
///
/// # Errors
/// If an edit lies outside the text or two of them overlap.
pub fn splice(text: &str, edits: &[TextEdit]) -> Result<String, EditError> {
    let mut ordered: Vec<&TextEdit> = edits.iter().collect();
    ordered.sort_by_key(|edit| (edit.span.start, edit.span.end));
    for edit in &ordered {
        if text.get(edit.span.clone()).is_none() {
            return Err(EditError::OutOfText(edit.span.clone()));
        }
    }
    for (left, right) in ordered.iter().zip(ordered.iter().skip(1)) {
        if left.span.end > right.span.start || left.span == right.span {
            return Err(EditError::Overlap(left.span.clone(), right.span.clone()));
        }
    }
    let mut result =
        String::with_capacity(text.len() + ordered.iter().map(|edit| edit.replacement.len()).sum::<usize>());
    let mut copied = 0;
    for edit in ordered {
        result.push_str(&text[copied..edit.span.start]);
        result.push_str(&edit.replacement);
        copied = edit.span.end;
    }
    result.push_str(&text[copied..]);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edit(span: Span, replacement: &str) -> TextEdit {
        TextEdit { span, replacement: replacement.to_owned() }
    }

    #[test]
    fn edits_of_other_lengths_do_not_move_each_other() {
        let edits = [edit(4..5, "three"), edit(0..3, "1"), edit(5..5, "!")];
        assert_eq!(splice("one two", &edits).unwrap(), "1 three!wo");
    }

    #[test]
    fn edits_that_overlap_or_lie_outside_the_text_are_refused() {
        assert_eq!(splice("abc", &[edit(0..2, ""), edit(1..3, "")]), Err(EditError::Overlap(0..2, 1..3)));
        assert_eq!(splice("abc", &[edit(1..1, "x"), edit(1..1, "y")]), Err(EditError::Overlap(1..1, 1..1)));
        assert_eq!(splice("abc", &[edit(2..4, "")]), Err(EditError::OutOfText(2..4)));
        assert_eq!(splice("ä", &[edit(0..1, "")]), Err(EditError::OutOfText(0..1)));
    }

    proptest! {
        #[test]
        fn only_the_bytes_of_the_spans_change(text in "\\PC{0,60}", cuts in prop::collection::vec(0usize..60, 0..8), new in "\\PC{0,5}") {
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| text.is_char_boundary(*cut)).collect();
            cuts.sort_unstable();
            cuts.dedup();
            let spans: Vec<Span> = cuts.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect();
            let edits: Vec<TextEdit> = spans.iter().map(|span| edit(span.clone(), &new)).collect();
            let edited = splice(&text, &edits).unwrap();

            let back: Vec<TextEdit> = spans.iter().enumerate().map(|(index, span)| {
                let removed: usize = spans[..index].iter().map(Span::len).sum();
                let start = span.start + index * new.len() - removed;
                edit(start..start + new.len(), &text[span.clone()])
            }).collect();
            // Inserting nothing twice at one place is the only thing that cannot be taken back by spans.
            if !new.is_empty() {
                prop_assert_eq!(splice(&edited, &back).unwrap(), text);
            }
        }
    }
}
