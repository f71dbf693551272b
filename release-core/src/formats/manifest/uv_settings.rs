//! The settings of uv by which a lockfile is written: `[tool.uv]`, and `uv.toml`, which replaces a part of it.
//!
//! Settings: <https://docs.astral.sh/uv/reference/settings/>. By experiment with uv 0.13.9: of a `uv.toml`, uv takes what
//! [`UvSettings`] has, and none of that from `[tool.uv]`; all else of [`UvTable`] stands in a `pyproject.toml` alone.

use super::limit::Limits;
use super::requirement::canonical_name;
use super::toml::{self, TomlString, entries};
use crate::text::Span;
use std::collections::BTreeMap;
use toml_edit::{Item, TableLike};

/// `[tool.uv]` of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UvTable {
    /// `true` if there is a `[tool.uv]` at all: where uv finds one, it looks for no settings above it.
    pub is_there: bool,
    /// The settings that a `uv.toml` replaces.
    pub settings: UvSettings,
    /// `index`, and the older `index-url` and `extra-index-url`.
    pub indexes: Vec<UvIndex>,
    /// `sources`: every entry for every package.
    pub sources: Vec<UvSource>,
    /// `dependency-groups`: the `requires-python` of groups, by canonical names.
    pub group_pythons: BTreeMap<String, TomlString>,
    /// `default-groups`.
    pub default_groups: Option<DefaultGroups>,
    /// `package`.
    pub is_package: Option<bool>,
    /// `true` for `managed = false`: uv leaves such a folder out of a workspace.
    pub is_unmanaged: bool,
    /// `workspace`, if there is one.
    pub workspace: Option<Members>,
    /// `environments`.
    pub environments: Vec<TomlString>,
    /// `required-environments`.
    pub required_environments: Vec<TomlString>,
    /// `exclude-dependencies`.
    pub excludes: Vec<TomlString>,
    /// `conflicts`: sets of extras and groups that are never installed together.
    pub conflicts: Vec<Vec<Conflicting>>,
    /// The place of `conflicts`.
    pub conflicts_span: Option<Span>,
}

/// The settings that stand in `[tool.uv]`, or in a `uv.toml` in its stead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UvSettings {
    /// `resolution`.
    pub resolution: Option<TomlString>,
    /// `prerelease`.
    pub prerelease: Option<TomlString>,
    /// `fork-strategy`.
    pub fork_strategy: Option<TomlString>,
    /// `exclude-newer` and `exclude-newer-package`.
    pub limits: Limits,
    /// The place of the first of both.
    pub limits_span: Option<Span>,
    /// `dependency-metadata`.
    pub described: Vec<Described>,
    /// `true` if uv is told to leave `sources` out (`no-sources`).
    pub no_sources: bool,
}

/// The requirements of a package that are given in place of its own (`dependency-metadata`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// The name, as spelled.
    pub name: TomlString,
    /// The version, if it holds for one only.
    pub version: Option<String>,
    /// `requires-dist`.
    pub requires: Vec<String>,
    /// `requires-python`.
    pub python: Option<String>,
    /// `provides-extra`, in canonical names.
    pub extras: Vec<String>,
}

/// The groups that uv installs without being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultGroups {
    /// All of them, with the place of the word.
    All(Span),
    /// These, in canonical names and in order, with the place of the list.
    Names(Vec<String>, Span),
}

/// The folders of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// The patterns of folders that are members.
    pub members: Vec<TomlString>,
    /// The patterns of folders that are none all the same.
    pub exclude: Vec<TomlString>,
}

/// An extra or a group of a package that conflicts with others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflicting {
    /// The canonical name of the package, or `None` for that of the manifest.
    pub package: Option<String>,
    /// `extra` or `group`, and its canonical name; `None` for the package itself.
    pub part: Option<(&'static str, String)>,
}

/// An index that uv may take packages from (<https://docs.astral.sh/uv/concepts/indexes/>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UvIndex {
    /// Its name in `sources`.
    pub name: Option<String>,
    /// Its URL or path.
    pub url: TomlString,
    /// `true` if it provides only packages whose source names it.
    pub explicit: bool,
    /// `true` if it stands in place of uv's own default.
    pub is_default: bool,
    /// `true` if it has an `exclude-newer` of its own.
    pub has_limit: bool,
}

/// An entry of `tool.uv.sources` (<https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UvSource {
    /// The canonical name of the package.
    pub package: String,
    /// The index that it names, or `None` for a folder, a repository or a URL.
    pub index: Option<String>,
    /// `true` for a member of the workspace.
    pub workspace: bool,
    /// The path that it names.
    pub path: Option<String>,
    /// The URL of an archive.
    pub url: Option<String>,
    /// `editable`.
    pub editable: Option<bool>,
    /// `package`.
    pub is_package: Option<bool>,
    /// The environments that it is for.
    pub marker: Option<String>,
    /// The canonical name of the one extra that it is for.
    pub extra: Option<String>,
    /// The canonical name of the one group that it is for.
    pub group: Option<String>,
}

