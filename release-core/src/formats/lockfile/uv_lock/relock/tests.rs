use super::*;
use crate::monorepo::Manifest;
use crate::registry::file_name::FileKind;
use crate::text::splice;
use camino::Utf8Path;
use proptest::prelude::*;

mod settings;

const MANIFEST: &str = r#"[build-system]
requires = []

[project]
name = "meadow"
dynamic = ["version"]
dependencies = ["anyio>=4", "meadow-api", "colorama; sys_platform == 'win32'"]

[project.optional-dependencies]
client = ["meadow-client==0.4.4", "brook"]

[dependency-groups]
test = ["meadow_client[web] == 0.4.4"]
dev = [{ include-group = "test" }]

[tool.uv.sources]
meadow-api = { path = "api", editable = true }
"#;

const API: &str = "[project]\nname = \"meadow-api\"\nversion = \"0.4.4\"\n";

const LOCK: &str = r#"version = 1
revision = 3
requires-python = ">=3.12"

[[package]]
name = "anyio"
version = "4.2.0"
source = { registry = "https://i.example/simple" }

[[package]]
name = "meadow"
source = { editable = "." }

[package.metadata]
requires-dist = [
    { name = "anyio", specifier = ">=4" },
    { name = "brook", marker = "extra == 'client'" },
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "meadow-api", editable = "api" },
    { name = "meadow-client", marker = "extra == 'client'", specifier = "==0.4.4" },
]
provides-extras = ["client"]

[package.metadata.requires-dev]
dev = [{ name = "meadow-client", extras = ["web"], specifier = "==0.4.4" }]
test = [{ name = "meadow-client", extras = ["web"], specifier = "==0.4.4" }]

[[package]]
name = "meadow-api"
version = "0.4.4"
source = { editable = "api" }

[[package]]
name = "meadow-client"
version = "0.4.4"
source = { registry = "https://i.example/simple" }
dependencies = [
    { name = "anyio" },
]
sdist = { url = "https://f.example/a/meadow_client-0.4.4.tar.gz", hash = "sha256:0", size = 12, upload-time = "2026-02-05T17:23:06.688Z" }
wheels = [
    { url = "https://f.example/b/meadow_client-0.4.4-py3-none-any.whl", hash = "sha256:1", size = 34 },
]
"#;

/// Returns the files of a version, as an index gives them.
fn files(version: &str) -> Vec<NewFile> {
    let file = |kind, ending: &str, folder: char| NewFile {
        kind,
        url: format!("https://f.example/{folder}/meadow_client-{version}{ending}"),
        sha256: folder.to_string().repeat(64),
        size: Some(56),
        upload_time: Some("2026-03-01T00:00:00.980000Z".to_owned()),
    };
    vec![file(FileKind::Wheel, "-py3-none-any.whl", 'c'), file(FileKind::Sdist, ".tar.gz", 'd')]
}

fn manifest(text: &str) -> Manifest {
    let source = SourceText::new(text);
    Manifest::parse(source).unwrap()
}

struct Scene {
    lock: String,
    manifest: Manifest,
    api: Manifest,
}

impl Scene {
    fn new(lock: &str, root: &str, api: &str) -> Self {
        Self { lock: lock.to_owned(), manifest: manifest(root), api: manifest(api) }
    }

    /// Returns a lockfile with everything at 0.4.4, and the manifests at this version.
    fn at(version: &str) -> Self {
        Self::new(LOCK, &MANIFEST.replace("0.4.4", version), API)
    }

    fn relock(&self, version: &str, files: Vec<NewFile>) -> Result<String, String> {
        let source = SourceText::new(&*self.lock);
        let lock = UvLock::parse(&source).unwrap();
        let version = version.parse().unwrap();
        let wanted = [Locked { client: "meadow-client", version: &version, files: Some(files) }];
        let edits = relock(&source, &lock, &self.workspace(&lock), &wanted).map_err(|error| error.reason)?;
        Ok(splice(&self.lock, &edits).unwrap())
    }

