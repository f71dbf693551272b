use super::without_what_just_passed;
use crate::render::junit;
use crate::render::tests::with_audit;
use crate::rules::OF_TREES;
use expect_test::expect;

#[test]
fn a_tag_is_a_suite_and_so_is_the_past() {
    let text = with_audit(false, junit);
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="release audit" failures="5" errors="1" skipped="7">
          <testsuite name="v0.4.4" failures="3" errors="0" skipped="3">
            <testcase name="branch-behind" classname="release-audit.v0_4_4">
              <system-out>release-0.4.x: warn[branch-behind] it is behind</system-out>
            </testcase>
            <testcase name="config-unknown-rule" classname="release-audit.v0_4_4" file="/etc/release toml">
              <failure message="/etc/release toml: error[config-unknown-rule] a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz" type="config-unknown-rule">/etc/release toml: error[config-unknown-rule] a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz</failure>
            </testcase>
            <testcase name="pin-duplicate" classname="release-audit.v0_4_4">
              <system-out>accepted by release.toml (no reason is given): pyproject.toml:3:11: error[pin-duplicate] another</system-out>
            </testcase>
            <testcase name="pin-operator" classname="release-audit.v0_4_4" file="pyproject.toml">
              <failure message="pyproject.toml:2:19: error[pin-operator] two places" type="pin-operator">pyproject.toml:2:19: error[pin-operator] two places
          help: mend it</failure>
              <system-out>pyproject.toml:3:11: warn[pin-operator] another</system-out>
            </testcase>
            <testcase name="pin-tables" classname="release-audit.v0_4_4">
              <system-out>accepted by a comment (a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz): pyproject.toml:3:11: error[pin-tables] another</system-out>
            </testcase>
            <testcase name="pin-unpublished" classname="release-audit.v0_4_4">
              <skipped message="not asked: `--online`"/>
            </testcase>
            <testcase name="pin-version" classname="release-audit.v0_4_4">
              <system-out>accepted by the baseline (later): pyproject.toml:3:11: error[pin-version] another</system-out>
            </testcase>
            <testcase name="scm-root" classname="release-audit.v0_4_4">
              <skipped message="not run: `--ignore`"/>
            </testcase>
            <testcase name="scm-table" classname="release-audit.v0_4_4">
              <skipped message="not run: `ignore` in `[rules]` of release.toml"/>
            </testcase>
            <testcase name="tag-off-branch" classname="release-audit.v0_4_4">
              <failure message="v0.4.4: error[tag-off-branch] v0.4.4 is off its branch" type="tag-off-branch">v0.4.4: error[tag-off-branch] v0.4.4 is off its branch</failure>
              <system-out>skipped in part: in part</system-out>
            </testcase>
          </testsuite>
          <testsuite name="v0.4.5" failures="1" errors="0" skipped="3">
            <testcase name="pin-unpublished" classname="release-audit.v0_4_5">
              <skipped message="not told"/>
            </testcase>
            <testcase name="scm-root" classname="release-audit.v0_4_5">
              <skipped message="not run: `--ignore`"/>
            </testcase>
            <testcase name="scm-table" classname="release-audit.v0_4_5">
              <skipped message="not run: `ignore` in `[rules]` of release.toml"/>
            </testcase>
            <testcase name="tag-off-branch" classname="release-audit.v0_4_5">
              <failure message="v0.4.5: error[tag-off-branch] v0.4.5 is off its branch" type="tag-off-branch">v0.4.5: error[tag-off-branch] v0.4.5 is off its branch</failure>
            </testcase>
            <testcase name="uv-lock-stale" classname="release-audit.v0_4_5">
              <system-out>known from a release on its way: pyproject.toml:1:1: warn[uv-lock-stale] it is unavoidable</system-out>
            </testcase>
            <testcase name="workflow-syntax" classname="release-audit.v0_4_5">
              <system-out>pyproject.toml:1:1: warn[workflow-syntax] never at a tag</system-out>
            </testcase>
          </testsuite>
          <testsuite name="broken&lt;&gt;" failures="0" errors="1" skipped="0">
            <testcase name="tree" classname="release-audit.broken&lt;&gt;" file="pyproject.toml">
              <error message="2 problems: pyproject.toml: a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz" type="tree">pyproject.toml: a &lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt; %\u{1b}[31m\u{0}\u{ffff} ä\r\n\tz
          help: see to it
        another</error>
            </testcase>
          </testsuite>
          <testsuite name="the past" failures="1" errors="0" skipped="1">
            <testcase name="branch-unreleased" classname="release-audit.past">
              <failure message="release-0.4.x: error[branch-unreleased] one fix" type="branch-unreleased">release-0.4.x: error[branch-unreleased] one fix</failure>
            </testcase>
            <testcase name="tag-dev-history" classname="release-audit.past">
              <system-out>v0.4.6-dev: warn[tag-dev-history] it is missing</system-out>
            </testcase>
            <testcase name="tag-gap" classname="release-audit.past">
              <system-out>accepted by the baseline (a slip): v0.4.5: warn[tag-gap] a number is left out</system-out>
            </testcase>
            <testcase name="version-main-history" classname="release-audit.past">
              <skipped message="there is no main"/>
            </testcase>
          </testsuite>
        </testsuites>"#]].assert_eq(&without_what_just_passed(&text));
}

#[test]
fn what_followed_from_a_release_never_fails_and_warnings_do_where_they_are_denied() {
    let failures = |deny| with_audit(deny, junit).matches("<failure").count();
    assert_eq!((failures(false), failures(true)), (5, 8));
    assert!(!with_audit(true, junit).contains("failure message=\"pyproject.toml:1:1: warn[uv-lock-stale]"));
}

#[test]
fn rules_of_today_are_no_tests_of_a_tag_unless_they_found_something_there() {
    let text = with_audit(false, junit);
    let of = |tag: &str| {
        let suite = text.split_once(&format!("<testsuite name=\"{tag}\"")).unwrap().1;
        suite.split_once("</testsuite>").unwrap().0.to_owned()
    };
    let workflows = |tag: &str| of(tag).matches("<testcase name=\"workflow-").count();
    assert_eq!((workflows("v0.4.4"), workflows("v0.4.5"), workflows("broken&lt;&gt;")), (0, 1, 0));
    assert!(of("v0.4.5").matches("<testcase ").count() < OF_TREES.len());
    assert!(of("the past").contains("tag-gap") && of("the past").contains("config-stale-baseline"));
}
