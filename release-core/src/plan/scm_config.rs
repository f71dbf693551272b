//! The setuptools-scm configuration that every package of a release branch must have, added where it is missing:
//! `dynamic = ["version"]`, `[tool.setuptools_scm]` with the way to the repository's root and a `fallback_version`, and
//! setuptools-scm among the build requirements.
//!
//! What is added is written in the style of what stands around it; whatever is there stays.

use super::{Outcome, PlannedKind, PlannedSite};
use crate::manifest::pyproject::{BuildSystem, Project, ScmTable, StringList};
use crate::monorepo::{Manifest, Monorepo, Package};
use crate::problem::Problem;
use crate::text::{SourceText, Span, TextEdit};
use crate::version::Release;
use camino::{Utf8Component, Utf8Path};

/// The requirement that packages get when none of them has one to copy: 8.0 is the first version that reads
/// `fallback_version` and `root` from `[tool.setuptools_scm]` as this process writes them.
const REQUIREMENT: &str = "setuptools-scm>=8.0";

/// One part of the configuration that a package lacks.
pub(super) struct Addition {
    pub(super) site: PlannedSite,
    pub(super) edits: Vec<TextEdit>,
    pub(super) is_fallback: bool,
}

/// The build requirement on setuptools-scm that the other packages have.
pub(super) fn requirement(monorepo: &Monorepo) -> String {
    let lists = monorepo
        .packages
        .iter()
        .filter_map(|package| monorepo.manifest(package)?.read.build_system.as_ref()?.requires.as_ref());
    lists
        .flat_map(|list| &list.items)
        .find(|item| is_scm(&item.value))
        .map_or(REQUIREMENT.to_owned(), |item| item.value.clone())
}

/// What a package lacks, as edits.
///
/// # Errors
/// When it cannot be added by edit: another build backend, or a table written inline.
pub(super) fn complete(
    package: &Package,
    manifest: &Manifest,
    release: Release,
    requirement: &str,
) -> Result<Vec<Addition>, Problem> {
    let mut draft = Draft { package, source: &manifest.source, additions: Vec::new() };
    let Some(project) = &manifest.read.project else { return Ok(Vec::new()) };
    let build_end = draft.build_system(manifest.read.build_system.as_ref(), requirement)?;
    draft.dynamic(project);
    match &manifest.read.scm {
        Some(scm) => draft.scm(scm, release)?,
        None => draft.scm_table(build_end, release),
    }
    Ok(draft.additions)
}

fn is_scm(requirement: &str) -> bool {
    requirement.starts_with("setuptools-scm") || requirement.starts_with("setuptools_scm")
}

/// The way from a manifest's folder to the root: `../..`; nothing at the root itself, where `.` is the default.
pub(super) fn way_to_root(manifest: &Utf8Path) -> Option<String> {
    let depth = manifest.parent().map_or(0, |folder| folder.components().count());
    (depth > 0).then(|| vec![".."; depth].join("/"))
}

/// Whether `root`, read from a manifest's folder, leads to the repository's root.
fn leads_to_root(manifest: &Utf8Path, root: &str) -> bool {
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

struct Draft<'a> {
    package: &'a Package,
    source: &'a SourceText,
    additions: Vec<Addition>,
}

