//! A comparison with Python's `packaging`, the reference implementation of PEP 440 and 508: on generated input it and
//! this crate give the same answers. Skipped, with the reason on stderr, if Python or the package is not available.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these helpers are called by tests only")]

use release_core::manifest::requirement::{Constraint, Requirement, canonical_name};
use release_core::version::{SpecifierSet, Version};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

#[path = "packaging/generate.rs"]
mod generate;
mod random;

use random::{Random, questions};

/// The version compared with. Others differ in details, mainly in their default for pre-releases.
const PACKAGING: &str = "packaging==26.3";

/// Answers one request in JSON by one line.
const SCRIPT: &str = include_str!("packaging/answer.py");

/// A question with this crate's answer.
struct Case {
    question: Value,
    answer: Value,
}

/// A kind of text with intentionally different answers.
struct Difference {
    applies: fn(&str) -> bool,
    why: &'static str,
}

const DIFFERENCES: [Difference; 2] = [
    Difference {
        applies: |text| text.contains("~=") && text.contains(['ſ', 'ı', 'İ']),
        why: "packaging takes these letters for s and i after `~=`, and then fails on the version; here they are refused",
    },
    Difference {
        applies: |text| text.contains("\\N{"),
        why: "whether a character of that name exists is not looked up: such an escape in a marker's string is accepted",
    },
];

#[test]
fn versions_are_valid_normal_and_pre_releases_as_packaging_says() {
    let mut random = Random::new(1);
    let cases: Vec<Case> = (0..questions(30_000)).map(|_| version_case(&random.any_version())).collect();
    compare(&cases);
}

#[test]
fn versions_sort_as_packaging_sorts_them() {
    let mut random = Random::new(2);
    let mut texts: Vec<String> = (0..questions(6_000)).map(|_| random.version()).collect();
    texts.extend((0..questions(6_000)).map(|_| random.near_version()));
    let versions: Vec<Version> = texts.iter().map(|text| text.parse().unwrap()).collect();

    let mut order: Vec<usize> = (0..versions.len()).collect();
    order.sort_by_key(|index| &versions[*index]);
    // Equal versions share a rank, so that the ranks say everything about order and equality.
    let mut ranks = vec![0; versions.len()];
    for pair in order.windows(2) {
        ranks[pair[1]] = ranks[pair[0]] + usize::from(versions[pair[0]] != versions[pair[1]]);
    }
    compare(&[Case { question: json!({ "kind": "order", "texts": texts }), answer: json!(ranks) }]);
}

#[test]
fn specifiers_are_valid_and_print_as_packaging_says() {
    let mut random = Random::new(3);
    let cases: Vec<Case> = (0..questions(30_000)).map(|_| specifier_case(&random.any_specifiers())).collect();
    compare(&cases);
}

#[test]
fn specifiers_contain_the_versions_that_packaging_says() {
    let mut random = Random::new(4);
    let cases: Vec<Case> =
        (0..questions(60_000)).map(|_| contains_case(&random.near_specifiers(), &random.near_version())).collect();
    compare(&cases);
}

#[test]
fn requirements_are_valid_and_have_the_parts_that_packaging_says() {
    let mut random = Random::new(5);
    let cases: Vec<Case> = (0..questions(60_000)).map(|_| requirement_case(&random.any_requirement())).collect();
    compare(&cases);
}

#[test]
fn corners_of_the_grammar_are_where_packaging_has_them() {
    let versions = include_str!("packaging/version-cases.txt").lines().map(unescaped).map(|text| version_case(&text));
    let specifiers =
        include_str!("packaging/specifier-cases.txt").lines().map(unescaped).map(|text| specifier_case(&text));
    let requirements =
        include_str!("packaging/requirement-cases.txt").lines().map(unescaped).map(|text| requirement_case(&text));
    compare(&versions.chain(specifiers).chain(requirements).collect::<Vec<_>>());
}

/// Reads a line of a list of cases, in which `\u{a0}` and similar escapes stand for invisible characters.
fn unescaped(line: &str) -> String {
    let mut pieces = line.split("\\u{");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('}').expect("an escape ends with a brace");
        text.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        text.push_str(rest);
    }
    text
}

