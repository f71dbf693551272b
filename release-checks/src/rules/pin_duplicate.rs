//! One list asks for a client or sibling twice.
//!
//! ## What it does
//!
//! Reports clients and siblings that stand more than once in one list of requirements, unless each has an environment
//! marker of its own.
//!
//! ## Why is this bad?
//!
//! Both must hold, so that one of them is forgotten when the other is changed, and then no version satisfies both.
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
//! dependencies = [
//!     "meadow-client==0.4.5",
//!     "meadow_client[cli]==0.4.5",
//! ]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
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
//! dependencies = [
//!     "meadow-client[cli]==0.4.5",
//! ]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::pins::{self, Pin};
use camino::Utf8Path;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(context: &Context, report: &mut Report) {
    // In the tables of other tools, two lists may have one name: those of `[[tool.x]]`.
    let is_one_list = |table: &str| {
        ["project.", "dependency-groups.", "build-system.", "tool.uv."].iter().any(|start| table.starts_with(start))
    };
    let mut lists: BTreeMap<(&Utf8Path, String, String), Vec<Pin<'_>>> = BTreeMap::new();
    for pin in pins::pins(context).filter(|pin| pin.requirement.is_some() && is_one_list(&pin.site.table)) {
        lists.entry((pin.site.path, pin.site.table.clone(), pin.site.subject.clone())).or_default().push(pin);
    }
    for ((path, table, _), pins) in lists {
        let markers: BTreeSet<&str> = pins.iter().map(Pin::marker).collect();
        let each_has_its_own = markers.len() == pins.len() && !markers.contains("");
        let [first, again @ ..] = &pins[..] else { continue };
        if again.is_empty() || each_has_its_own {
            continue;
        }
        let message = format!("`{table}` in {path} asks for `{}` {} times", first.name(), pins.len());
        let finding = Finding::at(message, path, again[0].site.span(), "asked for again")
            .and(path, first.site.span(), "asked for first")
            .and_all(again[1..].iter().map(|pin| (path, pin.site.span(), "and again")));
        report.find(finding.help("keep one, with the extras of all, or give each a marker of its own"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn markers_part_requirements_and_lists_do() {
        for (lists, found) in [
            ("dependencies = ['meadow-client==1', 'meadow.client==1']", FIRES),
            ("dependencies = ['meadow-client==1', 'meadow-client==1; python_version > \"3\"']", FIRES),
            ("dependencies = ['meadow-client==1; os_name == \"nt\"', 'meadow-client==1; os_name != \"nt\"']", SILENT),
            ("dependencies = ['meadow-client==1']\noptional-dependencies.cli = ['meadow-client==1']", SILENT),
            ("optional-dependencies.all = ['meadow[a]', 'meadow[b]']", SILENT),
            ("dependencies = ['pollen==1', 'pollen==2']", SILENT),
        ] {
            let text = format!(
                "[project]\nname = 'meadow'\ndynamic = ['version']\n{lists}\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n"
            );
            let scene = Scene::of_files([("pyproject.toml", text)], "");
            let report = scene.report("pin-duplicate");
            assert_eq!(report.findings.len(), found, "{lists}");
        }
    }
}
