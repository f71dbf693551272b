use super::*;
use crate::build_version::BuildVersion;
use expect_test::expect;
use proptest::prelude::*;

fn pep440(text: &str) -> Version {
    text.parse().unwrap()
}

fn npm(text: &str) -> semver::Version {
    text.parse().unwrap()
}

#[test]
fn finals_candidates_and_development_versions_have_a_spelling_on_npm() {
    for (left, right) in [
        ("0.5.0", "0.5.0"),
        ("0.5.0rc1", "0.5.0-rc.1"),
        ("0.5.0rc10", "0.5.0-rc.10"),
        ("0.5.0rc0", "0.5.0-rc.0"),
        ("0.5.1.dev0", "0.5.1-dev.0"),
        ("0.5.1.dev20260219", "0.5.1-dev.20260219"),
        ("9007199254740991.0.0", "9007199254740991.0.0"),
        ("1.0.0.dev9007199254740991", "1.0.0-dev.9007199254740991"),
    ] {
        assert_eq!(to_npm(&pep440(left)).unwrap().to_string(), right);
    }
    for spelling in ["v0.5.0-rc.1", "0.5.0c1", "0.5.0.preview_1"] {
        assert_eq!(to_npm(&pep440(spelling)).unwrap().to_string(), "0.5.0-rc.1", "{spelling}");
    }
}

#[test]
fn what_has_no_npm_spelling_is_refused_with_the_reason() {
    let refused = [
        "1!0.5.0",
        "0.5",
        "0.2.10.1",
        "0.5.0a1",
        "0.5.0b2",
        "0.5.0a1.dev2",
        "0.5.0.post1",
        "0.5.0-1",
        "0.5.0rc1.dev2",
        "0.5.0+x",
        "0.5.0.dev9007199254740992",
        "0.5.0rc99999999999999999999",
        "99999999999999999999.0.0",
    ];
    let messages: Vec<String> = refused.iter().map(|text| to_npm(&pep440(text)).unwrap_err().to_string()).collect();
    expect![[r#"
        `1!0.5.0` has no npm spelling: semver has no epoch; write it without `N!`
        `0.5` has no npm spelling: it has 2 numbers and semver has three; write X.Y.Z
        `0.2.10.1` has no npm spelling: it has 4 numbers and semver has three; write X.Y.Z
        `0.5.0a1` has no npm spelling: PEP 440 sorts alphas and betas above development versions, npm below them; make it a candidate (X.Y.ZrcN, `X.Y.Z-rc.N` on npm)
        `0.5.0b2` has no npm spelling: PEP 440 sorts alphas and betas above development versions, npm below them; make it a candidate (X.Y.ZrcN, `X.Y.Z-rc.N` on npm)
        `0.5.0a1.dev2` has no npm spelling: PEP 440 sorts alphas and betas above development versions, npm below them; make it a candidate (X.Y.ZrcN, `X.Y.Z-rc.N` on npm)
        `0.5.0.post1` has no npm spelling: npm has nothing between a final and the next version; release the next patch
        `0.5.0.post1` has no npm spelling: npm has nothing between a final and the next version; release the next patch
        `0.5.0rc1.dev2` has no npm spelling: PEP 440 sorts a development version below its candidate, npm anything after `rc.N` above it; write X.Y.Z.devN or X.Y.ZrcN
        `0.5.0+x` has no npm spelling: npm does not order what follows a `+`; write it without
        `0.5.0.dev9007199254740992` has no npm spelling: npm reads no number above 9007199254740991
        `0.5.0rc99999999999999999999` has no npm spelling: npm reads no number above 9007199254740991
        `99999999999999999999.0.0` has no npm spelling: npm reads no number above 9007199254740991"#]].assert_eq(&messages.join("\n"));
}

/// For each refused shape, two versions and semver's order of the same letters.
#[test]
fn the_orders_disagree_about_each_shape_that_is_refused() {
    for (lower, higher, npm_lower, npm_higher) in [
        ("0.5.0.dev1", "0.5.0a1", "0.5.0-dev.1", "0.5.0-alpha.1"),
        ("0.5.0.dev1", "0.5.0b1", "0.5.0-dev.1", "0.5.0-beta.1"),
        ("0.5.0", "0.5.0.post1", "0.5.0", "0.5.0-post.1"),
        ("0.5.0rc1.dev1", "0.5.0rc1", "0.5.0-rc.1.dev.1", "0.5.0-rc.1"),
        ("9.0.0", "1!0.5.0", "9.0.0", "0.5.0"),
    ] {
        assert!(pep440(lower) < pep440(higher), "{lower} {higher}");
        assert!(npm(npm_lower) > npm(npm_higher), "{npm_lower} {npm_higher}");
        assert!(to_npm(&pep440(lower)).is_err() || to_npm(&pep440(higher)).is_err(), "{lower} {higher}");
    }
    assert!(pep440("0.5.0") < pep440("0.5.0+x"));
    assert!(npm("0.5.0").cmp_precedence(&npm("0.5.0+x")).is_eq());
}

fn mapped() -> impl Strategy<Value = Version> {
    let suffix = prop_oneof![Just(None), Just(Some(true)), Just(Some(false))];
    // Small numbers, so that versions meet, from both sides of a power of ten, and any number that npm reads.
    let number = || prop_oneof![4 => 0u64..3, 2 => 8u64..12, 1 => 0..=MAX_NUMBER];
    (number(), number(), number(), suffix, number()).prop_map(|(major, minor, patch, suffix, number)| {
        let release = Version::new(major, minor, patch);
        match suffix {
            None => release,
            Some(true) => release.with_pre(PreKind::Candidate, number),
            Some(false) => release.with_dev(number),
        }
    })
}

/// Any version: its text, and `true` if its shape is mapped.
fn any_version() -> impl Strategy<Value = (String, bool)> {
    let optional = |names: &'static [&'static str]| prop::option::of((prop::sample::select(names), 0u64..3));
    let numbers = prop::collection::vec(0u64..3, 1..6);
    (0u64..2, numbers, optional(&["a", "b", "rc"]), optional(&[".post"]), optional(&[".dev"]), any::<bool>()).prop_map(
        |(epoch, numbers, pre, post, dev, local)| {
            let suffix =
                |part: &Option<(&str, u64)>| part.map_or(String::new(), |(name, number)| format!("{name}{number}"));
            let three = numbers.len() == 3;
            let numbers = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
            let text = format!(
                "{epoch}!{numbers}{}{}{}{}",
                suffix(&pre),
                suffix(&post),
                suffix(&dev),
                if local { "+x" } else { "" }
            );
            let alike = match pre {
                None => true,
                Some((name, _)) => name == "rc" && dev.is_none(),
            };
            (text, epoch == 0 && three && post.is_none() && !local && alike)
        },
    )
}

proptest! {
    #[test]
    fn the_order_is_kept(left in mapped(), right in mapped()) {
        let (left_npm, right_npm) = (to_npm(&left).unwrap(), to_npm(&right).unwrap());
        prop_assert_eq!(left.cmp(&right), left_npm.cmp_precedence(&right_npm));
    }

    #[test]
    fn exactly_the_shapes_that_sort_alike_are_mapped((text, alike) in any_version()) {
        prop_assert_eq!(to_npm(&pep440(&text)).is_ok(), alike, "{}", text);
    }

    #[test]
    fn a_build_has_the_spelling_that_the_mapping_gives_it(version in mapped()) {
        let build = BuildVersion::parse(&version.to_string()).unwrap();
        prop_assert_eq!(build.npm(), to_npm(&version).unwrap().to_string());
    }
}
