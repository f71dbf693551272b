use super::*;
use crate::render::tests::with_run;
use expect_test::expect;
use serde_json::Value;

fn document() -> Value {
    with_run(false, |run, _| serde_json::to_value(sarif(run)).unwrap())
}

#[test]
fn findings_have_their_places_and_what_becomes_of_them() {
    let mut run = document()["runs"][0].take();
    run["tool"]["driver"]["rules"] = Value::Null;
    expect![[r#""#]].assert_eq(&serde_json::to_string_pretty(&run).unwrap());
}

#[test]
fn every_rule_is_described_and_results_point_at_theirs() {
    let document = document();
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    for rule in rules {
        let full = rule["fullDescription"]["text"].as_str().unwrap();
        assert!(!full.is_empty() && !full.contains("## "), "{rule}");
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Why is this bad?"), "{rule}");
    }
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn every_result_has_a_file_because_a_report_with_one_that_has_none_is_refused() {
    for result in document()["runs"][0]["results"].as_array().unwrap() {
        assert!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].is_string(), "{result}");
    }
}

#[test]
fn paths_are_uris() {
    for (path, uri) in [
        ("src/a-b_c.d~/x", "src/a-b_c.d~/x"),
        ("a b/100%.toml", "a%20b/100%25.toml"),
        ("a:b", "a%3Ab"),
        ("ä\u{1}\"#?\\", "%C3%A4%01%22%23%3F%5C"),
    ] {
        assert_eq!(percent_encoded(path), uri);
    }
}
