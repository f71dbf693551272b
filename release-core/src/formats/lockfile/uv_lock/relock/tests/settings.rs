//! Tables that uv reads of the manifest beside the lockfile alone: lists, limits on the time of upload, the Pythons of groups.

use super::*;

/// The record of the lists of `LISTED`.
const RECORDED: &str = r#"
[manifest]
constraints = [
    { name = "anyio", specifier = "<5" },
    { name = "meadow-client", specifier = "==0.4.4" },
]
overrides = [{ name = "meadow-client", specifier = "==0.4.4" }]
build-constraints = [{ name = "meadow-client", extras = ["web"], specifier = "==0.4.4" }]
excludes = ["moss"]

[[manifest.dependency-metadata]]
name = "moss"
version = "1.0"

[[manifest.dependency-metadata]]
name = "reed"
requires-dist = ["anyio"]
"#;

const LISTED: &str = r#"
[tool.uv]
constraint-dependencies = ["Meadow.Client == 0.4.4", "anyio<5"]
override-dependencies = ["meadow-client==0.4.4"]
build-constraint-dependencies = ["meadow-client[web]==0.4.4"]
exclude-dependencies = ["moss"]
dependency-metadata = [{ name = "moss", version = "1.0" }, { name = "reed", requires-dist = ["anyio"] }]
"#;

fn with_head(head: &str) -> String {
    LOCK.replacen("\n\n[[package]]", &format!("\n{head}\n[[package]]"), 1)
}

#[test]
fn the_lists_of_the_manifest_beside_the_lockfile_move_with_the_client() {
    let (lock, manifest) = (with_head(RECORDED), format!("{MANIFEST}{LISTED}"));
    let scene = |lock: &str, version: &str| Scene::new(lock, &manifest.replace("0.4.4", version), API);
    assert_eq!(scene(&lock, "0.4.4").need("0.4.4").as_deref(), Ok("nothing"));
    let relocked = scene(&lock, "0.4.5").relock("0.4.5", files("0.4.5")).unwrap();
    assert!(relocked.contains(&RECORDED.replace("0.4.4", "0.4.5")), "{relocked}");
    assert_eq!(scene(&relocked, "0.4.5").need("0.4.5").as_deref(), Ok("nothing"));
    let stale = relocked.replace(
        "[{ name = \"meadow-client\", specifier = \"==0.4.5\" }]",
        "[{ name = \"meadow-client\", specifier = \"==0.4.4\" }]",
    );
    assert_eq!(scene(&stale, "0.4.5").need("0.4.5").as_deref(), Ok("recorded"));
    assert_eq!(scene(&stale, "0.4.5").relock("0.4.5", Vec::new()), Ok(relocked));
}

#[test]
fn the_groups_of_a_root_without_a_package_move_with_the_client() {
    let groups =
        "[manifest.dependency-groups]\ndev = [{ name = \"meadow-client\", specifier = \"==0.4.4\" }]\nempty = []\n";
    let entry =
        LOCK.find("[[package]]\nname = \"meadow\"").unwrap()..LOCK.find("[[package]]\nname = \"meadow-api\"").unwrap();
    let mut lock = LOCK.to_owned();
    lock.replace_range(entry, "");
    let lock = lock.replacen("\n\n[[package]]", &format!("\n\n{groups}\n[[package]]"), 1);
    let manifest = "[dependency-groups]\ndev = [\"meadow-client==0.4.5\"]\nempty = []\n";
    let relocked = Scene::new(&lock, manifest, API).relock("0.4.5", files("0.4.5")).unwrap();
    assert!(relocked.contains(&groups.replace("0.4.4", "0.4.5")), "{relocked}");
}

#[test]
fn lists_that_were_not_recorded_as_they_are_are_refused() {
    let at = |manifest: &str| {
        Scene::new(&with_head(RECORDED), &format!("{MANIFEST}{manifest}"), API).need("0.4.4").unwrap_err()
    };
    for (manifest, reason) in [
        (
            LISTED.replace("anyio<5", "anyio<6"),
            "the lockfile's record of `anyio` differs from `tool.uv.constraint-dependencies` of pyproject.toml",
        ),
        (
            LISTED.replace("[\"meadow-client==0.4.4\"]", "[]"),
            "the lockfile records `meadow-client` of `tool.uv.override-dependencies` in pyproject.toml not at all, or with other extras or markers",
        ),
        (
            LISTED.replace("Client == 0.4.4", "Client == 0.4.3"),
            "pyproject.toml asks for `Meadow.Client == 0.4.3`, which does not admit 0.4.4",
        ),
    ] {
        assert_eq!(at(&manifest), reason);
    }
    let described = with_head(RECORDED).replace("\"reed\"", "\"meadow_client\"");
    let refused = Scene::new(&described, &format!("{MANIFEST}{LISTED}").replace("\"reed\"", "\"meadow-client\""), API)
        .need("0.4.4");
    assert_eq!(refused.unwrap_err(), "the requirements of `meadow-client` are those of `tool.uv.dependency-metadata`");
}

