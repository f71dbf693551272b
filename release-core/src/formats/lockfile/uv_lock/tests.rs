use super::*;
use crate::manifest::TomlString;
use crate::manifest::limit::Limit;
use crate::text::splice;
use proptest::prelude::*;

/// A lockfile as uv writes it, with one example of everything.
const LOCK: &str = r#"version = 1
revision = 3
requires-python = ">=3.12"
resolution-markers = [
    "sys_platform == 'linux'",
    "sys_platform != 'linux'",
]

[options]
exclude-newer = "0001-01-01T00:00:00Z" # This has no effect and is included for backwards compatibility when using relative exclude-newer values.
exclude-newer-span = "P7D"

[options.exclude-newer-package]
brook = { timestamp = "0001-01-01T00:00:00Z", span = "P2W" }
moss = false
reed = "2026-03-15T00:00:00Z"

[manifest]
members = [
    "meadow",
    "meadow-api",
]
overrides = [{ name = "meadow-client", specifier = "==0.4.4" }]

[manifest.dependency-groups]
dev = [{ name = "brook" }]

[[manifest.dependency-metadata]]
name = "moss"
version = "1.0"

[[manifest.dependency-metadata]]
name = "Reed"

[[package]]
name = "meadow"
source = { editable = "." }
dependencies = [
    { name = "meadow-api" },
    { name = "torch", version = "2.8.0+cpu", source = { registry = "https://t.example/cpu" }, marker = "sys_platform == 'linux'" },
]

[package.optional-dependencies]
client = [
    { name = "meadow-client", extra = ["cli"] },
]

[package.metadata]
requires-dist = [
    { name = "meadow-api", editable = "api" },
    { name = "meadow-client", extras = ["cli"], marker = "extra == 'client'", specifier = "==0.4.4" },
    { name = "torch", specifier = ">=2.6", index = "https://t.example/cpu" },
]
provides-extras = ["client"]

[package.metadata.requires-dev]
test = [{ name = "meadow-client", specifier = ">=0.4.4" }]
type-checking = []

[[package]]
name = "meadow-api"
version = "0.4.4"
source = { editable = "api" }

[package.metadata]
requires-dist = [{ name = "anyio", url = "https://h.example/anyio.whl" }]

[[package]]
name = "meadow-client"
version = "0.4.4"
source = { registry = "https://i.example/simple" }
sdist = { url = "https://f.example/a/meadow_client-0.4.4.tar.gz", hash = "sha256:0", size = 12, upload-time = "2026-02-05T17:23:06.688Z" }
wheels = [
    { url = "https://f.example/b/meadow_client-0.4.4%2Bcpu-py3-none-any.whl#sha256=0", hash = "sha256:1", size = 34 },
    { path = "wheels/meadow_client-0.4.4-cp312.whl", hash = "sha256:2" },
    { filename = "meadow_client-0.4.4-cp313.whl", hash = "sha256:3" },
    { hash = "sha256:4" },
]
"#;

fn read(text: &str) -> UvLock {
    UvLock::parse(&SourceText::new(text)).unwrap()
}

/// Reads the text with the full parser.
fn read_in_full(text: &str) -> Result<UvLock, SyntaxError> {
    Ok(read::lock(&tree::from_document(&crate::manifest::toml::parse(&SourceText::new(text))?)))
}

fn value(string: Option<&TomlString>) -> &str {
    string.map_or("", |string| &string.value)
}

#[test]
fn packages_are_read_with_version_source_and_files() {
    let lock = read(LOCK);
    assert_eq!((lock.version, lock.revision), (Some(1), Some(3)));
    let lists: Vec<_> = lock.lists.iter().map(|list| (list.name.as_str(), list.requirements.len())).collect();
    assert_eq!(lists, [("tool.uv.override-dependencies", 1), ("dependency-groups.dev", 1)]);
    assert_eq!(
        lock.recorded.described.iter().map(|entry| entry.name.value.as_str()).collect::<Vec<_>>(),
        ["moss", "Reed"]
    );
    let limits =
        lock.recorded.limits.packages.iter().map(|(name, limit)| format!("{name} {limit}")).collect::<Vec<_>>();
    assert_eq!(lock.recorded.limits.all, Some(Limit::Span("P7D".to_owned())));
    assert_eq!(limits, ["brook P2W", "moss false", "reed 2026-03-15T00:00:00Z"]);
    let packages: Vec<_> = lock
        .packages
        .iter()
        .map(|package| {
            let source = package.source.as_ref().unwrap();
            (&*package.name.value, value(package.version.as_ref()), source.kind, &*source.location.value)
        })
        .collect();
    assert_eq!(
        packages,
        [
            ("meadow", "", SourceKind::Editable, "."),
            ("meadow-api", "0.4.4", SourceKind::Editable, "api"),
            ("meadow-client", "0.4.4", SourceKind::Registry, "https://i.example/simple"),
        ]
    );
    let files: Vec<_> = lock.packages[2].files.iter().map(|file| (file.kind, &*file.name)).collect();
    assert_eq!(
        files,
        [
            (FileKind::Sdist, "meadow_client-0.4.4.tar.gz"),
            (FileKind::Wheel, "meadow_client-0.4.4+cpu-py3-none-any.whl"),
            (FileKind::Wheel, "meadow_client-0.4.4-cp312.whl"),
            (FileKind::Wheel, "meadow_client-0.4.4-cp313.whl"),
        ]
    );
}

