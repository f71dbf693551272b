use super::*;
use crate::text::SourceText;
use proptest::prelude::*;

fn read(text: &str) -> PackageLock {
    PackageLock::parse(&SourceText::new(text)).unwrap()
}

const LOCK: &str = r#"{
  "name": "ui", "version": "0.1.0", "lockfileVersion": 2, "requires": true,
  "packages": {
    "": { "name": "ui", "version": "0.2.0", "dependencies": { "client": "^0.4.4" }, "devDependencies": { "b": "~1" } },
    "node_modules/client": { "version": "0.4.5", "resolved": "https://r.example/client-0.4.5.tgz", "integrity": "sha512-x", "dependencies": { "c": "1" } },
    "node_modules/@scope/a": { "name": "other", "version": "1.0.0", "dev": true },
    "node_modules/client/node_modules/@scope/c": { "version": "2.0.0", "inBundle": true, "optional": true },
    "node_modules/local": { "resolved": "packages/local", "link": true },
    "packages/local": { "version": "3.0.0", "peerDependencies": { "client": "*" } }
  },
  "dependencies": {
    "client": { "version": "0.4.4", "dependencies": { "@scope/c": { "version": "2.0.0", "bundled": true } } },
    "@scope/a": { "version": "npm:other@1.0.0" }
  }
}"#;

#[test]
fn every_entry_is_read_with_its_name_and_place() {
    let lock = read(LOCK);
    assert_eq!(
        (lock.name.unwrap().value, lock.version.unwrap().value, lock.lockfile_version),
        ("ui".to_owned(), "0.1.0".to_owned(), 2)
    );
    let entries: Vec<_> = lock.packages.iter().map(|entry| (entry.path.value.as_str(), entry.name())).collect();
    assert_eq!(
        entries,
        [
            ("", Some("ui")),
            ("node_modules/client", Some("client")),
            ("node_modules/@scope/a", Some("other")),
            ("node_modules/client/node_modules/@scope/c", Some("@scope/c")),
            ("node_modules/local", Some("local")),
            ("packages/local", None),
        ]
    );
    for entry in lock.packages.iter().chain(&lock.legacy) {
        let values = [&entry.explicit_name, &entry.version, &entry.resolved, &entry.integrity];
        for string in values.into_iter().flatten() {
            assert_eq!(LOCK[string.span.clone()], format!("\"{}\"", string.value));
        }
    }
    let flags: Vec<_> =
        lock.packages.iter().map(|entry| (entry.link, entry.in_bundle, entry.dev, entry.optional)).collect();
    assert_eq!(flags[2..5], [(false, false, true, false), (false, true, false, true), (true, false, false, false)]);
}

#[test]
fn a_client_has_the_entry_of_the_project_and_not_a_copy_below_another_package() {
    let lock = read(LOCK);
    for (name, version, address) in [
        ("client", Some("0.4.5"), Some("https://r.example/client-0.4.5.tgz")),
        ("@scope/a", Some("1.0.0"), None),
        ("local", None, Some("packages/local")),
        ("@scope/c", None, None),
        ("other", None, None),
        ("", None, None),
    ] {
        let entry = lock.entry(name);
        let found = entry.and_then(|entry| entry.version.as_ref()).map(|version| version.value.as_str());
        assert_eq!((found, lock.address(name)), (version, address), "{name}");
    }
}

#[test]
fn what_folders_of_the_repository_ask_for_is_read() {
    let lock = read(LOCK);
    let listed = |entry: &LockedEntry| -> Vec<_> {
        entry.dependencies.iter().map(|d| format!("{} {} {}", d.table, d.name, &LOCK[d.span.clone()])).collect()
    };
    let project = lock.packages.iter().find(|entry| entry.path.value.is_empty());
    assert_eq!(lock.project(), project);
    assert_eq!(listed(lock.project().unwrap()), ["dependencies client \"^0.4.4\"", "devDependencies b \"~1\""]);
    assert_eq!(listed(&lock.packages[1]), [""; 0]);
    assert_eq!(listed(&lock.packages[5]), ["peerDependencies client \"*\""]);
}

#[test]
fn the_second_copy_of_version_2_has_the_paths_of_the_first() {
    let lock = read(LOCK);
    let legacy: Vec<_> = lock
        .legacy
        .iter()
        .map(|entry| (entry.path.value.as_str(), entry.version.as_ref().unwrap().value.as_str()))
        .collect();
    assert_eq!(
        legacy,
        [
            ("node_modules/client", "0.4.4"),
            ("node_modules/client/node_modules/@scope/c", "2.0.0"),
            ("node_modules/@scope/a", "npm:other@1.0.0"),
        ]
    );
    assert_eq!(&LOCK[lock.legacy[1].path.span.clone()], "\"@scope/c\"");
    assert!(lock.legacy[1].in_bundle);
}

