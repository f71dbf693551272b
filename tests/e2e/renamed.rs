//! A client that was renamed after a final: what still has its old name is said, and nothing is edited beside it.

use crate::sample::{MANIFESTS, Sample};

const UI: &str = "src/meadow_ui/package.json";

/// The sample, whose pins and, with `ui`, whose front end ask for a client that was renamed.
fn renamed(branch: &str, ui: bool) -> Sample {
    let sample = Sample::on(branch);
    sample.write("release.toml", "[[client]]\nname = \"field-client\"\nregistry = [\"pypi\", \"npm\"]\n\n[[ui]]\npath = \"src/meadow_ui\"\nclient = \"field-client\"\n");
    for path in MANIFESTS {
        let text = sample.read(path);
        sample.write(path, &text.replace("meadow-client", "field-client"));
    }
    if ui {
        let text = sample.read(UI);
        sample.write(UI, &text.replace("meadow-client", "field-client"));
    }
    sample.commit("feat!: the client is called field-client");
    sample.git(&["push", "--quiet", "origin", "HEAD"]);
    sample
}

const SAID: &str = "src/meadow_ui/package.json still asks for `meadow-client`, which was the client of 0.4.4; now the client is `field-client`";

#[test]
fn every_command_that_moves_clients_says_what_is_left_of_the_old_name() {
    let sample = renamed("release-0.4.x", false);
    for words in ["relock --dry-run --offline", "relock --write --offline", "patch 0.4.5", "patch 0.4.5 --commit"] {
        let refusal = sample.refusal(words);
        assert!(refusal.contains(SAID), "{words}: {refusal}");
        assert!(refusal.contains("src/meadow_ui/package.json:"), "{words}: {refusal}");
    }
    let checked = sample.release("check").expect(1);
    assert!(checked.stdout.contains(SAID), "{}", checked.stdout);
    sample.git(&["tag", "v0.4.5"]);
    sample.git(&["push", "--quiet", "origin", "v0.4.5"]);
    // The final before still knows.
    let refusal = sample.refusal("post 0.4.5 --only line --offline");
    assert!(refusal.contains(SAID), "{refusal}");
}

#[test]
fn main_is_bumped_and_what_is_left_of_the_old_name_is_said_where_no_client_moves_there() {
    let sample = renamed("main", false);
    // The line still has the old name, and its release.
    let config = format!("--config {}", sample.checkout.join("release.toml"));
    sample.git(&["tag", "v0.4.5", "release-0.4.x"]);
    sample.git(&["push", "--quiet", "origin", "v0.4.5"]);
    let words = format!("post 0.4.5 --only main --offline {config}");
    let planned = sample.release(&words).expect(0).stderr;
    assert!(planned.contains(&format!("warning: {SAID}")), "{planned}");
    assert!(planned.contains("src/meadow_ui/package.json:"), "{planned}");
    let committed = sample.release(&format!("{words} --commit")).expect(0).stderr;
    assert!(committed.contains(SAID) && committed.contains("committed"), "{committed}");
    let again = sample.release(&format!("{words} --commit")).expect(0).stderr;
    assert!(again.contains(SAID) && !again.contains("everything is as it must be"), "{again}");
    let json = sample.release(&format!("{words} --output-format json")).expect(0).stdout;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["targets"][0]["warnings"].as_array().map(Vec::len), Some(1), "{json}");
    let moving = sample.read("release.toml") + "\n[main]\nfloors = true\n";
    sample.write("release.toml", &moving);
    let refusal = sample.refusal(&words);
    assert!(refusal.contains(&format!("error: {SAID}")), "{refusal}");
}

#[test]
fn a_rename_that_is_whole_and_another_client_that_is_named_are_no_problem() {
    let sample = renamed("release-0.4.x", true);
    let checked = sample.release("check");
    assert!(!checked.stdout.contains("still asks for"), "{}", checked.stdout);
    sample.release("patch 0.4.5 --commit").expect(0);
    let sample = renamed("release-0.4.x", false);
    let config = sample.read("release.toml");
    sample.write("release.toml", &(config + "\n[[client]]\nname = \"meadow-client\"\nregistry = [\"npm\"]\n"));
    sample.commit("chore: both are clients");
    sample.git(&["push", "--quiet", "origin", "HEAD"]);
    sample.release("patch 0.4.5 --commit").expect(0);
}
