//! The lockfiles that people committed. The history is not part of this repository: the tests search for it beside
//! the repository, and are skipped with a message if it is absent.

use super::*;
use release_core::lockfile::uv_lock::{LockedRequirement, SourceKind};
use std::collections::BTreeSet;
use std::process::Command;

const CLIENT: &str = "llama-stack-client";

#[test]
fn relocks_are_what_people_committed() {
    let Some(history) = History::clone() else { return };
    for (commit, version) in [("e1a98c3", "0.4.4"), ("c9c849c", "0.4.5"), ("3839f33", "0.5.1")] {
        let (before, after) = (history.file(&format!("{commit}^"), "uv.lock"), history.file(commit, "uv.lock"));
        let manifests = history.manifests(&format!("{commit}^"));
        let committed = UvLock::parse(&SourceText::new(&*after)).unwrap();
        let files = files_of(entry(&committed, CLIENT));
        let ours = relocked(&before, &manifests, CLIENT, version, Some(files)).unwrap();
        assert!(ours == after, "{commit}");
        assert_eq!(relocked(&after, &manifests, CLIENT, version, None), Ok(after), "{commit}");
    }
}

#[test]
fn every_lockfile_of_the_past_comes_back_from_another_version() {
    let Some(history) = History::clone() else { return };
    let mut seen = BTreeSet::new();
    for text in history.locks() {
        let lock = UvLock::parse(&SourceText::new(&*text)).unwrap();
        let Some(client) = lock.packages.iter().find(|package| package.name.value == CLIENT) else { continue };
        let (version, files) = (client.version.as_ref().unwrap().value.clone(), files_of(client));
        // One lockfile for each spelling of an entry is enough.
        if !seen.insert((lock.revision, version.clone())) {
            continue;
        }
        let mut other = files.clone();
        for file in &mut other {
            file.url = file.url.replace(&version, "99.0.1");
            file.sha256 = "0".repeat(64);
            file.size = None;
        }
        let there = relocked(&text, &recorded(&lock, Some("==99.0.1")), CLIENT, "99.0.1", Some(other)).unwrap();
        assert!(there.contains("99.0.1-py3-none-any.whl") && there != text);
        let back = relocked(&there, &recorded(&lock, None), CLIENT, &version, Some(files)).unwrap();
        assert!(back == text, "revision {:?}, client {version}", lock.revision);
    }
    assert!(seen.len() > 10, "{seen:?}");
    eprintln!("revisions and versions: {seen:?}");
}

