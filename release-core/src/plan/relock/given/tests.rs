use super::*;
use expect_test::expect;
use std::fmt::Write;

const SETUPTOOLS: &str = "[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n";
const OWN: &str = "[build-system]\nrequires = []\nbuild-backend = \"back\"\nbackend-path = [\".\"]\n";
const STATIC: &str = "[project]\nname = \"meadow\"\nversion = \"1.0\"\n";

fn lock(source: &str) -> UvLock {
    let text = format!("version = 1\n\n[[package]]\nname = \"meadow\"\nsource = {{ {source} }}\n");
    UvLock::parse(&SourceText::new(text)).unwrap()
}

fn given(source: &str, texts: &[(&str, &str)]) -> Result<Given, Vec<Problem>> {
    let texts = texts.iter().map(|(path, text)| ((*path).into(), SourceText::new(*text))).collect();
    given_to_uv(Utf8Path::new("uv.lock"), &lock(source), &texts)
}

/// A manifest that the lockfile knows, as it is given.
fn shown(text: &str) -> String {
    match given("editable = \".\"", &[("pyproject.toml", text)]) {
        Ok(given) => format!("{:?}\n{}", given.dynamic, given.manifests[0].1.as_str()),
        Err(problems) => problems.iter().map(|problem| format!("{}\n", problem.message)).collect(),
    }
}

#[test]
fn a_dynamic_version_is_given_as_a_static_one_and_nothing_else_changes() {
    for (before, after) in [
        ("dynamic = [\"version\"]\n", "dynamic = []\nversion = \"0\"\n"),
        ("dynamic = ['readme', 'version'] # both\n", "dynamic = [\"readme\"]\nversion = \"0\" # both\n"),
        ("dynamic = [\n  \"version\",\n]\n", "dynamic = []\nversion = \"0\"\n"),
    ] {
        let text = |line: &str| format!("{SETUPTOOLS}[project]\nname = \"Mead.ow\"\n{line}dependencies = [\"x\"]\n");
        assert_eq!(shown(&text(before)), format!("[\"mead-ow\"]\n{}", text(after)), "{before}");
    }
    for text in [format!("{STATIC}{OWN}"), format!("{STATIC}dynamic = [\"readme\", \"scripts\"]\n"), String::new()] {
        if !text.is_empty() {
            assert_eq!(shown(&text), format!("[]\n{text}"));
        }
    }
}

