//! The shape of `release.toml`: its tables and keys. Reading, suggestions for unknown keys and the JSON Schema all
//! follow it.

use crate::registry::{ArtifactKind, Registry};

/// A table of `release.toml`.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, including dots.
    pub name: &'static str,
    /// `true` if it is an array of tables.
    pub is_list: bool,
    /// Its description.
    pub what: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The kind of its value.
    pub kind: Kind,
    /// `true` if the table is invalid without it.
    pub is_required: bool,
    /// Its description.
    pub what: &'static str,
}

/// A kind of value.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A string.
    Text,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A list of these strings.
    SomeOf(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number from 0.
    Count,
    /// A whole number from 0, or `[least, most]`.
    CountOrRange,
    /// A list of strings.
    Texts,
    /// A list of tables.
    Tables(&'static [Key]),
    /// A table of its own.
    Table(&'static [Key]),
}

/// The registries for clients; the first is the default.
pub const REGISTRIES: &[&str] = &[Registry::Pypi.name(), Registry::Npm.name()];
/// The prefixes of the version in an npm range; the first is the default.
pub const RANGES: &[&str] = &["^", "~", ">=", ""];
/// The destinations of artifacts.
pub const ARTIFACTS: &[&str] = &[
    Registry::Pypi.name(),
    Registry::Npm.name(),
    ArtifactKind::Oci.name(),
    ArtifactKind::GithubRelease.name(),
    ArtifactKind::Docs.name(),
];
/// The spellings of a version.
pub const SPELLINGS: &[&str] = &["pep440", "npm"];
/// The forms of a client's pin.
pub const PINS: &[&str] = &["==", "~=", ">=", ">=,<", "none", "keep"];

/// The kinds of forge.
pub const FORGES: &[&str] = &["github"];
/// The ways in which edits get onto a branch; the first is the default.
pub const PROPOSALS: &[&str] = &["pr", "commit"];
/// The moments until which a check may fail.
pub const UNTIL: &[&str] = &["published"];

const fn key(name: &'static str, kind: Kind, what: &'static str) -> Key {
    Key { name, kind, is_required: false, what }
}

const fn required(name: &'static str, kind: Kind, what: &'static str) -> Key {
    Key { name, kind, is_required: true, what }
}

const fn table(name: &'static str, what: &'static str, keys: &'static [Key]) -> Table {
    Table { name, is_list: false, what, keys }
}

const fn list(name: &'static str, what: &'static str, keys: &'static [Key]) -> Table {
    Table { name, is_list: true, what, keys }
}

const PIN: &[Key] = &[
    key("release", Kind::OneOf(PINS), "On the branch of a line, for finals."),
    key("candidate", Kind::OneOf(PINS), "On the branch of a line, for candidates."),
    key("main", Kind::OneOf(PINS), "On main."),
];

const POLICY: &[Key] = &[
    key("testing-days", Kind::CountOrRange, "Days of community testing, from the first candidate to the final."),
    key("candidates", Kind::Count, "Candidates that a final needs."),
];

const RELEASE: &[Key] = &[
    key("tag", Kind::Text, "The pattern of tag names, with `{version}`."),
    key("branch", Kind::Text, "The pattern of release branch names, with `{major}` and `{minor}`."),
    key("main", Kind::Text, "The development branch."),
    key("maintained-lines", Kind::Count, "The number of maintained minors, counted from the last."),
    key("dev-tag", Kind::Flag, "Set a development tag on main after a release."),
    key("index", Kind::Text, "The URL of the simple index that knows the published versions."),
    key("clients-first", Kind::Flag, "Publish the clients before the release that pins them is prepared."),
];

const MAIN: &[Key] = &[
    key("floors", Kind::Flag, "Raise the lower bounds of clients to the release."),
    key("ui", Kind::Flag, "Update the range and lockfile of the UI."),
    key("merge-back", Kind::Flag, "Merge a minor or major into main after it is tagged."),
];

const PACKAGE: &[Key] = &[required("path", Kind::Text, "Its `pyproject.toml`.")];

const CLIENT: &[Key] = &[
    required("name", Kind::Text, "Its name."),
    key("registry", Kind::SomeOf(REGISTRIES), "The registries on which it is published."),
    key("pin", Kind::Table(PIN), "The form of its pins."),
];

const UI: &[Key] = &[
    required("path", Kind::Text, "The folder of its `package.json`."),
    key("client", Kind::Text, "The client's npm name."),
    key("range", Kind::OneOf(RANGES), "The prefix of the version in the range it asks for."),
];

const ARTIFACT: &[Key] = &[
    required("kind", Kind::OneOf(ARTIFACTS), "The destination."),
    required("name", Kind::Text, "Its name at the destination."),
];

const FAILURE: &[Key] = &[
    required("check", Kind::Text, "The name of the check."),
    required("until", Kind::OneOf(UNTIL), "The moment until which it may fail."),
    required("reason", Kind::Text, "The reason."),
];

const FORGE: &[Key] = &[
    key("kind", Kind::OneOf(FORGES), "The kind of forge."),
    key("repository", Kind::Text, "The repository on the remote's host, as `owner/name`."),
    key("publish-workflow", Kind::Text, "The file of the workflow that publishes a release, without its folder."),
    key("proposal", Kind::OneOf(PROPOSALS), "The way in which edits get onto a branch: by pull request or as commits."),
    key("labels", Kind::Texts, "The labels of pull requests."),
    key("expected-failures", Kind::Tables(FAILURE), "Checks that may fail for a time."),
];

const STAMP: &[Key] = &[
    required("path", Kind::Text, "The file."),
    required("pattern", Kind::Text, "The text around the version, with `{version}` in its place."),
    key("count", Kind::Count, "The number of times that the pattern must match; 1 by default."),
    key("spelling", Kind::OneOf(SPELLINGS), "The spelling of the version there; by default that of its ecosystem."),
];

const IGNORE: &[Key] = &[
    required("rule", Kind::Text, "The rule."),
    key("path", Kind::Text, "The file, folder, tag or branch; without it, everywhere."),
    key("reason", Kind::Text, "The reason."),
];

/// Every table except `[rules]`, whose keys are the names of rules.
pub const TABLES: &[Table] = &[
    table("release", "The names that the repository uses.", RELEASE),
    table("main", "The edits on main after a release.", MAIN),
    list("package", "A package of the monorepo; when one is given, these and no others.", PACKAGE),
    list("client", "A first-party package from another repository; when one is given, these and no others.", CLIENT),
    list("ui", "A front end that requires a client; when one is given, these and no others.", UI),
    list("artifact", "Something that a release publishes.", ARTIFACT),
    table("policy.patch", "The policy of patches.", POLICY),
    table("policy.minor", "The policy of minors.", POLICY),
    table("policy.major", "The policy of majors.", POLICY),
    table("forge", "The place where the repository, its pull requests and releases are.", FORGE),
    list("stamp", "A file of a client repository that carries its version, for `release stamp`.", STAMP),
    list("ignore", "Findings that are accepted.", IGNORE),
];

/// Returns the names of a table's keys.
pub(super) fn keys(table: &str) -> Vec<&'static str> {
    let known = TABLES.iter().find(|known| known.name == table).map_or(&[][..], |known| known.keys);
    let keys = match table {
        "client.pin" => PIN,
        "forge.expected-failures" => FAILURE,
        _ => known,
    };
    keys.iter().map(|key| key.name).collect()
}

/// Returns the names of the tables at the top, or below `policy`.
pub(super) fn tables(below: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = match below {
        "" => TABLES.iter().map(|table| table.name.split('.').next().unwrap_or(table.name)).chain(["rules"]).collect(),
        _ => TABLES.iter().filter_map(|table| table.name.strip_prefix(below)?.strip_prefix('.')).collect(),
    };
    names.dedup();
    names
}
