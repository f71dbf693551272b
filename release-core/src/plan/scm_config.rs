//! The setuptools-scm configuration that every package of a release branch must have, added if it is missing:
//! `dynamic = ["version"]`, `[tool.setuptools_scm]` with the path to the repository's root and a `fallback_version`,
//! and setuptools-scm among the build requirements.
//!
//! Additions follow the style of the surrounding text; existing text stays.

mod array;

pub use array::appended;

use super::draft::{Draft, Part};
use super::planned::{Outcome, PlannedKind, PlannedSite};
use crate::manifest::pyproject::{
    BuildSystem, OVERRIDING, Project, Pyproject, SETUPTOOLS_SCM, ScmTable, VCS_VERSIONING, is_scm,
};
use crate::manifest::toml::{self, TomlString};
use crate::monorepo::{Manifest, Monorepo, Package};
use crate::problem::Problem;
use crate::text::{SourceText, Span, TextEdit, splice};
use array::quoted;
use camino::{Utf8Component, Utf8Path};
use std::collections::BTreeSet;

/// The requirement for packages if no other package has one to copy: 8.0 is the first version that reads
/// `fallback_version` and `root` from `[tool.setuptools_scm]` in this form.
/// The second where a table is `[tool.vcs-versioning]`.
const REQUIREMENTS: [&str; 2] = ["setuptools-scm>=8.0", "setuptools-scm>=10.0"];

/// An addition of a missing part of the configuration.
struct Addition {
    site: PlannedSite,
    edits: Vec<TextEdit>,
}

/// Returns the build requirement on setuptools-scm that the other packages have.
pub fn requirement(monorepo: &Monorepo) -> String {
    let list = |package| monorepo.manifest(package)?.read.build_system.as_ref()?.requires.as_ref();
    let mut items = monorepo.packages.iter().filter_map(list).flat_map(|list| &list.items);
    let table = |package| monorepo.manifest(package)?.read.scm.as_ref();
    let is_newer = monorepo.packages.iter().filter_map(table).any(|table| table.name == VCS_VERSIONING);
    let default = REQUIREMENTS[usize::from(is_newer)];
    items.find(|item| is_scm(&item.value)).map_or(default.to_owned(), |item| item.value.clone())
}

/// Plans the missing parts of every package. Returns the manifests whose version is made dynamic or is added, and those
/// with a problem: one is enough for a package.
pub(super) fn complete_all<'a>(monorepo: &'a Monorepo, version: &str, draft: &mut Draft) -> BTreeSet<&'a Utf8Path> {
    let requirement = requirement(monorepo);
    let mut completed = BTreeSet::new();
    for package in &monorepo.packages {
        let Some(manifest) = monorepo.manifest(package) else { continue };
        match complete(package, manifest, version, &requirement) {
            Ok(additions) => {
                let gets_fallback = manifest.fallback_version().is_none() && !additions.is_empty();
                if manifest.fixed_version().is_some() || gets_fallback {
                    completed.insert(package.path.as_path());
                }
                additions.into_iter().for_each(|addition| draft.add(addition.site, &manifest.source, addition.edits));
            }
            Err(problem) => {
                completed.insert(&package.path);
                draft.refuse(problem);
            }
        }
    }
    completed
}

/// Returns the problem of a package with a `fallback_version` that no build of it reads.
pub(super) fn unread(package: &Package, manifest: &Manifest) -> Option<Problem> {
    manifest.fallback_version()?;
    elsewhere(package, manifest, manifest.read.project.as_ref()?).filter(|_| manifest.fixed_version().is_none())
}

