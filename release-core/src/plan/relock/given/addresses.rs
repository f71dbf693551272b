//! Whom the files that a tool is given have it ask: the addresses in them, as they are after their escapes.

use crate::manifest::toml;
use crate::text::SourceText;
use camino::Utf8Path;
use serde_json::Value;
use std::collections::BTreeSet;
use toml_edit::Item;

/// Fields at the top of `package.json` that are written for people.
const FOR_PEOPLE: [&str; 8] =
    ["author", "bugs", "contributors", "description", "funding", "homepage", "repository", "scripts"];

/// Returns the addresses of the web in a manifest or lockfile that a tool may ask, each from its scheme on. A tool reads more
/// than RFC 3986 allows, so one may have no slash behind its scheme, or several.
pub fn web_addresses(path: &Utf8Path, text: &SourceText) -> BTreeSet<String> {
    let mut strings = Vec::new();
    match path.file_name() {
        Some("package.json") => of_json(text, &|path| matches!(path, [key] if FOR_PEOPLE.contains(key)), &mut strings),
        Some("package-lock.json") => {
            of_json(text, &|path| matches!(path, ["packages", _, "funding" | "deprecated"]), &mut strings);
        }
        _ => of_toml(text, &mut strings),
    }
    strings.iter().flat_map(|text| addresses(text)).collect()
}

fn addresses(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for scheme in ["http:", "https:"] {
        found.extend(lower.match_indices(scheme).map(|(at, _)| {
            let rest = text[at + scheme.len()..].trim_start_matches(['/', '\\']);
            let end = rest.find(|c: char| c.is_whitespace() || ";,'\"<>\\".contains(c)).unwrap_or(rest.len());
            format!("{scheme}//{}", &rest[..end])
        }));
    }
    found
}

fn of_json(text: &SourceText, is_left: &dyn Fn(&[&str]) -> bool, found: &mut Vec<String>) {
    fn walk<'a>(value: &'a Value, path: &mut Vec<&'a str>, is_left: &dyn Fn(&[&str]) -> bool, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.push(text.clone()),
            Value::Array(values) => values.iter().for_each(|value| walk(value, path, is_left, found)),
            Value::Object(values) => {
                for (key, value) in values {
                    path.push(key);
                    if !is_left(path) {
                        found.push(key.clone());
                        walk(value, path, is_left, found);
                    }
                    path.pop();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    if let Ok(value) = serde_json::from_str(text.as_str().trim_start_matches('\u{feff}')) {
        walk(&value, &mut Vec::new(), is_left, found);
    }
}

fn of_toml(text: &SourceText, found: &mut Vec<String>) {
    let Ok(document) = toml::parse(text) else { return };
    for (key, item) in document.as_table() {
        match key {
            // Of all tools uv reads its own settings alone, and of the project no addresses for people.
            "tool" => found.extend(item.get("uv").into_iter().flat_map(strings_of)),
            "project" => {
                let fields = item.as_table_like().into_iter().flat_map(|table| table.iter());
                fields.filter(|(key, _)| *key != "urls").for_each(|(_, item)| found.extend(strings_of(item)));
            }
            _ => found.extend(strings_of(item)),
        }
    }
}

fn strings_of(item: &Item) -> Vec<String> {
    if let Some(text) = item.as_str() {
        return vec![text.to_owned()];
    }
    if let Some(table) = item.as_table_like() {
        return table.iter().flat_map(|(_, item)| strings_of(item)).collect();
    }
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().flat_map(|table| table.iter().flat_map(|(_, item)| strings_of(item))).collect();
    }
    let values = item.as_array().into_iter().flatten();
    values.flat_map(|value| strings_of(&Item::Value(value.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_wherever_a_tool_would_read_it() {
        for (path, text, wanted) in [
            ("pyproject.toml", "[[tool.uv.index]]\nurl = \"https://a.example/s\"", "https://a.example/s"),
            ("pyproject.toml", "tool.uv.extra-index-url = [\"HTTP://\\u0061.example\"]", "http://a.example"),
            (
                "pyproject.toml",
                "[tool.uv.sources]\nx = [{ url = \"https://a.example/x.whl\" }]",
                "https://a.example/x.whl",
            ),
            (
                "pyproject.toml",
                "project.dependencies = [\"x @ https://u:p@a.example/x ; a\"]",
                "https://u:p@a.example/x",
            ),
            ("pyproject.toml", "dependency-groups.x = [\"x@https:\\\\\\\\a.example\"]", "https://a.example"),
            ("uv.lock", "[[package]]\nsource = { registry = \"https://a.example/s\" }", "https://a.example/s"),
            ("package.json", r#"{"dependencies": {"funding": "http:\/\/a.example/x.tgz"}}"#, "http://a.example/x.tgz"),
            ("package.json", r#"{"overrides": {"x": {"y": "https:a.example"}}}"#, "https://a.example"),
            ("package-lock.json", r#"{"packages": {"x": {"resolved": "https://a.example/x"}}}"#, "https://a.example/x"),
            ("package-lock.json", r#"{"dependencies": {"x": {"version": "https://a.example"}}}"#, "https://a.example"),
        ] {
            let found = web_addresses(path.into(), &SourceText::new(text));
            assert_eq!(found.into_iter().collect::<Vec<_>>(), [wanted], "{path}: {text}");
        }
    }

    #[test]
    fn what_is_written_for_people_is_no_address_that_a_tool_asks() {
        for (path, text) in [
            (
                "pyproject.toml",
                "[project.urls]\nhome = \"https://a.example\"\n[tool.other]\nurl = \"https://a.example\"",
            ),
            ("package.json", r#"{"homepage": "https://a.example", "funding": [{"url": "https://a.example"}]}"#),
            ("package-lock.json", r#"{"packages": {"x": {"funding": {"url": "https://a.example"}}}}"#),
        ] {
            assert!(web_addresses(path.into(), &SourceText::new(text)).is_empty(), "{path}");
        }
    }
}