#[test]
fn a_lockfile_that_cannot_be_read_is_refused_with_its_place() {
    for (text, at, message) in [
        ("{\"lockfileVersion\": 3,}", 21, "trailing comma"),
        ("[]", 0, "expected an object"),
        ("{\"lockfileVersion\": 1}", 20, "lockfileVersion 1 does not say"),
        ("{\"name\": \"ui\"}", 0, "lockfileVersion 1 does not say"),
        ("{\"lockfileVersion\": 4}", 20, "lockfileVersion 4 is not supported, only 2 and 3 are"),
        ("{\"lockfileVersion\": \"3\"}", 20, "expected the number 2 or 3"),
        ("{\"lockfileVersion\": 3.5}", 20, "expected the number 2 or 3"),
        ("{\"lockfileVersion\": 3, \"packages\": {\"a\": {}, \"\\u0061\": {}}}", 45, "`a` stands twice in this object"),
        (
            "{\"lockfileVersion\": 3, \"packages\": {\"\": {\"version\": \"1\", \"version\": \"2\"}}}",
            57,
            "`version` stands twice",
        ),
    ] {
        let error = PackageLock::parse(&SourceText::new(text)).unwrap_err();
        assert!(error.message.contains(message), "{text}: {error:?}");
        assert_eq!(error.span.start, at, "{text}: {error:?}");
    }
}

#[test]
fn a_key_that_stands_twice_is_found_among_few_and_among_many() {
    for keys in [2, 16, 17, 500] {
        let entries = |names: std::ops::Range<usize>| -> Vec<String> {
            names.map(|name| format!("\"node_modules/p{name}\": {{}}")).collect()
        };
        let lock = |entries: Vec<String>| {
            let text = format!("{{\"lockfileVersion\": 3, \"packages\": {{{}}}}}", entries.join(","));
            PackageLock::parse(&SourceText::new(text)).map(|lock| lock.packages.len())
        };
        assert_eq!(lock(entries(0..keys)), Ok(keys));
        let error = lock([entries(0..keys - 1), entries(0..1)].concat()).unwrap_err();
        assert_eq!(error.message, "`node_modules/p0` stands twice in this object", "{keys}");
    }
}

#[test]
fn values_of_another_type_are_taken_for_missing() {
    let lock = read(
        "{\"name\": 1, \"lockfileVersion\": 3, \"packages\": {\"\": [], \"node_modules/a\": {\"version\": {}, \"link\": \"yes\", \"dependencies\": 1}}, \"dependencies\": []}",
    );
    assert_eq!((lock.name, lock.packages.len(), lock.legacy.len()), (None, 1, 0));
    assert_eq!((lock.packages[0].version.as_ref(), lock.packages[0].link), (None, false));
    assert_eq!(read("{\"lockfileVersion\": 3, \"packages\": 7}").packages, []);
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    let text = format!("{{\"lockfileVersion\": 2, \"dependencies\": {}", "{\"a\": {\"dependencies\": ".repeat(100_000));
    assert!(PackageLock::parse(&SourceText::new(text)).is_err());
}

#[test]
fn paths_that_no_disk_has_are_left_out_of_the_second_copy() {
    let below: Vec<String> = (0..1000).map(|number| format!("\"{number}\": {{}}")).collect();
    let lock = read(&format!(
        "{{\"lockfileVersion\": 2, \"dependencies\": {{\"{}\": {{\"dependencies\": {{{}}}}}, \"b\": {{}}}}}}",
        "a".repeat(100_000),
        below.join(",")
    ));
    assert_eq!(lock.legacy.iter().map(|entry| &*entry.path.value).collect::<Vec<_>>(), ["node_modules/b"]);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\PC\\n]{0,80}") {
        let _ = PackageLock::parse(&SourceText::new(text));
    }

    #[test]
    fn no_damage_makes_the_reader_panic(at in 0..LOCK.len(), length in 0usize..40, piece in "[\\PC\"{}:,]{0,3}") {
        let end = (at + length).min(LOCK.len());
        let _ = PackageLock::parse(&SourceText::new([&LOCK[..at], &piece, &LOCK[end..]].concat()));
    }
}
