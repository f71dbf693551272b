//! The page of a package in an index's simple API, as JSON.
//!
//! Format: <https://packaging.python.org/en/latest/specifications/simple-repository-api/> (PEP 691, sizes and upload times of
//! PEP 700, `core-metadata` of PEP 714 and 658, `yanked` of PEP 592, `provenance` of PEP 740).

use super::DocumentError;
use super::file_name::version_of;
use super::loose::{List, Object};
use crate::manifest::requirement::canonical_name;
use crate::registry::file_name::FileKind;
use crate::version::Version;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess};
use serde_json::Value;
use std::collections::BTreeMap;

/// Hashes that uv would rather note down than SHA-256.
const STRONGER_HASHES: [&str; 3] = ["sha384", "sha512", "blake2b"];

/// The page of a package: the files that its versions are installed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In the order of the page; without files whose names follow no rule.
    pub files: Vec<File>,
}

/// A file on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// The kind of distribution, by its name.
    pub kind: FileKind,
    /// Its version, by its name.
    pub version: Version,
    /// The address, as served: it may be relative to the page.
    pub url: String,
    /// SHA-256 in lower-case hexadecimal, or `None` if the index gives a stronger hash too, which uv prefers.
    pub sha256: Option<String>,
    /// SHA-256 in lower-case hexadecimal, whatever other hashes the index gives.
    pub digest: Option<String>,
    /// Its bytes.
    pub size: Option<u64>,
    /// The time of its upload, as served.
    pub upload_time: Option<String>,
    /// The reason for which it is not to be installed any more; it may be empty.
    pub yanked: Option<String>,
    /// `true` if its metadata is served beside it, at its address with `.metadata` at the end.
    pub has_metadata: bool,
    /// The versions of Python that it is for.
    pub requires_python: Option<String>,
    /// The address of its attestations (PEP 740), as served; `None` if the index has none of it.
    pub provenance: Option<String>,
}

/// The state of a version in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A wheel and a source distribution are there.
    Published,
    /// A file is yanked, with the reason, which may be empty.
    Yanked(String),
    /// Files are there, but not what this says.
    Incomplete(&'static str),
    /// No file is there.
    Absent,
}

/// The files of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versioned {
    /// The reason for which it is yanked, if all its files are (a version is there as long as one of them is); it may
    /// be empty.
    pub yanked: Option<String>,
    /// The files that it lacks of a wheel and a source distribution.
    pub lacks: Option<&'static str>,
}

impl Versioned {
    fn of(files: &[&File]) -> Self {
        let reasons: Option<Vec<&String>> = files.iter().map(|file| file.yanked.as_ref()).collect();
        Self {
            yanked: reasons.and_then(|reasons| reasons.first().map(|reason| (*reason).clone())),
            lacks: lacks(files),
        }
    }
}

/// The files that a release has and this version lacks.
fn lacks(files: &[&File]) -> Option<&'static str> {
    let has = |kind: FileKind| files.iter().any(|file| file.kind == kind);
    match (has(FileKind::Wheel), has(FileKind::Sdist)) {
        (true, true) => None,
        (false, _) => Some("the wheel"),
        (true, false) => Some("the source distribution"),
    }
}

#[derive(Deserialize)]
struct Document {
    meta: Meta,
    name: String,
    #[serde(deserialize_with = "raw_files")]
    files: Vec<RawFile>,
}

fn raw_files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RawFile>, D::Error> {
    let admit = |file: &RawFile| file.name.is_some() && file.url.is_some();
    List { what: "files", admit }.deserialize(deserializer)
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "api-version")]
    api_version: String,
}

impl Page {
    /// Reads the page of a package. A file that is odd is left out, as installers do.
    ///
    /// # Errors
    /// If it is no such page, speaks another major version of the API, or is another package's.
    pub fn parse(bytes: &[u8], canonical_package: &str) -> Result<Self, DocumentError> {
        let document: Document = serde_json::from_slice(bytes).map_err(DocumentError::new)?;
        if document.meta.api_version.split('.').next() != Some("1") {
            return Err(DocumentError::new(format!("version {} of the API", document.meta.api_version)));
        }
        if canonical_name(&document.name) != canonical_package {
            return Err(DocumentError::new(format!("the page of `{}`, not of `{canonical_package}`", document.name)));
        }
        let read = |file: RawFile| file.read(canonical_package);
        Ok(Self { files: document.files.into_iter().filter_map(read).collect() })
    }

    /// Every version that has a file.
    pub fn versions(&self) -> BTreeMap<Version, Versioned> {
        let mut by_version: BTreeMap<Version, Vec<&File>> = BTreeMap::new();
        for file in &self.files {
            by_version.entry(file.version.clone()).or_default().push(file);
        }
        by_version.into_iter().map(|(version, files)| (version, Versioned::of(&files))).collect()
    }

