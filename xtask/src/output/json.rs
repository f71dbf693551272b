//! The plan as JSON. The format is documented in `docs/json.md`; a change that breaks a reader raises [`VERSION`].

use camino::Utf8Path;
use release_core::monorepo::Config;
use release_core::plan::{Outcome, Plan, PlannedFile, PlannedKind, PlannedSite};
use release_core::problem::Problem;
use release_core::train::Step;
use release_core::version::Release;
use serde::Serialize;

/// The version of the format.
pub(crate) const VERSION: u32 = 1;

/// The findings and deeds of a run of `patch`, `minor`, `major` or `rc`.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    pub(crate) schema_version: u32,
    pub(crate) command: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) dry_run: bool,
    pub(crate) release: ReleaseDocument,
    pub(crate) early: Option<&'a str>,
    pub(crate) refs: Vec<RefDocument>,
    pub(crate) files: Vec<FileDocument<'a>>,
    pub(crate) problems: &'a [Problem],
    pub(crate) warnings: &'a [Problem],
    pub(crate) next: &'a [Step],
}

#[derive(Debug, Serialize)]
pub(crate) struct ReleaseDocument {
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) candidate: Option<u64>,
    pub(crate) line: String,
    pub(crate) tag: String,
    pub(crate) npm: String,
}

/// A reference that the plan works on, and what happens to it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RefDocument {
    pub(crate) name: String,
    pub(crate) commit: Option<String>,
    pub(crate) role: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct FileDocument<'a> {
    pub(crate) path: &'a str,
    pub(crate) changed: bool,
    pub(crate) sites: Vec<SiteDocument<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SiteDocument<'a> {
    pub(crate) kind: PlannedKind,
    pub(crate) subject: &'a str,
    pub(crate) table: &'a str,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) span: [usize; 2],
    pub(crate) old: Option<&'a str>,
    pub(crate) new: Option<&'a str>,
    pub(crate) outcome: Outcome,
}

impl ReleaseDocument {
    /// A release in all its spellings.
    pub(crate) fn new(release: Release, config: &Config) -> Self {
        Self {
            version: release.to_string(),
            kind: release.kind().to_string(),
            candidate: release.candidate,
            line: release.line().to_string(),
            tag: config.tag.tag(release),
            npm: release.npm().to_string(),
        }
    }
}

/// The sites of a plan, by file.
pub(crate) fn files(plan: &Plan) -> Vec<FileDocument<'_>> {
    files_of(&plan.sites, &plan.files)
}

/// Sites, in the order of files, and the files that change; one that changes as a whole has no sites.
pub(crate) fn files_of<'a>(sites: &'a [PlannedSite], changed: &'a [PlannedFile]) -> Vec<FileDocument<'a>> {
    let changes = |path: &Utf8Path| changed.iter().any(|file| file.path == path);
    let mut files: Vec<FileDocument<'_>> = Vec::new();
    for site in sites {
        if files.last().is_none_or(|file| file.path != site.path) {
            files.push(FileDocument { path: site.path.as_str(), changed: changes(&site.path), sites: Vec::new() });
        }
        let Some(file) = files.last_mut() else { continue };
        file.sites.push(SiteDocument {
            kind: site.kind,
            subject: &site.subject,
            table: &site.table,
            line: site.location.line,
            column: site.location.column,
            span: [site.span.start, site.span.end],
            old: site.old.as_deref(),
            new: site.new.as_deref(),
            outcome: site.outcome,
        });
    }
    let whole = changed.iter().filter(|file| !sites.iter().any(|site| site.path == file.path));
    files.extend(whole.map(|file| FileDocument { path: file.path.as_str(), changed: true, sites: Vec::new() }));
    files
}
