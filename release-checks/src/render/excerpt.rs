//! The lines around the places that a problem is about, and no more of a file: what a drawing costs follows from these lines, however
//! long the file is. What has an effect on a terminal is written by its number, and of a very long line only what is near a place
//! is kept.

use release_core::problem::Label;
use release_core::text::{SourceText, Span, is_hidden, numbered};

/// Places that are further apart are shown apart.
const NEAR: usize = 16 * 1024;

/// A line that is longer is cut.
const LONGEST_LINE: usize = 2_000;

/// The number of characters of such a line that are kept on both sides of the start and of the end of a place.
const KEPT: usize = 120;

/// Lines of a file as they are drawn.
pub(super) struct Excerpt<'a> {
    /// Their text.
    pub(super) text: String,
    /// The number of the first.
    pub(super) line: usize,
    /// The labels with their places in this text.
    pub(super) labels: Vec<(&'a Label, Span)>,
    /// `true` if columns of this text are those of the file.
    pub(super) is_exact: bool,
}

/// Returns the excerpts for labels of one file, in the order of their places; the one with the first label comes first.
pub(super) fn excerpts<'a>(source: &SourceText, labels: &[&'a Label]) -> Vec<Excerpt<'a>> {
    let text = source.as_str();
    let mut placed: Vec<(&Label, Span)> = labels.iter().map(|label| (*label, fitted(text, &label.span))).collect();
    placed.sort_by_key(|(_, span)| (span.start, span.end));
    let mut groups: Vec<Vec<(&Label, Span)>> = Vec::new();
    for (label, span) in placed {
        let last = groups.last_mut().filter(|group| {
            let end = group.iter().map(|(_, other)| other.end).max().unwrap_or_default();
            span.start.saturating_sub(end) <= NEAR && span.end.saturating_sub(group[0].1.start) <= 4 * NEAR
        });
        match last {
            Some(group) => group.push((label, span)),
            None => groups.push(vec![(label, span)]),
        }
    }
    let is_first = |group: &Vec<(&Label, Span)>| group.iter().any(|(label, _)| labels.first() == Some(label));
    let first = groups.iter().position(is_first).unwrap_or_default();
    if first < groups.len() {
        groups[..=first].rotate_right(1);
    }
    groups.into_iter().map(|group| excerpt(source, group)).collect()
}

/// A span within the text, on the boundaries of characters, of a length that can be drawn. Something to underline is left even
/// where a parser points at the gap between two characters.
fn fitted(text: &str, span: &Span) -> Span {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    start..floor(span.end.min(start + NEAR)).max(start)
}

fn excerpt<'a>(source: &SourceText, placed: Vec<(&'a Label, Span)>) -> Excerpt<'a> {
    let text = source.as_str();
    let start = placed.iter().map(|(_, span)| span.start).min().unwrap_or_default();
    let end = placed.iter().map(|(_, span)| span.end).max().unwrap_or_default();
    let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let last = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    // Editors show no column for a byte order mark.
    let first = if first == 0 && text.starts_with('\u{feff}') && start > 0 { '\u{feff}'.len_utf8() } else { first };
    let mut places: Vec<usize> = placed.iter().flat_map(|(_, span)| [span.start, span.end]).collect();
    places.sort_unstable();
    let mut copy =
        Copy { text: String::new(), moved: Vec::with_capacity(places.len()), places: &places, is_exact: true };
    let mut at = first;
    for line in text[first..last].split_inclusive('\n') {
        copy.line(line, at);
        at += line.len();
    }
    copy.reach(usize::MAX, copy.text.len());
    let moved = |place: usize| places.binary_search(&place).ok().and_then(|found| copy.moved.get(found)).copied();
    let labels = placed.into_iter().map(|(label, span)| {
        let start = moved(span.start).unwrap_or_default();
        (label, start..moved(span.end).unwrap_or(start))
    });
    Excerpt { labels: labels.collect(), line: source.location(first).line, is_exact: copy.is_exact, text: copy.text }
}

/// A text on its way, and where the places are in it.
struct Copy<'a> {
    text: String,
    /// For each place that was passed, where it is now.
    moved: Vec<usize>,
    places: &'a [usize],
    is_exact: bool,
}