impl Draft<'_> {
    fn add(&mut self, table: &str, span: Span, old: Option<&str>, new: &str, edits: Vec<TextEdit>) -> &mut Addition {
        let site = PlannedSite {
            path: self.package.path.clone(),
            kind: PlannedKind::ScmConfiguration,
            subject: self.package.canonical.clone(),
            table: table.to_owned(),
            location: self.source.location(span.start),
            span,
            old: old.map(str::to_owned),
            new: Some(new.to_owned()),
            outcome: Outcome::Changed,
        };
        self.additions.push(Addition { site, edits, is_fallback: false });
        let last = self.additions.len() - 1;
        &mut self.additions[last]
    }

    /// Sees to `[build-system]`; answers where it ends.
    fn build_system(&mut self, build: Option<&BuildSystem>, requirement: &str) -> Result<usize, Problem> {
        let eol = self.source.line_ending();
        let Some(build) = build else {
            let start = if self.source.as_str().starts_with('\u{feff}') { 3 } else { 0 };
            let block = format!(
                "[build-system]{eol}requires = [\"setuptools>=61.0\", \"{requirement}\"]{eol}build-backend = \"setuptools.build_meta\"{eol}{eol}"
            );
            let edit = TextEdit { span: start..start, replacement: block };
            self.add("build-system", start..start, None, requirement, vec![edit]);
            return Ok(start);
        };
        if let Some(backend) = build.backend.as_ref().filter(|backend| !backend.value.starts_with("setuptools")) {
            let problem = Problem::new(
                format!(
                    "{}: {} is built by `{}`, which does not read setuptools-scm's configuration",
                    self.package.path, self.package.name, backend.value
                ),
                "build it with setuptools, or leave it out with `[[package]]` in release.toml",
            );
            return Err(problem.at(&self.package.path, backend.span.clone(), "another build backend"));
        }
        match &build.requires {
            None => {
                let line = format!("requires = [\"setuptools>=61.0\", \"{requirement}\"]");
                let edit = self.line(build.end, &line);
                self.add("build-system.requires", build.end..build.end, None, requirement, vec![edit]);
            }
            Some(list) if !list.items.iter().any(|item| is_scm(&item.value)) => {
                let edits = appended(self.source, list, requirement);
                self.add("build-system.requires", list.span.end..list.span.end, None, requirement, edits);
            }
            Some(_) => {}
        }
        Ok(build.end)
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
                let edit = self.line(end, dynamic);
                self.add("project", end..end, None, dynamic, vec![edit]);
            }
            (None, Some(_)) => {}
        }
    }

    /// A whole `[tool.setuptools_scm]`, after `[build-system]`.
    fn scm_table(&mut self, at: usize, release: Release) {
        let eol = self.source.line_ending();
        let root = way_to_root(&self.package.path).map_or_else(String::new, |way| format!("root = \"{way}\"{eol}"));
        let block = format!("[tool.setuptools_scm]{eol}{root}fallback_version = \"{release}\"{eol}");
        // A table of its own needs an empty line before it, but for the start of the file; what follows has one already.
        let replacement = match self.additions.iter().any(|addition| addition.site.table == "build-system") {
            true => format!("{block}{eol}"),
            false => format!("{}{eol}{block}", self.missing_line_break(at)),
        };
        if let Some(start) = self.additions.iter_mut().find(|addition| addition.site.table == "build-system") {
            // Both go to the start of the file: one insertion, in their order.
            start.edits.iter_mut().for_each(|edit| edit.replacement.push_str(&replacement));
            self.add("tool.setuptools_scm", at..at, None, &release.to_string(), Vec::new()).is_fallback = true;
        } else {
            let edit = TextEdit { span: at..at, replacement };
            self.add("tool.setuptools_scm", at..at, None, &release.to_string(), vec![edit]).is_fallback = true;
        }
    }

    /// What an existing `[tool.setuptools_scm]` lacks; a `fallback_version` that is there is a site of its own.
    fn scm(&mut self, scm: &ScmTable, release: Release) -> Result<(), Problem> {
        let way = way_to_root(&self.package.path);
        let mut lines = Vec::new();
        match (&scm.root, &way) {
            (Some(root), _) if !leads_to_root(&self.package.path, &root.value) => {
                let right = way.unwrap_or_else(|| ".".to_owned());
                let span = root.content_span(self.source).unwrap_or_else(|| root.span.clone());
                let edit = TextEdit { span, replacement: right.clone() };
                self.add("tool.setuptools_scm.root", root.span.clone(), Some(&root.value), &right, vec![edit]);
            }
            (None, Some(way)) => lines.push(("root", way.clone())),
            _ => {}
        }
        if scm.fallback_version.is_none() {
            lines.push(("fallback_version", release.to_string()));
        }
        if lines.is_empty() {
            return Ok(());
        }
        let Some(end) = scm.end else {
            let missing: Vec<String> = lines.iter().map(|(key, value)| format!("`{key} = \"{value}\"`")).collect();
            let problem = Problem::new(
                format!("{}: `tool.setuptools_scm` lacks {}", self.package.path, missing.join(" and ")),
                "it is not written as a table of its own, so add this by hand",
            );
            return Err(problem.at(&self.package.path, scm.span.clone(), "here"));
        };
        let eol = self.source.line_ending();
        let text: Vec<String> = lines.iter().map(|(key, value)| format!("{key} = \"{value}\"")).collect();
        let edit = self.line(end, &text.join(eol));
        let is_fallback = scm.fallback_version.is_none();
        self.add("tool.setuptools_scm", end..end, None, &text.join(", "), vec![edit]).is_fallback = is_fallback;
        Ok(())
    }

    /// A line of its own at the start of a line, or at the end of a file that may lack its last line break.
    fn line(&self, at: usize, line: &str) -> TextEdit {
        let eol = self.source.line_ending();
        TextEdit { span: at..at, replacement: format!("{}{line}{eol}", self.missing_line_break(at)) }
    }

    fn missing_line_break(&self, at: usize) -> &'static str {
        let before = &self.source.as_str()[..at];
        if before.is_empty() || before.ends_with('\n') { "" } else { self.source.line_ending() }
    }

    /// The lines that a span is on, their line breaks included.
    fn whole_lines(&self, span: &Span) -> Span {
        let text = self.source.as_str();
        let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at + 1);
        start..end
    }
}

/// The edits that add a string to the end of an array, in the array's style.
fn appended(source: &SourceText, list: &StringList, item: &str) -> Vec<TextEdit> {
    let text = source.as_str();
    let insert = |at: usize, replacement: String| TextEdit { span: at..at, replacement };
    let Some(last) = list.items.last() else { return vec![insert(list.span.start + 1, format!("\"{item}\""))] };
    let rest = &text[last.span.end..list.span.end];
    let Some(line_break) = rest.find('\n') else { return vec![insert(last.span.end, format!(", \"{item}\""))] };
    let line_start = text[..last.span.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line_start..last.span.start];
    let indent = if before.trim().is_empty() { before } else { "    " };
    let next_line = last.span.end + line_break + 1;
    let has_comma = rest.trim_start().starts_with(',');
    let comma = if has_comma { "," } else { "" };
    let line = insert(next_line, format!("{indent}\"{item}\"{comma}{}", source.line_ending()));
    if has_comma { vec![line] } else { vec![insert(last.span.end, ",".to_owned()), line] }
}
