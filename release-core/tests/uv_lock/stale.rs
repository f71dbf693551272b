//! Changes of manifests and settings, and of each the verdicts of uv and of this crate on the lockfile from before.

use super::index::Universe;
use super::random::every;
use super::tool::uv;
use super::workspace::RELEASES;
use super::*;
use release_core::lockfile::uv_lock::staleness;
use release_core::manifest::uv_settings::UvSettings;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Values of a part of a workspace: lines, each with its table after a `|`. A change goes from each value to each other.
#[rustfmt::skip]
const PARTS: &[(&str, &[&[&str]])] = &[
    ("dependencies", &[
        &[], &["brook>=1|asks"], &["brook >= 1.0|asks"], &["brook>=1,<3|asks"], &["brook~=1.0|asks"], &["brook>=1|asks", "brook<3|asks"],
        &["brook[x]>=1|asks"], &["brook; sys_platform=='win32'|asks"], &["brook; platform_system=='Windows'|asks"],
        &["brook; python_version>='3.9'|asks"], &["brook; python_version>'3.12'|asks"], &["brook; python_full_version>='3.13'|asks"],
        &["brook; os_name=='nt'|asks", "brook; os_name!='nt'|asks"], &["brook; python_version<'3'|asks"], &["pond|asks"],
    ]),
    ("extras of a requirement", &[&["reed|asks"], &["reed[dry]|asks"], &["reed|asks", "reed[dry]|asks"], &["reed[other,dry]|asks"], &["reed[dry,other]|asks"]]),
    ("extras", &[
        &[], &["q = []|extras"], &["Q = []|extras"], &["q = ['moss']|extras"], &["q = ['moss', 'brook; os_name==\"nt\"']|extras"], &["q = ['moss']|extras", "r = ['moss']|extras"],
        &["q = ['moss']|extras", "r = ['meadow[q]']|extras"],
    ]),
    ("groups", &[
        &[], &["dev = []|groups"], &["dev = ['moss']|groups"], &["dev = ['moss']|groups", "lint = []|groups"], &["lint = ['moss']|groups"],
        &["dev = [{ include-group = 'lint' }]|groups", "lint = ['moss']|groups"], &["dev-dependencies = ['moss']|uv"],
        &["dev = ['moss']|groups", "lint = ['moss']|groups"],
    ]),
    ("Pythons of groups", &[
        &["dev = ['moss']|groups", "t = ['pond']|groups"], &["dev = ['moss']|groups", "t = ['pond']|groups", "t = { requires-python = '>=3.12' }|pythons"],
        &["dev = ['moss']|groups", "t = ['pond']|groups", "t = { requires-python = '>=3.12.0' }|pythons"],
        &["dev = ['moss']|groups", "t = ['pond; python_version>=\"3.12\"']|groups"],
        &["dev = ['moss', { include-group = 't' }]|groups", "t = ['pond']|groups", "t = { requires-python = '>=3.12' }|pythons"],
        &["dev = ['moss', { include-group = 't' }]|groups", "t = ['pond']|groups", "t = { requires-python = '>=3.12' }|pythons", "dev = { requires-python = '<3.14' }|pythons"],
    ]),
    ("default groups", &[
        &["dev = ['moss']|groups", "lint = []|groups"], &["dev = ['moss']|groups", "lint = []|groups", "default-groups = []|uv"], &["dev = ['moss']|groups", "lint = []|groups", "default-groups = ['dev']|uv"],
        &["dev = ['moss']|groups", "lint = []|groups", "default-groups = ['lint', 'dev']|uv"], &["dev = ['moss']|groups", "lint = []|groups", "default-groups = 'all'|uv"],
    ]),
    ("requires-python", &[
        &["requires-python = '>=3.11'|project"], &["requires-python = '>=3.11.0'|project"], &["requires-python = '>=3.11,!=3.12.1'|project"], &["requires-python = '>=3.10'|project"],
        &["requires-python = '>=3.11,<4'|project"], &["requires-python = '~=3.11'|project"], &["requires-python = '>3.10.5'|project"],
    ]),
    ("requires-python of a member", &[&["requires-python = '>=3.9'|b"], &["requires-python = '>=3.11,<3.15'|b"], &["requires-python = '>=3.10'|b"]]),
    ("members", &[
        &[], &["[project]|p/c/pyproject.toml", "name = 'c'|p/c/pyproject.toml", "version = '1'|p/c/pyproject.toml", "requires-python = '>=3.9'|p/c/pyproject.toml"],
        &["[project]|p/d/e/pyproject.toml", "name = 'e'|p/d/e/pyproject.toml", "version = '1'|p/d/e/pyproject.toml", "requires-python = '>=3.9'|p/d/e/pyproject.toml", "members = ['./p/b', '**/d/?']|members"],
        &["exclude = ['p/c']|members", "[project]|p/c/pyproject.toml", "name = 'c'|p/c/pyproject.toml", "version = '1'|p/c/pyproject.toml", "requires-python = '>=3.9'|p/c/pyproject.toml"],
        &["exclude = ['p/b']|members"],
        &["[project]|p/c/pyproject.toml", "name = 'c'|p/c/pyproject.toml", "version = '1'|p/c/pyproject.toml", "[tool.uv]|p/c/pyproject.toml", "managed = false|p/c/pyproject.toml"],
    ]),
    ("the kind of a package", &[
        &[], &["package = true|uv"], &["package = false|b-uv"], &["package = true|b-uv"], &["b|asks", "b = { workspace = true }|sources"],
        &["b|asks", "b = { workspace = true, editable = false }|sources"], &["b|asks", "b = { workspace = true }|sources", "package = false|b-uv"], &["b>=1|asks", "b = { workspace = true }|sources"],
    ]),
    ("sources by path", &[
        &["c|asks", "c = { path = 'q/c' }|sources"], &["c|asks", "c = { path = './q/../q/c' }|sources"], &["c|asks", "c = { path = 'q/c', editable = true }|sources"],
        &["c|asks", "c = { path = 'q/c', package = false }|sources"], &["c|asks", "c = { path = 'q/c' }|sources", "dependencies = ['moss']|c"],
    ]),
    ("sources by index", &[
        &["brook|asks"], &["brook|asks", "brook = { index = 'one' }|sources"], &["brook|asks", "brook = { index = 'two' }|sources"], &["brook|asks", "brook = [{ index = 'one', marker = 'os_name == \"nt\"' }]|sources"],
        &["brook|asks", "brook = [{ index = 'one', marker = 'os_name == \"nt\"' }, { index = 'two', marker = 'os_name != \"nt\"' }]|sources"],
    ]),
    ("a source of one extra", &[&["brook|asks", "q = ['brook']|extras"], &["brook|asks", "q = ['brook']|extras", "brook = [{ index = 'one', extra = 'q' }]|sources"]]),
    ("a source of the root for a member", &[&["dependencies = ['brook']|b"], &["dependencies = ['brook']|b", "brook = { index = 'one' }|sources"]]),
    ("constraints", &[
        &["brook|asks"], &["brook|asks", "constraint-dependencies = ['brook<3']|uv"], &["brook|asks", "constraint-dependencies = ['brook<3', 'brook']|uv"], &["brook|asks", "constraint-dependencies = ['brook[x]<3.0']|uv"], &["brook|asks", "constraint-dependencies = ['brook<3; os_name==\"nt\"']|uv"],
        &["brook|asks", "constraint-dependencies = ['brook<3', 'absent<3']|uv"], &["brook|asks", "constraint-dependencies = ['absent<4', 'brook>=1', 'brook<3']|uv"],
    ]),
    ("overrides", &[
        &["brook|asks"], &["brook|asks", "override-dependencies = ['brook']|uv"], &["brook|asks", "override-dependencies = ['brook<3']|uv"], &["brook|asks", "override-dependencies = ['brook[x]<3']|uv"],
        &["brook|asks", "override-dependencies = ['brook<3', 'absent']|uv"], &["brook|asks", "override-dependencies = ['brook; os_name==\"nt\"']|uv"], &["brook|asks", "override-dependencies = ['absent<4']|uv"],
    ]),
    ("build constraints", &[
        &[], &["build-constraint-dependencies = ['setuptools<90']|uv"], &["build-constraint-dependencies = ['setuptools<90', 'setuptools>1']|uv"], &["build-constraint-dependencies = ['setuptools<90,>1']|uv"],
        &["build-constraint-dependencies = ['setuptools < 90.0']|uv"], &["build-constraint-dependencies = ['setuptools<90; os_name==\"nt\"']|uv"],
    ]),
    ("excludes", &[&["brook|asks"], &["brook|asks", "exclude-dependencies = ['absent']|uv"], &["reed[dry]|asks", "exclude-dependencies = ['brook']|uv"], &["reed[dry]|asks", "exclude-dependencies = ['absent', 'brook']|uv"], &["reed[dry]|asks"]]),
    ("dependency metadata", &[
        &["brook|asks"], &["brook|asks", "dependency-metadata = [{ name = 'absent', version = '1', requires-dist = ['moss'] }]|uv"], &["brook|asks", "dependency-metadata = [{ name = 'brook', version = '2.0', requires-dist = ['moss'] }]|uv"],
        &["brook|asks", "dependency-metadata = [{ name = 'Brook', version = '2', requires-dist = ['moss'] }]|uv"], &["brook|asks", "dependency-metadata = [{ name = 'brook', version = '1.0', requires-dist = ['moss'] }]|uv"],
        &["brook|asks", "dependency-metadata = [{ name = 'brook', requires-dist = ['moss>=1'], provides-extra = ['x'] }]|uv"], &["brook|asks", "dependency-metadata = [{ name = 'brook', requires-dist = ['moss>=1'], requires-python = '>=3.9' }]|uv"],
    ]),
    ("modes", &[
        &[], &["resolution = 'lowest'|uv"], &["resolution = 'highest'|uv"], &["prerelease = 'allow'|uv"], &["prerelease = 'if-necessary'|uv"], &["prerelease = 'if-necessary-or-explicit'|uv"],
        &["prerelease = 'disallow'|uv"], &["fork-strategy = 'fewest'|uv"], &["fork-strategy = 'requires-python'|uv"], &["resolution = 'lowest'|uv.toml"], &["prerelease = 'allow'|uv", "resolution = 'lowest'|uv.toml"],
    ]),
    ("limits", &[
        &["brook|asks"], &["brook|asks", "exclude-newer = '2026-04-01T00:00:00Z'|uv"], &["brook|asks", "exclude-newer = '2026-04-02T00:00:00Z'|uv"], &["brook|asks", "exclude-newer = '7 days'|uv"], &["brook|asks", "exclude-newer = '1 week'|uv"],
        &["brook|asks", "exclude-newer = 'P7D'|uv"], &["brook|asks", "exclude-newer = '2026-04-01T00:00:00Z'|uv.toml"], &["brook|asks", "exclude-newer = '2026-04-01T00:00:00Z'|uv", "exclude-newer = '2026-04-02T00:00:00Z'|uv.toml"],
        &["brook|asks", "exclude-newer-package = { brook = '2026-04-01T00:00:00Z' }|uv"], &["brook|asks", "exclude-newer-package = { brook = false }|uv"], &["brook|asks", "exclude-newer-package = { absent = '2026-04-01T00:00:00Z' }|uv"],
        &["brook|asks", "exclude-newer = '2026-04-01T00:00:00Z'|uv", "exclude-newer-package = { brook = false }|uv"],
    ]),
    ("environments", &[
        &[], &["environments = ['os_name == \"nt\"']|uv"], &["environments = ['os_name == \"nt\"', 'os_name == \"posix\"']|uv"], &["environments = ['os_name == \"posix\"', 'os_name == \"nt\"']|uv"], &["environments = 'os_name==\"nt\" and python_version>\"3.2\"'|uv"],
        &["required-environments = ['os_name == \"nt\"']|uv"], &["environments = []|uv"],
    ]),
    ("conflicts", &[
        &["q = []|extras", "r = []|extras", "s = []|extras"], &["q = []|extras", "r = []|extras", "s = []|extras", "conflicts = [[{ extra = 'q' }, { extra = 'r' }]]|uv"],
        &["q = []|extras", "r = []|extras", "s = []|extras", "conflicts = [[{ extra = 'R' }, { extra = 'q', package = 'meadow' }]]|uv"],
        &["q = []|extras", "r = []|extras", "s = []|extras", "conflicts = [[{ extra = 'q' }, { extra = 'r' }], [{ extra = 'q' }, { extra = 's' }]]|uv"],
    ]),
    ("conflicts of groups", &[
        &["f = []|groups", "g = [{ include-group = 'f' }]|groups", "h = []|groups"], &["f = []|groups", "g = [{ include-group = 'f' }]|groups", "h = []|groups", "conflicts = [[{ group = 'f' }, { group = 'h' }]]|uv"],
        &["f = []|groups", "g = [{ include-group = 'f' }]|groups", "h = []|groups", "conflicts = [[{ group = 'g' }, { group = 'h' }]]|uv"],
    ]),
    ("what is not recorded", &[&[], &["link-mode = 'copy'|uv"], &["required-version = '>=0.5'|uv"], &["managed = true|uv"], &["description = 'a'|project"], &["no-build = true|uv"], &["constraint-dependencies = ['brook<3']|b-uv"]]),
];

