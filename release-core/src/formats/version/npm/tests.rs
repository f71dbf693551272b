use super::*;
use proptest::prelude::*;
use semver::Version;

fn range(text: &str) -> Range {
    Range::parse(text).unwrap()
}

fn version(text: &str) -> Version {
    read_version(text).unwrap()
}

#[test]
fn every_kind_of_range_has_its_normal_form() {
    for (text, normal) in [
        ("0.4.4", "0.4.4"),
        (" v0.4.4 ", "0.4.4"),
        ("=0.4.4+sha.5", "0.4.4"),
        ("^0.4.4", ">=0.4.4 <0.5.0-0"),
        ("^0.0.4", ">=0.0.4 <0.0.5-0"),
        ("^1.2.3", ">=1.2.3 <2.0.0-0"),
        ("^0.4.0-rc.1", ">=0.4.0-rc.1 <0.5.0-0"),
        ("^0", "<1.0.0-0"),
        ("^0.4", ">=0.4.0 <0.5.0-0"),
        ("~1.2.3", ">=1.2.3 <1.3.0-0"),
        ("~> 1", ">=1.0.0 <2.0.0-0"),
        ("", "*"),
        ("x", "*"),
        ("1.x", ">=1.0.0 <2.0.0-0"),
        ("1.2.*", ">=1.2.0 <1.3.0-0"),
        (">1", ">=2.0.0"),
        (">1.2", ">=1.3.0"),
        ("<=1.2", "<1.3.0-0"),
        ("<1.2", "<1.2.0-0"),
        (">= 1.2.3 < 2", ">=1.2.3 <2.0.0-0"),
        ("1.2 - 2.3", ">=1.2.0 <2.4.0-0"),
        ("1.2.3 - 2.3.4", ">=1.2.3 <=2.3.4"),
        ("<1 || >2 ||  1.5.0", "<1.0.0-0||>=3.0.0||1.5.0"),
        ("1 || *", "*"),
        ("<0 || 1.0.0", "1.0.0"),
        ("<* || 1.0.0", "1.0.0"),
        ("1.0.0 1.0.0 *", "1.0.0"),
    ] {
        assert_eq!(range(text).to_string(), normal, "{text:?}");
    }
}

#[test]
fn what_is_not_a_range_is_refused_with_the_place() {
    for (text, offset) in [
        ("latest", 0),
        ("1.2.3.4", 5),
        ("01.2.3", 1),
        ("^1.2.3 || ^^2", 11),
        (">=1.2.3 <", 8),
        ("1.x.3", 0),
        ("1.2.3 - ", 6),
        ("1.2.3-01", 5),
        ("==1.2.3", 2),
        ("9007199254740992.0.0", 0),
        ("^9007199254740991", 1),
        ("workspace:*", 0),
    ] {
        assert_eq!(Range::parse(text).unwrap_err().offset, offset, "{text:?}");
    }
    assert_eq!(
        Range::parse("^1.2.3 || latest").unwrap_err().to_string(),
        "`^1.2.3 || latest` is not an npm version range: expected a number or `x` at byte 10"
    );
}

#[test]
fn a_pre_release_is_in_a_range_that_names_one_of_the_same_numbers() {
    for (text, inside, outside) in [
        ("^0.4.4", "0.4.5", "0.4.5-rc.1"),
        ("^0.4.4", "0.4.4", "0.5.0"),
        ("^0.4.0-rc.1", "0.4.0-rc.2", "0.4.1-rc.1"),
        ("^0.4.0-rc.1", "0.4.5", "0.5.0-rc.1"),
        ("*", "0.4.4", "0.4.4-rc.1"),
        ("0.4.4", "0.4.4+sha", "0.4.4-rc.1"),
        (">0.4.0-rc.9", "0.4.0-rc.10", "0.4.0-rc.9"),
    ] {
        assert!(range(text).contains(&version(inside)), "{text} {inside}");
        assert!(!range(text).contains(&version(outside)), "{text} {outside}");
    }
}

