//! Versions that a text gives to a variable, and names at a requirement: `ARG V=0.4.4` and `pip install x==$V`.

use super::word::{is_blank, run, words};
use crate::text::Span;
use crate::version::Version;

/// A reference to a variable.
#[derive(Debug)]
pub(super) struct Reference<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// The place of the version that it has where it is not set, as in `${V:-0.4.4}`.
    pub(super) default: Option<Span>,
}

/// Returns the reference at the start of a text: of a shell or make, of a workflow (`${{ env.V }}`), or of Python (`{V}`).
pub(super) fn reference(text: &str) -> Option<Reference<'_>> {
    let after = text.trim_start_matches(['"', '\'', ' ', '\\']);
    let offset = text.len() - after.len();
    if let Some(inner) = after.strip_prefix("${{").or_else(|| after.strip_prefix("{{")) {
        let inner = inner[..inner.find("}}")?].trim();
        let name = inner.rsplit('.').next()?;
        return is_name(name).then_some(Reference { name, default: None });
    }
    let inner = after.trim_start_matches('$').trim_start_matches(['{', '(']);
    if inner.len() == after.len() {
        return None;
    }
    let end =
        inner.find(|character: char| !character.is_ascii_alphanumeric() && character != '_').unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-')).map(|rest| {
        let start = offset + after.len() - rest.len();
        start..start + run(rest).len()
    });
    is_name(name).then_some(Reference { name, default })
}

fn is_name(name: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && name.chars().all(is_part)
}

/// Returns the places of the versions that a line gives to a variable: `V=1.0`, `V: "1.0"`, `V := 1.0`, `ENV V 1.0`.
pub(super) fn assigned(line: &str, name: &str) -> Option<Span> {
    let word = words(line).find(|word| {
        let start = line[..word.start].trim_end_matches('_').len();
        line.get(start..start + name.len()) == Some(name) && !line[start + name.len()..].starts_with(is_of_name)
    })?;
    let start = line[..word.start].trim_end_matches('_').len();
    let rest = &line[start + name.len()..];
    let after = rest.trim_start_matches(is_blank).trim_start_matches([':', '?']);
    let value = match after.strip_prefix('=') {
        Some(value) if value.starts_with('=') => return None,
        Some(value) => value,
        None if after.len() < rest.trim_start_matches(is_blank).len() => after,
        None if line.trim_start().starts_with("ENV ") => after,
        None => return None,
    };
    let value = value.trim_start_matches(is_blank).trim_start_matches(['"', '\'']).trim_start_matches('v');
    let version = run(value);
    let is_version = version.starts_with(|first: char| first.is_ascii_digit()) && Version::parse(version).is_ok();
    is_version.then(|| line.len() - value.len()..line.len() - value.len() + version.len())
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_in_every_notation() {
        for (text, name, default) in [
            ("$V", Some("V"), None),
            ("\"${MEADOW_V}\"", Some("MEADOW_V"), None),
            ("${V:-0.4.4}", Some("V"), Some("0.4.4")),
            ("$(V) x", Some("V"), None),
            ("${{ env.V }}", Some("V"), None),
            ("${{ matrix.client-version }}", Some("client-version"), None),
            ("{V}\"", Some("V"), None),
            ("{{ version }}", Some("version"), None),
            ("0.4.4", None, None),
            ("${{ fromJSON(x) }}", None, None),
            ("$1", None, None),
            ("${{ env.V", None, None),
            ("", None, None),
        ] {
            let found = reference(text);
            assert_eq!(found.as_ref().map(|found| found.name), name, "{text}");
            assert_eq!(found.and_then(|found| found.default).map(|span| &text[span]), default, "{text}");
        }
    }

    #[test]
    fn values_of_variables_are_found_and_other_uses_are_not() {
        for (line, found) in [
            ("ARG V=0.4.4", Some("0.4.4")),
            ("ENV V 0.4.4", Some("0.4.4")),
            ("  V: \"0.4.4\"", Some("0.4.4")),
            ("V := 0.4.4", Some("0.4.4")),
            ("V ?= v0.4.4", Some("0.4.4")),
            ("export V='0.4.4'", Some("0.4.4")),
            ("V = 0.4.4", Some("0.4.4")),
            ("if V == 0.4.4", None),
            ("V=latest", None),
            ("V=$OTHER", None),
            ("V 0.4.4", None),
            ("VV=0.4.4 V2=0.4.4 MY_V=0.4.4", None),
            ("ARG V", None),
        ] {
            assert_eq!(assigned(line, "V").map(|span| &line[span]), found, "{line}");
        }
    }
}
