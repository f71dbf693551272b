//! Tables that uv reads of the manifest beside a lockfile alone, in every combination, locked by uv and by this crate.

use super::index::Universe;
use super::random::every;
use super::tool::uv;
use super::workspace::{CLIENT, RELEASES, assert_equal, manifests, ours, write};
use super::*;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Lists of requirements; `@` is the client's version.
const LISTS: [&str; 8] = [
    "",
    "constraint-dependencies = ['Meadow.Client == @', 'brook<3']",
    "constraint-dependencies = [\"meadow-client==@; python_version < '3.13'\", 'pond', 'absent>=1']",
    "override-dependencies = ['meadow-client == @']",
    "override-dependencies = ['meadow-client[web] == @', \"moss; sys_platform == 'win32'\"]",
    "build-constraint-dependencies = ['meadow-client==@', 'setuptools<90']",
    "constraint-dependencies = ['meadow-client == @']\noverride-dependencies = ['reed==1.0']\nbuild-constraint-dependencies = ['meadow-client[web] == @']",
    "exclude-dependencies = ['absent', 'brook']\nconstraint-dependencies = ['meadow-client==@']\ndependency-metadata = [{ name = 'moss', version = '1.0' }, { name = 'absent', requires-dist = ['reed'] }]",
];

/// Limits on the time of upload, and those of which this crate says that only uv can tell.
const LIMITS: [(&str, bool); 9] = [
    ("", true),
    ("exclude-newer = '2026-03-01T00:00:00.981Z'", true),
    ("exclude-newer = '2026-03-01T02:00:01+02:00'", true),
    ("exclude-newer = '2026-03-01T00:00:00.98Z'", false),
    ("exclude-newer = '2026-02-28'", false),
    ("exclude-newer = '2026-03-10'", true),
    ("exclude-newer = '2026-02-20T00:00:00Z'\nexclude-newer-package = { Meadow_Client = false }", true),
    ("exclude-newer = '2 days'\nexclude-newer-package = { meadow-client = false, brook = '1 week' }", true),
    ("exclude-newer = '1 week'", false),
];

/// Other settings that are recorded, or change what is.
const OTHERS: [&str; 4] = [
    "",
    "[tool.uv.dependency-groups]\ntest = { requires-python = '>=3.12' }\n",
    "[tool.uv.dependency-groups]\ntype-checking = { requires-python = '>=3.12,<3.14' }\n",
    "[[tool.uv.dependency-metadata]]\nname = 'reed'\nversion = '1.0'\nprovides-extra = ['dry']\nrequires-dist = [\"brook; extra == 'dry'\"]\n",
];

/// Returns the manifests with settings in the root.
fn with(settings: &str, other: &str, version: &str) -> [(&'static str, String); 2] {
    let [(root, text), api] = manifests(&format!("=={version}"), "0.4.4");
    let settings = settings.replace('@', version);
    let text = text.replace("[tool.uv.workspace]", &format!("[tool.uv]\n{settings}\n\n[tool.uv.workspace]"));
    [(root, format!("{text}\n{other}")), api]
}

#[test]
fn what_uv_reads_of_the_root_alone_moves_as_uv_moves_it() {
    let universe = Arc::new(Universe::of(RELEASES));
    let index = universe.serve();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (mut native, mut left) = (0, 0);
    let cases = LISTS.iter().flat_map(|list| LIMITS.iter().map(move |limit| (list, limit)));
    let cases = cases.flat_map(|(list, limit)| OTHERS.iter().map(move |other| (list, limit, other)));
    // Every value of each, and not every combination.
    for (at, (list, (limit, is_known), other)) in cases.enumerate().step_by(every(17)) {
        // Two notations of one table.
        if list.contains("dependency-metadata") && other.contains("dependency-metadata") {
            continue;
        }
        let settings = format!("{list}\n{limit}");
        let case = folder.path().join(format!("case-{at}"));
        write(&case, &with(&settings, other, "0.4.4"), None);
        let Some(output) = uv(&case, &index, &["lock"]) else { return };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // What was uploaded within the span cannot be locked at all; the days of this index are in the past.
        assert!(output.status.success(), "{settings}\n{other}: {said}");
        let locked = fs::read_to_string(case.join("uv.lock")).unwrap();
        let moved = with(&settings, other, "0.4.6");
        write(&case, &moved, None);
        let read: Manifests = moved.iter().map(|(path, text)| ((*path).into(), manifest(text))).collect();
        let ours = ours(&locked, &read, &universe, &index, "0.4.6");
        let Ok(ours) = ours else {
            assert!(!is_known, "{settings}\n{other}: {ours:?}");
            left += 1;
            continue;
        };
        assert!(is_known, "{settings}\n{other}");
        assert_uv_agrees(&case, &index, &ours, &format!("{settings}\n{other}"));
        native += 1;
    }
    assert!(native > left && left > 0, "{native} {left}");
}

/// Fails if uv would write another lockfile, or not keep this one.
#[track_caller]
fn assert_uv_agrees(folder: &Path, index: &str, ours: &str, case: &str) {
    let output = uv(folder, index, &["lock", "--upgrade-package", &format!("{CLIENT}==0.4.6")]).unwrap();
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    assert_equal(&fs::read_to_string(folder.join("uv.lock")).unwrap(), ours, case);
    fs::write(folder.join("uv.lock"), ours).unwrap();
    let output = uv(folder, index, &["lock", "--check", "--offline"]).unwrap();
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_groups_of_a_root_without_a_package_move_as_uv_moves_them() {
    let universe = Arc::new(Universe::of(RELEASES));
    let index = universe.serve();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for (at, other) in ["", OTHERS[1], "[tool.uv]\nconstraint-dependencies = ['meadow-client==@']\n"].iter().enumerate()
    {
        let root = |version: &str| {
            let groups = "[dependency-groups]\ntest = ['meadow-client[web]==@', 'reed']\ndev = [{ include-group = 'test' }]\nempty = []\n";
            let workspace = "[tool.uv.workspace]\nmembers = ['api']\n";
            let api = "[project]\nname = 'meadow-api'\nversion = '0.4.4'\nrequires-python = '>=3.11'\n".to_owned();
            let text = format!("{groups}\n{other}\n{workspace}").replace('@', version);
            [("pyproject.toml", text), ("api/pyproject.toml", api)]
        };
        let case = folder.path().join(format!("case-{at}"));
        write(&case, &root("0.4.4"), None);
        let Some(output) = uv(&case, &index, &["lock"]) else { return };
        assert!(output.status.success(), "{other}: {}", String::from_utf8_lossy(&output.stderr));
        let locked = fs::read_to_string(case.join("uv.lock")).unwrap();
        let moved = root("0.4.6");
        write(&case, &moved, None);
        let read: Manifests = moved.iter().map(|(path, text)| ((*path).into(), manifest(text))).collect();
        let ours = ours(&locked, &read, &universe, &index, "0.4.6").unwrap();
        assert_uv_agrees(&case, &index, &ours, other);
    }
}
