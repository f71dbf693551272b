//! The effect of a release on main.

use super::*;
use crate::history::TagPattern;
use crate::history::{History, Tag};
use crate::plan::development::{Lead, develop, lead};

const ROOT: &str = "[project]
name = \"meadow\"
dynamic = [\"version\"]
[project.optional-dependencies]
client = [\"meadow-client>=0.4.0.dev0\"] # of the line
[tool.setuptools_scm]
fallback_version = \"@\"
[dependency-groups]
dev = [\"meadow-client >= 0.3.0,<2 ; python_version > '3.11'\"]
";
const API: &str = "[project]\nname = \"meadow-api\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nroot = \"..\"\nfallback_version = \"@\"\n";

/// Returns main's manifests after a release, or the problems.
fn developed(root: &str, api: &str, config: &str, next: &str, floors: bool) -> Result<[String; 2], String> {
    let files = [("pyproject.toml", root), ("api/pyproject.toml", api)];
    let monorepo = discovered(&files, config, "v0.4.4 v0.5.0").map_err(|problems| noted(&problems, &files))?;
    let release = Release::parse("0.5.1").unwrap();
    let plan = develop(&monorepo, release, next, floors).map_err(|problems| noted(&problems, &files))?;
    Ok(files.map(|(path, old)| {
        let file = plan.files.iter().find(|file| file.path == path);
        file.map_or(old.to_owned(), |file| file.new.as_str().to_owned())
    }))
}

#[test]
fn every_package_goes_to_the_next_development_version_and_none_goes_back() {
    for (root, api, after) in [
        ("0.5.1.dev0", "0.5.1.dev0", "0.5.2.dev0"),
        ("0.4.5.dev0", "0.5.1.dev0", "0.5.2.dev0"),
        ("0.5.1", "0.5.0rc1", "0.5.2.dev0"),
        ("0.6.0.dev0", "0.5.1.dev0", "0.6.0.dev0"),
        ("1.0", "0.5.1.dev0", "1.0"),
        ("0.5.2.dev0", "0.5.2.dev0", "0.5.2.dev0"),
        ("0.5.2-dev", "0.5.1", "0.5.2-dev"),
    ] {
        let developed = developed(&ROOT.replace('@', root), &API.replace('@', api), "", "0.5.2.dev0", false).unwrap();
        assert_eq!(developed, [ROOT.replace('@', after), API.replace('@', after)], "{root} {api}");
    }
}

const BOUNDED: &str = "[[client]]\nname = \"meadow-client\"\npin = { main = \">=,<\" }";
const UNPINNED: &str = "[[client]]\nname = \"meadow-client\"\npin = { main = \"none\" }";

#[test]
fn floors_rise_by_their_own_clause_and_never_fall() {
    let root = |first: &str, second: &str| {
        ROOT.replace('@', "0.5.2.dev0").replace(">=0.4.0.dev0", first).replace(">= 0.3.0,<2", second)
    };
    for (config, before, after) in [
        ("", (">=0.4.0.dev0", ">= 0.3.0,<2"), (">=0.5.1", ">= 0.5.1,<2")),
        ("", (">=0.6.0.dev0", ">=0.5.1"), (">=0.6.0.dev0", ">=0.5.1")),
        ("", ("==0.4.0", "~=0.4.0"), (">=0.5.1", ">=0.5.1")),
        (
            "[[client]]\nname = \"meadow-client\"\npin = { main = \"~=\" }",
            (">=0.4.0", "~=0.4.0"),
            ("~=0.5.1", "~=0.5.1"),
        ),
        ("[[client]]\nname = \"meadow-client\"\npin = { main = \"keep\" }", (">=0.4", "<2"), (">=0.4", "<2")),
        (BOUNDED, (">=0.4.0,<0.5", ">= 0.3.0,<2"), (">=0.5.1,<0.6", ">= 0.5.1,<0.6")),
        (BOUNDED, ("==0.4.0", "~=0.4.0"), (">=0.5.1,<0.6", ">=0.5.1,<0.6")),
        (BOUNDED, (">=0.5.1,<0.6", ">=0.6.0.dev0,<0.7"), (">=0.5.1,<0.6", ">=0.6.0.dev0,<0.7")),
        (BOUNDED, (">=0.5.0rc1,!=0.5.0,<0.6", ""), (">=0.5.1,<0.6", "")),
        (UNPINNED, (">=0.4.0", "==0.3"), (">=0.4.0", "==0.3")),
        (UNPINNED, ("", "<0.5"), ("", "<0.5")),
    ] {
        let developed =
            developed(&root(before.0, before.1), &API.replace('@', "0.5.2.dev0"), config, "0.5.2.dev0", true);
        assert_eq!(developed.unwrap()[0], root(after.0, after.1), "{before:?}");
    }
}

#[test]
fn what_cannot_be_moved_is_refused_with_its_place() {
    let (root, api) = (ROOT.replace('@', "0.5.1.dev0"), API.replace('@', "0.5.1.dev0"));
    let refused = [
        developed(&root.replace("0.5.1.dev0", "today"), &api, "", "0.5.2.dev0", false),
        developed(&root, &api.replace("fallback_version = \"0.5.1.dev0\"\n", ""), "", "0.5.2.dev0", false),
        developed(&root.replace(">= 0.3.0,<2", ">=0.3.0,<0.5"), &api, "", "0.5.2.dev0", true),
        developed(&root.replace(">= 0.3.0,<2", "!=0.3.0,<2"), &api, "", "0.5.2.dev0", true),
        developed(&root.replace(">= 0.3.0,<2", "<2,!=0.4.0"), &api, BOUNDED, "0.5.2.dev0", true),
    ];
    let refused: Vec<String> = refused.into_iter().map(Result::unwrap_err).collect();
    expect_test::expect![[r#"
        pyproject.toml: `today` is not a PEP 440 version: expected a number at byte 0
          pyproject.toml:7: "today" (not a version)
          = write a version of PEP 440, such as `0.4.6.dev0`: otherwise it is unknown whether main would go back
        api/pyproject.toml: meadow-api has no `fallback_version`, but other packages have one
          = add `fallback_version = "0.5.2.dev0"` to `[tool.setuptools_scm]`
        pyproject.toml: `meadow-client >=0.3.0,<0.5 ; python_version > '3.11'` excludes 0.5.1 by another bound
          pyproject.toml:9: "meadow-client >=0.3.0,<0.5 ; python_version > '3.11'" (the client's pin)
          = change the pin by hand, or leave it alone: `floors = false` in [main] of release.toml, or `pin = { main = "keep" }` of the client
        pyproject.toml: `meadow-client !=0.3.0,<2 ; python_version > '3.11'` has no lower bound to raise
          pyproject.toml:9: "meadow-client !=0.3.0,<2 ; python_version > '3.11'" (the client's pin)
          = change the pin by hand, or leave it alone: `floors = false` in [main] of release.toml, or `pin = { main = "keep" }` of the client
        pyproject.toml: `meadow-client <2,!=0.4.0 ; python_version > '3.11'` has no lower bound to raise
          pyproject.toml:9: "meadow-client <2,!=0.4.0 ; python_version > '3.11'" (the client's pin)
          = change the pin by hand, or leave it alone: `floors = false` in [main] of release.toml, or `pin = { main = "keep" }` of the client"#]].assert_eq(&refused.join("\n"));
}

#[test]
fn main_follows_the_highest_final_alone() {
    let history = |tags: &str| {
        let tag = |name: &str| Tag { name: name.to_owned(), commit: "c".to_owned() };
        History::new(&tags.split(' ').map(tag).collect::<Vec<_>>(), &TagPattern::default())
    };
    let leads = |next: &str| Lead::Leads { next: next.to_owned() };
    for (tags, release, wanted) in [
        ("v0.4.4 v0.4.5", "0.4.5", leads("0.4.6.dev0")),
        ("v0.4.5 v0.5.1", "0.5.1", leads("0.5.2.dev0")),
        ("v0.4.5 v0.5.1", "0.4.5", Lead::Follows { leader: Release::new(0, 5, 1) }),
        ("v0.5.0 v0.5.1", "0.5.0", Lead::Follows { leader: Release::new(0, 5, 1) }),
    ] {
        assert_eq!(lead(&history(tags), Release::parse(release).unwrap()), wanted, "{tags}, {release}");
    }
}
