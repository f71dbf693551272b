//! The table of modes in readable form, the names of builds, nightlies and their refusals, and the report.

use super::*;
use crate::calendar::{Day, Moment};
use crate::history::BranchPattern;
use crate::history::{History, Tag};
use crate::monorepo::Config;
use crate::version::{Line, Release, Version, npm};
use expect_test::expect;
use proptest::prelude::*;

fn tags(names: &str) -> Vec<Tag> {
    let tag = |(index, name): (usize, &str)| Tag { name: name.to_owned(), commit: format!("c{index}") };
    names.split_whitespace().enumerate().map(tag).collect()
}

fn history(names: &str) -> History {
    History::new(&tags(names), &Config::default().tag)
}

const TAGS: &str = "v0.4.4 v0.5.0rc1 v0.5.0 v0.5.1";

#[test]
fn the_table_of_modes() {
    let mut text = String::new();
    for mode in [Mode::Release, Mode::Nightly, Mode::Test, Mode::Manual, Mode::BuildOnly] {
        for version in ["0.5.1", "0.4.5", "0.5.2rc1", "0.5.2.dev20260219"] {
            let version = BuildVersion::parse(version).unwrap();
            let line = match build(mode, version, &history(TAGS), &Config::default()) {
                Ok(build) => format!(
                    "{} | {} | {} | {}",
                    build.version.npm(),
                    build.index.map_or("-", Index::name),
                    build.npm_tag.as_deref().unwrap_or("-"),
                    build.container_tags.join(" ")
                ),
                Err(problem) => problem.message,
            };
            text += &format!("{} {version}: {line}\n", mode.name());
        }
    }
    expect![[r#"
        release 0.5.1: 0.5.1 | pypi | latest | 0.5.1 latest
        release 0.4.5: 0.4.5 | pypi | release-0.4.x | 0.4.5
        release 0.5.2rc1: 0.5.2-rc.1 | test-pypi | next | 0.5.2rc1
        release 0.5.2.dev20260219: 0.5.2.dev20260219 is not published with `--mode release`
        nightly 0.5.1: 0.5.1 is not published with `--mode nightly`
        nightly 0.4.5: 0.4.5 is not published with `--mode nightly`
        nightly 0.5.2rc1: 0.5.2rc1 is not published with `--mode nightly`
        nightly 0.5.2.dev20260219: 0.5.2-dev.20260219 | test-pypi | - | 0.5.2.dev20260219 nightly
        test 0.5.1: 0.5.1 | test-pypi | - | 
        test 0.4.5: 0.4.5 | test-pypi | - | 
        test 0.5.2rc1: 0.5.2-rc.1 | test-pypi | next | 0.5.2rc1
        test 0.5.2.dev20260219: 0.5.2-dev.20260219 | test-pypi | - | 
        manual 0.5.1: 0.5.1 | pypi | latest | 0.5.1 latest
        manual 0.4.5: 0.4.5 | pypi | release-0.4.x | 0.4.5
        manual 0.5.2rc1: 0.5.2-rc.1 | test-pypi | next | 0.5.2rc1
        manual 0.5.2.dev20260219: 0.5.2.dev20260219 is not published with `--mode manual`
        build-only 0.5.1: 0.5.1 | - | - | 
        build-only 0.4.5: 0.4.5 | - | - | 
        build-only 0.5.2rc1: 0.5.2-rc.1 | - | - | 
        build-only 0.5.2.dev20260219: 0.5.2-dev.20260219 | - | - | 
    "#]]
    .assert_eq(&text);
    for row in &TABLE {
        let same = TABLE.iter().filter(|other| (other.mode, other.kind) == (row.mode, row.kind)).count();
        assert_eq!(same, 1, "{row:?}");
        assert!(row.index.is_some() || (row.npm.is_none() && row.containers.is_empty()), "{row:?}");
        assert!(row.kind == Kind::Final || row.index != Some(Index::Pypi), "{row:?}");
    }
}

#[test]
fn a_lines_dist_tag_is_never_a_range() {
    for (pattern, tag) in [
        ("release-{major}.{minor}.x", "release-0.4.x"),
        ("{major}.{minor}.x", "release-0.4.x"),
        ("v{major}.{minor}", "release-v0.4"),
        ("release/{major}.{minor}", "release-0.4"),
    ] {
        let config = Config { branch: BranchPattern::parse(pattern).unwrap(), ..Config::default() };
        let found = line_tag(&config, Line { major: 0, minor: 4 });
        assert_eq!(found, tag);
        assert!(npm::Range::parse(&found).is_err());
    }
}

#[test]
fn versions_without_an_npm_spelling_are_refused() {
    let refused: Vec<String> = [
        "0.5",
        "0.2.10.1",
        "0.5.0a1",
        "0.5.0.post1",
        "1!0.5.0",
        "0.5.0+x",
        "0.5.0rc1.dev2",
        "0.5.0-rc1",
        "0.5.0-dev",
        "latest",
        "",
        "0.5.0.dev99999999999999999999",
        "0.5.9007199254740993",
    ]
    .iter()
    .map(|text| BuildVersion::parse(text).unwrap_err().to_string())
    .collect();
    expect![[r#"
        `0.5` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991
        `0.2.10.1` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991
        `0.5.0a1` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991
        `0.5.0.post1` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991
        `1!0.5.0` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991
        `0.5.0+x` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991
        `0.5.0rc1.dev2` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991
        `0.5.0-rc1` is not in PEP 440's normal form: write `0.5.0rc1`
        `0.5.0-dev` is not in PEP 440's normal form: write `0.5.0.dev0`
        `latest` is not a version: write X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, such as `0.4.5`
        `` is not a version: write X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, such as `0.4.5`
        `0.5.0.dev99999999999999999999` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991
        `0.5.9007199254740993` has no npm spelling: the version of a build is X.Y.Z, X.Y.ZrcN or X.Y.Z.devN, with numbers up to 9007199254740991"#]]
    .assert_eq(&refused.join("\n"));
}

fn named(base: Release, day: &str, commit: &str, names: &str) -> Result<String, String> {
    let day = Day::parse(day).unwrap();
    let named = nightly(base, day, Order::Above, commit, &tags(names), &history(names), &Config::default());
    named.map(|version| version.to_string()).map_err(|problem| problem.message)
}

#[test]
fn a_nightly_is_above_every_final_and_every_earlier_nightly_or_refused() {
    let base = Release::new(0, 5, 2);
    for (names, expected) in [
        (TAGS, Ok("0.5.2.dev20260219")),
        ("v0.5.1 v0.5.2rc1", Ok("0.5.2.dev20260219")),
        ("v0.5.1 v0.5.2-dev v0.5.2-dev.20260218", Ok("0.5.2.dev20260219")),
        ("v0.5.1 v0.5.2.dev20260218", Ok("0.5.2.dev20260219")),
        ("v0.5.2", Err("0.5.2.dev20260219 would sort below v0.5.2, which is released")),
        ("v0.4.9 v0.5.3", Err("0.5.2.dev20260219 would sort below v0.5.3, which is released")),
        ("v0.5.1 v0.5.1.1 v0.5.1.post2 v0.5 v0.5.2a1", Ok("0.5.2.dev20260219")),
        ("v0.5.1 v0.5.2.1", Err("0.5.2.dev20260219 would sort below v0.5.2.1, which is tagged")),
        ("v0.5.1 v0.5.2.post1", Err("0.5.2.dev20260219 would sort below v0.5.2.post1, which is tagged")),
        ("v0.5.1 v1.0", Err("0.5.2.dev20260219 would sort below v1.0, which is tagged")),
        ("v0.5.1 v0.5.3-dev", Err("0.5.2.dev20260219 would not sort above v0.5.3-dev, a development tag on c1")),
        (
            "v0.5.1 v0.5.2-dev.20260219",
            Err("0.5.2.dev20260219 would not sort above v0.5.2-dev.20260219, a development tag on c1"),
        ),
        (
            "v0.5.1 v0.5.2-dev.20260220",
            Err("0.5.2.dev20260219 would not sort above v0.5.2-dev.20260220, a development tag on c1"),
        ),
    ] {
        let found = named(base, "2026-02-19", "other", names);
        assert_eq!(found.as_ref().map(String::as_str).map_err(String::as_str), expected, "{names}");
    }
    let day = Day::parse("2026-02-19").unwrap();
    let any = nightly(base, day, Order::Any, "other", &tags("v1.0.0"), &history("v1.0.0"), &Config::default());
    assert_eq!(any.unwrap().to_string(), "0.5.2.dev20260219");
    // The same commit on the same day is the same nightly.
    assert_eq!(named(base, "2026-02-19", "c1", "v0.5.1 v0.5.2-dev.20260219").unwrap(), "0.5.2.dev20260219");
}

#[test]
fn by_hand_only_the_next_number_of_the_commits_line_is_published() {
    let line = |minor| Line { major: 0, minor };
    let main = Standpoint { is_on_main: true, follows: true, ..Standpoint::default() };
    let on = |minor| Standpoint { lines: vec![line(minor)], has_branch: true, follows: true, ..Standpoint::default() };
    let late = |minor| Standpoint { follows: false, ..on(minor) };
    let tagged = "v0.7.8 v0.8.0 v0.9.0rc1";
    for (version, commit, standpoint, names, expected) in [
        ("0.8.1", "new", on(8), tagged, Ok(())),
        ("0.7.9", "new", on(7), tagged, Ok(())),
        ("0.9.0", "new", main.clone(), tagged, Ok(())),
        ("0.9.0rc2", "new", main.clone(), tagged, Ok(())),
        ("0.9.0", "c2", on(9), tagged, Ok(())),
        ("1.0.0", "new", main.clone(), tagged, Ok(())),
        // A repository without branches of lines.
        ("0.8.1", "new", main.clone(), tagged, Ok(())),
        // The same build again.
        ("0.8.0", "c1", on(8), tagged, Ok(())),
        (
            "0.8.1",
            "new",
            Standpoint { lines: vec![line(7)], ..on(8) },
            tagged,
            Err("0.8.1 is built from release-0.8.x, and new is on release-0.7.x"),
        ),
        (
            "0.7.9",
            "new",
            Standpoint { has_branch: true, ..main.clone() },
            tagged,
            Err("0.7.9 is built from release-0.7.x, and new is on main"),
        ),
        (
            "0.9.0",
            "new",
            Standpoint { has_branch: false, ..on(8) },
            tagged,
            Err("0.9.0 is built from main, and new is on release-0.8.x"),
        ),
        (
            "0.9.0",
            "new",
            Standpoint { follows: true, ..Standpoint::default() },
            tagged,
            Err("0.9.0 is built from main, and new is on no branch of a release"),
        ),
        ("0.8.1", "new", late(8), tagged, Err("new does not follow v0.8.0")),
        ("9.0.0", "new", main.clone(), tagged, Err("9.0.0 leaves out 1.0.0, which comes after 0.8.0")),
        ("0.8.1", "c1", on(8), tagged, Err("c1 is released already, as 0.8.0")),
        ("0.8.0rc1", "new", on(8), tagged, Err("0.8.0 is released, so it gets no more candidates")),
        ("0.8.1", "new", on(8), "v0.8.0 v0.8.1.post1", Err("0.8.1 would sort below v0.8.1.post1, which is tagged")),
        ("0.9.0", "new", main.clone(), "v0.8.0 v1.0", Err("0.9.0 would sort below v1.0, which is tagged")),
        ("0.8.1", "new", on(8), "v0.8.0 v1.0", Ok(())),
    ] {
        let release = Release::parse(version).unwrap();
        let checked = check_manual(release, commit, &standpoint, &tags(names), &history(names), &Config::default());
        let why = checked.err().map(|problem| problem.message);
        assert_eq!(why.as_deref(), expected.err(), "{version} {commit} {names}");
    }
}

proptest! {
    #[test]
    fn a_nightly_that_gets_a_name_is_above_all_that_is_tagged_in_both_orders(
        base in (0_u64..2, 0_u64..4, 0_u64..4),
        day in 20_000_i64..21_000,
        finals in prop::collection::vec((0_u64..2, 0_u64..4, 0_u64..4), 0..6),
        nightlies in prop::collection::vec(((0_u64..2, 0_u64..4, 0_u64..4), 20_000_i64..21_000), 0..6),
    ) {
        let release = |(major, minor, patch)| Release::new(major, minor, patch);
        let date = |day: i64| Moment::new(day * 86_400).unwrap().day();
        let mut names: Vec<BuildVersion> =
            finals.into_iter().map(|numbers| BuildVersion { release: release(numbers), development: None }).collect();
        let number = |day| date(day).compact().parse().unwrap();
        names.extend(nightlies.into_iter().map(|(numbers, day)| BuildVersion::development(release(numbers), number(day))));
        let text: Vec<String> = names.iter().map(|name| format!("v{}", name.npm())).collect();
        if let Ok(version) = named(release(base), &date(day).to_string(), "other", &text.join(" ")) {
            let ours = BuildVersion::parse(&version).unwrap();
            for name in names {
                prop_assert!(Version::parse(&name.to_string()).unwrap() < Version::parse(&version).unwrap());
                let npm = |name: BuildVersion| semver::Version::parse(&name.npm()).unwrap();
                prop_assert!(npm(name) < npm(ours));
            }
        }
    }

    #[test]
    fn no_text_panics_and_what_is_read_is_written_alike(text in "(?s)[v0-9.rcdev!+-]{0,16}|.{0,10}") {
        if let Ok(version) = BuildVersion::parse(&text) {
            prop_assert_eq!(BuildVersion::parse(&version.to_string()), Ok(version));
            prop_assert!(semver::Version::parse(&version.npm()).is_ok());
        }
    }
}

#[test]
fn the_report_counts_days_and_joins_commits() {
    let day = |text: &str| Day::parse(text).unwrap();
    let commit = |at: &str, tag: Option<&str>, by_tags: Option<&str>, by_manifest: &str| MainCommit {
        id: format!("{at}-{by_manifest}"),
        seconds: day(at).end() - 3600,
        tag: tag.map(str::to_owned),
        by_tags: by_tags.map(|text| Ok(text.to_owned())),
        by_manifest: Some(by_manifest.to_owned()),
    };
    let commits = [
        commit("2026-01-01", None, None, "0.4.0.dev0"),
        commit("2026-01-02", None, None, "0.4.0.dev0"),
        commit("2026-01-05", Some("v0.4.1-dev"), Some("0.4.1.dev0"), "0.4.1.dev0"),
        commit("2026-01-06", Some("v0.4.1-dev"), Some("0.4.1.dev1+g1a"), "0.5.0.dev0"),
    ];
    let tagged = |release, at: &str| Final { release, seconds: day(at).end() - 1 };
    let finals = [tagged(Release::new(0, 4, 0), "2026-01-03"), tagged(Release::new(0, 3, 9), "2026-01-04")];
    let found = report(&commits, &finals, day("2026-01-01"), day("2026-01-07"));

    assert_eq!((found.commits, found.disagreeing), (4, 3));
    let runs: Vec<(usize, Option<&str>)> =
        found.disagreements.iter().map(|run| (run.commits, run.tag.as_deref())).collect();
    assert_eq!(runs, [(2, None), (1, Some("v0.4.1-dev"))]);
    assert_eq!((found.days.all, found.days.low), (5, 2));
    let range = &found.days.ranges[0];
    assert_eq!((range.from, range.to), (day("2026-01-03"), day("2026-01-04")));
}

#[test]
fn a_development_begins_where_main_rises() {
    let versions = ["0.4.0.dev0", "0.4.0.dev0", "0.5.0", "0.5.1.dev0", "0.4.6.dev0", "0.5.2.dev0", "x"];
    let versions: Vec<(String, Option<String>)> =
        versions.iter().enumerate().map(|(index, text)| (format!("c{index}"), Some((*text).to_owned()))).collect();
    let found = beginnings(&versions, &tags("v0.4.0-dev v0.5.1-dev"), &Config::default());
    let found: Vec<(&str, &str, &Standing, bool)> =
        found.iter().map(|one| (&*one.tag, &*one.commit, &one.standing, one.decides)).collect();
    assert_eq!(
        found,
        [
            ("v0.4.0-dev", "c0", &Standing::There, false),
            ("v0.5.1-dev", "c3", &Standing::Misplaced("c1".to_owned()), false),
            ("v0.5.2-dev", "c5", &Standing::Missing, true),
        ]
    );
}

#[test]
fn a_version_is_judged_by_its_branch() {
    let line = |minor| Expected::Line(Line { major: 0, minor });
    for (version, expected, verdict) in [
        ("0.5.2.dev3+g1a", Expected::Main, Verdict::Right),
        ("0.4.5.dev3", Expected::Main, Verdict::Below(Release::new(0, 5, 1))),
        ("0.4.5.dev3", line(4), Verdict::Right),
        ("0.4.4", line(4), Verdict::Right),
        ("0.4.3.dev1", line(4), Verdict::Below(Release::new(0, 4, 4))),
        ("0.5.2.dev3", line(4), Verdict::OtherLine),
        ("0.1.dev3", Expected::Main, Verdict::Unreadable),
    ] {
        assert_eq!(judge(version, expected, &history(TAGS)), verdict, "{version}");
    }
}
