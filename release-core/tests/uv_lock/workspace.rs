//! A typical workspace of a monorepo, locked by uv and by this crate.

use super::index::{Release, Universe};
use super::tool::uv;
use super::*;
use std::fs;
use std::path::Path;
use std::sync::Arc;

pub(crate) const CLIENT: &str = "meadow-client";

/// The requirements of the client in most of its versions.
const REQUIRES: &[&str] = &["brook<3,>=1", "reed[dry]", "pond>=1; extra == 'web'", "moss; extra == 'unused'"];

const fn client(version: &'static str, requires: &'static [&'static str]) -> Release {
    Release::new(CLIENT, version, requires)
}

/// The releases on the index. Comments on the client's versions assume that the newest versions of the packages are
/// locked.
#[rustfmt::skip]
pub(crate) const RELEASES: &[Release] = &[
    Release::new("brook", "1.0", &[]),
    Release::new("brook", "2.0", &[]),
    Release::new("reed", "1.0", &["brook; extra == 'dry'"]),
    Release::new("pond", "1.0", &[]),
    Release::new("moss", "1.0", &[]),
    client("0.4.4", REQUIRES),
    client("0.4.5", &["Brook >=1, <3", "reed[dry]", "pond>=1; extra=='web'"]),
    Release { upload_time: Some("2026-03-01T00:00:00.980000Z"), ..client("0.4.6", REQUIRES) },
    Release { upload_time: Some("2026-03-01T00:00:00.000400Z"), has_size: false, ..client("0.4.7", REQUIRES) },
    Release { upload_time: None, ..client("0.4.8", REQUIRES) },
    Release { files: &["-py3-none-any.whl", "-py2.py3-none-any.whl", "-1-py3-none-any.whl", ".tar.gz"], ..client("0.4.9", REQUIRES) },
    Release { files: &["-py3-none-any.whl"], ..client("0.4.10", REQUIRES) },
    Release { files: &["-py3-none-any.whl", "-cp311-cp311-win32.whl", "-cp27-cp27m-win32.whl", ".tar.gz"], ..client("0.4.11", REQUIRES) },
    Release { python: ">=3.12", ..client("0.4.12", REQUIRES) },
    Release { python: ">=3.10,<4", ..client("0.4.13", REQUIRES) },
    client("0.4.14", &["brook<2", "reed[dry]", "pond>=1; extra == 'web'"]),
    client("0.4.15", &["brook", "reed", "pond>=1; extra == 'web'"]),
    client("0.4.16", &["brook", "reed[dry]", "moss", "pond; extra == 'web'"]),
    client("0.4.17", &["brook", "reed[dry]", "pond; extra == 'other'"]),
    client("0.4.18", &["brook", "reed[dry]"]),
    client("0.4.19", &["brook", "reed[dry]", "pond; extra == 'web'", "moss; python_version < '3.0'"]),
    client("0.4.20", &["brook", "reed[dry]", "pond; extra == 'web'", "moss; sys_platform == 'win32'"]),
    client("0.5.0rc1", REQUIRES),
    client("0.5.0", REQUIRES),
];

/// Starting from the lockfile of 0.4.4: the version, the pin, and `true` if uv is not needed.
#[rustfmt::skip]
const CASES: &[(&str, &str, bool)] = &[
    ("0.4.4",    "==0.4.4",           true),
    ("0.4.5",    "==0.4.5",           true),
    ("0.4.6",    ">= 0.4.6,!=0.4.12", true),
    ("0.4.6",    ">= 0.4.6",          false),
    ("0.4.7",    "~=0.4.7, !=0.4.12", true),
    ("0.4.7",    "~=0.4.7",           false),
    ("0.4.8",    "<0.6,!=0.4.12,>=0.4.1.0,!=0.3.*", true),
    ("0.4.9",    "==0.4.*,<0.4.12",   true),
    ("0.4.5",    "<=0.4.5,>=0.4.5",   true),
    ("0.4.5",    ">=0.4.5,<=0.4.5",   true),
    ("0.4.6",    "<0.4.7,>=0.4.5,>0.4.5,!=0.4.5,~=0.4.5,<=0.4.7,!=0.4.7,!=0.3.*,!=0.3", true),
    ("0.4.6",    "!=0.3,!=0.3.0.*,!=0.3.*,==0.4.6,===0.4.6,==0.4.6.*", true),
    ("0.4.4",    ">=0.4.0",           false),
    ("0.4.4",    ">=0.4.0,<0.4.12",   true),
    ("0.4.13",   ">=0.4.13",          true),
    ("0.4.10",   "==0.4.10",          false),
    ("0.4.11",   "==0.4.11",          false),
    ("0.4.12",   "==0.4.12",          false),
    ("0.4.13",   "==0.4.13",          true),
    ("0.4.14",   "==0.4.14",          false),
    ("0.4.15",   "==0.4.15",          false),
    ("0.4.16",   "==0.4.16",          false),
    ("0.4.17",   "==0.4.17",          false),
    ("0.4.18",   "==0.4.18",          false),
    ("0.4.19",   "==0.4.19",          false),
    ("0.4.20",   "==0.4.20",          false),
    ("0.5.0rc1", "==0.5.0rc1",        true),
    ("0.5.0rc1", ">=0.4.20.dev0",     true),
    ("0.5.0rc1", ">=0.4.20",          false),
    ("0.5.0",    "===0.5.0",          true),
    ("0.5.0",    "==0.4.4",           false),
];

/// A package whose version only its build knows, as with setuptools-scm.
const BACKEND: &str = r#"
import pathlib, tomllib

def prepare_metadata_for_build_editable(folder, config=None):
    project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
    lines = ["Metadata-Version: 2.1", "Name: meadow", "Version: 1.0.dev3", "Requires-Python: >=3.11"]
    lines += ["Requires-Dist: " + wanted for wanted in project["dependencies"]]
    for extra, all_wanted in project["optional-dependencies"].items():
        lines += ["Provides-Extra: " + extra]
        lines += [f"Requires-Dist: {wanted} ; extra == '{extra}'" for wanted in all_wanted]
    info = pathlib.Path(folder, "meadow-1.0.dev3.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    return info.name

prepare_metadata_for_build_wheel = prepare_metadata_for_build_editable
"#;

pub(crate) fn manifests(pin: &str, api: &str) -> [(&'static str, String); 2] {
    let root = format!(
        r#"[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "Meadow"
dynamic = ["version"]
requires-python = ">=3.11"
dependencies = ["brook>=1,<3", "meadow_api", 'moss ; sys_platform=="win32"']

[project.optional-dependencies]
client = ["{CLIENT}{pin}"]

[dependency-groups]
test = ["meadow_client[web] {pin}", "reed"]
type_checking = [{{ include-group = "test" }}]

[tool.uv.workspace]
members = ["api"]

[tool.uv.sources]
meadow-api = {{ workspace = true }}
"#
    );
    let api = format!("[project]\nname = \"meadow-api\"\nversion = \"{api}\"\nrequires-python = \">=3.11\"\n");
    [("pyproject.toml", root), ("api/pyproject.toml", api)]
}

pub(crate) fn write(folder: &Path, manifests: &[(&str, String)], lock: Option<&str>) {
    fs::create_dir_all(folder.join("api")).unwrap();
    for (path, text) in manifests {
        fs::write(folder.join(path), text).unwrap();
    }
    fs::write(folder.join("backend.py"), BACKEND).unwrap();
    if let Some(lock) = lock {
        fs::write(folder.join("uv.lock"), lock).unwrap();
    }
}

/// Returns this crate's lockfile, from the documents of the index.
pub(crate) fn ours(
    lock_text: &str,
    manifests: &Manifests,
    universe: &Universe,
    index: &str,
    version: &str,
) -> Result<String, String> {
    let lock = UvLock::parse(&SourceText::new(lock_text)).unwrap();
    let parsed: Version = version.parse().unwrap();
    let workspace = workspace_of(&lock, manifests);
    let wanted = Wanted { client: CLIENT, version: &parsed };
    let Need::Entry(entry) = needs(&lock, &workspace, &[wanted]).map_err(|error| error.reason)?[0] else {
        return relocked(lock_text, manifests, CLIENT, version, None);
    };
    let metadata = |version: &str| {
        let release = RELEASES.iter().find(|release| release.name == CLIENT && release.version == version).unwrap();
        CoreMetadata::parse(release.metadata().as_bytes()).unwrap()
    };
    let (new, old) = (metadata(version), metadata(&entry.version.as_ref().unwrap().value));
    match same_requirements(&lock, entry, &new, Some(&old)) {
        Verdict::Same => {}
        Verdict::Different(reason) => return Err(reason),
        Verdict::NeedsOld => return Err("no verdict".to_owned()),
    }
    let page = Page::parse(universe.page(CLIENT), CLIENT).unwrap();
    runs_everywhere(&lock, &workspace, CLIENT, &page).map_err(|error| error.reason)?;
    let base = format!("{index}/{CLIENT}/");
    let file = |file: &release_core::registry::simple::File| NewFile {
        kind: file.kind,
        url: join(&base, &file.url).unwrap(),
        sha256: file.sha256.clone().unwrap(),
        size: file.size,
        upload_time: file.upload_time.clone(),
    };
    relocked(lock_text, manifests, CLIENT, version, Some(page.of(&parsed).map(file).collect()))
}

#[test]
fn what_needs_no_uv_is_what_uv_writes() {
    let universe = Arc::new(Universe::of(RELEASES));
    let index = universe.serve();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let first = folder.path().join("first");
    write(&first, &manifests("==0.4.4", "0.4.4"), None);
    let Some(output) = uv(&first, &index, &["lock"]) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let locked = fs::read_to_string(first.join("uv.lock")).unwrap();
    assert!(locked.contains("meadow_client-0.4.4.tar.gz"), "{locked}");

    for (at, (version, pin, is_native)) in CASES.iter().enumerate() {
        // Half of the releases move a static version of the tree too.
        let manifests = manifests(pin, if at % 2 == 0 { "0.4.4" } else { version });
        let read: Manifests = manifests.iter().map(|(path, text)| ((*path).into(), manifest(text))).collect();
        let native = ours(&locked, &read, &universe, &index, version);
        assert_eq!(native.is_ok(), *is_native, "{version} {pin}: {native:?}");
        let Ok(native) = native else { continue };

        let case = folder.path().join(format!("case-{at}"));
        write(&case, &manifests, Some(&locked));
        let wanted = format!("{CLIENT}=={version}");
        let output = uv(&case, &index, &["lock", "--upgrade-package", &wanted]).unwrap();
        assert!(output.status.success(), "{version} {pin}: {}", String::from_utf8_lossy(&output.stderr));
        let written = fs::read_to_string(case.join("uv.lock")).unwrap();
        assert_equal(&written, &native, &format!("{version} {pin}"));

        assert_eq!(relocked(&native, &read, CLIENT, version, None).as_ref(), Ok(&native), "{version} {pin}");
        // uv would keep it; a third of the cases is enough to show that.
        if at % 3 > 0 {
            continue;
        }
        fs::write(case.join("uv.lock"), &native).unwrap();
        let output = uv(&case, &index, &["lock", "--check", "--offline"]).unwrap();
        assert!(output.status.success(), "{version} {pin}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Fails with the first lines that differ.
#[track_caller]
pub(crate) fn assert_equal(uv: &str, ours: &str, case: &str) {
    let lines: Vec<_> = uv.lines().zip(ours.lines()).filter(|(uv, ours)| uv != ours).take(5).collect();
    assert!(uv == ours, "{case}: uv, ours: {lines:#?}");
}

#[test]
fn how_the_versions_stand_is_read_off_the_page() {
    let universe = Universe::of(RELEASES);
    let page = Page::parse(universe.page(CLIENT), CLIENT).unwrap();
    for (version, expected) in [
        ("0.4.5", Standing::Published),
        ("0.4.10", Standing::Incomplete("the source distribution")),
        ("0.9.0", Standing::Absent),
    ] {
        assert_eq!(page.standing(&version.parse().unwrap()), expected, "{version}");
    }
    assert!(page.files.iter().all(|file| file.kind == FileKind::Sdist || file.has_metadata));
}
