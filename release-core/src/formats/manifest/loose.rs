//! Requirements in texts that no release edits: scripts, container files, environments, lists for pip. They are found by
//! the name, with what stands behind it.

mod kind;
mod variable;
mod word;

pub use kind::Kind;

use super::requirement::canonical_name;
use crate::text::Span;
use crate::version::SpecifierSet;
use variable::{assigned, reference};
use word::{is_blank, run, words};

/// The characters that may stand between a name and its operator; a shell joins what is quoted apart.
const BEFORE_OPERATOR: [char; 4] = [' ', '\t', '"', '\''];

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
pub fn requirements(text: &str, kind: Kind, is_known: &dyn Fn(&str) -> bool) -> Vec<Loose> {
    let lines = kind.lines(text);
    if kind == Kind::Lock {
        return locked(&lines, is_known);
    }
    let mut found = Vec::new();
    for (start, line) in &lines {
        for word in words(line) {
            match required(line, &word) {
                Some((name, end, specifier)) if is_known(&name) => {
                    found.push(Loose { span: start + word.start..start + end, name, specifier });
                }
                Some(_) => {}
                None => found.extend(by_variable(&lines, (*start, line), &word, is_known)),
            }
        }
    }
    found.sort_by_key(|one| one.span.start);
    found.dedup_by(|one, other| one.span == other.span);
    found
}

/// Returns the packages of a lockfile, whose versions follow their names.
fn locked(lines: &[(usize, &str)], is_known: &dyn Fn(&str) -> bool) -> Vec<Loose> {
    let (mut found, mut current) = (Vec::new(), None);
    for (start, line) in lines {
        let line = line.trim_end().trim_end_matches(',');
        let content = line.trim_start();
        let offset = start + line.len() - content.len();
        let Some((key, value)) = content.split_once(['=', ':']) else { continue };
        let (key, value) = (key.trim().trim_matches('"'), value.trim().trim_matches('"'));
        if key == "name" || value == "{" {
            let name = canonical_name(if key == "name" { value } else { key });
            current = Some(name).filter(|name| is_known(name));
        } else if key == "version"
            && let Some(name) = current.take()
            && let Ok(specifier) = SpecifierSet::parse(&format!("=={}", value.trim_start_matches("==")))
        {
            found.push(Loose { span: offset..offset + content.len(), name, specifier });
        }
    }
    found
}

/// Returns the places that give a version to the variable that a requirement names.
fn by_variable(
    lines: &[(usize, &str)],
    (start, line): (usize, &str),
    word: &Span,
    is_known: &dyn Fn(&str) -> bool,
) -> Vec<Loose> {
    let text = &line[word.clone()];
    let name = canonical_name(text.strip_suffix(".git").unwrap_or(text));
    if !is_known(&name) {
        return Vec::new();
    }
    let rest = after_extras(&line[word.end..]).unwrap_or_default().trim_start_matches(BEFORE_OPERATOR);
    let operators =
        rest.find(|character| !matches!(character, '=' | '<' | '>' | '~' | '!' | '@')).unwrap_or(rest.len());
    let (operator, after) = rest.split_at(operators);
    let after = if operator == "@" { after.strip_prefix('v').unwrap_or(after) } else { after };
    let Some(reference) = reference(after).filter(|_| !operator.is_empty()) else { return Vec::new() };
    let operator = if matches!(operator, "@" | "=") { "==" } else { operator };
    let default = reference.default.clone().map(|span| {
        let offset = start + line.len() - after.len();
        (offset + span.start..offset + span.end, &after[span])
    });
    let set = lines.iter().filter_map(|(start, line)| {
        let span = assigned(line, reference.name)?;
        Some((start + span.start..start + span.end, &line[span]))
    });
    let places = default.into_iter().chain(set);
    let loose = |(span, version): (Span, &str)| {
        let specifier = SpecifierSet::parse(&format!("{operator}{version}")).ok()?;
        Some(Loose { span, name: name.clone(), specifier })
    };
    places.filter_map(loose).collect()
}

