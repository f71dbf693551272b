//! Parsing of text into terms: the parts between the spaces, before their expansion.

use super::comparator::Operator;
use crate::text::Problem;
use semver::Prerelease;

/// One part of an alternative.
#[derive(Debug)]
pub(super) enum Term {
    /// `^1.2`
    Caret(Partial),
    /// `~1.2` or `~>1.2`
    Tilde(Partial),
    /// `1.2.x`, `>1`, `<=2`: a version that lacks a number, with or without an operator.
    Series(Option<Operator>, Partial),
    /// `>=1.2.3`
    Plain(Operator, Partial),
    /// `1.2 - 2.3`
    Hyphen(Partial, Partial),
}

/// A version with numbers left out or `x`; the numbers after the first such one do not count.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) major: Option<u64>,
    pub(super) minor: Option<u64>,
    pub(super) patch: Option<u64>,
    pub(super) pre: Prerelease,
    /// Its place in the text.
    pub(super) offset: usize,
    /// `true` if nothing but one `v` precedes it. If a number is left out, any of `v`, `=` and space may precede it.
    is_bare: bool,
}

/// Characters with their bytes in the whole text, so that removing some does not move the places of others.
type Characters<'a> = &'a [(usize, char)];

/// Returns `true` if the character is whitespace in JavaScript.
pub(super) fn is_space(character: char) -> bool {
    character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
}

/// Returns the terms of every alternative; an alternative without terms admits every version.
pub(super) fn alternatives(text: &str) -> Result<Vec<Vec<Term>>, Problem> {
    let mut characters: Vec<(usize, char)> =
        text.char_indices().map(|(at, character)| (at, if is_space(character) { ' ' } else { character })).collect();
    characters.dedup_by(|next, before| next.1 == ' ' && before.1 == ' ');
    split_at_bars(&characters).into_iter().map(alternative).collect()
}

/// Returns `true` if one of the wanted characters stands at a place.
fn has(characters: Characters<'_>, at: usize, wanted: &[char]) -> bool {
    characters.get(at).is_some_and(|(_, character)| wanted.contains(character))
}

