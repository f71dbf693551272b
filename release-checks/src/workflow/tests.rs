//! Whole workflows, as a repository has them.

use crate::level::Levels;
use crate::rules::tests::Scene;
use crate::run::run;
use camino::Utf8PathBuf;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

const MANIFEST: &str = "[build-system]\nrequires = ['setuptools>=61.0', 'setuptools-scm>=8']\n\n[project]\nname = 'meadow'\ndynamic = ['version']\n\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n";

/// Checks what the rules say of a workflow.
#[track_caller]
fn says(workflow: &str, expected: &Expect) {
    expected.assert_eq(&found(workflow));
}

/// Returns what the rules say of a workflow: the level, the rule, and the line with what is meant in it.
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
        error workflow-shallow-describe 28: git describe --tags --abbrev=0 2>/dev/null
            and 20: actions/checkout@v4
        warn workflow-failure-swallowed 40: true
            and 38: pypa/gh-action-pypi-publish@release/v1
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

/// Expectations of workflows were decided before the rules saw them.
#[test]
fn workflows_as_people_write_them_get_the_rules_that_they_break() {
    let written = include_str!("tests/written.txt");
    let all: Vec<_> = written.split("=== ").skip(1).filter_map(|part| part.split_once('\n')).collect();
    let mut files: BTreeMap<Utf8PathBuf, String> = [("pyproject.toml".into(), MANIFEST.into())].into();
    let mut expected = BTreeMap::new();
    for (head, text) in all {
        let (name, rules) = head.split_once(':').unwrap();
        let path = Utf8PathBuf::from(format!(".github/workflows/{name}.yml"));
        let mut rules: Vec<String> = rules.split_whitespace().map(|rule| format!("workflow-{rule}")).collect();
        rules.sort();
        assert!(expected.insert(path.clone(), rules).is_none(), "{name} is there twice");
        files.insert(path, text.to_owned());
    }
    let mut found: BTreeMap<_, Vec<_>> = expected.keys().map(|path| (path.clone(), Vec::new())).collect();
    let context = Scene { files, ..Scene::default() }.context();
    for diagnostic in run(&context, &Levels::default()).diagnostics {
        let place = diagnostic.finding.place().unwrap();
        found.get_mut(&place.path).unwrap().push(diagnostic.rule.to_owned());
    }
    found.values_mut().for_each(|rules| rules.sort());
    for (path, rules) in expected {
        assert_eq!(found[&path], rules, "{path}");
    }
}

/// Lines of what people write, in any order and indentation: rules look at what has not been written yet.
fn jumbled() -> impl Strategy<Value = String> {
    let lines: Vec<&str> = include_str!("tests/written.txt").lines().filter(|line| !line.starts_with("===")).collect();
    let line = (prop::sample::select(lines), 0..9_usize, any::<bool>());
    let lines = prop::collection::vec(line, 1..25).prop_map(|lines| {
        let line = |(line, indent, is_moved): (&str, usize, bool)| match is_moved {
            true => format!("{:indent$}{}\n", "", line.trim()),
            false => format!("{line}\n"),
        };
        lines.into_iter().map(line).collect::<String>()
    });
    // Within a script everything can be read.
    let script = lines.clone().prop_map(|lines| {
        let script: String = lines.lines().map(|line| format!("          {}\n", line.trim())).collect();
        format!("on: release\njobs:\n  a:\n    steps:\n      - run: |\n{script}")
    });
    prop_oneof![lines, script]
}

proptest! {
    #[test]
    fn every_place_of_a_finding_is_one_of_the_file_whatever_that_says(text in jumbled()) {
        found(&text);
    }
}

#[test]
fn places_are_those_of_the_word_whatever_the_style_of_the_script() {
    for (script, expected) in [
        ("run: twine upload dist/* || true", "true"),
        ("run: twine upload\n          dist/* || true", "true"),
        ("run: 'twine upload ''dist''/* || true'", "true"),
        ("run: \"twine upload \\\"dist\\\"/*\\n|| a\\ntwine upload \\x61 || exit 0\"", "exit 0"),
        ("run: |\n          é=ü\n          twine upload dist/* || true", "true"),
        ("run: |4-\n              x\n            twine upload dist/* || true", "true"),
        ("run: >-\n          twine upload\n          dist/*\n          || echo\n          done", "echo"),
        ("run: >\n          set -e\n\n          twine upload\n          a || exit 0\n\n          ls", "exit 0"),
        ("run: |\n\n          # it's\n          twine upload dist/* || :", ":"),
    ] {
        let workflow =
            format!("on: release\njobs:\n  a:\n    steps:\n      - name: é\n        {script}\n      - run: ls\n");
        for text in [workflow.clone(), format!("\u{feff}{}", workflow.replace('\n', "\r\n"))] {
            let said = found(&text);
            let meant = said.lines().next().and_then(|line| line.split_once(": ")).map(|(_, meant)| meant);
            assert_eq!(meant, Some(expected), "{text}{said}");
        }
    }
}

#[test]
fn a_finding_is_the_same_after_lines_have_moved() {
    let fingerprints = |text: &str| -> Vec<String> {
        let path = ".github/workflows/pypi.yml";
        let files = [("pyproject.toml".into(), MANIFEST.into()), (path.into(), text.into())].into();
        let context = Scene { files, ..Scene::default() }.context();
        let found = run(&context, &Levels::default()).diagnostics;
        let mut all: Vec<_> = found.iter().map(|diagnostic| diagnostic.fingerprint.to_string()).collect();
        all.sort();
        all
    };
    let wrong = include_str!("tests/wrong.yml");
    let moved = format!("# A title.\n\n{}", wrong.replace("    steps:\n", "    # The steps.\n    steps:\n"));
    assert!(fingerprints(wrong).len() > 7);
    assert_eq!(fingerprints(wrong), fingerprints(&moved));
    assert_eq!(fingerprints(wrong), fingerprints(&wrong.replace('\n', "\r\n")));
}

#[test]
fn a_finding_is_accepted_by_a_comment() {
    let text = "on: release\njobs:\n  npm:\n    steps:\n      # release: ignore[workflow-latest-unconditional] there is one line\n      - run: npm publish\n";
    says(text, &expect![""]);
    let beside = "on: release\njobs:\n  npm:\n    steps:\n      - run: echo \"it's\"; npm publish # release: ignore[workflow-latest-unconditional] one line\n";
    says(beside, &expect![""]);
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
