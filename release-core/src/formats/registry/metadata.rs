//! Core metadata of a wheel: the requirements of the released version itself.
//!
//! Format: <https://packaging.python.org/en/latest/specifications/core-metadata/> (PEP 566 and 643): mail-style
//! headers, up to the first empty line.

use super::DocumentError;
use crate::manifest::requirement::{Requirement, canonical_name};
use crate::version::{SpecifierSet, Version};

/// The largest number of requirements that is read; real wheels have fewer.
const MOST_REQUIREMENTS: usize = 4_000;

/// The metadata of a wheel on which a lockfile depends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreMetadata {
    /// Its canonical name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// `Requires-Dist`, in the order of the file.
    pub requires_dist: Vec<RequiresDist>,
    /// `Requires-Python`.
    pub requires_python: Option<SpecifierSet>,
}

/// A requirement of a released version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiresDist {
    /// The text as spelled.
    pub text: String,
    /// The parsed requirement; its places are those of the text.
    pub requirement: Requirement,
}

impl CoreMetadata {
    /// Reads a `METADATA` file. Headers on which no lockfile depends are ignored, and need not be UTF-8.
    ///
    /// # Errors
    /// If name, version, a requirement or the requirement on Python is missing, duplicate or not readable.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let (mut name, mut version, mut requires_python) = (None, None, None);
        let mut requires_dist = Vec::new();
        for (key, value) in headers(bytes) {
            match key.to_ascii_lowercase().as_str() {
                "name" => once("Name", &mut name, canonical_name(&value))?,
                "version" => once("Version", &mut version, Version::parse(&value).map_err(DocumentError::new)?)?,
                "requires-python" => {
                    let python = SpecifierSet::parse(&value).map_err(DocumentError::new)?;
                    once("Requires-Python", &mut requires_python, python)?;
                }
                "requires-dist" if requires_dist.len() == MOST_REQUIREMENTS => {
                    return Err(DocumentError::new(format!("more than {MOST_REQUIREMENTS} requirements")));
                }
                "requires-dist" => {
                    let requirement = Requirement::parse(&value).map_err(DocumentError::new)?;
                    requires_dist.push(RequiresDist { text: value, requirement });
                }
                _ => {}
            }
        }
        Ok(Self {
            name: name.filter(|name| !name.is_empty()).ok_or_else(|| DocumentError::new("no `Name`"))?,
            version: version.ok_or_else(|| DocumentError::new("no `Version`"))?,
            requires_dist,
            requires_python,
        })
    }
}

fn once<T>(key: &str, place: &mut Option<T>, value: T) -> Result<(), DocumentError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(DocumentError::new(format!("`{key}` stands there twice"))),
    }
}

/// Returns the headers up to the first empty line, each with its continuation lines.
fn headers(bytes: &[u8]) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let line = String::from_utf8_lossy(line);
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((key, value)) = line.split_once(':') {
            headers.push((key.trim_end().to_owned(), value.trim().to_owned()));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const METADATA: &str = "Metadata-Version: 2.4\r\nName: Meadow_Client\r\nversion: 0.4.5\r\nSummary: a\r\n  b: c\r\n\
                            Requires-Python: >=3.12\r\nRequires-Dist: anyio<5,>=3.5.0\r\n\
                            Requires-Dist: httpx[http2]; extra\r\n == 'aiohttp'\r\nProvides-Extra: Aio_HTTP\r\n\r\n\
                            Requires-Dist: none of this\r\n";

    #[test]
    fn headers_are_read_up_to_the_first_empty_line() {
        let read = CoreMetadata::parse(METADATA.as_bytes()).unwrap();
        assert_eq!((&*read.name, read.version.to_string()), ("meadow-client", "0.4.5".to_owned()));
        assert_eq!(read.requires_python.unwrap().to_string(), ">=3.12");
        let texts: Vec<_> = read.requires_dist.iter().map(|requires| &*requires.text).collect();
        assert_eq!(texts, ["anyio<5,>=3.5.0", "httpx[http2]; extra == 'aiohttp'"]);
    }

    #[test]
    fn what_a_lockfile_depends_on_must_be_readable() {
        for (text, expected) in [
            ("", "no `Name`"),
            ("Version: 1", "no `Name`"),
            ("Name: a", "no `Version`"),
            ("Name: a\n\nVersion: 1", "no `Version`"),
            ("Name: a\nName: b\nVersion: 1", "`Name` stands there twice"),
            ("Name: a\nVersion: x", "`x` is not a PEP 440 version: expected a number at byte 0"),
            (
                "Name: a\nVersion: 1\nRequires-Dist: a b",
                "`a b` is not a PEP 508 requirement: expected a specifier, `@`, `;` or the end after the name at byte 2",
            ),
            (
                "Name: a\nVersion: 1\nRequires-Python: three",
                "`three` is not a version specifier: expected an operator at byte 0",
            ),
        ] {
            let error = CoreMetadata::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn other_headers_may_be_anything() {
        let read = CoreMetadata::parse(b"Author: \xff\nnonsense\nName: a\nVersion: 1\nAuthor: b").unwrap();
        assert_eq!(read.requires_dist, []);
    }

    proptest! {
        #[test]
        fn any_bytes_are_metadata_or_an_error(at in 0..METADATA.len(), piece in prop::collection::vec(any::<u8>(), 0..5)) {
            let mut bytes = METADATA.as_bytes().to_vec();
            let end = (at + piece.len()).min(bytes.len());
            bytes.splice(at..end, piece);
            let _ = CoreMetadata::parse(&bytes);
        }
    }
}
