//! A comparison with node's `semver`, the reference implementation of npm's versions and ranges: on generated input
//! it and this crate give the same answers. Skipped, with the reason on stderr, if node or the package is not
//! available.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these helpers are called by tests only")]

use release_core::version::npm::{Range, read_version};
use semver::Version;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

#[path = "npm/generate.rs"]
mod generate;
mod random;

use random::{Random, questions};

/// The version compared with. Earlier ones differ in corners such as `1.x.3`.
const SEMVER: &str = "semver@7.8.6";

/// Answers one request in JSON by one line.
const SCRIPT: &str = include_str!("npm/answer.js");

/// A question with this crate's answer.
struct Case {
    question: Value,
    answer: Value,
}

/// A kind of question with intentionally different answers.
struct Difference {
    applies: fn(&Value) -> bool,
    why: &'static str,
}

const DIFFERENCES: [Difference; 1] = [Difference {
    applies: |question| {
        question["kind"] == "range" && question["text"].as_str().is_some_and(|text| text.contains("v0.0.0"))
    },
    why: "node leaves out `>=0.0.0`, which every version satisfies, but not where it is spelled with a `v`",
}];

#[test]
fn versions_are_valid_and_print_as_node_says() {
    let mut random = Random::new(1);
    let cases: Vec<Case> = (0..questions(30_000)).map(|_| version_case(&random.any_version())).collect();
    compare(&cases);
}

#[test]
fn versions_sort_as_node_sorts_them() {
    let mut random = Random::new(2);
    let texts: Vec<String> = (0..questions(12_000)).map(|_| random.near_version()).collect();
    let versions: Vec<Version> = texts.iter().map(|text| read_version(text).unwrap()).collect();

    let mut order: Vec<usize> = (0..versions.len()).collect();
    order.sort_by(|left, right| versions[*left].cmp_precedence(&versions[*right]));
    // Equal versions share a rank, so that the ranks say everything about order and equality.
    let mut ranks = vec![0; versions.len()];
    for pair in order.windows(2) {
        let is_next = versions[pair[0]].cmp_precedence(&versions[pair[1]]).is_ne();
        ranks[pair[1]] = ranks[pair[0]] + usize::from(is_next);
    }
    compare(&[Case { question: json!({ "kind": "order", "texts": texts }), answer: json!(ranks) }]);
}

#[test]
fn ranges_are_valid_and_print_as_node_says() {
    let mut random = Random::new(3);
    let mut cases: Vec<Case> = (0..questions(100_000)).map(|_| range_case(&random.any_range())).collect();
    cases.extend((0..questions(30_000)).map(|_| range_case(&random.near_range())));
    compare(&cases);
}

#[test]
fn ranges_contain_the_versions_that_node_says() {
    let mut random = Random::new(4);
    let pair = |random: &mut Random| contains_case(&random.near_range(), &random.near_version());
    let cases: Vec<Case> = (0..questions(150_000)).filter_map(|_| pair(&mut random)).collect();
    compare(&cases);
}

#[test]
fn corners_of_the_grammar_are_where_node_has_them() {
    // Neither is longer than 256 characters, nor any part of one.
    let long = |length: usize| format!("1.2.3-{}", "a".repeat(length - "1.2.3-".len()));
    let versions = [long(256), long(257), format!("v{}", long(256)), "1.2.3+".to_owned() + &"b".repeat(251)];
    let ranges =
        [long(256), long(257), format!("^{}", long(256)), format!("^{}", long(257)), format!("{} - 2", long(256))];
    let cases = include_str!("npm/range-cases.txt").lines().map(range_case);
    let cases = cases.chain(ranges.iter().map(|text| range_case(text)));
    compare(&cases.chain(versions.iter().map(|text| version_case(text))).collect::<Vec<_>>());
}

fn version_case(text: &str) -> Case {
    // node's spelling of a version has no build metadata.
    let normal = |version: Version| Version { build: semver::BuildMetadata::EMPTY, ..version }.to_string();
    Case { question: json!({ "kind": "version", "text": text }), answer: json!(read_version(text).map(normal)) }
}

fn range_case(text: &str) -> Case {
    let answer = Range::parse(text).ok().map(|range| range.to_string());
    Case { question: json!({ "kind": "range", "text": text }), answer: json!(answer) }
}

/// Returns a case, or `None` if the text is not a range.
fn contains_case(text: &str, version: &str) -> Option<Case> {
    let (range, parsed) = (Range::parse(text).ok()?, read_version(version).unwrap());
    let answer = range.contains(&parsed);
    Some(Case { question: json!({ "kind": "contains", "text": text, "version": version }), answer: json!(answer) })
}

/// Asks node the same questions, and fails with those that it answers differently.
fn compare(cases: &[Case]) {
    let Some(folder) = folder_with_semver() else { return };
    let questions: String = cases.iter().map(|case| format!("{}\n", case.question)).collect();
    let output = run(Command::new("node").current_dir(folder).args(["-e", SCRIPT]), &questions).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let answers: Vec<Value> =
        output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(answers.len(), cases.len());
    let mut different = Vec::new();
    for (Case { question, answer: ours }, theirs) in cases.iter().zip(&answers).filter(|(case, a)| case.answer != **a) {
        match DIFFERENCES.iter().find(|difference| (difference.applies)(question)) {
            Some(known) => note(&format!("{question} differs: {}", known.why)),
            None => different.push(format!("{question}\n  ours {ours}\n  node {theirs}")),
        }
    }
    let first = different[..different.len().min(20)].join("\n");
    assert!(different.is_empty(), "{} of {} differ:\n{first}", different.len(), cases.len());

    // Agreement only on valid text, or only on nonsense, would prove little.
    let refused = answers.iter().filter(|answer| answer.is_null()).count();
    note(&format!("{} answers compared, {refused} of them refusals", cases.len()));
}

/// Returns a folder from which node finds semver: below the target folder, made by the first test that needs it.
fn folder_with_semver() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(SEMVER.replace('@', "-"));
        let has_it = || {
            let version = SEMVER.split_once('@').expect("a pinned package").1;
            let check = format!("process.exit(require('semver/package.json').version === '{version}' ? 0 : 1)");
            succeed(Command::new("node").current_dir(&folder).args(["-e", &check]))
        };
        let install = ["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix", "."];
        let made = std::fs::create_dir_all(&folder).map_err(|error| error.to_string()).and_then(|()| {
            has_it().or_else(|_| {
                succeed(Command::new("npm").current_dir(&folder).args(install).arg(SEMVER)).and_then(|()| has_it())
            })
        });
        made.map_err(|why| note(&format!("skipped, there is nothing to compare with: {why}"))).ok().map(|()| folder)
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
