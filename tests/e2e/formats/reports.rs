use crate::sample::Sample;
use crate::support::{run, works};
use camino::{Utf8Path, Utf8PathBuf};
use expect_test::expect;
use serde_json::Value;
use std::fs;
use std::process::Command;

/// The yardstick of a report: the schema of the standard, from a package that carries it.
const SCHEMA_PACKAGE: &str = "@microsoft/jest-sarif@1.0.0-beta.0";
const SCHEMA: &str = "package/lib/schemas/sarif-2.1.0-rtm.5.json";
const VALIDATOR: &str = "jsonschema==4.25.1";

pub(super) const VALIDATE: &str = "\
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
for path in sys.argv[2:]:
    errors = list(jsonschema.Draft4Validator(schema).iter_errors(json.load(open(path))))
    for error in errors:
        print(path, list(error.absolute_path), error.message[:300])
    if errors:
        sys.exit(1)
";

/// A tree with findings in a manifest, in a lockfile and about a tag, below a path that is hostile to every format, with a
/// control character and markup in a message; one of them accepted by a comment, and one rule that could not tell.
pub(super) fn hostile() -> Sample {
    let sample = Sample::new();
    sample.git(&["mv", "src/meadow_agents", "src/a b%41'<é>&"]);
    let path = sample.checkout.join("src/a b%41'<é>&/pyproject.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("\"meadow-api\"", "\"meadow-api ~= \\u001b[31m]]><b>\"");
    fs::write(&path, text.replace("\"meadow-client==0.4.4\"", "\"meadow-client>=0.4.4\"")).unwrap();
    let path = sample.checkout.join("pyproject.toml");
    let text = fs::read_to_string(&path).unwrap();
    let accepted = "# release: ignore[pin-sibling-unversioned] \"it\" <is> so & stays";
    let changed = text.replace("# a sibling, from this repository", accepted);
    assert_ne!(text, changed);
    fs::write(&path, changed).unwrap();
    let path = sample.checkout.join("uv.lock");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("specifier = \"==0.4.4\"", "specifier = \"==0.4.1\"")).unwrap();
    sample.git(&["tag", "v0.4.5", "main"]);
    sample
}

fn sarif(sample: &Sample, words: &str) -> Value {
    let said = sample.release(&format!("check --output-format sarif {words}"));
    serde_json::from_str(&said.stdout).expect("one document and nothing else")
}

