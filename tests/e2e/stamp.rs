//! `release stamp` in client repositories that the tests make.

use crate::schema::{check, schema};
use crate::support::{Run, directory, git, run, xtask};
use camino::{Utf8Path, Utf8PathBuf};
use expect_test::expect;
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

const PYTHON: [(&str, &str); 3] = [
    (
        "pyproject.toml",
        "[project]\nname = \"meadow-client\"\nversion = \"0.4.4\" # of the server\ndependencies = [\"httpx>=0.4.4\"]\n",
    ),
    ("src/meadow_client/_version.py", "__title__ = \"meadow_client\"\n__version__ = \"0.4.4\"\n"),
    ("src/meadow_client/__init__.py", "from ._version import __version__\n"),
];

const NPM: [(&str, &str); 2] = [
    ("package.json", "{\n  \"name\": \"meadow-client\",\n  \"version\": \"0.4.4\"\n}\n"),
    (
        "package-lock.json",
        "{\n  \"name\": \"meadow-client\",\n  \"version\": \"0.4.4\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"name\": \"meadow-client\",\n      \"version\": \"0.4.4\"\n    }\n  }\n}\n",
    ),
];

/// The rest of the manifest of a package whose version comes from setuptools-scm.
const SCM: &str = "[build-system]\nrequires = [\"setuptools\", \"setuptools-scm\"]\n[tool.setuptools_scm]\n";

/// A client repository, without git unless a test wants it.
struct Client {
    _temporary: TempDir,
    root: Utf8PathBuf,
}

impl Client {
    fn new(files: &[(&str, &str)]) -> Self {
        let (temporary, root) = directory();
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { _temporary: temporary, root }
    }

