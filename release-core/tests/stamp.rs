//! Builds have what `release stamp` writes: the real build back ends are asked before and after. Skipped, with the reason on
//! stderr, if Python or the packages are not available.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these helpers are called by tests only")]

use camino::{Utf8Path, Utf8PathBuf};
use release_core::monorepo::Config;
use release_core::plan::stamp::{MODULES, Stamp, Texts, members, stamp, wanted};
use release_core::text::SourceText;
use release_core::version::Version;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

mod random;

use random::every;

/// The back ends and their plugins.
const PACKAGES: [&str; 9] = [
    "hatchling==1.28.0",
    "hatch-vcs==0.5.0",
    "flit_core==3.12.0",
    "pdm-backend==2.4.6",
    "poetry-core==2.2.1",
    "poetry-dynamic-versioning==1.10.1",
    "setuptools==80.9.0",
    "setuptools-scm==9.2.2",
    "maturin==1.16.0",
];

const SCRIPT: &str = include_str!("stamp/build.py");

const MODULE: &str = "\"\"\"A client.\"\"\"\n__version__ = \"0.4.4\"\n";

type Files = BTreeMap<Utf8PathBuf, String>;

/// A process that builds one package after the other.
struct Builder {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Drop for Builder {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Builder {
    fn new() -> Option<Self> {
        started().map_err(|why| note(&format!("skipped, there is nothing to compare with: {why}"))).ok()
    }