#[test]
fn recorded_requirements_are_read_with_all_they_say() {
    let lock = read(LOCK);
    let written = |requirement: &LockedRequirement| {
        let source = requirement.source.as_ref().map(|source| format!("{:?} {}", source.kind, source.location.value));
        let extras: Vec<_> = requirement.extras.iter().map(|extra| &*extra.value).collect();
        [
            &requirement.name.value,
            &extras.join(" "),
            value(requirement.specifier.as_ref()),
            value(requirement.marker.as_ref()),
            value(requirement.index.as_ref()),
            &source.unwrap_or_default(),
        ]
        .join("|")
    };
    let metadata = lock.packages[0].metadata.as_ref().unwrap();
    assert_eq!(
        metadata.requires_dist.iter().map(written).collect::<Vec<_>>(),
        [
            "meadow-api|||||Editable api",
            "meadow-client|cli|==0.4.4|extra == 'client'||",
            "torch||>=2.6||https://t.example/cpu|",
        ]
    );
    let groups: Vec<_> = metadata
        .requires_dev
        .iter()
        .map(|group| (&*group.name, group.requirements.iter().map(written).collect()))
        .collect();
    assert_eq!(groups, [("test", vec!["meadow-client||>=0.4.4|||".to_owned()]), ("type-checking", vec![])]);

    let other = lock.packages[1].metadata.as_ref().unwrap();
    assert_eq!(written(&other.requires_dist[0]), "anyio|||||Url https://h.example/anyio.whl");
    assert!(lock.packages[2].metadata.is_none());
}

#[test]
fn dependencies_and_files_are_read_with_all_they_say() {
    let lock = read(LOCK);
    assert_eq!(value(lock.requires_python.as_ref()), ">=3.12");
    let written = |dependency: &LockedDependency| {
        let extras: Vec<_> = dependency.extras.iter().map(|extra| &*extra.value).collect();
        format!("{} {extras:?} {}", dependency.name.value, value(dependency.marker.as_ref()))
    };
    let meadow = &lock.packages[0];
    assert_eq!(
        meadow.dependencies.iter().map(written).collect::<Vec<_>>(),
        ["meadow-api [] ", "torch [] sys_platform == 'linux'"]
    );
    let [client] = &meadow.optional_dependencies[..] else { panic!("{:?}", meadow.optional_dependencies) };
    assert_eq!((&*client.name, written(&client.dependencies[0])), ("client", "meadow-client [\"cli\"] ".to_owned()));

    let [sdist, wheel, local, ..] = &lock.packages[2].files[..] else { panic!("{:?}", lock.packages[2].files) };
    assert_eq!(sdist.url.as_deref(), Some("https://f.example/a/meadow_client-0.4.4.tar.gz"));
    assert_eq!((sdist.hash.as_deref(), sdist.size), (Some("sha256:0"), Some(12)));
    assert_eq!(sdist.upload_time.as_deref(), Some("2026-02-05T17:23:06.688Z"));
    assert_eq!((wheel.size, &wheel.upload_time, &local.url), (Some(34), &None, &None));
}

#[test]
fn every_place_is_that_of_what_was_read() {
    let lock = read(LOCK);
    for package in &lock.packages {
        assert_eq!(&LOCK[package.span.clone()], "[[package]]");
        let source = package.source.as_ref().map(|source| &source.location);
        for string in [Some(&package.name), package.version.as_ref(), source].into_iter().flatten() {
            assert_eq!(LOCK[string.span.clone()], format!("\"{}\"", string.value));
        }
        for file in &package.files {
            assert!(LOCK[file.span.clone()].starts_with("{ ") && LOCK[file.span.clone()].ends_with('}'));
            assert!(LOCK[file.location.clone()].starts_with('"'));
        }
    }
    let client = &lock.packages[0].metadata.as_ref().unwrap().requires_dist[1];
    assert!(LOCK[client.span.clone()].starts_with("{ name = \"meadow-client\", extras"));
    assert_eq!(&LOCK[client.specifier.as_ref().unwrap().span.clone()], "\"==0.4.4\"");
}

