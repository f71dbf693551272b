//! The keys that setuptools-scm takes: it fails at any other.

use super::error::ScmError;
use super::flavor::Flavor::{self, V8, V9, V10};
use crate::manifest::TomlString;
use crate::manifest::pyproject::ScmTable;

/// Every key, with the version that has it first, and `true` if hatch-vcs passes it on.
const KEYS: [(&str, Flavor, bool); 29] = [
    ("root", V8, true),
    ("relative_to", V8, true),
    ("version_scheme", V8, true),
    ("local_scheme", V8, true),
    ("tag_regex", V8, true),
    ("parentdir_prefix_version", V8, true),
    ("fallback_version", V8, true),
    ("fallback_root", V8, true),
    ("write_to", V8, true),
    ("write_to_template", V8, true),
    ("version_file", V8, true),
    ("version_file_template", V8, true),
    ("git_describe_command", V8, true),
    ("dist_name", V8, true),
    ("normalize", V8, true),
    ("search_parent_directories", V8, true),
    ("scm", V9, true),
    ("scm.git", V9, true),
    ("scm.git.pre_parse", V9, true),
    ("scm.git.describe_command", V9, true),
    ("scm.git.distance_scope", V10, true),
    ("scm.git.distance_count", V10, true),
    ("tag", V10, false),
    ("tag.prefix", V10, false),
    ("tag.strict", V10, false),
    ("tag.regex", V10, false),
    ("write_to_source", V10, false),
    // They are known, and change the answer in ways that are not implemented here.
    ("version_cls", V8, true),
    ("project_path", V10, false),
];

/// Keys that setuptools-scm has, and whose effect is not implemented here.
const UNSUPPORTED: [&str; 2] = ["version_cls", "project_path"];

/// The keys that `.config/python-vcs-versioning.toml` may have.
const OF_FILE: [&str; 12] = [
    "version_scheme",
    "local_scheme",
    "tag_regex",
    "parentdir_prefix_version",
    "fallback_version",
    "fallback_root",
    "write_to",
    "write_to_template",
    "version_file",
    "version_file_template",
    "dist_name",
    "search_parent_directories",
];

/// Keys of which a table may have one.
const EITHER: [(&str, &str, Flavor); 2] =
    [("tag_regex", "tag.regex", V10), ("git_describe_command", "scm.git.describe_command", V9)];

/// Values that a key is limited to.
const CHOICES: [(&str, &[&str]); 2] = [
    ("scm.git.pre_parse", &["warn_on_shallow", "fail_on_shallow", "fetch_on_shallow", "fail_on_missing_submodules"]),
    ("scm.git.distance_count", &["full-history", "first-parent"]),
];

/// Refuses what setuptools-scm refuses in a table, and what is not implemented here.
pub(super) fn check(table: &ScmTable, flavor: Flavor, is_hatch: bool) -> Result<(), ScmError> {
    let is_known = |key: &TomlString| {
        let known = KEYS.iter().find(|(known, ..)| *known == key.value);
        let is_moved = is_hatch && key.value == "relative_to";
        let is_supported = !UNSUPPORTED.contains(&&*key.value) && !is_moved;
        known.is_some_and(|(_, since, in_hatch)| flavor >= *since && (*in_hatch || !is_hatch)) && is_supported
    };
    refuse(table, flavor, table.keys.iter().find(|key| !is_known(key)))?;
    if let Some(key) = table.mistyped.first() {
        return Err(ScmError::Type { option: key.value.clone(), table: table.name, span: key.span.clone() });
    }
    for (first, second, since) in EITHER {
        let has_both = table.has(first) && table.has(second);
        if has_both && flavor >= since {
            return Err(ScmError::Both { first, second, table: table.name });
        }
    }
    for (option, choices) in CHOICES {
        let value = if option == CHOICES[0].0 { &table.pre_parse } else { &table.distance_count };
        let Some(value) = value.as_ref().filter(|value| !choices.contains(&&*value.value)) else { continue };
        let (value, known) = (value.value.clone(), choices.join(", "));
        return Err(ScmError::Choice { option, value, known });
    }
    let absolute = table.distance_scope.iter().flatten().find(|path| path.value.starts_with('/'));
    absolute.map_or(Ok(()), |path| Err(ScmError::AbsoluteScope(path.value.clone())))
}

/// Refuses a key that the file of settings may not have.
pub(super) fn check_file(table: &ScmTable) -> Result<(), ScmError> {
    refuse(table, V10, table.keys.iter().find(|key| !OF_FILE.contains(&&*key.value)))
}

fn refuse(table: &ScmTable, flavor: Flavor, key: Option<&TomlString>) -> Result<(), ScmError> {
    let Some(key) = key else { return Ok(()) };
    Err(ScmError::Option { option: key.value.clone(), table: table.name, flavor, span: key.span.clone() })
}
