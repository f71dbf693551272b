use super::*;
use crate::render::tests::{HOSTILE, with_run};
use expect_test::expect;
use proptest::prelude::*;

#[test]
fn a_rule_is_a_test_and_its_findings_are_one_failure() {
    let text = with_run(false, junit);
    // Tests that just pass say nothing new.
    let lines: Vec<&str> = text.lines().filter(|line| !(line.contains("<testcase") && line.ends_with("/>"))).collect();
    expect![[r#""#]].assert_eq(&lines.join("\n"));
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let failures = |deny| with_run(deny, junit).matches("<failure").count();
    assert_eq!((failures(false), failures(true)), (3, 4));
}

#[test]
fn hostile_text_stays_text() {
    expect![[r#""#]].assert_eq(&attribute(HOSTILE));
    expect![[r#""#]].assert_eq(&content(HOSTILE));
}

proptest! {
    #[test]
    fn whatever_is_escaped_is_characters_of_xml_without_markup(text in any::<String>(), is_attribute in any::<bool>()) {
        let escaped = escaped(&text, is_attribute);
        prop_assert!(!escaped.contains(['<', '>', '"', '\r', '\u{fffe}', '\u{ffff}']));
        let is_allowed = |character: char| !character.is_control() || (!is_attribute && matches!(character, '\n' | '\t'));
        prop_assert!(escaped.chars().all(is_allowed), "{:?}", escaped);
        let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&#13;", "&#10;", "&#9;"];
        prop_assert!(escaped.match_indices('&').all(|(at, _)| entities.iter().any(|entity| escaped[at..].starts_with(entity))));
    }
}
