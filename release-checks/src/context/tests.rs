//! Releases that are on their way, from where a tree stands.

use crate::rules::tests::Scene;
use release_core::registry::Registry;
use release_core::version::Release;

#[test]
fn a_final_is_on_its_way_until_its_tag_is_behind_and_a_candidate_until_the_next_one_is_there() {
    for (version, state, expected) in [
        ("0.4.5", "", true),
        ("0.4.5", "tag v0.4.5 here", true),
        ("0.4.5", "tag v0.4.5 past", false),
        ("0.4.5", "tag v0.4.5rc1 past", false),
        ("0.4.5", "tag v0.4.5 here passed", false),
        ("0.4.5rc1", "tag v0.4.5rc1 here passed", false),
        ("0.4.5rc1", "", true),
        ("0.4.5rc1", "tag v0.4.5rc1 here", true),
        ("0.4.5rc1", "tag v0.4.5rc1 past", true),
        ("0.4.5rc2", "tag v0.4.5rc1 past", true),
        // Of another version.
        ("0.4.5rc1", "tag v0.4.6rc2", true),
        ("0.4.5rc1", "tag v0.4.5rc2", false),
        ("0.4.5rc1", "tag v0.4.5", false),
        // The commit that was tagged is judged as what it was.
        ("0.4.5rc1", "tag v0.4.5rc1 here\ntag v0.4.5rc2", true),
        ("0.4.5rc1", "published-npm meadow-client 0.4.5-rc.1", false),
        ("0.4.5rc1", "published-npm meadow-client 0.4.4", true),
        ("0.4.5rc1", "audited 9\npublished-npm meadow-client 0.4.5-rc.1", true),
    ] {
        let context = Scene::of_version(version, state).context();
        let release = Release::parse(version).unwrap();
        assert_eq!(context.is_in_flight(Registry::Npm, "meadow-client", release), expected, "{version} {state}");
        assert!(!context.is_in_flight(Registry::Npm, "meadow-client", release.next_patch()), "{version} {state}");
    }
}
