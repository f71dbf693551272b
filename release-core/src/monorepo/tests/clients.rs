//! Discovery of clients, and the trees in which one looks renamed.

use super::*;
use crate::monorepo::Client;
use expect_test::{Expect, expect};

/// Checks the requirements of the package `meadow` at 0.4.5, those of its UI, and `release.toml`.
#[track_caller]
fn check(requirements: &[&str], ui: &str, config: &str, expected: &Expect) {
    expected.assert_eq(&found(requirements, ui, config));
}

/// Returns the clients and UIs, or the problems.
fn found(requirements: &[&str], ui: &str, config: &str) -> String {
    let quoted: Vec<String> = requirements.iter().map(|requirement| format!("    '{requirement}',\n")).collect();
    let root = scm("meadow", "0.4.5", &format!("dependencies = [\n{}]", quoted.concat()));
    let json = format!("{{\"dependencies\": {{{ui}}}}}");
    let mut files = vec![("pyproject.toml", root.as_str())];
    if !ui.is_empty() {
        files.push(("src/ui/package.json", &json));
    }
    match discovered(&files, config, "v0.3.0 v0.4.0 v0.4.4 v0.5.0") {
        Ok(monorepo) => {
            let clients = monorepo.clients.iter().map(|client| {
                let registries: Vec<&str> = client.registries.iter().map(|registry| registry.name()).collect();
                format!("{} on {}: {}", client.name, registries.join(" and "), client.why)
            });
            let uis = monorepo.uis.iter().map(|ui| format!("ui {}: {} {}", ui.path, ui.client, ui.range));
            clients.chain(uis).collect::<Vec<_>>().join("\n")
        }
        Err(problems) => noted(&problems, &files),
    }
}

/// The policy of a pin that a release does not change.
const KEPT: &str = "pin = { release = \"keep\", candidate = \"keep\" }";