#[test]
fn a_report_for_code_scanning_has_every_kind_of_place() {
    let sample = hostile();
    let document = sarif(&sample, "");
    let run = &document["runs"][0];
    assert_eq!(run["properties"]["revision"], sample.git(&["rev-parse", "HEAD"]));
    let row = |result: &Value| {
        let location = &result["locations"][0];
        let physical = &location["physicalLocation"];
        let region = &physical["region"];
        format!(
            "{} {} {}:{}:{}-{}:{} {} {}\n",
            result["level"].as_str().unwrap(),
            result["ruleId"].as_str().unwrap(),
            physical["artifactLocation"]["uri"].as_str().unwrap(),
            region["startLine"],
            region["startColumn"],
            region["endLine"],
            region["endColumn"],
            location["logicalLocations"][0]["name"].as_str().unwrap_or("-"),
            result["suppressions"][0]["justification"].as_str().unwrap_or("-"),
        )
    };
    let rows: String = run["results"].as_array().unwrap().iter().map(row).collect();
    expect![[r#"
        error pin-tables pyproject.toml:20:5-20:27 - -
        error pin-unreadable src/a%20b%2541%27%3C%C3%A9%3E%26/pyproject.toml:13:32-13:48 - -
        error pin-operator src/a%20b%2541%27%3C%C3%A9%3E%26/pyproject.toml:13:51-13:73 - -
        error uv-lock-stale uv.lock:44:18-44:123 - -
        error tag-off-branch pyproject.toml:6:20-6:27 v0.4.5 -
        error tag-tree pyproject.toml:6:20-6:27 v0.4.5 -
        warning pin-sibling-unversioned pyproject.toml:15:5-15:17 - "it" <is> so & stays
    "#]]
    .assert_eq(&rows);
}

#[test]
fn a_report_of_tests_has_a_test_for_each_rule() {
    let sample = hostile();
    let said = sample.release("check --output-format junit").expect(1).stdout;
    // Tests that just pass, and how many there are, change with every rule.
    let is_shown = |line: &&str| (!line.ends_with("/>") || line.contains("<skipped")) && !line.contains("testsuite");
    let lines: Vec<&str> = said.lines().filter(is_shown).collect();
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
            <testcase name="npm-client-unpublished" classname="release-check.npm">
              <skipped message="not asked: `--online`"/>
            </testcase>
            <testcase name="npm-lock-unavailable" classname="release-check.npm">
              <skipped message="not asked: `--online`"/>
            </testcase>
            <testcase name="pin-operator" classname="release-check.pin" file="src/a b%41'&lt;é&gt;&amp;/pyproject.toml">
              <failure message="src/a b%41'&lt;é&gt;&amp;/pyproject.toml:13:51: error[pin-operator] `meadow-client` is pinned by `&gt;=0.4.4`, and on release-0.4.x it is `==`" type="pin-operator">src/a b%41'&lt;é&gt;&amp;/pyproject.toml:13:51: error[pin-operator] `meadow-client` is pinned by `&gt;=0.4.4`, and on release-0.4.x it is `==`
          help: write `meadow-client==` and the version, or say in release.toml how this client is pinned</failure>
            </testcase>
            <testcase name="pin-sibling-unversioned" classname="release-check.pin">
              <system-out>accepted by a comment (&quot;it&quot; &lt;is&gt; so &amp; stays): pyproject.toml:15:5: warn[pin-sibling-unversioned] pyproject.toml asks for its sibling `meadow-api` without a version</system-out>
            </testcase>
            <testcase name="pin-tables" classname="release-check.pin" file="pyproject.toml">
              <failure message="pyproject.toml:20:5: error[pin-tables] two lists disagree about `meadow-client`: `==0.4.4` and `&gt;=0.4.4`" type="pin-tables">pyproject.toml:20:5: error[pin-tables] two lists disagree about `meadow-client`: `==0.4.4` and `&gt;=0.4.4`
          help: pin all of them to 0.4.4, the version of this tree</failure>
            </testcase>
            <testcase name="pin-unpublished" classname="release-check.pin">
              <skipped message="not asked: `--online`"/>
            </testcase>
            <testcase name="pin-unreadable" classname="release-check.pin" file="src/a b%41'&lt;é&gt;&amp;/pyproject.toml">
              <failure message="src/a b%41'&lt;é&gt;&amp;/pyproject.toml:13:32: error[pin-unreadable] `meadow-api ~= \u{1b}[31m]]&gt;&lt;b&gt;` in src/a b%41'&lt;é&gt;&amp;/pyproject.toml is not a PEP 508 requirement" type="pin-unreadable">src/a b%41'&lt;é&gt;&amp;/pyproject.toml:13:32: error[pin-unreadable] `meadow-api ~= \u{1b}[31m]]&gt;&lt;b&gt;` in src/a b%41'&lt;é&gt;&amp;/pyproject.toml is not a PEP 508 requirement
          help: write `meadow-api==X.Y.Z`, with the version that is meant</failure>
            </testcase>
            <testcase name="pin-yanked" classname="release-check.pin">
              <skipped message="not asked: `--online`"/>
            </testcase>
            <testcase name="tag-off-branch" classname="release-check.tag">
              <failure message="v0.4.5: error[tag-off-branch] v0.4.5 is not on release-0.4.x" type="tag-off-branch">v0.4.5: error[tag-off-branch] v0.4.5 is not on release-0.4.x
          help: a tag is never moved: merge v0.4.5 into release-0.4.x, or see that the branch has its changes before the next release</failure>
            </testcase>
            <testcase name="tag-tree" classname="release-check.tag">
              <failure message="v0.4.5: error[tag-tree] in the tree of v0.4.5, pyproject.toml says 0.4.5.dev0 and src/meadow_api/pyproject.toml says 0.4.5.dev0" type="tag-tree">v0.4.5: error[tag-tree] in the tree of v0.4.5, pyproject.toml says 0.4.5.dev0 and src/meadow_api/pyproject.toml says 0.4.5.dev0
          help: a tag is never moved: release the next one with the right versions, or accept this in release.toml by `path = &quot;v0.4.5&quot;`</failure>
            </testcase>
            <testcase name="tag-unpublished" classname="release-check.tag">
              <skipped message="not asked: `--online`"/>
            </testcase>
            <testcase name="uv-lock-stale" classname="release-check.uv-lock" file="uv.lock">
              <failure message="uv.lock:44:18: error[uv-lock-stale] uv.lock records `==0.4.1` for `meadow-client`, where pyproject.toml asks for `==0.4.4`" type="uv-lock-stale">uv.lock:44:18: error[uv-lock-stale] uv.lock records `==0.4.1` for `meadow-client`, where pyproject.toml asks for `==0.4.4`
          help: run `uv lock` in the folder of uv.lock and commit it</failure>
            </testcase>
            <testcase name="uv-lock-unavailable" classname="release-check.uv-lock">
              <skipped message="not asked: `--online`"/>
            </testcase>"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn reports_are_the_same_bytes_for_the_same_tree_and_exit_as_text_does() {
    let sample = hostile();
    for format in ["sarif", "junit"] {
        let run = || sample.release(&format!("check --output-format {format}")).expect(1).stdout;
        assert_eq!(run(), run(), "{format}");
        Sample::new().release(&format!("check --output-format {format}")).expect(0);
        let refused = sample.release(&format!("patch 0.4.5 --output-format {format}")).expect(2).stderr;
        assert!(refused.contains("this command prints text or JSON"), "{refused}");
    }
}

#[test]
fn what_the_baseline_accepts_is_suppressed_and_keeps_its_fingerprint() {
    let sample = hostile();
    let fingerprints = |document: &Value| -> Vec<(String, bool)> {
        let results = document["runs"][0]["results"].as_array().unwrap();
        let of = |result: &Value| {
            let fingerprint = result["partialFingerprints"]["releaseCheck/v1"].as_str().unwrap();
            (fingerprint.to_owned(), result["suppressions"].is_array())
        };
        let mut all: Vec<_> = results.iter().map(of).collect();
        all.sort();
        all
    };
    let before = fingerprints(&sarif(&sample, ""));
    sample.release("check --write-baseline --reason because --ignore uv-lock-stale").expect(0);
    let document = sarif(&sample, "");
    let after = fingerprints(&document);
    let names = |all: &[(String, bool)]| all.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    assert!(after.iter().filter(|(_, is_suppressed)| *is_suppressed).count() > 3, "{after:?}");
    let of_baseline = |result: &&Value| result["suppressions"][0]["justification"] == "because";
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().filter(of_baseline).all(|result| result["suppressions"][0]["kind"] == "external"));
}

#[test]
fn reports_are_valid_by_the_schema_of_the_standard_and_by_a_real_parser() {
    if !works(Command::new("python3").arg("--version"), "the comparison with the standard") {
        return;
    }
    let sample = hostile();
    let mut reports = Vec::new();
    for (name, words) in
        [("plain", ""), ("main", "--branch main"), ("old", "--rev v0.3.1"), ("levels", "--ignore pin-operator")]
    {
        let junit = sample.release(&format!("check --output-format junit {words}")).stdout;
        let path = sample.tmp.join(format!("{name}.xml"));
        fs::write(&path, junit).unwrap();
        let parse = "import sys, xml.etree.ElementTree as t; r = t.parse(sys.argv[1]).getroot(); assert r.tag == 'testsuites'; \
                     assert len(list(r.iter('testcase'))) == int(r.get('tests')); assert len(list(r.iter('failure'))) == int(r.get('failures'))";
        run(Command::new("python3").args(["-c", parse, path.as_str()])).expect(0);
        let path = sample.tmp.join(format!("{name}.sarif"));
        fs::write(&path, sample.release(&format!("check --output-format sarif {words}")).stdout).unwrap();
        reports.push(path);
    }
    let Some((python, schema)) = validator() else { return };
    let said = run(Command::new(&python).args(["-c", VALIDATE, schema.as_str()]).args(&reports));
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
    // Whoever validates would notice.
    let text = fs::read_to_string(&reports[0]).unwrap().replacen("\"ruleId\"", "\"rule\"", 1);
    fs::write(&reports[0], text).unwrap();
    run(Command::new(python).args(["-c", VALIDATE, schema.as_str()]).arg(&reports[0])).expect(1);
}

/// A Python that has the validator, and the schema: both below the target folder, fetched once.
pub(super) fn validator() -> Option<(Utf8PathBuf, Utf8PathBuf)> {
    let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif");
    let (python, schema) = (folder.join("venv/bin/python"), folder.join(SCHEMA));
    let has_it = || run(Command::new(&python).args(["-c", "import jsonschema"])).code == Some(0);
    if !python.exists() || !has_it() {
        fs::create_dir_all(&folder).unwrap();
        let made = works(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")), "the schema of SARIF")
            && works(Command::new(&python).args(["-m", "pip", "install", "--quiet", VALIDATOR]), "the schema of SARIF");
        if !made {
            return None;
        }
    }
    if !schema.exists() {
        let mut pack = Command::new("npm");
        pack.args(["pack", "--silent", SCHEMA_PACKAGE, "--pack-destination", folder.as_str()]);
        let unpack = "for file in *.tgz; do tar xzf \"$file\"; done";
        let fetched = run(Command::new("npm").arg("--version").current_dir(&folder)).code == Some(0)
            && works(&mut pack, "the schema of SARIF")
            && works(Command::new("sh").args(["-c", unpack]).current_dir(&folder), "the schema of SARIF");
        if !fetched {
            return None;
        }
    }
    Some((python, schema))
}
