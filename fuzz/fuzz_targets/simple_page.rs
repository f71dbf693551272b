//! Any bytes are the page of a package or an error; what is read of it is of that package, and has an address or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::registry::address::{Spelling, join};
use release_core::registry::file_name::{is_pure_wheel, version_of};
use release_core::registry::simple::{Page, Standing};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(page) = Page::parse(bytes, "a") {
        for file in &page.files {
            assert_eq!(version_of(&file.name, "a"), Some((file.kind, file.version.clone())));
            assert_ne!(page.standing(&file.version), Standing::Absent);
            is_pure_wheel(&file.name);
            if let Some(url) = join("https://i.example/simple/a/", &file.url) {
                let spelling = Spelling::learn([(url.as_str(), url.as_str())].into_iter());
                assert!(spelling.is_none_or(|spelling| spelling.locked(&url).as_deref() == Some(&*url)));
            }
        }
        assert!(page.versions().len() <= page.files.len());
    }
});
