//! Any text is a range or an error: what was read reads back, and says of every version what it said before.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::version::npm::{Range, Spec, read_version};

fuzz_target!(|text: &str| {
    Spec::parse(text);
    let (range, version) = text.split_once('\n').unwrap_or((text, ""));
    match Range::parse(range) {
        Ok(range) => {
            let again = Range::parse(&range.to_string()).expect("what is written reads back");
            assert_eq!(again, range);
            if let Some(version) = read_version(version) {
                assert_eq!(again.contains(&version), range.contains(&version));
            }
        }
        Err(error) => assert!(range.is_char_boundary(error.offset), "{error}"),
    }
});
