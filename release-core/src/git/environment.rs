//! The environment that git is started in: the program, and what is taken out of the variables.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Variables that git does not get from us: they name another repository than ours, or change what our questions mean.
///
/// Left as they are, because they are the user's own settings: `GIT_CONFIG_GLOBAL`, `GIT_CONFIG_SYSTEM`,
/// `GIT_CONFIG_NOSYSTEM`, `GIT_CONFIG_COUNT` with its keys and values, and `GIT_CONFIG_PARAMETERS` (`git -c`), by which
/// workflows say `safe.directory` or a proxy; who commits, and how remotes are reached (`GIT_AUTHOR_*`, `GIT_COMMITTER_*`,
/// `GIT_ASKPASS`, `GIT_SSH*`, `GIT_ALLOW_PROTOCOL`, `GIT_PROTOCOL*`); where git's own programs are (`GIT_EXEC_PATH`).
/// Also left, because no answer that we read depends on them: `GIT_TRACE*`, which goes to stderr or to a file;
/// `GIT_CEILING_DIRECTORIES` and `GIT_DISCOVERY_ACROSS_FILESYSTEM`, for every process starts at the top of the work tree;
/// `GIT_OPTIONAL_LOCKS`, `GIT_INDEX_VERSION`, `GIT_EDITOR`, `GIT_PAGER*`; and `GIT_QUARANTINE_PATH`, under which git refuses
/// to move references, as it must while a push is not accepted yet.
/// (Sources: `git rev-parse --local-env-vars`, <https://git-scm.com/docs/git#_environment_variables>.)
pub(super) const REMOVED: [&str; 29] = [
    // The repository, as git names it to its hooks. Our calls name theirs.
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_CONFIG",
    // What its history is.
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    // With 0, a branch whose commit is missing is left out of the answer.
    "GIT_REF_PARANOIA",
    // What a path or a pattern means. Git sets one of them for some of its hooks.
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    // Attributes of another tree, and so other filters than those of the commit that is made.
    "GIT_ATTR_SOURCE",
    // Another program in the place of a difference, or another form of it.
    "GIT_EXTERNAL_DIFF",
    "GIT_EXTERNAL_DIFF_TRUST_EXIT_CODE",
    "GIT_DIFF_OPTS",
    // What a repository is like that we make for a moment, which borrows the objects of the user's.
    "GIT_DEFAULT_HASH",
    "GIT_DEFAULT_REF_FORMAT",
    "GIT_REFERENCE_BACKEND",
    "GIT_TEMPLATE_DIR",
    // Colour in what is no terminal.
    "GIT_PAGER_IN_USE",
];

/// The first `git` of the search path, and the path without its relative entries. Those are looked up from the directory
/// that git is started in, which is the tree's: a `git` that it holds, or a filter of that name, would be run.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    /// The program, or `None` if no absolute entry has it.
    pub(super) program: Option<PathBuf>,
    /// The path that git and its children search.
    pub(super) path: OsString,
}

impl Search {
    /// Searches what `PATH` says.
    pub(super) fn new(path: Option<&OsStr>) -> Self {
        let entries: Vec<&[u8]> = path
            .map_or(&[][..], OsStr::as_bytes)
            .split(|byte| *byte == b':')
            .filter(|entry| entry.starts_with(b"/"))
            .collect();
        let programs = entries.iter().map(|entry| Path::new(OsStr::from_bytes(entry)).join("git"));
        Self {
            program: programs.into_iter().find(|file| is_program(file)),
            path: OsString::from_vec(entries.join(&b':')),
        }
    }
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_entries_of_the_path_are_not_searched_and_not_passed_on() {
        for (path, kept) in [
            ("/a:/b", "/a:/b"),
            (".:/a", "/a"),
            (":/a", "/a"),
            ("/a:", "/a"),
            ("/a::/b", "/a:/b"),
            ("node_modules/.bin:/a:..", "/a"),
            (".", ""),
            ("", ""),
        ] {
            let search = Search::new(Some(OsStr::new(path)));
            assert_eq!((search.path.to_str(), search.program), (Some(kept), None), "{path}");
        }
        assert_eq!(Search::new(None).path, "");
    }

    #[test]
    fn the_first_git_that_can_be_run_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let [none, data, folder, program] = ["none", "data", "folder", "program"].map(|name| root.path().join(name));
        for (directory, mode) in [(&none, None), (&data, Some(0o644)), (&program, Some(0o755))] {
            fs::create_dir(directory).unwrap();
            if let Some(mode) = mode {
                fs::write(directory.join("git"), "").unwrap();
                fs::set_permissions(directory.join("git"), fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        fs::create_dir_all(folder.join("git")).unwrap();
        let path = [&none, &data, &folder, &program].map(|path| path.to_str().unwrap()).join(":");
        assert_eq!(Search::new(Some(OsStr::new(&path))).program, Some(program.join("git")));
    }
}
