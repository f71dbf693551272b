//! UIs whose lockfile is not npm's, or that have none: the range in `package.json`, and what their lockfile records.

use crate::manifest::package_json::{self, DEFAULT_CATALOG, Dependency, NPM_OVERRIDES, Override, PackageJson};
use crate::monorepo::{Monorepo, Overriding, Ui};
use crate::problem::Problem;
use crate::registry::Registry;
use crate::text::{SourceText, Span, TextEdit, quoted};
use crate::version::Version;
use crate::version::npm::Spec;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// The lockfiles of other tools than npm, each with the command that writes it.
const OTHERS: [(&str, &str); 5] = [
    ("pnpm-lock.yaml", "pnpm install --lockfile-only"),
    ("yarn.lock", "yarn install"),
    ("bun.lock", "bun install --lockfile-only"),
    ("bun.lockb", "bun install"),
    ("npm-shrinkwrap.json", "npm install --package-lock-only"),
];

/// A UI without a lockfile of npm's.
#[derive(Clone, Debug)]
pub struct RangeFile {
    /// The UI.
    pub ui: Ui,
    /// The path of `package.json`.
    pub package_path: Utf8PathBuf,
    /// Its text.
    pub package_source: SourceText,
    /// Its content.
    pub package: PackageJson,
    /// The `.npmrc` files that npm reads for it, with their texts.
    pub npmrc: Vec<(Utf8PathBuf, SourceText)>,
}

/// A lockfile that another tool than npm writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherLock {
    /// The file.
    pub path: Utf8PathBuf,
    /// The command that writes it.
    pub command: String,
    /// The folder of the UI, from that of the lockfile; empty for the same folder.
    member: String,
}

/// Returns the range that `package.json` is to have for a version in npm's spelling. An alias keeps its package, and what is
/// no range stays: another file holds its version.
pub(super) fn range(package: &PackageJson, ui: &Ui, version: &str) -> String {
    let prefix = &ui.range;
    let found = package.dependencies.iter().find(|dependency| dependency.name == ui.key);
    match found.map(|dependency| Spec::parse(&dependency.range)) {
        Some(Spec::Alias { name, .. }) => format!("npm:{name}@{prefix}{version}"),
        Some(Spec::Other(spec)) => spec,
        _ => format!("{prefix}{version}"),
    }
}

/// Returns a problem for each requirement of a UI on its client that is not a range: another package would be installed in
/// its stead; also if there is none. One whose version a file of the tree holds is right when that file has the wanted version.
pub fn not_a_range(monorepo: &Monorepo, ui: &Ui, wanted: &Version) -> Vec<Problem> {
    let version = Registry::Npm.spelling(wanted);
    let mut problems = Vec::new();
    let path = ui.path.join("package.json");
    let package = monorepo.package_jsons.get(&path);
    if !package.is_some_and(|package| package.dependencies.iter().any(|dependency| dependency.name == ui.key)) {
        problems.push(Problem::new(
            format!("{path} does not ask for `{}`, which release.toml names for this UI", ui.client),
            "correct `path` or `client` of that `[[ui]]`, or ask for the client there",
        ));
    }
    for found in monorepo.without_range(ui).iter().filter(|found| !found.is_at(&version)) {
        let (path, spec) = (&found.path, found.dependency.range.trim());
        let message = format!("{path}: `{}` is `{spec}`, which is not a range that could be moved to {wanted}", ui.key);
        let problem = Problem::new(message, found.help(Some(&version)));
        let problem = problem.at(path, found.dependency.span.clone(), found.what());
        problems.push(match found.place() {
            Some((path, span, what)) => problem.at(path, span, what),
            None => problem,
        });
    }
    problems
}

/// Returns the edits of a `package.json` that give every requirement of a UI on its client the range of a version, in npm's
/// spelling, and the overrides that say the same.
fn edits(package: &PackageJson, ui: &Ui, version: &str) -> Vec<TextEdit> {
    let range = range(package, ui, version);
    let edit = |span: &Span, old: &str, new: &str| {
        let replacement = serde_json::Value::from(new).to_string();
        (old != new).then(|| TextEdit { span: span.clone(), replacement })
    };
    let own: Vec<&Dependency> = package.dependencies.iter().filter(|dependency| dependency.name == ui.key).collect();
    let ranges = own.iter().filter_map(|dependency| edit(&dependency.span, &dependency.range, &range));
    let overrides = package.overrides.iter().filter_map(|one| {
        let new = own.iter().find_map(|dependency| one.moved(dependency, version, &range))?;
        edit(&one.wanted.span, &one.wanted.value, new)
    });
    ranges.chain(overrides).collect()
}