/// Returns the files of a workspace in which a part has a value.
fn files(value: &[&str], index: &str) -> BTreeMap<String, String> {
    let lines = |table: &str| -> Vec<&str> {
        value
            .iter()
            .filter_map(|line| line.rsplit_once('|'))
            .filter(|(_, of)| *of == table)
            .map(|(line, _)| line)
            .collect()
    };
    let text = |table: &str| lines(table).join("\n");
    let asks: Vec<String> = lines("asks").iter().map(|line| format!("{line:?}")).collect();
    let python = |table: &str| match value.iter().any(|line| line.contains("requires-python") && line.ends_with(table))
    {
        true => "",
        false => "requires-python = '>=3.11'",
    };
    let of_root = python("|project");
    let members = if text("members").contains("members") { "" } else { "members = ['p/*']" };
    let root = format!(
        "[project]\nname = 'meadow'\nversion = '1.0'\n{of_root}\n{}\ndependencies = [{}]\n\
         [project.optional-dependencies]\n{}\n[dependency-groups]\n{}\n[tool.uv]\n{}\n[tool.uv.dependency-groups]\n{}\n\
         [tool.uv.workspace]\n{members}\n{}\n[tool.uv.sources]\n{}\n\
         [[tool.uv.index]]\nname = 'one'\nurl = '{index}'\nexplicit = true\n\
         [[tool.uv.index]]\nname = 'two'\nurl = '{index}/'\nexplicit = true\n",
        text("project"),
        asks.join(", "),
        text("extras"),
        text("groups"),
        text("uv"),
        text("pythons"),
        text("members"),
        text("sources"),
    );
    let package = |name: &str, table: &str| {
        let uv = text(&format!("{table}-uv"));
        format!(
            "[project]\nname = '{name}'\nversion = '1.0'\n{}\n{}\n[tool.uv]\n{uv}\n",
            python(&format!("|{table}")),
            text(table)
        )
    };
    let mut files = BTreeMap::from([
        ("pyproject.toml".to_owned(), root),
        ("p/b/pyproject.toml".to_owned(), package("b", "b")),
        ("q/c/pyproject.toml".to_owned(), package("c", "c")),
    ]);
    for path in ["uv.toml", "p/c/pyproject.toml", "p/d/e/pyproject.toml"] {
        if !text(path).is_empty() {
            files.insert(path.to_owned(), format!("{}\n", text(path)));
        }
    }
    files
}

