//! The version in real wheels of setuptools-scm, with every kind of configuration, is the one that is told.

use crate::random::{Random, every, in_turn};
use crate::real::Real;
use crate::{called, change, git, note};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::manifest::pyproject::Pyproject;
use release_core::scm::{Flavor, ScmError, Settings, Source, source};
use release_core::text::SourceText;
use std::fs;

const SCRIPT: &str = include_str!("wheel.py");

const SCM: &str = "[tool.setuptools_scm]\n";
const VCS: &str = "[tool.vcs-versioning]\n";
const POST: &str = "version_scheme = 'post-release'\n";
const RAW: &str = "[tool.hatch.version.raw-options]\n";

/// An answer: a version, a refusal as of the real tool, or one of this crate alone, with the reason.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Version(String),
    Refused(String),
    NotAnswered(String),
}

/// Real wheels, and the answers that differ.
struct Wheels {
    reals: Vec<Real>,
    alone: Real,
    asked: usize,
    compared: usize,
    not_answered: usize,
    different: Vec<String>,
}

impl Wheels {
    fn new() -> Option<Self> {
        let (reals, alone) = (Real::all(SCRIPT)?, Real::without_scm(SCRIPT)?);
        Some(Self { reals, alone, asked: 0, compared: 0, not_answered: 0, different: Vec::new() })
    }

    /// Builds a folder with the versions whose turn it is, and compares.
    fn compare(&mut self, folder: &Utf8Path, manifest: &str, environment: &[(&str, &str)], what: &str) {
        fs::write(folder.join("pyproject.toml"), manifest).unwrap();
        let read = Pyproject::parse(&SourceText::new(manifest)).unwrap();
        let environment: Vec<(String, String)> = std::iter::once(&("SOURCE_DATE_EPOCH", "1771459200"))
            .chain(environment)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let requires = read
            .build_system
            .as_ref()
            .map(|build| build.items().map(|item| item.value.to_lowercase()).collect::<String>());
        let is_installed =
            requires.is_some_and(|requires| ["scm", "hatch-vcs"].iter().any(|name| requires.contains(name)));
        let reals = if is_installed { in_turn(&mut self.reals, self.asked) } else { vec![&mut self.alone] };
        self.asked += 1;
        for real in reals {
            let ours = told(&read, real.flavor, folder, &environment);
            real.ask(folder, &environment);
            let answer = real.answer();
            clean(folder);
            self.compared += 1;
            self.not_answered += usize::from(matches!(ours, Told::NotAnswered(_)));
            let is_same = match &ours {
                Told::Version(version) => answer["version"].as_str() == Some(version),
                Told::Refused(_) => answer["version"].is_null(),
                Told::NotAnswered(_) => true,
            };
            if !is_same {
                let flavor = real.flavor;
                self.different
                    .push(format!("{flavor} {what} {environment:?}\n{manifest}  ours {ours:?}\n  theirs {answer}"));
            }
        }
    }

    fn end(self) {
        let first = self.different[..self.different.len().min(20)].join("\n");
        assert!(self.different.is_empty(), "{} of {} differ:\n{first}", self.different.len(), self.compared);
        assert!(self.not_answered * 3 < self.compared, "{} of {} not answered", self.not_answered, self.compared);
        note(&format!("{} wheels compared, {} of them named by no answer", self.compared, self.not_answered));
    }
}

/// Returns what this crate tells of a wheel.
fn told(manifest: &Pyproject, flavor: Flavor, folder: &Utf8Path, environment: &[(String, String)]) -> Told {
    let file = |name: &str| fs::read_to_string(folder.join(name)).ok();
    match source(manifest, flavor, file("setup.py").as_deref(), file("setup.cfg").as_deref()) {
        Source::Static(version) => return Told::Version(version),
        Source::Nothing(_) => return Told::Version("0.0.0".to_owned()),
        Source::Other(reason) => return Told::NotAnswered(reason),
        Source::Scm => {}
    }
    let settings = Settings::of(manifest, flavor);
    let (public, local) = (settings.table.version_scheme.len(), settings.table.local_scheme.len());
    // In a list a scheme that does not exist is passed over, and 8 takes it for none; but a plugin may have it.
    let is_passed_over = |error: &ScmError| match error {
        ScmError::Scheme { option: "local_scheme", .. } => local > 1 || flavor == Flavor::V8,
        ScmError::Scheme { .. } => public > 1,
        _ => false,
    };
    let called = called(manifest, flavor, Utf8Path::new("/"), folder, environment);
    match called.and_then(|called| called.in_wheel(settings.tool)) {
        Ok(version) => Told::Version(version),
        Err(error) if is_ours_alone(&error) || is_passed_over(&error) => Told::NotAnswered(error.to_string()),
        Err(error) => Told::Refused(error.to_string()),
    }
}

