//! `[tool.setuptools_scm]`, and the tables that hold the same keys elsewhere: `[tool.vcs-versioning]`, hatch-vcs's
//! `raw-options`, and `.config/python-vcs-versioning.toml` (setuptools-scm's manual, "Configuration parameters").

use super::command::Command;
use super::toml::{self, TomlString};
use crate::text::{SourceText, Span};
use toml_edit::{Item, TableLike};

/// The table that setuptools-scm of any version reads.
pub const SETUPTOOLS_SCM: &str = "tool.setuptools_scm";
/// The table that setuptools-scm reads from 10 on, if there is no other.
pub const VCS_VERSIONING: &str = "tool.vcs-versioning";
/// The table whose keys hatch-vcs passes on.
const HATCH_VCS: &str = "tool.hatch.version.raw-options";
/// The file of settings for each package of a repository, which setuptools-scm reads from 10 on.
pub const CONFIG_FILE: &str = ".config/python-vcs-versioning.toml";

/// The settings of setuptools-scm in a table.
#[derive(Clone, Debug)]
pub struct ScmTable {
    /// The name of the table, for messages.
    pub name: &'static str,
    /// The place of the header or of the inline table.
    pub span: Span,
    /// The end of its last line of values, or `None` for an inline or dotted table, to which a line cannot be added.
    pub end: Option<usize>,
    /// The keys, including those of the tables `scm`, `scm.git` and `tag`, with their path (`tag.prefix`).
    pub keys: Vec<TomlString>,
    /// The keys whose value has a type that setuptools-scm does not take.
    pub mistyped: Vec<TomlString>,
    /// `root`: the path from the manifest's folder to the repository's.
    pub root: Option<TomlString>,
    /// `dist_name`: the package's name in environment variables, if it differs from its name.
    pub dist_name: Option<TomlString>,
    /// `fallback_version`.
    pub fallback_version: Option<TomlString>,
    /// `tag_regex` or `tag.regex`: the pattern of a tag.
    pub tag_regex: Option<TomlString>,
    /// `tag.prefix`: the beginning of tags.
    pub tag_prefix: Option<TomlString>,
    /// `tag.strict`: `true` if tags without a dot are ignored.
    pub tag_strict: bool,
    /// `version_scheme`, one or several: the naming of a commit without a tag.
    pub version_scheme: Vec<TomlString>,
    /// `local_scheme`, one or several: the text after the `+`.
    pub local_scheme: Vec<TomlString>,
    /// `normalize = false`: versions are written as the tags spell them.
    pub keeps_spelling: bool,
    /// `git_describe_command` or `scm.git.describe_command`: the search for tags.
    pub describe_command: Option<Command>,
    /// `search_parent_directories`: `true` if git is also searched for above the manifest's folder.
    pub searches_parents: bool,
    /// `scm.git.pre_parse`: the demand on the clone before a tag is searched for.
    pub pre_parse: Option<TomlString>,
    /// `scm.git.distance_scope`: the folders besides the package's own whose commits are counted, or `None` if all
    /// commits are.
    pub distance_scope: Option<Vec<TomlString>>,
    /// `scm.git.distance_count`: the commits of a scope that are counted.
    pub distance_count: Option<TomlString>,
}

impl Default for ScmTable {
    fn default() -> Self {
        Self::of(SETUPTOOLS_SCM, 0..0, None, &toml_edit::Table::new())
    }
}

/// Keys that hold a text.
const TEXTS: [&str; 12] = [
    "root",
    "dist_name",
    "fallback_version",
    "fallback_root",
    "tag_regex",
    "tag.regex",
    "tag.prefix",
    "write_to",
    "version_file",
    "parentdir_prefix_version",
    "scm.git.pre_parse",
    "scm.git.distance_count",
];
/// Keys that hold a text or several.
const LISTS: [&str; 4] = ["version_scheme", "local_scheme", "git_describe_command", "scm.git.describe_command"];
/// Keys that hold a table.
const TABLES: [&str; 3] = ["scm", "scm.git", "tag"];

impl ScmTable {
    pub(super) fn read(source: &SourceText, name: &'static str, item: &Item) -> Option<Self> {
        let table = item.as_table_like()?;
        let has_header = item.as_table().is_some_and(|table| !table.is_dotted() && !table.is_implicit());
        let end = has_header.then(|| toml::end_of_values(source, item));
        Some(Self::of(name, item.span()?, end, table))
    }