fn write(folder: &Path, files: &BTreeMap<String, String>, lock: Option<&str>) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    if let Some(lock) = lock {
        fs::write(folder.join("uv.lock"), lock).unwrap();
    }
}

/// Returns `true` if this crate finds the lockfile to be stale, and `None` if it cannot tell, with what it says.
fn ours(files: &BTreeMap<String, String>, lock: &str) -> (Option<bool>, String) {
    let lock = UvLock::parse(&SourceText::new(lock)).unwrap();
    let is_manifest = |path: &&String| path.ends_with("pyproject.toml");
    let manifests: Manifests =
        files.keys().filter(is_manifest).map(|path| (path.into(), manifest(&files[path]))).collect();
    let mut workspace = workspace_of(&lock, &manifests);
    if let Some(text) = files.get("uv.toml") {
        let source = SourceText::new(text.as_str());
        let document = release_core::manifest::parse_toml(&source).unwrap();
        workspace = workspace.with_settings(UvSettings::read(document.as_table()), "uv.toml".into());
    }
    let found = staleness(&workspace);
    let said = format!("{:?} {:?} {:?}", found.others, found.requirements, found.unknown);
    match found.is_fresh() {
        false => (Some(true), said),
        true => (found.unknown.is_empty().then_some(false), said),
    }
}