    fn stamp(&self, words: &str) -> Run {
        let mut command = xtask(&self.root);
        command.env_remove("GITHUB_ENV").args(["release", "stamp"]).args(words.split_whitespace());
        let mut ended = run(&mut command);
        ended.stderr = ended.stderr.replace(self.root.as_str(), "[DIR]");
        ended
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    fn files(&self) -> Vec<(Utf8PathBuf, String)> {
        let mut files = Vec::new();
        let mut open = vec![self.root.clone()];
        while let Some(folder) = open.pop() {
            for entry in folder.read_dir_utf8().unwrap() {
                let path = entry.unwrap().into_path();
                match path.is_dir() {
                    true => open.push(path),
                    false => files.push((path.clone(), fs::read_to_string(&path).unwrap())),
                }
            }
        }
        files.sort();
        files
    }
}

fn both() -> Client {
    Client::new(&[&PYTHON[..], &NPM[..]].concat())
}

#[test]
fn a_repository_without_git_is_stamped_and_nothing_is_left_behind() {
    let client = both();
    let before: Vec<Utf8PathBuf> = client.files().into_iter().map(|(path, _)| path).collect();
    let run = client.stamp("0.5.0rc1").expect(0);
    expect![[r#"
        version 0.5.0rc1 in [DIR]
          package-lock.json:3:15 version: 0.4.4 becomes 0.5.0-rc.1
          package-lock.json:8:19 packages[""].version: 0.4.4 becomes 0.5.0-rc.1
          package.json:3:15 version: 0.4.4 becomes 0.5.0-rc.1
          pyproject.toml:3:12 project: 0.4.4 becomes 0.5.0rc1
          src/meadow_client/_version.py:2:16 __version__: 0.4.4 becomes 0.5.0rc1

        changed 5 places in 4 files
    "#]]
    .assert_eq(&run.stderr);
    assert_eq!(client.text("pyproject.toml"), PYTHON[0].1.replacen("0.4.4", "0.5.0rc1", 1));
    assert_eq!(client.text("src/meadow_client/_version.py"), PYTHON[1].1.replace("0.4.4", "0.5.0rc1"));
    assert_eq!(client.text("package.json"), NPM[0].1.replace("0.4.4", "0.5.0-rc.1"));
    assert_eq!(client.text("package-lock.json"), NPM[1].1.replace("0.4.4", "0.5.0-rc.1"));
    assert_eq!(client.files().into_iter().map(|(path, _)| path).collect::<Vec<_>>(), before);

    let run = client.stamp("0.5.0-rc.1").expect(0);
    assert!(run.stderr.starts_with("reading `0.5.0-rc.1` as 0.5.0rc1\n"), "{}", run.stderr);
    assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
    client.stamp("0.5.0rc1 --check").expect(0);
}

#[test]
fn a_check_says_what_is_at_another_version_and_writes_nothing() {
    let client = both();
    client.stamp("0.4.4 --check").expect(0);
    let before = client.files();
    let run = client.stamp("0.4.5 --check").expect(1);
    assert_eq!(run.stderr.matches("error: ").count(), 5, "{}", run.stderr);
    assert!(run.stderr.contains("src/meadow_client/_version.py is at 0.4.4, and not at 0.4.5"), "{}", run.stderr);
    client.stamp("0.4.5 --dry-run").expect(0);
    assert_eq!(client.files(), before);
}

#[test]
fn a_dynamic_package_is_named_with_the_variable_that_it_is_built_with() {
    let text = format!("[project]\nname = \"Meadow.Client\"\ndynamic = [\"version\"]\n{SCM}");
    let client = Client::new(&[("pyproject.toml", &text), PYTHON[1], NPM[0]]);
    let run = client.stamp("0.4.5").expect(0);
    assert!(run.stderr.contains("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_CLIENT=0.4.5\n"), "{}", run.stderr);
    assert_eq!(client.text("pyproject.toml"), text);
    // setuptools-scm writes it.
    assert_eq!(client.text("src/meadow_client/_version.py"), PYTHON[1].1);
    assert_eq!(client.text("package.json"), NPM[0].1.replace("0.4.4", "0.4.5"));

    let run = client.stamp("0.4.5 --github-env").expect(2);
    assert!(run.stderr.contains("GITHUB_ENV"), "{}", run.stderr);
    let variables = client.root.join("variables");
    fs::write(&variables, "A=1\n").unwrap();
    let mut command = xtask(&client.root);
    command.env("GITHUB_ENV", &variables).args(["release", "stamp", "0.4.5", "--github-env"]);
    crate::support::run(&mut command).expect(0);
    assert_eq!(client.text("variables"), "A=1\nSETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_CLIENT=0.4.5\n");
}

#[test]
fn files_that_release_toml_names_are_stamped_as_often_as_it_says() {
    let config = "[[stamp]]\npath = \"src/version.ts\"\npattern = \"VERSION = '{version}'\"\n";
    let client =
        Client::new(&[NPM[0], ("src/version.ts", "export const VERSION = '0.4.4'; // x\n"), ("release.toml", config)]);
    client.stamp("0.5.0.dev20260219").expect(0);
    assert_eq!(client.text("src/version.ts"), "export const VERSION = '0.5.0-dev.20260219'; // x\n");

    fs::write(client.root.join("src/version.ts"), "export const V = '0.4.4';\n").unwrap();
    let before = client.files();
    let run = client.stamp("0.4.5").expect(1);
    assert!(run.stderr.contains("src/version.ts has 0 places of `VERSION = '{version}'`"), "{}", run.stderr);
    fs::write(client.root.join("release.toml"), config.replace("pattern", "patern")).unwrap();
    let run = client.stamp("0.4.5").expect(2);
    assert!(run.stderr.contains("did you mean `pattern`?"), "{}", run.stderr);
    fs::write(client.root.join("release.toml"), config).unwrap();
    assert_eq!(client.files(), before);
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_is_changed() {
    let client = both();
    let before = client.files();
    for (words, code, said) in [
        ("today", 2, "`today` is not a PEP 440 version"),
        ("0.4.5.post1", 1, "has no npm spelling"),
        ("0.4.5+local", 1, "has no npm spelling"),
        ("0.4.5a1", 1, "has no npm spelling"),
        ("0.4.5 --output-format github", 2, "text or JSON"),
        ("0.4.5 --repo nowhere", 2, "is not a directory"),
    ] {
        let run = client.stamp(words).expect(code);
        assert!(run.stderr.contains(said), "{words}: {}", run.stderr);
    }
    fs::write(client.root.join("package.json"), "{").unwrap();
    let run = client.stamp("0.4.5").expect(1);
    assert!(run.stderr.contains("package.json cannot be read"), "{}", run.stderr);
    fs::write(client.root.join("package.json"), NPM[0].1).unwrap();
    assert_eq!(client.files(), before);
    let empty = Client::new(&[]);
    let run = empty.stamp("0.4.5").expect(1);
    assert!(run.stderr.contains("nothing here carries a version"), "{}", run.stderr);
}

#[test]
fn the_journal_of_a_write_lies_in_the_git_directory_where_there_is_one() {
    let client = both();
    git(&client.root, &["init", "--quiet"]);
    let state = client.root.join(".git/xtask-release");
    client.stamp("0.4.5").expect(0);
    assert!(!state.join("journal.json").exists());
    assert!(Utf8Path::new(&state).is_dir(), "the state is within the git directory");
    assert!(!client.root.join(".xtask-release").exists());
}

#[test]
fn the_document_is_as_the_schema_has_it() {
    let schema = schema("stamp.schema.json");
    let client = both();
    let dynamic = format!("[project]\nname = \"m\"\ndynamic = [\"version\"]\n{SCM}");
    let dynamic = Client::new(&[("pyproject.toml", &dynamic)]);
    for (client, words, outcome, code) in [
        (&client, "0.4.5 --dry-run", "planned", 0),
        (&client, "0.4.5 --check", "stale", 1),
        (&client, "0.4.5.post1", "refused", 1),
        (&client, "0.4.5", "written", 0),
        (&client, "0.4.5", "nothing-to-do", 0),
        (&dynamic, "0.4.5.post1", "by-variable", 0),
        (&dynamic, "0.4.5.post1 --check", "stale", 1),
    ] {
        let run = client.stamp(&format!("{words} --output-format json")).expect(code);
        let document: Value = serde_json::from_str(&run.stdout).expect("one document and nothing else");
        check(&document, &schema, "stamp");
        assert_eq!(document["outcome"], outcome, "{words}");
    }
}

#[test]
fn a_client_moves_to_setuptools_scm_and_what_is_left_beside_it_is_said() {
    let client = both();
    git(&client.root, &["init", "--quiet", "--initial-branch=main"]);
    git(&client.root, &["add", "."]);
    git(&client.root, &["commit", "--quiet", "--message", "feat: a client"]);
    client.stamp("").expect(2);
    client.stamp("--migrate --check").expect(2);
    client.stamp("next --migrate").expect(2);
    let run = client.stamp("0.4.5 --migrate").expect(0);
    let manifest = client.text("pyproject.toml");
    assert!(manifest.contains("dynamic = [\"version\"]"), "{manifest}");
    assert!(manifest.contains("[tool.setuptools_scm]\nfallback_version = \"0.4.5\"\n"), "{manifest}");
    assert!(run.stderr.contains("src/meadow_client/_version.py still sets `__version__`"), "{}", run.stderr);
    assert!(run.stderr.contains("npm reads no tags"), "{}", run.stderr);
    let again = client.stamp("0.4.5 --migrate").expect(0);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    assert_eq!(client.text("pyproject.toml"), manifest);
}

#[test]
fn the_place_that_a_build_reads_is_found_wherever_the_manifest_says_it_is() {
    let manifest = |backend: &str, table: &str| {
        format!(
            "[build-system]\nrequires = []\nbuild-backend = \"{backend}\"\n[project]\nname = \"meadow-client\"\ndynamic = [\"version\"]\n{table}\n"
        )
    };
    // Deeper than modules are looked for, and in a folder that is not searched.
    let deep = "lib/build/python/meadow_client/about.py";
    let hatch = manifest("hatchling.build", &format!("[tool.hatch.version]\npath = \"{deep}\""));
    let client = Client::new(&[("pyproject.toml", &hatch), (deep, "__version__ = \"0.4.4\"\n")]);
    let run = client.stamp("0.4.5 --check").expect(1);
    assert!(run.stderr.contains(&format!("{deep} is at 0.4.4, and not at 0.4.5")), "{}", run.stderr);
    client.stamp("0.4.5").expect(0);
    assert_eq!(client.text(deep), "__version__ = \"0.4.5\"\n");
    client.stamp("0.4.5 --check").expect(0);

    let unknown = manifest("meadow.build", "");
    let client = Client::new(&[("pyproject.toml", &unknown), NPM[0]]);
    for words in ["0.4.5", "0.4.5 --check", "0.4.4 --check"] {
        let run = client.stamp(words).expect(1);
        expect![[r#"
            error: pyproject.toml: `stamp` does not know where the build back end `meadow.build` takes a version from
             --> pyproject.toml:3:17
              |
            3 | build-backend = "meadow.build"
              |                 ^^^^^^^^^^^^^^ its version is elsewhere
              |
              = help: name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`

            1 problem, nothing was changed
        "#]]
        .assert_eq(&run.stderr);
    }
    assert_eq!(client.text("package.json"), NPM[0].1);
}

#[test]
fn a_check_of_a_package_of_setuptools_scm_asks_what_a_build_would_be_called() {
    let manifest = format!("[project]\nname = \"meadow-client\"\ndynamic = [\"version\"]\n{SCM}");
    let client = Client::new(&[("pyproject.toml", &manifest)]);
    let run = client.stamp("0.4.5").expect(0);
    assert!(run.stderr.contains("no file carries the version"), "{}", run.stderr);
    let run = client.stamp("0.4.5 --check").expect(1);
    assert!(run.stderr.contains("set SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_CLIENT=0.4.5"), "{}", run.stderr);
    for (value, code) in [("0.4.5", 0), ("0.4.4", 1)] {
        let mut command = xtask(&client.root);
        command.env("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_CLIENT", value);
        crate::support::run(command.args(["release", "stamp", "0.4.5", "--check"])).expect(code);
    }
    git(&client.root, &["init", "--quiet", "--initial-branch=main"]);
    git(&client.root, &["add", "."]);
    git(&client.root, &["commit", "--quiet", "--message", "feat: a client"]);
    git(&client.root, &["tag", "v0.4.5"]);
    client.stamp("0.4.5 --check").expect(0);
    let run = client.stamp("0.4.6 --check").expect(1);
    assert!(run.stderr.contains("a build of this tree is 0.4.5, and not 0.4.6"), "{}", run.stderr);
}

#[test]
fn no_version_goes_down_in_a_client_whatever_its_files_or_tags_lack() {
    let client = both();
    let commit = |message: &str| {
        git(&client.root, &["add", "."]);
        git(&client.root, &["commit", "--quiet", "--message", message]);
    };
    let before = client.files();
    for words in ["0.4.3", "0.4.3 --check", "0.4.4rc1"] {
        let run = client.stamp(words).expect(1);
        assert!(run.stderr.contains("pyproject.toml is at 0.4.4, and a version never goes down to"), "{}", run.stderr);
    }
    assert_eq!(client.files(), before);
    git(&client.root, &["init", "--quiet", "--initial-branch=main"]);
    commit("feat: a client");
    git(&client.root, &["tag", "v0.4.6"]);
    let run = client.stamp("0.4.5").expect(1);
    assert!(run.stderr.contains("0.4.5 is below 0.4.6, whose tag v0.4.6 is in the history"), "{}", run.stderr);
    // A nightly of what is developed: the tags show that 0.4.7 is not released.
    client.stamp("0.4.7").expect(0);
    commit("chore: develop 0.4.7");
    client.stamp("0.4.7.dev20260219").expect(0);
    git(&client.root, &["checkout", "--quiet", "."]);
    git(&client.root, &["tag", "0.4.7"]);
    let run = client.stamp("0.4.7.dev20260219").expect(1);
    assert!(run.stderr.contains("whose tag 0.4.7"), "{}", run.stderr);
}

#[test]
fn packages_below_the_root_are_looked_at_wherever_they_are() {
    let module = "__version__ = \"0.4.4\"\n";
    let extra = PYTHON[0].1.replace("meadow-client", "meadow-client-extra");
    let client = Client::new(&[
        PYTHON[0],
        ("packages/extra/pyproject.toml", &extra),
        ("packages/extra/src/meadow_client_extra/_version.py", module),
        ("js/package.json", NPM[0].1),
        ("js/package-lock.json", NPM[1].1),
        ("examples/demo/pyproject.toml", "not TOML, and not ours"),
    ]);
    let run = client.stamp("0.4.5 --check").expect(1);
    assert_eq!(run.stderr.matches("error: ").count(), 6, "{}", run.stderr);
    client.stamp("0.4.5").expect(0);
    assert_eq!(client.text("packages/extra/src/meadow_client_extra/_version.py"), module.replace("0.4.4", "0.4.5"));
    assert_eq!(client.text("js/package-lock.json"), NPM[1].1.replace("0.4.4", "0.4.5"));
    client.stamp("0.4.5 --check").expect(0);
}

#[test]
fn packages_of_an_npm_workspace_are_found_in_its_folders_and_installed_ones_are_not() {
    let root = "{\"private\": true, \"version\": \"0.4.4\", \"workspaces\": [\"packages/**\"]}\n";
    let member = "packages/tests/core/package.json";
    let text = "{\"name\": \"meadow-client\", \"version\": \"0.4.4\"}\n";
    let demo = ("packages/demo/package.json", "{\"private\": true, \"version\": \"1.0.0\"}\n");
    let installed = ("packages/node_modules/x/package.json", "not JSON, and not ours");
    let outside = ("examples/other/package.json", "not JSON either");
    let client = Client::new(&[("package.json", root), (member, text), demo, installed, outside]);
    let run = client.stamp("0.4.5").expect(0);
    expect![[r#"
        version 0.4.5 in [DIR]
          package.json:1:31 version: 0.4.4 becomes 0.4.5
          packages/demo/package.json:1:31 version: 1.0.0, kept: a package with a version of its own
          packages/tests/core/package.json:1:39 version: 0.4.4 becomes 0.4.5

        changed 2 places in 2 files
    "#]]
    .assert_eq(&run.stderr);
    assert_eq!(client.text(member), text.replace("0.4.4", "0.4.5"));
    assert_eq!(client.text("package.json"), root.replace("0.4.4", "0.4.5"));
    assert_eq!(client.text(demo.0), demo.1);
}

#[test]
fn a_client_whose_builds_would_not_ask_setuptools_scm_does_not_move_to_it() {
    let manifest = "[build-system]\nrequires = [\"setuptools\"]\n[project]\nname = \"meadow-client\"\ndynamic = [\"version\"]\n[tool.setuptools.dynamic]\nversion = { attr = \"meadow_client.__version__\" }\n";
    let named = ("release.toml", "[[package]]\npath = \"pyproject.toml\"\n");
    let client = Client::new(&[("pyproject.toml", manifest), named, PYTHON[1], PYTHON[2]]);
    git(&client.root, &["init", "--quiet", "--initial-branch=main"]);
    git(&client.root, &["add", "."]);
    git(&client.root, &["commit", "--quiet", "--message", "feat: a client"]);
    let run = client.stamp("0.4.5 --migrate").expect(1);
    assert!(run.stderr.contains("has its version from `tool.setuptools.dynamic`, whatever"), "{}", run.stderr);
    assert_eq!(client.text("pyproject.toml"), manifest);
    // The module that the name is imported from is what a build reads.
    client.stamp("0.4.5").expect(0);
    assert_eq!(client.text("src/meadow_client/_version.py"), PYTHON[1].1.replace("0.4.4", "0.4.5"));
}
