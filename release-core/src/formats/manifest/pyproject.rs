//! `pyproject.toml`: the version of a package, its setuptools-scm configuration, and every PEP 508 requirement in it.
//!
//! Format: <https://packaging.python.org/en/latest/specifications/pyproject-toml/> (PEP 518, 621, 735), and the
//! tables of setuptools-scm and uv below `tool`.

pub use super::build_system::{BuildSystem, StringList, is_scm};
pub use super::scm_table::{CONFIG_FILE, SETUPTOOLS_SCM, ScmTable, VCS_VERSIONING};

use super::build_system::{read as build_system, string_list};
use super::requirement::{Requirement, canonical_name};
use super::toml::{self, TomlString, entries};
use super::uv_settings::UvTable;
use crate::text::{ParseError, SourceText, Span, SyntaxError};
use toml_edit::{Item, TableLike};

/// The parts of a `pyproject.toml` that matter to a release.
#[derive(Clone, Debug, Default)]
pub struct Pyproject {
    /// `[project]`, if there is one.
    pub project: Option<Project>,
    /// `[build-system]`, if there is one.
    pub build_system: Option<BuildSystem>,
    /// The table that a build by setuptools-scm reads: `[tool.setuptools_scm]`, else `[tool.vcs-versioning]`.
    pub scm: Option<ScmTable>,
    /// `[tool.vcs-versioning]` beside `[tool.setuptools_scm]`: the build does not read it, and
    /// `python -m setuptools_scm` reads nothing else.
    pub unread_scm: Option<ScmTable>,
    /// `[tool.hatch.version]` with `source = "vcs"`.
    pub hatch_vcs: Option<ScmTable>,
    /// A table that computes the version without setuptools-scm, such as `tool.setuptools.dynamic`.
    pub other_version_source: Option<&'static str>,
    /// Every requirement, in the file's order.
    pub requirements: Vec<Declared>,
    /// Files of which the build reads requirements, each with the table that they are for.
    pub lists: Vec<(String, TomlString)>,
    /// `[tool.setuptools] packages`, or `None` if setuptools is not given a list of them.
    pub packages: Option<PackageList>,
    /// `true` if uv treats this not as a package but as a list of requirements (`tool.uv.package = false`).
    pub is_virtual: bool,
    /// The places in which uv looks for packages.
    pub uv: UvTable,
    /// The names of `[project.optional-dependencies]`, also of those that are empty.
    pub extras: Vec<TomlString>,
    /// The names of `[dependency-groups]`, also of those that are empty.
    pub groups: Vec<TomlString>,
    /// `{ include-group = "..." }` of the dependency groups: each including group with an included one, by canonical
    /// names.
    pub group_includes: Vec<(String, String)>,
}

/// The packages that setuptools is given by name.
#[derive(Clone, Debug)]
pub struct PackageList {
    /// `packages`.
    pub names: StringList,
    /// `package-dir`: names, the empty one for all, each with its folder.
    pub folders: Vec<(String, String)>,
}

/// `[project]`.
#[derive(Clone, Debug)]
pub struct Project {
    /// The end of its last line of values, where a new line can be inserted.
    pub end: usize,
    /// `name`.
    pub name: Option<TomlString>,
    /// `version`, and the bytes of its whole assignment.
    pub version: Option<(TomlString, Span)>,
    /// `dynamic`.
    pub dynamic: Option<StringList>,
    /// `requires-python`.
    pub requires_python: Option<TomlString>,
}

impl Project {
    /// Returns `true` if `dynamic` lists the version.
    pub fn is_dynamic(&self) -> bool {
        self.dynamic.as_ref().is_some_and(|list| list.items.iter().any(|item| item.value == "version"))
    }
}

/// A requirement with its place.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The list that holds it, such as `project.optional-dependencies.client`.
    pub table: String,
    /// The string.
    pub text: TomlString,
    /// The parsed requirement.
    pub requirement: Result<Requirement, ParseError>,
}