/// The differences: what this crate refuses, and a build may not.
fn is_ours_alone(error: &ScmError) -> bool {
    match error {
        // setuptools-scm fails at such a value only when it looks at it.
        ScmError::Type { .. } => true,
        // It would fetch, and the version is known only then.
        ScmError::Shallow(option) => option.contains("fetch_on_shallow"),
        // It takes no commits for all, and calls the build as its tag.
        ScmError::Scope => true,
        // Keys whose effect is not implemented.
        ScmError::Option { option, .. } => {
            ["version_cls", "project_path", "parent", "parentdir_prefix_version", "fallback_root", "relative_to"]
                .contains(&option.as_str())
        }
        // A program of the tree is not started, and its files outside of the repository are not read.
        ScmError::Command { .. } | ScmError::File(_) => true,
        _ => false,
    }
}

/// Removes what a build leaves behind, but not the metadata of a source distribution.
fn clean(folder: &Utf8Path) {
    drop(fs::remove_dir_all(folder.join("build")));
    for entry in folder.read_dir_utf8().unwrap().flatten() {
        if entry.file_name().ends_with(".egg-info") && !folder.join("is-unpacked").exists() {
            fs::remove_dir_all(entry.path()).unwrap();
        }
    }
}

/// A manifest that setuptools builds.
fn setuptools(requires: &str, tables: &str) -> String {
    let build =
        format!("[build-system]\nrequires = ['setuptools'{requires}]\nbuild-backend = 'setuptools.build_meta'\n");
    format!("{build}[project]\nname = 'meadow'\ndynamic = ['version']\n{tables}\n[tool.setuptools]\npy-modules = []\n")
}

/// A manifest that hatchling builds.
fn hatch(options: &str) -> String {
    let build = "[build-system]\nrequires = ['hatchling', 'hatch-vcs']\nbuild-backend = 'hatchling.build'\n";
    let wheel = "[tool.hatch.build.targets.wheel]\nbypass-selection = true\n";
    format!(
        "{build}[project]\nname = 'meadow'\ndynamic = ['version']\n{wheel}[tool.hatch.version]\nsource = 'vcs'\n{options}\n"
    )
}

const REQUIRED: &str = ", 'setuptools-scm'";
const SIMPLE: &str = ", 'setuptools-scm[simple]'";

/// Requirements and tables of every kind.
const SHAPES: [(&str, &[&str]); 19] = [
    (REQUIRED, &[SCM]),
    (REQUIRED, &[]),
    (", 'setuptools-scm[toml]'", &[]),
    (SIMPLE, &[]),
    (", 'Setuptools_SCM[Simple]>=8'", &[]),
    (", 'Setuptools_SCM[toml,simple] >= 8'", &[]),
    (REQUIRED, &[VCS]),
    (REQUIRED, &[VCS, POST]),
    (REQUIRED, &[SCM, VCS, POST]),
    (REQUIRED, &[VCS, SCM, POST]),
    (SIMPLE, &[VCS, POST]),
    (REQUIRED, &["[tool.setuptools_scm.scm.git]\npre_parse = 'warn_on_shallow'"]),
    (REQUIRED, &["[tool.setuptools-scm]\n", POST]),
    (REQUIRED, &[SCM, VCS, "unknown = 1"]),
    (REQUIRED, &[VCS, "unknown = 1"]),
    (", 'vcs-versioning'", &[VCS]),
    ("", &[SCM]),
    ("", &[]),
    (", 'wheel'", &[SCM, POST]),
];

