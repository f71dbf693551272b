//! Versions, and the surrounding bytes.

use super::*;

#[test]
fn the_version_changes_and_nothing_else_whatever_the_file_looks_like() {
    for text in [
        "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\nfallback_version = \"@\"\n",
        "[project]\nname='meadow'\ndynamic=['version']\n[tool.setuptools_scm]\nfallback_version='@'#x",
        "[project]\r\nname = \"meadow\"\r\ndynamic = [\"version\"]\r\n[tool.setuptools_scm]\r\nfallback_version = \"@\"   # nightly\r\n\r\n",
        "\u{feff}[project]\nname = \"meadow\" # ä 0.4.4\r\ndynamic = [\"version\"]\n[tool.setuptools_scm]\n\tfallback_version\t=\t\"@\"",
        "[project]\nname = \"meadow\"\ndynamic = [\"version\"]\n[tool]\nsetuptools_scm = { root = \".\", fallback_version = '''@''' }\n",
        "tool.setuptools_scm.fallback_version = \"@\"\nproject.name = \"meadow\"\nproject.dynamic = [\"version\"]\n",
        "[project]\nname = \"meadow\"\nversion = \"@\"\n",
        "project = { name = \"meadow\", version = \"@\" }\n",
        "[project]\nname = \"meadow\"\n\"version\" = \"\"\"@\"\"\" # 0.4.4\n",
        // Both strings; each of the two tools reads only one of them.
        "[project]\nname = \"meadow\"\nversion = \"@\"\n[tool.setuptools_scm]\nfallback_version = \"@\"\n",
    ] {
        for (before, release) in [("0.4.4", "0.4.5"), ("0.4.5.dev0", "0.4.5"), ("0.4.5rc1", "0.4.5"), ("", "0.4.5")] {
            let was_unknown = before.is_empty() && !text.contains("fallback_version");
            let before = if was_unknown { "0.4.4" } else { before };
            assert_eq!(prepared_root(&text.replace('@', before), "", release), text.replace('@', release), "{text}");
        }
    }
}

#[test]
fn candidates_and_finals_are_written_in_their_canonical_spelling() {
    let text = |version: &str| format!("[project]\nname = \"meadow\"\nversion = \"{version}\"\n");
    for (before, release, after) in [
        ("0.4.4", "0.4.5rc10", "0.4.5rc10"),
        ("0.4.5-rc1", "0.4.5rc1", "0.4.5rc1"),
        ("v0.4.5", "0.4.5", "0.4.5"),
        ("1.0", "1.0.0", "1.0.0"),
        ("0.5.0.dev0", "0.5.0", "0.5.0"),
    ] {
        assert_eq!(prepared_root(&text(before), "", release), text(after));
    }
}

#[test]
fn a_static_monorepo_stays_static_for_a_minor() {
    let root = "[project]\nname = \"meadow\"\nversion = \"0.4.4\"\ndependencies = [\"meadow-api==0.4.4\"]\n";
    let api = "[project]\nname = \"meadow-api\"\nversion = \"0.4.4\"\n";
    let after = prepared(&[("pyproject.toml", root), ("api/pyproject.toml", api)], "", "0.5.0");
    assert_eq!(after[0], root.replace("0.4.4", "0.5.0"));
    assert_eq!(after[1], api.replace("0.4.4", "0.5.0"));
}

#[test]
fn a_version_that_escapes_spell_is_replaced_by_its_plain_spelling() {
    let text = "[project]\nname = \"meadow\"\nversion = \"0.4\\u002e4\"\n";
    assert_eq!(prepared_root(text, "", "0.4.5"), "[project]\nname = \"meadow\"\nversion = \"0.4.5\"\n");
}