/// Returns the problem of a package whose builds do not ask setuptools-scm for their version, or do not keep it.
fn elsewhere(package: &Package, manifest: &Manifest, project: &Project) -> Option<Problem> {
    let Package { path, name, .. } = package;
    let backend = manifest.read.build_system.as_ref().and_then(|build| build.backend.as_ref());
    if let Some(backend) = backend.filter(|backend| !backend.value.starts_with("setuptools")) {
        let tool = &backend.value;
        let problem = Problem::new(
            format!("{path}: {name} is built by `{tool}`, which does not read setuptools-scm's configuration"),
            "build it with setuptools, or leave it out with `[[package]]` in release.toml",
        );
        return Some(problem.at(path, backend.span.clone(), "another build backend"));
    }
    let tool = manifest.read.build_system.as_ref().and_then(BuildSystem::other_tool);
    let table = manifest.read.other_version_source.filter(|table| OVERRIDING.contains(table));
    let (source, help) = match (tool.filter(|_| manifest.read.is_unexplained()), table) {
        (Some(tool), _) => (format!("elsewhere, perhaps from `{tool}`"), "require setuptools-scm".to_owned()),
        (None, Some(table)) => {
            (format!("`{table}`, whatever setuptools-scm says"), format!("remove the version from `[{table}]`"))
        }
        (None, None) => return None,
    };
    let problem = Problem::new(
        format!("{path}: a build of {name} has its version from {source}"),
        format!("{help}, or leave the package out with `[[package]]` in release.toml"),
    );
    let add_place =
        |problem: Problem, name: &TomlString| problem.at(path, name.span.clone(), "its version is elsewhere");
    Some(project.name.iter().fold(problem, add_place))
}

/// Returns the missing parts of a package as edits.
///
/// # Errors
/// If they cannot be added by edits: another build backend, or tables that are inline or dotted.
fn complete(
    package: &Package,
    manifest: &Manifest,
    version: &str,
    requirement: &str,
) -> Result<Vec<Addition>, Problem> {
    let mut draft = Completion { package, source: &manifest.source, additions: Vec::new() };
    let Some(project) = &manifest.read.project else { return Ok(Vec::new()) };
    if let Some(problem) = elsewhere(package, manifest, project) {
        return Err(problem);
    }
    let build_end = draft.build_system(manifest.read.build_system.as_ref(), requirement);
    draft.dynamic(project);
    match &manifest.read.scm {
        Some(scm) => draft.scm(scm, version)?,
        None => draft.scm_table(build_end, version),
    }
    let Completion { additions, .. } = draft;
    if holds(package, &manifest.source, &additions) {
        Ok(additions)
    } else {
        Err(by_hand(package, project, &additions))
    }
}

/// Returns `true` if the additions, read back, complete the configuration and leave the rest of the document
/// unchanged.
fn holds(package: &Package, source: &SourceText, additions: &[Addition]) -> bool {
    if additions.is_empty() {
        return true;
    }
    let edits: Vec<TextEdit> = additions.iter().flat_map(|addition| addition.edits.iter().cloned()).collect();
    let Ok(new) = splice(source.as_str(), &edits).map(SourceText::new) else { return false };
    let (Ok(before), Ok(after), Ok(read)) = (toml::parse(source), toml::parse(&new), Pyproject::parse(&new)) else {
        return false;
    };
    let is_dynamic = read.project.is_some_and(|project| project.is_dynamic() && project.version.is_none());
    let leads = |scm: ScmTable| {
        let root = scm.root.as_ref().map_or(".", |root| root.value.as_str());
        leads_to_root(&package.path, root) && scm.fallback_version.is_some()
    };
    let requires = read.build_system.is_some_and(|build| build.requires_scm());
    let is_complete = is_dynamic && requires && read.scm.is_some_and(leads);
    let (before, after) = (toml::scalars(&before), toml::scalars(&after));
    let of_scm = |path: &str, keys: &[&str]| {
        let key = [SETUPTOOLS_SCM, VCS_VERSIONING].iter().find_map(|table| path.strip_prefix(table)?.strip_prefix('.'));
        key.is_some_and(|key| keys.contains(&key))
    };
    let may_go = |path: &str| path == "project.version" || of_scm(path, &["root"]);
    let may_come = |path: &str| {
        let lists = ["project.dynamic.", "build-system.requires."];
        let is_whole = path == "build-system.build-backend" || of_scm(path, &["root", "fallback_version"]);
        is_whole || lists.iter().any(|list| path.starts_with(list))
    };
    is_complete
        && before.difference(&after).all(|(path, _)| may_go(path))
        && after.difference(&before).all(|(path, _)| may_come(path))
}

