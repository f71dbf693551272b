use super::*;
use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;

const FULL: &str = r#"{
  "name": "meadow-client",
  "dist-tags": { "latest": "0.4.5" },
  "readme": "meadow",
  "versions": {
    "0.4.4": 1,
    "0.4.5": {
      "name": "meadow-client", "version": "0.4.5", "description": "flowers", "license": { "type": "MIT" },
      "bin": "./bin/cli.js", "funding": "https://fund.example", "scripts": { "postinstall": "true" },
      "dependencies": { "left": "^1.0.0", "right": "^1.0.0" }, "optionalDependencies": { "right": "^1.0.0" },
      "engines": {}, "deprecated": "", "bundledDependencies": ["left"], "_hasShrinkwrap": false,
      "dist": { "tarball": "https://npm.example/c.tgz", "integrity": "sha512-x", "shasum": "00", "size": 1 }
    },
    "0.4.6": { "name": "other", "version": "0.4.6" },
    "0.4.7": { "version": "0.4.8" },
    "0.5.0-rc1": { "dist": "none", "dependencies": [] },
    "0.5.0-rc.1": { "hasInstallScript": true, "version": null, "license": null }
  }
}"#;

fn document(text: &str) -> Document {
    Document::parse(text.as_bytes(), "meadow-client").unwrap()
}

#[test]
fn versions_are_read_in_the_form_that_npm_notes_and_odd_ones_are_left_out() {
    let read = document(FULL);
    assert_eq!(read.versions.keys().collect::<Vec<_>>(), ["0.4.5", "0.5.0-rc.1", "0.5.0-rc1"]);
    let noted: Vec<String> = read
        .versions
        .values()
        .map(|manifest| format!("{} {:?}\n  {}\n", manifest.version, manifest.tarball, json!(manifest.noted)))
        .collect();
    expect![[r#"
        0.4.5 Some("https://npm.example/c.tgz")
          {"bin":{"meadow-client":"bin/cli.js"},"bundleDependencies":["left"],"dependencies":{"left":"^1.0.0"},"funding":{"url":"https://fund.example"},"hasInstallScript":true,"license":"MIT","optionalDependencies":{"right":"^1.0.0"}}
        0.5.0-rc.1 None
          {"hasInstallScript":true}
        0.5.0-rc1 None
          {}
    "#]]
    .assert_eq(&noted.concat());
}

#[test]
fn a_version_is_found_by_what_it_means_and_its_canonical_spelling_wins() {
    let published = |versions: &[&str]| {
        let versions: BTreeMap<_, _> = versions.iter().map(|version| (*version, json!({}))).collect();
        document(&json!({ "name": "meadow-client", "versions": versions }).to_string())
    };
    for (versions, wanted, found) in [
        (&["0.4.5"][..], "0.4.5", Some("0.4.5")),
        (&["0.5.0-rc.1", "0.5.0-rc1"], "0.5.0rc1", Some("0.5.0-rc.1")),
        (&["0.5.0-rc1"], "0.5.0rc1", Some("0.5.0-rc1")),
        (&["0.5.1-dev.20260219"], "0.5.1.dev20260219", Some("0.5.1-dev.20260219")),
        (&["0.5.0-rc.1"], "0.5.0", None),
        (&["0.5.0-1", "0.5.0-post1", "0.5.0-post.1"], "0.5.0.post1", None),
        (&["0.5.0+local"], "0.5.0+local", None),
        (&["0.5"], "0.5", None),
    ] {
        let document = published(versions);
        let version = document.version(&wanted.parse().unwrap()).map(|manifest| &*manifest.version);
        assert_eq!(version, found, "{wanted} among {versions:?}");
    }
}

#[test]
fn answers_that_are_no_document_of_the_package_are_refused() {
    for (text, message) in [
        ("<html>", "expected value at line 1 column 1"),
        (r#"{"name": "meadow-client", "versions": {"#, "EOF while parsing"),
        (r#"{"error": "not found"}"#, "missing field `name`"),
        ("[]", "invalid length 0"),
        (r#"{"name": "meadow"}"#, "that of meadow"),
    ] {
        let error = Document::parse(text.as_bytes(), "meadow-client").unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
    let nested = format!("{{\"name\": \"meadow-client\", \"versions\": {}", "[".repeat(100_000));
    assert!(Document::parse(nested.as_bytes(), "meadow-client").is_err());
}

#[test]
fn a_package_without_versions_is_an_empty_document() {
    for text in [r#"{"name": "meadow-client"}"#, r#"{"name": "meadow-client", "versions": [], "dist-tags": null}"#] {
        assert_eq!(document(text).versions, BTreeMap::new(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_damage_makes_the_reader_panic(at in 0..FULL.len(), length in 0usize..40, piece in "[\"{}:,a-z0-9]{0,3}") {
        let end = (at + length).min(FULL.len());
        let _ = Document::parse([&FULL[..at], &piece, &FULL[end..]].concat().as_bytes(), "meadow-client");
    }
}