#[test]
fn a_client_is_locked_only_if_it_was_uploaded_before_the_limit() {
    const SPAN: &str = "exclude-newer = \"0001-01-01T00:00:00Z\" # This has no effect and is included for backwards compatibility when using relative exclude-newer values.\nexclude-newer-span = \"P7D\"\n";
    let free = "to take it all the same, set `exclude-newer-package = { meadow-client = false }` in [tool.uv]";
    let refused = |reason: &str| Err(format!("{reason}; {free}"));
    let uploaded = "meadow_client-0.4.5-py3-none-any.whl was uploaded at 2026-03-01T00:00:00.980000Z";
    for (set, recorded, expected) in [
        ("exclude-newer = '2026-03-01T00:00:01Z'", "exclude-newer = \"2026-03-01T00:00:01Z\"", Ok(())),
        (
            "exclude-newer = '2026-03-01T00:00:00.980Z'",
            "exclude-newer = \"2026-03-01T00:00:00.980Z\"",
            refused(&format!(
                "`exclude-newer` is 2026-03-01T00:00:00.980Z, and {uploaded}, so that uv does not take it"
            )),
        ),
        (
            "exclude-newer = '2026-02-01T00:00:00Z'\nexclude-newer-package = { Meadow_Client = false }",
            "exclude-newer = \"2026-02-01T00:00:00Z\"\n\n[options.exclude-newer-package]\nmeadow-client = false",
            Ok(()),
        ),
        (
            "exclude-newer-package = { meadow-client = '2026-02-28T00:00:00Z' }",
            "\n[options.exclude-newer-package]\nmeadow-client = \"2026-02-28T00:00:00Z\"",
            refused(&format!("`exclude-newer` is 2026-02-28T00:00:00Z, and {uploaded}, so that uv does not take it")),
        ),
        (
            "exclude-newer = '7 days'",
            SPAN,
            refused("with `exclude-newer` of P7D it depends on the time whether uv takes meadow-client 0.4.5"),
        ),
        (
            "exclude-newer = '7 days'\nexclude-newer-package = { meadow-client = false, brook = '2 weeks' }",
            &format!(
                "{SPAN}\n[options.exclude-newer-package]\nbrook = {{ timestamp = \"0001-01-01T00:00:00Z\", span = \"P2W\" }}\nmeadow-client = false"
            ),
            Ok(()),
        ),
    ] {
        let head = format!("\n[options]\n{recorded}\n");
        let scene =
            Scene::new(&with_head(&head), &format!("{}\n[tool.uv]\n{set}\n", MANIFEST.replace("0.4.4", "0.4.5")), API);
        let relocked = scene.relock("0.4.5", files("0.4.5"));
        assert_eq!(
            relocked.map(|text| assert!(text.contains(&head) && text.contains("client-0.4.5.tar.gz"))),
            expected,
            "{set}"
        );
    }
}

#[test]
fn a_lockfile_that_was_written_with_another_limit_is_refused() {
    let settings = "the settings (pyproject.toml, uv.toml, UV_EXCLUDE_NEWER)";
    let again = "uv would resolve everything again";
    for (set, recorded, reason) in [
        (
            "",
            "exclude-newer = \"2026-03-01T00:00:00Z\"",
            format!(
                "the lockfile was written with 2026-03-01T00:00:00Z for `exclude-newer`, and {settings} have none: {again}"
            ),
        ),
        (
            "exclude-newer = '2026-03-01'",
            "",
            format!("the lockfile was written without it for `exclude-newer`, and {settings} have 2026-03-01: {again}"),
        ),
        (
            "exclude-newer-package = { brook = '1 day' }",
            "",
            format!(
                "the lockfile was written without it for `exclude-newer-package` of `brook`, and {settings} have P1D: {again}"
            ),
        ),
    ] {
        let head = format!("\n[options]\n{recorded}\n");
        let scene = Scene::new(&with_head(&head), &format!("{MANIFEST}\n[tool.uv]\n{set}\n"), API);
        assert_eq!(scene.need("0.4.4"), Err(reason));
    }
    let index = "[[tool.uv.index]]\nurl = \"https://i.example/simple\"\nexclude-newer = \"2027-01-01T00:00:00Z\"\n";
    let scene = Scene::new(LOCK, &format!("{}\n{index}", MANIFEST.replace("0.4.4", "0.4.5")), API);
    let reason = "the index https://i.example/simple has an `exclude-newer` of its own, which only uv applies";
    assert_eq!(scene.relock("0.4.5", files("0.4.5")), Err(reason.to_owned()));
}

#[test]
fn what_the_python_of_a_group_adds_to_its_markers_is_no_difference() {
    let marked = LOCK.replace(
        "extras = [\"web\"], specifier",
        "extras = [\"web\"], marker = \"python_full_version >= '3.13'\", specifier",
    );
    let pythons = "[tool.uv.dependency-groups]\nTest = { requires-python = \">=3.13\" }\n";
    let manifest = format!("{MANIFEST}{pythons}");
    let relocked =
        Scene::new(&marked, &manifest.replace("0.4.4", "0.4.5"), API).relock("0.4.5", files("0.4.5")).unwrap();
    assert_eq!(relocked.matches("marker = \"python_full_version >= '3.13'\", specifier = \"==0.4.5\"").count(), 2);
    for (pythons, expected) in [(pythons.replace("3.13", "3.14"), "only uv"), (String::new(), "other markers")] {
        let refused = Scene::new(&marked, &format!("{MANIFEST}{pythons}").replace("0.4.4", "0.4.5"), API)
            .relock("0.4.5", files("0.4.5"))
            .unwrap_err();
        let reason = match expected {
            "only uv" => "it is not known whether uv would record the marker of `meadow-client`",
            _ => "not at all, or with other extras or markers",
        };
        assert!(refused.contains(reason), "{refused}");
    }
}
