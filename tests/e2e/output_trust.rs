//! A repository whose every text is hostile: no command prints anything but text, and nothing of it is a command to a log.

use crate::sample::Sample;
use crate::support::{Run, run};
use std::fs;

/// Characters that a terminal, a reader or a log would obey; in git's names the part that git takes.
const HOSTILE: &str = "\u{1b}[31mX\u{7}\u{9b}2J\u{7f}\u{202e}\u{2066}\u{200f}\u{2028}\u{61c}##[error]Y\n::error::Z";
const IN_A_NAME: &str = "x\u{202e}\u{2066}\u{9b}##";

/// The same within a string of TOML, YAML or JSON.
fn quoted() -> String {
    serde_json::to_string(HOSTILE).unwrap().replace('\u{7f}', "\\u007f")
}

fn sample() -> Sample {
    let sample = Sample::on("release-0.4.x");
    let at = |path: &str| sample.checkout.join(path);
    let hostile = quoted();
    let inner = hostile.trim_matches('"');
    let manifest = at("pyproject.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let pins = format!(
        "dependencies = [ # \u{9b}\u{202e}\n    \"meadow-client[{inner}]==0.4.3; extra == '{inner}'\", # ##[error]\u{202e}\n    \"meadow-client>=0.4.3\", # \u{200f}\u{9b}c\n    \"{inner}-client==0.4.4\",\n"
    );
    let text = text.replacen("dependencies = [\n", &pins, 1);
    fs::write(&manifest, format!("{text}\n[tool.odd]\n{hostile} = {hostile}\n")).unwrap();
    let folder = at(&format!("src/a{}\n  ::error::b", "\u{202e}\u{1b}[31m"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join("pyproject.toml"),
        format!(
            "[project]\nname = {hostile}\nversion = {hostile}\ndependencies = ['meadow-client == {}']\n",
            "\u{202e}"
        ),
    )
    .unwrap();
    fs::create_dir_all(at(".github/workflows")).unwrap();
    let script = "twine upload x || true\n          git describe --tags \u{202e}##[x] ${{ github.event.issue.title }}";
    fs::write(
        at(&format!(".github/workflows/a{IN_A_NAME}.yml")),
        format!("name: {hostile}\non: {{release: {{types: [published]}}}}\njobs:\n  {hostile}:\n    runs-on: x\n    steps:\n      - name: {hostile}\n        run: |\n          {script}\n      - uses: actions/checkout@v4\n"),
    )
    .unwrap();
    fs::create_dir_all(at("odd")).unwrap();
    let json =
        format!("{{\"name\": {hostile}, \"version\": {hostile}, \"dependencies\": {{\"meadow-client\": {hostile}}}}}");
    fs::write(at("odd/package.json"), &json).unwrap();
    fs::write(
        at("odd/package-lock.json"),
        format!("{{\"name\": {hostile}, \"lockfileVersion\": 3, \"packages\": {{\"\": {json}, \"node_modules/meadow-client\": {{\"version\": {hostile}, \"resolved\": {hostile}}}}}}}"),
    )
    .unwrap();
    fs::write(
        at("uv.lock"),
        format!("version = 1\nrequires-python = {hostile}\n\n[[package]]\nname = {hostile}\nversion = {hostile}\nsource = {{ registry = {hostile} }}\n\n[[package]]\nname = \"meadow-client\"\nversion = \"0.4.1\"\nsource = {{ registry = {hostile} }}\n"),
    )
    .unwrap();
    sample.git(&["add", "--all"]);
    sample.git(&[
        "commit",
        "--quiet",
        "--author",
        "A\u{202e}\u{1b}[31m <a@meadow.example>",
        "-m",
        &format!("fix: {HOSTILE}"),
    ]);
    for name in [format!("v0.4.9-{IN_A_NAME}"), format!("v{IN_A_NAME}")] {
        sample.git(&["tag", &name]);
    }
    sample.git(&["tag", "v0.4.6"]);
    for name in [format!("release-0.5.x{IN_A_NAME}"), format!("Release-0.7{IN_A_NAME}")] {
        sample.git(&["branch", &name]);
    }
    sample
}

/// Configurations that are refused, and one that is not.
fn configurations() -> Vec<String> {
    let hostile = quoted();
    vec![
        format!("{hostile} = 1\n"),
        format!("[rules]\n{hostile} = {hostile}\npin-operator = {hostile}\n"),
        format!("[[package]]\npath = {hostile}\n"),
        format!("[[client]]\nname = {hostile}\n[[ui]]\npath = {hostile}\n"),
        format!("[release]\ntag = {hostile}\nbranch = {hostile}\n"),
        "a = \u{1b}[31m\u{202e}\n".to_owned(),
        format!("[[ignore]]\nrule = \"pin-operator\"\npath = {hostile}\nreason = {hostile}\n"),
    ]
}

/// Fails where an output has a character that is no text, or a line that a log obeys.
#[track_caller]
fn assert_text(what: &str, text: &str, own: impl Fn(&str) -> bool) {
    let plain = text.replace("\r\n", "\n");
    for (number, line) in plain.split('\n').enumerate() {
        let hidden = line.chars().find(|c| *c != '\t' && release_core::text::is_hidden(*c));
        assert_eq!(hidden, None, "{what}: line {number}: {line:?}");
        let begins = line.trim_start().strip_prefix("::").is_some_and(|rest| !rest.starts_with(':'));
        let obeyed = line.contains("##[") || (begins && !own(line));
        assert!(!obeyed, "{what}: line {number} is a command: {line:?}");
    }
}

#[track_caller]
fn assert_run(words: &str, run: &Run, own: impl Fn(&str) -> bool) {
    assert!(!run.stderr.contains("panicked") && run.code.is_some(), "{words}: {}", run.stderr);
    // A page sets names apart by two marks of its own.
    let stdout =
        if words.contains("html") { run.stdout.replace(['\u{2068}', '\u{2069}'], "") } else { run.stdout.clone() };
    assert_text(&format!("{words}: stdout"), &stdout, own);
    assert_text(&format!("{words}: stderr"), &run.stderr, |_| false);
}

fn is_annotation(line: &str) -> bool {
    ["::error title=", "::warning title="].iter().any(|begins| line.starts_with(begins))
}

#[test]
fn no_text_of_a_repository_is_more_than_text() {
    let sample = sample();
    let odd = format!("release-0.5.x{IN_A_NAME}");
    let summary = sample.tmp.join("summary");
    let mut commands: Vec<String> = [
        "check",
        "check --output-format concise",
        "check --output-format json",
        "check --output-format sarif",
        "check --output-format junit",
        "check --output-format github",
        "check --unsafe-fixes --diff",
        "check --rev v0.4.6",
        "check --write-baseline --reason x --dry-run",
        "audit",
        "audit --output-format json",
        "audit --output-format html",
        "audit --output-format sarif",
        "audit --output-format junit",
        "audit --tags v0.4.* ",
        "patch 0.4.7 --dry-run -v",
        "patch 0.4.7 --dry-run --output-format json",
        "minor 0.5.0 --early tested --dry-run",
        "rc 0.5.0rc1 --dry-run -vv",
        "post 0.4.6 --dry-run",
        "post 0.4.6 --dry-run --output-format json",
        "relock --dry-run",
        "pins",
        "pins --output-format json",
        "pins --policy exact --dry-run",
        "version --mode nightly",
        "version --mode nightly --output-format json",
        "version --scm",
        "version --plan-tags",
        "version --report",
        "stamp 0.4.7 --dry-run",
        "init --adopt-scm --dry-run",
        "init --adopt-scm --dry-run --output-format json",
    ]
    .map(str::to_owned)
    .into();
    commands.push(format!("check --branch {odd}"));
    commands.push(format!("check --rev {odd}"));
    commands.push(format!("explain {IN_A_NAME}"));
    commands.push(format!("patch {IN_A_NAME}"));
    commands.push(format!("nonsense-{IN_A_NAME}"));
    commands.push(format!("check --config {IN_A_NAME}"));
    for words in commands {
        let mut command = sample.xtask();
        command.arg("release").args(words.split_whitespace());
        let run = run(command.env("GITHUB_STEP_SUMMARY", &summary));
        let is_github = words.contains("github");
        assert_run(&words, &run, |line| is_github && is_annotation(line));
        if words == "check" {
            assert!(run.stdout.contains("\\u{202e}"), "the sweep sees nothing hostile: {}{}", run.stdout, run.stderr);
        }
    }
    let summary = fs::read_to_string(&summary).unwrap();
    // It is no log.
    assert_text("the summary of the job", &summary.replace("##[", ""), |_| false);
    for row in summary.lines().filter(|line| line.starts_with('|')).skip(2) {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "a cell is left: {row}");
    }
}

#[test]
fn no_text_of_a_configuration_is_more_than_text() {
    let sample = sample();
    for text in configurations() {
        fs::write(sample.checkout.join("release.toml"), &text).unwrap();
        for words in [
            "check",
            "check --output-format github",
            "audit",
            "patch 0.4.7 --dry-run",
            "pins",
            "version --mode nightly",
        ] {
            let run = run(sample.xtask().arg("release").args(words.split(' ')));
            assert_run(words, &run, is_annotation);
        }
    }
}

#[test]
fn what_a_hook_prints_is_text() {
    let sample = Sample::on("release-0.4.x");
    let hook = "#!/bin/sh\nprintf '::error::a\\n \\t::warning::b\\n\\033[31mred\\033[0m\\n##[error]c\\n:' >&2\nsleep 0.1\nprintf ':error::d' >&2\nexit 1\n";
    crate::support::executable(&sample.checkout.join(".git/hooks/pre-commit"), hook.as_bytes());
    let run = sample.release("patch 0.4.5 --commit --offline").expect(1);
    assert_run("patch", &run, |_| false);
    for part in ["\\u{3a}:error::a", "\\u{1b}[31mred", "#\\u{23}[error]c", "\\u{3a}:error::d"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}
