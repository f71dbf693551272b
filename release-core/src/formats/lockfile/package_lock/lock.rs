//! The content of a lockfile, as it is read.

use crate::manifest::package_json::{self, Dependency, JsonString};
use crate::text::{SourceText, Span, SyntaxError};
use jsonc_parser::ast::{Object, ObjectProp, ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use std::collections::HashSet;

/// The longest path that is read in the legacy copy: it is joined from all keys around an entry, and a file could
/// otherwise need unlimited memory. npm's own paths have to exist on disks.
const MAX_LEGACY_PATH: usize = 512;

/// Up to how many keys are compared with each other, which is faster than hashing them: nearly all entries have no more.
const FEW_KEYS: usize = 16;

/// The content of a lockfile of npm 7 or later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageLock {
    /// The project's name.
    pub name: Option<JsonString>,
    /// The project's version.
    pub version: Option<JsonString>,
    /// The format: 2 or 3.
    pub lockfile_version: u64,
    /// `packages`: the project itself, its workspaces, and the installed packages, in the file's order.
    pub packages: Vec<LockedEntry>,
    /// `dependencies` of version 2: the same installations again, for npm 6, under the paths of [`Self::packages`].
    pub legacy: Vec<LockedEntry>,
}

/// A folder that npm creates or links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedEntry {
    /// The path of the package: `node_modules/NAME`, a folder of the repository, or empty for the project itself. Its
    /// place is that of the key.
    pub path: JsonString,
    /// `name`, which npm writes if it differs from the folder's: for an alias, the project, a workspace.
    pub explicit_name: Option<JsonString>,
    /// The locked version. For an alias in the legacy copy it is `npm:NAME@VERSION`.
    pub version: Option<JsonString>,
    /// The resolved URL, or the target of a link.
    pub resolved: Option<JsonString>,
    /// The hashes of the archive (<https://www.w3.org/TR/SRI/>).
    pub integrity: Option<JsonString>,
    /// `true` for a link to `resolved`, a folder of the repository.
    pub link: bool,
    /// `true` if the package comes in the archive of the package above it, and has no URL of its own.
    pub in_bundle: bool,
    /// `true` if only development needs it.
    pub dev: bool,
    /// `true` if it may be missing.
    pub optional: bool,
    /// The dependencies of a folder of the repository when it was locked; those of installed packages are left out.
    pub dependencies: Vec<Dependency>,
}

impl PackageLock {
    /// Reads a lockfile of version 2 or 3. Values of an unexpected type count as missing.
    ///
    /// # Errors
    /// If the text is not JSON or not an object, if it is of another version, or if a key stands twice in an object
    /// that is read: npm takes the last one, people see the first.
    pub fn parse(source: &SourceText) -> Result<Self, SyntaxError> {
        let root = package_json::root(source)?;
        refuse_duplicates(&root)?;
        let lockfile_version = lockfile_version(source, &root)?;
        let mut packages = Vec::new();
        if let Some(entries) = object(&root, "packages") {
            refuse_duplicates(entries)?;
            for property in &entries.properties {
                let Value::Object(entry) = &property.value else { continue };
                packages.push(LockedEntry::read(key(property), entry)?);
            }
        }
        let mut legacy = Vec::new();
        if let Some(dependencies) = object(&root, "dependencies") {
            read_legacy(&mut legacy, "", dependencies)?;
        }
        Ok(Self { name: string(&root, "name"), version: string(&root, "version"), lockfile_version, packages, legacy })
    }

    /// Returns the entry of the project itself, `packages[""]`.
    pub fn project(&self) -> Option<&LockedEntry> {
        self.packages.iter().find(|entry| entry.path.value.is_empty())
    }

    /// Returns the entry of a package that the project itself gets under this name, `node_modules/NAME`. Copies below other
    /// packages are not looked at.
    pub fn entry(&self, name: &str) -> Option<&LockedEntry> {
        let is_meant = |entry: &&LockedEntry| entry.path.value.strip_prefix("node_modules/") == Some(name);
        self.packages.iter().find(is_meant)
    }

    /// Returns the entry that a folder of the repository gets under this name: its own, or that of a folder above.
    pub fn entry_of(&self, member: &str, name: &str) -> Option<&LockedEntry> {
        let folders =
            member.match_indices('/').map(|(at, _)| &member[..at]).chain([member]).filter(|at| !at.is_empty());
        let nested = folders.map(|folder| format!("{folder}/node_modules/{name}"));
        let paths: Vec<String> = [format!("node_modules/{name}")].into_iter().chain(nested).collect();
        let at = |path: &String| self.packages.iter().find(|entry| entry.path.value == *path);
        paths.iter().rev().find_map(at)
    }

    /// Returns the address from which the project itself gets a package, or the target of a link.
    pub fn address(&self, name: &str) -> Option<&str> {
        self.entry(name)?.resolved.as_ref().map(|resolved| resolved.value.as_str())
    }
}

