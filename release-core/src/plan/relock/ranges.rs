//! UIs whose lockfile is not npm's, or that have none: the range in `package.json`, and what their lockfile records.

use crate::manifest::package_json::{Dependency, Override, PackageJson};
use crate::monorepo::Ui;
use crate::problem::Problem;
use crate::registry::Registry;
use crate::text::{SourceText, TextEdit, quoted};
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

/// Returns the range that `package.json` is to have for a version in npm's spelling. An alias keeps its package.
pub(super) fn range(package: &PackageJson, ui: &Ui, version: &str) -> String {
    let prefix = &ui.range;
    let found = package.dependencies.iter().find(|dependency| dependency.name == ui.key);
    match found.map(|dependency| Spec::parse(&dependency.range)) {
        Some(Spec::Alias { name, .. }) => format!("npm:{name}@{prefix}{version}"),
        _ => format!("{prefix}{version}"),
    }
}

/// Returns a problem for each requirement of a UI on its client that is not a range: another package would be installed in
/// its stead. `present` are the files of the tree that may hold the version.
pub fn not_a_range(
    package: (&Utf8Path, &PackageJson),
    ui: &Ui,
    wanted: &Version,
    present: &[Utf8PathBuf],
) -> Vec<Problem> {
    let (path, package) = package;
    let is_meant =
        |dependency: &&Dependency| dependency.name == ui.key && Spec::parse(&dependency.range).range().is_none();
    let problem = |dependency: &Dependency| {
        let (spec, client, version) = (dependency.range.trim(), &ui.client, wanted);
        let message =
            format!("{path}: `{}` is `{spec}`, which is not a range that could be moved to {version}", ui.key);
        let beside = |names: &[&str]| {
            let is_holder = |path: &&Utf8PathBuf| {
                names.contains(&path.file_name().unwrap_or_default())
                    && path.parent().is_some_and(|folder| ui.path.starts_with(folder))
            };
            present.iter().rev().find(is_holder).map(ToString::to_string)
        };
        let (what, holder) = if spec.starts_with("catalog:") {
            let holder = beside(&["pnpm-workspace.yaml", ".yarnrc.yml"])
                .unwrap_or_else(|| "the `package.json` of the workspace's root".to_owned());
            ("its catalog", format!("{holder} holds the range: set it to `{}{version}` there", ui.range))
        } else if spec.starts_with("workspace:") {
            (
                "a folder of the workspace",
                format!(
                    "the `version` in the `package.json` of the workspace `{client}` is what is built: change that"
                ),
            )
        } else {
            (
                "no range",
                format!(
                    "write a range such as `{}{version}` by hand, or leave {client} alone in release.toml: `pin = {{ release = \"keep\" }}`",
                    ui.range
                ),
            )
        };
        Problem::new(message, holder).at(path, dependency.span.clone(), what)
    };
    package.dependencies.iter().filter(is_meant).map(problem).collect()
}

/// Returns a problem for each override that keeps a client of a UI from moving: npm refuses one that differs from the
/// dependency, and others put another version in its place.
pub fn overridden(package: (&Utf8Path, &PackageJson), ui: &Ui, wanted: &Version) -> Vec<Problem> {
    let (path, package) = package;
    let range = range(package, ui, &Registry::Npm.spelling(wanted));
    let is_meant =
        |one: &&Override| one.name == ui.key && one.wanted.value != range && one.wanted.value != format!("${}", ui.key);
    let problem = |one: &Override| {
        let (table, value, key) = (one.table, &one.wanted.value, &ui.key);
        let help = match table {
            "overrides" => format!("write `\"{key}\": \"${key}\"` there, which follows the dependency"),
            _ => format!("set it to `{range}`, or remove it, and run this again"),
        };
        let message = format!("{path}: `{table}` has `{value}` for {key}, where its dependency is to be `{range}`");
        Problem::new(message, help).at(path, one.wanted.span.clone(), "is put in its place")
    };
    package.overrides.iter().filter(is_meant).map(problem).collect()
}

impl RangeFile {
    /// Returns the range that `package.json` is to have for a version in npm's spelling.
    pub fn range(&self, version: &str) -> String {
        range(&self.package, &self.ui, version)
    }

    /// Returns the edits that give every requirement on the client this range.
    pub fn edits(&self, range: &str) -> Vec<TextEdit> {
        let is_open = |dependency: &&Dependency| dependency.name == self.ui.key && dependency.range != range;
        let edit = |dependency: &Dependency| TextEdit {
            span: dependency.span.clone(),
            replacement: serde_json::Value::from(range).to_string(),
        };
        self.package.dependencies.iter().filter(is_open).map(edit).collect()
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

    /// Returns `true` if the lockfile's text records this requirement of the UI; `None` if that cannot be told.
    pub fn records(&self, text: Option<&SourceText>, key: &str, range: &str) -> Option<bool> {
        let text = text?.as_str();
        match self.path.file_name()? {
            "pnpm-lock.yaml" => Some(is_in_pnpm(text, &self.member, key, range)),
            "yarn.lock" => Some(is_in_yarn(text, key, range)),
            "bun.lock" => Some(text.contains(&format!("\"{key}\": \"{range}\""))),
            _ => None,
        }
    }
}

fn plain(text: &str) -> &str {
    text.trim().trim_matches(['\'', '"'])
}

/// Looks in `importers` of a lockfile of pnpm's, version 6 or later.
fn is_in_pnpm(text: &str, member: &str, key: &str, range: &str) -> bool {
    let member = if member.is_empty() { "." } else { member };
    let (mut importer, mut package) = ("", "");
    let mut is_single = true;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if indent == 0 && !line.is_empty() {
            is_single = !line.starts_with("importers:") && is_single;
            importer = "";
        }
        match (line.trim().strip_suffix(':').map(plain), indent) {
            (Some(name), 2) if !is_single => importer = name,
            (Some(name), _) => package = name,
            (None, _) => {
                let specifier = line.trim().strip_prefix("specifier:").map(plain);
                if specifier == Some(range) && package == key && (is_single || importer == member) {
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
        ["^0.4.5", "^0.4.4"].map(|range| lock.records(Some(&SourceText::new(text)), "meadow-client", range))
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
