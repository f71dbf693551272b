//! Any text is a lockfile or an error, every place is one of the text, and the reader for what uv writes finds what the
//! reader for all of TOML finds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::lockfile::uv_lock::{UvLock, without_versions};
use release_core::text::SourceText;

fuzz_target!(|text: &str| {
    let source = SourceText::new(text);
    let lock = UvLock::parse(&source);
    // What begins a line ending would end it here.
    if text.ends_with('\r') {
        return;
    }
    // uv writes no such comments: one at the end, which moves no place, makes the text one for the other reader.
    let commented = UvLock::parse(&SourceText::new(format!("{text}\n#")));
    assert_eq!(lock.is_ok(), commented.is_ok());
    match lock {
        Ok(lock) => {
            for package in &lock.packages {
                let version = package.version.iter().chain(package.source.as_ref().map(|source| &source.location));
                for string in version.chain([&package.name]) {
                    assert!(!text[string.span.clone()].is_empty());
                }
                for file in &package.files {
                    assert!(text[file.span.clone()].contains(&text[file.location.clone()]));
                }
            }
            assert_eq!(Some(&lock), commented.as_ref().ok());
            let names: Vec<&str> = lock.packages.iter().map(|package| package.name.value.as_str()).collect();
            assert!(without_versions(&source, &names).is_ok());
        }
        Err(error) => assert!(text.get(error.span).is_some()),
    }
});
