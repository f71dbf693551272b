//! Changing the form of pins without a release.

use crate::monorepo::PinForm;
use crate::monorepo::tests::{discovered, noted};
use crate::pins::tree::Role;
use crate::plan::rewrite_pins::{Rewrite, rewrite_pins};
use crate::version::Version;
use expect_test::expect;
use proptest::prelude::*;

const HEAD: &str =
    "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nfallback_version = \"0.4.4\"\n";

/// Returns a manifest with these pins in a new form, or the problems; a second rewrite changes nothing.
fn rewritten(pins: &str, form: &str, version: Option<&str>, role: Role) -> Result<String, String> {
    let once = rewritten_once(pins, form, version, role)?;
    assert_eq!(rewritten_once(&once, form, version, role).as_ref(), Ok(&once), "the second time");
    Ok(once)
}

fn rewritten_once(pins: &str, form: &str, version: Option<&str>, role: Role) -> Result<String, String> {
    let text = format!("{HEAD}{pins}");
    let files = [("pyproject.toml", text.as_str())];
    let monorepo = discovered(&files, "", "v0.4.4").map_err(|problems| noted(&problems, &files))?;
    let version = version.map(|version| Version::parse(version).unwrap());
    let request = Rewrite { form: PinForm::parse(form).unwrap(), client: None, version: version.as_ref(), role };
    let plan = rewrite_pins(&monorepo, &request).map_err(|problems| noted(&problems, &files))?;
    let after = plan.files.first().map_or(text.as_str(), |file| file.new.as_str());
    Ok(after.strip_prefix(HEAD).unwrap().to_owned())
}

fn list(pin: &str) -> String {
    format!("[project.optional-dependencies]\nclient = [\"{pin}\"]\n")
}

#[test]
fn a_pin_keeps_the_version_that_it_names() {
    for (before, form, after) in [
        ("meadow-client==0.4.4", "~=", "meadow-client~=0.4.4"),
        ("meadow-client~=0.4.3", ">=", "meadow-client>=0.4.3"),
        ("meadow-client >= 0.4.2 , <0.5 ; os_name=='nt'", "==", "meadow-client == 0.4.2 ; os_name=='nt'"),
        ("meadow-client<1,>=0.4.2,!=0.4.3", ">=,<", "meadow-client>=0.4.2,<0.5"),
        ("meadow-client[cli] >=0.5.0rc1", ">=,<", "meadow-client[cli] >=0.5.0rc1,<0.6"),
        ("meadow-client<1,!=0.4.3", "none", "meadow-client"),
        ("meadow-client", "none", "meadow-client"),
    ] {
        assert_eq!(rewritten(&list(before), form, None, Role::Release), Ok(list(after)), "{before} {form}");
    }
}

#[test]
fn a_pin_that_names_no_version_or_two_is_given_one_or_refused() {
    for pin in [
        "meadow-client",
        "meadow-client<1",
        "meadow-client==0.4.*",
        "meadow-client>=0.4,>=0.4.2",
        "meadow-client===0.4.4",
    ] {
        assert_eq!(
            rewritten(&list(pin), "==", Some("0.4.4"), Role::Release),
            Ok(list("meadow-client==0.4.4")),
            "{pin}"
        );
        let refused = rewritten(&list(pin), "==", None, Role::Release).unwrap_err();
        assert!(refused.contains("`--version X.Y.Z`"), "{pin}: {refused}");
    }
    let by_url = list("meadow-client @ https://files.example/c.whl");
    expect![[r#"
        pyproject.toml: `meadow-client` is required by URL
          pyproject.toml:7: "meadow-client @ https://files.example/c.whl" (a URL names no version)
          = remove the URL, or name the others alone with `--client`"#]]
    .assert_eq(&rewritten(&by_url, "none", None, Role::Release).unwrap_err());
}

#[test]
fn tables_of_constraints_of_main_stay_and_those_of_a_line_do_not() {
    let pins =
        format!("{}[tool.uv]\nconstraint-dependencies = [\"meadow-client>=0.4.4\"]\n", list("meadow-client>=0.4.4"));
    let on_main = pins.replacen(">=", "~=", 1);
    assert_eq!(rewritten(&pins, "~=", None, Role::Main), Ok(on_main));
    assert_eq!(rewritten(&pins, "~=", None, Role::Release), Ok(pins.replace(">=", "~=")));
}

proptest! {
    #[test]
    fn a_form_and_the_exact_one_again_leave_every_byte(
        version in "0\\.(0|[1-9][0-9]?)\\.[0-9](rc[1-9])?",
        space in " {0,2}", extras in "(\\[[a-z]{1,3}\\])?", end in "( ; os_name == 'nt')?",
        form in prop::sample::select(&["~=", ">=", ">=,<"][..]),
    ) {
        let exact = list(&format!("meadow-client{extras}{space}=={space}{version}{end}"));
        let there = rewritten(&exact, form, None, Role::Release).unwrap();
        prop_assert_ne!(&there, &exact);
        prop_assert_eq!(rewritten(&there, "==", None, Role::Release).unwrap(), exact);
    }
}
