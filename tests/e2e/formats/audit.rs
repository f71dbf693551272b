//! An audit as SARIF and as a report of tests, over tags with hostile trees and names.

use super::reports::{VALIDATE, validator};
use crate::audit::without_ages;
use crate::sample::Sample;
use crate::support::{run, works};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// The sample with a tag whose name is hostile to every format, on a tree that is, and one whose tree cannot be checked.
fn hostile() -> Sample {
    let sample = super::reports::hostile();
    sample.git(&["add", "--all"]);
    sample.git(&["commit", "--quiet", "--message", "feat: hostile"]);
    sample.git(&["tag", "<é>&\"'%41"]);
    sample.write("pyproject.toml", "[project\n");
    sample.git(&["commit", "--quiet", "--all", "--message", "feat: broken"]);
    sample.git(&["tag", "broken"]);
    sample.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    sample
}

fn sarif(sample: &Sample, words: &str) -> Value {
    let said = sample.release(&format!("audit --output-format sarif {words}"));
    serde_json::from_str(&said.stdout).expect("one document and nothing else")
}

fn results(document: &Value) -> &[Value] {
    document["runs"][0]["results"].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn every_finding_of_an_audit_is_a_result_of_one_run() {
    let sample = hostile();
    let document = sarif(&sample, "");
    let json = sample.release("audit --output-format json").expect(1).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    let at_tags = json["tags"].as_array().unwrap().iter().map(|tag| tag["diagnostics"].as_array().unwrap().len());
    let shown = at_tags.sum::<usize>() + json["past"].as_array().unwrap().len();
    let suppressed = |result: &&Value| result["suppressions"].is_array();
    assert_eq!(document["runs"].as_array().map(Vec::len), Some(1));
    assert_eq!(results(&document).iter().filter(|result| !suppressed(result)).count(), shown);
    assert_eq!(Value::from(results(&document).iter().filter(suppressed).count()), json["suppressed"]);
    for result in results(&document) {
        let physical = &result["locations"][0]["physicalLocation"];
        assert!(physical["region"]["startLine"].is_u64(), "{result}: GitHub asks for a file and a line of each");
        if let Some(tag) = result["properties"]["tag"].as_str() {
            assert_eq!(result["locations"][0]["logicalLocations"][0]["name"], tag);
            assert_eq!(result["properties"]["commit"], sample.git(&["rev-parse", &format!("{tag}^{{commit}}")]));
            assert!(result["message"]["text"].as_str().unwrap().starts_with(&format!("at {tag}: ")));
        }
    }
    let invocation = &document["runs"][0]["invocations"][0];
    let errors = invocation["toolExecutionNotifications"].as_array().unwrap().iter();
    let errors: Vec<_> = errors.filter(|note| note["level"] == "error").collect();
    assert_eq!((errors.len(), &invocation["exitCode"]), (1, &Value::from(1)));
    assert_eq!(errors[0]["locations"][0]["logicalLocations"][0]["name"], "broken");
}

#[test]
fn reports_of_an_audit_are_the_same_bytes_again_and_exit_as_text_does() {
    let sample = hostile();
    for words in ["", "--tags v0.4.*", "--deny-warnings", "--write-baseline --reason because --dry-run"] {
        let text = sample.release(&format!("audit {words}")).code;
        for format in ["sarif", "junit"] {
            let run = || sample.release(&format!("audit --output-format {format} {words}"));
            let (first, second) = (run(), run());
            assert_eq!(without_ages(&first.stdout), without_ages(&second.stdout), "{format} {words}");
            assert_eq!(first.code, text, "{format} {words}");
        }
        let exit = sarif(&sample, words)["runs"][0]["invocations"][0]["exitCode"].as_i64();
        assert_eq!(exit, text.map(i64::from), "{words}");
    }
}

#[test]
fn what_the_baseline_accepts_of_an_audit_is_suppressed_and_fails_no_test() {
    let sample = Sample::new();
    sample.git(&["tag", "v0.4.9", "main"]);
    let fingerprints = |document: &Value| -> Vec<String> {
        let of = |result: &Value| result["partialFingerprints"]["releaseAudit/v1"].to_string();
        let mut all: Vec<String> = results(document).iter().map(of).collect();
        all.sort();
        all
    };
    let before = sarif(&sample, "");
    assert_eq!(before["runs"][0]["invocations"][0]["exitCode"], 1);
    sample.release("audit --write-baseline --reason because").expect(0);
    let after = sarif(&sample, "");
    assert_eq!(fingerprints(&before), fingerprints(&after));
    let open = results(&after).iter().filter(|result| result["suppressions"].is_null());
    assert!(open.clone().all(|result| result["level"] == "note"), "{:?}", open.collect::<Vec<_>>());
    let junit = sample.release("audit --output-format junit").expect(0).stdout;
    assert!(junit.contains(" failures=\"0\" errors=\"0\"") && !junit.contains("<failure"));
    assert!(junit.contains("accepted by the baseline (because): "));
}

#[test]
fn suites_are_the_tags_in_their_order_and_the_past() {
    let sample = hostile();
    let junit = sample.release("audit --output-format junit").expect(1).stdout;
    let suites = junit.lines().filter_map(|line| line.trim().strip_prefix("<testsuite name=\""));
    let suites: Vec<&str> = suites.filter_map(|line| line.split('"').next()).collect();
    let json: Value = serde_json::from_str(&sample.release("audit --output-format json").stdout).unwrap();
    let tags = json["tags"].as_array().unwrap().iter().map(|tag| tag["tag"].as_str().unwrap());
    let escaped =
        |tag: &str| tag.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let wanted: Vec<String> = tags.map(escaped).chain(["the past".to_owned()]).collect();
    assert_eq!(suites, wanted);
    assert!(junit.contains(
        "<testcase name=\"tree\" classname=\"release-audit.broken\" file=\"pyproject.toml\">\n      <error "
    ));
}

#[test]
fn reports_of_an_audit_are_valid_by_the_schema_of_the_standard_and_by_a_real_parser() {
    if !works(Command::new("python3").arg("--version"), "the comparison with the standard") {
        return;
    }
    let sample = hostile();
    let mut reports = Vec::new();
    for (name, words) in [("all", ""), ("some", "--tags v0.4.*"), ("levels", "--ignore pin-operator"), ("accepted", "")]
    {
        if name == "accepted" {
            sample.release("audit --write-baseline --reason because").expect(1);
        }
        let path = sample.tmp.join(format!("{name}.xml"));
        fs::write(&path, sample.release(&format!("audit --output-format junit {words}")).stdout).unwrap();
        let parse = "import sys, xml.etree.ElementTree as t; r = t.parse(sys.argv[1]).getroot(); assert r.tag == 'testsuites'; \
                     number = lambda e, name: len(list(e.iter(name)))
for e in [r, *r]:
    for name, count in [('testcase', 'tests'), ('failure', 'failures'), ('error', 'errors'), ('skipped', 'skipped')]:
        assert number(e, name) == int(e.get(count)), (e.get('name'), name)
    names = [(c.get('classname'), c.get('name')) for c in e.iter('testcase')]
    assert len(names) == len(set(names))";
        run(Command::new("python3").args(["-c", parse, path.as_str()])).expect(0);
        let path = sample.tmp.join(format!("{name}.sarif"));
        fs::write(&path, sample.release(&format!("audit --output-format sarif {words}")).stdout).unwrap();
        reports.push(path);
    }
    let Some((python, schema)) = validator() else { return };
    let said = run(Command::new(&python).args(["-c", VALIDATE, schema.as_str()]).args(&reports));
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
}