    /// The files of a version.
    pub fn of<'a>(&'a self, version: &'a Version) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.version == *version)
    }

    /// Returns the state of a version: published are at least a wheel and a source distribution, none of them yanked.
    pub fn standing(&self, version: &Version) -> Standing {
        let files: Vec<&File> = self.of(version).collect();
        match (files.iter().find_map(|file| file.yanked.as_ref()), lacks(&files)) {
            _ if files.is_empty() => Standing::Absent,
            (Some(reason), _) => Standing::Yanked(reason.clone()),
            (None, lacks) => lacks.map_or(Standing::Published, Standing::Incomplete),
        }
    }
}

/// A file as the page has it.
#[derive(Default)]
struct RawFile {
    name: Option<String>,
    url: Option<String>,
    hashes: Value,
    size: Option<u64>,
    upload_time: Option<String>,
    yanked: Option<String>,
    has_metadata: bool,
    requires_python: Option<String>,
    provenance: Option<String>,
}

impl<'de> Object<'de> for RawFile {
    fn read<A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut file = Self::default();
        while let Some(key) = entries.next_key::<String>()? {
            match key.as_str() {
                "filename" => file.name = text(entries.next_value()?),
                "url" => file.url = text(entries.next_value()?),
                "hashes" => file.hashes = entries.next_value()?,
                "size" => file.size = entries.next_value::<Value>()?.as_u64(),
                "upload-time" => file.upload_time = text(entries.next_value()?),
                "requires-python" => file.requires_python = text(entries.next_value()?),
                "provenance" => file.provenance = text(entries.next_value()?),
                "yanked" => {
                    file.yanked = match entries.next_value()? {
                        Value::Bool(true) => Some(String::new()),
                        reason => text(reason).filter(|reason| !reason.is_empty()),
                    };
                }
                "core-metadata" | "dist-info-metadata" | "data-dist-info-metadata" => {
                    file.has_metadata |= matches!(entries.next_value()?, Value::Bool(true) | Value::Object(_));
                }
                _ => drop(entries.next_value::<IgnoredAny>()?),
            }
        }
        Ok(file)
    }
}

impl RawFile {
    /// Returns the file, or `None` if the name is another package's, or follows no rule.
    fn read(self, canonical_package: &str) -> Option<File> {
        let name = self.name?;
        let (kind, version) = version_of(&name, canonical_package)?;
        Some(File {
            name,
            kind,
            version,
            url: self.url?,
            sha256: sha256(&self.hashes).filter(|_| !has_stronger(&self.hashes)),
            digest: sha256(&self.hashes),
            size: self.size,
            upload_time: self.upload_time,
            yanked: self.yanked,
            has_metadata: self.has_metadata,
            requires_python: self.requires_python,
            provenance: self.provenance,
        })
    }
}

fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

/// Tells whether there is a hash that uv would rather note down.
fn has_stronger(hashes: &Value) -> bool {
    STRONGER_HASHES.iter().any(|stronger| hashes.get(stronger).is_some())
}

