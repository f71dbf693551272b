//! Whole workflows, as a repository has them.

use crate::level::Levels;
use crate::rules::tests::Scene;
use crate::run::run;
use expect_test::{Expect, expect};
use std::fmt::Write;

const MANIFEST: &str = "[build-system]\nrequires = ['setuptools>=61.0', 'setuptools-scm>=8']\n\n[project]\nname = 'meadow'\ndynamic = ['version']\n\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n";

/// Checks what the rules say of a workflow.
#[track_caller]
fn says(workflow: &str, expected: &Expect) {
    expected.assert_eq(&found(workflow));
}

/// What the rules say of a workflow: the level, the rule, and the line with what is meant in it.
fn found(workflow: &str) -> String {
    let path = ".github/workflows/pypi.yml";
    let files = [("pyproject.toml".into(), MANIFEST.into()), (path.into(), workflow.into())].into();
    let context = Scene { files, ..Scene::default() }.context();
    let mut text = String::new();
    for diagnostic in run(&context, &Levels::default()).diagnostics {
        for (at, label) in diagnostic.finding.problem.labels.iter().enumerate() {
            let source = context.source(&label.path).unwrap();
            let meant = source.as_str()[label.span.clone()].lines().next().unwrap_or_default().trim_end();
            let line = source.location(label.span.start).line;
            let name = if at == 0 { format!("{} {}", diagnostic.level, diagnostic.rule) } else { "    and".to_owned() };
            let _ = writeln!(text, "{name} {line}: {meant}");
        }
    }
    text
}

#[test]
fn a_workflow_that_takes_care_is_left_alone() {
    says(include_str!("tests/right.yml"), &expect![""]);
}

#[test]
fn line_endings_of_windows_and_a_mark_make_no_difference() {
    says(&format!("\u{feff}{}", include_str!("tests/right.yml").replace('\n', "\r\n")), &expect![""]);
    let wrong = include_str!("tests/wrong.yml");
    assert_eq!(found(&format!("\u{feff}{}", wrong.replace('\n', "\r\n"))), found(wrong));
}

#[test]
fn a_workflow_that_grew_by_itself_gets_every_rule_at_its_place() {
    says(
        include_str!("tests/wrong.yml"),
        &expect![[r#"
        error workflow-publish-cancelled 14: true
            and 38: pypa/gh-action-pypi-publish@release/v1
            and 51: docker/build-push-action@v6
        warn workflow-script-injection 25: ${{ inputs.version }}
        error workflow-shallow-describe 28: git describe --tags --abbrev=0 2>/dev/null
            and 20: actions/checkout@v4
        warn workflow-failure-swallowed 40: true
            and 38: pypa/gh-action-pypi-publish@release/v1
        error workflow-failure-swallowed 42: set +e
            and 43: twine upload client/*
        error workflow-latest-unconditional 44: npm publish --access public
        error workflow-failure-swallowed 44: true
            and 44: npm publish --access public
        error workflow-latest-unconditional 56: registry.example/meadow:latest
        warn workflow-image-before-index 58: PYPI_VERSION=${{ github.event.release.tag_name }}
        warn workflow-main-bump 68: sed -i "s/fallback_version = .*/fallback_version = \"$NEXT\"/"
            and 70: peter-evans/create-pull-request@v7
    "#]],
    );
}

#[test]
fn a_finding_is_accepted_by_a_comment() {
    let text = "on: release\njobs:\n  npm:\n    steps:\n      # release: ignore[workflow-latest-unconditional] there is one line\n      - run: npm publish\n";
    says(text, &expect![""]);
    let script = text.replace(
        "npm publish\n",
        "|\n          # release: ignore[workflow-latest-unconditional] one line\n          npm publish\n",
    );
    says(
        &script,
        &expect![[r#"
        warn config-unused-ignore 5: workflow-latest-unconditional
    "#]],
    );
}