impl Declared {
    /// Returns the normalised name of the required package; for a requirement that cannot be read, its first word.
    pub fn name(&self) -> String {
        let leading = self.text.value.trim_start();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        match &self.requirement {
            Ok(requirement) => requirement.name.canonical(),
            Err(_) => canonical_name(&leading[..leading.find(|c| !is_part(c)).unwrap_or(leading.len())]),
        }
    }
}

/// Tables that give a package its version without setuptools-scm.
const OTHER_VERSION_SOURCES: [(&[&str], &str); 5] = [
    (&["tool", "setuptools", "dynamic", "version"], "tool.setuptools.dynamic"),
    (&["tool", "hatch", "version"], "tool.hatch.version"),
    (&["tool", "poetry", "version"], "tool.poetry"),
    (&["tool", "pdm", "version"], "tool.pdm.version"),
    (&["tool", "versioneer"], "tool.versioneer"),
];

/// Tables that give a build by setuptools its version whatever setuptools-scm says.
pub const OVERRIDING: [&str; 2] = ["tool.setuptools.dynamic", "tool.versioneer"];

impl Pyproject {
    /// Reads a manifest.
    ///
    /// # Errors
    /// If it is not TOML. Requirements that cannot be read are kept with their error, because they may not matter to
    /// a release.
    pub fn parse(source: &SourceText) -> Result<Self, SyntaxError> {
        let document = toml::parse(source)?;
        let root: &dyn TableLike = document.as_table();
        let tool = toml::table(root, &["tool"]);
        let scm = |name: &'static str| {
            let item = tool?.get(name.strip_prefix("tool.")?)?;
            ScmTable::read(source, name, item)
        };
        let (scm, unread_scm) = match (scm(SETUPTOOLS_SCM), scm(VCS_VERSIONING)) {
            (None, second) => (second, None),
            both => both,
        };
        Ok(Self {
            project: root.get("project").and_then(|item| project(source, item)),
            build_system: root.get("build-system").and_then(|item| build_system(source, item)),
            scm,
            unread_scm,
            hatch_vcs: hatch_vcs(source, root),
            other_version_source: OTHER_VERSION_SOURCES.iter().find(|(path, _)| has(root, path)).map(|(_, name)| *name),
            requirements: requirements(root),
            lists: lists(root),
            packages: toml::table(root, &["tool", "setuptools"]).and_then(packages),
            is_virtual: toml::table(root, &["tool", "uv"]).and_then(|uv| uv.get("package")?.as_bool()) == Some(false),
            uv: toml::table(root, &["tool", "uv"]).map(UvTable::read).unwrap_or_default(),
            extras: keys(toml::table(root, &["project", "optional-dependencies"])),
            groups: keys(toml::table(root, &["dependency-groups"])),
            group_includes: group_includes(root),
        })
    }

    /// Returns `true` if the version is dynamic, and neither a table nor a requirement says that setuptools-scm gives it.
    pub fn is_unexplained(&self) -> bool {
        let requires = self.build_system.as_ref().is_some_and(BuildSystem::requires_scm);
        self.project.as_ref().is_some_and(Project::is_dynamic) && self.scm.is_none() && !requires
    }

    /// Returns the build backend, if one is named.
    pub fn backend(&self) -> Option<&str> {
        Some(self.build_system.as_ref()?.backend.as_ref()?.value.as_str())
    }

    /// Returns the package's declared name, if there is one.
    pub fn name(&self) -> Option<&str> {
        Some(self.project.as_ref()?.name.as_ref()?.value.as_str())
    }
}

fn hatch_vcs(source: &SourceText, root: &dyn TableLike) -> Option<ScmTable> {
    let item = toml::table(root, &["tool", "hatch"])?.get("version")?;
    let is_vcs = item.get("source").and_then(Item::as_str) == Some("vcs");
    if is_vcs { ScmTable::of_hatch(source, item) } else { None }
}

