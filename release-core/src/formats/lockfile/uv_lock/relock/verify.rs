//! A check that the edits change only what they should, by reading the resulting text.

use super::files::{Block, Line};
use super::wanted::{Changes, by_place};
use crate::lockfile::NotNative;
use crate::lockfile::uv_lock::lock::{LockedDependency, LockedFile, LockedPackage, LockedRequirement, Source, UvLock};
use crate::manifest::TomlString;
use crate::text::{SourceText, TextEdit, splice};
use std::collections::BTreeMap;

/// Reads the edited text and compares it with the old one, with the wanted changes.
pub(super) fn only(
    source: &SourceText,
    lock: &UvLock,
    changes: &Changes<'_>,
    blocks: &[Block],
    edits: &[TextEdit],
) -> Result<(), NotNative> {
    let failed = |what: &str| NotNative::new(format!("the edited lockfile {what}; this is a defect of this tool"));
    let text = splice(source.as_str(), edits).map_err(|error| failed(&error.to_string()))?;
    let edited = UvLock::parse(&SourceText::new(text)).map_err(|error| failed(&error.message))?;
    let (values, files) = (by_place(changes), blocks.iter().map(|block| (block.entry, &block.files[..])).collect());
    let expected = Meanings { values, files }.lines(lock);
    let found = Meanings { values: BTreeMap::new(), files: BTreeMap::new() }.lines(&edited);
    if expected == found { Ok(()) } else { Err(failed("has other values than planned")) }
}

/// The content of a lockfile without its places, with some of it changed: strings by their places, files by those of
/// their entries.
struct Meanings<'a> {
    values: BTreeMap<usize, &'a str>,
    files: BTreeMap<usize, &'a [Line]>,
}

impl Meanings<'_> {
    /// Returns one line for every value, in the order of the file, each with its depth.
    fn lines(&self, lock: &UvLock) -> Vec<String> {
        let mut lines = vec![format!("{:?} {:?} {}", lock.version, lock.revision, self.value(&lock.requires_python))];
        for package in &lock.packages {
            lines.push(format!(
                "{} {} {}",
                self.string(&package.name),
                self.value(&package.version),
                self.source(&package.source)
            ));
            lines.extend(package.dependencies.iter().map(|dependency| self.dependency(dependency)));
            for extra in &package.optional_dependencies {
                lines.push(format!("[{}]", extra.name));
                lines.extend(extra.dependencies.iter().map(|dependency| self.dependency(dependency)));
            }
            lines.extend(self.files(package));
            let Some(metadata) = &package.metadata else { continue };
            lines.push("metadata".to_owned());
            lines.extend(metadata.requires_dist.iter().map(|requirement| self.requirement(requirement)));
            for group in &metadata.requires_dev {
                lines.push(format!("[{}]", group.name));
                lines.extend(group.requirements.iter().map(|requirement| self.requirement(requirement)));
            }
            lines.push(self.strings(&metadata.provides_extras));
        }
        lines
    }

    fn files(&self, package: &LockedPackage) -> Vec<String> {
        match self.files.get(&package.span.start) {
            Some(files) => files.iter().map(|file| format!("{:?}", Some(file))).collect(),
            None => package.files.iter().map(|file: &LockedFile| format!("{:?}", Line::locked(file))).collect(),
        }
    }

    fn dependency(&self, dependency: &LockedDependency) -> String {
        let LockedDependency { name, version, extras, marker } = dependency;
        format!("- {} {} {} {}", self.string(name), self.value(version), self.strings(extras), self.value(marker))
    }

    fn requirement(&self, requirement: &LockedRequirement) -> String {
        let LockedRequirement { span: _, name, extras, specifier, marker, index, source } = requirement;
        let values = [specifier, marker, index].map(|value| self.value(value)).join(" ");
        format!("- {} {} {values} {}", self.string(name), self.strings(extras), self.source(source))
    }

    fn source(&self, source: &Option<Source>) -> String {
        source.as_ref().map(|source| format!("{:?} {}", source.kind, self.string(&source.location))).unwrap_or_default()
    }

    fn strings(&self, strings: &[TomlString]) -> String {
        strings.iter().map(|string| self.string(string)).collect::<Vec<_>>().join(",")
    }

    fn value(&self, string: &Option<TomlString>) -> String {
        string.as_ref().map_or("-".to_owned(), |string| self.string(string))
    }

    fn string(&self, string: &TomlString) -> String {
        format!("{:?}", self.values.get(&string.span.start).copied().unwrap_or(&string.value))
    }
}
