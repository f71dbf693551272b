//! Requirements that setuptools reads from a file: the release moves them, and the rules find those that it would move.

use crate::sample::{MANIFESTS, Sample};

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
