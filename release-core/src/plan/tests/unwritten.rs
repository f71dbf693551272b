//! Packages whose versions no release writes, beside packages that are released.

use super::{TAGS, plan};
use crate::monorepo::tests::discovered;

const HATCH: &str = "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n[project]\nname = 'meadow-api'\ndynamic = ['version']\n[tool.hatch.version]\npath = 'a.py'\n";

/// Returns what preparing says of the package, and of how many packages it warns.
fn said(root: &str, config: &str) -> (Option<String>, usize) {
    let root = format!("[project]\nname = 'meadow'\nversion = '0.4.4'\n{root}");
    let files = [("pyproject.toml", root.as_str()), ("api/pyproject.toml", HATCH)];
    let monorepo = discovered(&files, config, TAGS).unwrap();
    let warned = monorepo.unwritten.iter().filter(|unwritten| !unwritten.is_released).count();
    (plan(&files, config, "0.4.5").err(), warned)
}

#[test]
fn a_package_that_no_release_writes_is_refused_where_it_is_released_and_else_warned_of() {
    let named = "[[package]]\npath = 'pyproject.toml'\n";
    let both = "[[package]]\npath = 'pyproject.toml'\n[[package]]\npath = 'api/pyproject.toml'\n";
    for (root, config, is_refused, warned) in [
        ("", "", false, 1),
        ("", named, false, 0),
        ("", both, true, 0),
        ("dependencies = ['meadow-api']\n", "", true, 0),
        ("dependencies = ['meadow-api==0.4.4']\n", "", true, 0),
        ("dependencies = ['meadow-api>=2']\n", "", false, 1),
        ("[dependency-groups]\ndev = ['meadow-api']\n", "", false, 1),
    ] {
        let (refused, found) = said(root, config);
        assert_eq!((refused.is_some(), found), (is_refused, warned), "{root} {config}: {refused:?}");
        let is_said = |text: &String| {
            text.contains("no release writes the version of meadow-api: its version comes from `tool.hatch.version`")
        };
        assert!(refused.as_ref().is_none_or(is_said), "{refused:?}");
    }
}