/// Returns the problem of a document to which lines cannot be added.
fn by_hand(package: &Package, project: &Project, additions: &[Addition]) -> Problem {
    let missing = additions
        .iter()
        .map(|addition| format!("`{}` in `{}`", addition.site.new.as_deref().unwrap_or_default(), addition.site.table));
    let missing = missing.collect::<Vec<_>>().join(", ");
    let Package { path, name, .. } = package;
    let problem = Problem::new(
        format!("{path}: the setuptools-scm configuration of {name} cannot be completed by an edit"),
        format!("add by hand what is missing: {missing}; or leave the package out with `[[package]]` in release.toml"),
    );
    let label = "its tables are inline or dotted, or contain something unexpected";
    project.name.iter().fold(problem, |problem, name| problem.at(path, name.span.clone(), label))
}

/// Returns the path from a manifest's folder to the root, such as `../..`; `None` at the root itself, where `.` is
/// the default.
pub fn way_to_root(manifest: &Utf8Path) -> Option<String> {
    let depth = manifest.parent().map_or(0, |folder| folder.components().count());
    (depth > 0).then(|| vec![".."; depth].join("/"))
}

/// Returns `true` if `root`, read from a manifest's folder, leads to the repository's root.
pub fn leads_to_root(manifest: &Utf8Path, root: &str) -> bool {
    let mut depth = manifest.parent().map_or(0, |folder| folder.components().count());
    for component in Utf8Path::new(root).components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if depth > 0 => depth -= 1,
            _ => return false,
        }
    }
    depth == 0
}

struct Completion<'a> {
    package: &'a Package,
    source: &'a SourceText,
    additions: Vec<Addition>,
}