    /// Builds a package of these files, and returns its version, or how that failed.
    fn built(
        &mut self,
        backend: &str,
        files: &Files,
        environment: &BTreeMap<String, String>,
    ) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let question = json!({ "folder": folder.path(), "backend": backend, "environment": environment });
        writeln!(self.questions, "{question}").unwrap();
        self.questions.flush().unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        answer["version"].as_str().map(str::to_owned).ok_or_else(|| answer["error"].to_string())
    }
}

/// Returns the plan for a repository of these files, read as far as it is asked for.
fn plan(files: &Files, version: &str) -> Result<Stamp, String> {
    let (version, config) = (Version::parse(version).unwrap(), Config::default());
    let is_module =
        |path: &Utf8Path| path.file_name().is_some_and(|name| MODULES.contains(&name) || name == "pyproject.toml");
    let text = |path: &Utf8Path| files.get(path).map(|text| (path.to_owned(), SourceText::new(text.as_str())));
    let mut texts: Texts = files.keys().filter(|path| is_module(path)).filter_map(|path| text(path)).collect();
    loop {
        let listed = |name: &str| files.keys().filter(|path| path.file_name() == Some(name)).cloned().collect();
        let asked = wanted(&texts, &config, &version).into_iter().chain(members(&texts, listed));
        let more: Texts = asked.filter(|path| !texts.contains_key(path)).filter_map(|path| text(&path)).collect();
        if more.is_empty() {
            break;
        }
        texts.extend(more);
    }
    stamp(&texts, &config, &version).map_err(|problems| {
        problems.iter().map(|problem| format!("{} = {}", problem.message, problem.help)).collect::<Vec<_>>().join("\n")
    })
}

/// Returns the files of a package with a manifest.
fn package(backend: &str, table: &str, others: &[(&str, &str)]) -> Files {
    let manifest = format!(
        "[build-system]\nrequires = ['setuptools-scm']\nbuild-backend = '{backend}'\n\n[project]\nname = 'meadow-client'\ndynamic = ['version']\ndescription = 'A client'\n\n{table}\n"
    );
    files(&manifest, others)
}

fn files(manifest: &str, others: &[(&str, &str)]) -> Files {
    let others = others.iter().map(|(path, text)| (Utf8PathBuf::from(*path), (*text).to_owned()));
    let mut files: Files = others.collect();
    if !manifest.is_empty() {
        files.insert("pyproject.toml".into(), manifest.to_owned());
    }
    if !files.keys().any(|path| path.as_str().starts_with("src/meadow_client/__init__")) {
        files.insert("src/meadow_client/__init__.py".into(), "\"\"\"A client.\"\"\"\n".to_owned());
    }
    files
}

/// Checks that builds have what stands in the files, and what is written then; returns the number of builds.
fn agree(builder: &mut Builder, backend: &str, files: &Files) {
    let none = BTreeMap::new();
    let shown = format!("{backend} {files:#?}");
    assert_eq!(builder.built(backend, files, &none).as_deref(), Ok("0.4.4"), "{shown}");
    assert_eq!(plan(files, "0.4.4").map(|plan| plan.files.len()), Ok(0), "{shown}");
    for version in ["0.4.5", "0.5.0rc1"].into_iter().skip(every(2) - 1) {
        let plan = plan(files, version).unwrap();
        assert!(!plan.files.is_empty(), "{shown}");
        let mut after = files.clone();
        after.extend(plan.files.into_iter().map(|file| (file.path, file.new.as_str().to_owned())));
        assert_eq!(builder.built(backend, &after, &none).as_deref(), Ok(version), "{backend} {after:#?}");
    }
}

const HATCH: &str = "hatchling.build";
const FLIT: &str = "flit_core.buildapi";
const PDM: &str = "pdm.backend";
const POETRY: &str = "poetry.core.masonry.api";
const SETUPTOOLS: &str = "setuptools.build_meta";
const INIT: &str = "src/meadow_client/__init__.py";

#[test]
fn a_build_by_any_back_end_has_the_version_that_was_written() {
    let Some(mut builder) = Builder::new() else { return };
    let hatch = |options: &str| {
        format!("[tool.hatch.version]\n{options}\n[tool.hatch.build.targets.wheel]\npackages = ['src/meadow_client']")
    };
    let hatch_path = format!("path = '{INIT}'");
    let code = format!("source = 'code'\npath = '{INIT}'");
    let pdm = format!("[tool.pdm.version]\nsource = 'file'\npath = '{INIT}'");
    let poetry = "[tool.poetry]\nname = 'meadow-client'\nversion = '0.4.4'\ndescription = ''\nauthors = []\npackages = [{ include = 'meadow_client', from = 'src' }]";
    let init = |text: &'static str| [(INIT, text)];
    for (backend, table, others) in [
        (HATCH, hatch(&hatch_path), init(MODULE)),
        (HATCH, hatch(&hatch_path), init("Version = 'v0.4.4'\n__version__ = Version\n")),
        (HATCH, hatch(&code), init(MODULE)),
        (HATCH, hatch(&code), init("VERSION = (\n    '0.4.4'\n)\n__version__ = VERSION\n")),
        (HATCH, hatch(&format!("{code}\nexpression = 'release'")), init("release: str = \"\"\"0.4.4\"\"\"\n")),
        (HATCH, hatch("path = 'VERSION'\npattern = '(?P<version>.+)'"), [("VERSION", "0.4.4\n")]),
        (
            HATCH,
            hatch("path = 'package.json'\npattern = '\"version\": *\"(?P<version>[^\"]+)\"'"),
            [("package.json", "{\n  \"version\": \"0.4.4\"\n}\n")],
        ),
        (FLIT, String::new(), init(MODULE)),
        (FLIT, String::new(), init("\"\"\"A client.\"\"\"\nversion = __version__ = (\"0.4.4\")\n")),
        (FLIT, String::new(), [("src/meadow_client/_version.py", "__version__ = '0.4.4'\n")]),
        (
            FLIT,
            String::new(),
            init(
                "\"\"\"A client.\"\"\"\ntry:\n    from ._v import __version__\nexcept ImportError:\n    __version__ = '0.4.4'\n",
            ),
        ),
        (PDM, pdm.clone(), init(MODULE)),
        (POETRY, poetry.to_owned(), init(MODULE)),
    ] {
        agree(&mut builder, backend, &package(backend, &table, &others));
    }
    // Poetry's own table alone, and both.
    let build = format!("[build-system]\nrequires = []\nbuild-backend = '{POETRY}'\n{poetry}\n");
    agree(&mut builder, POETRY, &files(&build, &[]));
    let both = format!("[project]\nname = 'meadow-client'\nversion = '0.4.4'\n{build}");
    agree(&mut builder, POETRY, &files(&both, &[]));
    agree(
        &mut builder,
        SETUPTOOLS,
        &files("[project]\nname = 'meadow-client'\nversion = '0.4.4'\n", &[(INIT, MODULE)]),
    );
}

#[test]
fn a_build_by_setuptools_has_the_version_wherever_it_reads_it() {
    let Some(mut builder) = Builder::new() else { return };
    let attribute = |name: &str| format!("[tool.setuptools.dynamic]\nversion = {{ attr = '{name}' }}");
    let file = |name: &str| format!("[tool.setuptools.dynamic]\nversion = {{ file = {name} }}");
    let version = "src/meadow_client/about.py";
    for (table, others) in [
        (attribute("meadow_client.__version__"), &[(INIT, MODULE)][..]),
        (attribute("meadow_client.about.RELEASE"), &[(version, "RELEASE = '0.4.4'\n")]),
        (
            attribute("meadow_client.__version__"),
            &[(INIT, "from .about import RELEASE as __version__\n"), (version, "RELEASE = '0.4.4'\n")],
        ),
        (file("'VERSION'"), &[("VERSION", "\n0.4.4\n")]),
        (file("['VERSION.txt']"), &[("VERSION.txt", "0.4.4")]),
        (String::new(), &[("setup.cfg", "[metadata]\nname = meadow-client\nversion = 0.4.4\n")]),
        (String::new(), &[("setup.cfg", "[metadata]\nversion = file: VERSION\n"), ("VERSION", "0.4.4\n")]),
        (
            String::new(),
            &[
                (
                    "setup.cfg",
                    "[metadata]\nversion = attr: meadow_client.__version__\n[options]\npackage_dir =\n    = src\n",
                ),
                (INIT, MODULE),
            ],
        ),
        (
            String::new(),
            &[("setup.py", "from setuptools import setup\n\nsetup(\n    name='meadow-client', version='0.4.4',\n)\n")],
        ),
        (
            String::new(),
            &[(
                "setup.py",
                "import setuptools\nVERSION = '0.4.4'\nif __name__ == '__main__':\n    setuptools.setup(version=VERSION)\n",
            )],
        ),
    ] {
        let files = package(SETUPTOOLS, &table, others);
        let files =
            files.into_iter().map(|(path, text)| (path, text.replace("'setuptools-scm'", "'setuptools'"))).collect();
        agree(&mut builder, SETUPTOOLS, &files);
    }
    let script = "from setuptools import setup\nsetup(name='meadow-client', version='0.4.4', package_dir={'': 'src'}, packages=['meadow_client'])\n";
    agree(&mut builder, "setuptools.build_meta:__legacy__", &files("", &[("setup.py", script)]));
}

#[test]
fn a_build_by_maturin_has_the_version_of_the_crate() {
    let Some(mut builder) = Builder::new() else { return };
    let library = ("src/main.rs", "fn main() {}\n");
    let lock =
        |version: &str| format!("version = 4\n\n[[package]]\nname = \"meadow-client\"\nversion = \"{version}\"\n");
    let crate_of = |version: &str| format!("[package]\nname = \"meadow-client\"\n{version}\nedition = \"2021\"\n");
    let own = crate_of("version = \"0.4.4\"");
    let inherited =
        format!("{}\n[workspace.package]\nversion = \"0.4.4\"\n[workspace]\n", crate_of("version.workspace = true"));
    for manifest in [own, inherited].into_iter().skip(every(2) - 1) {
        let lock = lock("0.4.4");
        let files = package(
            "maturin",
            "[tool.maturin]\nbindings = 'bin'",
            &[library, ("Cargo.toml", &manifest), ("Cargo.lock", &lock)],
        );
        agree(&mut builder, "maturin", &files);
        let after = plan(&files, "0.5.0rc1").unwrap().files;
        let after: Vec<&str> = after.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(after, ["Cargo.lock", "Cargo.toml"]);
    }
}

#[test]
fn cargo_finds_a_workspace_and_its_lockfile_right_after_the_version_is_written() {
    let member = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion.workspace = true\nedition = \"2021\"\n{rest}")
    };
    let root = "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"0.4.4\"\n[workspace.dependencies]\nmeadow-core = { path = \"crates/core\", version = \"=0.4.4\" }\n";
    let core = member("meadow-core", "");
    let kit = member(
        "meadow-kit",
        "[dependencies]\ncore = { package = \"meadow-core\", path = \"../core\", version = \"0.4.4\" }\n",
    );
    let client = member("meadow-client", "[dependencies]\nmeadow-core = { workspace = true }\n");
    let lock = "version = 4\n\n[[package]]\nname = \"meadow-client\"\nversion = \"0.4.4\"\ndependencies = [\n \"meadow-core\",\n]\n\n[[package]]\nname = \"meadow-core\"\nversion = \"0.4.4\"\n\n[[package]]\nname = \"meadow-kit\"\nversion = \"0.4.4\"\ndependencies = [\n \"meadow-core\",\n]\n";
    let others = [
        ("Cargo.toml", root),
        ("Cargo.lock", lock),
        ("crates/core/Cargo.toml", &core),
        ("crates/core/src/lib.rs", ""),
        ("crates/kit/Cargo.toml", &kit),
        ("crates/kit/src/lib.rs", ""),
        ("crates/client/Cargo.toml", &client),
        ("crates/client/src/lib.rs", ""),
    ];
    let table = "[tool.maturin]\nmanifest-path = 'crates/client/Cargo.toml'";
    let mut files = package("maturin", table, &others);
    for version in ["0.4.4", "0.4.5", "0.5.0rc1"] {
        let written = plan(&files, version).unwrap().files;
        files.extend(written.into_iter().map(|file| (file.path, file.new.as_str().to_owned())));
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in &files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
        cargo.args(["metadata", "--locked", "--offline", "--format-version=1"]).current_dir(folder.path());
        let output = cargo.output().unwrap();
        assert!(output.status.success(), "{version}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_build_has_the_version_that_the_named_variable_gives() {
    let Some(mut builder) = Builder::new() else { return };
    let hatch = "[tool.hatch.build.targets.wheel]\npackages = ['src/meadow_client']\n[tool.hatch.version]";
    let dynamic = "poetry_dynamic_versioning.backend";
    let poetry = "[tool.poetry]\nversion = '0.0.0'\npackages = [{ include = 'meadow_client', from = 'src' }]\n[tool.poetry-dynamic-versioning]\nenable = true";
    for (backend, table) in [
        (SETUPTOOLS, "[tool.setuptools_scm]".to_owned()),
        (HATCH, format!("{hatch}\nsource = 'vcs'")),
        (HATCH, format!("{hatch}\nsource = 'env'\nvariable = 'MEADOW_VERSION'")),
        (PDM, "[tool.pdm.version]\nsource = 'scm'".to_owned()),
        (dynamic, poetry.to_owned()),
    ] {
        let files = package(backend, &table, &[]);
        let plan = plan(&files, "0.4.5").unwrap();
        let variable = plan.dynamic.unwrap().variable;
        let given = BTreeMap::from([(variable, "0.4.5".to_owned())]);
        assert_eq!(builder.built(backend, &files, &given).as_deref(), Ok("0.4.5"), "{table}");
        assert_ne!(builder.built(backend, &files, &BTreeMap::new()).as_deref(), Ok("0.4.5"), "{table}");
    }
}

fn started() -> Result<Builder, String> {
    let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-back-ends");
    let python = folder.join("bin/python");
    // Tests of one process make it once; a marker says that it is complete.
    static MAKING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let making = MAKING.lock();
    let (marker, wanted) = (folder.join("whole"), PACKAGES.join(" "));
    if fs::read_to_string(&marker).ok().as_ref() != Some(&wanted) {
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        succeed(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
        fs::write(marker, wanted).map_err(|error| error.to_string())?;
    }
    drop(making);
    // maturin is a program that its back end starts.
    let path = format!("{}:{}", folder.join("bin"), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT]).env("PATH", path).env("CARGO_NET_OFFLINE", "true").env_remove("CARGO_TARGET_DIR");
    command.env("GIT_CEILING_DIRECTORIES", "/tmp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let (questions, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    Ok(Builder { child, questions, answers })
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {}: {}", output.status, stderr.trim())) }
}

/// Writes a message even if the test harness captures the output of passing tests.
fn note(message: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    drop(writeln!(std::io::stderr(), "{name}: {message}"));
}
