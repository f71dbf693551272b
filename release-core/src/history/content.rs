//! The content of a commit or a difference: files that a release changes, documentation, version constants, reverted
//! fixes.

use crate::version::Release;
use std::collections::{BTreeMap, BTreeSet};

/// Files that a release changes, in any folder.
const RELEASE_FILES: [&str; 6] =
    ["pyproject.toml", "uv.lock", "package.json", "package-lock.json", "release.toml", "release-baseline.toml"];

/// Folders at the root whose files are not installed.
const DOCUMENTATION: [&str; 2] = ["doc", "docs"];

/// Names, without extension and in lower case, of files that describe a release, in any folder.
const RELEASE_NOTES: [&str; 8] =
    ["changelog", "changes", "history", "news", "readme", "release-notes", "release_notes", "releases"];

/// Names of files that contain only a version.
const CONSTANTS: [&str; 6] = ["__about__.py", "__version__.py", "_about.py", "_version.py", "version", "version.txt"];

/// Types of conventional commits (<https://www.conventionalcommits.org/>) with which an author says that users need
/// the change.
const CLAIMS: [&str; 5] = ["feat", "fix", "perf", "revert", "security"];

/// Returns `true` if making a release changes a file: a manifest, a lockfile, a settings file of this tool.
pub fn is_release_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    RELEASE_FILES.contains(&name)
}

/// Returns `true` if a file only describes the release: below `docs/`, or a changelog or read-me. Other Markdown
/// counts at the root only, because packages install some.
pub fn is_documentation(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let is_text = ["", "md", "rst", "txt"].contains(&extension);
    let is_at_root = !path.contains('/');
    path.split_once('/').is_some_and(|(folder, _)| DOCUMENTATION.contains(&folder))
        || (is_text && RELEASE_NOTES.contains(&stem))
        || (is_at_root && ["md", "rst"].contains(&extension))
}

/// Returns `true` if two texts of a file differ only in the version of a candidate and of its final, in any spelling.
pub fn differs_by_version(old: &str, new: &str, candidate: Release, last: Release) -> bool {
    let number = candidate.candidate.unwrap_or_default();
    let base = candidate.base();
    // `0.5.0-rc.1`, `0.5.0-rc1`, `0.5.0.rc1`, `0.5.0rc1`: the longest first; none of them is a prefix of another.
    let spellings = ["-rc.", "-rc", ".rc", "rc"].map(|mark| format!("{base}{mark}{number}"));
    let spoken = |text: &str| spellings.iter().fold(text.to_owned(), |text, one| text.replace(one, &last.to_string()));
    old != new && spoken(old) == spoken(new)
}

/// A commit with its message and files.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The id.
    pub id: &'a str,
    /// The whole message.
    pub message: &'a str,
    /// The files that it changes.
    pub files: &'a [String],
}

/// Returns the commits, among those after a final, that change nothing for users: their content only makes a release,
/// or another commit reverts them, or they are that revert. Dates and order do not matter, because only a later
/// commit can name an id.
pub fn settled(commits: &[Seen<'_>]) -> BTreeSet<String> {
    let ids: BTreeSet<&str> = commits.iter().map(|commit| commit.id).collect();
    let mut taking: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut settled = BTreeSet::new();
    for commit in commits {
        let reverted: Vec<&str> = reverted(commit.message).collect();
        // A commit that reverts a released commit changes the release, even if it reverts others too.
        let is_within = !reverted.is_empty() && reverted.iter().all(|id| ids.contains(id));
        if is_within {
            reverted.iter().for_each(|id| taking.entry(id).or_default().push(commit.id));
        }
        if is_within || makes_release(commit) {
            settled.insert(commit.id.to_owned());
        }
    }
    let mut known = BTreeMap::new();
    let gone = commits.iter().filter(|commit| is_taken_back(commit.id, &taking, &mut known));
    settled.extend(gone.map(|commit| commit.id.to_owned()));
    settled
}

/// Returns `true` if a commit is reverted by one that is not reverted itself.
fn is_taken_back<'a>(
    id: &'a str,
    taking: &BTreeMap<&'a str, Vec<&'a str>>,
    known: &mut BTreeMap<&'a str, bool>,
) -> bool {
    if let Some(known) = known.get(id) {
        return *known;
    }
    // A commit cannot name its own id, but a message can contain any text.
    known.insert(id, false);
    let is = taking.get(id).into_iter().flatten().any(|by| !is_taken_back(by, taking, known));
    known.insert(id, is);
    is
}