impl LockedEntry {
    /// Returns the package's name: its own if the lockfile has it, else that of the folder below the last
    /// `node_modules`.
    pub fn name(&self) -> Option<&str> {
        match &self.explicit_name {
            Some(name) => Some(&name.value),
            None => self.folder(),
        }
    }

    /// Returns the name under which others import the package: the text after the last `node_modules/`, including the
    /// scope.
    pub fn folder(&self) -> Option<&str> {
        let slashes = self.path.value.rmatch_indices('/');
        let mut parts = slashes.map(|(at, _)| (&self.path.value[..at], &self.path.value[at + 1..]));
        parts.find(|(before, _)| before.ends_with("node_modules")).map(|(_, name)| name)
    }

    fn read(path: JsonString, entry: &Object<'_>) -> Result<Self, SyntaxError> {
        refuse_duplicates(entry)?;
        let mut read = Self {
            path,
            explicit_name: string(entry, "name"),
            version: string(entry, "version"),
            resolved: string(entry, "resolved"),
            integrity: string(entry, "integrity"),
            link: is_set(entry, "link"),
            in_bundle: is_set(entry, "inBundle") || is_set(entry, "bundled"),
            dev: is_set(entry, "dev"),
            optional: is_set(entry, "optional"),
            dependencies: Vec::new(),
        };
        if read.folder().is_none() {
            for table in package_json::TABLES {
                object(entry, table).map_or(Ok(()), refuse_duplicates)?;
            }
            read.dependencies = package_json::dependencies(entry);
        }
        Ok(read)
    }
}

fn lockfile_version(source: &SourceText, root: &Object<'_>) -> Result<u64, SyntaxError> {
    // As in npm, a lockfile without a version is older than version 1.
    let Some(property) = root.get("lockfileVersion") else { return Err(too_old(0..source.as_str().len())) };
    let range = property.value.range();
    let span = range.start..range.end;
    match source.as_str()[span.clone()].parse() {
        Ok(0 | 1) => Err(too_old(span)),
        Ok(version @ (2 | 3)) => Ok(version),
        Ok(version) => {
            Err(SyntaxError::new(format!("lockfileVersion {version} is not supported, only 2 and 3 are"), span))
        }
        Err(_) => Err(SyntaxError::new("expected the number 2 or 3 as lockfileVersion", span)),
    }
}

/// The message about a lockfile of npm 6 and before.
const TOO_OLD: &str = "lockfileVersion 1 does not say what package.json asked for: write the lockfile again with npm 7 or \
                       later (`npm install --package-lock-only`)";

/// Returns `true` if a lockfile was not read because of its age alone: npm reads it.
pub fn is_too_old(error: &SyntaxError) -> bool {
    error.message == TOO_OLD
}

fn too_old(span: Span) -> SyntaxError {
    SyntaxError::new(TOO_OLD, span)
}

/// Reads the nested copy that npm 6 understands.
fn read_legacy(found: &mut Vec<LockedEntry>, parent: &str, dependencies: &Object<'_>) -> Result<(), SyntaxError> {
    refuse_duplicates(dependencies)?;
    for property in &dependencies.properties {
        let Value::Object(entry) = &property.value else { continue };
        let JsonString { value: name, span } = key(property);
        let path =
            if parent.is_empty() { format!("node_modules/{name}") } else { format!("{parent}/node_modules/{name}") };
        if path.len() > MAX_LEGACY_PATH {
            continue;
        }
        found.push(LockedEntry::read(JsonString { value: path.clone(), span }, entry)?);
        if let Some(below) = object(entry, "dependencies") {
            read_legacy(found, &path, below)?;
        }
    }
    Ok(())
}

fn refuse_duplicates(object: &Object<'_>) -> Result<(), SyntaxError> {
    let properties = &object.properties;
    let again = if properties.len() <= FEW_KEYS {
        let before = |at: usize| properties[..at].iter().map(|property| property.name.as_str());
        properties.iter().enumerate().find(|(at, property)| before(*at).any(|key| key == property.name.as_str()))
    } else {
        let mut keys = HashSet::with_capacity(properties.len());
        properties.iter().enumerate().find(|(_, property)| !keys.insert(property.name.as_str()))
    };
    match again.map(|(_, property)| property) {
        Some(again) => {
            let JsonString { value, span } = key(again);
            Err(SyntaxError::new(format!("`{value}` stands twice in this object"), span))
        }
        None => Ok(()),
    }
}

fn key(property: &ObjectProp<'_>) -> JsonString {
    let range = match &property.name {
        ObjectPropName::String(name) => name.range,
        ObjectPropName::Word(name) => name.range,
    };
    JsonString { value: property.name.as_str().to_owned(), span: range.start..range.end }
}

fn string(object: &Object<'_>, name: &str) -> Option<JsonString> {
    package_json::string(object.get(name)?)
}

fn object<'a, 'b>(object: &'b Object<'a>, name: &str) -> Option<&'b Object<'a>> {
    object.get(name)?.value.as_object()
}

fn is_set(object: &Object<'_>, name: &str) -> bool {
    object.get_boolean(name).is_some_and(|value| value.value)
}
