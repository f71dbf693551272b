//! Packages below the root, and modules that are called after the version.

use super::*;

#[test]
fn packages_below_the_root_get_the_version_that_they_share_and_others_keep_theirs() {
    let python = |name: &str, version: &str| format!("[project]\nname = '{name}'\nversion = '{version}'\n");
    let npm = |version: &str| format!("{{\"name\": \"m\", \"version\": \"{version}\"}}");
    let (root, same, other) = (python("m", "0.4.4"), python("m-extra", "0.4.4"), python("m-tool", "1.0"));
    let (js, private) = (npm("0.4.4"), npm("1.0.0"));
    let hatch = "[build-system]\nrequires = []\nbuild-backend = 'hatchling.build'\n[project]\nname = 'm-hatch'\ndynamic = ['version']\n[tool.hatch.version]\npath = 'm_hatch.py'\n";
    let unknown = hatch.replace("hatchling.build", "own.build");
    let module = "__version__ = '0.4.4'\n";
    let unbuilt = "[project]\nname = 'm-docs'\nversion = '0.4.4'\n[tool.uv]\npackage = false\n";
    let below: &[(&str, &str)] = &[
        ("extra/pyproject.toml", &same),
        ("extra/m_extra/__init__.py", module),
        ("tool/pyproject.toml", &other),
        ("tool/m_tool/__init__.py", "__version__ = '1.0'\n"),
        ("hatch/pyproject.toml", hatch),
        ("hatch/m_hatch.py", module),
        ("docs/pyproject.toml", unbuilt),
        ("js/package.json", &js),
        (
            "js/package-lock.json",
            "{\"version\": \"0.4.4\", \"lockfileVersion\": 3, \"packages\": {\"\": {\"version\": \"0.4.4\"}}}",
        ),
        ("site/package-lock.json", "{\"lockfileVersion\": 1}"),
        ("site/package.json", &private),
    ];
    let at_root = [&[("pyproject.toml", root.as_str())][..], below].concat();
    let mut told = places(&at_root, "", "0.4.5");
    told += "--- nothing at the root\n";
    told += &places(below, "", "0.4.5");
    told += &places(&[("a/pyproject.toml", &same), ("js/package.json", &js)], "", "0.4.5");
    told += "--- a package whose version cannot be written\n";
    let odd = [("pyproject.toml", root.as_str()), ("odd/pyproject.toml", &unknown)];
    told += &places(&odd, "", "0.4.5");
    told += &places(&odd, "[[package]]\npath = 'pyproject.toml'\n", "0.4.5");
    expect![[r#"
        extra/m_extra/__init__.py: __version__ 0.4.4 0.4.5 Changed
        extra/pyproject.toml: project 0.4.4 0.4.5 Changed
        hatch/m_hatch.py: hatch 0.4.4 0.4.5 Changed
        js/package-lock.json: version 0.4.4 0.4.5 Changed
        js/package-lock.json: packages[""].version 0.4.4 0.4.5 Changed
        js/package.json: version 0.4.4 0.4.5 Changed
        pyproject.toml: project 0.4.4 0.4.5 Changed
        site/package.json: version 1.0.0 1.0.0 Kept
        tool/pyproject.toml: project 1.0 1.0 Kept
        --- nothing at the root
        extra/pyproject.toml is at 0.4.4 and tool/pyproject.toml at 1.0: it is not clear which packages get the version
          extra/pyproject.toml:38..43 one version
          tool/pyproject.toml:37..40 another
          = name those that are released together in release.toml: `[[package]]` for Python, `[[stamp]]` for others
        a/pyproject.toml: project 0.4.4 0.4.5 Changed
        js/package.json: version 0.4.4 0.4.5 Changed
        --- a package whose version cannot be written
        odd/pyproject.toml: `stamp` does not know where the build back end `own.build` takes a version from
          odd/pyproject.toml:45..56 its version is elsewhere
          = name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`; if it is not released from here, name the packages that are in release.toml: `[[package]]`
        pyproject.toml: project 0.4.4 0.4.5 Changed
    "#]].assert_eq(&told);
}

#[test]
fn other_names_of_a_version_in_modules_called_after_it_follow_the_package() {
    let files = |module: &'static str| {
        [("pyproject.toml", "[project]\nname = 'm'\nversion = '0.4.4'\n"), ("src/m/version.py", module)]
    };
    for (module, after) in [
        ("VERSION = '0.4.4'\n", "VERSION = '0.4.5'\n"),
        ("version = '0.4.4'\n", "version = '0.4.5'\n"),
        ("VERSION = '2.0'\n", "VERSION = '2.0'\n"),
        ("__version__ = VERSION = '0.4.4'\n", "__version__ = VERSION = '0.4.5'\n"),
        ("VERSION = '0.4.4'\n__version__ = VERSION\n", "VERSION = '0.4.5'\n__version__ = VERSION\n"),
    ] {
        assert_eq!(stamped(&files(module), "", "0.4.5").unwrap()[1], after, "{module}");
    }
}
