//! The branch that the commit of a tag belongs to, and whether it has to be on it: as the audit has it, and as `check` has it.

use super::past::made;
use super::{audited, list, text};
use crate::support::release;
use serde_json::Value;

/// A line that had a branch for each patch before it had its own, a hotfix, and nightlies beside main and on it.
const HISTORY: &str = "
    0 commit main 0.2.0 feat: begin
    1 branch release-0.2.1 main
    1 commit release-0.2.1 0.2.1rc1 chore: 0.2.1rc1
    1 tag v0.2.1rc1 release-0.2.1
    2 commit release-0.2.1 0.2.1 chore: 0.2.1
    2 tag v0.2.1 release-0.2.1
    3 branch release-0.2.2 main
    3 commit release-0.2.2 0.2.2rc1 chore: 0.2.2rc1
    3 tag v0.2.2rc1 release-0.2.2
    4 branch release-0.2.x main
    4 commit release-0.2.x 0.2.2 chore: 0.2.2
    4 tag v0.2.2 release-0.2.x
    5 branch release-0.2.3 main
    5 commit release-0.2.3 0.2.3 chore: 0.2.3
    5 tag v0.2.3 release-0.2.3
    6 branch hotfix release-0.2.1
    6 commit hotfix 0.2.1.1 chore: 0.2.1.1
    6 tag v0.2.1.1 hotfix
    7 branch night main
    7 commit night 0.3.0.dev20250108 chore: nightly
    7 tag v0.3.0.dev20250108 night
    8 commit main 0.3.0.dev0 chore: begin 0.3.0
    8 tag v0.3.0.dev20250109 main
";

/// The branch that a document names, and whether it has a tag that is not on it.
fn home(document: &Value) -> (Option<String>, bool) {
    let is_off = list(&document["diagnostics"]).iter().any(|found| text(&found["rule"]) == "tag-off-branch");
    (document["branch"].as_str().map(str::to_owned), is_off)
}

#[test]
fn a_tag_belongs_to_its_line_or_nowhere_and_is_off_its_branch_only_if_that_was_there() {
    let root = made(HISTORY);
    let root = &root.root;
    let audit = audited(root, &[]);
    let line = Some("release-0.2.x".to_owned());
    for (tag, expected) in [
        // Released before the branch began.
        ("v0.2.1rc1", (line.clone(), false)),
        ("v0.2.1", (line.clone(), false)),
        // A candidate of what was released from the branch, and a final beside it.
        ("v0.2.2rc1", (line.clone(), true)),
        ("v0.2.2", (line.clone(), false)),
        ("v0.2.3", (line.clone(), true)),
        ("v0.2.1.1", (line.clone(), false)),
        ("v0.3.0.dev20250108", (None, false)),
        ("v0.3.0.dev20250109", (Some("main".to_owned()), false)),
    ] {
        let audited = list(&audit["tags"]).iter().find(|audited| text(&audited["tag"]) == tag);
        assert_eq!(home(audited.expect("the tag")), expected, "{tag} in the audit");
        let check = release(root, &["check", "--rev", tag, "--output-format", "json"]);
        let document: Value = serde_json::from_str(&check.stdout).expect("one document and nothing else");
        assert_eq!(home(&document), expected, "{tag} in a check: {}", check.stderr);
    }
}
