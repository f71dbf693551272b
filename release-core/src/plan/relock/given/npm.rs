//! The files of a tree as npm is given them: nothing in them leads out of the tree.

use crate::lockfile::uv_lock::compare::joined;
use crate::problem::Problem;
use crate::text::SourceText;
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use std::collections::BTreeMap;

/// The tables of `package.json` that name packages.
const TABLES: [&str; 6] =
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "overrides", "workspaces"];

/// The files among these texts that npm is given, to write the lockfile of a folder.
///
/// # Errors
/// Addresses of files outside of the tree in files of the folder and above; a file elsewhere that has one, or that cannot be read, is left out.
pub fn given_to_npm(
    folder: &Utf8Path,
    texts: &BTreeMap<Utf8PathBuf, SourceText>,
) -> Result<Vec<(Utf8PathBuf, SourceText)>, Vec<Problem>> {
    let (mut given, mut problems) = (Vec::new(), Vec::new());
    for (path, text) in texts {
        let at = path.parent().unwrap_or(Utf8Path::new(""));
        let named = match path.file_name() {
            Some("package.json") => of_manifest(text.as_str()),
            Some("package-lock.json") => of_lock(text.as_str()),
            _ => continue,
        };
        let out = match named {
            Ok(named) => named
                .into_iter()
                .find(|way| leads_out(at, way))
                .map(|way| format!("{path} names `{way}`, which is outside of this repository")),
            Err(error) => Some(format!("{path} is no JSON that npm could be given: {error}")),
        };
        match out {
            None => given.push((path.clone(), text.clone())),
            Some(message) if folder.starts_with(at) => problems.push(Problem::new(message, "")),
            Some(_) => {}
        }
    }
    if problems.is_empty() { Ok(given) } else { Err(problems) }
}

/// Paths and addresses of files that a manifest names.
fn of_manifest(text: &str) -> Result<Vec<String>, serde_json::Error> {
    let manifest = read(text)?;
    let mut found = Vec::new();
    for table in TABLES {
        let mut strings = Vec::new();
        strings_of(&manifest[table], &mut strings);
        // All that `workspaces` has is a pattern of paths.
        let is_path = |text: &&str| table == "workspaces" || text.starts_with(['.', '/', '~']) || is_file(text);
        found.extend(strings.into_iter().filter(is_path).map(str::to_owned));
    }
    Ok(found)
}

/// Folders that a lockfile has, and what its links lead to.
fn of_lock(text: &str) -> Result<Vec<String>, serde_json::Error> {
    let lock = read(text)?;
    let packages = lock["packages"].as_object().into_iter().flatten();
    let ways = packages.flat_map(|(path, entry)| {
        let resolved = entry["resolved"].as_str().filter(|way| entry["link"] == true || is_file(way));
        [Some(path.as_str()), resolved].into_iter().flatten().map(str::to_owned).collect::<Vec<_>>()
    });
    Ok(ways.collect())
}

fn read(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
}

fn strings_of<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text.trim()),
        Value::Array(values) => values.iter().for_each(|value| strings_of(value, found)),
        Value::Object(values) => values.values().for_each(|value| strings_of(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_file(text: &str) -> bool {
    without_scheme(text).is_some()
}

fn without_scheme(text: &str) -> Option<&str> {
    ["file:", "link:"]
        .iter()
        .find_map(|scheme| text.get(..scheme.len())?.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..]))
}

fn leads_out(folder: &Utf8Path, way: &str) -> bool {
    let way = way.trim_start_matches('!');
    let way = without_scheme(way).unwrap_or(way);
    way.starts_with(['/', '~', '\\']) || joined(folder, way).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(texts: &[(&str, &str)]) -> Result<Vec<String>, Vec<String>> {
        let texts = texts.iter().map(|(path, text)| ((*path).into(), SourceText::new(*text))).collect();
        let paths =
            |files: Vec<(Utf8PathBuf, SourceText)>| files.into_iter().map(|(path, _)| path.into_string()).collect();
        let messages = |problems: Vec<Problem>| problems.into_iter().map(|problem| problem.message).collect();
        given_to_npm(Utf8Path::new("src/ui"), &texts).map(paths).map_err(messages)
    }

    #[test]
    fn npm_is_given_manifests_and_lockfiles_and_nothing_else() {
        let own = r#"{"dependencies": {"a": "^1", "b": "file:../lib", "c": "x/y"}, "workspaces": ["packages/*"]}"#;
        let lock = r#"{"packages": {"": {}, "../lib": {}, "node_modules/b": {"resolved": "../lib", "link": true},
                       "node_modules/a": {"resolved": "https://r.example/a/-/a-1.0.0.tgz"}}}"#;
        let texts = [
            (".npmrc", ""),
            ("package.json", "{}"),
            ("pyproject.toml", ""),
            ("src/broken/package.json", "no JSON"),
            ("src/lib/package.json", "\u{feff}{}"),
            ("src/other/package.json", r#"{"dependencies": {"x": "file:../../../x"}}"#),
            ("src/ui/.npmrc", ""),
            ("src/ui/package-lock.json", lock),
            ("src/ui/package.json", own),
        ];
        let wanted = ["package.json", "src/lib/package.json", "src/ui/package-lock.json", "src/ui/package.json"];
        assert_eq!(given(&texts), Ok(wanted.map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_leads_out_of_the_tree_is_refused() {
        for (path, text, way) in [
            ("src/ui/package.json", r#"{"dependencies": {"x": "file:../../../x"}}"#, "file:../../../x"),
            ("src/ui/package.json", r#"{"devDependencies": {"x": "FILE:///srv/x"}}"#, "FILE:///srv/x"),
            ("src/ui/package.json", r#"{"optionalDependencies": {"x": "link:/srv/x"}}"#, "link:/srv/x"),
            ("src/ui/package.json", r#"{"dependencies": {"x": " ~/x"}}"#, "~/x"),
            ("src/ui/package.json", r#"{"overrides": {"a": {"b": "file:/srv/x"}}}"#, "file:/srv/x"),
            ("src/ui/package.json", r#"{"workspaces": {"packages": ["a", "../../../*"]}}"#, "../../../*"),
            ("package.json", r#"{"workspaces": ["src/*", "../*"]}"#, "../*"),
            ("src/ui/package-lock.json", r#"{"packages": {"../../../x": {}}}"#, "../../../x"),
            (
                "src/ui/package-lock.json",
                r#"{"packages": {"node_modules/x": {"resolved": "../../../x", "link": true}}}"#,
                "../../../x",
            ),
        ] {
            let wanted = format!("{path} names `{way}`, which is outside of this repository");
            assert_eq!(given(&[(path, text)]), Err(vec![wanted]), "{text}");
        }
    }
}
