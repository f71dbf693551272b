//! The sample's history, as a stream for `git fast-import`. Dates and names are fixed, so that its commits have the same
//! ids on every machine.

use release_core::version::Release;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The manifests, by path. `{{version}}`, `{{pin}}`, `{{locked}}` and `{{published}}` are filled in for each commit.
const FILES: [(&str, &str); 8] = [
    ("pyproject.toml", include_str!("sample/root.toml")),
    ("src/meadow_api/pyproject.toml", include_str!("sample/api.toml")),
    ("src/meadow_agents/pyproject.toml", include_str!("sample/agents.toml")),
    ("src/meadow_ui/package.json", include_str!("sample/package.json")),
    ("src/meadow_ui/package-lock.json", include_str!("sample/package-lock.json")),
    ("tests/external/meadow-weather/pyproject.toml", include_str!("sample/external.toml")),
    ("uv.lock", include_str!("sample/uv.lock")),
    ("README.md", "# meadow\n\nA sample monorepo.\n"),
];

/// One commit: its branch, which is cut from main by its first commit; its subject; the version and the pin that its manifests
/// carry; the newest client that is published by then, which the UI and the lockfiles have; and its tag.
type Commit = (&'static str, &'static str, &'static str, &'static str, &'static str, Option<&'static str>);

const COMMITS: [Commit; 18] = [
    ("main", "feat: a meadow", "0.3.0.dev0", ">=0.2.0", "0.2.9", None),
    ("release-0.3.x", "chore: prepare release v0.3.0", "0.3.0", "==0.3.0", "0.2.9", Some("v0.3.0")),
    ("release-0.3.x", "chore: lockfiles for 0.3.0", "0.3.0", "==0.3.0", "0.3.0", None),
    ("main", "chore: main is 0.3.1.dev0", "0.3.1.dev0", ">=0.2.0", "0.3.0", None),
    ("release-0.3.x", "chore: prepare release v0.3.1", "0.3.1", "==0.3.1", "0.3.0", Some("v0.3.1")),
    ("main", "feat: agents", "0.4.0.dev0", ">=0.3.0", "0.3.1", None),
    ("release-0.4.x", "chore: prepare release v0.4.0rc1", "0.4.0rc1", "==0.4.0rc1", "0.3.1", Some("v0.4.0rc1")),
    ("release-0.4.x", "chore: prepare release v0.4.0", "0.4.0", "==0.4.0", "0.3.1", Some("v0.4.0")),
    ("release-0.4.x", "chore: lockfiles for 0.4.0", "0.4.0", "==0.4.0", "0.4.0", None),
    ("main", "chore: main is 0.4.1.dev0", "0.4.1.dev0", ">=0.4.0", "0.4.0", None),
    ("release-0.4.x", "chore: prepare release v0.4.1", "0.4.1", "==0.4.1", "0.4.0", Some("v0.4.1")),
    ("release-0.4.x", "chore: prepare release v0.4.2", "0.4.2", "==0.4.2", "0.4.1", Some("v0.4.2")),
    ("release-0.3.x", "fix: a gate that does not close", "0.3.1", "==0.3.1", "0.3.1", None),
    ("release-0.4.x", "chore: prepare release v0.4.3", "0.4.3", "==0.4.3", "0.4.2", Some("v0.4.3")),
    ("release-0.4.x", "chore: prepare release v0.4.4", "0.4.4", "==0.4.4", "0.4.3", Some("v0.4.4")),
    ("release-0.4.x", "chore: lockfiles for 0.4.4", "0.4.4", "==0.4.4", "0.4.4", None),
    ("main", "chore: main is 0.4.5.dev0", "0.4.5.dev0", ">=0.4.0", "0.4.4", None),
    ("release-0.4.x", "fix: a fence that leans", "0.4.4", "==0.4.4", "0.4.4", None),
];

/// The moment of the first commit, in seconds since 1970, and the days between two commits.
const START: usize = 1_767_225_600;
const DAYS: usize = 4;

/// Tells whether the sample has a branch.
pub(super) fn has_branch(branch: &str) -> bool {
    COMMITS.iter().any(|commit| commit.0 == branch)
}

/// The releases whose client is published.
pub(super) fn published() -> Vec<Release> {
    let released: BTreeSet<Release> = COMMITS.iter().filter_map(|commit| Release::parse(commit.4).ok()).collect();
    released.into_iter().collect()
}

/// The stream. (Format: <https://git-scm.com/docs/git-fast-import#_input_format>.)
pub(super) fn stream() -> String {
    let mut stream = String::new();
    for (index, (branch, subject, version, pin, published, tag)) in COMMITS.into_iter().enumerate() {
        let mark = index + 1;
        let person = format!("Meadow <meadow@meadow.example> {} +0000", START + index * DAYS * 86_400);
        // The client's specifier that the lockfile records: on a line that of the last client that was published, so that the
        // commit which prepares a release is as unlocked as a real one.
        let locked = if pin.starts_with("==") { format!("=={published}") } else { pin.to_owned() };
        // Writing to a string cannot fail.
        let _ = writeln!(stream, "commit refs/heads/{branch}\nmark :{mark}\nauthor {person}\ncommitter {person}");
        let _ = writeln!(stream, "data {}\n{subject}", subject.len());
        if branch != "main" && COMMITS[..index].iter().all(|before| before.0 != branch) {
            let _ = writeln!(stream, "from refs/heads/main");
        }
        for (path, template) in FILES {
            let content = template
                .replace("{{version}}", version)
                .replace("{{pin}}", pin)
                .replace("{{locked}}", &locked)
                .replace("{{published}}", published);
            let _ = writeln!(stream, "M 100644 inline {path}\ndata {}\n{content}", content.len());
        }
        if let Some(tag) = tag {
            let _ = writeln!(stream, "tag {tag}\nfrom :{mark}\ntagger {person}\ndata {}\n{tag}", tag.len());
        }
    }
    stream.push_str("done\n");
    stream
}