/// Options of which setuptools-scm refuses some.
const OPTIONS: [&str; 48] = [
    "unknown = 1",
    "scm.git.unknown = 1",
    "scm.unknown = 1",
    "tag.unknown = 1",
    "scm = 1",
    "tag = 'x'",
    "version_scheme = 1",
    "version_scheme = []",
    "version_scheme = ''",
    "version_scheme = 'towncrier-fragments'",
    "version_scheme = ['towncrier-fragments-zerover', 'post-release']",
    "local_scheme = []",
    "root = ''",
    "root = 1",
    "fallback_version = ''",
    "tag_regex = ''",
    "tag.regex = ''",
    "tag.regex = '(a)(b)'",
    "tag.regex = '^v(?P<version>.*)$'",
    "tag_regex = '^v(.*)$'\ntag.regex = '^v(.*)$'",
    "tag_regex = 1",
    "normalize = false",
    "normalize = 'no'",
    "version_cls = 'nowhere.Version'",
    "search_parent_directories = true",
    "tag.strict = false",
    "tag.prefix = 'v'",
    "relative_to = 'x'",
    "parent = '..'",
    "project_path = ''",
    "write_to_source = false",
    "parse = 'x'",
    "git_describe_command = ''",
    "git_describe_command = 'git describe --tags --long'\nscm.git.describe_command = 'git describe --tags --long'",
    "scm.git.pre_parse = 'fail_on_shallow'",
    "scm.git.pre_parse = 'fetch_on_shallow'",
    "scm.git.pre_parse = 'fail_on_missing_submodules'",
    "scm.git.pre_parse = 'nothing'",
    "scm.git.distance_scope = true",
    "scm.git.distance_scope = false",
    "scm.git.distance_scope = ['lib']",
    "scm.git.distance_scope = ['/lib']",
    "scm.git.distance_scope = 'lib'",
    "scm.git.distance_scope = []\nscm.git.distance_count = 'first-parent'",
    "scm.git.distance_count = 'first-parent'",
    "scm.git.distance_count = 'all'",
    "dist_name = 'other'",
    "parentdir_prefix_version = 'x-'",
];

const FILES: [&str; 9] = [
    "['.']\nversion_scheme = 'post-release'\n",
    "['']\nversion_scheme = 'post-release'\n",
    "['.']\nversion_scheme = 'nothing'\n",
    "['.']\nroot = '..'\n",
    "[other]\nroot = '..'\n",
    "x = [\n",
    "'.' = 3\n",
    "['.']\ntag_regex = '^x(.*)$'\n",
    "['.']\nlocal_scheme = 'no-local-version'\ndist_name = 'other'\n[sub]\nversion_scheme = 'no-guess-dev'\n",
];

const ENVIRONMENTS: [&[(&str, &str)]; 7] = [
    &[],
    &[],
    &[("SETUPTOOLS_SCM_PRETEND_VERSION", "1.0-RC1")],
    &[("SETUPTOOLS_SCM_PRETEND_VERSION", "nothing")],
    &[("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW", "3.1")],
    &[("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_OTHER", "3.2")],
    &[("VCS_VERSIONING_PRETEND_VERSION", "3.3")],
];

/// A repository with a tag and two commits after it, in a folder that goes with it.
fn repository() -> (tempfile::TempDir, Utf8PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let top = Utf8PathBuf::try_from(directory.path().canonicalize().unwrap()).unwrap().join("top");
    fs::create_dir_all(top.join("sub")).unwrap();
    git(&top, &["init", "--quiet", "--initial-branch", "main"]);
    for (file, tag) in [("file", Some("v0.5.0")), ("sub/file", None), ("file", None)] {
        let text = fs::read_to_string(top.join(file)).unwrap_or_default();
        fs::write(top.join(file), text + "x").unwrap();
        git(&top, &["add", "--", "file", file]);
        git(&top, &["commit", "--quiet", "--message", file]);
        tag.into_iter().for_each(|tag| drop(git(&top, &["tag", tag])));
    }
    (directory, top)
}

