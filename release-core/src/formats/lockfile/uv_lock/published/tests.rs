use super::*;
use crate::text::SourceText;

const LOCK: &str = r#"version = 1
revision = 3
requires-python = ">=3.12"

[[package]]
name = "anyio"
version = "4.2.0"
source = { registry = "https://i.example/simple" }

[[package]]
name = "httpx"
version = "0.27.0"
source = { registry = "https://i.example/simple" }

[[package]]
name = "meadow"
source = { editable = "." }

[package.metadata]
requires-dist = [{ name = "meadow-client", extras = ["web", "gone"], specifier = "==0.4.4" }]

[[package]]
name = "meadow-client"
version = "0.4.4"
source = { registry = "https://i.example/simple" }
dependencies = [
    { name = "anyio", extra = ["trio"] },
]

[package.optional-dependencies]
web = [
    { name = "httpx" },
]
"#;

const RIGHT: [&str; 3] = ["anyio[trio]<5,>=4", "httpx>=0.27; extra == 'web'", "brook; extra == \"unused\""];

fn metadata(version: &str, requires: &[&str], python: &str) -> CoreMetadata {
    let requires: String = requires.iter().map(|requires| format!("Requires-Dist: {requires}\n")).collect();
    let text = format!("Name: meadow_client\nVersion: {version}\n{requires}Requires-Python: {python}\n");
    CoreMetadata::parse(text.as_bytes()).unwrap()
}

fn verdict(lock: &str, new: &CoreMetadata, old: Option<&CoreMetadata>) -> Verdict {
    let lock = UvLock::parse(&SourceText::new(lock)).unwrap();
    let entry = lock.packages.iter().find(|package| package.name.value == "meadow-client").unwrap();
    same_requirements(&lock, entry, new, old)
}

#[test]
fn requirements_that_the_lockfile_has_are_the_same() {
    assert_eq!(verdict(LOCK, &metadata("0.4.5", &RIGHT, ">=3.9"), None), Verdict::Same);
    let respelled = ["AnyIO [Trio] >= 4", "anyio<5", "HTTPX >=0.27 ; extra=='WEB'"];
    assert_eq!(verdict(LOCK, &metadata("0.4.5", &respelled, ">=3.12, <4"), None), Verdict::Same);
}

#[test]
fn every_other_requirement_is_told() {
    let [anyio, httpx, _] = RIGHT;
    for (requires, python, expected) in [
        (
            &[anyio, httpx, "brook"][..],
            ">=3.9",
            "the released meadow-client asks for `brook`, meadow-client 0.4.4 in the lockfile does not",
        ),
        (
            &[httpx],
            ">=3.9",
            "the released meadow-client does not ask for `anyio`, meadow-client 0.4.4 in the lockfile does",
        ),
        (
            &["anyio", httpx],
            ">=3.9",
            "the released meadow-client asks for other extras of `anyio`, meadow-client 0.4.4 in the lockfile for others",
        ),
        (
            &[anyio],
            ">=3.9",
            "the released meadow-client does not ask for `httpx` for its extra `web`, meadow-client 0.4.4 in the lockfile does",
        ),
        (
            &[anyio, httpx, "brook; extra == 'gone'"],
            ">=3.9",
            "the released meadow-client asks for `brook` for its extra `gone`, meadow-client 0.4.4 in the lockfile does not",
        ),
        (&["anyio[trio]>=5", httpx], ">=3.9", "meadow-client 0.4.5 asks for `anyio>=5`, but 4.2.0 is locked"),
        (&["anyio[trio] @ https://f.example/anyio.whl", httpx], ">=3.9", "meadow-client 0.4.5 asks for `anyio` by URL"),
        (&[anyio, httpx], ">=3.13", "meadow-client 0.4.5 asks for Python `>=3.13`, but the lockfile also covers 3.12"),
    ] {
        assert_eq!(verdict(LOCK, &metadata("0.4.5", requires, python), None), Verdict::Different(expected.to_owned()));
    }
    let brook = CoreMetadata::parse(b"Name: brook\nVersion: 1").unwrap();
    assert!(matches!(verdict(LOCK, &brook, None), Verdict::Different(_)));
}

#[test]
fn where_a_marker_stands_in_the_way_the_locked_version_decides() {
    let marked =
        ["anyio[trio]", "tomli>=1 ; python_version < \"3.11\"", "httpx; extra == 'web'", "x; extra == 'unused'"];
    let respelled =
        ["httpx; extra == \"web\"", "tomli >=1.0; python_version  < '3.11'", "AnyIO[trio]", "y; extra == 'unused'"];
    let other = ["anyio[trio]", "tomli>=2; python_version < '3.11'", "httpx; extra == 'web'"];
    let new = metadata("0.4.5", &marked, ">=3.9");
    assert_eq!(verdict(LOCK, &new, None), Verdict::NeedsOld);
    for (old, expected) in [
        (metadata("0.4.4", &marked, ">=3.9"), None),
        (metadata("0.4.4", &respelled, ">= 3.9.0"), None),
        (metadata("0.4.4", &other, ">=3.9"), Some("meadow-client 0.4.5 asks for other packages than 0.4.4")),
        (metadata("0.4.4", &marked, ">=3.8"), Some("meadow-client 0.4.5 asks for other versions of Python than 0.4.4")),
        (
            metadata("0.4.3", &marked, ">=3.9"),
            Some("the metadata of meadow-client 0.4.3 does not belong to the locked version"),
        ),
    ] {
        let expected = expected.map_or(Verdict::Same, |reason| Verdict::Different(reason.to_owned()));
        assert_eq!(verdict(LOCK, &new, Some(&old)), expected);
    }
}

#[test]
fn what_the_lockfile_leaves_open_needs_the_locked_version() {
    let new = metadata("0.4.5", &RIGHT, ">=3.9");
    for (from, to) in [
        ("{ name = \"anyio\", extra", "{ name = \"anyio\", marker = \"os_name == 'nt'\", extra"),
        ("requires-python = \">=3.12\"", "requires-python = \"<3.14\""),
    ] {
        assert_eq!(verdict(&LOCK.replace(from, to), &new, None), Verdict::NeedsOld, "{to}");
    }
    let of_itself = metadata("0.4.5", &[RIGHT[0], RIGHT[1], "meadow-client[web]; extra == 'gone'"], ">=3.9");
    assert_eq!(verdict(LOCK, &of_itself, None), Verdict::NeedsOld);
}
