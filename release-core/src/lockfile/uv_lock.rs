//! `uv.lock`: the entries of packages that are built from the tree itself.
//!
//! Format: <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>. Such an entry has a `version` exactly when
//! the package's version is static.

use crate::manifest::requirement::canonical_name;
use crate::manifest::{TomlSyntaxError, toml};
use crate::text::{SourceText, TextEdit};

/// The keys of `source` that say that a package comes from the tree.
const LOCAL_SOURCES: [&str; 3] = ["editable", "virtual", "directory"];

/// The edits that take the `version` line from the entries of local packages with these normalised names.
///
/// # Errors
/// When the lockfile is not TOML.
pub fn without_versions(source: &SourceText, names: &[&str]) -> Result<Vec<TextEdit>, TomlSyntaxError> {
    let document = toml::parse(source)?;
    let packages = document.get("package").and_then(|item| item.as_array_of_tables());
    let mut edits = Vec::new();
    for package in packages.into_iter().flat_map(|packages| packages.iter()) {
        let name = package.get("name").and_then(|name| name.as_str()).map(canonical_name).unwrap_or_default();
        let local = package.get("source").and_then(|source| source.as_table_like());
        let is_local = local.is_some_and(|source| LOCAL_SOURCES.iter().any(|key| source.contains_key(key)));
        let Some((key, value)) =
            package.get_key_value("version").filter(|_| is_local && names.contains(&name.as_str()))
        else {
            continue;
        };
        if let (Some(key), Some(value)) = (key.span(), value.span()) {
            let text = source.as_str();
            let end = text[value.end..].find('\n').map_or(text.len(), |at| value.end + at + 1);
            edits.push(TextEdit { span: key.start..end, replacement: String::new() });
        }
    }
    Ok(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::splice;

    #[test]
    fn only_the_version_lines_of_the_local_packages_go() {
        let lock = "version = 1\n\n[[package]]\nname = \"meadow\"\nversion = \"0.4.3\"\nsource = { editable = \".\" }\n\n\
                    [[package]]\nname = \"meadow\"\nversion = \"0.4.3\"\nsource = { registry = \"https://index.example/simple\" }\n\n\
                    [[package]]\nname = \"meadow-api\"\nversion = \"0.4.3\"\nsource = { directory = \"api\" }\n";
        let source = SourceText::new(lock);
        let edits = without_versions(&source, &["meadow"]).unwrap();
        let expected = lock.replacen("name = \"meadow\"\nversion = \"0.4.3\"\n", "name = \"meadow\"\n", 1);
        assert_eq!(splice(lock, &edits).unwrap(), expected);
        assert_eq!(without_versions(&source, &["meadow", "meadow-api"]).unwrap().len(), 2);
    }
}
