//! Requirements outside of manifests: what setuptools reads from a file is released, what no release edits is said.

use crate::sample::{MANIFESTS, Sample};
use expect_test::expect;

const LIST: &str = "requirements.txt";

/// The sample, whose root reads its requirements from a file, pushed.
fn listed() -> Sample {
    let sample = Sample::new();
    let root = sample.read(MANIFESTS[0]);
    let (start, rest) = root.split_once("dependencies = [\n").unwrap();
    let (_, rest) = rest.split_once("]\n").unwrap();
    let root = format!("{start}{rest}").replace("dynamic = [\"version\"]", "dynamic = [\"version\", \"dependencies\"]");
    let dynamic = format!("\n[tool.setuptools.dynamic]\ndependencies = {{ file = [\"{LIST}\"] }}\n");
    sample.write(MANIFESTS[0], &(root + &dynamic));
    sample.write(LIST, "# together\nmeadow-client==0.4.4 # ours\nmeadow-api == 0.4.4\npydantic>=2\n");
    sample.commit("build: requirements in a file");
    sample.git(&["push", "--quiet", "origin", "HEAD"]);
    sample
}

#[test]
fn a_list_of_requirements_is_released_with_the_manifest_that_names_it() {
    let after = "# together\nmeadow-client==0.4.5 # ours\nmeadow-api == 0.4.5\npydantic>=2\n";
    for words in ["patch 0.4.5", "patch 0.4.5 --commit"] {
        let sample = listed();
        sample.release(words).expect(0);
        assert_eq!(sample.read(LIST), after, "{words}");
        let again = sample.release(words).expect(0);
        assert!(again.stderr.contains("\nnothing to do: "), "{}", again.stderr);
        if words.ends_with("--commit") {
            assert_eq!(sample.status(), [""; 0]);
            assert_eq!(sample.release("check").stdout.matches("requirements.txt").count(), 0);
        }
    }
}

#[test]
fn what_is_edited_in_a_list_meanwhile_is_in_the_way() {
    let sample = listed();
    sample.edit(LIST, "pydantic>=2", "pydantic>=3");
    let refusal = sample.refusal("patch 0.4.5");
    assert!(refusal.contains("requirements.txt"), "{refusal}");
}

#[test]
fn check_finds_a_pin_of_a_list_that_is_not_of_the_release() {
    let sample = listed();
    sample.release("patch 0.4.5 --commit").expect(0);
    sample.edit(LIST, "meadow-client==0.4.5", "meadow-client==0.4.3");
    sample.commit("fix: another client");
    for words in ["check", "check --rev HEAD"] {
        let run = sample.release(words);
        assert!(run.stdout.contains("requirements.txt:2:1"), "{words}: {}", run.stdout);
    }
}

