//! The words of doc comments: plain English that begins with a verb or a noun.

use camino::Utf8PathBuf;
use std::fs;

/// The folder in which `//!` is the documentation of a rule, a text for users that is printed and generated into `docs/`.
const RULES: &str = "release-checks/src/rules";

/// The files that have such comments still, with how many at most. The list only shrinks.
#[rustfmt::skip]
const LEFT: &[(&str, usize)] = &[
    ("release-checks/src/render/sarif.rs", 1),
    ("release-core/src/apply/change.rs", 1),
    ("release-core/src/apply/check.rs", 1),
    ("release-core/src/apply/error.rs", 1),
    ("release-core/src/formats/manifest/workflow.rs", 1),
    ("release-core/src/formats/manifest/workflow/place.rs", 2),
    ("release-core/src/formats/manifest/workflow/script.rs", 3),
    ("release-core/src/formats/registry/simple.rs", 1),
    ("release-core/src/formats/text/source.rs", 1),
    ("release-core/src/git/commit.rs", 1),
    ("release-core/src/git/locate.rs", 3),
    ("release-core/src/monorepo/snapshot.rs", 2),
    ("release-core/src/plan/relock/given/npm.rs", 1),
    ("xtask/src/checkout/repository.rs", 3),
    ("xtask/src/cli.rs", 1),
    ("xtask/src/cli/follow_up.rs", 2),
    ("xtask/src/cli/pins.rs", 1),
    ("xtask/src/cli/stamp.rs", 1),
    ("xtask/src/cli/version.rs", 2),
    ("xtask/src/commands/audit/accept.rs", 2),
    ("xtask/src/commands/audit/content.rs", 2),
    ("xtask/src/commands/audit/html.rs", 6),
    ("xtask/src/commands/audit/html/findings.rs", 8),
    ("xtask/src/commands/audit/html/layout.rs", 8),
    ("xtask/src/commands/audit/html/marks.rs", 3),
    ("xtask/src/commands/audit/html/picture.rs", 12),
    ("xtask/src/commands/audit/html/rules.rs", 1),
    ("xtask/src/commands/audit/html/tables.rs", 2),
    ("xtask/src/commands/audit/observe.rs", 1),
    ("xtask/src/commands/audit/online.rs", 1),
    ("xtask/src/commands/audit/show.rs", 8),
    ("xtask/src/commands/audit/tags.rs", 8),
    ("xtask/src/commands/baseline.rs", 2),
    ("xtask/src/commands/check/around.rs", 4),
    ("xtask/src/commands/check/judge.rs", 3),
    ("xtask/src/commands/check/online.rs", 1),
    ("xtask/src/commands/check/show.rs", 4),
    ("xtask/src/commands/follow_up/act.rs", 1),
    ("xtask/src/commands/follow_up/branch.rs", 6),
    ("xtask/src/commands/follow_up/json.rs", 1),
    ("xtask/src/commands/follow_up/mod.rs", 1),
    ("xtask/src/commands/follow_up/native.rs", 1),
    ("xtask/src/commands/follow_up/observe.rs", 3),
    ("xtask/src/commands/follow_up/part.rs", 5),
    ("xtask/src/commands/follow_up/publish.rs", 1),
    ("xtask/src/commands/follow_up/show.rs", 5),
    ("xtask/src/commands/follow_up/tag.rs", 2),
    ("xtask/src/commands/init/show.rs", 3),
    ("xtask/src/commands/pins/mod.rs", 3),
    ("xtask/src/commands/pins/online.rs", 1),
    ("xtask/src/commands/pins/rewrite.rs", 2),
    ("xtask/src/commands/pins/show.rs", 3),
    ("xtask/src/commands/pins/show_edit.rs", 5),
    ("xtask/src/commands/prepare/observe.rs", 3),
    ("xtask/src/commands/prepare/show.rs", 1),
    ("xtask/src/commands/registries.rs", 3),
    ("xtask/src/commands/registries/standing.rs", 1),
    ("xtask/src/commands/stamp/mod.rs", 4),
    ("xtask/src/commands/stamp/show.rs", 3),
    ("xtask/src/commands/version/build.rs", 2),
    ("xtask/src/commands/version/main_history.rs", 3),
    ("xtask/src/commands/version/observe.rs", 2),
    ("xtask/src/commands/version/plan_tags.rs", 4),
    ("xtask/src/commands/version/scm.rs", 4),
    ("xtask/src/commands/version/scratch.rs", 1),
    ("xtask/src/commands/version/show.rs", 5),
    ("xtask/src/dev/bench.rs", 1),
    ("xtask/src/dev/bench/audit.rs", 3),
    ("xtask/src/dev/bench/relock.rs", 1),
    ("xtask/src/dev/docs.rs", 1),
    ("xtask/src/effects/append.rs", 1),
    ("xtask/src/effects/commit.rs", 5),
    ("xtask/src/effects/interrupt.rs", 3),
    ("xtask/src/effects/lock.rs", 4),
    ("xtask/src/effects/tools.rs", 2),
    ("xtask/src/effects/tools/folder.rs", 1),
    ("xtask/src/effects/tools/process/tests.rs", 1),
    ("xtask/src/effects/wait.rs", 5),
    ("xtask/src/effects/worktree.rs", 1),
    ("xtask/src/lib.rs", 1),
    ("xtask/src/output/json.rs", 1),
    ("xtask/src/output/mod.rs", 1),
    ("xtask/src/output/skipped.rs", 1),
    ("xtask/src/registry.rs", 3),
    ("xtask/src/registry/credentials.rs", 1),
    ("xtask/src/registry/environment.rs", 1),
    ("xtask/src/registry/failure.rs", 9),
    ("xtask/src/registry/http.rs", 9),
    ("xtask/src/registry/netrc.rs", 1),
    ("xtask/src/registry/npm.rs", 3),
    ("xtask/src/registry/npmrc.rs", 1),
    ("xtask/src/registry/place.rs", 3),
    ("xtask/src/registry/proxy.rs", 3),
    ("xtask/src/registry/python.rs", 3),
    ("xtask/src/registry/tests.rs", 1),
    ("xtask/src/registry/wheel.rs", 4),
    ("xtask/src/registry/zip.rs", 3),
    ("xtask/src/remote.rs", 2),
    ("xtask/src/sandbox/history.rs", 2),
    ("xtask/src/sandbox/mod.rs", 1),
    ("xtask/src/sandbox/registry.rs", 2),
    ("xtask/src/stop.rs", 1),
];

