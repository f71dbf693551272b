use super::*;
use crate::registry::npm::Document;
use crate::text::splice;
use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;

const PACKAGE: &str = r#"{
  "name": "meadow-ui",
  "version": "0.2.0",
  "license": "MIT",
  "dependencies": {
    "@ui/button": "^2.0.0",
    "meadow-client": "^0.4.4"
  }
}
"#;

const LOCK: &str = r#"{
  "name": "meadow-ui",
  "version": "0.1.0",
  "lockfileVersion": 2,
  "requires": true,
  "packages": {
    "": {
      "name": "meadow-ui",
      "version": "0.1.0",
      "license": "MIT",
      "dependencies": {
        "@ui/button": "^2.0.0",
        "meadow-client": "^0.4.4"
      }
    },
    "node_modules/@ui/button": {
      "version": "2.0.0",
      "peerDependencies": {
        "meadow-client": "<0.6.0"
      }
    },
    "node_modules/left": {
      "version": "2.0.0"
    },
    "node_modules/meadow-client": {
      "version": "0.4.4",
      "resolved": "https://npm.example/0.4.4.tgz",
      "integrity": "sha512-4aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa==",
      "license": "MIT",
      "dependencies": {
        "left": "^1.0.0",
        "right": "^1.0.0"
      }
    },
    "node_modules/meadow-client/node_modules/left": {
      "version": "1.0.0"
    },
    "node_modules/right": {
      "version": "1.0.0",
      "dependencies": {
        "left": "^2.0.0"
      }
    }
  },
  "dependencies": {
    "@ui/button": {
      "version": "2.0.0",
      "requires": {}
    },
    "left": {
      "version": "2.0.0"
    },
    "meadow-client": {
      "version": "0.4.4",
      "resolved": "https://npm.example/0.4.4.tgz",
      "integrity": "sha512-4aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa==",
      "requires": {
        "left": "^1.0.0",
        "right": "^1.0.0"
      },
      "dependencies": {
        "left": {
          "version": "1.0.0"
        }
      }
    },
    "right": {
      "version": "1.0.0",
      "requires": {
        "left": "^2.0.0"
      }
    }
  }
}
"#;

fn manifest(version: &str, change: &Value) -> Manifest {
    let integrity = format!("sha512-{}{}==", &version[4..5], "a".repeat(85));
    let mut fields = json!({
        "license": { "type": "MIT" },
        "dependencies": { "left": "^1.0.0", "right": "^1.0.0" },
        "dist": { "tarball": format!("https://npm.example/{version}.tgz"), "integrity": integrity },
    });
    fields.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let document = json!({ "name": "meadow-client", "versions": { version: fields } });
    let document = Document::parse(document.to_string().as_bytes(), "meadow-client").unwrap();
    document.versions.into_values().next().unwrap()
}

/// Updates the client in both files to a version whose manifest may be changed.
fn moved(files: (&str, &str), version: &str, change: &Value) -> Result<(String, String), NotNative> {
    let (package, lock) = (SourceText::new(files.0), SourceText::new(files.1));
    let read = (PackageJson::parse(&package).unwrap(), PackageLock::parse(&lock).unwrap());
    let (manifest, range) = (manifest(version, change), format!("^{version}"));
    let wanted = Wanted { client: "meadow-client", package: "meadow-client", version, range: &range };
    let published = Some((&manifest, manifest.tarball.as_deref().unwrap()));
    let edits = relock((&package, &read.0), (&lock, &read.1), &wanted, published)?;
    Ok((splice(files.0, &edits.package_json).unwrap(), splice(files.1, &edits.lock).unwrap()))
}

fn reason(package: &str, lock: &str, change: &Value) -> String {
    moved((package, lock), "0.4.5", change).unwrap_err().reason
}

