//! Builds are called after a tag that setuptools-scm cannot read.
//!
//! ## What it does
//!
//! Asks git which tag it describes the judged commit by, as setuptools-scm does, where the repository has tags that setuptools-scm
//! finds and reads no version off: `2026-event`, `api/v1.0`. So it does where there are development tags with a number
//! (`v0.3.1-dev.20251027`), behind which no build gets a version. Packages with a `git_describe_command` of their own choose their
//! tags themselves, and are left out.
//!
//! ## Why is this bad?
//!
//! setuptools-scm looks for a tag with a digit, whatever it is about, and takes the nearest. Where it cannot read that one, every
//! build of a clone fails, and `fallback_version` does not help.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```state
//! branch release-0.4.x
//! tag v0.4.4
//! tag 2026-event nearest
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```state
//! branch release-0.4.x
//! tag 2026-event
//! tag v0.4.4 nearest
//! ```
//!
//! ## Fix
//!
//! None: whoever set the tag knows what it is for.

use crate::context::{Context, Unread, unread};
use crate::diagnostic::{Finding, Report};

pub(super) fn check(context: &Context, report: &mut Report) {
    // Of a commit of the past it is not asked what builds of it were called.
    let Some(tag) = context.nearest_tag.as_deref() else { return };
    let what = match unread(&context.tag_patterns(), tag) {
        Some(Unread::Odd) => "reads no version off it",
        // Its own commit has a version.
        Some(Unread::Dated) if !context.tags_here.iter().any(|here| here == tag) => {
            "gives no build behind it a version"
        }
        _ => return,
    };
    let message = format!("{tag} is the nearest tag with a digit, and setuptools-scm {what}: every build fails");
    let help = format!(
        "delete it, here and on the remote, or name it without a digit; or leave it out: `git_describe_command` with `--match \"{}\"`",
        context.config.tag.to_string().replace("{version}", "[0-9]*")
    );
    report.find(Finding::about(message, tag).help(help));
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn the_nearest_tag_is_read_as_setuptools_scm_reads_it() {
        for (tag, table, expected) in [
            ("2026-event", "", FIRES),
            ("api/v1.0", "", FIRES),
            ("v0.4.4", "", SILENT),
            ("v0.4.5-dev", "", SILENT),
            ("nightly-2025-09-27", "", SILENT),
            ("v0.3.1-dev.20251027", "", FIRES),
            ("2026-event", "git_describe_command = 'git describe --match v*'\n", SILENT),
            ("api/v1.0", "tag_regex = '^api/(?P<version>.*)$'\n", SILENT),
            ("v0.4.4", "tag_regex = '^api/(?P<version>.*)$'\n", FIRES),
        ] {
            let text = format!(
                "[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n{table}"
            );
            let scene = Scene::of_files([("pyproject.toml", text)], &format!("tag {tag} nearest"));
            assert_eq!(scene.count("tag-unreadable"), expected, "{tag} {table}");
        }
        let scene = Scene::of_version("0.4.5", "tag 2026-event nearest");
        assert_eq!(scene.count("tag-unreadable"), SILENT, "a static version asks no tag");
    }
}
