//! Versions that would go down.

use super::*;

/// Returns the problems of a version that would go down, for these tags: `here` and `behind` say where they are.
fn lowered(files: &[(&str, &str)], version: &str, tags: &str) -> String {
    let version = Version::parse(version).unwrap();
    let stamp = stamp(&texts(files), &Config::default(), &version).unwrap();
    let tags = tags.lines().map(|line| {
        let (name, place) = line.split_once(' ').unwrap_or((line, ""));
        let version = crate::history::TagPattern::default().named(name).unwrap();
        Tagged { name: name.to_owned(), version, is_here: place == "here", is_behind: !place.is_empty() }
    });
    let evidence = Evidence { tags: tags.collect(), is_shallow: false };
    let found = lower(&stamp, &version, &evidence);
    found.iter().map(|problem| format!("  {}\n", problem.message)).collect()
}

#[test]
fn no_version_goes_down_by_what_the_files_and_the_tags_say() {
    let python = |version: &str| format!("[project]\nname = 'meadow-client'\nversion = '{version}'\n");
    let scm = "[build-system]\nrequires = ['setuptools-scm']\n[project]\nname = 'm'\ndynamic = ['version']\n[tool.setuptools_scm]\n";
    let mut told = String::new();
    for (own, version, tags) in [
        ("0.4.4", "0.4.3", ""),
        ("0.4.4", "0.4.4", "v0.4.4 here"),
        ("0.4.4", "0.4.5.dev20260219", "v0.4.4 behind"),
        // A nightly or a candidate of what is developed, if the tags show that it is not released.
        ("0.5.0", "0.5.0.dev20260219", "v0.4.4 behind"),
        ("0.5.0", "0.5.0rc1", "v0.4.4 behind"),
        ("0.5.0rc2", "0.5.0.dev20260219", "v0.4.4 behind"),
        ("0.5.0", "0.5.0.dev20260219", ""),
        ("0.5.0", "0.5.0rc1", "v0.5.0 behind"),
        ("0.5.0rc2", "0.5.0rc1", "v0.4.4 behind"),
        ("0.5.0", "0.4.9.dev1", "v0.4.4 behind"),
        ("0.5.0.dev20260220", "0.5.0.dev20260219", "v0.4.4 behind"),
        // The tags of the commit, of its line, and of another.
        ("0.4.2", "0.4.3", "v0.4.4"),
        ("0.4.2", "0.4.3", "0.4.4"),
        ("0.3.4", "0.3.5", "v0.4.4"),
        ("0.3.4", "0.3.5", "v0.4.4 behind"),
        ("0.3.4", "0.3.5", "v0.4.0-dev behind"),
        ("0.4.0", "0.4.3", "v0.4.4\nv0.4.3 here"),
        ("0.4.0", "0.5.0rc1", "v0.5.0 here\nv0.5.0rc1 here"),
        ("0.0.0", "0.4.3", "v0.4.4 behind"),
        ("scm", "0.4.3", "v0.4.4 behind"),
        ("scm", "0.4.5", "v0.4.4 behind"),
    ] {
        let manifest = if own == "scm" { scm.to_owned() } else { python(own) };
        let found = lowered(&[("pyproject.toml", &manifest)], version, tags);
        told += &format!("{own} to {version}, tags {tags:?}\n{found}");
    }
    // npm orders `-1` before the version, PEP 440 after it.
    for (own, version) in [("0.4.5-1", "0.4.5"), ("0.4.5", "0.4.4"), ("0.0.0-development", "0.4.4")] {
        let manifest = format!("{{\"name\": \"m\", \"version\": \"{own}\"}}");
        told += &format!("npm {own} to {version}\n{}", lowered(&[("package.json", &manifest)], version, ""));
    }
    expect![[r#"
        0.4.4 to 0.4.3, tags ""
          pyproject.toml is at 0.4.4, and a version never goes down to 0.4.3
        0.4.4 to 0.4.4, tags "v0.4.4 here"
        0.4.4 to 0.4.5.dev20260219, tags "v0.4.4 behind"
        0.5.0 to 0.5.0.dev20260219, tags "v0.4.4 behind"
        0.5.0 to 0.5.0rc1, tags "v0.4.4 behind"
        0.5.0rc2 to 0.5.0.dev20260219, tags "v0.4.4 behind"
        0.5.0 to 0.5.0.dev20260219, tags ""
          pyproject.toml is at 0.5.0, and a version never goes down to 0.5.0.dev20260219
        0.5.0 to 0.5.0rc1, tags "v0.5.0 behind"
          pyproject.toml is at 0.5.0, and a version never goes down to 0.5.0rc1
          0.5.0rc1 is below 0.5.0, whose tag v0.5.0 is in the history of this commit
        0.5.0rc2 to 0.5.0rc1, tags "v0.4.4 behind"
          pyproject.toml is at 0.5.0rc2, and a version never goes down to 0.5.0rc1
        0.5.0 to 0.4.9.dev1, tags "v0.4.4 behind"
          pyproject.toml is at 0.5.0, and a version never goes down to 0.4.9.dev1
        0.5.0.dev20260220 to 0.5.0.dev20260219, tags "v0.4.4 behind"
          pyproject.toml is at 0.5.0.dev20260220, and a version never goes down to 0.5.0.dev20260219
        0.4.2 to 0.4.3, tags "v0.4.4"
          0.4.3 is below 0.4.4, which is tagged as v0.4.4 on the same line
        0.4.2 to 0.4.3, tags "0.4.4"
          0.4.3 is below 0.4.4, which is tagged as 0.4.4 on the same line
        0.3.4 to 0.3.5, tags "v0.4.4"
        0.3.4 to 0.3.5, tags "v0.4.4 behind"
          0.3.5 is below 0.4.4, whose tag v0.4.4 is in the history of this commit
        0.3.4 to 0.3.5, tags "v0.4.0-dev behind"
        0.4.0 to 0.4.3, tags "v0.4.4\nv0.4.3 here"
        0.4.0 to 0.5.0rc1, tags "v0.5.0 here\nv0.5.0rc1 here"
        0.0.0 to 0.4.3, tags "v0.4.4 behind"
          0.4.3 is below 0.4.4, whose tag v0.4.4 is in the history of this commit
        scm to 0.4.3, tags "v0.4.4 behind"
          0.4.3 is below 0.4.4, whose tag v0.4.4 is in the history of this commit
        scm to 0.4.5, tags "v0.4.4 behind"
        npm 0.4.5-1 to 0.4.5
        npm 0.4.5 to 0.4.4
          package.json is at 0.4.5, and a version never goes down to 0.4.4
        npm 0.0.0-development to 0.4.4
    "#]]
    .assert_eq(&told);
}