impl Completion<'_> {
    fn add(&mut self, table: &str, span: Span, old: Option<&str>, new: &str, edits: Vec<TextEdit>) {
        let (kind, Package { path, canonical: subject, .. }) = (PlannedKind::ScmConfiguration, self.package);
        let part = Part { path, source: self.source, kind, subject, table, span, old };
        self.additions.push(Addition { site: part.planned(Outcome::Changed, Some(new.to_owned())), edits });
    }

    /// Completes `[build-system]`, and returns its end.
    fn build_system(&mut self, build: Option<&BuildSystem>, requirement: &str) -> usize {
        let eol = self.source.line_ending();
        let Some(build) = build else {
            let start = self.first_line();
            let requires = format!("requires = [\"setuptools>=61.0\", {}]", quoted(requirement, '"'));
            let block =
                format!("[build-system]{eol}{requires}{eol}build-backend = \"setuptools.build_meta\"{eol}{eol}");
            let edit = TextEdit { span: start..start, replacement: block };
            self.add("build-system", start..start, None, requirement, vec![edit]);
            return start;
        };
        match &build.requires {
            None => {
                let requires = format!("requires = [\"setuptools>=61.0\", {}]", quoted(requirement, '"'));
                let edit = line(self.source, build.end, &requires);
                self.add("build-system.requires", build.end..build.end, None, requirement, vec![edit]);
            }
            Some(list) if !list.items.iter().any(|item| is_scm(&item.value)) => {
                let edits = appended(self.source, list, requirement);
                self.add("build-system.requires", list.span.end..list.span.end, None, requirement, edits);
            }
            Some(_) => {}
        }
        build.end
    }

    fn dynamic(&mut self, project: &Project) {
        let dynamic = "dynamic = [\"version\"]";
        let listed = project.dynamic.as_ref();
        match (&project.version, listed) {
            (Some((version, span)), None) => {
                let edit = TextEdit { span: span.clone(), replacement: dynamic.to_owned() };
                let old = format!("version = \"{}\"", version.value);
                self.add("project", span.clone(), Some(&old), dynamic, vec![edit]);
            }
            (Some((version, span)), Some(list)) => {
                // A line that also holds other values is an inline table's, and is refused when the result is read
                // back.
                let mut edits = vec![TextEdit { span: self.whole_lines(span), replacement: String::new() }];
                if !project.is_dynamic() {
                    edits.extend(appended(self.source, list, "version"));
                }
                let old = format!("version = \"{}\"", version.value);
                self.add("project", span.clone(), Some(&old), dynamic, edits);
            }
            (None, Some(list)) if !project.is_dynamic() => {
                let edits = appended(self.source, list, "version");
                self.add("project.dynamic", list.span.end..list.span.end, None, "version", edits);
            }
            (None, None) => {
                let end = project.name.as_ref().map_or(project.end, |name| self.whole_lines(&name.span).end);
                let edit = line(self.source, end, dynamic);
                self.add("project", end..end, None, dynamic, vec![edit]);
            }
            (None, Some(_)) => {}
        }
    }

    /// Adds a whole `[tool.setuptools_scm]` after `[build-system]`.
    fn scm_table(&mut self, at: usize, version: &str) {
        let eol = self.source.line_ending();
        let root = way_to_root(&self.package.path).map_or_else(String::new, |way| format!("root = \"{way}\"{eol}"));
        let table = format!("[tool.setuptools_scm]{eol}{root}fallback_version = \"{version}\"");
        // Two insertions cannot share a place, so the addition to `[build-system]` takes this one too.
        let is_here = |addition: &&mut Addition| addition.edits.iter().any(|edit| edit.span == (at..at));
        let shared = self.additions.iter_mut().find(is_here);
        let edits = match shared {
            Some(addition) if addition.site.table == "build-system" => {
                addition.edits[0].replacement.push_str(&format!("{table}{eol}{eol}"));
                Vec::new()
            }
            Some(addition) => {
                let line = line(self.source, at, &format!("{eol}{table}"));
                addition.edits[0].replacement.push_str(&line.replacement);
                Vec::new()
            }
            None => vec![line(self.source, at, &format!("{eol}{table}"))],
        };
        self.add("tool.setuptools_scm", at..at, None, version, edits);
    }

    /// Completes an existing `[tool.setuptools_scm]`; an existing `fallback_version` is a site.
    fn scm(&mut self, scm: &ScmTable, version: &str) -> Result<(), Problem> {
        let way = way_to_root(&self.package.path);
        let mut lines = Vec::new();
        match (&scm.root, &way) {
            (Some(root), _) if !leads_to_root(&self.package.path, &root.value) => {
                let right = way.unwrap_or_else(|| ".".to_owned());
                let span = root.content_span(self.source).unwrap_or_else(|| root.span.clone());
                let edit = TextEdit { span, replacement: right.clone() };
                self.add(&format!("{}.root", scm.name), root.span.clone(), Some(&root.value), &right, vec![edit]);
            }
            (None, Some(way)) => lines.push(("root", way.clone())),
            _ => {}
        }
        if scm.fallback_version.is_none() {
            lines.push(("fallback_version", version.to_owned()));
        }
        if lines.is_empty() {
            return Ok(());
        }
        let Some(end) = scm.end else {
            let missing: Vec<String> = lines.iter().map(|(key, value)| format!("`{key} = \"{value}\"`")).collect();
            let problem = Problem::new(
                format!("{}: `{}` lacks {}", self.package.path, scm.name, missing.join(" and ")),
                "it is not written as a table of its own, so add this by hand",
            );
            return Err(problem.at(&self.package.path, scm.span.clone(), "here"));
        };
        let eol = self.source.line_ending();
        let text: Vec<String> = lines.iter().map(|(key, value)| format!("{key} = \"{value}\"")).collect();
        let edit = line(self.source, end, &text.join(eol));
        self.add(scm.name, end..end, None, &text.join(", "), vec![edit]);
        Ok(())
    }

    /// Returns the first place for a table: after a byte order mark, and after the comment at the top of the file.
    fn first_line(&self) -> usize {
        let text = self.source.as_str();
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut lines = text[start..].split_inclusive('\n').peekable();
        let mut at = start;
        while let Some(line) = lines.next_if(|line| line.starts_with('#')) {
            at += line.len();
        }
        let blank = lines.next().filter(|line| line.trim().is_empty() && at > start);
        blank.map_or(start, |line| at + line.len())
    }

    /// Returns the lines of a span, including their line breaks.
    fn whole_lines(&self, span: &Span) -> Span {
        let text = self.source.as_str();
        let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at + 1);
        start..end
    }
}

/// Returns the edit that inserts a line at the start of a line, or at the end of a file without a final line break. Such
/// a file gets none.
pub fn line(source: &SourceText, at: usize, line: &str) -> TextEdit {
    let eol = source.line_ending();
    let before = source.as_str()[..at].trim_start_matches('\u{feff}');
    let is_start = before.is_empty() || before.ends_with('\n');
    let replacement = if is_start { format!("{line}{eol}") } else { format!("{eol}{line}") };
    TextEdit { span: at..at, replacement }
}