    /// Reads the settings of a table whose place is known.
    fn of(name: &'static str, span: Span, end: Option<usize>, table: &dyn TableLike) -> Self {
        let [scm, git, tag] = [&["scm"][..], &["scm", "git"], &["tag"]].map(|path| toml::table(table, path));
        let inner = [("scm.", scm), ("scm.git.", git), ("tag.", tag)];
        let found = inner.into_iter().filter_map(|(path, table)| Some((path, table?)));
        let all: Vec<(TomlString, &Item)> =
            std::iter::once(("", table)).chain(found).flat_map(|(path, table)| keys(path, table)).collect();
        let of_git = |key| git.and_then(|git| git.get(key));
        let of_tag = |key| tag.and_then(|tag| tag.get(key));
        let text = |key| table.get(key).and_then(toml::string);
        let is_mistyped = |(key, item): &&(TomlString, &Item)| !is_of_its_type(&key.value, item);
        Self {
            name,
            span,
            end,
            mistyped: all.iter().filter(is_mistyped).map(|(key, _)| key.clone()).collect(),
            keys: all.into_iter().map(|(key, _)| key).collect(),
            root: text("root"),
            dist_name: text("dist_name"),
            fallback_version: text("fallback_version"),
            tag_regex: of_tag("regex").and_then(toml::string).or_else(|| text("tag_regex")),
            tag_prefix: of_tag("prefix").and_then(toml::string),
            tag_strict: of_tag("strict").and_then(Item::as_bool) == Some(true),
            version_scheme: one_or_several(table.get("version_scheme")),
            local_scheme: one_or_several(table.get("local_scheme")),
            keeps_spelling: table.get("normalize").and_then(Item::as_bool) == Some(false),
            describe_command: of_git("describe_command")
                .or_else(|| table.get("git_describe_command"))
                .and_then(Command::read),
            searches_parents: table.get("search_parent_directories").and_then(Item::as_bool) == Some(true),
            pre_parse: of_git("pre_parse").and_then(toml::string),
            distance_scope: of_git("distance_scope").filter(|item| item.as_bool() != Some(false)).map(toml::strings),
            distance_count: of_git("distance_count").and_then(toml::string),
        }
    }

    /// Reads hatch-vcs's settings in `[tool.hatch.version]`: `raw-options`, and two keys beside it that win over them.
    pub(super) fn of_hatch(source: &SourceText, item: &Item) -> Option<Self> {
        let table = item.as_table_like()?;
        let text = |key| table.get(key).and_then(toml::string).filter(|text| !text.value.is_empty());
        let raw = table.get("raw-options").map(|raw| Self::read(source, HATCH_VCS, raw));
        let mut read = match raw {
            Some(read) => read?,
            None => Self { name: HATCH_VCS, span: item.span()?, ..Self::default() },
        };
        read.tag_regex = text("tag-pattern").or(read.tag_regex);
        read.fallback_version = text("fallback-version").or(read.fallback_version);
        Some(read)
    }

    /// Reads the settings of a package in [`CONFIG_FILE`], by its path from there. `None` if the file is no TOML, or has no table for
    /// it.
    pub fn of_config_file(text: &str, package: &str) -> Option<Self> {
        let source = SourceText::new(text.to_owned());
        let document = toml::parse(&source).ok()?;
        Self::read(&source, CONFIG_FILE, document.as_table().get(package)?)
    }

    /// Returns `true` if the table has a key.
    pub fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|found| found.value == key)
    }
}

/// Returns `false` for a value that setuptools-scm fails at.
fn is_of_its_type(key: &str, item: &Item) -> bool {
    let is_text = item.as_str().is_some();
    let is_list = item.as_array().is_some_and(|list| list.iter().all(toml_edit::Value::is_str));
    let is_empty = item.as_array().is_some_and(toml_edit::Array::is_empty);
    match key {
        _ if TABLES.contains(&key) => item.is_table_like(),
        _ if TEXTS.contains(&key) => is_text,
        _ if LISTS.contains(&key) => is_text || (is_list && !is_empty),
        "scm.git.distance_scope" => item.as_bool().is_some() || is_list,
        _ => true,
    }
}

fn keys<'a>(path: &str, table: &'a dyn TableLike) -> Vec<(TomlString, &'a Item)> {
    let key = |(name, _): (&str, &Item)| {
        let (key, item) = table.get_key_value(name)?;
        let span = key.span().or_else(|| item.span())?;
        Some((TomlString { value: format!("{path}{name}"), span }, item))
    };
    table.iter().filter_map(key).collect()
}

fn one_or_several(item: Option<&Item>) -> Vec<TomlString> {
    let Some(item) = item else { return Vec::new() };
    toml::string(item).map_or_else(|| toml::strings(item), |only| vec![only])
}

#[cfg(test)]
mod tests {
    use crate::manifest::pyproject::Pyproject;
    use crate::text::SourceText;

    #[test]
    fn options_are_read_under_their_old_and_new_names() {
        for (text, keys) in [
            (
                "tag_regex = 'x'\nversion_scheme = 'a'\nlocal_scheme = ['b', 'c']",
                "tag_regex version_scheme local_scheme",
            ),
            (
                "tag = { regex = 'x', strict = true }\nversion_scheme = ['a']\nlocal_scheme = ['b', 'c']\nnormalize = false",
                "tag version_scheme local_scheme normalize tag.regex tag.strict",
            ),
        ] {
            let source = SourceText::new(format!("[tool.setuptools_scm]\n{text}\n"));
            let scm = Pyproject::parse(&source).unwrap().scm.unwrap();
            assert_eq!(scm.keys.iter().map(|key| &*key.value).collect::<Vec<_>>().join(" "), keys);
            assert_eq!(scm.tag_regex.as_ref().unwrap().value, "x");
            assert_eq!(scm.version_scheme[0].value, "a");
            assert_eq!(scm.local_scheme.iter().map(|name| &*name.value).collect::<Vec<_>>(), ["b", "c"]);
            assert_eq!((scm.tag_strict, scm.keeps_spelling), (text.contains("strict"), text.contains("normalize")));
            assert_eq!(&source.as_str()[scm.local_scheme[0].span.clone()], "'b'");
        }
    }
}
