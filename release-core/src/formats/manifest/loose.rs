//! Requirements in texts that no release edits: scripts, container files, environments, lists for pip. They are found by
//! the name, with what stands behind it.

use super::requirement::canonical_name;
use crate::text::Span;
use crate::version::SpecifierSet;

/// A requirement in a text.
#[derive(Clone, Debug)]
pub struct Loose {
    /// Its bytes, from the name to the last version.
    pub span: Span,
    /// The normalised name.
    pub name: String,
    /// The versions that it admits.
    pub specifier: SpecifierSet,
}

/// Returns the requirements of a text on packages with known normalised names, in their order. Comments after `#` have none.
pub fn requirements(text: &str, is_known: &dyn Fn(&str) -> bool) -> Vec<Loose> {
    let (mut found, mut start) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let content = match line.trim_start().starts_with('#') {
            true => "",
            false => line.split_once(" #").map_or(line, |(content, _)| content),
        };
        found.extend(words(content).filter_map(|word| {
            let (name, end, specifier) = required(content, &word)?;
            is_known(&name).then(|| Loose { span: start + word.start..start + end, name, specifier })
        }));
        start += line.len();
    }
    found
}

/// Returns the versions that the value of a key admits: clauses of PEP 440, one version, or poetry's `^` before it.
pub(crate) fn value(text: &str) -> Option<SpecifierSet> {
    let text = text.trim();
    let Some(lowest) = text.strip_prefix('^') else {
        return SpecifierSet::parse(text)
            .ok()
            .filter(|set| !set.clauses.is_empty())
            .or_else(|| SpecifierSet::parse(&format!("=={text}")).ok());
    };
    let major = lowest.split('.').next().filter(|major| *major != "0");
    let within = major.map_or_else(|| format!("~={lowest}"), |major| format!(">={lowest},=={major}.*"));
    SpecifierSet::parse(&within).ok()
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Returns the places of words that may be names.
fn words(line: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].find(|character: char| character.is_ascii_alphanumeric())?;
        let end = line[start..].find(|character| !is_part(character)).map_or(line.len(), |length| start + length);
        at = end;
        Some(start..end)
    })
}

/// Returns the name that a word is, the end of the requirement, and the versions that it admits.
fn required(line: &str, word: &Span) -> Option<(String, usize, SpecifierSet)> {
    let text = &line[word.clone()];
    if let Some(stem) = text.strip_suffix(".whl").or_else(|| text.strip_suffix(".tar.gz")) {
        let (name, rest) = stem.split_once('-')?;
        let version = rest.split('-').next()?;
        return Some((canonical_name(name), word.end, SpecifierSet::parse(&format!("=={version}")).ok()?));
    }
    let name = canonical_name(text.strip_suffix(".git").unwrap_or(text));
    let mut rest = &line[word.end..];
    if let Some(extras) = rest.strip_prefix('[') {
        rest = &extras[extras.find(']')? + 1..];
    }
    rest = rest.trim_start_matches(is_blank);
    // npm and git.
    if let Some(named) = rest.strip_prefix('@') {
        let named = named.strip_prefix('v').unwrap_or(named);
        let version = run(named);
        let specifier = version.starts_with(|first: char| first.is_ascii_digit()).then(|| format!("=={version}"))?;
        return Some((name, line.len() - named.len() + version.len(), SpecifierSet::parse(&specifier).ok()?));
    }
    // `name = "1.0"`, of tables.
    if let Some(quoted) = rest.strip_prefix('=').map(|rest| rest.trim_start_matches(is_blank))
        && let Some(quote) = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))
    {
        let inner = &quoted[1..];
        let inner = &inner[..inner.find(quote)?];
        return Some((name, line.len() - quoted.len() + inner.len() + 2, value(inner)?));
    }
    let (mut clauses, mut end) = (Vec::new(), word.end);
    loop {
        let operators = rest.find(|character| !matches!(character, '=' | '<' | '>' | '~' | '!')).unwrap_or(rest.len());
        let (operator, after) = rest.split_at(operators);
        let after = after.trim_start_matches(is_blank);
        let version = run(after);
        if operator.is_empty() || version.is_empty() {
            break;
        }
        // conda has one `=`.
        clauses.push(format!("{}{version}", if operator == "=" { "==" } else { operator }));
        rest = &after[version.len()..];
        end = line.len() - rest.len();
        match rest.trim_start_matches(is_blank).strip_prefix(',') {
            Some(next) => rest = next.trim_start_matches(is_blank),
            None => break,
        }
    }
    let specifier = SpecifierSet::parse(&clauses.join(",")).ok().filter(|set| !set.clauses.is_empty())?;
    Some((name, end, specifier))
}

/// Returns the version at the start of a text.
fn run(text: &str) -> &str {
    let is_version = |character: char| is_part(character) || matches!(character, '+' | '!' | '*');
    let version = &text[..text.find(|character| !is_version(character)).unwrap_or(text.len())];
    version.trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_found_in_every_spelling_and_others_are_not() {
        let known = |name: &str| name == "meadow-client";
        for (text, found) in [
            ("RUN pip install meadow-client==0.4.4 x==1", "meadow-client==0.4.4 | ==0.4.4"),
            ("pip install 'Meadow_Client[cli] >=0.4.4, <0.5'", "Meadow_Client[cli] >=0.4.4, <0.5 | <0.5,>=0.4.4"),
            ("meadow.client==0.4.4 \\\n    --hash=sha256:00", "meadow.client==0.4.4 | ==0.4.4"),
            ("  - meadow-client=0.4.4", "meadow-client=0.4.4 | ==0.4.4"),
            ("meadow-client = \"^0.4.4\"", "meadow-client = \"^0.4.4\" | ~=0.4.4"),
            ("npm install meadow-client@0.4.4.", "meadow-client@0.4.4 | ==0.4.4"),
            ("git+https://x.example/meadow-client.git@v0.4.4#egg=y", "meadow-client.git@v0.4.4 | ==0.4.4"),
            (
                "https://x.example/meadow_client-0.4.4-py3-none-any.whl",
                "meadow_client-0.4.4-py3-none-any.whl | ==0.4.4",
            ),
            ("install_requires=['meadow-client~=0.4.4','y']", "meadow-client~=0.4.4 | ~=0.4.4"),
            ("# meadow-client==0.4.4\nx # meadow-client==0.4.4", ""),
            ("meadow-client==$VERSION meadow-client==${X} meadow-client", ""),
            ("meadow-client-extras==0.4.4 my-meadow-client==1.0 meadow-client @ main meadow-client@main", ""),
        ] {
            let all: Vec<String> = requirements(text, &known)
                .iter()
                .map(|one| format!("{} | {}", &text[one.span.clone()], one.specifier))
                .collect();
            assert_eq!(all.join("\n"), found, "{text}");
        }
    }

    #[test]
    fn a_value_is_clauses_or_one_version() {
        for (text, set) in [
            ("^0.4.4", "~=0.4.4"),
            ("^1.2", "==1.*,>=1.2"),
            (" >=1,<2 ", "<2,>=1"),
            ("1.0", "==1.0"),
            ("*", ""),
            ("x", ""),
        ] {
            assert_eq!(value(text).map(|set| set.to_string()).unwrap_or_default(), set, "{text}");
        }
    }
}
