//! `package.json`: the requirements of a UI on clients.
//!
//! Format: <https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-json.md>.

use super::plain_json;
use super::workspaces::is_matched;
use crate::text::{SourceText, Span, SyntaxError};
use jsonc_parser::ast::{Object, ObjectProp, Value};

/// The table of npm's overrides.
pub(crate) const NPM_OVERRIDES: &str = "overrides";

/// The dependency tables of a `package.json`.
pub(crate) const TABLES: [&str; 4] = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/// The parts of a `package.json` that matter to a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageJson {
    /// The package's own name, if it has one.
    pub name: Option<JsonString>,
    /// The package's own version, if it has one.
    pub version: Option<JsonString>,
    /// Every dependency, in the file's order.
    pub dependencies: Vec<Dependency>,
    /// The versions that are put in place of what packages ask for.
    pub overrides: Vec<Override>,
    /// The ranges to which `catalog:` refers in the packages of a workspace of bun's.
    pub catalogs: Vec<Catalogued>,
    /// The patterns of the folders in its workspace (`workspaces`), or `None` if it is the root of none.
    pub workspaces: Option<Vec<String>>,
}

/// The catalog that `catalog:` alone means.
pub const DEFAULT_CATALOG: &str = "default";

/// The range of a package in a catalog, to which `catalog:` and `catalog:NAME` refer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogued {
    /// The catalog.
    pub catalog: String,
    /// The package.
    pub name: String,
    /// Its range.
    pub range: JsonString,
}

/// A version that is put in place of what packages ask for: by npm (`overrides`), pnpm or yarn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The table, such as `pnpm.overrides`.
    pub table: &'static str,
    /// The package.
    pub name: String,
    /// `true` if it holds for the package wherever it is asked for.
    pub everywhere: bool,
    /// The version, range, or reference to a dependency (`$NAME`).
    pub wanted: JsonString,
}

/// One line of a dependency table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Its table, such as `devDependencies`.
    pub table: &'static str,
    /// The required package.
    pub name: String,
    /// The range, as written (`^0.4.4`).
    pub range: String,
    /// The range's literal in the file, quotes included.
    pub span: Span,
}

/// A decoded string of a JSON file, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonString {
    /// The text, escapes resolved.
    pub value: String,
    /// The literal in the file, quotes included.
    pub span: Span,
}

impl PackageJson {
    /// Reads a `package.json`.
    ///
    /// # Errors
    /// If the text is not JSON, or not an object.
    pub fn parse(source: &SourceText) -> Result<Self, SyntaxError> {
        let root = root(source)?;
        let own = |key| root.get(key).and_then(string);
        Ok(Self {
            name: own("name"),
            version: own("version"),
            dependencies: dependencies(&root),
            overrides: overrides(&root),
            catalogs: catalogs(&root),
            workspaces: workspaces(&root),
        })
    }
}

impl PackageJson {
    /// Returns `true` if a folder, by its path from this file's, is one of its workspace.
    pub fn is_root_of(&self, folder: &str) -> bool {
        self.workspaces.as_ref().is_some_and(|patterns| is_matched(patterns, folder))
    }
}

impl Catalogued {
    /// Returns the range of a package in a catalog.
    pub(super) fn new(catalog: &str, name: &str, range: JsonString) -> Self {
        Self { catalog: catalog.to_owned(), name: name.to_owned(), range }
    }
}

impl Override {
    /// Returns the override of a table's key, which may select its package by others: `a>b@1` of pnpm, `a/b` and `**/b` of yarn.
    pub(super) fn new(table: &'static str, key: &str, wanted: JsonString) -> Self {
        let (name, is_plain) = selected(table, key);
        Self { table, name: name.to_owned(), everywhere: is_plain, wanted }
    }

    /// Returns what it becomes when a requirement on its package moves to a version and range, or `None` if it does not say what
    /// the requirement says: its range, or its version where the tool takes one.
    pub fn moved<'a>(&self, requirement: &Dependency, version: &'a str, range: &'a str) -> Option<&'a str> {
        if self.name != requirement.name || !self.everywhere {
            return None;
        }
        let value = self.wanted.value.as_str();
        let is_version = self.table != NPM_OVERRIDES && requirement.range.trim_start_matches(['^', '~', '=']) == value;
        match value == requirement.range {
            true => Some(range),
            false => is_version.then_some(version),
        }
    }
}

