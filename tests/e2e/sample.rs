//! A sample monorepo of its own for each test: the one that `--sandbox` makes, with an origin, on `release-0.4.x`.

use crate::support::{ENVIRONMENT, Run, directory, executable, git, run, xtask};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;
use walkdir::WalkDir;

/// The manifests that every release of the sample changes.
pub(crate) const MANIFESTS: [&str; 3] =
    ["pyproject.toml", "src/meadow_agents/pyproject.toml", "src/meadow_api/pyproject.toml"];

/// The content of a directory: the bytes and the mode of each file, the target of each link.
pub(crate) type Files = BTreeMap<Utf8PathBuf, (Vec<u8>, u32)>;

/// A checkout, its origin, and a place for temporary files of its own.
pub(crate) struct Sample {
    _directory: TempDir,
    pub(crate) root: Utf8PathBuf,
    pub(crate) checkout: Utf8PathBuf,
    pub(crate) origin: Utf8PathBuf,
    /// `TMPDIR` of every run.
    pub(crate) tmp: Utf8PathBuf,
}

impl Sample {
    pub(crate) fn new() -> Self {
        Self::named("checkout")
    }

    /// A sample whose checkout has another branch checked out.
    pub(crate) fn on(branch: &str) -> Self {
        let sample = Self::new();
        sample.git(&["switch", "--quiet", branch]);
        sample
    }

    /// A sample whose checkout is in a directory of this name.
    pub(crate) fn named(name: &str) -> Self {
        let (temporary, root) = directory();
        Self::at(temporary, &root, name)
    }

    /// A sample in a directory that is there already.
    pub(crate) fn at(temporary: TempDir, root: &Utf8Path, name: &str) -> Self {
        let template = template();
        let (checkout, origin) = (root.join(name), root.join("origin.git"));
        for (path, (bytes, _)) in &template.files {
            let path = path.strip_prefix("checkout").map_or_else(|_| root.join(path), |path| checkout.join(path));
            put(&path, bytes);
        }
        // Git takes directories that are empty in the template for granted.
        for directory in ["refs", "objects/info", "objects/pack"] {
            fs::create_dir_all(origin.join(directory)).unwrap();
            fs::create_dir_all(checkout.join(".git").join(directory)).unwrap();
        }
        let config = checkout.join(".git/config");
        let text = fs::read_to_string(&config).unwrap();
        let text = text.replace(template.origin.as_str(), origin.as_str());
        // These tests bring hooks of their own.
        fs::write(&config, text.replace("\thooksPath = /dev/null\n", "").replace("\tgpgSign = false\n", "")).unwrap();
        let tmp = root.join("tmp");
        fs::create_dir_all(&tmp).unwrap();
        Self { _directory: temporary, root: root.to_owned(), checkout, origin, tmp }
    }

    /// The binary in the checkout, to add words to.
    pub(crate) fn xtask(&self) -> Command {
        self.xtask_in(&self.checkout)
    }

    /// The binary in another directory.
    pub(crate) fn xtask_in(&self, directory: &Utf8Path) -> Command {
        let mut command = xtask(directory);
        command.env("TMPDIR", &self.tmp).env("RUST_BACKTRACE", "0");
        command
    }

    /// `release` in the checkout, by way of another program that is given the command line.
    pub(crate) fn release_by(&self, program: &[&str], words: &str) -> Command {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg(env!("CARGO_BIN_EXE_xtask")).arg("release").args(words.split_whitespace());
        command.current_dir(&self.checkout).envs(ENVIRONMENT).env("TMPDIR", &self.tmp).env("RUST_BACKTRACE", "0");
        command
    }

    /// Runs `release` in the checkout.
    pub(crate) fn release(&self, words: &str) -> Run {
        run(self.xtask().arg("release").args(words.split_whitespace()))
    }

    /// Runs git in the checkout.
    #[track_caller]
    pub(crate) fn git(&self, words: &[&str]) -> String {
        git(&self.checkout, words)
    }

    /// Returns the text that a person sees of a run, without what differs from one run to the next.
    pub(crate) fn seen(&self, command: &str, run: &Run) -> String {
        let end = match run.code {
            Some(0) => String::new(),
            code => format!("(exit {})\n", code.map_or_else(|| "by a signal".to_owned(), |code| code.to_string())),
        };
        self.normal(&format!("{command}\n{}{}{end}", run.stdout, run.stderr))
    }

    /// A text without ids of commits and without the directory.
    pub(crate) fn normal(&self, text: &str) -> String {
        let text = text.replace(self.root.as_str(), "[DIR]");
        let text = text.lines().map(|line| without_ids(line.trim_end()) + "\n").collect::<String>();
        text.replace("\n\n\n", "\n\n")
    }

    /// Runs `release`, which must refuse and leave everything as it was, and gives back what a person sees.
    #[track_caller]
    pub(crate) fn refusal(&self, words: &str) -> String {
        let before = self.files();
        let run = self.release(words);
        assert_ne!(run.code, Some(0), "{words}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{words}");
        self.assert_unchanged(&before, words);
        self.seen(&format!("$ release {words}"), &run)
    }