impl Copy<'_> {
    /// Notes where the places up to one of the file are in the copy.
    fn reach(&mut self, at: usize, now: usize) {
        while self.places.get(self.moved.len()).is_some_and(|place| *place <= at) {
            self.moved.push(now);
        }
    }

    fn line(&mut self, line: &str, start: usize) {
        let is_long = line.len() > LONGEST_LINE;
        let (mut is_cut, mut next) = (false, self.places.partition_point(|place| *place + KEPT < start));
        let mut offset = 0;
        while let Some(character) = line[offset..].chars().next() {
            let at = start + offset;
            self.reach(at, self.text.len());
            let is_end = matches!(&line[offset..], "\n" | "\r\n");
            while self.places.get(next).is_some_and(|place| place + KEPT < at) {
                next += 1;
            }
            if is_long && !is_end && self.places.get(next).is_none_or(|place| *place > at + KEPT) {
                if !is_cut {
                    self.text.push('…');
                    (is_cut, self.is_exact) = (true, false);
                }
                // On to what is near the next place, or to the end of the line.
                let near = self.places.get(next).map_or(usize::MAX, |place| place.saturating_sub(KEPT));
                let end = line.len() - if line.ends_with("\r\n") { 2 } else { usize::from(line.ends_with('\n')) };
                offset = near.saturating_sub(start).max(offset + 1).min(end.max(offset + 1));
                while !line.is_char_boundary(offset) {
                    offset += 1;
                }
                continue;
            }
            is_cut = false;
            match character {
                '\n' | '\t' => self.text.push(character),
                '\r' if is_end => self.text.push(character),
                hidden if is_hidden(hidden) => {
                    self.text.push_str(&numbered(hidden));
                    self.is_exact = false;
                }
                plain => self.text.push(plain),
            }
            offset += character.len_utf8();
        }
        self.reach(start + line.len() - usize::from(line.ends_with('\n')), self.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use release_core::problem::Problem;

    fn labels(spans: &[Span]) -> Problem {
        spans.iter().fold(Problem::new("", ""), |problem, span| problem.at("a", span.clone(), ""))
    }

    #[test]
    fn what_is_far_apart_is_shown_apart_and_the_first_label_comes_first() {
        let source = SourceText::new("0123456\n".repeat(100_000));
        let problem = labels(&[400_000..400_003, 8..10, 400_016..400_020]);
        let found = excerpts(&source, &problem.labels.iter().collect::<Vec<_>>());
        let shown: Vec<_> = found.iter().map(|e| (e.line, e.text.lines().count(), e.labels.len())).collect();
        assert_eq!(shown, [(50_001, 3, 2), (2, 1, 1)]);
    }

    #[test]
    fn of_a_long_line_what_is_near_a_place_is_kept() {
        let text =
            format!("short\n{}HERE{}THERE{}\nafter\n", "ä".repeat(400_000), "x".repeat(3_000), "y".repeat(400_000));
        let source = SourceText::new(text.as_str());
        let place = |word: &str| text.find(word).map(|at| at..at + word.len()).unwrap();
        let problem = labels(&[place("HERE"), place("THERE")]);
        let [found] = &excerpts(&source, &problem.labels.iter().collect::<Vec<_>>())[..] else { panic!("one excerpt") };
        assert!(found.text.len() < 1_000 && found.text.matches('…').count() == 3 && !found.is_exact, "{}", found.text);
        let words: Vec<_> = found.labels.iter().map(|(_, span)| &found.text[span.clone()]).collect();
        assert_eq!((words, found.line), (vec!["HERE", "THERE"], 2));
    }

    proptest! {
        #[test]
        fn places_hold_the_same_text(
            text in "([a-z\t\r\n äß\u{feff}]|\u{1b}|\u{202e}|[a-z]{900}|[ä\n]{300}){0,12}",
            places in proptest::collection::vec((0_usize..6_000, 0_usize..40), 1..4),
        ) {
            let source = SourceText::new(text.as_str());
            let problem = labels(&places.iter().map(|(start, length)| *start..start + length).collect::<Vec<_>>());
            for found in excerpts(&source, &problem.labels.iter().collect::<Vec<_>>()) {
                prop_assert!(!found.text.replace("\r\n", "\n").chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\t')));
                for (label, span) in &found.labels {
                    let span_before = fitted(&text, &label.span);
                    prop_assert_eq!(source.location(span_before.start).line,
                        found.line + found.text[..span.start].matches('\n').count());
                    let before = &text[span_before];
                    if !before.contains(['\r', '\n', '\u{feff}']) {
                        prop_assert_eq!(release_core::text::shown_lines(before), &found.text[span.clone()]);
                    }
                }
            }
        }
    }
}