#[test]
fn both_readers_find_the_same_in_what_uv_writes() {
    assert!(plain::read(LOCK).is_ok());
    assert_eq!(read(LOCK), read_in_full(LOCK).unwrap());
}

#[test]
fn a_string_that_uv_does_not_write_is_refused_at_its_place_in_whatever_text() {
    for other in ["", "\"a\\nb\"", "\"\t\""] {
        for (string, at) in [("\"a\nb\"", 2), ("\"a\\\\b\"", 2), ("\"\u{1}\"", 1), ("\"\"\"a\"\"\"", 2), ("\"a", 2)] {
            let text = format!("version = {string}\nname = {other}\n");
            assert_eq!(plain::read(&text).unwrap_err(), "version = ".len() + at, "{text}");
        }
    }
}

#[test]
fn other_spellings_of_the_same_are_read_in_full() {
    let places = |text: &str| {
        let packages = read(text).packages;
        packages.iter().map(|package| text[package.name.span.clone()].to_owned()).collect::<Vec<_>>()
    };
    for (text, names) in [
        ("\u{feff}[[package]]\r\nname = 'a'\r\n", vec!["'a'"]),
        ("[[package]] # one\nname=\"\\u0061\"\n[[package]]\nname = \"b\"", vec!["\"\\u0061\"", "\"b\""]),
        ("package = [{ name = \"a\" }, { version = \"1\" }, 7]", vec!["\"a\""]),
        ("[[package]]\nname = 1\n", vec![]),
        ("package = 1\n", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(places(text), names, "{text}");
    }
}

#[test]
fn what_is_not_toml_is_refused_with_its_place() {
    for (text, at) in [
        ("[[package]]\nname = \"a\"\nname = \"b\"\n", 23),
        ("[[package]]\nname = \"a\n", 21),
        ("[package.metadata]\n[[package]]\n", 21),
        ("a = 1 b = 2\n", 8),
    ] {
        let error = UvLock::parse(&SourceText::new(text)).unwrap_err();
        assert_eq!(error.span.start, at, "{text}: {error:?}");
    }
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    for text in ["a = [".to_owned() + &"[".repeat(100_000), "a = ".to_owned() + &"{ a = ".repeat(100_000)] {
        assert!(UvLock::parse(&SourceText::new(text)).is_err());
    }
}

proptest! {
    #[test]
    fn both_readers_agree_on_damaged_lockfiles(
        damage in prop::collection::vec((0..LOCK.len(), 0usize..30, "[\\PC\n\r\t \"'{}\\[\\]=,.#a-c0-9_-]{0,3}|\\[\\[package\\]\\]\n|\\[(package|manifest|options)\\.(metadata|source)(\\.[a-c])?\\]\n|\\[\\[manifest\\.dependency-metadata\\]\\]\n|true|false"), 1..4),
    ) {
        let mut text = LOCK.to_owned();
        for (at, length, piece) in damage {
            let end = (at + length).min(text.len());
            if text.get(at..end).is_some() {
                text.replace_range(at..end, &piece);
            }
        }
        match (UvLock::parse(&SourceText::new(&*text)), read_in_full(&text)) {
            (Ok(one), Ok(other)) => prop_assert_eq!(one, other, "{}", text),
            (one, other) => prop_assert_eq!(one.is_err(), other.is_err(), "{}", text),
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\PC\\n]{0,80}") {
        let _ = UvLock::parse(&SourceText::new(text));
    }
}

#[test]
fn only_the_version_lines_of_the_local_packages_go() {
    let lock = "version = 1\n\n[[package]]\nname = \"meadow\"\nversion = \"0.4.3\"\nsource = { editable = \".\" }\n\n\
                [[package]]\nname = \"meadow\"\nversion = \"0.4.3\"\nsource = { registry = \"https://index.example/simple\" }\n\n\
                [[package]]\nname = \"meadow-api\"\nversion = \"0.4.3\"\nsource = { directory = \"api\" }\n";
    let source = SourceText::new(lock);
    let edits = without_versions(&source, &["meadow"]).unwrap();
    let expected = lock.replacen("name = \"meadow\"\nversion = \"0.4.3\"\n", "name = \"meadow\"\n", 1);
    assert_eq!(splice(lock, &edits).unwrap(), expected);
    assert_eq!(without_versions(&source, &["meadow", "meadow-api"]).unwrap().len(), 2);
}
