//! Any text is a lockfile or an error, and every place is one of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::lockfile::package_lock::PackageLock;
use release_core::manifest::package_json::PackageJson;
use release_core::text::SourceText;

fuzz_target!(|text: &str| {
    let source = SourceText::new(text);
    if let Ok(package) = PackageJson::parse(&source) {
        assert!(package.dependencies.iter().all(|dependency| text[dependency.span.clone()].starts_with('"')));
    }
    match PackageLock::parse(&source) {
        Ok(lock) => {
            for entry in lock.packages.iter().chain(&lock.legacy) {
                let values = [&entry.explicit_name, &entry.version, &entry.resolved, &entry.integrity];
                for string in values.into_iter().flatten().chain([&entry.path]) {
                    assert!(text[string.span.clone()].starts_with('"'));
                }
                entry.name();
            }
        }
        Err(error) => assert!(text.get(error.span).is_some(), "{}", error.message),
    }
});
