use crate::render::sarif;
use crate::render::tests::with_audit;
use expect_test::expect;
use serde_json::Value;

fn run() -> Value {
    with_audit(false, |run| serde_json::to_value(sarif(run)).unwrap())["runs"][0].take()
}

#[test]
fn a_finding_has_its_tag_in_every_place_that_a_reader_may_look_at() {
    let run = run();
    let row = |result: &Value| {
        let location = &result["locations"][0];
        let physical = &location["physicalLocation"];
        let logical = location["logicalLocations"].as_array().map_or(&[][..], Vec::as_slice);
        let logical: Vec<_> = logical.iter().map(|place| format!("{} {}", place["kind"], place["name"])).collect();
        format!(
            "{} {} | {} {} | {} | {} | {}\n",
            result["level"],
            result["ruleId"],
            physical["artifactLocation"]["uri"],
            physical["region"]["startLine"],
            logical.join(", "),
            result["properties"]["tag"],
            result["message"]["text"].to_string().chars().take(50).collect::<String>(),
        )
    };
    let rows: String = run["results"].as_array().unwrap().iter().map(row).collect();
    expect![[r#"
        error pin-operator | pyproject.toml 2 | tag v0.4.4 | v0.4.4 | at v0.4.4: two places\nhelp: mend it
        warning pin-operator | pyproject.toml 3 | tag v0.4.4 | v0.4.4 | at v0.4.4: another
        error config-unknown-rule | file:///etc/release%20toml null | tag v0.4.4 | v0.4.4 | at v0.4.4: a <b> & \c\ 'd' ]]> %\\u{1b}[31m\\u{
        error tag-off-branch | pyproject.toml 1 | tag v0.4.4 | v0.4.4 | at v0.4.4: v0.4.4 is off its branch
        warning branch-behind | pyproject.toml 1 | tag v0.4.4, branch release-0.4.x | v0.4.4 | at v0.4.4: it is behind
        error pin-version | pyproject.toml 3 | tag v0.4.4 | v0.4.4 | at v0.4.4: another
        error pin-tables | pyproject.toml 3 | tag v0.4.4 | v0.4.4 | at v0.4.4: another
        error pin-duplicate | pyproject.toml 3 | tag v0.4.4 | v0.4.4 | at v0.4.4: another
        note uv-lock-stale | pyproject.toml 1 | tag v0.4.5 | v0.4.5 | at v0.4.5: it is unavoidable
        error tag-off-branch | pyproject.toml 1 | tag v0.4.5 | v0.4.5 | at v0.4.5: v0.4.5 is off its branch
        warning workflow-syntax | pyproject.toml 1 | tag v0.4.5 | v0.4.5 | at v0.4.5: never at a tag
        error branch-unreleased | pyproject.toml 1 | branch release-0.4.x | null | one fix
        warning tag-dev-history | pyproject.toml 1 | tag v0.4.6-dev | null | it is missing
        warning tag-gap | pyproject.toml 1 | tag v0.4.5 | null | a number is left out
    "#]].assert_eq(&rows.replace('"', ""));
}

#[test]
fn the_same_finding_at_two_tags_is_two_and_nothing_mends_what_is_tagged() {
    let run = run();
    let results = run["results"].as_array().unwrap();
    let mut prints: Vec<&str> =
        results.iter().map(|r| r["partialFingerprints"]["releaseAudit/v1"].as_str().unwrap()).collect();
    assert!(prints[0].starts_with("v0.4.4:") && prints.last().unwrap().len() == 16, "{prints:?}");
    let number = prints.len();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), number);
    for result in results {
        let all = &result["partialFingerprints"];
        assert_eq!(all["releaseAudit/v1"], all["primaryLocationLineHash"]);
        assert!(result["fixes"].is_null());
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    }
}

#[test]
fn what_could_not_be_told_is_said_once_for_each_rule_and_each_tag() {
    let run = run();
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let rows: String = notifications
        .iter()
        .map(|note| format!("{} {}\n", note["level"], note["message"]["text"]).replace('"', ""))
        .collect();
    expect![[r#"
        error broken<> cannot be checked: a <b> & \c\ 'd' ]]> %\\u{1b}[31m\\u{0}\\u{ffff} ä\\r\\n\\tz; another
        note skipped pin-unpublished at 2 tags: not asked: `--online`; and 1 other reason
        note skipped tag-off-branch at 1 tag: in part
        note skipped version-main-history: there is no main
    "#]]
    .assert_eq(&rows);
    assert_eq!(notifications[0]["locations"][0]["logicalLocations"][0]["name"], "broken<>");
    assert_eq!(run["invocations"][0]["exitCode"], 1);
    assert_eq!(run["automationDetails"]["id"], "release-audit/");
}