/// Returns the manifests of the tree as recorded in the lockfile, with this specifier of the client or the recorded
/// one.
fn recorded(lock: &UvLock, specifier: Option<&str>) -> Manifests {
    let manifest_of = |package: &LockedPackage| {
        let source = package.source.as_ref().filter(|source| source.kind.is_local())?;
        let version = match &package.version {
            Some(version) => format!("version = {:?}", version.value),
            None => "dynamic = [\"version\"]".to_owned(),
        };
        let written = |requirement: &LockedRequirement| {
            let extras: Vec<&str> = requirement.extras.iter().map(|extra| extra.value.as_str()).collect();
            let own = requirement.specifier.as_ref().map_or("", |specifier| &specifier.value);
            let wanted = specifier.filter(|_| requirement.name.value == CLIENT).unwrap_or(own);
            format!("{}[{}]{wanted}", requirement.name.value, extras.join(","))
        };
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut add = |table: &str, text: String| tables.entry(table.to_owned()).or_default().push(text);
        for requirement in package.metadata.iter().flat_map(|metadata| &metadata.requires_dist) {
            let marker = requirement.marker.as_ref().map_or("", |marker| &marker.value);
            let (rest, extra) = match marker.split_once("extra == '") {
                Some((rest, extra)) => (rest.trim_end_matches(" and "), Some(extra.trim_end_matches('\''))),
                None => (marker, None),
            };
            let marker = if rest.is_empty() { String::new() } else { format!(" ; {rest}") };
            let table = extra.map_or("dependencies".to_owned(), |extra| format!("optional-dependencies.{extra}"));
            add(&format!("project.{table}"), format!("{}{marker}", written(requirement)));
        }
        for group in package.metadata.iter().flat_map(|metadata| &metadata.requires_dev) {
            for requirement in &group.requirements {
                let marker = requirement.marker.as_ref().map(|marker| format!(" ; {}", marker.value));
                add(&format!("dependency-groups.{}", group.name), written(requirement) + &marker.unwrap_or_default());
            }
        }
        let metadata = package.metadata.iter();
        for extra in metadata.clone().flat_map(|metadata| &metadata.extras) {
            tables.entry(format!("project.optional-dependencies.{}", extra.value)).or_default();
        }
        for group in metadata.clone().flat_map(|metadata| &metadata.requires_dev) {
            tables.entry(format!("dependency-groups.{}", group.name)).or_default();
        }
        let lists: String = tables.iter().map(|(table, list)| format!("{table} = {list:?}\n")).collect();
        let groups = metadata.clone().flat_map(|metadata| &metadata.requires_dev).flat_map(|group| &group.requirements);
        let all = metadata.flat_map(|metadata| &metadata.requires_dist).chain(groups);
        let folder = Utf8Path::new(&source.location.value);
        let sources: BTreeMap<&str, String> =
            all.filter_map(|one| Some((&*one.name.value, origin(one, folder)?))).collect();
        let sources: String =
            sources.iter().map(|(name, source)| format!("tool.uv.sources.{name} = {source}\n")).collect();
        let indexes: BTreeSet<&str> = lock
            .packages
            .iter()
            .filter_map(|package| package.source.as_ref())
            .map(|source| &*source.location.value)
            .collect();
        let indexes: Vec<String> =
            indexes.iter().map(|url| format!("{{ name = {url:?}, url = {url:?}, explicit = true }}")).collect();
        let python =
            lock.requires_python.as_ref().map(|python| format!("project.requires-python = {:?}\n", python.value));
        let build = if source.kind == SourceKind::Virtual { "" } else { "build-system.requires = []\n" };
        let rest = format!("{sources}tool.uv.index = [{}]\n{}{build}", indexes.join(", "), python.unwrap_or_default());
        let path = if folder == "." { "pyproject.toml".into() } else { folder.join("pyproject.toml") };
        let head = format!("project.name = {:?}\nproject.{version}\n", package.name.value);
        Some((path, manifest(&format!("{head}{lists}{rest}"))))
    };
    lock.packages.iter().filter_map(manifest_of).collect()
}

/// Returns the source of a recorded requirement, as a manifest in this folder names it.
fn origin(one: &LockedRequirement, folder: &Utf8Path) -> Option<String> {
    if let Some(index) = &one.index {
        return Some(format!("{{ index = {:?} }}", index.value));
    }
    let source = one.source.as_ref().filter(|source| source.kind.is_local())?;
    let up = "../".repeat(folder.components().filter(|part| part.as_str() != ".").count());
    let is_editable = source.kind == SourceKind::Editable;
    Some(format!("{{ path = \"{up}{}\", editable = {is_editable} }}", source.location.value))
}

/// A clone of the bundle.
struct History {
    folder: tempfile::TempDir,
}

impl History {
    fn clone() -> Option<Self> {
        let corpus = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
        let Ok(mut files) = corpus.read_dir_utf8() else {
            eprintln!("skipped: there is no corpus in {corpus}");
            return None;
        };
        let bundle =
            files.find_map(|entry| Some(entry.ok()?.into_path()).filter(|path| path.extension() == Some("bundle")))?;
        let history = Self { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        history.git(&["clone", "--quiet", "--bare", bundle.as_str(), "."]);
        Some(history)
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.folder.path()).args(arguments).output().expect("git");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn file(&self, revision: &str, path: &str) -> String {
        self.git(&["show", &format!("{revision}:{path}")])
    }

    fn manifests(&self, revision: &str) -> Manifests {
        let names = self.git(&["ls-tree", "-r", "--name-only", revision]);
        let paths = names.lines().filter(|path| Utf8Path::new(path).file_name() == Some("pyproject.toml"));
        paths.map(|path| (path.into(), manifest(&self.file(revision, path)))).collect()
    }

    /// Returns every `uv.lock` at any tag or tip of a branch.
    fn locks(&self) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for reference in self.git(&["for-each-ref", "--format=%(refname)"]).lines() {
            for line in self.git(&["ls-tree", "-r", reference]).lines() {
                let (entry, path) = line.split_once('\t').unwrap();
                if Utf8Path::new(path).file_name() == Some("uv.lock") {
                    ids.extend(entry.split(' ').next_back().map(str::to_owned));
                }
            }
        }
        ids.iter().map(|id| self.git(&["cat-file", "blob", id])).collect()
    }
}