/// Returns the edits by which npm's overrides that say what the dependency says refer to it: npm moves none that does not.
pub fn following(package: &PackageJson, ui: &Ui) -> Vec<TextEdit> {
    let own = |one: &&Override| {
        let mut requirements = package.dependencies.iter();
        one.table == NPM_OVERRIDES && requirements.any(|requirement| one.moved(requirement, "", "").is_some())
    };
    let reference = serde_json::Value::from(format!("${}", ui.key)).to_string();
    let edit = |one: &Override| TextEdit { span: one.wanted.span.clone(), replacement: reference.clone() };
    package.overrides.iter().filter(|one| one.name == ui.key).filter(own).map(edit).collect()
}

/// Returns the edits by which these overrides, in what npm wrote, say the range of a version again.
pub fn followed(old: &PackageJson, new: &PackageJson, ui: &Ui, version: &str) -> Vec<TextEdit> {
    let range = serde_json::Value::from(range(new, ui, version)).to_string();
    let reference = format!("${}", ui.key);
    let is_meant = |one: &&Override| {
        let is_own = one.table == NPM_OVERRIDES && one.name == ui.key && one.everywhere;
        is_own && one.wanted.value == reference && !following(old, ui).is_empty()
    };
    let edit = |one: &Override| TextEdit { span: one.wanted.span.clone(), replacement: range.clone() };
    new.overrides.iter().filter(is_meant).map(edit).collect()
}

/// Returns a problem for each override that keeps a client of a UI from moving: npm refuses one that differs from the
/// dependency, and others put another version in its place. One of the UI's own that says what the dependency says moves with it.
pub fn overridden(monorepo: &Monorepo, package: &PackageJson, ui: &Ui, wanted: &Version) -> Vec<Problem> {
    let version = Registry::Npm.spelling(wanted);
    let range = range(package, ui, &version);
    let own: Vec<&Dependency> = package.dependencies.iter().filter(|dependency| dependency.name == ui.key).collect();
    let moves =
        |one: &Overriding<'_>| own.iter().any(|dependency| one.found.moved(dependency, &version, &range).is_some());
    let problem = |one: Overriding<'_>| {
        let (path, table, value, key) = (one.path, one.found.table, &one.found.wanted.value, &ui.key);
        let help = match one.is_of_npm() {
            true => format!("write `\"{key}\": \"${key}\"` there, which follows the dependency"),
            false => format!("set it to `{range}`, or remove it, and run this again"),
        };
        let message = format!("{path}: `{table}` has `{value}` for {key}, where its dependency is to be `{range}`");
        Problem::new(message, help).at(path, one.found.wanted.span.clone(), "is put in its place")
    };
    let open =
        monorepo.overriding(ui).into_iter().filter(|one| one.differs_from(&range) || one.is_at_other_than(&version));
    open.filter(|one| !(one.is_own(ui) && moves(one))).map(problem).collect()
}

impl RangeFile {
    /// Returns the range that `package.json` is to have for a version in npm's spelling.
    pub fn range(&self, version: &str) -> String {
        range(&self.package, &self.ui, version)
    }

    /// Returns the edits that give every requirement on the client the range of a version, and overrides that say the same.
    pub fn edits(&self, version: &str) -> Vec<TextEdit> {
        edits(&self.package, &self.ui, version)
    }
}

impl OtherLock {
    /// Returns a lockfile for Python with the command that writes it.
    pub(super) fn of_python(path: Utf8PathBuf, command: String) -> Self {
        Self { path, command, member: String::new() }
    }

    /// Returns the lockfiles of other tools that a UI has, in its folder or in that of its workspace.
    pub(super) fn of(ui: &Utf8Path, present: &[Utf8PathBuf], texts: &BTreeMap<Utf8PathBuf, SourceText>) -> Vec<Self> {
        let mut found = Vec::new();
        for folder in ui.ancestors() {
            let member = ui.strip_prefix(folder).unwrap_or(ui).to_string();
            for (name, command) in OTHERS {
                let path = folder.join(name);
                let is_of_workspace = || {
                    let names = |file: &str, text: &str| {
                        texts.get(&folder.join(file)).is_some_and(|source| source.as_str().contains(text))
                    };
                    names("package.json", "\"workspaces\"") || names(name, &format!("\n  {member}:"))
                };
                if !present.contains(&path) || !member.is_empty() && !is_of_workspace() {
                    continue;
                }
                let command = match folder.as_str() {
                    "" => command.to_owned(),
                    folder => format!("(cd {} && {command})", quoted(folder)),
                };
                found.push(Self { path, command, member: member.clone() });
            }
        }
        found
    }

    /// Returns `true` if the lockfile's text records this requirement of the UI, and where that refers to a catalog, the range
    /// that it has there; `None` if that cannot be told.
    pub fn records(&self, text: Option<&SourceText>, key: &str, range: &str, catalogued: Option<&str>) -> Option<bool> {
        let text = text?.as_str();
        let held = catalogued.unwrap_or(range);
        match self.path.file_name()? {
            "pnpm-lock.yaml" => {
                let importer = if self.member.is_empty() { "." } else { &self.member };
                let named = range.strip_prefix("catalog:").filter(|name| !name.is_empty()).unwrap_or(DEFAULT_CATALOG);
                let is_held = || is_in_pnpm(text, ["catalogs", named], key, held);
                Some(is_in_pnpm(text, ["importers", importer], key, range) && (catalogued.is_none() || is_held()))
            }
            "yarn.lock" => Some(is_in_yarn(text, key, held)),
            "bun.lock" => Some(text.contains(&format!("\"{key}\": \"{held}\""))),
            _ => None,
        }
    }
}