/// Returns the package that a key selects, and `true` if it selects it wherever it is asked for.
fn selected<'a>(table: &str, key: &'a str) -> (&'a str, bool) {
    let last = key.rsplit('>').next().unwrap_or(key);
    let selected = match (table, last.rsplit_once('/')) {
        ("resolutions", Some((before, name))) if !before.rsplit('/').next().unwrap_or(before).starts_with('@') => name,
        _ => last,
    };
    let at = selected.char_indices().skip(1).find(|(_, character)| *character == '@').map(|(at, _)| at);
    (&selected[..at.unwrap_or(selected.len())], at.is_none() && selected == key)
}

fn workspaces(root: &Object<'_>) -> Option<Vec<String>> {
    let list = match root.get("workspaces").map(|property| &property.value) {
        Some(Value::Object(table)) => table.get("packages").map(|property| &property.value),
        other => other,
    };
    let Some(Value::Array(list)) = list else { return None };
    Some(list.elements.iter().filter_map(|item| Some(item.as_string_lit()?.value.to_string())).collect())
}

/// Returns the ranges in the catalogs of bun, at the top or in `workspaces`.
fn catalogs(root: &Object<'_>) -> Vec<Catalogued> {
    let workspaces = root.get("workspaces").and_then(|property| property.value.as_object());
    let mut found = Vec::new();
    let mut add = |catalog: &str, entries: &Object<'_>| {
        let range =
            |property: &ObjectProp<'_>| Some(Catalogued::new(catalog, property.name.as_str(), string(property)?));
        found.extend(entries.properties.iter().filter_map(range));
    };
    for holder in [Some(root), workspaces].into_iter().flatten() {
        if let Some(entries) = holder.get("catalog").and_then(|property| property.value.as_object()) {
            add(DEFAULT_CATALOG, entries);
        }
        let named = holder.get("catalogs").and_then(|property| property.value.as_object());
        for catalog in named.iter().flat_map(|named| &named.properties) {
            if let Value::Object(entries) = &catalog.value {
                add(catalog.name.as_str(), entries);
            }
        }
    }
    found
}

fn overrides(root: &Object<'_>) -> Vec<Override> {
    let pnpm = root.get("pnpm").and_then(|pnpm| pnpm.value.as_object());
    let tables = [
        ("overrides", root.get("overrides")),
        ("resolutions", root.get("resolutions")),
        ("pnpm.overrides", pnpm.and_then(|pnpm| pnpm.get("overrides"))),
    ];
    let mut found = Vec::new();
    for (table, property) in tables {
        if let Some(entries) = property.and_then(|property| property.value.as_object()) {
            collect(table, entries, None, &mut found);
        }
    }
    found
}

fn collect(table: &'static str, entries: &Object<'_>, parent: Option<(&str, bool)>, found: &mut Vec<Override>) {
    for property in &entries.properties {
        let key = property.name.as_str();
        let (selected, is_plain) = selected(table, key);
        let (name, everywhere) = match parent {
            Some((name, everywhere)) if key == "." => (name, everywhere),
            _ => (selected, parent.is_none() && is_plain),
        };
        match (string(property), &property.value) {
            (Some(wanted), _) => found.push(Override { table, name: name.to_owned(), everywhere, wanted }),
            (None, Value::Object(below)) => collect(table, below, Some((name, everywhere)), found),
            (None, _) => {}
        }
    }
}

/// Returns the object of a JSON file; comments and other extensions of relaxed JSON are errors, as in npm.
pub(crate) fn root(source: &SourceText) -> Result<Object<'_>, SyntaxError> {
    let text = source.as_str();
    if let Some(root) = plain_json::read(text) {
        return Ok(root);
    }
    match parsed(text)? {
        Some(Value::Object(root)) => Ok(root),
        _ => Err(SyntaxError::new("expected an object", 0..text.len())),
    }
}

