//! Requirements that a build reads from files are pins like those of the manifest that names the files.

use super::*;
use expect_test::expect;

/// A package whose requirements stand in files.
fn root(version: &str, lists: &str) -> String {
    format!(
        "[project]\nname = \"meadow\"\ndynamic = [\"version\", \"dependencies\", \"optional-dependencies\"]\n\
         [tool.setuptools_scm]\nfallback_version = \"{version}\"\n[tool.setuptools.dynamic]\n{lists}\n"
    )
}

/// A sibling.
const API: (&str, &str) = ("api/pyproject.toml", "[project]\nname = \"meadow-api\"\nversion = \"0.4.4\"\n");

#[test]
fn pins_in_every_file_move_and_all_else_there_stays() {
    let lists = "dependencies = { file = [\"requirements.txt\", \"./api/../deps/b.in\"] }\n\
                 optional-dependencies.client = { file = \"client.txt\" }";
    let [requirements, other, client] = [
        "\u{feff}# meadow-client==0.4.4\r\nmeadow-client==0.4.4  # meadow-client==0.4.4\r\n\r\nx==0.4.4\r\n",
        "meadow-api[y] >= 0.4.4 ; python_version < '4'\nmeadow-api\nmeadow_client \\\n  ==0.4.4 ; \\\n  os_name == 'ä'",
        "meadow.client~=0.4.0\\\n",
    ];
    let before = root("0.4.4", lists);
    let files = [
        ("pyproject.toml", before.as_str()),
        API,
        ("requirements.txt", requirements),
        ("deps/b.in", other),
        ("client.txt", client),
        ("other/client.txt", client),
    ];
    let after = prepared(&files, "", "0.4.5");
    assert_eq!(after[0], root("0.4.5", lists));
    assert_eq!(after[2], requirements.replace("\nmeadow-client==0.4.4 ", "\nmeadow-client==0.4.5 "));
    assert_eq!(
        after[3],
        "meadow-api[y] == 0.4.5 ; python_version < '4'\nmeadow-api\nmeadow_client \\\n  ==0.4.5 ; \\\n  os_name == 'ä'"
    );
    assert_eq!(after[4], "meadow.client==0.4.5\\\n");
    assert_eq!(after[5], client, "a file of the same name");
}

#[test]
fn a_list_that_cannot_be_moved_is_refused_with_its_place() {
    let lists = "dependencies = { file = [\"requirements.txt\", \"missing.txt\", \"../outside.txt\"] }";
    let text = root("0.4.4", lists);
    let with = |list| [("pyproject.toml", text.as_str()), ("requirements.txt", list)];
    expect![[r#"
        pyproject.toml: the build reads `project.dependencies` from missing.txt, which git does not track
          pyproject.toml:7: "missing.txt" (read from here)
          = add the file to git, or list the requirements in the manifest: pins that are not seen cannot be moved
        pyproject.toml: the build reads `project.dependencies` from ../outside.txt, which git does not track
          pyproject.toml:7: "../outside.txt" (read from here)
          = add the file to git, or list the requirements in the manifest: pins that are not seen cannot be moved"#]]
    .assert_eq(&plan(&with("meadow-client==0.4.4\n"), "", "0.4.5").unwrap_err());

    let text = root("0.4.4", "dependencies = { file = [\"requirements.txt\"] }");
    let files = [
        ("pyproject.toml", text.as_str()),
        ("requirements.txt", "meadow-client\nmeadow-client==0.4.4 --hash=sha256:00\n"),
    ];
    expect![[r#"
        requirements.txt: the client `meadow-client` is required without a version
          requirements.txt:1: meadow-client (no specifier)
          = write `meadow-client==0.4.5`, or keep it as it is with `pin = { release = "keep", candidate = "keep" }` in release.toml
        requirements.txt: `meadow-client==0.4.4 --hash=sha256:00` is not a PEP 508 requirement: expected `,`, `;` or the end after the specifier at byte 21
          requirements.txt:2: meadow-client==0.4.4 --hash=sha256:00 (expected `,`, `;` or the end after the specifier)
          = write it as PEP 508 has it: `name==1.0`"#]]
    .assert_eq(&plan(&files, "", "0.4.5").unwrap_err());
}

#[test]
fn the_hook_of_hatch_that_reads_lists_is_followed_too() {
    let hook = "[tool.hatch.metadata.hooks.requirements_txt]\nfiles = [\"a.txt\"]\n\
                optional-dependencies.x = [\"b.txt\"]\n";
    let text = format!("[project]\nname = \"meadow\"\nversion = \"0.4.4\"\n{hook}");
    let files =
        [("pyproject.toml", text.as_str()), ("a.txt", "meadow-client==0.4.4"), ("b.txt", "meadow-client>=0.4\n")];
    assert_eq!(prepared(&files, "", "0.4.5")[1..], ["meadow-client==0.4.5", "meadow-client==0.4.5\n"]);
}