/// Returns the commits that a message says it reverts, in the form of `git revert`: the whole id, and no other form.
fn reverted(message: &str) -> impl Iterator<Item = &str> {
    ids_after(message, "This reverts commit ")
}

/// Returns the commits that a message says it was picked from, in the form of `git cherry-pick -x`.
pub fn picked(message: &str) -> impl Iterator<Item = &str> {
    ids_after(message, "(cherry picked from commit ")
}

fn ids_after<'a>(message: &'a str, words: &'a str) -> impl Iterator<Item = &'a str> {
    let id = |rest: &'a str| {
        let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
        [40, 64].contains(&end).then(|| &rest[..end])
    };
    message.split(words).skip(1).filter_map(id)
}

/// Returns `true` if the content of a commit only makes a release. A commit whose author calls it a fix does not
/// count, nor does one that names a vulnerability: its fix may be a single requirement in a manifest.
fn makes_release(commit: &Seen<'_>) -> bool {
    let is_of_release = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        is_release_file(path) || is_documentation(path) || CONSTANTS.contains(&name.as_str())
    };
    let subject = commit.message.lines().next().unwrap_or_default();
    kind(subject).is_none_or(|kind| !CLAIMS.contains(&kind.as_str()))
        && commit.files.iter().all(is_of_release)
        && marks_in(commit.message).is_empty()
}

/// Returns the type of a conventional commit, in lower case, or `None` if its subject has none.
pub(super) fn kind(subject: &str) -> Option<String> {
    let (head, _) = subject.split_once(':')?;
    let kind = head.trim().trim_end_matches('!');
    let kind = kind.strip_suffix(')').and_then(|kind| Some(kind.split_once('(')?.0)).unwrap_or(kind);
    let is_word = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_word.then(|| kind.to_ascii_lowercase())
}