/// Writes files into a folder.
fn write(folder: &Utf8Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn wheels_of_every_shape_are_called_as_told() {
    let Some(mut wheels) = Wheels::new() else { return };
    let (_directory, top) = repository();
    for (requires, tables) in SHAPES.iter().step_by(every(6)) {
        let manifest = setuptools(requires, &tables.concat());
        for environment in [ENVIRONMENTS[0], ENVIRONMENTS[2], ENVIRONMENTS[6]].iter().step_by(every(3)) {
            wheels.compare(&top, &manifest, environment, "a shape");
        }
    }
    let manifest = setuptools(REQUIRED, SCM);
    for (old, new) in [
        ("dynamic = ['version']", "version = '3'"),
        ("dynamic = ['version']", ""),
        ("build-backend = 'setuptools.build_meta'\n", ""),
        ("[tool.setuptools]", "[tool.setuptools.dynamic]\nversion = { file = 'file' }\n[tool.setuptools]"),
    ]
    .into_iter()
    .step_by(every(2))
    {
        wheels.compare(&top, &manifest.replace(old, new), &[], "another manifest");
    }
    for (name, text) in [
        ("setup.cfg", "[metadata]\nversion = 7.1\n"),
        ("setup.py", "from setuptools import setup\nsetup(use_scm_version={'version_scheme': 'post-release'})\n"),
        ("setup.py", "from setuptools import setup\nsetup()\n"),
    ]
    .into_iter()
    .skip(every(3) - 1)
    {
        write(&top, &[(name, text)]);
        wheels.compare(&top, &manifest, &[], name);
        fs::remove_file(top.join(name)).unwrap();
    }
    wheels.end();
}

#[test]
fn wheels_with_every_option_are_called_as_told() {
    let Some(mut wheels) = Wheels::new() else { return };
    let (_directory, top) = repository();
    for (at, options) in OPTIONS.iter().enumerate().skip(every(9) / 2).step_by(every(9)) {
        wheels.compare(&top, &setuptools(REQUIRED, &[SCM, options].concat()), ENVIRONMENTS[at % 2], "an option");
        let options = format!("root = '..'\n{options}");
        if !options.contains("root = 1") && !options.contains("root = ''") {
            wheels.compare(&top.join("sub"), &setuptools(REQUIRED, &[VCS, &options].concat()), &[], "a folder below");
        }
    }
    wheels.end();
}

#[test]
fn wheels_of_every_clone_are_called_as_told() {
    let Some(mut wheels) = Wheels::new() else { return };
    let (_directory, top) = repository();
    let clone = |name: &str| {
        let clone = top.with_file_name(name);
        git(&top, &["clone", "--quiet", "--depth", "1", &format!("file://{top}"), clone.as_str()]);
        clone
    };
    let shallow = clone("shallow");
    git(&top, &["tag", "v0.6.0"]);
    let tagged = clone("tagged");
    fs::write(top.join(".gitmodules"), "").unwrap();
    let demands = ["warn_on_shallow", "fail_on_shallow", "fetch_on_shallow", "fail_on_missing_submodules"];
    for folder in [&shallow, &tagged, &top] {
        for demand in demands.iter().skip(every(2) - 1).step_by(every(2)) {
            let options = format!("{SCM}scm.git.pre_parse = '{demand}'");
            wheels.compare(folder, &setuptools(REQUIRED, &options), &[], demand);
        }
    }
    for folder in [&shallow, &tagged] {
        let options = format!("{SCM}root = '..'\nscm.git.distance_scope = true");
        wheels.compare(&folder.join("sub"), &setuptools(REQUIRED, &options), &[], "a scope");
    }
    wheels.end();
}

#[test]
fn wheels_with_a_file_of_settings_are_called_as_told() {
    let Some(mut wheels) = Wheels::new() else { return };
    let (_directory, top) = repository();
    for (at, text) in FILES.iter().enumerate().step_by(every(3)) {
        write(&top, &[(".config/python-vcs-versioning.toml", text)]);
        let environment = ENVIRONMENTS[(at + 4) % ENVIRONMENTS.len()];
        wheels.compare(&top, &setuptools(REQUIRED, SCM), environment, text);
        wheels.compare(&top, &setuptools(SIMPLE, ""), &[], text);
        for options in ["root = '..'", "search_parent_directories = true"].iter().step_by(every(2)) {
            wheels.compare(&top.join("sub"), &setuptools(REQUIRED, &[SCM, options].concat()), environment, text);
        }
    }
    wheels.end();
}

#[test]
fn wheels_with_news_fragments_are_called_as_told() {
    let Some(mut wheels) = Wheels::new() else { return };
    for (at, name) in
        ["1.bugfix.md", "1.feature", "+x.removal.md", "1.major", "README.md", "1.Feature.md", "feature.md", "a.b.major"]
            .iter()
            .enumerate()
            .step_by(every(3))
    {
        for tag in
            ["v0.5.0", "v1.3.0.dev0", "v1.2", "v0.9.0rc1", "2!1.0", "V1.0+local"].iter().skip(at % 2).step_by(every(3))
        {
            let (_directory, top) = repository();
            git(&top, &["tag", "--force", tag, "HEAD~1"]);
            let (folder, setting) =
                if at % 2 == 0 { ("changelog.d", "") } else { ("news", "[tool.towncrier]\ndirectory = 'news'\n") };
            write(&top, &[(&format!("{folder}/{name}"), "x"), ("changelog.d/1.misc", "x")]);
            for scheme in ["towncrier-fragments", "towncrier-fragments-zerover"] {
                let options = format!("{SCM}version_scheme = '{scheme}'\n{setting}");
                wheels.compare(&top, &setuptools(REQUIRED, &options), &[], &format!("{name} {tag}"));
            }
        }
    }
    wheels.end();
}

#[test]
fn wheels_of_unpacked_sources_are_called_as_told() {
    let Some(mut wheels) = Wheels::new() else { return };
    const ARCHIVAL: (&str, &str) = (".git_archival.txt", "node: 1a2b3c4d5e6f\ndescribe-name: v0.5.0-3-g1a2b3c4d5e6f\n");
    const INFO: (&str, &str) = ("PKG-INFO", "Metadata-Version: 2.1\nName: meadow\nVersion: 0.4.9\n");
    const EGG: (&str, &str) = (
        "meadow.egg-info/scm_version.json",
        r#"{"tag": "0.6.0", "distance": 2, "node": "gabcdef0123456", "dirty": true, "branch": "main", "node_date": "2026-01-01"}"#,
    );
    const ABOVE: (&str, &str) = ("../.git_archival.txt", ARCHIVAL.1);
    for files in
        [&[][..], &[ARCHIVAL], &[INFO], &[ARCHIVAL, INFO], &[EGG, INFO], &[EGG, ARCHIVAL], &[ABOVE], &[ABOVE, INFO]]
            .into_iter()
            .step_by(every(3))
    {
        let directory = tempfile::tempdir().unwrap();
        let folder = Utf8PathBuf::try_from(directory.path().canonicalize().unwrap()).unwrap().join("meadow-1.0");
        write(&folder, &[("is-unpacked", "")]);
        write(&folder, files);
        let what = format!("{files:?}");
        for options in ["", "fallback_version = '0.7.2'", "root = '..'", "version_scheme = 'calver-by-date'"]
            .iter()
            .step_by(every(2))
        {
            wheels.compare(&folder, &setuptools(REQUIRED, &[SCM, options].concat()), &[], &what);
            wheels.compare(&folder, &hatch(&[RAW, options].concat()), &[], &what);
        }
        wheels.compare(&folder, &setuptools(SIMPLE, ""), &[], &what);
        wheels.compare(&folder, &setuptools(REQUIRED, ""), &[], &what);
    }
    wheels.end();
}

#[test]
fn wheels_of_hatch_vcs_are_called_as_told() {
    let Some(mut wheels) = Wheels::new() else { return };
    let (_directory, top) = repository();
    write(&top, &[(".config/python-vcs-versioning.toml", FILES[0])]);
    for options in OPTIONS.iter().step_by(every(16)) {
        wheels.compare(&top, &hatch(&[RAW, options].concat()), &[], "hatch-vcs");
    }
    for (at, options) in [
        "tag-pattern = '^v(.*)$'",
        "tag-pattern = '^x(.*)$'",
        "fallback-version = '9'",
        "[tool.hatch.version.raw-options]\ndist_name = 'other'",
        "[tool.setuptools_scm]\nunknown = 1",
    ]
    .iter()
    .enumerate()
    .step_by(every(2))
    {
        for environment in ENVIRONMENTS.iter().skip(at).step_by(every(7)) {
            wheels.compare(&top, &hatch(options), environment, "hatch-vcs");
        }
    }
    for options in ["", "root = '..'", "search_parent_directories = true"] {
        wheels.compare(&top.join("sub"), &hatch(&[RAW, options].concat()), &[], "hatch-vcs below");
    }
    wheels.compare(&top, &hatch("").replace("'hatchling', 'hatch-vcs'", "'hatchling'"), &[], "no hatch-vcs");
    wheels.end();
}

#[test]
fn wheels_of_generated_repositories_are_called_as_told() {
    let Some(mut wheels) = Wheels::new() else { return };
    let mut random = Random::new(9);
    for _ in 0..8 / every(8) {
        let (_directory, top) = repository();
        for step in 1..12 {
            let what = change(&top, step, &mut random);
            if random.below(every(3)) > 0 {
                continue;
            }
            let (requires, tables) = SHAPES[random.below(SHAPES.len())];
            let environment = ENVIRONMENTS[random.below(ENVIRONMENTS.len())];
            let options =
                [tables.concat().as_str(), "\n", if tables.is_empty() { "" } else { random.pick(&crate::OPTIONS) }]
                    .concat();
            // A key cannot be given twice.
            let options = if options.matches("version_scheme").count() > 1 { tables.concat() } else { options };
            wheels.compare(&top, &setuptools(requires, &options), environment, &what);
        }
    }
    wheels.end();
}