fn split_at_bars(characters: Characters<'_>) -> Vec<Characters<'_>> {
    let mut pieces = Vec::new();
    let mut rest = characters;
    while let Some(at) = rest.windows(2).position(|pair| pair[0].1 == '|' && pair[1].1 == '|') {
        pieces.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    pieces.push(rest);
    pieces
}

fn alternative(characters: Characters<'_>) -> Result<Vec<Term>, Problem> {
    let is_not_space = |(_, character): &(usize, char)| *character != ' ';
    let start = characters.iter().position(is_not_space).unwrap_or(characters.len());
    let end = characters.iter().rposition(is_not_space).map_or(start, |last| last + 1);
    let characters = without_builds(&characters[start..end]);
    if let Some(hyphen) = hyphen(&characters)? {
        return Ok(vec![hyphen]);
    }
    let tightened = tightened(&joined(&characters));
    let pieces = tightened.split(|(_, character)| *character == ' ').filter(|piece| !piece.is_empty());
    pieces.map(term).collect()
}

/// Removes build metadata (`+sha.5`) anywhere in the text.
fn without_builds(characters: Characters<'_>) -> Vec<(usize, char)> {
    let is_part = |at: usize| characters.get(at).is_some_and(|(_, c)| c.is_ascii_alphanumeric() || *c == '-');
    let mut kept = Vec::with_capacity(characters.len());
    let mut at = 0;
    while at < characters.len() {
        if characters[at].1 != '+' || !is_part(at + 1) {
            kept.push(characters[at]);
            at += 1;
            continue;
        }
        at += 1;
        while is_part(at) || (characters.get(at).is_some_and(|(_, c)| *c == '.') && is_part(at + 1)) {
            at += 1;
        }
    }
    kept
}

/// Reads `1.2 - 2.3` if it is the whole alternative.
fn hyphen(characters: Characters<'_>) -> Result<Option<Term>, Problem> {
    let is_hyphen = |three: Characters<'_>| three.iter().map(|(_, character)| *character).eq([' ', '-', ' ']);
    let Some(at) = characters.windows(3).position(is_hyphen) else { return Ok(None) };
    let to = match &characters[at + 3..] {
        [to @ .., (_, ' ')] => to,
        to => to,
    };
    let (from, to) = (Partial::read(&characters[..at])?, Partial::read(to)?);
    if from.is_whole() {
        from.check_bare()?;
    }
    if to.is_whole() && to.pre.is_empty() {
        to.check_bare()?;
    }
    Ok(Some(Term::Hyphen(from, to)))
}

/// Removes the space between an operator and the version that follows it.
fn joined(characters: Characters<'_>) -> Vec<(usize, char)> {
    let mut kept = Vec::with_capacity(characters.len());
    let mut at = 0;
    while at < characters.len() {
        let operator = at + usize::from(has(characters, at, &[' ']));
        let operator_end = operator + usize::from(has(characters, operator, &['<', '>']));
        let operator_end = operator_end + usize::from(has(characters, operator_end, &['=']));
        let has_space = operator_end > at && has(characters, operator_end, &[' ']);
        let mut version = operator_end + usize::from(has_space);
        let version_start = version;
        while has(characters, version, &['v', '=', ' ']) {
            version += 1;
        }
        if characters.get(version).is_some_and(|(_, c)| c.is_ascii_digit() || matches!(c, 'x' | 'X' | '*')) {
            kept.extend(&characters[at..operator_end]);
            kept.extend(&characters[version_start..=version]);
            // A `v` at the end of a version does not begin another.
            let rest = &characters[version + 1..];
            let is_rest = |(_, c): &&(usize, char)| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
            let rest = &rest[..rest.iter().take_while(is_rest).count()];
            kept.extend(rest);
            at = version + 1 + rest.len();
        } else {
            // No match can begin within the text that was looked at; looking again would take quadratic time.
            let end = version.max(at + 1);
            kept.extend(&characters[at..end]);
            at = end;
        }
    }
    kept
}

/// Removes the space that follows `~` or `^`; before space, `~>` is the same as `~`.
fn tightened(characters: Characters<'_>) -> Vec<(usize, char)> {
    let mut kept = Vec::with_capacity(characters.len());
    let mut at = 0;
    while at < characters.len() {
        kept.push(characters[at]);
        let end = at + 1 + usize::from(has(characters, at, &['~']) && has(characters, at + 1, &['>']));
        at = if (has(characters, at, &['~']) || has(characters, at, &['^'])) && has(characters, end, &[' ']) {
            end + 1
        } else {
            at + 1
        };
    }
    kept
}

/// Reads a part without space.
fn term(text: Characters<'_>) -> Result<Term, Problem> {
    let offset = text.first().map_or(0, |first| first.0);
    let term = if has(text, 0, &['^']) {
        Partial::read(&text[1..]).map(Term::Caret)
    } else if has(text, 0, &['~']) {
        Partial::read(&text[1 + usize::from(has(text, 1, &['>']))..]).map(Term::Tilde)
    } else {
        comparator(text)
    };
    let (place, problem) = match term {
        Ok(term) => return Ok(term),
        Err(problem) => problem,
    };
    // A star means any version; a star after a version, as in `1.2.3*`, is ignored.
    match without_star(text).map(|rest| comparator(&without_builds(&rest))) {
        Some(Ok(term @ Term::Plain(..))) => Ok(term),
        _ => Err((place.max(offset), problem)),
    }
}

fn comparator(text: Characters<'_>) -> Result<Term, Problem> {
    let width = usize::from(has(text, 0, &['<']) || has(text, 0, &['>']));
    let has_equals = has(text, width, &['=']);
    let operator = match (text.first().map(|first| first.1), has_equals) {
        (Some('<'), false) => Some(Operator::Less),
        (Some('<'), true) => Some(Operator::LessEqual),
        (Some('>'), false) => Some(Operator::Greater),
        (Some('>'), true) => Some(Operator::GreaterEqual),
        _ => None,
    };
    let partial = Partial::read(&text[width + usize::from(has_equals)..])?;
    let skips_a_number = |earlier: Option<u64>, later: Option<u64>| earlier.is_none() && later.is_some();
    if skips_a_number(partial.major, partial.minor) || skips_a_number(partial.minor, partial.patch) {
        return Err((partial.offset, "expected no number after an `x`"));
    }
    if !partial.is_whole() {
        return Ok(Term::Series(operator, partial));
    }
    partial.check_bare()?;
    Ok(Term::Plain(operator.unwrap_or(Operator::Equal), partial))
}

/// Returns the text without its first star and the operator before that.
fn without_star(text: Characters<'_>) -> Option<Vec<(usize, char)>> {
    let star = text.iter().position(|(_, character)| *character == '*')?;
    let ends_with = |end: usize, wanted: &[char]| end > 0 && wanted.contains(&text[end - 1].1);
    let start = star - usize::from(ends_with(star, &['=']));
    let start = start - usize::from(ends_with(start, &['<', '>']));
    Some([&text[..start], &text[star + 1..]].concat())
}

impl Partial {
    /// Reads a version that may lack numbers, and nothing after it.
    fn read(text: Characters<'_>) -> Result<Self, Problem> {
        // Only a space can have been longer than a byte.
        let end = text.last().map_or(0, |(offset, last)| offset + usize::from(*last != ' '));
        let place = |at: usize| text.get(at).map_or(end, |(offset, _)| *offset);
        let start = text.iter().position(|(_, c)| !matches!(c, 'v' | '=' | ' ')).unwrap_or(text.len());
        let mut at = start;
        let (mut numbers, mut count) = ([None; 3], 0);
        for (index, number) in numbers.iter_mut().enumerate() {
            if index > 0 {
                if !has(text, at, &['.']) {
                    break;
                }
                at += 1;
            }
            *number = component(text, &mut at).ok_or((place(at), "expected a number or `x`"))?;
            count = index + 1;
        }
        let mut pre = Prerelease::EMPTY;
        if count == 3 && has(text, at, &['-']) {
            let rest: String = text[at + 1..].iter().map(|(_, character)| character).collect();
            // An empty text would be a version without a pre-release.
            let read = Some(rest).filter(|rest| !rest.is_empty()).and_then(|rest| Prerelease::new(&rest).ok());
            pre = read.ok_or((place(at), "expected the identifiers of a pre-release"))?;
            at = text.len();
        }
        if at < text.len() {
            return Err((place(at), "unexpected text"));
        }
        let mut prefix =
            text[..start].iter().map(|(_, character)| character).skip_while(|character| **character == ' ');
        let is_bare = prefix.next().is_none_or(|first| *first == 'v') && prefix.next().is_none();
        let [major, minor, patch] = numbers;
        Ok(Self { major, minor, patch, pre, offset: place(start), is_bare })
    }

    /// Returns `true` if no number is left out.
    pub(super) fn is_whole(&self) -> bool {
        self.major.is_some() && self.minor.is_some() && self.patch.is_some()
    }

    fn check_bare(&self) -> Result<(), Problem> {
        if self.is_bare { Ok(()) } else { Err((self.offset, "expected nothing but a `v` before the version")) }
    }
}

/// Reads a number without leading zeros, or a letter or star for any number. A number too large for a version stays
/// too large.
fn component(text: Characters<'_>, at: &mut usize) -> Option<Option<u64>> {
    let character = text.get(*at)?.1;
    if matches!(character, 'x' | 'X' | '*') {
        *at += 1;
        return Some(None);
    }
    let is_digit = |(_, character): &&(usize, char)| character.is_ascii_digit();
    let length = if character == '0' { 1 } else { text[*at..].iter().take_while(is_digit).count() };
    let digits: String = text[*at..*at + length].iter().map(|(_, character)| character).collect();
    *at += length;
    (length > 0).then(|| Some(digits.parse().unwrap_or(u64::MAX)))
}
