use super::*;
use crate::render::tests::{HOSTILE, with_run};
use expect_test::expect;
use proptest::prelude::*;

mod audit;

/// Tests that just pass say nothing new, and how many there are changes with every rule.
fn without_what_just_passed(text: &str) -> String {
    let is_plain = |line: &&str| line.contains("<testcase") && line.ends_with("/>");
    let without_number = |line: &str| match line.split_once(" tests=\"") {
        Some((before, after)) => before.to_owned() + after.split_once('"').map_or("", |(_, after)| after),
        None => line.to_owned(),
    };
    text.lines().filter(|line| !is_plain(line)).map(without_number).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_rule_is_a_test_and_its_findings_are_one_failure() {
    let text = with_run(false, junit);
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="release check" failures="3" errors="0" skipped="3">
          <testsuite name="branch" failures="0" errors="0" skipped="0">
            <testcase name="branch-behind" classname="release-check.branch">
              <system-out>release-0.4.x: warn[branch-behind] it is behind</system-out>
            </testcase>
          </testsuite>
          <testsuite name="config" failures="1" errors="0" skipped="0">
            <testcase name="config-unknown-rule" classname="release-check.config" file="/etc/release toml">
              <failure message="/etc/release toml: error[config-unknown-rule] a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz" type="config-unknown-rule">/etc/release toml: error[config-unknown-rule] a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz</failure>
            </testcase>
          </testsuite>
          <testsuite name="npm" failures="0" errors="0" skipped="0">
          </testsuite>
          <testsuite name="package" failures="0" errors="0" skipped="0">
          </testsuite>
          <testsuite name="pin" failures="1" errors="0" skipped="1">
            <testcase name="pin-duplicate" classname="release-check.pin">
              <system-out>accepted by release.toml (no reason is given): pyproject.toml:3:11: error[pin-duplicate] another</system-out>
            </testcase>
            <testcase name="pin-operator" classname="release-check.pin" file="pyproject.toml">
              <failure message="pyproject.toml:2:19: error[pin-operator] two places" type="pin-operator">pyproject.toml:2:19: error[pin-operator] two places
          help: mend it</failure>
              <system-out>pyproject.toml:3:11: warn[pin-operator] another</system-out>
            </testcase>
            <testcase name="pin-tables" classname="release-check.pin">
              <system-out>accepted by a comment (a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz): pyproject.toml:3:11: error[pin-tables] another</system-out>
            </testcase>
            <testcase name="pin-unpublished" classname="release-check.pin">
              <skipped message="not asked: `--online`"/>
            </testcase>
            <testcase name="pin-version" classname="release-check.pin">
              <system-out>accepted by the baseline (later): pyproject.toml:3:11: error[pin-version] another</system-out>
            </testcase>
          </testsuite>
          <testsuite name="scm" failures="0" errors="0" skipped="2">
            <testcase name="scm-root" classname="release-check.scm">
              <skipped message="not run: `--ignore`"/>
            </testcase>
            <testcase name="scm-table" classname="release-check.scm">
              <skipped message="not run: `ignore` in `[rules]` of release.toml"/>
            </testcase>
          </testsuite>
          <testsuite name="tag" failures="1" errors="0" skipped="0">
            <testcase name="tag-off-branch" classname="release-check.tag">
              <failure message="v0.4.4: error[tag-off-branch] v0.4.4 is off its branch" type="tag-off-branch">v0.4.4: error[tag-off-branch] v0.4.4 is off its branch</failure>
              <system-out>skipped in part: in part</system-out>
            </testcase>
          </testsuite>
          <testsuite name="uv-lock" failures="0" errors="0" skipped="0">
          </testsuite>
          <testsuite name="version" failures="0" errors="0" skipped="0">
          </testsuite>
          <testsuite name="workflow" failures="0" errors="0" skipped="0">
          </testsuite>
        </testsuites>"#]].assert_eq(&without_what_just_passed(&text));
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let failures = |deny| with_run(deny, junit).matches("<failure").count();
    assert_eq!((failures(false), failures(true)), (3, 4));
}

#[test]
fn hostile_text_stays_text() {
    expect![[r#"a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä&#13;&#10;&#9;z"#]]
        .assert_eq(&attribute(HOSTILE));
    expect![[r#"
        a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä&#13;
        	z"#]]
    .assert_eq(&content(HOSTILE));
}

proptest! {
    #[test]
    fn whatever_is_escaped_is_characters_of_xml_without_markup(text in any::<String>(), is_attribute in any::<bool>()) {
        let escaped = escaped(&text, is_attribute);
        let is_markup = escaped.contains(['<', '>', '"', '\r', '\u{fffe}', '\u{ffff}']);
        prop_assert!(!is_markup, "{:?}", escaped);
        let is_allowed = |character: char| !character.is_control() || (!is_attribute && matches!(character, '\n' | '\t'));
        prop_assert!(escaped.chars().all(is_allowed), "{:?}", escaped);
        let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&#13;", "&#10;", "&#9;"];
        prop_assert!(escaped.match_indices('&').all(|(at, _)| entities.iter().any(|entity| escaped[at..].starts_with(entity))));
    }
}
