//! `release check` on the workflows of a repository, in the work tree and in a revision.

use crate::sample::{Sample, put};
use expect_test::expect;

const PATH: &str = ".github/workflows/publish.yml";

const WORKFLOW: &str = r#"on:
  release:
    types: [published]

jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
      - run: twine upload dist/* || true
"#;

/// A sample with files, tracked by git.
fn sample(files: &[(&str, &str)]) -> Sample {
    let sample = Sample::new();
    for (path, text) in files {
        put(&sample.checkout.join(path), text.as_bytes());
    }
    sample.git(&["add", "--all"]);
    sample
}

#[test]
fn a_finding_shows_the_line_of_the_workflow() {
    let sample = sample(&[(PATH, WORKFLOW)]);
    let run = sample.release("check --ignore pin-sibling-unversioned").expect(1);
    expect![[r#"
        error[workflow-failure-swallowed]: .github/workflows/publish.yml: `twine upload` can fail without failing the job
          --> .github/workflows/publish.yml:10:37
           |
        10 |       - run: twine upload dist/* || true
           |              -------------------    ^^^^ takes the place of the failure
           |              |
           |              this upload
           |
           = note: `workflow-failure-swallowed` is `error` by default
           = help: let it fail: a job can be run again when what is wrong is mended

    "#]]
    .assert_eq(&sample.normal(&run.stdout));
}

#[test]
fn the_work_tree_and_a_revision_have_their_workflows_each() {
    let sample = sample(&[(PATH, WORKFLOW)]);
    const FOUND: &str = ".github/workflows/publish.yml:10:";
    assert!(sample.release("check --output-format concise").stdout.contains(FOUND));
    assert!(!sample.release("check --output-format concise --rev HEAD").stdout.contains(FOUND));
    sample.commit("build: publish");
    sample.git(&["rm", "--quiet", PATH]);
    assert!(!sample.release("check --output-format concise").stdout.contains(FOUND));
    assert!(sample.release("check --output-format concise --rev HEAD").stdout.contains(FOUND));
}

#[test]
fn workflows_cost_no_process() {
    let processes = |path: &str| {
        let sample = sample(&[(path, WORKFLOW)]);
        sample.commit("build: publish");
        ["check -vv", "check -vv --rev HEAD"].map(|words| {
            let said = sample.release(words).stderr;
            said.lines().filter(|line| line.starts_with("+ git ")).count()
        })
    };
    let (with, without) = (processes(PATH), processes("publish.yml"));
    assert!(with == without && with[0] > 0, "{with:?} {without:?}");
}

#[test]
fn only_the_workflows_of_the_repository_itself_are_read() {
    for path in [".github/workflows/below/a.yml", "src/.github/workflows/a.yml", ".github/a.yml", "a.yml"] {
        let said = sample(&[(path, WORKFLOW)]).release("check --output-format concise").expect(0).stdout;
        assert!(!said.contains("workflow-"), "{path}: {said}");
    }
}

#[test]
fn a_finding_is_accepted_by_a_comment_by_configuration_and_by_the_baseline_after_lines_moved() {
    const COMMENT: &str = "      # release: ignore[workflow-failure-swallowed] the index is flaky\n      - run: twine";
    let commented = WORKFLOW.replace("      - run: twine", COMMENT);
    sample(&[(PATH, &commented)]).release("check --ignore pin-sibling-unversioned").expect(0);
    for (place, code) in [(PATH, 0), (".github/workflows", 0), (".github/workflows/other.yml", 1)] {
        let ignore = "[[ignore]]\nrule = \"workflow-failure-swallowed\"\nreason = \"the index is flaky\"";
        let settings = format!("{ignore}\npath = \"{place}\"\n");
        let sample = sample(&[(PATH, WORKFLOW), ("release.toml", &settings)]);
        sample.release("check --ignore pin-sibling-unversioned").expect(code);
    }
    let sample = sample(&[(PATH, WORKFLOW)]);
    sample.release("check --write-baseline --reason known");
    sample.release("check").expect(0);
    put(&sample.checkout.join(PATH), format!("# Publishes.\n\n{WORKFLOW}").as_bytes());
    sample.release("check").expect(0);
    put(&sample.checkout.join(PATH), WORKFLOW.replace("|| true", "|| exit 0").as_bytes());
    sample.release("check").expect(1);
}

#[test]
fn hostile_workflows_end_in_a_finding_and_never_in_a_panic() {
    let bomb = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "))
    });
    for text in ["[".repeat(200_000), "- ".repeat(100_000), "\u{0}".repeat(100), "a: |\n".repeat(9), bomb] {
        let sample = sample(&[(PATH, &text)]);
        let run = sample.release("check --output-format concise").expect(0);
        assert!(run.stdout.contains("[workflow-syntax]") && !run.stderr.contains("panicked"), "{}", run.stdout);
    }
}