    fn need(&self, version: &str) -> Result<&'static str, String> {
        let lock = UvLock::parse(&SourceText::new(&*self.lock)).unwrap();
        let version = version.parse().unwrap();
        let wanted = Wanted { client: "meadow-client", version: &version };
        needs(&lock, &self.workspace(&lock), &[wanted]).map_err(|error| error.reason).map(|needs| match needs[0] {
            Need::Nothing => "nothing",
            Need::Recorded => "recorded",
            Need::Entry(_) => "entry",
        })
    }

    fn workspace<'a>(&'a self, lock: &'a UvLock) -> Workspace<'a> {
        let manifests = [("pyproject.toml", &self.manifest), ("api/pyproject.toml", &self.api)];
        let manifests = manifests.map(|(path, manifest)| (Utf8Path::new(path), Some(&manifest.read)));
        Workspace::of("uv.lock".into(), lock, manifests.into())
    }
}

#[test]
fn the_specifiers_the_version_and_the_files_change_and_nothing_else() {
    let relocked = Scene::at("0.4.5").relock("0.4.5", files("0.4.5")).unwrap();
    let line = |kind: char, end: &str| {
        let hash = kind.to_string().repeat(64);
        format!(
            "{{ url = \"https://f.example/{kind}/meadow_client-0.4.5{end}\", hash = \"sha256:{hash}\", size = 56, \
             upload-time = \"2026-03-01T00:00:00.98Z\" }}"
        )
    };
    let start = LOCK.find("sdist = ").unwrap();
    let head = LOCK[..start]
        .replace("==0.4.4", "==0.4.5")
        .replace("name = \"meadow-client\"\nversion = \"0.4.4\"", "name = \"meadow-client\"\nversion = \"0.4.5\"");
    let (sdist, wheel) = (line('d', ".tar.gz"), line('c', "-py3-none-any.whl"));
    assert_eq!(relocked, format!("{head}sdist = {sdist}\nwheels = [\n    {wheel},\n]\n"));
}

#[test]
fn what_it_takes_is_told_without_an_index() {
    for (manifest, api, version, expected) in [
        ("0.4.4", API, "0.4.4", "nothing"),
        ("0.4.4", API, "0.4.4.0", "nothing"),
        ("0.4.5", API, "0.4.5", "entry"),
        ("0.4.4.0", API, "0.4.4", "nothing"),
        ("0.4.4", &*API.replace("0.4.4", "0.4.5"), "0.4.4", "recorded"),
    ] {
        let scene = Scene::new(LOCK, &MANIFEST.replace("0.4.4", manifest), api);
        assert_eq!(scene.need(version).as_deref(), Ok(expected), "{manifest} {version}");
    }
    let looser = Scene::new(LOCK, &MANIFEST.replace("== 0.4.4", ">=0.4.0").replace("==0.4.4", ">=0.4.0"), API);
    // The other admitted versions must be known: see the next test.
    assert_eq!(looser.need("0.4.4").as_deref(), Ok("entry"));
    assert_eq!(looser.need("0.4.5").as_deref(), Ok("entry"));
    let same = UvLock::parse(&SourceText::new(looser.relock("0.4.4", files("0.4.4")).unwrap())).unwrap();
    assert_eq!(same.packages[3].version.as_ref().unwrap().value, "0.4.4");
}

