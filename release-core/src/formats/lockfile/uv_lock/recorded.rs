//! The settings that uv records in a lockfile: those of `[options]` and `[manifest]`, the environments and the conflicts.

use super::tree::{Kind, Node, Table, list, string, strings};
use crate::manifest::TomlString;
use crate::manifest::limit::{Limit, Limits};
use crate::manifest::requirement::canonical_name;
use crate::manifest::uv_settings::{Conflicting, DefaultGroups, Described};
use crate::text::Span;
use std::collections::BTreeMap;

/// The settings with which a lockfile was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// `resolution-mode`, or `None` for the default.
    pub resolution: Option<TomlString>,
    /// `prerelease-mode`, or `None` for the default.
    pub prerelease: Option<TomlString>,
    /// `fork-strategy`, or `None` for the default.
    pub fork_strategy: Option<TomlString>,
    /// The limits on the time of upload (`exclude-newer`).
    pub limits: Limits,
    /// The place of the limit that holds for all packages.
    pub limits_span: Option<Span>,
    /// `supported-markers`: the environments for which it was resolved.
    pub environments: Vec<TomlString>,
    /// `required-markers`: the environments that need a wheel.
    pub required_environments: Vec<TomlString>,
    /// `conflicts`.
    pub conflicts: Vec<Vec<Conflicting>>,
    /// The place of `conflicts`.
    pub conflicts_span: Option<Span>,
    /// `members` of `[manifest]`; none are recorded of a workspace that has only the package at its root.
    pub members: Vec<TomlString>,
    /// `excludes` of `[manifest]`: packages that are left out wherever they are required.
    pub excludes: Vec<TomlString>,
    /// `dependency-metadata` of `[manifest]`.
    pub described: Vec<Described>,
    /// The settings of the groups of a root without a package.
    pub group_settings: GroupSettings,
}

/// The settings of dependency groups, which revisions of the format record since the fifth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupSettings {
    /// `default-groups`, or `None` for uv's own default.
    pub default_groups: Option<DefaultGroups>,
    /// `group-requires-python`, by canonical names.
    pub pythons: BTreeMap<String, TomlString>,
}

/// Reads the settings of a lockfile.
pub(super) fn read(root: &Table<'_>) -> Recorded {
    let table = |key: &str| root.get(key).and_then(Node::as_table);
    let (options, manifest) = (table("options"), table("manifest"));
    let option = |key: &str| string(options?, key);
    Recorded {
        resolution: option("resolution-mode"),
        prerelease: option("prerelease-mode"),
        fork_strategy: option("fork-strategy"),
        limits: options.map(limits).unwrap_or_default(),
        limits_span: option("exclude-newer-span").or(option("exclude-newer")).map(|text| text.span),
        environments: strings(root, "supported-markers"),
        required_environments: strings(root, "required-markers"),
        conflicts: list(root, "conflicts").iter().map(conflicting).collect(),
        conflicts_span: root.get("conflicts").map(|node| node.span.clone()),
        members: manifest.map(|manifest| strings(manifest, "members")).unwrap_or_default(),
        excludes: manifest.map(|manifest| strings(manifest, "excludes")).unwrap_or_default(),
        described: manifest.map(described).unwrap_or_default(),
        group_settings: manifest.map(group_settings).unwrap_or_default(),
    }
}

/// Reads the settings of the groups of a package, or of `[manifest]`.
pub(super) fn group_settings(table: &Table<'_>) -> GroupSettings {
    let default_groups = table.get("default-groups").and_then(|node| match &node.kind {
        Kind::List(_) => {
            let mut names: Vec<_> = node.as_list().iter().filter_map(Node::as_str).map(canonical_name).collect();
            names.sort();
            Some(DefaultGroups::Names(names, node.span.clone()))
        }
        _ => (node.as_str()? == "all").then(|| DefaultGroups::All(node.span.clone())),
    });
    let pythons = table.get("group-requires-python").and_then(Node::as_table);
    let python = |(group, node): &(_, Node<'_>)| {
        let value = TomlString { value: node.as_str()?.to_owned(), span: node.span.clone() };
        Some((canonical_name(AsRef::<str>::as_ref(group)), value))
    };
    let pythons = pythons.map_or(&[][..], |pythons| &pythons.entries).iter().filter_map(python);
    GroupSettings { default_groups, pythons: pythons.collect() }
}

/// Reads the limits of `[options]`: a moment, or a span whose moment has no meaning.
fn limits(options: &Table<'_>) -> Limits {
    let of = |moment: Option<&Node<'_>>, span: Option<&Node<'_>>| {
        let text = span.or(moment)?.as_str()?;
        Some(if span.is_some() { Limit::Span(text.to_owned()) } else { Limit::read(text) })
    };
    let package = |(name, node): &(_, Node<'_>)| {
        let limit = match &node.kind {
            Kind::Bool(_) => Limit::Off,
            Kind::Table(table) => of(table.get("timestamp"), table.get("span"))?,
            _ => of(Some(node), None)?,
        };
        Some((canonical_name(AsRef::<str>::as_ref(name)), limit))
    };
    let packages = options.get("exclude-newer-package").and_then(Node::as_table);
    Limits {
        all: of(options.get("exclude-newer"), options.get("exclude-newer-span")),
        packages: packages.map_or(&[][..], |packages| &packages.entries).iter().filter_map(package).collect(),
    }
}

fn conflicting(set: &Node<'_>) -> Vec<Conflicting> {
    let part = |node: &Node<'_>| {
        let table = node.as_table()?;
        let text = |key: &str| table.get(key).and_then(Node::as_str).map(canonical_name);
        let part = ["extra", "group"].into_iter().find_map(|kind| Some((kind, text(kind)?)));
        Some(Conflicting { package: text("package"), part })
    };
    let mut parts: Vec<_> = set.as_list().iter().filter_map(part).collect();
    parts.sort();
    parts
}

fn described(manifest: &Table<'_>) -> Vec<Described> {
    let entry = |node: &Node<'_>| {
        let table = node.as_table()?;
        let text = |key: &str| table.get(key).and_then(Node::as_str).map(str::to_owned);
        let list = |key: &str| strings(table, key).into_iter().map(|text| text.value).collect::<Vec<_>>();
        Some(Described {
            name: string(table, "name")?,
            version: text("version"),
            requires: list("requires-dist"),
            python: text("requires-python"),
            extras: [list("provides-extras"), list("provides-extra")].concat(),
        })
    };
    list(manifest, "dependency-metadata").iter().filter_map(entry).collect()
}