impl UvTable {
    /// Reads the table.
    pub fn read(table: &dyn TableLike) -> Self {
        let flag = |key: &str| table.get(key).and_then(Item::as_bool);
        let strings = |key: &str| -> Vec<TomlString> {
            let item = table.get(key);
            item.and_then(toml::string).into_iter().chain(item.into_iter().flat_map(toml::strings)).collect()
        };
        let groups = table.get("dependency-groups").and_then(Item::as_table_like);
        let group_pythons = groups.into_iter().flat_map(TableLike::iter).filter_map(|(group, item)| {
            let python = toml::string(item.as_table_like()?.get("requires-python")?)?;
            Some((canonical_name(group), python))
        });
        let workspace = table.get("workspace").and_then(Item::as_table_like).map(|workspace| Members {
            members: workspace.get("members").map(toml::strings).unwrap_or_default(),
            exclude: workspace.get("exclude").map(toml::strings).unwrap_or_default(),
        });
        Self {
            is_there: true,
            settings: UvSettings::read(table),
            indexes: indexes(table),
            sources: sources(table),
            group_pythons: group_pythons.collect(),
            default_groups: table.get("default-groups").and_then(DefaultGroups::read),
            is_package: flag("package"),
            is_unmanaged: flag("managed") == Some(false),
            workspace,
            environments: strings("environments"),
            required_environments: strings("required-environments"),
            excludes: strings("exclude-dependencies"),
            conflicts: table.get("conflicts").map(conflicts).unwrap_or_default(),
            conflicts_span: table.get("conflicts").and_then(Item::span),
        }
    }
}

impl UvSettings {
    /// Reads `[tool.uv]`, or the whole of a `uv.toml`.
    pub fn read(table: &dyn TableLike) -> Self {
        let text = |key: &str| table.get(key).and_then(toml::string);
        let limits = ["exclude-newer", "exclude-newer-package"].into_iter();
        Self {
            resolution: text("resolution"),
            prerelease: text("prerelease"),
            fork_strategy: text("fork-strategy"),
            limits: Limits::read(table),
            limits_span: limits.filter_map(|key| table.get_key_value(key)?.0.span()).next(),
            described: entries(table.get("dependency-metadata")).into_iter().filter_map(described).collect(),
            no_sources: table.get("no-sources").and_then(Item::as_bool) == Some(true),
        }
    }
}

impl DefaultGroups {
    fn read(item: &Item) -> Option<Self> {
        let span = item.span()?;
        match item.as_array() {
            Some(_) => {
                let mut names: Vec<_> = toml::strings(item).iter().map(|name| canonical_name(&name.value)).collect();
                names.sort();
                Some(Self::Names(names, span))
            }
            None => (item.as_str()? == "all").then_some(Self::All(span)),
        }
    }
}

fn indexes(table: &dyn TableLike) -> Vec<UvIndex> {
    let listed = entries(table.get("index")).into_iter().filter_map(|index| {
        Some(UvIndex {
            name: index.get("name").and_then(Item::as_str).map(str::to_owned),
            url: toml::string(index.get("url")?)?,
            explicit: index.get("explicit").and_then(Item::as_bool) == Some(true),
            is_default: index.get("default").and_then(Item::as_bool) == Some(true),
            has_limit: index.get("exclude-newer").is_some_and(|limit| limit.as_bool() != Some(false)),
        })
    });
    let by_url = |url, is_default| UvIndex { name: None, url, explicit: false, is_default, has_limit: false };
    let older = table.get("index-url").and_then(toml::string).into_iter().map(|url| by_url(url, true));
    let extra = table.get("extra-index-url").into_iter().flat_map(toml::strings).map(|url| by_url(url, false));
    listed.chain(older).chain(extra).collect()
}

fn sources(table: &dyn TableLike) -> Vec<UvSource> {
    let sources = table.get("sources").and_then(Item::as_table_like);
    let entry = |package: &str, source: &dyn TableLike| {
        let text = |key: &str| source.get(key).and_then(Item::as_str).map(str::to_owned);
        let flag = |key: &str| source.get(key).and_then(Item::as_bool);
        UvSource {
            package: canonical_name(package),
            index: text("index"),
            workspace: flag("workspace") == Some(true),
            path: text("path"),
            url: text("url"),
            editable: flag("editable"),
            is_package: flag("package"),
            marker: text("marker"),
            extra: text("extra").map(|name| canonical_name(&name)),
            group: text("group").map(|name| canonical_name(&name)),
        }
    };
    let all = sources.into_iter().flat_map(TableLike::iter);
    all.flat_map(|(package, item)| entries(Some(item)).into_iter().map(move |source| entry(package, source))).collect()
}

fn described(table: &dyn TableLike) -> Option<Described> {
    let list = |key: &str| table.get(key).map(toml::strings).unwrap_or_default();
    let extras = [list("provides-extra"), list("provides-extras")].concat();
    Some(Described {
        name: toml::string(table.get("name")?)?,
        version: table.get("version").and_then(Item::as_str).map(str::to_owned),
        requires: list("requires-dist").into_iter().map(|text| text.value).collect(),
        python: table.get("requires-python").and_then(Item::as_str).map(str::to_owned),
        extras: extras.iter().map(|name| canonical_name(&name.value)).collect(),
    })
}

fn conflicts(item: &Item) -> Vec<Vec<Conflicting>> {
    let part = |table: &dyn TableLike| {
        let text = |key: &str| table.get(key).and_then(Item::as_str).map(canonical_name);
        let part = ["extra", "group"].into_iter().find_map(|kind| Some((kind, text(kind)?)));
        Conflicting { package: text("package"), part }
    };
    let set = |set: &toml_edit::Value| {
        let parts = set.as_array().into_iter().flatten().filter_map(toml_edit::Value::as_inline_table);
        let mut parts: Vec<_> = parts.map(|table| part(table)).collect();
        parts.sort();
        parts
    };
    item.as_array().into_iter().flatten().map(set).collect()
}