#[test]
fn the_client_and_what_is_noted_of_the_project_move_and_nothing_else() {
    let (package, lock) = moved((PACKAGE, LOCK), "0.4.5", &json!({})).unwrap();
    let changed = |old: &str, new: &str| -> String {
        let pairs = old.lines().zip(new.lines()).filter(|(old, new)| old != new);
        pairs.map(|(_, new)| format!("{}\n", new.trim_start().trim_end_matches('a'))).collect()
    };
    expect![[r#"
        "meadow-client": "^0.4.5"
        "version": "0.2.0",
        "version": "0.2.0",
        "meadow-client": "^0.4.5"
        "version": "0.4.5",
        "resolved": "https://npm.example/0.4.5.tgz",
        "integrity": "sha512-5aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa==",
        "version": "0.4.5",
        "resolved": "https://npm.example/0.4.5.tgz",
        "integrity": "sha512-5aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa==",
    "#]]
    .assert_eq(&format!("{}{}", changed(PACKAGE, &package), changed(LOCK, &lock)));
    assert_eq!(package.lines().count() + lock.lines().count(), PACKAGE.lines().count() + LOCK.lines().count());
}

#[test]
fn what_is_left_to_do_is_told_without_a_registry() {
    let done = moved((PACKAGE, LOCK), "0.4.5", &json!({})).unwrap();
    for (package, lock, expected) in [
        (PACKAGE, LOCK, "entry"),
        (&*done.0, &*done.1, "nothing"),
        (PACKAGE, &done.1, "ranges"),
        (&done.0, &done.1.replace("^0.4.5", "^0.4.4"), "ranges"),
        (&done.0, &done.1.replacen("0.2.0", "0.1.0", 1), "ranges"),
        (&done.0, LOCK, "entry"),
    ] {
        let (package, lock) = (SourceText::new(package), SourceText::new(lock));
        let read = (PackageJson::parse(&package).unwrap(), PackageLock::parse(&lock).unwrap());
        let wanted = Wanted { client: "meadow-client", package: "meadow-client", version: "0.4.5", range: "^0.4.5" };
        let found = match need(&read.0, &read.1, &wanted).unwrap() {
            Need::Nothing => "nothing",
            Need::Ranges => "ranges",
            Need::Entry(entry) => {
                assert_eq!(entry.version.as_ref().unwrap().value, "0.4.4");
                "entry"
            }
        };
        assert_eq!(found, expected);
        let edits = relock((&package, &read.0), (&lock, &read.1), &wanted, None);
        assert_eq!(edits.is_err(), expected == "entry", "{edits:?}");
        assert_eq!(edits == Ok(Edits::default()), expected == "nothing");
    }
}

#[test]
fn a_version_that_says_something_else_than_the_locked_one_is_refused() {
    let other = "meadow-client 0.4.5 has other";
    for (change, expected) in [
        (json!({ "dependencies": { "left": "^1.0.0" } }), format!("{other} `dependencies` than the locked 0.4.4")),
        (json!({ "license": "BSD", "engines": { "node": "1" } }), format!("{other} `engines`, `license` than")),
        (json!({ "bin": "cli.js" }), format!("{other} `bin`")),
        (json!({ "scripts": { "install": "x" } }), format!("{other} `hasInstallScript`")),
        (json!({ "deprecated": "old" }), format!("{other} `deprecated`")),
        (json!({ "peerDependencies": { "left": "1" } }), format!("{other} `peerDependencies`")),
        (json!({ "optionalDependencies": { "left": "^1.0.0" } }), format!("{other} `dependencies`, `optional")),
        (json!({ "os": ["linux"], "funding": "https://f.example" }), format!("{other} `funding`, `os`")),
        (json!({ "bundleDependencies": true }), "has `bundleDependencies`: its content is only".to_owned()),
        (json!({ "_hasShrinkwrap": true }), "has `hasShrinkwrap`: its content is only".to_owned()),
        (json!({ "dist": { "tarball": "x", "shasum": "00" } }), "is published without a single SHA-512".to_owned()),
        (
            json!({ "dist": { "tarball": "x", "integrity": "sha1-a" } }),
            "is published without a single SHA-512".to_owned(),
        ),
    ] {
        let reason = reason(PACKAGE, LOCK, &change);
        assert!(reason.contains(&expected), "{change}: {reason}");
    }
}

#[test]
fn files_in_which_npm_would_change_more_are_refused() {
    for (old, new, expected) in [
        ("\"^0.4.4\"", "\"latest\"", "by `latest`, which is not a range"),
        ("\"^0.4.4\"", "\"npm:other@^0.4.4\"", "which is not a range"),
        ("meadow-client", "other", "package.json does not ask for meadow-client"),
        ("  }\n}", "  },\n  \"devDependencies\": {\n    \"meadow-client\": \"1\"\n  }\n}", "in `dependencies` and in"),
        ("\"dependencies\"", "\"devDependencies\"", "the lockfile records"),
        ("^2.0.0", "^3.0.0", "records `^2.0.0` for @ui/button, where package.json asks for `^3.0.0`"),
        ("^2.0.0", "^2.0", "record of `dependencies` differs from package.json"),
        ("@ui/button", "zebra", "the lockfile records"),
        ("\"MIT\"", "\"BSD\"", "record of `license` differs"),
        ("  \"version\": \"0.2.0\",\n", "", "the `version` of package.json is missing"),
        ("  \"license\"", "  \"workspaces\": [],\n  \"license\"", "package.json has `workspaces`"),
        ("  \"license\"", "  \"overrides\": {},\n  \"license\"", "package.json has `overrides`"),
        ("  \"license\"", "  \"devDependencies\": {},\n  \"license\"", "`devDependencies` of package.json is empty"),
        ("\"MIT\",", "\"MIT\" ,", "package.json is not laid out"),
        ("\"MIT\"", "\"M\\u0049T\"", "package.json is not laid out"),
        ("  }\n}\n", "  }\n}", "does not end with one line ending"),
    ] {
        assert_eq!(PACKAGE.matches(old).count().min(1), 1, "{old}");
        let reason = reason(&PACKAGE.replacen(old, new, 1), LOCK, &json!({}));
        assert!(reason.contains(expected), "{old} -> {new}: {reason}");
    }
}

#[test]
fn lockfiles_that_npm_would_mend_are_refused() {
    let entry = "\"node_modules/meadow-client\": {\n";
    let right = "\"node_modules/right\": {\n";
    for (old, new, expected) in [
        (entry, format!("{entry}      \"link\": true,\n"), "folders of the repository"),
        (entry, format!("{entry}      \"inBundle\": true,\n"), "is not locked as a package of that name"),
        (entry, format!("{entry}      \"name\": \"x\",\n"), "is not locked as a package of that name"),
        (entry, entry.replace("meadow-client", "x"), "meadow-client is not in the lockfile"),
        (right, right.replace("right", "right/node_modules/meadow-client"), "more than once"),
        (right, right.replace("node_modules/right", "packages/right"), "folders of the repository"),
        ("      \"resolved\": \"https://npm.example/0.4.4.tgz\",\n", String::new(), "the address of its archive"),
        ("\"sha512-4", "\"sha1-x sha512-4".to_owned(), "in the lockfile is not a single SHA-512"),
        ("      \"version\": \"2.0.0\"", "      \"resolved\": \"2.0.0\"".to_owned(), "differ about"),
        ("\"<0.6.0\"", "\"<0.4.5\"".to_owned(), "ask for meadow-client <0.4.5, but 0.4.5 is locked"),
        ("\"meadow-client\": \"<0.6.0\"", "\"x\": \"1\"".to_owned(), "ask for x 1, which is not in the lockfile"),
        ("  \"requires\": true,\n", String::new(), "without `packages` or `requires`"),
        ("\"lockfileVersion\": 2", "\"lockfileVersion\": 3".to_owned(), "do not belong to its `lockfileVersion`"),
        ("  \"requires\": true,", "  \"requires\": true,\n  \"x\": 1,".to_owned(), "has the key `x`"),
        (
            "    \"node_modules/left\": {\n      \"version\": \"2",
            "    \"node_modules/left\": {\n      \"version\": \"3".to_owned(),
            "differ about `node_modules/left`",
        ),
        ("\"license\": \"MIT\",", "\"license\":\"MIT\",".to_owned(), "laid out or sorted"),
    ] {
        assert!(LOCK.contains(old), "{old}");
        let reason = reason(PACKAGE, &LOCK.replacen(old, &new, 1), &json!({}));
        assert!(reason.contains(expected), "{old} -> {new}: {reason}");
    }
}

/// Returns the lockfile without the copy for npm 6.
fn version_3() -> String {
    let packages = LOCK.split("\n  },\n  \"dependencies\"").next().unwrap();
    packages.replace("\"lockfileVersion\": 2", "\"lockfileVersion\": 3") + "\n  }\n}\n"
}

#[test]
fn trees_that_npm_would_change_are_refused() {
    let lock = version_3();
    assert!(moved((PACKAGE, &lock), "0.4.5", &json!({})).is_ok());
    for (old, new, expected) in [
        // No package requires it, or a copy further up would do.
        ("\"left\": \"^2.0.0\"", "\"meadow-client\": \"*\"", "no package requires the entry `node_modules/left`"),
        (
            "\"version\": \"2.0.0\"\n    },\n    \"node_modules/meadow",
            "\"version\": \"1.2.0\"\n    },\n    \"node_modules/meadow",
            "ask for left ^2.0.0, but 1.2.0 is locked",
        ),
        ("\"node_modules/right\"", "\"node_modules/wrong\"", "ask for right ^1.0.0, which is not"),
        ("\"version\": \"1.0.0\",\n", "\"version\": \"1.0.0\",\n      \"extraneous\": true,\n", "`extraneous`"),
        ("\"version\": \"2.0.0\"\n", "\"license\": \"MIT\"\n", "has no version"),
    ] {
        assert!(lock.contains(old), "{old}");
        let reason = reason(PACKAGE, &lock.replacen(old, new, 1), &json!({}));
        assert!(reason.contains(expected), "{old} -> {new}: {reason}");
    }
    let shared = lock.replace("\"left\": \"^2.0.0\"", "\"left\": \"1.x\"").replacen(
        "2.0.0\"\n    },\n    \"node_modules/meadow",
        "1.2.0\"\n    },\n    \"node_modules/meadow",
        1,
    );
    assert!(
        reason(PACKAGE, &shared, &json!({}))
            .contains("the copy of left below node_modules/meadow-client is not needed")
    );
}

#[test]
fn a_version_outside_the_range_or_with_another_archive_is_refused() {
    let (package, lock) = (SourceText::new(PACKAGE), SourceText::new(LOCK));
    let read = (PackageJson::parse(&package).unwrap(), PackageLock::parse(&lock).unwrap());
    let refuse = |version: &str, range: &str, published: &Manifest| {
        let wanted = Wanted { client: "meadow-client", package: "meadow-client", version, range };
        relock((&package, &read.0), (&lock, &read.1), &wanted, Some((published, "x"))).unwrap_err().reason
    };
    let plain = manifest("0.4.4", &json!({}));
    assert!(refuse("0.5.0", "^0.4.4", &plain).contains("0.5.0 is not in the range `^0.4.4`"));
    assert!(refuse("0.4.5", "^0.4.4", &plain).contains("the registry answered 0.4.4, not meadow-client 0.4.5"));
    let other = Manifest { integrity: Some("sha512-other".to_owned()), ..plain };
    assert!(refuse("0.4.4", "^0.4.0", &other).contains("differs from the published one"));
}

proptest! {
    #[test]
    fn twice_is_once_and_there_and_back_is_where_it_was(patch in 5u64..10, end in "(\n|\r\n)") {
        let files = (PACKAGE.replace('\n', &end), LOCK.replace("\"0.1.0\"", "\"0.2.0\"").replace('\n', &end));
        let version = format!("0.4.{patch}");
        let there = moved((&files.0, &files.1), &version, &json!({})).unwrap();
        prop_assert_eq!(&moved((&there.0, &there.1), &version, &json!({})).unwrap(), &there);
        prop_assert_eq!(moved((&there.0, &there.1), "0.4.4", &json!({})).unwrap(), files);
    }

    #[test]
    fn no_damage_of_the_lockfile_makes_it_panic(at in 0..LOCK.len(), length in 0usize..40, piece in "[\"{}:,a-z0-9]{0,3}") {
        let end = (at + length).min(LOCK.len());
        let lock = [&LOCK[..at], &piece, &LOCK[end..]].concat();
        if PackageLock::parse(&SourceText::new(&*lock)).is_ok() {
            let _ = moved((PACKAGE, &lock), "0.4.5", &json!({}));
        }
    }
}