#[test]
fn a_lockfile_is_stale_where_uv_says_so() {
    let universe = Arc::new(Universe::of(RELEASES));
    let index = universe.serve();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let share = every(47);
    let (mut asked, mut unknown, mut wrong) = (0, Vec::new(), Vec::new());
    let mut number = 0;
    for (part, values) in PARTS {
        for (from, before) in values.iter().enumerate() {
            let after: Vec<_> = values
                .iter()
                .filter(|_| {
                    number += 1;
                    // Some of every part.
                    number % share == 0
                })
                .collect();
            if after.is_empty() {
                continue;
            }
            let case = folder.path().join(format!("{}-{from}", part.replace(' ', "-")));
            write(&case, &files(before, &index), None);
            let Some(output) = uv(&case, &index, &["lock"]) else { return };
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{part}: {before:?}: {said}");
            let lock = fs::read_to_string(case.join("uv.lock")).unwrap();
            for after in after {
                let changed = files(after, &index);
                fs::remove_dir_all(&case).unwrap();
                write(&case, &changed, Some(&lock));
                let output = uv(&case, &index, &["lock", "--check"]).unwrap();
                let theirs = match output.status.code() {
                    Some(code @ (0 | 1)) => code == 1,
                    _ => panic!("{part}: {after:?}: {}", String::from_utf8_lossy(&output.stderr)),
                };
                asked += 1;
                let (ours, why) = ours(&changed, &lock);
                let case = format!("{part}: {before:?} -> {after:?}: uv {theirs}, {why}");
                match ours {
                    None => unknown.push(case),
                    Some(ours) if ours != theirs => wrong.push(case),
                    Some(_) => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}: {wrong:#?}", wrong.len());
    assert!(unknown.len() * 20 <= asked, "{} of {asked} are left to uv: {unknown:#?}", unknown.len());
    assert!(asked >= 300 / share * 3, "{asked}");
}