#[test]
fn a_client_is_named_after_a_package_however_it_is_spelled() {
    check(&["Meadow_Client>=0.3"], "", "", &expect!["meadow-client on pypi: it is named after a package"]);
    check(
        &["meadow-client[cli]==0.4.4"],
        r#""meadow-client": "^0.4.4""#,
        "",
        &expect![[r#"
            meadow-client on pypi and npm: it is named after a package
            ui src/ui: meadow-client ^"#]],
    );
    // An unreadable requirement on a client still makes it one; the error is reported at the pin.
    check(&["meadow-client==0.4.x"], "", "", &expect!["meadow-client on pypi: it is named after a package"]);
}

#[test]
fn what_a_manifest_and_a_ui_both_ask_for_is_a_client_when_it_moves_with_us() {
    check(
        &["pasture==0.4.4"],
        r#""pasture": "^0.4.4""#,
        "",
        &expect![[r#"
            pasture on pypi and npm: a manifest and src/ui/package.json both ask for it
            ui src/ui: pasture ^"#]],
    );
    check(
        &["pasture-client>=0.3.0.dev0"],
        r#""pasture-client": "~0.4.0""#,
        "",
        &expect![[r#"
            pasture-client on pypi and npm: a manifest and src/ui/package.json both ask for it
            ui src/ui: pasture-client ^"#]],
    );
    check(
        &["meadow-sdk"],
        r#""meadow-sdk": "latest""#,
        "",
        &expect![[r#"
            meadow-sdk on pypi and npm: a manifest and src/ui/package.json both ask for it
            ui src/ui: meadow-sdk ^"#]],
    );
}

#[test]
fn third_parties_are_left_alone() {
    for (requirements, ui) in [
        (&["openai>=1.100", "meadow-client==0.4.4"][..], r#""openai": "^5.0.0""#),
        // A version that this monorepo had years ago too.
        (&["playwright==0.3.0", "meadow-client==0.4.4"], r#""playwright": "^0.3.0""#),
        (&["qdrant-client>=0.3.0", "weaviate-client==4.16.9", "meadow-client==0.4.4"], ""),
        (&["qdrant-client>=1.9", "meadow-provider-kite==0.4.4"], ""),
        (&["old-client==0.3.0"], ""),
        (&["docker"], r#""react": "^18.2.0", "local": "file:../x", "any": "*""#),
    ] {
        let client = requirements.iter().any(|requirement| requirement.starts_with("meadow-client"));
        let expected = if client { "meadow-client on pypi: it is named after a package" } else { "" };
        let root = scm("meadow", "0.4.5", &format!("dependencies = {requirements:?}"));
        let json = format!("{{\"dependencies\": {{{ui}}}}}");
        let files = [("pyproject.toml", root.as_str()), ("ui/package.json", &json)];
        let found =
            discovered(&files, "", "v0.3.0 v0.4.4 v0.5.0").map_err(|problems| noted(&problems, &files)).unwrap();
        let on = |client: &Client| client.registries.iter().map(ToString::to_string).collect::<String>();
        let reasons: Vec<String> =
            found.clients.iter().map(|c| format!("{} on {}: {}", c.name, on(c), c.why)).collect();
        assert_eq!(reasons.join("\n"), expected, "{requirements:?} {ui}");
        assert!(found.uis.is_empty(), "{ui}");
    }
}

#[test]
fn a_renamed_client_is_found_by_its_new_name() {
    check(
        &["pasture-client==0.4.4"],
        r#""pasture-client": "^0.4.4""#,
        "",
        &expect![[r#"
            pasture-client on pypi and npm: a manifest and src/ui/package.json both ask for it
            ui src/ui: pasture-client ^"#]],
    );
}

#[test]
fn the_old_name_beside_the_new_one_is_an_error_with_every_place() {
    check(
        &["pasture-client==0.4.4", "meadow-client==0.4.4", "meadow_client>=0.4.4; python_version < \"4\""],
        r#""pasture-client": "^0.4.4""#,
        "",
        &expect![[r#"
            the manifests pin more than one client: `meadow-client`, `pasture-client`
              pyproject.toml:5: 'pasture-client==0.4.4' (a pin of `pasture-client`)
              pyproject.toml:6: 'meadow-client==0.4.4' (a pin of `meadow-client`)
              pyproject.toml:7: 'meadow_client>=0.4.4; python_version < "4"' (a pin of `meadow-client`)
              = if one was renamed, replace the pins that are left of the old name; if all of them are clients, name each in release.toml (`[[client]]`, `name = "..."`)"#]],
    );
}

#[test]
fn a_bound_on_the_new_name_beside_a_pin_of_the_old_one_is_an_error() {
    check(
        &["meadow-client==0.4.4", "pasture-client>=0.4.4"],
        "",
        "",
        &expect![[r#"
            pyproject.toml: `pasture-client>=0.4.4` carries a version of this monorepo, but the client is `meadow-client`
              pyproject.toml:6: 'pasture-client>=0.4.4' (a pin of `pasture-client`)
              = if the client was renamed, name the new one in release.toml (`[[client]]`, `name = "..."`) and replace the pins of the old; if it is a third party's, name it there with `pin = { release = "keep", candidate = "keep" }`"#]],
    );
}

#[test]
fn a_pin_of_an_unknown_client_that_carries_our_version_is_an_error() {
    check(
        &["pasture-client==0.4.4"],
        "",
        "",
        &expect![[r#"
            pyproject.toml: `pasture-client==0.4.4` carries a version of this monorepo, but is not known as a client
              pyproject.toml:5: 'pasture-client==0.4.4' (a pin of `pasture-client`)
              = if the client was renamed, name the new one in release.toml (`[[client]]`, `name = "..."`) and replace the pins of the old; if it is a third party's, name it there with `pin = { release = "keep", candidate = "keep" }`"#]],
    );
    check(
        &["pasture-client>=0.4.0.dev0"],
        "",
        "",
        &expect![[r#"
            pyproject.toml: `pasture-client>=0.4.0.dev0` carries a version of this monorepo, but is not known as a client
              pyproject.toml:5: 'pasture-client>=0.4.0.dev0' (a pin of `pasture-client`)
              = if the client was renamed, name the new one in release.toml (`[[client]]`, `name = "..."`) and replace the pins of the old; if it is a third party's, name it there with `pin = { release = "keep", candidate = "keep" }`"#]],
    );
    check(
        &["pasture-client==0.5.0", "meadow-client==0.4.4"],
        "",
        "",
        &expect![[r#"
            pyproject.toml: `pasture-client==0.5.0` carries a version of this monorepo, but the client is `meadow-client`
              pyproject.toml:5: 'pasture-client==0.5.0' (a pin of `pasture-client`)
              = if the client was renamed, name the new one in release.toml (`[[client]]`, `name = "..."`) and replace the pins of the old; if it is a third party's, name it there with `pin = { release = "keep", candidate = "keep" }`"#]],
    );
}

#[test]
fn a_client_that_no_manifest_pins_is_an_error() {
    check(
        &["httpx"],
        r#""meadow-client": "^0.4.4""#,
        "",
        &expect![[r#"
            no manifest pins the client `meadow-client` (src/ui/package.json asks for it)
              = if it was renamed, name the new one in release.toml (`[[client]]`, `name = "..."`); if the pin was lost, put it back; if it is on npm alone, say so there (`registry = ["npm"]`)"#]],
    );
    check(
        &["pasture-client>=0.4.4"],
        "",
        "[[client]]\nname = \"meadow-client\"",
        &expect![[r#"
            no manifest pins the client `meadow-client` (release.toml names it)
              pyproject.toml:5: 'pasture-client>=0.4.4' (this looks like its new name)
              = if it was renamed, name the new one in release.toml (`[[client]]`, `name = "..."`); if the pin was lost, put it back; if it is on npm alone, say so there (`registry = ["npm"]`)"#]],
    );
}

#[test]
fn of_very_many_pins_that_look_like_the_new_name_of_a_client_the_number_of_the_others_is_said() {
    for (pins, more) in [(20, ""), (23, "; beside the 20 pins that are shown here, 3 more look like its new name")] {
        let pins: String = (0..pins).map(|at| format!("    'pasture{at}-client==0.4.4',\n")).collect();
        let root = scm("meadow", "0.4.5", &format!("dependencies = [\n{pins}]"));
        let config = "[[client]]\nname = 'meadow-client'\n";
        let problems = discovered(&[("pyproject.toml", &root)], config, "v0.4.4").unwrap_err();
        let missing = format!("no manifest pins the client `meadow-client` (release.toml names it){more}");
        let problem = problems.iter().find(|problem| problem.message == missing).unwrap();
        assert_eq!(problem.labels.len(), 20);
    }
}

#[test]
fn release_toml_names_clients_and_is_believed() {
    check(&["pasture>=1"], "", "[[client]]\nname = \"Pasture\"", &expect!["pasture on pypi: release.toml names it"]);
    check(
        &["pasture==0.4.4", "qdrant-client==0.4.4"],
        "",
        "[[client]]\nname = \"pasture\"",
        &expect!["pasture on pypi: release.toml names it"],
    );
    // A sibling may be named, to have its own policy.
    check(
        &["meadow[all]>=0.4"],
        "",
        "[[client]]\nname = \"meadow\"",
        &expect!["meadow on pypi: release.toml names it"],
    );
    // The old pins of a client that was named after the package.
    check(
        &["pasture==0.4.4", "meadow-client==0.4.4"],
        "",
        "[[client]]\nname = \"pasture\"",
        &expect![[r#"
            pyproject.toml: `meadow-client==0.4.4` is named after a package of this monorepo, but the client is `pasture`
              pyproject.toml:6: 'meadow-client==0.4.4' (a pin of `meadow-client`)
              = if the client was renamed, name the new one in release.toml (`[[client]]`, `name = "..."`) and replace the pins of the old; if it is a third party's, name it there with `pin = { release = "keep", candidate = "keep" }`"#]],
    );
}

#[test]
fn every_error_about_clients_has_a_way_out_in_release_toml() {
    let third_party = format!("[[client]]\nname = \"qdrant-client\"\n{KEPT}");
    check(&["qdrant-client>=0.4.4"], "", &third_party, &expect!["qdrant-client on pypi: release.toml names it"]);
    let both = "[[client]]\nname = \"meadow-client\"\n[[client]]\nname = \"pasture-client\"";
    check(
        &["pasture-client==0.4.4", "meadow-client==0.4.4"],
        "",
        both,
        &expect![[r#"
            meadow-client on pypi: release.toml names it
            pasture-client on pypi: release.toml names it"#]],
    );
    let npm = "[[client]]\nname = \"meadow-client\"\nregistry = [\"npm\"]";
    check(
        &["httpx"],
        r#""meadow-client": "^0.4.4""#,
        npm,
        &expect![[r#"
            meadow-client on npm: release.toml names it
            ui src/ui: meadow-client ^"#]],
    );
}

#[test]
fn a_ui_that_release_toml_names_asks_for_what_its_package_json_says() {
    let ui = |rest: &str| format!("[[ui]]\npath = \"src/ui\"\n{rest}");
    check(
        &["meadow-client==0.4.4"],
        r#""meadow-client": "~0.4.4""#,
        &ui("range = \"~\""),
        &expect![[r#"
            meadow-client on pypi and npm: it is named after a package
            ui src/ui: meadow-client ~"#]],
    );
    check(
        &["meadow-client==0.4.4"],
        r#""@meadow/client": "~0.4.4""#,
        &ui(""),
        &expect![[r#"
            release.toml names the UI src/ui, whose package.json requires no known client
              = correct its `path`, or name the client there: `[[ui]]` with `client = "..."`
            src/ui/package.json: `@meadow/client` carries a version of this monorepo, `~0.4.4`, and no release moves it
              src/ui/package.json:1: "~0.4.4" (not known as a client)
              = if it is the client, name the UI in release.toml: `[[ui]]` with `path = "src/ui"` and `client = "meadow-client"`; if it is a third party's, name it there as a client that stays: `[[client]]` with `name = "@meadow/client"`, `registry = ["npm"]` and `pin = { release = "keep", candidate = "keep" }`"#]],
    );
    check(
        &["meadow-client==0.4.4"],
        r#""@meadow/client": "~0.4.4""#,
        &ui("client = \"meadow-client\""),
        &expect![[r#"
            meadow-client on pypi and npm: it is named after a package
            ui src/ui: meadow-client ^"#]],
    );
}

#[test]
fn a_package_of_a_scope_that_carries_our_version_is_not_passed_over() {
    for (name, range, is_doubtful) in [
        ("@kite/meadow-client", "^0.4.4", true),
        ("@meadow/client", "0.4.4", true),
        ("@kite/meadow-client", "^7.1.0", false),
        ("@kite/http-client", "^0.4.4", false),
        ("@kite/meadow-client", "latest", false),
    ] {
        let found = found(&["meadow-client==0.4.4"], &format!("\"{name}\": \"{range}\""), "");
        assert_eq!(found.contains("no release moves it"), is_doubtful, "{name} {range}: {found}");
    }
    let keep = format!(
        "[[client]]\nname = \"meadow-client\"\n[[client]]\nname = \"@kite/meadow-client\"\nregistry = [\"npm\"]\n{KEPT}"
    );
    let found = found(&["meadow-client==0.4.4"], r#""@kite/meadow-client": "^0.4.4""#, &keep);
    assert!(!found.contains("no release moves it"), "{found}");
}