fn has(root: &dyn TableLike, path: &[&str]) -> bool {
    path.split_last().is_some_and(|(last, path)| toml::table(root, path).is_some_and(|table| table.contains_key(last)))
}

fn project(source: &SourceText, item: &Item) -> Option<Project> {
    let table = item.as_table_like()?;
    let version = table.get_key_value("version").and_then(|(key, item)| {
        let value = toml::string(item)?;
        let span = key.span()?.start..value.span.end;
        Some((value, span))
    });
    Some(Project {
        end: toml::end_of_values(source, item),
        name: table.get("name").and_then(toml::string),
        version,
        dynamic: table.get("dynamic").and_then(string_list),
        requires_python: table.get("requires-python").and_then(toml::string),
    })
}

fn packages(setuptools: &dyn TableLike) -> Option<PackageList> {
    let names = setuptools.get("packages").and_then(string_list)?;
    let folders = toml::table(setuptools, &["package-dir"]).into_iter().flat_map(|table| table.iter());
    let folders = folders.filter_map(|(name, folder)| Some((name.to_owned(), folder.as_str()?.to_owned())));
    Some(PackageList { names, folders: folders.collect() })
}

/// Returns the keys of a table, each with its place.
fn keys(table: Option<&dyn TableLike>) -> Vec<TomlString> {
    let key = |(name, _): (&str, &Item)| {
        let span = table?.get_key_value(name)?.0.span()?;
        Some(TomlString { value: name.to_owned(), span })
    };
    table.into_iter().flat_map(|table| table.iter()).filter_map(key).collect()
}

fn group_includes(root: &dyn TableLike) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (group, item) in toml::table(root, &["dependency-groups"]).into_iter().flat_map(|groups| groups.iter()) {
        for entry in entries(item.is_array().then_some(item)) {
            if let Some(included) = entry.get("include-group").and_then(Item::as_str) {
                found.push((canonical_name(group), canonical_name(included)));
            }
        }
    }
    found
}

fn requirements(root: &dyn TableLike) -> Vec<Declared> {
    let mut found = Vec::new();
    for (table, list) in [("project", "dependencies"), ("build-system", "requires")] {
        let items = toml::table(root, &[table]).and_then(|table| table.get(list));
        collect(&mut found, &format!("{table}.{list}"), items);
    }
    for path in [&["project", "optional-dependencies"][..], &["dependency-groups"]] {
        for (name, item) in toml::table(root, path).into_iter().flat_map(|table| table.iter()) {
            collect(&mut found, &format!("{}.{name}", path.join(".")), Some(item));
        }
    }
    if let Some(tool) = root.get("tool") {
        collect_below_tool(&mut found, "tool", tool);
    }
    found.sort_by_key(|declared| declared.text.span.start);
    found
}

/// Returns the files of `tool.setuptools.dynamic`, as `dependencies = { file = "..." }` names them, and those of hatch's hook
/// `requirements_txt`, with the tables of the project that are read from them.
fn lists(root: &dyn TableLike) -> Vec<(String, TomlString)> {
    let mut found = Vec::new();
    let mut add = |table: &str, files: Option<&Item>| {
        let paths = files.into_iter().flat_map(|item| toml::string(item).into_iter().chain(toml::strings(item)));
        found.extend(paths.map(|path| (format!("project.{table}"), path)));
    };
    if let Some(dynamic) = toml::table(root, &["tool", "setuptools", "dynamic"]) {
        let file = |item: &'_ Item| item.as_table_like().and_then(|item| item.get("file")).cloned();
        add("dependencies", dynamic.get("dependencies").and_then(file).as_ref());
        for (extra, item) in
            toml::table(dynamic, &["optional-dependencies"]).into_iter().flat_map(|extras| extras.iter())
        {
            add(&format!("optional-dependencies.{extra}"), file(item).as_ref());
        }
    }
    if let Some(hook) = toml::table(root, &["tool", "hatch", "metadata", "hooks", "requirements_txt"]) {
        add("dependencies", hook.get("files").or_else(|| hook.get("filename")));
        for (extra, item) in toml::table(hook, &["optional-dependencies"]).into_iter().flat_map(|extras| extras.iter())
        {
            add(&format!("optional-dependencies.{extra}"), Some(item));
        }
    }
    found
}