#[test]
fn what_only_a_build_backend_knows_is_refused_with_the_backend() {
    let mut text = String::new();
    for (what, manifest) in [
        ("dependencies", format!("{STATIC}dynamic = [\"dependencies\"]\n{SETUPTOOLS}")),
        ("of the tree itself", format!("{STATIC}dynamic = [\"requires-python\", \"optional-dependencies\"]\n{OWN}")),
        ("none named", format!("{STATIC}dynamic = [\"dependencies\"]\n")),
        ("no [project]", SETUPTOOLS.to_owned()),
        ("a version that takes no static one", format!("project = {{ name = \"m\", dynamic = [\"version\"] }}\n{OWN}")),
    ] {
        write!(text, "{what}: {}", shown(&manifest)).unwrap();
    }
    expect![[r#"
        dependencies: pyproject.toml: only the build backend `setuptools.build_meta` (`setuptools>=61`) knows `dependencies`, and none is run
        of the tree itself: pyproject.toml: only the build backend `back` of the tree itself (`backend-path`) knows `requires-python` and `optional-dependencies`, and none is run
        none named: pyproject.toml: only setuptools, as nothing else is named, knows `dependencies`, and none is run
        no [project]: pyproject.toml has no [project], so that the build backend `setuptools.build_meta` (`setuptools>=61`) would run
        a version that takes no static one: pyproject.toml: only the build backend `back` of the tree itself (`backend-path`) knows the version, and none is run
    "#]]
    .assert_eq(&text);
}

#[test]
fn sources_and_settings_that_lead_out_of_the_tree_or_start_a_program_are_refused() {
    let mut text = String::new();
    for uv in [
        "[tool.uv.sources]\nx = { git = \"https://git.example/x\" }",
        "[tool.uv.sources]\nx = { path = \"/srv/x\" }",
        "[tool.uv.sources]\nx = [{ path = \"../x\", editable = true }]",
        "[tool.uv.sources]\nx = { path = \"dist/x.whl\" }",
        "[tool.uv.sources]\nx = { url = \"file:///srv/x.whl\" }",
        "[[tool.uv.index]]\nname = \"x\"\nurl = \"file:///srv\"",
        "[tool.uv]\nextra-index-url = [\"https://a.example\", \"../wheels\"]",
        "[tool.uv]\nfind-links = [\"/srv\"]",
        "[tool.uv]\nallow-insecure-host = [\"i.example\"]",
        "[tool.uv]\nhttps-proxy = \"http://p.example\"",
        "[project.optional-dependencies]\na = [\"x @ file:///srv/x\", \"y @ https://h.example/y.whl\"]",
        "[dependency-groups]\na = [\"x @ git+https://git.example/x\", \"x @ ../x\", \"x[y\"]",
    ] {
        text += &shown(&format!("{STATIC}{uv}\n"));
    }
    expect![[r#"
        pyproject.toml: the source `https://git.example/x` of `x` is a git repository, and git is not started for uv
        pyproject.toml: the source `/srv/x` of `x` is no folder of this repository with a pyproject.toml
        pyproject.toml: the source `../x` of `x` is no folder of this repository with a pyproject.toml
        pyproject.toml: the source `dist/x.whl` of `x` is no folder of this repository with a pyproject.toml
        pyproject.toml: the source `file:///srv/x.whl` of `x` is no address of the web (http or https)
        pyproject.toml: the index `file:///srv` is no address of the web (http or https)
        pyproject.toml: the index `../wheels` is no address of the web (http or https)
        pyproject.toml: `tool.uv.find-links` is no setting that a tree may give uv here
        pyproject.toml: `tool.uv.allow-insecure-host` is no setting that a tree may give uv here
        pyproject.toml: `tool.uv.https-proxy` is no setting that a tree may give uv here
        pyproject.toml: `x @ file:///srv/x` is asked for at no address of the web (http or https)
        pyproject.toml: `x @ git+https://git.example/x` is asked for at no address of the web (http or https)
        pyproject.toml: `x @ ../x` is asked for at no address of the web (http or https)
    "#]]
    .assert_eq(&text);
    let fine = "[tool.uv]\nexclude-newer = \"P7D\"\n[[tool.uv.index]]\nurl = \"https://i.example/simple\"\n\
                [tool.uv.workspace]\nmembers = [\"src/*\"]\n[tool.uv.sources]\nx = { workspace = true }\n";
    assert_eq!(shown(&format!("{STATIC}{fine}")), format!("[]\n{STATIC}{fine}"));
}

#[test]
fn what_the_lockfile_has_from_elsewhere_is_refused() {
    let mut text = String::new();
    for source in [
        "git = \"https://git.example/x#1234\"",
        "path = \"dist/x.whl\"",
        "registry = \"../wheels\"",
        "editable = \"src/x\"",
        "directory = \"../x\"",
    ] {
        let Err(problems) = given(source, &[("pyproject.toml", STATIC)]) else { panic!("{source}") };
        problems.iter().for_each(|problem| writeln!(text, "{}", problem.message).unwrap());
    }
    expect![[r#"
        uv.lock: `meadow` comes from a git repository, and git is not started for uv
        uv.lock: `meadow` comes from an archive of the tree, which uv is not given
        uv.lock: `meadow` comes from a folder and from no index
        uv.lock: `meadow` comes from a folder without a pyproject.toml in this repository
        uv.lock: `meadow` comes from a folder without a pyproject.toml in this repository
    "#]]
    .assert_eq(&text);
    let Err(problems) = given("editable = \".\"", &[("pyproject.toml", STATIC), ("uv.toml", "")]) else { panic!() };
    assert_eq!(problems[0].message, "uv.toml has settings of uv's, which uv is not given");
}

#[test]
fn a_manifest_that_the_lockfile_does_not_know_and_that_would_be_built_is_closed() {
    let odd = format!("{STATIC}dynamic = [\"dependencies\"]\n{OWN}");
    let texts = [
        ("pyproject.toml", STATIC),
        ("new/pyproject.toml", odd.as_str()),
        ("plain/pyproject.toml", STATIC),
        ("example/pyproject.toml", "no TOML"),
        ("package.json", "{}"),
        ("uv.lock", ""),
    ];
    let given = given("editable = \".\"", &texts).unwrap();
    let given: Vec<(&str, &str)> = given.manifests.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let wanted = [
        ("example/pyproject.toml", CLOSED),
        ("new/pyproject.toml", CLOSED),
        ("plain/pyproject.toml", STATIC),
        ("pyproject.toml", STATIC),
    ];
    assert_eq!(given, wanted);
    assert!(Pyproject::parse(&SourceText::new(CLOSED)).is_err());
}
