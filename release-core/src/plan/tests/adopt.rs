//! Moves of trees to setuptools-scm.

use super::*;
use crate::history::TagPattern;
use crate::history::{History, Tag};
use crate::plan::PlannedKind;
use crate::plan::adopt::{Adoption, Fallback, Ground, adopt};
use crate::version::Line;
use expect_test::{Expect, expect};

const ROOT: &str = "[build-system]
requires = [\"setuptools>=61.0\"] # no wheel
build-backend = \"setuptools.build_meta\"

[project]
name = \"meadow\"
version = \"0.4.3\" # moved by hand
dependencies = [\"meadow-api>=0.4.3\"]
[project.optional-dependencies]
client = [\"meadow-client==0.4.3\"]
";
const API: &str = "[build-system]
requires = [
    'setuptools',
]

[project]
name = \"meadow-api\"
dynamic = [\"readme\"]
version = \"0.4.3\"
";
const LOCK: &str = "version = 1

[[package]]
name = \"meadow\"
version = \"0.4.3\"
source = { editable = \".\" }

[[package]]
name = \"meadow-api\"
version = \"0.4.3\"
source = { editable = \"src/meadow_api\" }

[[package]]
name = \"meadow-client\"
version = \"0.4.3\"
source = { registry = \"https://pypi.example/simple\" }
";
const LINE: Ground = Ground::Line(Line { major: 0, minor: 4 });

fn given(version: &str) -> Ground {
    Ground::Given(version.parse().unwrap())
}

/// Returns the plan for a tree in a repository with these tags, or the problems.
fn adoption(files: Files<'_>, tags: &str, ground: &Ground) -> Result<Adoption, String> {
    let monorepo = discovered(files, "", tags).map_err(|problems| noted(&problems, files))?;
    let tag = |name: &str| Tag { name: name.to_owned(), commit: "0".to_owned() };
    let history = History::new(&tags.split(' ').map(tag).collect::<Vec<_>>(), &TagPattern::default());
    let locks = files.iter().filter(|(path, _)| path.ends_with("uv.lock"));
    let locks: Locks = locks.map(|(path, text)| ((*path).into(), SourceText::new(*text))).collect();
    adopt(&monorepo, &history, ground, &locks).map_err(|problems| noted(&problems, files))
}

/// Returns the files of a tree that has moved. A second move finds nothing to do, for any next version.
#[track_caller]
fn adopted(files: Files<'_>, ground: &Ground) -> Vec<String> {
    let plan = adoption(files, TAGS_OF_LINE, ground).unwrap_or_else(|problems| panic!("{problems}"));
    let text = |path: &str, old: &str| {
        let changed = plan.files.iter().find(|file| file.path == path);
        changed.map_or(old.to_owned(), |file| file.new.as_str().to_owned())
    };
    let after: Vec<String> = files.iter().map(|(path, old)| text(path, old)).collect();
    let again: Vec<(&str, &str)> = files.iter().zip(&after).map(|((path, _), text)| (*path, text.as_str())).collect();
    for ground in [ground, &Ground::Main, &given("9.9.9"), &unknown()] {
        let again = adoption(&again, TAGS_OF_LINE, ground).unwrap_or_else(|problems| panic!("again: {problems}"));
        assert!(again.is_done() && again.sites.is_empty() && again.fallback.is_none(), "again: {:#?}", again.sites);
    }
    after
}

const TAGS_OF_LINE: &str = "v0.3.9 v0.4.3rc1 v0.4.3";

fn unknown() -> Ground {
    Ground::Unknown(Box::new(crate::problem::Problem::new("no branch is checked out", "switch to one")))
}

#[track_caller]
fn check(files: Files<'_>, expected: &Expect) {
    let unix = adopted(files, &LINE);
    expected.assert_eq(&unix.join("-----\n"));
    let windows = |text: &str| text.replace('\n', "\r\n");
    let foreign: Vec<(&str, String)> = files.iter().map(|(path, text)| (*path, windows(text))).collect();
    let foreign: Vec<(&str, &str)> = foreign.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(adopted(&foreign, &LINE), unix.iter().map(|text| windows(text)).collect::<Vec<_>>());
}

#[test]
fn every_package_becomes_dynamic_with_the_lines_next_patch_and_no_pin_moves() {
    check(
        &[("pyproject.toml", ROOT), ("src/meadow_api/pyproject.toml", API), ("uv.lock", LOCK)],
        &expect![[r#"
            [build-system]
            requires = ["setuptools>=61.0", "setuptools-scm>=8.0"] # no wheel
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            fallback_version = "0.4.4"

            [project]
            name = "meadow"
            dynamic = ["version"] # moved by hand
            dependencies = ["meadow-api>=0.4.3"]
            [project.optional-dependencies]
            client = ["meadow-client==0.4.3"]
            -----
            [build-system]
            requires = [
                'setuptools',
                'setuptools-scm>=8.0',
            ]

            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.4.4"

            [project]
            name = "meadow-api"
            dynamic = ["readme", "version"]
            -----
            version = 1

            [[package]]
            name = "meadow"
            source = { editable = "." }

            [[package]]
            name = "meadow-api"
            source = { editable = "src/meadow_api" }

            [[package]]
            name = "meadow-client"
            version = "0.4.3"
            source = { registry = "https://pypi.example/simple" }
        "#]],
    );
}

#[test]
fn a_mixture_gets_what_it_lacks_and_one_fallback() {
    let api = "[build-system]\nrequires = [\"setuptools\", \"setuptools-scm>=8.1\"]\n[tool.setuptools_scm]\nroot = \"../..\"\nfallback_version = \"0.4.3\"\n[project]\nname = \"meadow-api\"\ndynamic = [\"version\"]\n";
    check(
        &[("pyproject.toml", ROOT), ("src/meadow_api/pyproject.toml", api)],
        &expect![[r#"
            [build-system]
            requires = ["setuptools>=61.0", "setuptools-scm>=8.1"] # no wheel
            build-backend = "setuptools.build_meta"

            [tool.setuptools_scm]
            fallback_version = "0.4.4"

            [project]
            name = "meadow"
            dynamic = ["version"] # moved by hand
            dependencies = ["meadow-api>=0.4.3"]
            [project.optional-dependencies]
            client = ["meadow-client==0.4.3"]
            -----
            [build-system]
            requires = ["setuptools", "setuptools-scm>=8.1"]
            [tool.setuptools_scm]
            root = "../.."
            fallback_version = "0.4.4"
            [project]
            name = "meadow-api"
            dynamic = ["version"]
        "#]],
    );
}

#[test]
fn what_comes_next_follows_from_the_branch_and_the_tags() {
    for (own, tags, ground, next) in [
        ("0.4.3", "v0.4.2 v0.4.3", LINE, "0.4.4"),
        ("0.4.4rc1", "v0.4.3", LINE, "0.4.4"),
        ("0.4.0rc1", "v0.3.9", LINE, "0.4.0"),
        ("0.4.3", "v0.4.3 v0.5.0", LINE, "0.4.4"),
        ("0.5.0.dev0", "v0.4.3", Ground::Main, "0.5.0.dev0"),
        ("0.5.0-dev", "v0.4.3", Ground::Main, "0.5.0.dev0"),
        ("0.4.0", "v0.4.2 v0.4.3", Ground::Main, "0.4.4.dev0"),
        ("0.4.0", "v0.4.3", given("0.6.0.dev0"), "0.6.0.dev0"),
        // A person may go back.
        ("0.4.3", "v0.4.3", given("0.4.0"), "0.4.0"),
    ] {
        let root = ROOT.replace("version = \"0.4.3\"", &format!("version = \"{own}\""));
        let plan = adoption(&[("pyproject.toml", &root)], tags, &ground).unwrap();
        assert_eq!(plan.fallback.map(|fallback| fallback.to_string()).as_deref(), Some(next), "{own} {tags}");
        assert!(plan.files[0].new.as_str().contains(&format!("\nfallback_version = \"{next}\"\n")));
    }
}

#[test]
fn what_cannot_be_told_is_refused_with_the_way_out() {
    let refused = |own: &str, tags: &str, ground: Ground| {
        let root = ROOT.replace("version = \"0.4.3\"", &format!("version = \"{own}\""));
        adoption(&[("pyproject.toml", &root)], tags, &ground).unwrap_err() + "\n"
    };
    expect![[r#"
        pyproject.toml: the version would go back, from 0.4.5 to 0.4.4, the next version by the tags
          pyproject.toml:7: "0.4.5" (further already)
          = `--fetch` fetches tags that are missing here; or name the version: `--fallback X.Y.Z`
        pyproject.toml: the version would go back, from 0.5.0 to 0.4.4.dev0, the next version by the tags
          pyproject.toml:7: "0.5.0" (further already)
          = `--fetch` fetches tags that are missing here; or name the version: `--fallback X.Y.Z`
        no final is tagged, so the next version does not follow from the tags
          = name it: `--fallback X.Y.Z`
        the packages develop a version that no release has: `0.5.dev0` is not X.Y.Z, X.Y.ZrcN or X.Y.Z.devN
          = name it: `--fallback X.Y.Z`
        no branch is checked out
          = switch to one
    "#]]
    .assert_eq(
        &[
            refused("0.4.5", "v0.4.3", LINE),
            refused("0.5.0", "v0.4.3", Ground::Main),
            refused("0.5.0", "nightly", Ground::Main),
            refused("0.5.dev0", "v0.4.3", Ground::Main),
            refused("0.4.3", "v0.4.3", unknown()),
        ]
        .concat(),
    );
}

#[test]
fn what_cannot_be_edited_is_refused_with_its_place_all_at_once() {
    let hatch = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n[project]\nname = \"meadow-api\"\nversion = \"0.4.3\"\n";
    let inline = "project = { name = \"meadow-agents\", version = \"0.4.3\" }\n";
    let files = [
        ("pyproject.toml", ROOT),
        ("a/pyproject.toml", hatch),
        ("b/pyproject.toml", inline),
        ("uv.lock", "[[package]\n"),
    ];
    expect![[r#"
        a/pyproject.toml: meadow-api is built by `hatchling.build`, which does not read setuptools-scm's configuration
          a/pyproject.toml:3: "hatchling.build" (another build backend)
          = build it with setuptools, or leave it out with `[[package]]` in release.toml
        b/pyproject.toml: the setuptools-scm configuration of meadow-agents cannot be completed by an edit
          b/pyproject.toml:1: "meadow-agents" (its tables are inline or dotted, or contain something unexpected)
          = add by hand what is missing: `setuptools-scm>=8.0` in `build-system`, `dynamic = ["version"]` in `project`, `0.4.4` in `tool.setuptools_scm`; or leave the package out with `[[package]]` in release.toml
        uv.lock is not TOML
          uv.lock:1:  (unclosed array table, expected `]`)
          = write it again with `uv lock`
    "#]].assert_eq(&(adoption(&files, TAGS_OF_LINE, &LINE).unwrap_err() + "\n"));
}

#[test]
fn a_lockfile_that_kept_versions_of_dynamic_packages_loses_them() {
    let root = "[build-system]\nrequires = [\"setuptools-scm\"]\n[tool.setuptools_scm]\nfallback_version = \"0.4.3\"\n[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n";
    let plan = adoption(&[("pyproject.toml", root), ("ui/uv.lock", LOCK)], TAGS_OF_LINE, &unknown()).unwrap();
    assert_eq!(plan.fallback, None);
    let [site] = &plan.sites[..] else { panic!("{:#?}", plan.sites) };
    assert_eq!((site.kind, site.subject.as_str(), site.location.line), (PlannedKind::LockedVersion, "meadow", 5));
    assert_eq!(plan.files[0].new.as_str(), LOCK.replacen("version = \"0.4.3\"\n", "", 1));
}

#[test]
fn a_fallback_is_a_release_or_a_development_version() {
    for (text, read) in [
        ("0.4.4", Some("0.4.4")),
        (" 0.5.0rc1", Some("0.5.0rc1")),
        ("0.5.0.dev0", Some("0.5.0.dev0")),
        ("0.5.0-dev", Some("0.5.0.dev0")),
        ("0.5.0.dev20260101", Some("0.5.0.dev20260101")),
        ("0.5", None),
        ("0.5.dev0", None),
        ("0.5.0a1", None),
        ("0.5.0.post1", None),
        ("0.5.0.dev0+local", None),
        ("0.5.0rc1.dev0", None),
        ("1!0.5.0", None),
        ("\"", None),
        ("", None),
    ] {
        assert_eq!(text.parse::<Fallback>().ok().map(|fallback| fallback.to_string()).as_deref(), read, "{text}");
    }
}

/// Every notation of a package, from these parts.
fn written() -> impl Iterator<Item = String> {
    let builds = [
        "",
        "[build-system]\nrequires = []\n",
        "[build-system]\nbuild-backend = \"setuptools.build_meta\"\n# end of it\n",
        "[build-system]\nrequires = [\n  'setuptools', # yes\n]\n\n",
        "[build-system]\nrequires = [\"setuptools\", \"setuptools_scm[toml]>=8\"]\n",
    ];
    let versions =
        ["version = \"0.4.3\"\n", "version='0.4.3' # here\n", "# by hand\nversion = \"0.4.3\"\ndynamic = ['readme']\n"];
    let tables = [
        "",
        "[tool.setuptools_scm]\n",
        "[tool.setuptools_scm]\nversion_file = \"v.py\"\n# ours\n",
        "[tool.setuptools_scm]\nroot = \"..\"\nfallback_version = '0.4.2' # ours\n",
    ];
    let all = builds.into_iter().flat_map(move |build| versions.map(|version| (build, version)));
    all.flat_map(move |(build, version)| {
        tables.map(|table| {
            let project = format!("[project]\nname = \"meadow-api\"\n{version}urls = {{ a = \"b\" }}\n");
            [format!("{build}{project}{table}"), format!("{table}{project}{build}")]
        })
    })
    .flatten()
}

#[test]
fn however_a_package_is_written_it_moves_and_keeps_its_other_lines() {
    let is_touched = |line: &str| {
        ["version", "dynamic", "requires", "  'setuptools'", "root", "fallback_version"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    for text in written() {
        for form in ["", "\u{feff}", "\r\n", "no end"] {
            let text = match form {
                "\r\n" => text.replace('\n', "\r\n"),
                "no end" => text.trim_end().to_owned(),
                mark => format!("{mark}{text}"),
            };
            let files = [("pyproject.toml", ROOT), ("api/pyproject.toml", text.as_str())];
            let after = adopted(&files, &LINE).remove(1);
            let mut lines = after.lines();
            for line in text.lines().filter(|line| !is_touched(line) && !line.starts_with('\u{feff}')) {
                assert!(lines.any(|other| other == line), "{line:?} is gone from\n{after}\nwhich was\n{text}");
            }
            assert!(after.contains("root = \"..\"") && after.contains("0.4.4") && !after.contains("0.4.3"), "{after}");
            assert_eq!(after.matches("\r\n").count(), if form == "\r\n" { after.matches('\n').count() } else { 0 });
            assert_eq!(after.starts_with('\u{feff}'), form == "\u{feff}");
            assert_eq!(after.ends_with('\n'), form != "no end");
        }
    }
}
