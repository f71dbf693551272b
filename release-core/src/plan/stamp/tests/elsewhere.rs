//! Python packages whose version is where it cannot be written.

use super::*;

/// Returns the files of a package that a back end builds.
fn package(backend: &str, table: &str) -> String {
    format!(
        "[build-system]\nrequires = ['{backend}']\nbuild-backend = '{backend}'\n[project]\nname = 'meadow-client'\ndynamic = ['version']\n{table}\n"
    )
}

#[test]
fn a_version_that_a_build_takes_from_where_it_cannot_be_written_is_refused_with_its_place() {
    let init = |text: &'static str| ("src/meadow_client/__init__.py", text);
    let setuptools = "setuptools.build_meta";
    let attribute = "[tool.setuptools.dynamic]\nversion = { attr = 'meadow_client.__version__' }";
    let hatch = |options: &str| package("hatchling.build", &format!("[tool.hatch.version]\n{options}"));
    let mut told = String::new();
    for (manifest, others) in [
        (package("meadow.build", ""), &[][..]),
        (package("uv_build", ""), &[]),
        (hatch("path = 'src/meadow_client/__init__.py'"), &[init("__version__ = get()\n")]),
        (hatch("path = 'nowhere.py'"), &[]),
        (hatch("path = '../version.py'"), &[]),
        (hatch("source = 'nodejs'"), &[]),
        (hatch("path = 'a'\npattern = '(?P<version>.+)(?=x)'"), &[("a", "1x")]),
        (package("hatchling.build", ""), &[]),
        (package("hatchling.build", ""), &[("hatch.toml", "[version]\npath = 'a.py'\n")]),
        (
            package("flit_core.buildapi", ""),
            &[init("from importlib.metadata import version\n__version__ = version('x')\n")],
        ),
        (package("pdm.backend", "[tool.pdm.version]\nsource = 'call'\ngetter = 'a:b'"), &[]),
        (package("pdm.backend", ""), &[]),
        (package("poetry.core.masonry.api", ""), &[]),
        (package("maturin", ""), &[]),
        (package(setuptools, ""), &[]),
        (package(setuptools, "[tool.setuptools_scm]"), &[]),
        (package(setuptools, "[tool.versioneer]\nVCS = 'git'"), &[]),
        (package(setuptools, attribute), &[init("__version__ = (0, 4, 4)\n")]),
        (package(setuptools, attribute), &[init("from ._generated import __version__\n")]),
        (
            package(setuptools, attribute),
            &[init("from .other import __version__\n"), ("src/meadow_client/other.py", "__version__ = f()\n")],
        ),
        (
            package(setuptools, attribute),
            &[init("__version__ = '0.4.4'\n"), ("meadow_client/__init__.py", "__version__ = '0.4.4'\n")],
        ),
        (
            package(setuptools, "[tool.setuptools.dynamic]\nversion = { file = 'VERSION' }"),
            &[("VERSION", "0.4.4 0.4.5\n")],
        ),
        (package(setuptools, "[tool.setuptools.dynamic]\nversion = { file = ['A', 'B'] }"), &[]),
        (package(setuptools, ""), &[("setup.py", "setup(version=read('VERSION'))\n")]),
        (package(setuptools, ""), &[("setup.py", "setup(**options)\n")]),
        (package(setuptools, ""), &[("setup.cfg", "[metadata]\nversion = attr: meadow_client.VERSION\n")]),
        (String::new(), &[("setup.py", "import versioneer\nsetup(version=versioneer.get_version())\n")]),
        (String::new(), &[("setup.py", "setup()\n")]),
        (package("meadow.build", "").replace("dynamic = ['version']", ""), &[]),
        (
            "[project]\nname = 'meadow-client'\nversion = '0.4.4'\n".to_owned(),
            &[init("__version__ = f'{MAJOR}.4.4'\n")],
        ),
    ] {
        let files: Vec<(&str, &str)> =
            std::iter::once(("pyproject.toml", manifest.as_str())).chain(others.iter().copied()).collect();
        told += &stamped(&files, "", "0.4.5").unwrap_err();
    }
    expect![[r#"
        pyproject.toml: `stamp` does not know where the build back end `meadow.build` takes a version from
          pyproject.toml:59..73 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: `stamp` does not know where the build back end `uv_build` takes a version from
          pyproject.toml:55..65 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        hatchling takes the version from src/meadow_client/__init__.py, and it has none that can be written
          pyproject.toml:163..194 the version is there
          = write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`
        hatchling takes the version from nowhere.py, and there is no such file
          pyproject.toml:163..175 the version is there
          = write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: the version is in `../version.py`, outside of the repository
          pyproject.toml:163..178 outside
          = write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: `stamp` does not know hatchling's version source `nodejs`
          pyproject.toml:62..79 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: `stamp` cannot follow hatchling's pattern
          pyproject.toml:177..199 not understood
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: `[tool.hatch.version]` has no `path`, so that hatchling finds no version
          pyproject.toml:62..79 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        hatch.toml says where hatchling takes the version from
          hatch.toml:0..1 write it in pyproject.toml
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: flit takes the version from `__version__` of meadow_client, which has none that can be written
          pyproject.toml:65..85 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: pdm-backend takes the version from what `a:b` returns
          pyproject.toml:171..176 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: `[tool.pdm.version]` does not say a source that pdm-backend knows, so that a build is 0.0.0
          pyproject.toml:58..71 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: neither `[project]` nor `[tool.poetry]` has a version
          pyproject.toml:70..95 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: maturin takes the version from Cargo.toml, which has none that can be written
          pyproject.toml:54..63 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: nothing says where setuptools takes the version from, so that a build is 0.0.0
          pyproject.toml:68..91 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: `[build-system]` does not require setuptools-scm, so that a build does not ask it for a version
          pyproject.toml:68..91 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: versioneer takes the version from git's tags, and no file or variable gives it another
          pyproject.toml:68..91 its version is elsewhere
          = tag the commit that is built, or move to setuptools-scm: `cargo xtask release stamp --migrate`
        src/meadow_client/__init__.py sets `__version__` to a version that is no plain string
          src/meadow_client/__init__.py:14..23 cannot be written
          = write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`
        setuptools takes the version from `__version__` in src/meadow_client/__init__.py, which has none that can be written
          pyproject.toml:192..219 its version is elsewhere
          = write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`
        setuptools takes the version from `__version__` in src/meadow_client/__init__.py, which has none that can be written
          pyproject.toml:192..219 its version is elsewhere
          = write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`
        setuptools takes the version from `meadow_client.__version__`, which is in src/meadow_client/__init__.py and meadow_client/__init__.py
          pyproject.toml:192..219 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        setuptools takes the version from VERSION, which has more or less than one in it
          pyproject.toml:192..201 the version is there
          = write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: setuptools takes the version from 2 files
          pyproject.toml:192..202 name one
          = write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`
        setup.py gives setuptools a version that it computes
          setup.py:14..29 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        setup.py may give setuptools a version among arguments that are not spelled out
          setup.py:6..15 perhaps here
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        setuptools takes the version from `meadow_client.VERSION`, and no module meadow_client was found
          setup.cfg:21..48 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        versioneer takes the version from git's tags, and no file or variable gives it another
          setup.py:32..54 versioneer
          = tag the commit that is built, or move to setuptools-scm: `cargo xtask release stamp --migrate`
        setup.py gives setuptools no version, so that a build is 0.0.0
          setup.py:0..1 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        pyproject.toml: `[project]` has neither `version` nor `dynamic = ["version"]`
          pyproject.toml:59..73 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`
        src/meadow_client/__init__.py sets `__version__` to a version that is no plain string
          src/meadow_client/__init__.py:14..28 cannot be written
          = write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`
    "#]].assert_eq(&told);
}

#[test]
fn an_entry_of_release_toml_answers_for_a_version_that_is_elsewhere() {
    let manifest = package("meadow.build", "");
    let files = [("pyproject.toml", manifest.as_str()), ("VERSION", "v0.4.4\n")];
    let named = "[[stamp]]\npath = \"VERSION\"\npattern = \"v{version}\"\n";
    assert_eq!(stamped(&files, named, "0.4.5").unwrap()[1], "v0.4.5\n");
    // A file of npm's says nothing about a Python build.
    let files = [files[0], ("version.ts", "'0.4.4'")];
    let refused =
        stamped(&files, "[[stamp]]\npath = \"version.ts\"\npattern = \"'{version}'\"\n", "0.4.5").unwrap_err();
    assert!(refused.contains("`meadow.build`"), "{refused}");
    // An entry for the very file that is read.
    let manifest = package("hatchling.build", "[tool.hatch.version]\npath = 'a.py'");
    let files = [("pyproject.toml", manifest.as_str()), ("a.py", "__version__ = (\n'0.4.4')\n")];
    assert!(stamped(&files, "", "0.4.5").is_err());
    assert_eq!(
        stamped(&files, &named.replace("VERSION", "a.py").replace("v{version}", "'{version}'"), "0.4.5").unwrap()[1],
        "__version__ = (\n'0.4.5')\n"
    );
}

#[test]
fn an_entry_for_a_file_that_a_build_reads_has_to_match_the_place() {
    let manifest = "[project]\nname = 'meadow-client'\nversion = '0.4.4'\ndependencies = ['meadow==0.4.4']\n";
    let named = |pattern: &str| format!("[[stamp]]\npath = \"pyproject.toml\"\npattern = \"{pattern}\"\n");
    let pin = named("meadow=={version}'");
    let refused = stamped(&[("pyproject.toml", manifest)], &pin, "0.4.5").unwrap_err();
    assert!(
        refused.starts_with("pyproject.toml: a build takes the version from here, and no `[[stamp]]` entry"),
        "{refused}"
    );
    let both = pin + &named("version = '{version}'");
    let after = stamped(&[("pyproject.toml", manifest)], &both, "0.4.5").unwrap();
    assert_eq!(after[0], manifest.replace("0.4.4", "0.4.5"));
}

#[test]
fn a_manifest_of_no_package_carries_no_version_and_asks_for_none() {
    let package = ("package.json", "{\"version\": \"0.4.4\"}");
    for manifest in [
        "[tool.ruff]\nline-length = 100\n",
        "[project]\nname = 'scripts'\n",
        "[tool.poetry]\npackage-mode = false\n[build-system]\nrequires = []\nbuild-backend = 'poetry.core.masonry.api'\n",
    ] {
        let files = [("pyproject.toml", manifest), package, ("setup.cfg", "[flake8]\nversion = 3\n")];
        assert_eq!(stamped(&files, "", "0.4.5").unwrap()[1], "{\"version\": \"0.4.5\"}", "{manifest}");
    }
}