#[test]
fn versions_are_read_with_one_v_and_space_around_and_no_other_liberty() {
    for text in ["1.2.3", "v1.2.3", " 1.2.3\n", "1.2.3-rc.1+sha", "9007199254740991.0.0"] {
        assert!(read_version(text).is_some(), "{text:?}");
    }
    for text in ["", "1.2", "=1.2.3", "vv1.2.3", "v 1.2.3", "01.2.3", "1.2.3-01", "1.2.3rc1", "9007199254740992.0.0"] {
        assert_eq!(read_version(text), None, "{text:?}");
    }
    assert_eq!(read_version(&format!("1.2.3-{}", "a".repeat(251))), None);
}

#[test]
fn only_a_range_around_one_version_is_about_a_series() {
    for (text, series) in [
        ("^0.4.4", Some("0.4")),
        ("~0.4", Some("0.4")),
        ("0.4.x", Some("0.4")),
        ("=0.5.0-rc.1", Some("0.5")),
        ("^1.2.3", Some("1.2")),
        ("^1", None),
        ("*", None),
        (">=0.4.4", None),
        ("0.4.4 - 0.4.6", None),
        ("^0.4.4 || ^0.5.0", None),
        ("^0.4.4 <0.4.9", None),
    ] {
        assert_eq!(range(text).series().map(|line| line.to_string()).as_deref(), series, "{text}");
    }
}

#[test]
fn ranges_are_equal_when_their_normal_forms_are() {
    assert_eq!(range("^0.4.4"), range(">=0.4.4 <0.5.0-0"));
    assert_ne!(range("^0.4.4"), range("~0.4.5"));
}

#[test]
fn what_does_not_come_from_a_registry_is_told_apart_from_ranges() {
    let kind = |text: &str| match Spec::parse(text) {
        Spec::Range(range) => format!("range {range}"),
        Spec::Alias { name, wanted } => {
            format!("alias {name} {}", wanted.range().map_or_else(|| format!("{wanted:?}"), Range::to_string))
        }
        Spec::Tag(tag) => format!("tag {tag}"),
        Spec::Other(_) => "other".to_owned(),
    };
    for (text, expected) in [
        ("^1", "range >=1.0.0 <2.0.0-0"),
        ("", "range *"),
        (" latest ", "tag latest"),
        ("next-14", "tag next-14"),
        ("npm:client@^1", "alias client >=1.0.0 <2.0.0-0"),
        ("npm:@scope/client@1.0.0", "alias @scope/client 1.0.0"),
        ("npm:@scope/client", "alias @scope/client *"),
        ("npm:client@next", "alias client Tag(\"next\")"),
        ("npm:", "other"),
        ("npm:@", "other"),
        ("npm:a@npm:b@1", "other"),
        ("workspace:*", "other"),
        ("file:../client", "other"),
        ("./client", "other"),
        ("~/client", "other"),
        ("client-1.0.0.tgz", "other"),
        ("1.0.0-a.tgz", "other"),
        ("owner/repository#semver:^1", "other"),
        ("git+ssh://git@host.example/client.git#v1", "other"),
        ("https://host.example/client.tgz", "other"),
        ("1.2.3beta", "other"),
    ] {
        assert_eq!(kind(text), expected, "{text:?}");
    }
}

#[test]
fn long_nonsense_takes_no_longer_than_its_length() {
    for piece in ["v", " = ", "1.2.3-", "^ ", "|| ", "* ", "+a"] {
        let _ = Range::parse(&piece.repeat(50_000));
    }
    let bounds: Vec<String> = (0..20_000).map(|patch| format!(">0.0.{patch}")).collect();
    assert!(range(&bounds.join(" ")).contains(&version("0.1.0")));
}

proptest! {
    #[test]
    fn any_text_is_a_range_or_an_error_within_it(text in "\\PC*|[ v=<>~^|x*0-9.+a-c-]{0,30}") {
        match Range::parse(&text) {
            Ok(range) => prop_assert_eq!(Range::parse(&range.to_string()), Ok(range)),
            Err(error) => prop_assert!(text.is_char_boundary(error.offset), "{}", error),
        }
        Spec::parse(&text);
        read_version(&text);
    }
}
