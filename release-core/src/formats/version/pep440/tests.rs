use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

#[test]
fn every_spelling_is_read_and_written_in_its_normal_form() {
    for (text, normal) in [
        ("1.0", "1.0"),
        (" v1.0.0\n", "1.0.0"),
        ("01.002", "1.2"),
        ("1!2.0", "1!2.0"),
        ("0!2.0", "2.0"),
        ("1.2.3.4.5.6", "1.2.3.4.5.6"),
        ("1.0ALPHA", "1.0a0"),
        ("1.0-beta_2", "1.0b2"),
        ("1.0c1", "1.0rc1"),
        ("1.0.preview.3", "1.0rc3"),
        ("0.5.0-rc1", "0.5.0rc1"),
        ("1.0-1", "1.0.post1"),
        ("1.0-r_4", "1.0.post4"),
        ("1.0rev", "1.0.post0"),
        ("1.0a--1", "1.0a0.post1"),
        ("0.4.6-dev", "0.4.6.dev0"),
        ("0.4.6.DEV20260219", "0.4.6.dev20260219"),
        ("1.0rc1.post2.dev3+Ubuntu-01_a", "1.0rc1.post2.dev3+ubuntu.1.a"),
        ("1.099999999999999999999", "1.99999999999999999999"),
    ] {
        assert_eq!(version(text).to_string(), normal, "{text:?}");
        assert!(Version::is_canonical_spelling(normal), "{normal:?}");
        assert_eq!(Version::is_canonical_spelling(text), text == normal, "{text:?}");
    }
}

#[test]
fn what_is_not_a_version_is_refused_with_the_place() {
    for (text, offset) in [
        ("", 0),
        ("  ", 0),
        ("v", 1),
        ("1.", 1),
        ("1..2", 1),
        ("1!", 2),
        ("0.5.0-foo", 5),
        (" 1.0+", 5),
        ("1.0+a..b", 6),
        ("1.0.*", 3),
        ("١.0", 0),
        ("1.0 2", 3),
    ] {
        assert_eq!(Version::parse(text).unwrap_err().offset, offset, "{text:?}");
    }
    assert_eq!(
        Version::parse("0.5.0-foo").unwrap_err().to_string(),
        "`0.5.0-foo` is not a PEP 440 version: unexpected text at byte 5"
    );
}

#[test]
fn versions_sort_from_development_to_local_label() {
    let sorted = [
        "0.9",
        "1.0.dev0",
        "1.0.dev1+x",
        "1.0a1.dev1",
        "1.0a1",
        "1.0a1.post1",
        "1.0b1",
        "1.0rc2",
        "1.0rc10",
        "1.0",
        "1.0+x",
        "1.0+x.1",
        "1.0+2",
        "1.0+10",
        "1.0.post1.dev1",
        "1.0.post1",
        "1.0.1",
        "1.1",
        "1.18446744073709551615",
        "1.18446744073709551616",
        "1.99999999999999999999",
        "1.100000000000000000000",
        "1!0.1",
    ];
    for pair in sorted.windows(2) {
        assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
    }
}

#[test]
fn spellings_of_one_version_are_equal_and_hash_alike() {
    let spellings = ["1", "1.0", "v1.0.0", "1.0.0.0.0.0", "0!1"];
    assert_eq!(spellings.map(version).into_iter().collect::<HashSet<_>>().len(), 1);
    assert_ne!(version("1.0"), version("1.0+x"));
    assert_ne!(version("1.0"), version("1.0.post0"));
}

#[test]
fn the_parts_of_a_version_can_be_asked_for() {
    let full = version("2!1.0rc1.post3.dev4+x-1");
    assert_eq!(full.epoch(), &2);
    assert_eq!(full.release(), [Number::from(1), Number::from(0)]);
    assert_eq!(full.pre(), Some((PreKind::Candidate, &Number::from(1))));
    assert_eq!(full.post().and_then(Number::as_u64), Some(3));
    assert_eq!(full.dev().and_then(Number::as_u64), Some(4));
    assert_eq!(full.local(), Some("x.1"));
    assert_eq!(version("1.18446744073709551616").release()[1].as_u64(), None);
    for (text, prerelease, dev) in
        [("1.0", false, false), ("1.0rc1", true, false), ("1.0.dev0", true, true), ("1.0.post1", false, false)]
    {
        assert_eq!((version(text).is_prerelease(), version(text).is_dev()), (prerelease, dev), "{text}");
    }
}

#[test]
fn versions_are_also_made_of_their_parts() {
    let made = Version::new(0, 5, 1);
    assert_eq!(made.to_string(), "0.5.1");
    assert_eq!(made.clone().with_pre(PreKind::Candidate, 2).to_string(), "0.5.1rc2");
    assert_eq!(made.with_dev(3).to_string(), "0.5.1.dev3");
}

proptest! {
    #[test]
    fn any_text_is_a_version_or_an_error_within_it(text in "\\PC*|[ v0-9.!+_a-fprcostdevl-]{0,30}") {
        match Version::parse(&text) {
            Ok(version) => prop_assert!(Version::is_canonical_spelling(&version.to_string())),
            Err(error) => prop_assert!(text.is_char_boundary(error.offset)),
        }
    }

    #[test]
    fn the_normal_form_reads_back_as_an_equal_version(
        text in "v?([0-9]{1,2}!)?[0-9]{1,25}(\\.[0-9]{1,3}){0,6}([-_.]?(a|beta|C|rc)[-_.]?[0-9]{0,3})?(-[0-9]|\\.?post[0-9]?)?([-_.]?dev[0-9]{0,9})?(\\+[a-zA-Z0-9]{1,4}([-_.][a-zA-Z0-9]{1,4}){0,2})?",
    ) {
        let read = version(&text);
        let again = version(&read.to_string());
        prop_assert_eq!(again.cmp(&read), Ordering::Equal);
        prop_assert_eq!(again, read);
    }
}