/// Returns the names of vulnerabilities in a text: `CVE-2026-1234`, `GHSA-xxxx-xxxx-xxxx`.
pub fn marks_in(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = text.split(|c: char| !is_part(c)).map(|word| word.trim_matches('-').to_ascii_uppercase());
    let is_mark = |word: &String| {
        let parts: Vec<&str> = word.split('-').collect();
        match parts[..] {
            ["CVE", year, number] => {
                let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                year.len() == 4 && number.len() >= 4 && is_number(year) && is_number(number)
            }
            ["GHSA", a, b, c] => [a, b, c].iter().all(|part| part.len() == 4),
            _ => false,
        }
    };
    words.filter(is_mark).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_what_they_are_for() {
        for (path, of_release, documentation) in [
            ("pyproject.toml", true, false),
            ("src/api/uv.lock", true, false),
            ("src/ui/package-lock.json", true, false),
            ("src/pyproject.toml.py", false, false),
            ("CHANGELOG.md", false, true),
            ("src/api/CHANGES.rst", false, true),
            ("README", false, true),
            ("CONTRIBUTING.md", false, true),
            ("docs/conf.py", false, true),
            ("src/docs/a.py", false, false),
            ("src/meadow/prompts/news.md", false, true),
            ("src/meadow/prompts/system.md", false, false),
            ("history.py", false, false),
            ("requirements.txt", false, false),
        ] {
            assert_eq!((is_release_file(path), is_documentation(path)), (of_release, documentation), "{path}");
        }
    }

    #[test]
    fn a_constant_differs_by_its_version_alone() {
        let (candidate, last) = (Release::new(0, 5, 0).with_candidate(1), Release::new(0, 5, 0));
        for (old, new, is) in [
            ("v = '0.5.0rc1'\n", "v = '0.5.0'\n", true),
            ("\"0.5.0-rc.1\" 0.5.0rc1 v0.5.0-rc1", "\"0.5.0\" 0.5.0 v0.5.0", true),
            ("v = '0.5.0rc1'\n", "v = '0.5.1'\n", false),
            ("v = '0.5.0rc1'\n", "v = '0.5.0'\nx = 1\n", false),
            ("v = '0.5.0rc11'\n", "v = '0.5.0'\n", false),
            ("a", "a", false),
        ] {
            assert_eq!(differs_by_version(old, new, candidate, last), is, "{old} {new}");
        }
    }

    #[test]
    fn commits_that_bring_users_nothing_are_found_by_their_content() {
        let long = |letter: char| letter.to_string().repeat(40);
        let (a, b, c) = (long('a'), long('b'), long('c'));
        let back = |id: &str| format!("Revert \"x\"\n\nThis reverts commit {id}.");
        let (manifest, source) = ("pyproject.toml", "src/a.py");
        for (commits, wanted) in [
            (vec![(&a, "0.4.5".to_owned(), vec![manifest, "uv.lock", "CHANGELOG.md", "src/a/_version.py"])], vec![&a]),
            (vec![(&a, "an empty one".to_owned(), vec![])], vec![&a]),
            (vec![(&a, "Release candidate 0.4.5rc1".to_owned(), vec![manifest, source])], vec![]),
            (vec![(&a, "fix: bump urllib3".to_owned(), vec!["uv.lock"])], vec![]),
            (vec![(&a, "Fix(deps)!: bump urllib3".to_owned(), vec!["uv.lock"])], vec![]),
            (vec![(&a, "bump urllib3\n\nfor CVE-2026-1234".to_owned(), vec!["uv.lock"])], vec![]),
            (vec![(&a, "fixes: no type".to_owned(), vec!["uv.lock"])], vec![&a]),
            // A revert, and a revert of the revert.
            (vec![(&b, back(&a), vec![source]), (&a, "fix: x".to_owned(), vec![source])], vec![&a, &b]),
            (
                vec![
                    (&b, back(&a), vec![source]),
                    (&a, "fix: x".to_owned(), vec![source]),
                    (&c, back(&b), vec![source]),
                ],
                vec![&b, &c],
            ),
            // A revert of a released commit, alone or together with another.
            (vec![(&b, back(&c), vec![source]), (&a, "fix: x".to_owned(), vec![source])], vec![]),
            (vec![(&b, back(&a) + "\n" + &back(&c), vec![source]), (&a, "fix: x".to_owned(), vec![source])], vec![]),
            (vec![(&b, "This reverts commit aaaa.".to_owned(), vec![source])], vec![]),
        ] {
            let files: Vec<Vec<String>> =
                commits.iter().map(|(.., files)| files.iter().map(|file| (*file).to_owned()).collect()).collect();
            let seen: Vec<Seen<'_>> = commits
                .iter()
                .zip(&files)
                .map(|((id, message, _), files)| Seen { id: id.as_str(), message, files })
                .collect();
            assert_eq!(settled(&seen), wanted.into_iter().cloned().collect(), "{seen:?}");
        }
    }

    #[test]
    fn where_a_commit_was_picked_from_is_read_as_git_writes_it() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        let text = format!("fix: a\n\n(cherry picked from commit {id})\n(cherry picked from commit abc)\n");
        assert_eq!(picked(&text).collect::<Vec<_>>(), [id]);
    }

    #[test]
    fn vulnerabilities_are_found_by_their_names() {
        let found =
            marks_in("fix: a gate (CVE-2026-12345, ghsa-abcd-ef12-3456), not CVE-26-1 nor GHSA-a-b-c; CVE-2026-12345.");
        assert_eq!(found, ["CVE-2026-12345", "GHSA-ABCD-EF12-3456"]);
    }
}
