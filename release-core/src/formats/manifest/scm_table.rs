//! `[tool.setuptools_scm]` (setuptools-scm's manual, "Configuration parameters").

use super::command::Command;
use super::toml::{self, TomlString};
use crate::text::{SourceText, Span};
use toml_edit::{Item, TableLike};

/// `[tool.setuptools_scm]`.
#[derive(Clone, Debug, Default)]
pub struct ScmTable {
    /// The place of the header or of the inline table.
    pub span: Span,
    /// The end of its last line of values, or `None` for an inline or dotted table, to which a line cannot be added.
    pub end: Option<usize>,
    /// The keys, including those of the tables `scm.git` and `tag`, with their path (`tag.prefix`).
    pub keys: Vec<TomlString>,
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
}

impl ScmTable {
    pub(super) fn read(source: &SourceText, item: &Item) -> Option<Self> {
        let table = item.as_table_like()?;
        let has_header = item.as_table().is_some_and(|table| !table.is_dotted() && !table.is_implicit());
        let git = toml::table(table, &["scm", "git"]);
        let tag = toml::table(table, &["tag"]);
        let of_tag = |key| tag.and_then(|tag| tag.get(key));
        let text = |key| table.get(key).and_then(toml::string);
        let mut keys = keys("", table);
        keys.extend(git.into_iter().flat_map(|git| self::keys("scm.git.", git)));
        keys.extend(tag.into_iter().flat_map(|tag| self::keys("tag.", tag)));
        Some(Self {
            span: item.span()?,
            end: has_header.then(|| toml::end_of_values(source, item)),
            keys,
            root: text("root"),
            dist_name: text("dist_name"),
            fallback_version: text("fallback_version"),
            tag_regex: of_tag("regex").and_then(toml::string).or_else(|| text("tag_regex")),
            tag_prefix: of_tag("prefix").and_then(toml::string),
            tag_strict: of_tag("strict").and_then(Item::as_bool) == Some(true),
            version_scheme: one_or_several(table.get("version_scheme")),
            local_scheme: one_or_several(table.get("local_scheme")),
            keeps_spelling: table.get("normalize").and_then(Item::as_bool) == Some(false),
            describe_command: git
                .and_then(|git| git.get("describe_command"))
                .or_else(|| table.get("git_describe_command"))
                .and_then(Command::read),
            searches_parents: table.get("search_parent_directories").and_then(Item::as_bool) == Some(true),
        })
    }
}

fn keys(path: &str, table: &dyn TableLike) -> Vec<TomlString> {
    let key = |(name, _): (&str, &Item)| {
        let (key, item) = table.get_key_value(name)?;
        Some(TomlString { value: format!("{path}{name}"), span: key.span().or_else(|| item.span())? })
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
