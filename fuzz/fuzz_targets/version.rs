//! Any text is a version or specifier, or an error: what was read reads back, and no comparison panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::version::{SpecifierSet, Version};

fuzz_target!(|text: &str| {
    version_reads_back(text);
    specifiers_read_back(text);
    // Space may stand around both, so that any of it serves to give a pair.
    if let Some((left, right)) = text.split_once(' ') {
        comparisons_agree(left, right);
    }
});

fn version_reads_back(text: &str) {
    match Version::parse(text) {
        Ok(version) => {
            let normal = version.to_string();
            assert!(Version::is_canonical_spelling(&normal), "{normal:?}");
            assert_eq!(Version::parse(&normal).as_ref(), Ok(&version));
        }
        Err(error) => assert!(text.is_char_boundary(error.offset), "{error}"),
    }
}

fn specifiers_read_back(text: &str) {
    match SpecifierSet::parse(text) {
        Ok(set) => {
            assert_eq!(SpecifierSet::parse(&set.to_string()).as_ref(), Ok(&set));
            for clause in &set.clauses {
                assert_eq!(&text[clause.operator_span.clone()], clause.operator.as_str());
                assert_eq!(text[clause.version_span.clone()], clause.text);
            }
        }
        Err(error) => assert!(text.is_char_boundary(error.offset), "{error}"),
    }
}

fn comparisons_agree(left: &str, right: &str) {
    let Ok(version) = Version::parse(right) else { return };
    if let Ok(other) = Version::parse(left) {
        assert_eq!(version == other, version.cmp(&other).is_eq());
        assert_eq!(version.cmp(&other), other.cmp(&version).reverse());
    }
    if let Ok(set) = SpecifierSet::parse(left) {
        set.contains(&version);
        set.names_prerelease();
    }
}