fn collect(found: &mut Vec<Declared>, table: &str, list: Option<&Item>) {
    for text in list.into_iter().flat_map(toml::strings) {
        found.push(Declared { table: table.to_owned(), requirement: Requirement::parse(&text.value), text });
    }
}

/// Collects requirements in the tables of tools. uv's lists hold only requirements; in any other list a string counts
/// if it reads as a requirement with a constraint, so that `hatch` and `pixi` environments are updated and lists of
/// words are not.
fn collect_below_tool(found: &mut Vec<Declared>, path: &str, item: &Item) {
    if let Some(array) = item.as_array() {
        collect_array_below_tool(found, path, array);
    }
    let tables =
        item.as_array_of_tables().into_iter().flat_map(|tables| tables.iter()).map(|table| table as &dyn TableLike);
    for (key, item) in item.as_table_like().into_iter().chain(tables).flat_map(|table| table.iter()) {
        collect_below_tool(found, &format!("{path}.{key}"), item);
    }
}

fn collect_array_below_tool(found: &mut Vec<Declared>, path: &str, array: &toml_edit::Array) {
    // Excluded packages are named without a version.
    let is_excluded = path == "tool.uv.exclude-dependencies";
    let only_requirements = path.starts_with("tool.uv.") && path.ends_with("-dependencies") && !is_excluded;
    for text in array.iter().filter_map(toml::string_value) {
        if !only_requirements && !text.value.contains(['=', '<', '>', '~', '@']) {
            continue;
        }
        let requirement = Requirement::parse(&text.value);
        if only_requirements || requirement.as_ref().is_ok_and(Requirement::is_constrained) {
            found.push(Declared { table: path.to_owned(), requirement, text });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"[build-system]
requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
build-backend = "setuptools.build_meta"

[project]
name = "meadow"
dynamic = ["version"]
dependencies = [
    "meadow-api", # sibling
    'meadow-client >=1.0 ; python_version < "4"',
]

[project.optional-dependencies]
client = ["meadow-client==1.0"]

[dependency-groups]
dev = [{ include-group = "test" }, "pytest", "not a requirement !"]

[tool.setuptools_scm]
fallback_version = "1.0" # said twice

[tool.uv]
constraint-dependencies = ["meadow-client"]

[tool.uv.sources]
meadow-api = [{ path = "api", editable = true }]
torch = { index = "cpu" }

[tool.hatch.envs.docs]
dependencies = ["meadow-client==1.0", "sphinx"]

[[tool.mypy.overrides]]
module = ["meadow_client.*"]
"#;

    #[test]
    fn requirements_are_found_wherever_they_stand_and_nowhere_else() {
        let source = SourceText::new(MANIFEST);
        let manifest = Pyproject::parse(&source).unwrap();
        let found: Vec<String> =
            manifest.requirements.iter().map(|d| format!("{} {}", d.table, d.text.value)).collect();
        assert_eq!(
            found,
            [
                "build-system.requires setuptools>=61.0",
                "build-system.requires setuptools-scm>=8.0",
                "project.dependencies meadow-api",
                "project.dependencies meadow-client >=1.0 ; python_version < \"4\"",
                "project.optional-dependencies.client meadow-client==1.0",
                "dependency-groups.dev pytest",
                "dependency-groups.dev not a requirement !",
                "tool.uv.constraint-dependencies meadow-client",
                "tool.hatch.envs.docs.dependencies meadow-client==1.0",
            ]
        );
        assert!(manifest.requirements[6].requirement.is_err());
    }

    #[test]
    fn the_version_and_its_configuration_are_read_with_their_places() {
        let source = SourceText::new(MANIFEST);
        let manifest = Pyproject::parse(&source).unwrap();
        let project = manifest.project.as_ref().unwrap();
        assert!(project.is_dynamic() && project.version.is_none());
        assert_eq!(manifest.name(), Some("meadow"));
        let scm = manifest.scm.unwrap();
        let fallback = scm.fallback_version.unwrap();
        assert_eq!(&source.as_str()[fallback.span], "\"1.0\"");
        assert!(source.as_str()[..scm.end.unwrap()].ends_with("# said twice\n"));
    }

    #[test]
    fn where_uv_takes_packages_from_is_read_however_it_is_written() {
        let index = "{ name = 'cpu', url = 'https://t.example/cpu', explicit = true }";
        let tables = "[[tool.uv.index]]\nname = 'cpu'\nurl = 'https://t.example/cpu'\nexplicit = true\n";
        let inline = format!("[tool.uv]\nindex = [{index}]\n");
        for text in [tables, &inline] {
            let text = format!("{text}[tool.uv.sources]\nTorch_Vision = [{{ index = 'cpu' }}, {{ url = 'x' }}]\n");
            let uv = Pyproject::parse(&SourceText::new(text.as_str())).unwrap().uv;
            let [index] = &uv.indexes[..] else { panic!("{uv:?}") };
            assert_eq!((index.name.as_deref(), &*index.url.value), (Some("cpu"), "https://t.example/cpu"));
            assert!(index.explicit);
            let sources =
                uv.sources.iter().map(|source| (&*source.package, source.index.as_deref(), source.url.as_deref()));
            let expected = [("torch-vision", Some("cpu"), None), ("torch-vision", None, Some("x"))];
            assert_eq!(sources.collect::<Vec<_>>(), expected);
        }
        let older = "[tool.uv]\nindex-url = 'a'\nextra-index-url = ['b']\nsources.x.index = 'y'";
        let uv = Pyproject::parse(&SourceText::new(older)).unwrap().uv;
        assert_eq!((uv.indexes.len(), uv.sources.len()), (2, 1));
    }

    #[test]
    fn groups_say_which_others_they_include() {
        let read = Pyproject::parse(&SourceText::new(MANIFEST)).unwrap();
        assert_eq!(read.group_includes, [("dev".to_owned(), "test".to_owned())]);
    }

    #[test]
    fn tables_may_be_written_as_headers_dotted_or_inline() {
        for (text, can_add_a_line) in [
            ("[tool.setuptools_scm]\nfallback_version = '1'", true),
            ("[tool]\nsetuptools_scm = { fallback_version = '1' }", false),
            ("[tool]\nsetuptools_scm.fallback_version = '1'", false),
            ("tool.setuptools_scm.fallback_version = '1'", false),
        ] {
            let scm = Pyproject::parse(&SourceText::new(text)).unwrap().scm.unwrap();
            assert_eq!(scm.fallback_version.unwrap().value, "1", "{text}");
            assert_eq!(scm.end.is_some(), can_add_a_line, "{text}");
        }
    }

    #[test]
    fn a_version_from_elsewhere_is_seen() {
        for (text, source) in [
            ("[tool.setuptools.dynamic]\nversion = {attr = 'a.b'}", Some("tool.setuptools.dynamic")),
            ("[tool.hatch.version]\npath = 'x'", Some("tool.hatch.version")),
            ("[tool.setuptools.dynamic]\nreadme = {file = 'a'}", None),
        ] {
            assert_eq!(Pyproject::parse(&SourceText::new(text)).unwrap().other_version_source, source, "{text}");
        }
    }

    #[test]
    fn what_is_not_toml_is_refused_with_its_place() {
        let error = Pyproject::parse(&SourceText::new("[project\nname = 1")).unwrap_err();
        assert_eq!(error.span.start, 8);
        assert!(Pyproject::parse(&SourceText::new(format!("a={}", "[".repeat(100_000)))).is_err());
    }
}
