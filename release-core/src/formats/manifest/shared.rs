//! The versions that a workspace of pnpm, yarn or bun holds for its packages: catalogs, to which `catalog:` refers, and overrides
//! (<https://pnpm.io/catalogs>, <https://yarnpkg.com/features/catalogs>).

use super::package_json::{Catalogued, DEFAULT_CATALOG, JsonString, Override};
use super::yaml::{self, Node, YamlString};
use crate::text::{SourceText, SyntaxError};

/// The files of workspaces that hold versions, beside `package.json`.
pub const FILES: [&str; 2] = ["pnpm-workspace.yaml", ".yarnrc.yml"];

/// The content of such a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// The ranges of its catalogs.
    pub catalogs: Vec<Catalogued>,
    /// The versions that are put in place of what packages ask for.
    pub overrides: Vec<Override>,
}

impl Shared {
    /// Reads a `pnpm-workspace.yaml` or `.yarnrc.yml`.
    ///
    /// # Errors
    /// If the text is not YAML.
    pub fn parse(source: &SourceText) -> Result<Self, SyntaxError> {
        let Some(root) = yaml::parse(source)? else { return Ok(Self::default()) };
        let ranges = |catalog: &str, node: Option<&Node>| {
            let range = |(name, range): (&str, JsonString)| Catalogued::new(catalog, name, range);
            strings(node).map(range).collect::<Vec<_>>()
        };
        let mut catalogs = ranges(DEFAULT_CATALOG, root.get("catalog"));
        for (name, catalog) in root.get("catalogs").map(Node::entries).unwrap_or_default() {
            catalogs.extend(ranges(&name.value, Some(catalog)));
        }
        let one = |(key, wanted): (&str, JsonString)| Override::new("overrides", key, wanted);
        let overrides = strings(root.get("overrides")).map(one).collect();
        Ok(Self { catalogs, overrides })
    }
}

/// Returns the keys of a mapping whose values are scalars.
fn strings<'a>(node: Option<&'a Node>) -> impl Iterator<Item = (&'a str, JsonString)> {
    let text = |scalar: &YamlString| JsonString { value: scalar.value.clone(), span: scalar.span.clone() };
    let one = move |(key, value): &'a (YamlString, Node)| Some((key.value.as_str(), text(value.scalar()?)));
    node.map(Node::entries).unwrap_or_default().iter().filter_map(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogs_and_overrides_are_read_with_their_places() {
        let source = SourceText::new(
            "packages: ['src/*']\ncatalog:\n  a: ^1\ncatalogs:\n  next:\n    '@s/b': '2'\noverrides:\n  c: 3\n  d>e: '4'\n",
        );
        let read = Shared::parse(&source).unwrap();
        let place = |string: &JsonString| source.as_str()[string.span.clone()].to_owned();
        let catalogs: Vec<_> =
            read.catalogs.iter().map(|c| (c.catalog.as_str(), c.name.as_str(), place(&c.range))).collect();
        assert_eq!(catalogs, [("default", "a", "^1".to_owned()), ("next", "@s/b", "'2'".to_owned())]);
        let overrides: Vec<_> =
            read.overrides.iter().map(|o| (o.name.as_str(), o.everywhere, place(&o.wanted))).collect();
        assert_eq!(overrides, [("c", true, "3".to_owned()), ("e", false, "'4'".to_owned())]);
        assert_eq!(Shared::parse(&SourceText::new("")).unwrap(), Shared::default());
        assert!(Shared::parse(&SourceText::new("a: [")).is_err());
    }
}
