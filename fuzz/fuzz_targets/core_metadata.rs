//! Any bytes are the metadata of a wheel or an error, and any metadata has a verdict.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::lockfile::uv_lock::{UvLock, same_requirements};
use release_core::registry::metadata::CoreMetadata;
use release_core::text::SourceText;

const LOCK: &str = "requires-python = \">=3.12\"\n\n[[package]]\nname = \"a\"\nversion = \"1\"\n\
                    dependencies = [\n    { name = \"b\" },\n]\n\n[[package]]\nname = \"b\"\nversion = \"1\"\n";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(metadata) = CoreMetadata::parse(bytes) {
        for requires in &metadata.requires_dist {
            assert!(requires.requirement.marker.as_ref().is_none_or(|span| requires.text.get(span.clone()).is_some()));
        }
        let Ok(lock) = UvLock::parse(&SourceText::new(LOCK)) else { return };
        same_requirements(&lock, &lock.packages[0], &metadata, Some(&metadata));
    }
});