fn version_case(text: &str) -> Case {
    let answer = Version::parse(text).ok().map(|version| {
        json!({ "normal": version.to_string(), "prerelease": version.is_prerelease(), "dev": version.is_dev() })
    });
    Case { question: json!({ "kind": "version", "text": text }), answer: json!(answer) }
}

fn specifier_case(text: &str) -> Case {
    let answer = SpecifierSet::parse(text).ok().map(|set| json!(set.to_string()));
    Case { question: json!({ "kind": "specifiers", "text": text }), answer: json!(answer) }
}

fn contains_case(specifiers: &str, version: &str) -> Case {
    let set = SpecifierSet::parse(specifiers).unwrap();
    let parsed = Version::parse(version).unwrap();
    let is_prerelease = parsed.is_prerelease();
    // Where they are admitted, where they are not, and where none is asked for unless it is named.
    let rules = [true, !is_prerelease, !is_prerelease || set.names_prerelease()];
    let answer = rules.map(|admits| admits && set.contains(&parsed));
    Case { question: json!({ "kind": "contains", "text": specifiers, "version": version }), answer: json!(answer) }
}

fn requirement_case(text: &str) -> Case {
    let answer = Requirement::parse(text).ok().map(|requirement| {
        let url = match &requirement.constraint {
            Constraint::Url(span) => Some(&text[span.clone()]),
            Constraint::Any | Constraint::Specifier(_) => None,
        };
        json!({
            "name": requirement.name.text,
            "canonical": canonical_name(&requirement.name.text),
            "extras": requirement.extras.iter().map(|extra| &extra.text).collect::<BTreeSet<_>>(),
            "specifier": requirement.specifier().map(ToString::to_string).unwrap_or_default(),
            "url": url,
            "marker": requirement.marker.is_some(),
        })
    });
    Case { question: json!({ "kind": "requirement", "text": text }), answer: json!(answer) }
}

/// Asks packaging the same questions, and fails with those that it answers differently.
fn compare(cases: &[Case]) {
    let Some(python) = python() else { return };
    let questions: String = cases.iter().map(|case| format!("{}\n", case.question)).collect();
    let output = run(Command::new(python).args(["-X", "utf8", "-W", "ignore", "-c", SCRIPT]), &questions).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let answers: Vec<Value> =
        output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(answers.len(), cases.len());
    let mut different = Vec::new();
    for (Case { question, answer: ours }, theirs) in cases.iter().zip(&answers).filter(|(case, a)| case.answer != **a) {
        let text = question["text"].as_str().unwrap_or_default();
        match DIFFERENCES.iter().find(|difference| (difference.applies)(text)) {
            Some(known) => note(&format!("{text:?} differs: {}", known.why)),
            None => different.push(format!("{question}\n  ours {ours}\n  packaging {theirs}")),
        }
    }
    let first = different[..different.len().min(20)].join("\n");
    assert!(different.is_empty(), "{} of {} differ:\n{first}", different.len(), cases.len());

    // Agreement only on valid text, or only on nonsense, would prove little.
    let refused = answers.iter().filter(|answer| answer.is_null()).count();
    note(&format!("{} answers compared, {refused} of them refusals", cases.len()));
}

/// Returns a Python that has packaging: a virtual environment below the target folder, made by the first test that
/// needs it.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = PYTHON.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGING.replace("==", "-"));
        let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        let has_it = || {
            let (name, version) = PACKAGING.split_once("==").expect("a pinned requirement");
            let check = format!("import {name}; assert {name}.__version__ == '{version}'");
            succeed(Command::new(&python).args(["-c", &check]))
        };
        if has_it().is_ok() {
            return Some(python);
        }
        let made = succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            .and_then(|()| succeed(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGING])))
            .and_then(|()| has_it());
        made.map_err(|why| note(&format!("skipped, there is nothing to compare with: {why}"))).ok().map(|()| python)
    });
    found.as_deref()
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = run(command, "").map_err(|error| format!("{command:?}: {error}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {}: {}", output.status, stderr.trim())) }
}

fn run(command: &mut Command, input: &str) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        // Write while reading, so that neither side waits with a full pipe. A child that ended early reports it
        // itself.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        child.wait_with_output()
    })
}

/// Writes a message even if the test harness captures the output of passing tests.
fn note(message: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    drop(writeln!(std::io::stderr(), "{name}: {message}"));
}