/// Returns the value of a JSON text, by the full parser.
pub(super) fn parsed(text: &str) -> Result<Option<Value<'_>>, SyntaxError> {
    let options = jsonc_parser::ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = jsonc_parser::parse_to_ast(text, &jsonc_parser::CollectOptions::default(), &options);
    let refused = |error: jsonc_parser::errors::ParseError| {
        let range = error.range();
        SyntaxError::new(error.kind().to_string().to_lowercase(), range.start..range.end)
    };
    Ok(parsed.map_err(refused)?.value)
}

/// Returns every line of the dependency tables in an object, table by table; values that are not strings are left
/// out.
pub(crate) fn dependencies(object: &Object<'_>) -> Vec<Dependency> {
    let mut dependencies = Vec::new();
    for table in TABLES {
        let Some(Value::Object(entries)) = object.get(table).map(|property| &property.value) else { continue };
        for property in &entries.properties {
            let Some(JsonString { value: range, span }) = string(property) else { continue };
            dependencies.push(Dependency { table, name: property.name.as_str().to_owned(), range, span });
        }
    }
    dependencies
}

/// Returns a property's string, and the place of its literal.
pub(crate) fn string(property: &ObjectProp<'_>) -> Option<JsonString> {
    let literal = property.value.as_string_lit()?;
    Some(JsonString { value: literal.value.to_string(), span: literal.range.start..literal.range.end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dependencies_of_every_table_are_read_with_their_places() {
        let source = SourceText::new(
            "{\"name\": \"ui\", \"version\": \"0.1.0\", \"devDependencies\": {\"b\": \"~1\"}, \"dependencies\": {\"a\": \"^0.4.4\", \"odd\": 1}}",
        );
        let package = PackageJson::parse(&source).unwrap();
        let read: Vec<_> =
            package.dependencies.iter().map(|d| (d.table, d.name.as_str(), &source.as_str()[d.span.clone()])).collect();
        assert_eq!(read, [("dependencies", "a", "\"^0.4.4\""), ("devDependencies", "b", "\"~1\"")]);
        let own = [package.name.unwrap(), package.version.unwrap()];
        assert_eq!(own.each_ref().map(|string| &*string.value), ["ui", "0.1.0"]);
        assert_eq!(own.map(|string| &source.as_str()[string.span]), ["\"ui\"", "\"0.1.0\""]);
    }

    #[test]
    fn overrides_of_every_tool_are_read_with_their_packages() {
        let source = SourceText::new(
            r#"{"overrides": {"a": "1", "b@^1": "2", "c": {".": "3", "d": "4"}}, "resolutions": {"**/e": "5", "@s/f": "6"}, "pnpm": {"overrides": {"g>@s/h@1": "$h"}}}"#,
        );
        let package = PackageJson::parse(&source).unwrap();
        let read: Vec<_> =
            package.overrides.iter().map(|o| (o.name.as_str(), &*o.wanted.value, o.everywhere)).collect();
        let expected = [
            ("a", "1", true),
            ("b", "2", false),
            ("c", "3", true),
            ("d", "4", false),
            ("e", "5", false),
            ("@s/f", "6", true),
            ("@s/h", "$h", false),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn catalogs_of_bun_are_read_wherever_they_stand() {
        let source = SourceText::new(
            r#"{"catalog": {"a": "1"}, "workspaces": {"packages": ["p"], "catalog": {"b": "2"}, "catalogs": {"next": {"c": "3"}}}}"#,
        );
        let package = PackageJson::parse(&source).unwrap();
        let read: Vec<_> = package
            .catalogs
            .iter()
            .map(|c| (c.catalog.as_str(), c.name.as_str(), &source.as_str()[c.range.span.clone()]))
            .collect();
        assert_eq!(read, [("default", "a", "\"1\""), ("default", "b", "\"2\""), ("next", "c", "\"3\"")]);
        assert_eq!(package.workspaces, Some(vec!["p".to_owned()]));
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for (text, at) in [("{\"a\": }", 6), ("{\"a\": 1,}", 7), ("// no\n{}", 0), ("[]", 0), ("", 0)] {
            let error = PackageJson::parse(&SourceText::new(text)).unwrap_err();
            assert_eq!(error.span.start, at, "{text}: {error:?}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_crash() {
        assert!(PackageJson::parse(&SourceText::new("[".repeat(100_000))).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[\\PC\\n]{0,80}") {
            let _ = PackageJson::parse(&SourceText::new(text));
        }
    }
}
