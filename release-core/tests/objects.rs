//! Objects are read as git lists and prints them, by one process for the whole run.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these helpers are called by tests only")]

use camino::Utf8PathBuf;
use release_core::git::{Answer, Git};
use std::fs;
#[cfg(target_os = "linux")]
use std::process::Command;
use tempfile::TempDir;

struct Repository {
    git: Git,
    root: Utf8PathBuf,
    _directory: TempDir,
}

impl Repository {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(directory.path().to_owned()).unwrap();
        let git = Git::new(&root).unwrap().without_user_settings();
        git.read(&["init", "--quiet", "--template=", "."]).unwrap();
        Self { git, root, _directory: directory }
    }

    /// Commits files, and returns the commit's id.
    fn commit(&self, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            let path = self.root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.git.read(&["add", "--all"]).unwrap();
        let author = ["-c", "user.name=Meadow", "-c", "user.email=meadow@meadow.example"];
        self.git.read(&[&author[..], &["commit", "--quiet", "--message=files"]].concat()).unwrap();
        self.git.commit_of("HEAD").unwrap().unwrap()
    }
}

#[test]
fn the_trees_of_several_commits_are_listed_as_git_lists_each() {
    let repository = Repository::new();
    let files = [
        ("pyproject.toml", "1"),
        ("a/pyproject.toml", "1"),
        ("a-b/pyproject.toml", "2"),
        ("a/b/c/d/pyproject.toml", "3"),
        ("a/b/other.toml", "4"),
        ("ä/new line\n/pyproject.toml", "5"),
    ];
    let first = repository.commit(&files);
    std::os::unix::fs::symlink("a", repository.root.join("package.json")).unwrap();
    fs::remove_file(repository.root.join("a-b/pyproject.toml")).unwrap();
    let second = repository.commit(&[("a/b/pyproject.toml", "6")]);
    let names = ["pyproject.toml", "package.json"];
    let git = &repository.git;
    let alone: Vec<_> = [&first, &second].map(|commit| git.tree(commit, &names).unwrap()).into();
    assert_eq!(git.trees(&[&first, &second], &names).unwrap(), alone);
    assert_eq!(alone.iter().map(Vec::len).collect::<Vec<_>>(), [5, 6]);
    assert!(git.trees(&["v0.4.4"], &names).is_err());
}

#[test]
fn an_answer_that_is_expected_is_that_of_the_process_that_was_started_ahead() {
    let repository = Repository::new();
    repository.commit(&[("pyproject.toml", "1"), ("uv.lock", "1")]);
    fs::write(repository.root.join("uv.lock"), "2").unwrap();
    let (git, started) = (&repository.git, repository.git.started());
    let names =
        |files: Vec<release_core::git::TrackedFile>| files.into_iter().map(|file| file.path).collect::<Vec<_>>();
    git.expect_tracked(&["uv.lock"]).unwrap();
    git.expect_changing(&["uv.lock"]).unwrap();
    // The listing, the look for changes, and the process that reads objects.
    assert_eq!(git.started(), started + 3);
    assert_eq!(git.changed(&["uv.lock"]).unwrap(), ["uv.lock"]);
    assert_eq!(names(git.tracked(&["uv.lock"]).unwrap()), ["uv.lock"]);
    git.contents(&["HEAD:uv.lock"]).unwrap();
    assert_eq!(git.started(), started + 3);
    // Each answers once, and only to its own words.
    assert_eq!(names(git.tracked(&["uv.lock"]).unwrap()), ["uv.lock"]);
    git.expect_tracked(&["pyproject.toml"]).unwrap();
    assert_eq!(names(git.tracked(&["uv.lock"]).unwrap()), ["uv.lock"]);
    assert_eq!(names(git.tracked(&["pyproject.toml"]).unwrap()), ["pyproject.toml"]);
    assert_eq!(git.started(), started + 6);
}

#[test]
fn any_number_of_objects_is_read_by_one_process() {
    let repository = Repository::new();
    let large = "meadow\n".repeat(100_000);
    let many: Vec<(String, String)> = (0..500).map(|at| (format!("folder/{at}.txt"), format!("{at}\n"))).collect();
    let files = many.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let commit = repository.commit(&files.chain([("large", large.as_str()), ("empty", "")]).collect::<Vec<_>>());
    let git = &repository.git;
    let started = git.started();
    let names: Vec<String> = many.iter().map(|(path, _)| format!("{commit}:{path}")).collect();
    let found = git.objects(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    let found = found.into_iter().map(|object| String::from_utf8(object.unwrap().content).unwrap());
    assert!(found.eq(many.into_iter().map(|(_, text)| text)));
    let [large_name, empty, absent] = ["large", "empty", "absent"].map(|path| format!("{commit}:{path}"));
    let answers = git.objects_up_to(&[&large_name, &empty, &absent, &large_name], 1000).unwrap();
    let content = |answer: &Answer| match answer {
        Answer::Object(object) => Ok(object.content.len()),
        Answer::TooLarge(bytes) => Err(Some(*bytes)),
        Answer::Missing => Err(None),
    };
    let too_large = Err(Some(large.len() as u64));
    assert_eq!(answers.iter().map(content).collect::<Vec<_>>(), [too_large, Ok(0), Err(None), too_large]);
    let whole = git.objects(&[&large_name]).unwrap().remove(0).unwrap();
    assert_eq!(whole.content, large.as_bytes());
    assert_eq!(git.started(), started + 1);
}

/// Ends the processes that work in a folder.
#[cfg(target_os = "linux")]
fn end_in(folder: &camino::Utf8Path) -> usize {
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let is_there = |process: &fs::DirEntry| fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == *folder);
    let ids = processes.filter(is_there).map(|process| process.file_name());
    ids.map(|id| Command::new("kill").arg(id).status().unwrap()).filter(std::process::ExitStatus::success).count()
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_was_ended_meanwhile_is_started_again() {
    let repository = Repository::new();
    let commit = repository.commit(&[("a", "1")]);
    let name = format!("{commit}:a");
    let read = || repository.git.objects(&[&name]).unwrap().remove(0).unwrap().content;
    assert_eq!(read(), b"1");
    assert_eq!(end_in(&repository.root.canonicalize_utf8().unwrap()), 1);
    assert_eq!(read(), b"1");
}

#[test]
fn a_repository_that_git_cannot_read_is_an_error_in_the_words_of_git() {
    let repository = Repository::new();
    let commit = repository.commit(&[("a", "1")]);
    fs::remove_dir_all(repository.root.join(".git/objects")).unwrap();
    let error = repository.git.objects(&[&format!("{commit}:a")]).unwrap_err().to_string();
    assert!(error.contains("not a git repository"), "{error}");
}