    /// Fails unless all files are those of before: of the checkout, of git in it, of the origin, and temporary ones.
    #[track_caller]
    pub(crate) fn assert_unchanged(&self, before: &Files, what: &str) {
        let after = self.files();
        let differs = |(path, held): &(&Utf8PathBuf, _), other: &Files| other.get(*path) != Some(*held);
        let changed: Vec<_> = before.iter().filter(|file| differs(file, &after)).map(|(path, _)| path).collect();
        let made: Vec<_> = after.iter().filter(|file| differs(file, before)).map(|(path, _)| path).collect();
        assert!(changed.is_empty() && made.is_empty(), "{what}: changed or gone {changed:?}, changed or new {made:?}");
    }

    /// Every file below the sample's directory, but for the lock of a run, which is never removed.
    pub(crate) fn files(&self) -> Files {
        let mut files = files(&self.root);
        files.retain(|path, _| !path.as_str().contains(".git/xtask-release/") || !path.as_str().ends_with("lock"));
        files
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.checkout.join(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        put(&self.checkout.join(path), text.as_bytes());
    }

    /// Replaces a part of a file that is there.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old}: {text}");
        self.write(path, &text.replace(old, new));
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--no-verify", "--message", message]);
    }

    /// Writes a hook of the user's.
    pub(crate) fn hook(&self, name: &str, script: &str) {
        let path = self.checkout.join(".git/hooks").join(name);
        executable(&path, format!("#!/bin/sh\n{script}\n").as_bytes());
    }

    /// The id of a revision.
    #[track_caller]
    pub(crate) fn id(&self, revision: &str) -> String {
        self.git(&["rev-parse", "--verify", revision])
    }

    /// The subjects of a branch's commits that the other has not, the newest first.
    pub(crate) fn subjects(&self, since: &str, branch: &str) -> Vec<String> {
        self.git(&["log", "--format=%s", &format!("{since}..{branch}")]).lines().map(str::to_owned).collect()
    }

    /// Returns the lines of `git status`.
    pub(crate) fn status(&self) -> Vec<String> {
        let status = run(Command::new("git").current_dir(&self.checkout).envs(ENVIRONMENT).args(["status", "--short"]));
        status.expect(0).stdout.lines().map(str::to_owned).collect()
    }

    /// Fails if a run left a work tree or a temporary file.
    #[track_caller]
    pub(crate) fn assert_nothing_left(&self) {
        assert_eq!(self.git(&["worktree", "list", "--porcelain"]).matches("worktree ").count(), 1);
        let left: Vec<_> = fs::read_dir(&self.tmp).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{left:?}");
        let left: Vec<_> = self.files().into_keys().filter(|path| path.as_str().contains("xtask-release/")).collect();
        assert!(left.is_empty(), "{left:?}");
        let left: Vec<_> = self.files().into_keys().filter(|path| path.as_str().ends_with(".tmp")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Writes a file and the directories that it needs.
pub(crate) fn put(path: &Utf8Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Returns the content of a directory.
pub(crate) fn files(root: &Utf8Path) -> Files {
    let mut files = Files::new();
    for entry in WalkDir::new(root).into_iter().map(Result::unwrap).filter(|entry| !entry.file_type().is_dir()) {
        let path = Utf8Path::from_path(entry.path()).unwrap();
        let bytes = if entry.file_type().is_symlink() {
            fs::read_link(path).unwrap().into_os_string().into_encoded_bytes()
        } else if entry.file_type().is_file() {
            fs::read(path).unwrap()
        } else {
            Vec::new()
        };
        let mode = entry.metadata().unwrap().permissions().mode();
        files.insert(path.strip_prefix(root).unwrap().to_owned(), (bytes, mode));
    }
    files
}

/// `a1b2c3d4e` and the forty of a whole id become `[ID]`.
fn without_ids(line: &str) -> String {
    let is_id = |word: &str| {
        matches!(word.len(), 9 | 40)
            && word.bytes().all(|byte| byte.is_ascii_hexdigit())
            && word.bytes().any(|byte| byte.is_ascii_digit())
    };
    let mut text = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        text += if is_id(word) { "[ID]" } else { word };
        let between = after.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(after.len());
        text += &after[..between];
        rest = &after[between..];
    }
    text
}

/// The sample as the binary makes it, kept in memory.
struct Template {
    files: Files,
    origin: Utf8PathBuf,
}

fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let (_temporary, tmp) = directory();
        let words = ["release", "patch", "0.4.5", "--sandbox", "--keep-sandbox", "--dry-run"];
        run(xtask(&tmp).env("TMPDIR", &tmp).args(words)).expect(0);
        let made = fs::read_dir(&tmp).unwrap().next().unwrap().unwrap().path();
        let made = Utf8PathBuf::try_from(made).unwrap();
        Template { files: files(&made), origin: made.join("origin.git") }
    })
}