/// Returns the doc comments of a source that do not read like plain English, by their line.
fn odd_comments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut comment = String::new();
    let mut start = 0;
    for (at, line) in text.lines().chain([""]).enumerate() {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim);
        match doc {
            Some(words) if !words.is_empty() => {
                start = if comment.is_empty() { at + 1 } else { start };
                comment.push_str(words);
                comment.push(' ');
            }
            _ => {
                let first = comment.split(' ').next().unwrap_or_default();
                let is_odd = ["What", "Whether", "How", "Why", "Where"].contains(&first)
                    || ["nobody", "; nothing when", "; nothing where"].iter().any(|words| comment.contains(words));
                if is_odd {
                    found.push(format!("{start}: {}", comment.trim_end()));
                }
                comment.clear();
            }
        }
    }
    found
}

#[test]
fn doc_comments_begin_with_a_verb_or_a_noun() {
    let root = super::workspace();
    let sources: Vec<_> = ["release-core/src", "release-core/tests", "release-checks/src", "xtask/src", "tests"]
        .iter()
        .flat_map(|folder| super::tidy::files(&root.join(folder)))
        .filter(|path| path.extension() == Some("rs"))
        .collect();
    assert!(sources.len() > 400, "the sources were found");
    let odd = |path: &Utf8PathBuf| -> Vec<String> {
        let short = path.strip_prefix(&root).unwrap();
        let mut text = fs::read_to_string(path).unwrap();
        if short.parent().is_some_and(|folder| folder == RULES) {
            text =
                text.lines().map(|line| if line.starts_with("//!") { "" } else { line }).collect::<Vec<_>>().join("\n");
        }
        let found: Vec<_> = odd_comments(&text).into_iter().map(|comment| format!("{short}:{comment}")).collect();
        let left = LEFT.iter().find(|(path, _)| short == path).map_or(0, |(_, left)| *left);
        if found.len() > left { found } else { Vec::new() }
    };
    let found: Vec<String> = sources.iter().flat_map(odd).collect();
    assert!(found.is_empty(), "say it with a verb or a noun first, and call `None` by its name: {found:#?}");
}

#[test]
fn odd_doc_comments_are_found_with_their_line() {
    let text = "//! How it works.\n\n/// Returns the tag\n/// that nobody has.\nfn a() {}\n    /// Whether it is.\n    is: bool,\n\
        /// The tag; nothing\n/// when there is none.\n/// # Errors\n///\n/// Returns it.\n// What a plain comment says.\n";
    let found = [
        "1: How it works.",
        "3: Returns the tag that nobody has.",
        "6: Whether it is.",
        "8: The tag; nothing when there is none. # Errors",
    ];
    assert_eq!(odd_comments(text), found);
}
