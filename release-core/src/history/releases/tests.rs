//! Histories, written as lists of tags.

use super::*;
use expect_test::expect;
use proptest::prelude::*;

fn history(tags: &str) -> History {
    let tags: Vec<Tag> =
        tags.split_whitespace().map(|name| Tag { name: name.to_owned(), commit: "c".to_owned() }).collect();
    History::new(&tags, &TagPattern::default())
}

const TAGS: &str = "v0.3.0 v0.3.5 v0.4.0rc1 v0.4.0 v0.4.3 v0.4.4 v0.5.0rc1 v0.5.0rc2 v0.5.0-dev v0.3.1-dev.20251027";

#[test]
fn a_release_follows_the_last_of_its_line_or_the_highest_of_all() {
    for release in ["0.4.5", "0.3.6", "0.5.0", "1.0.0", "0.5.0rc3", "1.0.0rc1", "0.4.5rc1"] {
        assert_eq!(history(TAGS).check_successor(Release::parse(release).unwrap(), false), Ok(()), "{release}");
    }
    assert_eq!(history("").check_successor(Release::new(0, 1, 0), false), Ok(()));
}

#[test]
fn what_does_not_follow_is_refused_with_the_reason() {
    let refused: Vec<String> = [
        "0.4.4", "0.4.3", "0.4.6", "0.5.1", "0.6.0", "0.3.0", "2.0.0", "0.5.0rc2", "0.5.0rc4", "0.4.0rc2", "1.0.0rc2",
        "0.2.0",
    ]
    .map(|release| history(TAGS).check_successor(Release::parse(release).unwrap(), false).unwrap_err().to_string())
    .to_vec();
    expect![[r#"
        0.4.4 does not come after 0.4.4, the last release of line 0.4
        0.4.3 does not come after 0.4.4, the last release of line 0.4
        0.4.6 leaves out 0.4.5, which comes after 0.4.4
        0.5 has no final release yet, so there is nothing to patch
        0.6.0 leaves out 0.5.0, which comes after 0.4.4
        0.3.0 does not come after 0.4.4, the last release of all lines
        2.0.0 leaves out 1.0.0, which comes after 0.4.4
        0.5.0rc2 does not come after 0.5.0rc2, the last release of the candidates of 0.5.0
        0.5.0rc4 leaves out 0.5.0rc3, which comes after 0.5.0rc2
        0.4.0 is released, so it gets no more candidates
        1.0.0rc2 leaves out 1.0.0rc1, which comes after no candidate
        0.2.0 does not come after 0.4.4, the last release of all lines"#]]
    .assert_eq(&refused.join("\n"));
}

#[test]
fn skip_allows_gaps_and_never_a_step_back() {
    for (release, allowed) in
        [("0.4.6", true), ("0.6.0", true), ("0.5.0rc4", true), ("0.4.4", false), ("0.5.0rc1", false)]
    {
        assert_eq!(history(TAGS).check_successor(Release::parse(release).unwrap(), true).is_ok(), allowed, "{release}");
    }
}

#[test]
fn the_last_minors_with_a_final_are_maintained() {
    let line = |major, minor| Line { major, minor };
    let history = history("v0.2.0 v0.3.0 v0.4.0 v0.4.1 v1.0.0 v1.1.0rc1");
    for (line, state) in [
        (line(1, 1), LineState::BeingOpened),
        (line(1, 0), LineState::Maintained),
        (line(0, 4), LineState::Maintained),
        (line(0, 3), LineState::EndOfLife(line(1, 0))),
        (line(0, 2), LineState::EndOfLife(line(0, 4))),
    ] {
        assert_eq!(history.line_state(line, 2), state, "{line}");
    }
}

#[test]
fn main_follows_the_highest_final_and_never_goes_back() {
    let history = history("v0.4.4 v0.5.1");
    for (release, main) in
        [("0.4.5", None), ("0.5.2", Some("0.5.3.dev0")), ("0.6.0", Some("0.6.1.dev0")), ("0.6.0rc1", None)]
    {
        assert_eq!(history.next_development(Release::parse(release).unwrap()).as_deref(), main, "{release}");
    }
}

fn releases() -> impl Strategy<Value = Vec<(Release, i64)>> {
    let release = (0u64..2, 0u64..3, 0u64..3, prop::option::of(1u64..3), 0i64..6).prop_map(|(x, y, z, rc, time)| {
        let release = Release::new(x, y, z);
        (rc.map_or(release, |rc| release.with_candidate(rc)), time)
    });
    prop::collection::vec(release, 0..24).prop_map(|mut releases| {
        releases.sort_unstable();
        releases.dedup_by_key(|(release, _)| *release);
        releases
    })
}

proptest! {
    #[test]
    fn as_of_a_moment_a_past_is_what_was_tagged_by_then(
        releases in releases(), time in 0i64..6, place in any::<prop::sample::Index>(), maintained in 1usize..4,
    ) {
        let visible: Vec<Release> = releases.get(place.index(releases.len().max(1))).map(|(release, _)| *release).into_iter().collect();
        let dated = |(release, time): &(Release, i64)| Dated { release: *release, commit: release.to_string(), time: *time };
        let all = History::from_releases(releases.iter().rev().map(dated).collect()).as_of(time, visible.clone());
        let was_there = |(release, tagged): &&(Release, i64)| *tagged <= time || visible.contains(release);
        let then = History::from_releases(releases.iter().filter(was_there).map(dated).collect());
        prop_assert_eq!(all.releases().collect::<Vec<_>>(), then.releases().collect::<Vec<_>>());
        prop_assert_eq!(all.highest_final(), then.highest_final());
        prop_assert_eq!(all.highest_final(), then.finals().next_back());
        for release in releases.iter().map(|(release, _)| *release).chain([Release::new(9, 9, 9)]) {
            let (line, base) = (release.line(), release.base());
            prop_assert_eq!(all.commit(release), then.commit(release));
            prop_assert_eq!(all.last_final(line), then.finals().rfind(|known| known.line() == line));
            prop_assert_eq!(all.releases_of(line).count(), then.releases().filter(|known| known.line() == line).count());
            let is_candidate = |known: &Release| known.is_candidate() && known.base() == base;
            prop_assert_eq!(all.last_candidate(base), then.releases().rfind(is_candidate));
            prop_assert_eq!(all.has_release(base), then.releases().any(|known| known.base() == base));
            prop_assert_eq!(all.line_state(line, maintained), then.line_state(line, maintained));
        }
    }
}
