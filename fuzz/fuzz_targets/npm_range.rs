//! Any text is a range or an error: what was read reads back, and a range that counts pre-releases contains no less.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::version::npm::{Range, Spec, read_version};

fuzz_target!(|text: &str| {
    Spec::parse(text);
    let (range, version) = text.split_once('\n').unwrap_or((text, ""));
    match Range::parse(range) {
        Ok(range) => {
            assert_eq!(Range::parse(&range.to_string()).as_ref(), Ok(&range));
            if let Some(version) = read_version(version) {
                assert!(!range.contains(&version) || range.contains_with_prereleases(&version));
            }
        }
        Err(error) => assert!(range.is_char_boundary(error.offset), "{error}"),
    }
});