fn plain(text: &str) -> &str {
    text.trim().trim_matches(['\'', '"'])
}

/// Looks in a part of a section of a lockfile of pnpm's, version 6 or later. One of a single package has its tables at the top.
fn is_in_pnpm(text: &str, [section, part]: [&str; 2], key: &str, range: &str) -> bool {
    let (mut at, mut package) = ([""; 2], "");
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let name = line.trim().strip_suffix(':').map(plain);
        match (name, line.len() - line.trim_start().len()) {
            (name, 0) => at = [name.unwrap_or_default(), ""],
            (Some(name), 2) if ["importers", "catalogs"].contains(&at[0]) => at[1] = name,
            (Some(name), _) => package = name,
            (None, _) => {
                let specifier = line.trim().strip_prefix("specifier:").map(plain);
                let is_single = section == "importers" && package_json::TABLES.contains(&at[0]);
                if specifier == Some(range) && package == key && (is_single || at == [section, part]) {
                    return true;
                }
            }
        }
    }
    false
}

/// Looks at the heads of the entries of a lockfile of yarn's.
fn is_in_yarn(text: &str, key: &str, range: &str) -> bool {
    let is_meant = |asked: &str| {
        let asked = plain(asked).strip_prefix(key).and_then(|rest| rest.strip_prefix('@'));
        asked.is_some_and(|asked| asked == range || asked.strip_prefix("npm:") == Some(range))
    };
    let heads = text.lines().filter(|line| !line.starts_with([' ', '#'])).filter_map(|line| line.strip_suffix(':'));
    heads.flat_map(|head| head.trim_matches('"').split(',')).any(is_meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(name: &str, member: &str, text: &str) -> [Option<bool>; 2] {
        let lock = OtherLock { path: name.into(), command: String::new(), member: member.to_owned() };
        ["^0.4.5", "^0.4.4"].map(|range| lock.records(Some(&SourceText::new(text)), "meadow-client", range, None))
    }

    #[test]
    fn a_lockfile_of_another_tool_records_a_range_or_does_not_or_cannot_be_read() {
        let pnpm = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      meadow-client:\n        specifier: ^0.4.4\n        version: 0.4.4\n\n  src/ui:\n    dependencies:\n      'meadow-client':\n        specifier: '^0.4.5'\n        version: 0.4.5\n\npackages:\n\n  meadow-client@0.4.5: {}\n";
        let old_pnpm =
            "lockfileVersion: '6.0'\n\ndependencies:\n  meadow-client:\n    specifier: ^0.4.5\n    version: 0.4.5\n";
        let yarn = "# yarn lockfile v1\n\n\nmeadow-client@^0.4.5:\n  version \"0.4.5\"\n";
        let berry =
            "__metadata:\n  version: 8\n\n\"meadow-client@npm:^0.4.3, meadow-client@npm:^0.4.5\":\n  version: 0.4.5\n";
        let bun = "{\n  \"workspaces\": { \"\": { \"dependencies\": { \"meadow-client\": \"^0.4.5\", }, }, },\n}\n";
        let catalog = OtherLock { path: "pnpm-lock.yaml".into(), command: String::new(), member: String::new() };
        let pnpm_of = |held: &str| {
            SourceText::new(format!(
                "catalogs:\n  default:\n    meadow-client:\n      specifier: {held}\n      version: 0.4.5\n\nimporters:\n\n  .:\n    dependencies:\n      meadow-client:\n        specifier: 'catalog:'\n        version: 0.4.5\n"
            ))
        };
        for (range, held, expected) in [("catalog:", Some("^0.4.5"), true), ("^0.4.5", None, false)] {
            let records = catalog.records(Some(&pnpm_of("^0.4.5")), "meadow-client", range, held);
            assert_eq!(records, Some(expected), "{range}");
        }
        assert_eq!(catalog.records(Some(&pnpm_of("^0.4.4")), "meadow-client", "catalog:", Some("^0.4.5")), Some(false));
        let [new, old] = [[Some(true), Some(false)], [Some(false), Some(true)]];
        for (name, member, text, expected) in [
            ("pnpm-lock.yaml", "src/ui", pnpm, new),
            ("pnpm-lock.yaml", "", pnpm, old),
            ("pnpm-lock.yaml", "", old_pnpm, new),
            ("yarn.lock", "", yarn, new),
            ("yarn.lock", "", berry, new),
            ("bun.lock", "", bun, new),
            ("npm-shrinkwrap.json", "", "{}", [None, None]),
        ] {
            assert_eq!(records(name, member, text), expected, "{name} {member}");
        }
    }
}
