//! Every rule's documentation is executed: its example fires that rule and no other, what to use instead is silent, and a
//! safe fix makes the one of the other.

mod harness;

pub(crate) use harness::{FIRES, FIRES_TWICE, SILENT, Scene, report_on};

use crate::fix::Applicability;
use crate::level::{Level, Levels};
use crate::rules::{self, OF_TREES};
use crate::run::run;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::text::splice;
use std::fs;

fn folder() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules")
}

#[test]
fn rules_are_sorted_named_uniquely_and_documented() {
    let names: Vec<&str> = OF_TREES.iter().map(|rule| rule.name).collect();
    assert!(names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    for rule in OF_TREES {
        let documentation = rule.documentation();
        for heading in ["What it does", "Why is this bad?", "Example", "Use instead"] {
            assert!(documentation.contains(&format!("## {heading}\n")), "{} lacks `{heading}`", rule.name);
        }
        assert!(!rule.family().is_empty(), "{} is of no family", rule.name);
        assert!(rule.summary().ends_with('.'), "{}: {}", rule.name, rule.summary());
        let path = folder().join(format!("{}.rs", rule.name.replace('-', "_")));
        let source = fs::read_to_string(&path).unwrap();
        let comment: String = source.split_inclusive('\n').take_while(|line| line.starts_with("//!")).collect();
        assert_eq!(rule.comment, comment, "{} has another documentation than {path}", rule.name);
    }
}

#[test]
fn every_rule_file_is_registered() {
    for entry in folder().read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        let stem = path.file_stem().unwrap().replace('_', "-");
        if path.extension() == Some("rs") && !["mod", "tests"].contains(&stem.as_str()) {
            assert!(rules::rule(&stem).is_some(), "{path} holds no registered rule");
        }
    }
}

#[test]
fn every_example_fires_its_rule_and_no_other_and_what_to_use_instead_is_silent() {
    for rule in OF_TREES {
        let documentation = rule.documentation();
        let example = Scene::of(&documentation, "Example").unwrap();
        let fires = example.fires();
        assert!(!fires.is_empty(), "{}: the example is silent", rule.name);
        assert!(fires.iter().all(|name| *name == rule.name), "{}: the example fires {fires:?}", rule.name);
        let instead = Scene::of(&documentation, "Use instead").unwrap();
        assert_eq!(instead.fires(), Vec::<&str>::new(), "{}: what to use instead fires", rule.name);
    }
}

#[test]
fn a_fix_makes_of_the_example_what_to_use_instead() {
    for rule in OF_TREES {
        let documentation = rule.documentation();
        let example = Scene::of(&documentation, "Example").unwrap();
        let instead = Scene::of(&documentation, "Use instead").unwrap();
        let checked = run(&example.context(), &Levels::default());
        let fixes: Vec<_> =
            checked.diagnostics.iter().filter_map(|diagnostic| diagnostic.finding.fix.as_ref()).collect();
        let said = documentation.split_once("## Fix\n").map(|(_, text)| text.trim());
        let Some(fix) = fixes.first() else {
            assert!(
                said.is_none_or(|said| said.starts_with("None")),
                "{} documents a fix that it does not have",
                rule.name
            );
            continue;
        };
        let word = if fix.applicability == Applicability::Safe { "Safe" } else { "Unsafe" };
        assert!(
            said.is_some_and(|said| said.starts_with(word)),
            "{} says nothing of its fix, which is {word}",
            rule.name
        );
        let mut fixed = example.files.clone();
        for (path, text) in &mut fixed {
            let edits: Vec<_> = fixes
                .iter()
                .flat_map(|fix| &fix.edits)
                .filter(|(edited, _)| edited == path)
                .map(|(_, edit)| edit.clone())
                .collect();
            *text = splice(text, &edits).unwrap();
        }
        assert_eq!(fixed, instead.files, "{}", rule.name);
    }
}

#[test]
fn levels_and_suppressions_apply_to_every_rule() {
    for rule in OF_TREES {
        let example = Scene::of(&rule.documentation(), "Example").unwrap();
        let mut levels = Levels::default();
        levels.set(rule.name, Level::Ignore, crate::level::SetBy::Flag);
        let checked = run(&example.context(), &levels);
        assert!(checked.diagnostics.iter().all(|diagnostic| diagnostic.rule != rule.name), "{}", rule.name);
    }
}