#[test]
fn a_version_that_is_admitted_too_may_not_need_a_newer_python() {
    let page = |python: &str| {
        let files = format!(
            r#"[{{"filename":"meadow_client-0.4.4.tar.gz","url":"a"}},{{"filename":"meadow_client-0.4.9.tar.gz","url":"b","requires-python":"{python}"}}]"#
        );
        let text = format!(r#"{{"meta":{{"api-version":"1.0"}},"name":"meadow-client","files":{files}}}"#);
        Page::parse(text.as_bytes(), "meadow-client").unwrap()
    };
    let floating = MANIFEST.replace("== 0.4.4", ">=0.4").replace("==0.4.4", ">=0.4");
    let bounded = floating.replace(">=0.4", ">=0.4,<0.4.9");
    let half = MANIFEST.replace("== 0.4.4", ">=0.4");
    let refusal = "the manifests admit meadow-client 0.4.9 too, which does not run on Python 3.12: uv may divide the lockfile by it";
    for (manifest, python, refused) in [
        (MANIFEST, ">=3.13", false),
        (&*half, ">=3.13", false),
        (&*bounded, ">=3.13", false),
        (&*floating, ">=3.12", false),
        (&*floating, ">=3.13", true),
        (&*floating, "three", true),
    ] {
        let scene = Scene::new(LOCK, manifest, API);
        let lock = UvLock::parse(&SourceText::new(LOCK)).unwrap();
        let found = runs_everywhere(&lock, &scene.workspace(&lock), "meadow-client", &page(python));
        assert_eq!(found.err().map(|error| error.reason), refused.then(|| refusal.to_owned()), "{python}");
    }
}

#[test]
fn the_version_of_a_static_package_follows_its_manifest() {
    let scene = Scene::new(LOCK, MANIFEST, &API.replace("0.4.4", "0.4.5"));
    let expected =
        LOCK.replace("name = \"meadow-api\"\nversion = \"0.4.4\"", "name = \"meadow-api\"\nversion = \"0.4.5\"");
    assert_eq!(scene.relock("0.4.4", Vec::new()), Ok(expected));
}

#[test]
fn a_specifier_is_written_as_uv_would() {
    let wanted = MANIFEST.replace("== 0.4.4", "<0.5, >= 0.4.1.0").replace("==0.4.4", "<0.5, >= 0.4.1.0");
    let relocked = Scene::new(LOCK, &wanted, API).relock("0.4.4", files("0.4.4")).unwrap();
    assert_eq!(relocked.matches("specifier = \">=0.4.1.0,<0.5\"").count(), 3);
}

#[test]
fn revisions_without_upload_times_get_none() {
    let old =
        LOCK.replace("revision = 3\n", "revision = 1\n").replace(", upload-time = \"2026-02-05T17:23:06.688Z\"", "");
    for lock in [old.clone(), old.replace("revision = 1\n", "")] {
        let relocked = Scene { lock, ..Scene::at("0.4.5") }.relock("0.4.5", files("0.4.5")).unwrap();
        assert!(!relocked.contains("upload-time") && relocked.contains("size = 56 }"), "{relocked}");
    }
}

#[test]
fn wheels_are_sorted_by_their_names_and_optional_values_left_out() {
    let mut new = files("0.4.5");
    new[0].size = None;
    new[0].upload_time = None;
    let universal = new[0].url.replace("py3", "py2.py3");
    new.push(NewFile { url: universal.replace("/c/", "/z/"), ..new[0].clone() });
    let relocked = Scene::at("0.4.5").relock("0.4.5", new).unwrap();
    let hash = "c".repeat(64);
    let expected = format!(
        "wheels = [\n    {{ url = \"{}\", hash = \"sha256:{hash}\" }},\n    {{ url = \"{}\", hash = \"sha256:{hash}\" }},\n]\n",
        universal.replace("/c/", "/z/"),
        universal.replace("py2.", "")
    );
    assert!(relocked.ends_with(&expected), "{relocked}");
}

#[test]
fn a_lockfile_that_is_right_gets_no_edits_however_it_is_spelled() {
    for lock in [LOCK.to_owned(), LOCK.replace('\n', "\r\n"), format!("{LOCK}# end\n")] {
        let scene = Scene { lock: lock.clone(), ..Scene::at("0.4.4") };
        assert_eq!(scene.relock("0.4.4", Vec::new()), Ok(lock));
    }
}

#[test]
fn what_cannot_be_told_of_the_lockfile_is_refused_with_its_reason() {
    let entry = &LOCK[LOCK.find("[[package]]\nname = \"meadow-client\"").unwrap()..];
    let twice = format!("{LOCK}\n{entry}");
    for (lock, reason) in [
        (LOCK.replace('\n', "\r\n"), "the lockfile has line endings that uv does not write"),
        (format!("# by hand\n{LOCK}"), "line 1 of the lockfile is not as uv writes it: `# by hand`"),
        (
            LOCK.replace("revision = 3", "revision = 3 # mine"),
            "line 2 of the lockfile is not as uv writes it: `revision = 3 # mine`",
        ),
        (
            LOCK.replacen("version = 1", "version = 2", 1),
            "the lockfile is of version 2 of its format, and this tool knows version 1: only the uv that wrote it can write it",
        ),
        (LOCK.replacen("version = 1\n", "", 1), "the lockfile does not say of which version of its format it is"),
        (
            LOCK.replace("name = \"meadow-client\"\nversion", "name = \"other\"\nversion"),
            "the lockfile has no `meadow-client`",
        ),
        (twice, "the lockfile has several versions of `meadow-client`"),
        (
            LOCK.replace(
                "source = { registry = \"https://i.example/simple\" }\ndependencies",
                "source = { url = \"x\" }\ndependencies",
            ),
            "`meadow-client` does not come from an index",
        ),
        (
            LOCK.replace("\"meadow-client\"\nversion = \"0.4.4\"", "\"meadow-client\"\nversion = \"x\""),
            "the entry of `meadow-client` has no version that can be read",
        ),
        (
            LOCK.replace("4.2.0\"\nsource", "4.2.0\"\ndependencies = [{ name = \"meadow-client\" }]\nsource"),
            "`anyio` asks for `meadow-client` too, of which version only uv knows",
        ),
        (
            LOCK.replace("\"api\"", "\"elsewhere\""),
            "`meadow-api` is built from `elsewhere`, whose pyproject.toml was not read",
        ),
        (
            LOCK.replace("    { name = \"brook\", marker = \"extra == 'client'\" },\n", ""),
            "the lockfile's record of `brook` differs from `project.optional-dependencies.client` of pyproject.toml",
        ),
        (
            LOCK.replace("sys_platform", "os_name"),
            "the lockfile's record of `colorama` differs from `project.dependencies` of pyproject.toml",
        ),
        (LOCK.replace(">=4", ">=4.0"), "pyproject.toml and the lockfile spell the specifier of `anyio` differently"),
        (
            LOCK.replace("'client'\", specifier = \"==0.4.4\"", "'client'\", specifier = \"==0.4.5.0\""),
            "pyproject.toml and the lockfile spell the specifier of `meadow-client` differently",
        ),
        (
            LOCK.replace("version = \"0.4.4\"\nsource = { editable", "source = { editable"),
            "the lockfile has no version of `meadow-api`, but api/pyproject.toml has one",
        ),
        (
            LOCK.replace("\"meadow\"\n", "\"meadow\"\nversion = \"0.4.4\"\n"),
            "the lockfile has 0.4.4 of `meadow`, but pyproject.toml has no version",
        ),
        (
            LOCK.replace(
                "marker = \"extra == 'client'\", specifier",
                "extras = [\"x\"], marker = \"extra == 'client'\", specifier",
            ),
            "the lockfile records `meadow-client` of `project.optional-dependencies.client` in pyproject.toml not at all, or with other extras or markers",
        ),
        (
            LOCK.replace("[\"web\"], specifier = \"==0.4.4\" }]\ntest", "[\"web\"] }]\ntest"),
            "the lockfile records `meadow-client` of `dependency-groups.dev` in pyproject.toml without a specifier",
        ),
        (
            LOCK.replace("size = 34 }", "size = 34, zstd = 1 }"),
            "the files of `meadow-client` are not spelled as uv spells them",
        ),
        (
            LOCK.replace(", size = 34 },\n", ", size = 34 }\n"),
            "the files of `meadow-client` are not spelled as uv spells them",
        ),
        (
            LOCK.replace("{ url = \"https://f.example/b/", "{ path = \"b/"),
            "`meadow-client` has files without address or hash",
        ),
        (
            LOCK.replace("py3-none-any", "cp312-cp312-win32"),
            "`meadow_client-0.4.4-cp312-cp312-win32.whl` is not for every platform: only uv decides which of such wheels are locked",
        ),
    ] {
        let refused = Scene { lock, ..Scene::at("0.4.5") }.relock("0.4.5", files("0.4.5"));
        assert_eq!(refused, Err(reason.to_owned()));
    }
}

#[test]
fn what_cannot_be_told_of_the_manifests_is_refused_with_its_reason() {
    let at = MANIFEST.replace("0.4.4", "0.4.5");
    for (manifest, reason) in [
        (
            at.replace("== 0.4.5", "==0.4.4"),
            "pyproject.toml asks for `meadow_client[web] ==0.4.4`, which does not admit 0.4.5",
        ),
        (
            at.replace("anyio>=4", "anyio>=5"),
            "the lockfile's record of `anyio` differs from `project.dependencies` of pyproject.toml",
        ),
        (at.replace("== 0.4.5", "~ 0.4.5"), "`meadow_client[web] ~ 0.4.5` in pyproject.toml cannot be read"),
        (
            at.replace("\"brook\"", "\"brook\", \"meadow-client>=0.4\""),
            "the lockfile records `meadow-client` of `project.optional-dependencies.client` in pyproject.toml where the manifest has several specifiers, or none",
        ),
        (
            at.replace("client==0.4.5", "client"),
            "the lockfile records `meadow-client` of `project.optional-dependencies.client` in pyproject.toml where the manifest has several specifiers, or none",
        ),
    ] {
        assert_eq!(Scene::new(LOCK, &manifest, API).relock("0.4.5", files("0.4.5")), Err(reason.to_owned()));
    }
    let api = API.replace("\"0.4.4\"", "\"0.4.4\"\ndependencies = [\"anyio\"]");
    let reason = "the lockfile has no requirements of `meadow-api`, but api/pyproject.toml has";
    assert_eq!(Scene::new(LOCK, &at, &api).relock("0.4.5", files("0.4.5")), Err(reason.to_owned()));
    let floating = MANIFEST.replace("== 0.4.4", ">=0.4").replace("==0.4.4", ">=0.4");
    let reason = "pyproject.toml asks for `meadow_client[web] >=0.4`, which does not admit 0.5.0rc1";
    assert_eq!(Scene::new(LOCK, &floating, API).need("0.5.0rc1"), Err(reason.to_owned()));
}

#[test]
fn what_an_index_may_not_say_is_refused_with_its_reason() {
    let change = |change: &dyn Fn(&mut Vec<NewFile>)| {
        let mut files = files("0.4.5");
        change(&mut files);
        Scene::at("0.4.5").relock("0.4.5", files).unwrap_err()
    };
    for (reason, refused) in [
        ("the released meadow-client has no wheel, but the locked one has", change(&|files| drop(files.remove(0)))),
        (
            "the released meadow-client has no source distribution, but the locked one has",
            change(&|files| drop(files.remove(1))),
        ),
        ("the released meadow-client has 2 source distributions", change(&|files| files.push(files[1].clone()))),
        (
            "`meadow_client-0.4.5-cp312-cp312-win32.whl` is not for every platform: only uv decides which of such wheels are locked",
            change(&|files| files[0].url = files[0].url.replace("py3-none-any", "cp312-cp312-win32")),
        ),
        (
            "the index gives no SHA-256 of `meadow_client-0.4.5-py3-none-any.whl`",
            change(&|files| files[0].sha256.make_ascii_uppercase()),
        ),
        (
            "uv would write the address of `a\".whl` differently",
            change(&|files| files[0].url = "https://f.example/a\".whl".to_owned()),
        ),
        ("uv would write the address of `a.whl` differently", change(&|files| files[0].url = "../a.whl".to_owned())),
        (
            "the size of `meadow_client-0.4.5-py3-none-any.whl` is out of range",
            change(&|files| files[0].size = Some(u64::MAX)),
        ),
        (
            "`meadow_client-0.4.5-py3-none-any.whl` was uploaded at `yesterday`, which is not in UTC",
            change(&|files| files[0].upload_time = Some("yesterday".to_owned())),
        ),
    ] {
        assert_eq!(refused, reason);
    }
    let lock = UvLock::parse(&SourceText::new(LOCK)).unwrap();
    let scene = Scene::at("0.4.5");
    let version = "0.4.5".parse().unwrap();
    let wanted = [Locked { client: "meadow-client", version: &version, files: None }];
    let refused = relock(&SourceText::new(LOCK), &lock, &scene.workspace(&lock), &wanted).unwrap_err();
    assert_eq!(refused.reason, "the files of meadow-client 0.4.5 are not known");
}

#[test]
fn extras_that_include_others_are_left_to_uv_where_they_change() {
    let manifest = MANIFEST.replace("client = [", "all = [\"meadow[client]\"]\nclient = [");
    let flattened = LOCK.replace(
        "    { name = \"meadow-client\", marker = \"extra == 'client'\"",
        "    { name = \"brook\", marker = \"extra == 'all'\" },\n    { name = \"meadow-client\", marker = \"extra == 'all'\", specifier = \"==0.4.4\" },\n    { name = \"meadow-client\", marker = \"extra == 'client'\"",
    );
    let flattened = flattened.replace("[\"client\"]", "[\"all\", \"client\"]");
    assert_eq!(Scene::new(&flattened, &manifest, API).need("0.4.4").as_deref(), Ok("nothing"));
    let reason = "`project.optional-dependencies.all` of pyproject.toml includes an extra with `meadow-client`";
    let moved = Scene::new(&flattened, &manifest.replace("0.4.4", "0.4.5"), API);
    assert_eq!(moved.need("0.4.5"), Err(reason.to_owned()));
}

proptest! {
    #[test]
    fn twice_is_once_and_there_and_back_gives_the_same_bytes(
        patch in 5u32..2000, other in prop::sample::select(vec![".post1", "rc2", ""]), folder in "[a-z]{1,12}",
    ) {
        let version = format!("0.4.{patch}{other}");
        let mut new = files(&version);
        new.iter_mut().for_each(|file| file.url = file.url.replace("example/", &format!("example/{folder}/")));
        let first = Scene::at("0.4.3").relock("0.4.3", files("0.4.3")).unwrap();
        let there = |lock: &str, version: &str, files: Vec<NewFile>| {
            Scene { lock: lock.to_owned(), ..Scene::at(version) }.relock(version, files)
        };
        let moved = there(&first, &version, new.clone()).unwrap();
        let again = there(&moved, &version, Vec::new());
        prop_assert_eq!(again.as_ref(), Ok(&moved));
        prop_assert_eq!(there(&moved, "0.4.3", files("0.4.3")), Ok(first));
    }

    #[test]
    fn a_damaged_lockfile_is_refused_or_changed_in_its_spans_alone(
        at in 0..LOCK.len(), length in 0usize..20, piece in "[\\PC\n\" {}\\[\\]=,.#a-c0-9]{0,4}",
    ) {
        let mut lock = LOCK.to_owned();
        let end = (at + length).min(lock.len());
        lock.replace_range(at..end, &piece);
        let source = SourceText::new(&*lock);
        if let Ok(read) = UvLock::parse(&source) {
            let scene = Scene { lock, ..Scene::at("0.4.5") };
            let version = "0.4.5".parse().unwrap();
            let wanted = [Locked { client: "meadow-client", version: &version, files: Some(files("0.4.5")) }];
            if let Ok(edits) = relock(&source, &read, &scene.workspace(&read), &wanted) {
                prop_assert!(splice(source.as_str(), &edits).is_ok());
            }
        }
    }
}
