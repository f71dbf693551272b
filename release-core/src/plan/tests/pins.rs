//! Pins of clients and siblings: only the specifier's bytes change.

use super::*;
use crate::plan::{Outcome, PlannedKind};

/// A package at 0.4.5, of which only the pins change.
const HEAD: &str =
    "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nfallback_version = \"0.4.5\"\n";

/// Returns the text after the head of a manifest, after 0.4.5 was prepared.
#[track_caller]
fn moved(rest: &str, config: &str, release: &str) -> String {
    let text = prepared_root(&format!("{HEAD}{rest}"), config, release);
    text.split_once("fallback_version = \"").unwrap().1.split_once("\"\n").unwrap().1.to_owned()
}

/// One pin in each shape, with its outcome.
const SHAPES: &[(&str, &str)] = &[
    (r#""meadow-client==0.4.4""#, r#""meadow-client==0.4.5""#),
    (r#"'meadow-client==0.4.4'"#, r#"'meadow-client==0.4.5'"#),
    (r#""meadow-client>=0.4.0.dev0""#, r#""meadow-client==0.4.5""#),
    (r#""meadow-client[cli, async]==0.4.4""#, r#""meadow-client[cli, async]==0.4.5""#),
    (r#""Meadow_Client [cli] == 0.4.4""#, r#""Meadow_Client [cli] == 0.4.5""#),
    (
        r#""meadow.client  >=  0.3.0 , < 0.5 ; python_version<'4'""#,
        r#""meadow.client  ==  0.4.5 ; python_version<'4'""#,
    ),
    (r#""meadow-client (>=0.4.4,!=0.4.3)""#, r#""meadow-client (==0.4.5)""#),
    (r#""meadow-client==0.4.*""#, r#""meadow-client==0.4.5""#),
    (r#""meadow-client===0.4.4""#, r#""meadow-client==0.4.5""#),
    (r#""meadow-client==0.4.4;python_version<\"4\"""#, r#""meadow-client==0.4.5;python_version<\"4\"""#),
    (r#""\u006deadow-client\u003d=0.4.4 ; os_name == \"ä\"""#, r#""\u006deadow-client==0.4.5 ; os_name == \"ä\"""#),
    (r#"'''meadow-client==0.4.4'''"#, r#"'''meadow-client==0.4.5'''"#),
    ("\"\"\"\nmeadow-client==0.4.4\"\"\"", "\"\"\"\nmeadow-client==0.4.5\"\"\""),
    ("\"\"\"meadow-client\\\n    ==0.4.4\"\"\"", "\"\"\"meadow-client\\\n    ==0.4.5\"\"\""),
    (r#"  "meadow-client==0.4.4"  "#, r#"  "meadow-client==0.4.5"  "#),
    (r#"" meadow-client==0.4.4 ""#, r#"" meadow-client==0.4.5 ""#),
    (
        r#""meadow-client==0.4.4", "x==0.4.4", "meadow-client>=0.4""#,
        r#""meadow-client==0.4.5", "x==0.4.4", "meadow-client==0.4.5""#,
    ),
    (
        "\n  \"meadow-client==0.4.4\", # ==0.4.4 \"meadow-client==0.4.4\"\n",
        "\n  \"meadow-client==0.4.5\", # ==0.4.4 \"meadow-client==0.4.4\"\n",
    ),
    (
        "\n\t\"meadow-client==0.4.4\"  # ä, no comma after it\n",
        "\n\t\"meadow-client==0.4.5\"  # ä, no comma after it\n",
    ),
];

#[test]
fn a_pin_keeps_everything_but_its_specifier() {
    for (before, after) in SHAPES {
        let lists = |pin: &str| format!("[project.optional-dependencies]\nclient = [{pin}]\n");
        assert_eq!(moved(&lists(before), "", "0.4.5"), lists(after), "{before}");
    }
}

#[test]
fn pins_are_found_wherever_requirements_stand() {
    for list in [
        "[dependency-groups]\ndev = [{ include-group = \"test\" }, PIN]\ntest = [\"pytest\"]\n",
        "[dependency-groups]\n\"type checking\" = [\n  PIN,\n]\n",
        "[project.optional-dependencies]\nall = [\"meadow[client]\", PIN]\n",
        "[tool.uv]\ndev-dependencies = [PIN]\n",
        "[tool.uv]\nconstraint-dependencies = [PIN, \"x\"]\n",
        "[tool.uv]\noverride-dependencies = [PIN]\n",
        "[tool.hatch.envs.docs]\ndependencies = [PIN, \"sphinx\"]\nfeatures = [\"meadow-client\"]\n",
        "[[tool.tox.env]]\ndeps = [PIN]\n",
        "[tool.pixi]\nfeature.x.deps = [PIN]\n",
        "[build-system]\nrequires = [\"setuptools\", PIN]\n",
    ] {
        let text = |pin: &str| format!("{HEAD}{}", list.replace("PIN", pin));
        let before = text("\"meadow-client==0.4.4\"");
        assert_eq!(prepared_root(&before, "", "0.4.5"), text("\"meadow-client==0.4.5\""));
    }
}

#[test]
fn what_is_no_requirement_on_a_client_stays() {
    for rest in [
        "[project.optional-dependencies]\nx = [\"meadow-client-extras==0.4.4\", \"my-meadow-client==1.0\"]\n",
        "[project.scripts]\nmeadow-client = \"meadow:==0.4.4\"\n",
        "[tool.mypy]\nexclude = [\"meadow-client\"]\nnote = \"meadow-client==0.4.4\"\n",
        "[tool.uv]\nno-build-package = [\"meadow-client\"]\nexclude-dependencies = [\"meadow-client\"]\n",
        "[tool.uv.sources]\nmeadow-client = { git = \"https://git.example/meadow-client\", tag = \"v0.4.4\" }\n",
    ] {
        let pin = "[dependency-groups]\nclient = [\"meadow-client==0.4.5\"]\n";
        assert_eq!(moved(&format!("{pin}{rest}"), "", "0.4.5"), format!("{pin}{rest}"));
    }
}

#[test]
fn the_operator_follows_the_policy() {
    for (policy, release, after) in [
        ("", "0.4.5", "==0.4.5"),
        (r#"release = "==""#, "0.4.5", "==0.4.5"),
        (r#"release = "~=""#, "0.4.5", "~=0.4.5"),
        (r#"release = ">=""#, "0.4.5", ">=0.4.5"),
        (r#"release = "keep""#, "0.4.5", ">=0.3,<1"),
        (r#"candidate = "keep""#, "0.4.5", "==0.4.5"),
        (r#"candidate = "keep""#, "0.4.5rc1", ">=0.3,<1"),
        (r#"release = ">=""#, "0.4.5rc1", "==0.4.5rc1"),
        (r#"candidate = "~=""#, "0.4.5rc1", "~=0.4.5rc1"),
    ] {
        let config = format!("[[client]]\nname = \"Meadow.Client\"\npin = {{ {policy} }}\n");
        let pin = |specifier: &str| format!("[dependency-groups]\nx = [\"meadow-client{specifier}\"]\n");
        let head = HEAD.replace("0.4.5", "0.4.5.dev0");
        let text = prepared_root(&format!("{head}{}", pin(">=0.3,<1")), &config, release);
        assert_eq!(text, format!("{}{}", HEAD.replace("0.4.5", release), pin(after)), "{policy} for {release}");
    }
}

#[test]
fn kept_pins_need_no_specifier_and_are_counted() {
    let config = "[[client]]\nname = \"meadow-client\"\npin = { release = \"keep\" }\n";
    let kept = "[dependency-groups]\nx = [\"meadow-client\", \"meadow-client @ https://example/x.whl\", \"meadow-client==?\"]\n";
    let text = format!("{HEAD}{kept}");
    let plan = plan(&[("pyproject.toml", &text)], config, "0.4.5").unwrap();
    assert!(plan.is_done());
    assert_eq!(plan.sites.iter().filter(|site| site.outcome == Outcome::Kept).count(), 3);
}

#[test]
fn a_sibling_with_a_specifier_moves_and_one_without_stays() {
    let api = "[project]\nname = \"meadow-api\"\nversion = \"0.4.4\"\n";
    let lists = |pin: &str| {
        format!(
            "{HEAD}[project.optional-dependencies]\nx = [\n  \"meadow-api\", # local\n  '{pin}',\n  \"meadow[y]\",\n  \"meadow-api @ file:///x\",\n]\n"
        )
    };
    let before = lists("Meadow_API[z]>=0.4.4; extra == \"q\"");
    let after = prepared(&[("pyproject.toml", &before), ("api/pyproject.toml", api)], "", "0.4.5");
    assert_eq!(after[0], lists("Meadow_API[z]==0.4.5; extra == \"q\""));
    assert_eq!(after[1], api.replace("0.4.4", "0.4.5"));
}

#[test]
fn a_range_on_a_sibling_is_not_replaced_by_one_version() {
    let api = "[project]\nname = \"meadow-api\"\nversion = \"0.4.4\"\n";
    for (pin, after) in [
        (">=0.4.4", Ok("==0.4.5")),
        ("~=0.4.4", Ok("~=0.4.5")),
        (">=0.4.4,<0.5", Ok(">=0.4.5,<0.5")),
        (">=0.3,<1", Ok(">=0.3,<1")),
        ("==0.4.*", Ok("==0.4.*")),
        (">=0.3,<0.4.5", Err("`meadow-api>=0.3,<0.4.5` excludes 0.4.5, which `meadow-api` is released as")),
    ] {
        let root = |pin: &str| format!("{HEAD}[project.optional-dependencies]\nx = [\"meadow-api{pin}\"]\n");
        let files = [("pyproject.toml", root(pin)), ("api/pyproject.toml", api.to_owned())];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        match after {
            Ok(after) => assert_eq!(prepared(&files, "", "0.4.5")[0], root(after), "{pin}"),
            Err(message) => assert!(plan(&files, "", "0.4.5").unwrap_err().contains(message), "{pin}"),
        }
    }
}

#[test]
fn every_site_is_counted_with_its_place_and_values() {
    let text =
        format!("{HEAD}[dependency-groups]\nx = [\"meadow-client==0.4.4\", \"meadow-client==0.4.5\", \"meadow\"]\n");
    let plan = plan(&[("pyproject.toml", &text)], "", "0.4.5").unwrap();
    let outcomes: Vec<_> = plan
        .sites
        .iter()
        .map(|site| (site.kind, site.table.as_str(), site.location.line, site.outcome, site.new.as_deref().unwrap()))
        .collect();
    assert_eq!(
        outcomes,
        [
            (PlannedKind::FallbackVersion, "tool.setuptools_scm", 5, Outcome::AlreadyRight, "0.4.5"),
            (PlannedKind::ClientPin, "dependency-groups.x", 7, Outcome::Changed, "meadow-client==0.4.5"),
            (PlannedKind::ClientPin, "dependency-groups.x", 7, Outcome::AlreadyRight, "meadow-client==0.4.5"),
            (PlannedKind::SiblingPin, "dependency-groups.x", 7, Outcome::Kept, "meadow"),
        ]
    );
    for site in &plan.sites {
        assert!(text[site.span.clone()].contains(site.old.as_deref().unwrap()));
    }
}

#[test]
fn pins_of_a_root_without_a_package_move_too() {
    let root = "[dependency-groups]\ndev = [\"meadow-client==0.4.4\"]\n";
    let member = "[project]\nname = \"meadow\"\nversion = \"0.4.4\"\n";
    let after = prepared(&[("pyproject.toml", root), ("meadow/pyproject.toml", member)], "", "0.4.5");
    assert_eq!(after[0], root.replace("0.4.4", "0.4.5"));
    assert_eq!(after[1], member.replace("0.4.4", "0.4.5"));
}

#[test]
fn both_bounds_and_no_version_are_policies_like_the_others() {
    for (form, release, before, after) in [
        (
            ">=,<",
            "0.4.5",
            "meadow-client[cli] == 0.4.4 ; extra == 'x'",
            "meadow-client[cli] >= 0.4.5,<0.5 ; extra == 'x'",
        ),
        (">=,<", "0.4.5", "meadow-client>=0.4.4,<0.5", "meadow-client>=0.4.5,<0.5"),
        (">=,<", "0.4.5", "meadow-client>=0.4.5,<0.5", "meadow-client>=0.4.5,<0.5"),
        ("none", "0.4.5", "meadow-client[cli] == 0.4.4 ; extra == 'x'", "meadow-client[cli] ; extra == 'x'"),
        ("none", "0.4.5", "meadow-client", "meadow-client"),
    ] {
        let config = format!("[[client]]\nname = 'meadow-client'\npin = {{ release = '{form}' }}");
        let lists = |pin: &str| format!("[project.optional-dependencies]\nclient = [\"{pin}\"]\n");
        assert_eq!(moved(&lists(before), &config, release), lists(after), "{form} {before}");
    }
}
