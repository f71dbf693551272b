//! Requirements of UIs on their clients that are no ranges, and the places that hold their versions instead.

use super::clients::Ui;
use super::discovery::Monorepo;
use super::snapshot::beside;
use crate::manifest::package_json::{Catalogued, DEFAULT_CATALOG, Dependency, JsonString};
use crate::manifest::shared::FILES;
use crate::text::Span;
use crate::version::npm::Spec;
use camino::{Utf8Path, Utf8PathBuf};

/// A requirement of a UI on its client that is no range: a release cannot move it.
#[derive(Clone, Debug)]
pub struct WithoutRange<'a> {
    /// The `package.json`.
    pub path: Utf8PathBuf,
    /// The requirement.
    pub dependency: &'a Dependency,
    /// The prefix of the UI's range.
    prefix: &'a str,
    holder: Holder<'a>,
}

/// The place that holds the version in place of the requirement.
#[derive(Clone, Debug)]
enum Holder<'a> {
    /// A catalog in this file.
    Catalog(&'a Utf8Path, &'a JsonString),
    /// A catalog of this name, which no file has.
    NoCatalog(&'a str),
    /// The folder of this `package.json`.
    Folder(&'a Utf8Path, Option<&'a JsonString>),
    /// A folder of this name, which is not in this tree.
    NoFolder(&'a str),
    /// A place outside, as that of a URL or a tag.
    Outside,
}

impl Monorepo {
    /// Returns the requirements of a UI on its client that are no ranges.
    pub fn without_range<'a>(&'a self, ui: &'a Ui) -> Vec<WithoutRange<'a>> {
        let path = ui.path.join("package.json");
        let Some(package) = self.package_jsons.get(&path) else { return Vec::new() };
        let is_meant =
            |dependency: &&Dependency| dependency.name == ui.key && Spec::parse(&dependency.range).range().is_none();
        let found = package.dependencies.iter().filter(is_meant).map(|dependency| WithoutRange {
            path: path.clone(),
            dependency,
            prefix: &ui.range,
            holder: self.holder(ui, dependency),
        });
        found.collect()
    }

    fn holder<'a>(&'a self, ui: &'a Ui, dependency: &'a Dependency) -> Holder<'a> {
        let spec = dependency.range.trim();
        if let Some(catalog) = spec.strip_prefix("catalog:") {
            let catalog = if catalog.trim().is_empty() { DEFAULT_CATALOG } else { catalog.trim() };
            let is_meant = |held: &&Catalogued| held.catalog == catalog && held.name == ui.key;
            let found = self.catalogs(&ui.path).find(|(_, held)| is_meant(held));
            return found.map_or(Holder::NoCatalog(catalog), |(path, held)| Holder::Catalog(path, &held.range));
        }
        let Some(rest) = spec.strip_prefix("workspace:") else { return Holder::Outside };
        // An alias of pnpm's has the name before the range, one of yarn's the folder.
        let name = rest.rfind('@').filter(|at| *at > 0).map_or(ui.key.as_str(), |at| &rest[..at]);
        let folder = beside(&ui.path.join("package.json"), rest).map(|folder| folder.join("package.json"));
        let is_named = |name: &Option<JsonString>, wanted: &str| name.as_ref().is_some_and(|own| own.value == wanted);
        let mut all = self.package_jsons.iter();
        let found = all.find(|(path, package)| is_named(&package.name, name) || Some(*path) == folder.as_ref());
        found.map_or(Holder::NoFolder(name), |(path, package)| Holder::Folder(path, package.version.as_ref()))
    }

    /// Returns the ranges of the catalogs that a folder may refer to, those of the nearest file first.
    fn catalogs(&self, folder: &Utf8Path) -> impl Iterator<Item = (&Utf8Path, &Catalogued)> {
        folder.ancestors().flat_map(|above| {
            let shared = FILES.iter().filter_map(|name| self.shared.get_key_value(&above.join(name)));
            let shared = shared.flat_map(|(path, file)| file.read.catalogs.iter().map(|held| (path.as_path(), held)));
            let package = self.package_jsons.get_key_value(&above.join("package.json"));
            let package =
                package.into_iter().flat_map(|(path, read)| read.catalogs.iter().map(|held| (path.as_path(), held)));
            shared.chain(package)
        })
    }
}

impl WithoutRange<'_> {
    /// Returns `true` if the place that holds the version has this one, in npm's spelling, so that nothing is to be moved.
    pub fn is_at(&self, version: &str) -> bool {
        match self.holder {
            Holder::Catalog(_, range) => Spec::parse(&range.value) == Spec::parse(&format!("{}{version}", self.prefix)),
            Holder::Folder(_, own) => own.is_some_and(|own| own.value == version),
            Holder::NoCatalog(_) | Holder::NoFolder(_) | Holder::Outside => false,
        }
    }

    /// Returns the range in the catalog that it refers to.
    pub fn catalogued(&self) -> Option<&str> {
        if let Holder::Catalog(_, range) = self.holder { Some(&range.value) } else { None }
    }

    /// Returns `true` if a file of this tree holds the version, which a person can move there.
    pub fn is_held_here(&self) -> bool {
        matches!(self.holder, Holder::Catalog(..) | Holder::Folder(..))
    }

    /// Returns the kind of the requirement, in a few words.
    pub fn what(&self) -> &'static str {
        match self.holder {
            Holder::Catalog(..) | Holder::NoCatalog(_) => "a range of a catalog",
            Holder::Folder(..) | Holder::NoFolder(_) => "a folder of the workspace",
            Holder::Outside => "no range",
        }
    }

    /// Returns the place that holds the version, and what it is.
    pub fn place(&self) -> Option<(&Utf8Path, Span, &'static str)> {
        match self.holder {
            Holder::Catalog(path, range) => Some((path, range.span.clone(), "the range is here")),
            Holder::Folder(path, version) => Some((path, version?.span.clone(), "this version is what is built")),
            Holder::NoCatalog(_) | Holder::NoFolder(_) | Holder::Outside => None,
        }
    }

    /// Returns the way out for a release of this version in npm's spelling; without one, for any.
    pub fn help(&self, version: Option<&str>) -> String {
        let key = &self.dependency.name;
        let range = format!("{}{}", self.prefix, version.unwrap_or("X.Y.Z"));
        match self.holder {
            Holder::Catalog(path, held) => {
                format!("{path} holds the range, `{}`: set it to `{range}` there", held.value)
            }
            Holder::NoCatalog(catalog) => format!(
                "no {} or package.json above has `{key}` in a catalog `{catalog}`: write it there, or `{range}` in place of the reference",
                FILES.join(", ")
            ),
            Holder::Folder(path, version) => {
                let version = version.map_or_else(String::new, |version| format!(", `{}`", version.value));
                format!("the `version` in {path}{version} is what is built: change that, or write `{range}` here")
            }
            Holder::NoFolder(name) => {
                format!("no package.json of this tree is called `{name}`: write a range such as `{range}` by hand")
            }
            Holder::Outside => format!(
                "write a range such as `{range}` by hand, or leave {key} alone in release.toml: `pin = {{ release = \"keep\" }}`"
            ),
        }
    }
}