#[test]
fn a_place_that_no_release_edits_is_a_warning_and_one_that_users_install_by_a_refusal() {
    let sample = Sample::new();
    sample.write("docker/Dockerfile", "FROM python:3.12\nRUN pip install 'meadow-client[cli]==0.4.4'\n");
    sample.write("requirements-docs.txt", "meadow-client>=0.4\nmeadow-api==0.4.5\n");
    sample.commit("build: an image");
    sample.git(&["push", "--quiet", "origin", "HEAD"]);
    let run = sample.release("patch 0.4.5 --dry-run").expect(0);
    expect![[r#"
        release 0.4.5, a patch after 0.4.4
          where     [DIR]/checkout, on release-0.4.x
          packages  meadow, meadow_agents, meadow-api (setuptools-scm)
          client    meadow-client, pinned ==0.4.5
          remote    origin, not fetched since it was cloned; asked just now for the tag

        warning: docker/Dockerfile: `meadow-client[cli]==0.4.4` asks for another `meadow-client` than 0.4.5
         --> docker/Dockerfile:2:18
          |
        2 | RUN pip install 'meadow-client[cli]==0.4.4'
          |                  ^^^^^^^^^^^^^^^^^^^^^^^^^ no release edits this
          |
          = help: move it to 0.4.5 by hand where it belongs to the release, or let its own tool write it

        would change 3 files: 3 versions, 3 pins; dry run, nothing was changed; left to you: 1 warning above

        what comes next
          1. bring this onto release-0.4.x (CI cannot resolve `meadow-client==0.4.5` before the client is published; that is expected)
               git switch --create prepare-v0.4.5
               git commit --message 'chore: prepare release v0.4.5' -- pyproject.toml src/meadow_agents/pyproject.toml src/meadow_api/pyproject.toml
               git push --set-upstream origin prepare-v0.4.5
               gh pr create --base release-0.4.x --head prepare-v0.4.5 --title 'chore: prepare release v0.4.5' --body ''
          2. create the GitHub release v0.4.5 on release-0.4.x
               gh release create v0.4.5 --target release-0.4.x --generate-notes --latest
          3. see that 5 packages are published as 0.4.5: meadow (pypi), meadow-agents (pypi), meadow-api (pypi), meadow-client (pypi), meadow-client (npm)
          4. then make the edits that follow: the lockfiles on release-0.4.x, 0.4.6.dev0 on main
               cargo xtask release post 0.4.5
          5. write the release notes and announce the release
    "#]].assert_eq(&sample.normal(&run.stderr));
    let document: serde_json::Value =
        serde_json::from_str(&sample.release("patch 0.4.5 --commit --output-format json").expect(0).stdout).unwrap();
    assert_eq!(document["warnings"][0]["labels"][0]["path"], "docker/Dockerfile");
    assert_eq!(document["warnings"].as_array().map(Vec::len), Some(1));
    let again = sample.release("patch 0.4.5 --commit").expect(0);
    assert!(again.stderr.contains("are at 0.4.5 already; left to you: 1 warning above"), "{}", again.stderr);
    for words in ["check", "check --rev HEAD"] {
        let checked = sample.release(words);
        assert!(
            checked.stdout.contains("warning[pin-elsewhere]: docker/Dockerfile: `meadow-client[cli]==0.4.4` asks"),
            "{}",
            checked.stdout
        );
        assert!(checked.stdout.contains("docker/Dockerfile:2:18"), "{}", checked.stdout);
    }

    sample.write("src/meadow_api/setup.cfg", "[options]\ninstall_requires =\n    meadow-client==0.4.5\n");
    sample.commit("build: requirements beside the manifest");
    sample.git(&["tag", "v0.4.5"]);
    sample.git(&["push", "--quiet", "origin", "HEAD", "v0.4.5"]);
    let audited = sample.release("audit --tags v0.4.5 --output-format json").stdout;
    let audited: serde_json::Value = serde_json::from_str(&audited).unwrap();
    let found = audited["tags"][0]["diagnostics"].as_array().unwrap();
    let found: Vec<_> = found.iter().filter(|found| found["rule"] == "pin-elsewhere").collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["labels"][0]["path"], "docker/Dockerfile");
    let refusal = sample.refusal("patch 0.4.6");
    assert!(refusal.contains("src/meadow_api/setup.cfg: `meadow-client==0.4.5` asks for another"), "{refusal}");
    assert!(refusal.contains("src/meadow_api/setup.cfg:3:5"), "{refusal}");
}

#[test]
fn a_package_whose_version_no_release_writes_is_named_though_others_are_edited() {
    let sample = Sample::new();
    let other = "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n\n[project]\nname = 'meadow-kit'\ndynamic = ['version']\n\n[tool.hatch.version]\npath = 'kit.py'\n";
    sample.write("src/kit/pyproject.toml", other);
    sample.commit("feat: a kit");
    sample.git(&["push", "--quiet", "origin", "HEAD"]);
    let row = "left      src/kit/pyproject.toml: its version comes from `tool.hatch.version`\n";
    let prepared = sample.release("patch 0.4.5 --dry-run").expect(0).stderr;
    assert!(prepared.contains("warning: src/kit/pyproject.toml: "), "{prepared}");
    let moved = sample.release("init --adopt-scm --dry-run").expect(0).stderr;
    assert!(moved.contains(row) && !moved.contains("every package has"), "{moved}");
}

#[test]
fn what_there_is_none_of_is_said_and_not_called_right() {
    let sample = Sample::new();
    for path in ["uv.lock", "src/meadow_ui/package.json", "src/meadow_ui/package-lock.json"] {
        sample.git(&["rm", "--quiet", path]);
    }
    for path in crate::sample::MANIFESTS {
        let text = sample.read(path);
        let lines = text.lines().filter(|line| !line.contains("meadow-client\"") && !line.contains("meadow-client["));
        let text = lines.collect::<Vec<_>>().join("\n") + "\n";
        let text = text.replace(", \"meadow-client==0.4.4\"", "").replace("\"meadow-client==0.4.4\",", "");
        sample.write(path, &text.replace("    'meadow-client[cli] ==0.4.4 ; python_version < \"4\"',\n", ""));
    }
    sample.commit("feat!: no client");
    let relocked = sample.release("relock --offline").expect(0).stderr;
    assert!(relocked.contains("there is no lockfile of uv's or npm's that has a client"), "{relocked}");
    assert!(!relocked.contains("as it must be"), "{relocked}");
}