/// Returns the SHA-256 among hashes.
fn sha256(hashes: &Value) -> Option<String> {
    let hash = hashes.get("sha256")?.as_str()?.to_ascii_lowercase();
    (hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::super::loose::MOST;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn page(files: &Value) -> Value {
        json!({ "meta": { "api-version": "1.4" }, "name": "Meadow.Client", "files": files })
    }

    fn read(files: &Value) -> Page {
        Page::parse(page(files).to_string().as_bytes(), "meadow-client").unwrap()
    }

    #[test]
    fn files_are_read_with_what_a_lockfile_notes_down() {
        let hash = "AB".repeat(32);
        let page = read(&json!([
            {
                "filename": "meadow_client-0.4.5-py3-none-any.whl", "url": "../../f/meadow_client-0.4.5-py3-none-any.whl",
                "hashes": { "md5": "1", "sha256": hash }, "size": 12, "upload-time": "2026-02-05T17:23:06.688000Z",
                "requires-python": ">=3.12", "yanked": false, "core-metadata": { "sha256": "1" },
            },
            { "filename": "meadow_client-0.4.5.tar.gz", "url": "x", "dist-info-metadata": false, "yanked": "" },
        ]));
        let [wheel, sdist] = &page.files[..] else { panic!("{page:?}") };
        assert_eq!((wheel.kind, &wheel.version, wheel.size), (FileKind::Wheel, &"0.4.5".parse().unwrap(), Some(12)));
        assert_eq!(wheel.sha256.as_deref(), Some(&*"ab".repeat(32)));
        assert_eq!(wheel.upload_time.as_deref(), Some("2026-02-05T17:23:06.688000Z"));
        assert_eq!(wheel.requires_python.as_deref(), Some(">=3.12"));
        assert!(wheel.has_metadata && wheel.yanked.is_none());
        assert_eq!((sdist.kind, &sdist.sha256, sdist.size), (FileKind::Sdist, &None, None));
        assert!(!sdist.has_metadata && sdist.yanked.is_none());
    }

    #[test]
    fn odd_files_are_left_out_and_the_others_stay() {
        let good = json!({ "filename": "meadow_client-1.tar.gz", "url": "x" });
        for odd in [
            json!(1),
            json!({ "url": "x" }),
            json!({ "filename": 1, "url": "x" }),
            json!({ "filename": "meadow_client-1.tar.gz" }),
            json!({ "filename": "meadow_client-1.exe", "url": "x" }),
            json!({ "filename": "brook-1.tar.gz", "url": "x" }),
        ] {
            assert_eq!(read(&json!([odd, good])).files.len(), 1, "{odd}");
        }
    }

    #[test]
    fn only_a_hash_that_uv_would_take_is_read() {
        let hash = "ab".repeat(32);
        for (hashes, expected) in [
            (json!({ "sha256": hash }), true),
            (json!({ "sha256": hash, "md5": "1" }), true),
            (json!({ "sha256": hash, "sha512": "1" }), false),
            (json!({ "sha256": "ab" }), false),
            (json!({ "sha256": "é".repeat(32) }), false),
            (json!([]), false),
        ] {
            let page = read(&json!([{ "filename": "meadow_client-1.tar.gz", "url": "x", "hashes": hashes }]));
            assert_eq!(page.files[0].sha256.is_some(), expected, "{hashes}");
            // Bytes are compared by it all the same.
            let is_sound = hashes.get("sha256").is_some_and(|sha256| *sha256 == hash);
            assert_eq!(page.files[0].digest.is_some(), is_sound, "{hashes}");
        }
    }

    #[test]
    fn how_a_version_stands_is_said_in_one_word() {
        let wheel = json!({ "filename": "meadow_client-1-py3-none-any.whl", "url": "x" });
        let sdist = json!({ "filename": "meadow_client-1.0.tar.gz", "url": "x" });
        let other = json!({ "filename": "meadow_client-2.tar.gz", "url": "x" });
        let yanked = json!({ "filename": "meadow_client-1.zip", "url": "x", "yanked": "broken" });
        let silently = json!({ "filename": "meadow_client-1.zip", "url": "x", "yanked": true });
        for (files, expected) in [
            (json!([wheel, sdist, other]), Standing::Published),
            (json!([wheel, other]), Standing::Incomplete("the source distribution")),
            (json!([sdist]), Standing::Incomplete("the wheel")),
            (json!([other]), Standing::Absent),
            (json!([wheel, sdist, yanked]), Standing::Yanked("broken".to_owned())),
            (json!([silently]), Standing::Yanked(String::new())),
        ] {
            assert_eq!(read(&files).standing(&"1".parse().unwrap()), expected, "{files}");
        }
        let versions = read(&json!([wheel, yanked, { "filename": "meadow_client-2.zip", "url": "x", "yanked": true }]));
        let versions: Vec<_> = versions.versions().into_iter().map(|(version, of)| (version.to_string(), of)).collect();
        let whole = Versioned::default();
        let yanked = Versioned { yanked: Some(String::new()), lacks: Some("the wheel") };
        assert_eq!(versions, [("1".to_owned(), whole), ("2".to_owned(), yanked)]);
    }

    #[test]
    fn what_is_no_page_of_this_package_is_an_error() {
        for (text, expected) in [
            ("<html>", "expected value at line 1 column 1"),
            ("{}", "missing field `meta` at line 1 column 2"),
            (r#"{"meta":{"api-version":"2.0"},"name":"meadow-client","files":[]}"#, "version 2.0 of the API"),
            (
                r#"{"meta":{"api-version":"1.0"},"name":"brook","files":[]}"#,
                "the page of `brook`, not of `meadow-client`",
            ),
        ] {
            let error = Page::parse(text.as_bytes(), "meadow-client").unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
        assert!(Page::parse("[".repeat(100_000).as_bytes(), "a").is_err());
    }

    #[test]
    fn a_page_lists_files_without_end_only_up_to_a_number() {
        let listed = |file: &str, count: usize| {
            let files = vec![file; count].join(",");
            let text = format!("{{\"meta\":{{\"api-version\":\"1.0\"}},\"name\":\"a\",\"files\":[{files}]}}");
            Page::parse(text.as_bytes(), "a").map(|page| page.files.len()).map_err(|error| error.reason)
        };
        // What is passed over is no file.
        assert_eq!(listed("{}", MOST + 10), Ok(0));
        assert_eq!(listed(r#"{"filename":"a-1.zip","url":"x"}"#, MOST), Ok(MOST));
        let error = listed(r#"{"filename":"a-1.zip","url":"x"}"#, MOST + 10).unwrap_err();
        assert!(error.starts_with("more than 100000 files at line 1"), "{error}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_page_or_an_error(at in 0usize..200, piece in prop::collection::vec(any::<u8>(), 0..5)) {
            let mut bytes = page(&json!([{ "filename": "meadow_client-1.tar.gz", "url": "x" }])).to_string().into_bytes();
            let start = at.min(bytes.len());
            let end = (at + piece.len()).min(bytes.len());
            bytes.splice(start..end, piece);
            let _ = Page::parse(&bytes, "meadow-client");
        }
    }
}
