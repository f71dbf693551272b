//! Any bytes are a registry's document of a package or an error, and every version of it can be compared with a lockfile.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::lockfile::package_lock::{PackageLock, Wanted, relock};
use release_core::manifest::package_json::PackageJson;
use release_core::registry::npm::Document;
use release_core::text::SourceText;

const PACKAGE: &str = "{\n  \"dependencies\": {\n    \"a\": \"*\"\n  }\n}\n";

const LOCK: &str = r#"{
  "name": "ui",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": {
      "dependencies": {
        "a": "*"
      }
    },
    "node_modules/a": {
      "version": "1.0.0",
      "resolved": "https://npm.example/a.tgz",
      "integrity": "sha512-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=="
    }
  }
}
"#;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::parse(bytes, "a") else { return };
    let (package, lock) = (SourceText::new(PACKAGE), SourceText::new(LOCK));
    let (Ok(read), Ok(locked)) = (PackageJson::parse(&package), PackageLock::parse(&lock)) else { return };
    for (version, manifest) in &document.versions {
        assert_eq!(version, &manifest.version);
        let wanted = Wanted { client: "a", version, range: "*" };
        let resolved = manifest.tarball.as_deref().unwrap_or_default();
        let _ = relock((&package, &read), (&lock, &locked), &wanted, Some((manifest, resolved)));
    }
});
