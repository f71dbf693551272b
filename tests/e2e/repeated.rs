//! Versions that packages repeat beside their manifests: preparing a release and what follows it move them along, or say what
//! they cannot move.

use crate::init::before_scm;
use crate::sample::Sample;

/// The files of the packages that say the version too, with what they say of it.
const REPEATED: [(&str, &str); 5] = [
    ("src/meadow/__init__.py", "\"\"\"A meadow.\"\"\"\n\n__version__ = \"0.4.4\"  # moved by each release\n"),
    ("src/meadow_api/meadow_api/version.py", "VERSION = '0.4.4'\n"),
    ("src/meadow_api/package.json", "{\n  \"name\": \"meadow-api\",\n  \"version\": \"0.4.4\"\n}\n"),
    ("src/meadow_api/meadow_api/other.py", "__version__ = '0.4.4'\n"),
    ("docs/VERSION", "meadow 0.4.4\n"),
];

/// A static sample whose packages repeat their version.
fn repeating(branch: &str, version: &str) -> Sample {
    let sample = before_scm(branch, version);
    for (path, text) in REPEATED {
        sample.write(path, &text.replace("0.4.4", version));
    }
    sample.write("release.toml", "[[stamp]]\npath = \"docs/VERSION\"\npattern = \"meadow {version}\"\n");
    sample.commit("feat: versions in code");
    sample
}

#[test]
fn a_release_moves_the_versions_that_packages_repeat_and_is_done_once() {
    let sample = repeating("release-0.4.x", "0.4.4");
    let run = sample.release("patch 0.4.5 --offline").expect(0);
    for (path, text) in REPEATED {
        let is_read = !path.ends_with("other.py");
        let after = if is_read { text.replace("0.4.4", "0.4.5") } else { text.to_owned() };
        assert_eq!(sample.read(path), after, "{path}");
    }
    assert!(run.stderr.contains("changed 8 files: 3 versions, 3 pins, 4 repeated versions"), "{}", run.stderr);
    let commit = run.stderr.lines().find(|line| line.contains("git commit")).unwrap_or_default();
    assert!(commit.contains("src/meadow/__init__.py") && commit.contains("docs/VERSION"), "{}", run.stderr);
    let again = sample.release("patch 0.4.5 --offline").expect(0).stderr;
    assert!(again.contains("nothing to do"), "{again}");
    sample.release("patch 0.4.5 --offline --commit").expect(0);
    assert_eq!(sample.status(), Vec::<String>::new());
    // A module that was left at another version is work.
    sample.write(REPEATED[0].0, "__version__ = '0.4.4'\n");
    sample.commit("fix: a merge");
    let run = sample.release("patch 0.4.5 --offline --dry-run").expect(0).stderr;
    assert!(run.contains("would change 1 file: 1 repeated version"), "{run}");
}

#[test]
fn a_repeated_version_that_cannot_be_written_is_refused_and_nothing_is_changed() {
    let sample = repeating("release-0.4.x", "0.4.4");
    for (path, text, said) in [
        (
            "src/meadow/__init__.py",
            "__version__ = f'{0}.4.4'\n",
            "sets `__version__` to a version that is no plain string",
        ),
        (
            "src/meadow/__init__.py",
            "__version__ = '0.4.4'\n__version__ = '0.4.3'\n",
            "sets `__version__` more than once",
        ),
        ("src/meadow_api/package.json", "{", "is not JSON"),
        ("docs/VERSION", "nothing\n", "docs/VERSION has 0 places of `meadow {version}`"),
    ] {
        let before = sample.read(path);
        sample.write(path, text);
        let told = sample.refusal("patch 0.4.5 --offline");
        assert!(told.contains(said) && told.contains(path), "{path}: {told}");
        sample.write(path, &before);
    }
    let before = sample.read(REPEATED[0].0);
    sample.write(REPEATED[0].0, "__version__ = '0.9.0'\n");
    let told = sample.refusal("patch 0.4.5 --offline");
    assert!(told.contains("src/meadow/__init__.py is at 0.9.0, and a version never goes down to 0.4.5"), "{told}");
    sample.write(REPEATED[0].0, &before);
    // Versions of others are no concern of the release.
    sample.write("src/meadow/tests/__init__.py", "__version__ = '0.4.4'\n");
    std::fs::create_dir_all(sample.checkout.join("src/meadow/odd")).unwrap();
    std::fs::write(sample.checkout.join("src/meadow/odd/__init__.py"), b"# \xe9\n__version__ = '2'\n").unwrap();
    sample.write("src/meadow/other/__init__.py", "__version__ = f'{0}.4.3'\n");
    sample.write("src/meadow/other/_version.py", "__version__ = '2.0'\n");
    sample.commit("feat: something vendored");
    sample.release("patch 0.4.5 --offline").expect(0);
    assert_eq!(sample.read("src/meadow/other/_version.py"), "__version__ = '2.0'\n");
    assert_eq!(sample.read("src/meadow/tests/__init__.py"), "__version__ = '0.4.4'\n");
}

#[test]
fn main_moves_the_versions_that_packages_repeat_after_a_release() {
    let sample = repeating("main", "0.4.5.dev0");
    let told = sample.refusal("patch 0.4.5 --offline --commit");
    assert!(told.contains("names docs/VERSION in `[[stamp]]`, but there is no such file"), "of the line: {told}");
    sample.git(&["switch", "--quiet", "release-0.4.x"]);
    sample.release("patch 0.4.5 --offline --commit").expect(0);
    sample.git(&["tag", "v0.4.5"]);
    sample.git(&["switch", "--quiet", "main"]);
    let run = sample.release("post 0.4.5 --only main --offline --dry-run");
    assert!(run.stdout.contains("+__version__ = \"0.4.6.dev0\""), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("+  \"version\": \"0.4.6-dev.0\""), "{}", run.stdout);
}
