//! Parsing of specifiers.

use super::{Clause, Operand, Operator, SpecifierSet};
use crate::text::{ParseError, Problem, Span};
use crate::version::pep440::{Version, is_space};

pub(super) fn specifiers(text: &str, part: Span) -> Result<SpecifierSet, ParseError> {
    let mut clauses = Vec::new();
    let mut at = part.start;
    for piece in text[part.clone()].split(',') {
        let start = at + piece.len() - piece.trim_start_matches(is_space).len();
        at += piece.len() + 1;
        let piece = piece.trim_matches(is_space);
        if !piece.is_empty() {
            clauses
                .push(clause(piece, start).map_err(|problem| ParseError::new(text, "a version specifier", problem))?);
        }
    }
    let span = match clauses.as_slice() {
        [first, .., last] => first.operator_span.start..last.version_span.end,
        [only] => only.operator_span.start..only.version_span.end,
        [] => part.start..part.start,
    };
    Ok(SpecifierSet { clauses, span })
}

/// Reads a clause from its operator to the end of its version; its text starts at the given byte.
fn clause(text: &str, start: usize) -> Result<Clause, Problem> {
    let operator = Operator::at_start(text).ok_or((start, "expected an operator"))?;
    let operator_end = operator.as_str().len();
    let version = text[operator_end..].trim_start_matches(is_space);
    // Only space after `===` is an empty version, which stands at the operator.
    let version_start = if version.is_empty() { operator_end } else { text.len() - version.len() };
    let operand = operand(operator, version).map_err(|(offset, problem)| (start + version_start + offset, problem))?;
    Ok(Clause {
        operator,
        operand,
        text: version.to_owned(),
        operator_span: start..start + operator_end,
        version_span: start + version_start..start + version_start + version.len(),
    })
}

fn operand(operator: Operator, text: &str) -> Result<Operand, Problem> {
    if operator == Operator::Arbitrary {
        return match text.find(|character| is_space(character) || matches!(character, ';' | ')')) {
            Some(offset) => Err((offset, "unexpected text")),
            None => Ok(Operand::Text),
        };
    }
    if let Some(series) = text.strip_suffix(".*") {
        if series.ends_with(is_space) {
            return Err((series.len(), "unexpected space before `.*`"));
        }
        let version = version(series)?;
        let is_plain = !version.is_prerelease() && version.post().is_none() && version.local().is_none();
        return match operator {
            Operator::Equal | Operator::NotEqual if is_plain => Ok(Operand::Series(version)),
            Operator::Equal | Operator::NotEqual => Err((series.len(), "`.*` after more than a release")),
            _ => Err((series.len(), "`.*` without `==` or `!=`")),
        };
    }
    let version = version(text)?;
    if operator.accepts(&version) {
        Ok(Operand::Version(version))
    } else if version.local().is_some() {
        Err((text.find('+').unwrap_or(0), "a local label without `==` or `!=`"))
    } else {
        Err((0, "`~=` needs a version of two or more numbers"))
    }
}

fn version(text: &str) -> Result<Version, Problem> {
    Version::parse(text).map_err(|error| (error.offset, error.problem))
}
