use super::*;
use proptest::prelude::*;

fn set(text: &str) -> SpecifierSet {
    SpecifierSet::parse(text).unwrap()
}

fn admits(specifiers: &str, version: &str) -> bool {
    set(specifiers).contains(&version.parse().unwrap())
}

#[test]
fn clauses_admit_what_pep_440_says() {
    for (specifiers, inside, outside) in [
        ("", "0.dev0 1.0 2!1.0", ""),
        ("==0.5.0", "0.5 0.5.0 0.5.0+local", "0.5.0rc1 0.5.0.post1 0.5.1"),
        ("==0.5.0+x.1", "0.5+X-1", "0.5.0 0.5.0+x"),
        ("!=0.5.0", "0.5.1 0.5.0rc1", "0.5.0 0.5.0+local"),
        ("==0.5.*", "0.5 0.5.9 0.5.0rc1 0.5.post1", "0.50 0.6.dev0 1!0.5"),
        ("==1.0.0.*", "1 1.0.0.1", "1.0.1"),
        ("!=0.5.*", "0.6 0.4", "0.5.0 0.5.3.dev0"),
        (">=0.6.0", "0.6.0 0.6.0+x 0.7.0rc1", "0.6.0.dev1 0.6.0rc1 0.5"),
        ("<=0.6.0", "0.6.0 0.6.0+x 0.6.0rc1", "0.6.0.post1"),
        ("<0.6.0", "0.5.9 0.5.9.post1", "0.6.0rc1 0.6.0.dev0 0.6.0a1.post1 0.6.0"),
        ("<0.6.0rc2", "0.6.0rc1 0.6.0.dev0", "0.6.0rc2 0.6.0"),
        ("<0.6.post2", "0.6 0.6rc1 0.6.post1", "0.6.post2.dev0 0.6.post2"),
        (">0.6.0", "0.6.1 0.6.1.dev0", "0.6.0 0.6.0.post1 0.6.0+x"),
        (">0.6.0rc1", "0.6.0rc2 0.6.0 0.6.0.post1", "0.6.0rc1.post1 0.6.0rc1"),
        (">0.6.0.post1", "0.6.0.post2 0.6.1", "0.6.0.post1+x 0.6.0.post1"),
        (">0.6.0.dev1", "0.6.0.dev2 0.6.0", "0.6.0.dev1+x"),
        ("~=0.5.1", "0.5.1 0.5.9 0.5.9rc1", "0.5.0 0.6.0 0.6.0.dev0"),
        ("~=0.5", "0.5 0.9", "1.0 0.4"),
        ("~=1.4.5a4", "1.4.5a4 1.4.5 1.4.9", "1.4.5a3 1.5"),
        ("===0.5.0+X", "0.5.0+x", "0.5.0 0.5+x"),
        (">=0.5,<0.7,!=0.6.1", "0.5 0.6.2", "0.6.1 0.7 0.4"),
    ] {
        for version in inside.split_whitespace() {
            assert!(admits(specifiers, version), "{specifiers} admits {version}");
        }
        for version in outside.split_whitespace() {
            assert!(!admits(specifiers, version), "{specifiers} refuses {version}");
        }
    }
}

#[test]
fn pre_releases_are_contained_and_it_is_known_whether_one_is_named() {
    let candidate: Version = "0.7.0rc1".parse().unwrap();
    for (specifiers, contains, names) in [
        (">=0.6.0", true, false),
        ("", true, false),
        (">=0.6.0rc1", true, true),
        (">=0.6,!=0.7.0rc2", true, false),
        ("==0.7.*", true, false),
        ("===0.7.0rc1", true, true),
        (">=0.8.0rc1", false, true),
    ] {
        assert_eq!((set(specifiers).contains(&candidate), set(specifiers).names_prerelease()), (contains, names));
    }
}

#[test]
fn every_part_has_its_place() {
    let text = " >= 0.5 ,!=0.5.* , ";
    let set = set(text);
    let parts: Vec<[&str; 2]> = set
        .clauses
        .iter()
        .map(|clause| [&clause.operator_span, &clause.version_span].map(|span| &text[span.clone()]))
        .collect();
    assert_eq!(parts, [[">=", "0.5"], ["!=", "0.5.*"]]);
    assert_eq!(&text[set.span], ">= 0.5 ,!=0.5.*");
}

#[test]
fn sets_print_sorted_and_without_repetition_and_are_equal_by_meaning() {
    assert_eq!(set(">= 1.0, !=1.5, >=1.0.0, ~=1.0,~=1.0.0").to_string(), "!=1.5,>=1.0,~=1.0,~=1.0.0");
    assert_eq!(set("").to_string(), "");
    assert_eq!(set(">=1.0,!=1.5"), set("!=1.5.0 , >=1"));
    assert_ne!(set("~=1.0"), set("~=1.0.0"));
    assert_ne!(set("==1.0"), set("===1.0"));
    assert_ne!(set(">=1.0"), set(">=1.0,<2"));
}

#[test]
fn what_is_not_a_specifier_is_refused_with_the_place() {
    for (text, offset) in [
        ("1.0", 0),
        ("=1.0", 0),
        (">=", 2),
        (">=0.5, <", 8),
        (">=1.0 <2", 5),
        (">= 1.0foo", 6),
        (">=1.*", 3),
        ("==1.0a1.*", 7),
        ("==1.0 .*", 6),
        ("<1.0+x", 4),
        ("~=1", 2),
        ("===a b", 4),
    ] {
        assert_eq!(SpecifierSet::parse(text).unwrap_err().offset, offset, "{text:?}");
    }
    assert_eq!(
        SpecifierSet::parse(">=0.5,~=1").unwrap_err().to_string(),
        "`>=0.5,~=1` is not a version specifier: `~=` needs a version of two or more numbers at byte 8"
    );
}

proptest! {
    #[test]
    fn any_text_is_a_specifier_or_an_error_within_it(text in "\\PC*|([ ,<>=~!]{0,4}[v0-9.*+a-r-]{0,8}){0,3}") {
        match SpecifierSet::parse(&text) {
            Ok(set) => prop_assert_eq!(SpecifierSet::parse(&set.to_string()), Ok(set)),
            Err(error) => prop_assert!(text.is_char_boundary(error.offset)),
        }
    }
}