/// Returns the versions that the value of a key admits: clauses of PEP 440, one version, or poetry's `^` or `~` before it.
pub(crate) fn value(text: &str) -> Option<SpecifierSet> {
    let text = text.trim();
    if let Some(lowest) = text.strip_prefix('~').filter(|lowest| !lowest.starts_with('=')) {
        let last =
            if lowest.matches('.').count() < 2 { format!(">={lowest},=={lowest}.*") } else { format!("~={lowest}") };
        return SpecifierSet::parse(&last).ok();
    }
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

/// Returns a text without the extras that it begins with.
fn after_extras(text: &str) -> Option<&str> {
    text.strip_prefix('[').map_or(Some(text), |extras| extras.get(extras.find(']')? + 1..))
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
    let mut rest = after_extras(&line[word.end..])?.trim_start_matches(is_blank);
    // npm and git.
    if let Some(named) = rest.strip_prefix('@') {
        let named = named.strip_prefix('v').unwrap_or(named);
        let version = run(named);
        let specifier = version.starts_with(|first: char| first.is_ascii_digit()).then(|| format!("=={version}"))?;
        return Some((name, line.len() - named.len() + version.len(), SpecifierSet::parse(&specifier).ok()?));
    }
    if let Some((end, specifier)) = keyed(line, word, rest) {
        return Some((name, end, specifier));
    }
    rest = rest.trim_start_matches(BEFORE_OPERATOR);
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

/// Returns the end and the versions of the value of a key: `name = "1.0"` and `name = { version = "1.0" }` of tables,
/// `name: 1.0` of YAML, `- name 1.0` of conda.
fn keyed(line: &str, word: &Span, rest: &str) -> Option<(usize, SpecifierSet)> {
    let text = if rest.starts_with("==") { None } else { rest.strip_prefix('=') };
    let yaml = || rest.trim_start_matches(['"', '\'']).strip_prefix(':').filter(|text| text.starts_with(is_blank));
    if let Some(text) = text.or_else(yaml) {
        let mut text = text.trim_start_matches(is_blank);
        if text.starts_with('{') {
            let at = text
                .find("version")
                .map(|at| at + "version".len())
                .or_else(|| Some(text.find("tag")? + "tag".len()))?;
            text = text[at..].trim_start_matches(is_blank).strip_prefix('=')?.trim_start_matches(is_blank);
        }
        let Some(quote) = text.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
            // Without quotes only a version counts, and not what a shell makes of it.
            let version = Some(run(text)).filter(|_| !rest.starts_with('='))?;
            let is_whole = text[version.len()..].trim().is_empty() && version.contains('.');
            return Some((line.len() - text.len() + version.len(), value(version).filter(|_| is_whole)?));
        };
        let inner = &text[1..];
        let inner = &inner[..inner.find(quote)?];
        return Some((line.len() - text.len() + inner.len() + 2, value(inner.strip_prefix('v').unwrap_or(inner))?));
    }
    let version = run(rest);
    let is_listed = line[..word.start].trim() == "-" && line[word.end..].starts_with(is_blank);
    let is_whole = rest[version.len()..].trim().is_empty() && version.starts_with(|first: char| first.is_ascii_digit());
    (is_listed && is_whole).then(|| Some((line.len() - rest.len() + version.len(), value(version)?)))?
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
            (
                "meadow-client = { version = '==0.4.4', extras = ['cli'] }",
                "meadow-client = { version = '==0.4.4' | ==0.4.4",
            ),
            (
                "meadow-client = {git = \"https://x.example/y\", tag = \"v0.4.4\"}",
                "meadow-client = {git = \"https://x.example/y\", tag = \"v0.4.4\" | ==0.4.4",
            ),
            (
                "  meadow-client: 0.4.4\n  \"meadow-client\": \"==0.4.4\",",
                "meadow-client: 0.4.4 | ==0.4.4\nmeadow-client\": \"==0.4.4\" | ==0.4.4",
            ),
            ("    - meadow-client 0.4.4", "meadow-client 0.4.4 | ==0.4.4"),
            ("ARG V=0.4.4\nRUN pip install 'meadow-client[cli]'==${V}", "0.4.4 | ==0.4.4"),
            ("pip install \"meadow-client[cli]\"==0.4.4", "meadow-client[cli]\"==0.4.4 | ==0.4.4"),
            ("ARG V=0.4.4\nARG W=1\nRUN pip install \"meadow-client[cli]==${V}\" x==$W", "0.4.4 | ==0.4.4"),
            ("RUN pip install meadow-client>=${V:-0.4.4}", "0.4.4 | >=0.4.4"),
            (
                "env:\n  V: '0.4.4'\nrun: pip install meadow-client==${{ env.V }} meadow-client==${{ env.V }}",
                "0.4.4 | ==0.4.4",
            ),
            ("V := 0.4.4\n\tuv pip install meadow-client==$(V)", "0.4.4 | ==0.4.4"),
            ("V = '0.4.4'\nsession.install(f'meadow-client=={V}')", "0.4.4 | ==0.4.4"),
            ("V=0.4.4\nnpm install meadow-client@$V git+https://x.example/meadow-client@v${V}", "0.4.4 | ==0.4.4"),
            ("# meadow-client==0.4.4\nx # meadow-client==0.4.4", ""),
            ("meadow-client==$VERSION meadow-client==${X} meadow-client", ""),
            ("meadow-client: main\nmeadow-client:0.4.4\nmeadow-client: 4\n- meadow-client 0.4.4 of old", ""),
            ("V=0.4.4\npip install other==$V meadow-client", ""),
            ("meadow-client=$V\nmeadow-client = { path = 'x' }\nmeadow-client = {}", ""),
            ("meadow-client[\nmeadow-client==\"\nmeadow-client = \"\nmeadow-client@\nmeadow-client==${", ""),
            ("meadow-client-extras==0.4.4 my-meadow-client==1.0 meadow-client @ main meadow-client@main", ""),
        ] {
            let all: Vec<String> = requirements(text, Kind::Settings, &known)
                .iter()
                .map(|one| format!("{} | {}", &text[one.span.clone()], one.specifier))
                .collect();
            assert_eq!(all.join("\n"), found, "{text}");
        }
    }

    #[test]
    fn of_other_kinds_only_the_lines_that_count_are_read() {
        let known = |name: &str| name == "meadow-client";
        let found = |path: &str, text: &str| {
            let all = requirements(text, Kind::of(path.into()), &known);
            all.iter().map(|one| format!("{}|{}", &text[one.span.clone()], one.specifier)).collect::<Vec<_>>().join(" ")
        };
        for (path, text, expected) in [
            (
                "poetry.lock",
                "[[package]]\nname = \"Meadow_Client\"\nversion = \"0.4.4\"\n",
                "version = \"0.4.4\"|==0.4.4",
            ),
            (
                "poetry.lock",
                "[[package]]\nname = \"x\"\nversion = \"1\"\n[package.dependencies]\nmeadow-client = \"0.4.4\"",
                "",
            ),
            (
                "pylock.dev.toml",
                "[[packages]]\nname = \"x\"\n[[packages]]\nname = \"meadow-client\"\nversion = \"0.4.4\"",
                "version = \"0.4.4\"|==0.4.4",
            ),
            (
                "Pipfile.lock",
                "{\n  \"default\": {\n    \"meadow-client\": {\n      \"hashes\": [\n        \"sha256:00\"\n      ],\n      \"version\": \"==0.4.4\"\n    },\n    \"x\": {\n \"version\": \"==1\"",
                "\"version\": \"==0.4.4\"|==0.4.4",
            ),
            (
                "scripts/x.py",
                "# /// script\n# dependencies = [\n#   \"meadow-client==0.4.4\",\n# ]\n# ///\n",
                "meadow-client==0.4.4|==0.4.4",
            ),
            ("scripts/x.py", "# dependencies = [\"meadow-client==0.4.4\"]\nx = 'meadow-client==0.4.4'\n", ""),
            ("scripts/x.py", "# /// script\n# ///\n# meadow-client==0.4.4\n", ""),
            ("README.md", "Run `pip install meadow-client==0.4.4`.", "meadow-client==0.4.4|==0.4.4"),
            ("README.md", "```\nuv pip install \\\n  meadow-client==0.4.4\n```", "meadow-client==0.4.4|==0.4.4"),
            ("README.md", "# Since meadow-client==0.4.4\nmeadow-client==0.4.4 was the first.", ""),
            ("docs/x.md", "npm install meadow-client@0.4.4", "meadow-client@0.4.4|==0.4.4"),
        ] {
            assert_eq!(found(path, text), expected, "{path}: {text}");
        }
    }

    #[test]
    fn a_value_is_clauses_or_one_version() {
        for (text, set) in [
            ("^0.4.4", "~=0.4.4"),
            ("^1.2", "==1.*,>=1.2"),
            ("~0.4.4", "~=0.4.4"),
            ("~1.2", "==1.2.*,>=1.2"),
            (" >=1,<2 ", "<2,>=1"),
            ("1.0", "==1.0"),
            ("*", ""),
            ("x", ""),
        ] {
            assert_eq!(value(text).map(|set| set.to_string()).unwrap_or_default(), set, "{text}");
        }
    }
}
