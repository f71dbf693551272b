//! Client repositories, written as text.

mod crates;
mod elsewhere;
mod lower;
mod nested;
mod workspaces;

use super::named::occurrences;
use super::*;
use crate::plan::planned::PlannedSite;
use crate::text::SourceText;
use expect_test::expect;
use proptest::prelude::*;
use std::fmt::Write;

fn texts(files: &[(&str, &str)]) -> Texts {
    files.iter().map(|(path, text)| ((*path).into(), SourceText::new(*text))).collect()
}

/// Stamps a repository twice, and returns its files, or the problems.
fn stamped(files: &[(&str, &str)], config: &str, version: &str) -> Result<Vec<String>, String> {
    let config = Config::parse(Utf8Path::new("release.toml"), &SourceText::new(config)).map_err(|p| shown(&p))?;
    let version = Version::parse(version).unwrap();
    let mut texts = texts(files);
    let plan = stamp(&texts, &config, &version).map_err(|problems| shown(&problems))?;
    for file in plan.files {
        texts.insert(file.path, file.new);
    }
    let again = stamp(&texts, &config, &version).map_err(|problems| shown(&problems))?;
    assert!(again.files.is_empty(), "the second time");
    assert_eq!(again.sites.len(), plan.sites.len());
    Ok(files.iter().map(|(path, _)| texts[Utf8Path::new(path)].as_str().to_owned()).collect())
}

fn shown(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let _ = writeln!(text, "{}", problem.message);
        for label in &problem.labels {
            let _ = writeln!(text, "  {}:{:?} {}", label.path, label.span, label.text);
        }
        let _ = writeln!(text, "  = {}", problem.help);
    }
    text
}

#[test]
fn every_place_gets_the_version_as_it_is_spelled_there_and_nothing_else_changes() {
    let files = [
        ("pyproject.toml", "\u{feff}[project]\r\nname = \"meadow-client\"\r\nversion = '0.4.4' # 0.4.4\r\n"),
        (
            "src/meadow_client/_version.py",
            "# 0.4.4\n__title__ = \"x\"\n__version__ = \"0.4.4\"  # x-release-please-version\n",
        ),
        ("package.json", "{\n\t\"name\": \"meadow-client\",\n\t\"version\": \"0.4.4\",\n\t\"x\": \"0.4.4\"\n}"),
        (
            "package-lock.json",
            "{\"name\": \"meadow-client\", \"version\": \"0.4.4\", \"lockfileVersion\": 3, \"packages\": {\"\": {\"version\": \"0.4.3\"}, \"node_modules/a\": {\"version\": \"0.4.4\"}}}",
        ),
        ("src/version.ts", "export const VERSION = '0.4.4'; // 0.4.4\n"),
    ];
    let config = "[[stamp]]\npath = 'src/version.ts'\npattern = \"export const VERSION = '{version}';\"\n";
    for (version, npm) in [("0.4.5", "0.4.5"), ("0.5.0rc1", "0.5.0-rc.1"), ("0.5.0.dev20260219", "0.5.0-dev.20260219")]
    {
        let after = stamped(&files, config, version).unwrap();
        assert_eq!(after[0], files[0].1.replace("'0.4.4'", &format!("'{version}'")));
        assert_eq!(after[1], files[1].1.replace("\"0.4.4\"", &format!("\"{version}\"")));
        assert_eq!(after[2], files[2].1.replacen("\"0.4.4\"", &format!("\"{npm}\""), 1));
        let lock = files[3].1.replacen("\"version\": \"0.4.4\"", &format!("\"version\": \"{npm}\""), 1);
        assert_eq!(after[3], lock.replace("\"0.4.3\"", &format!("\"{npm}\"")));
        assert_eq!(after[4], files[4].1.replacen("0.4.4", npm, 1));
    }
}

#[test]
fn a_version_from_a_variable_has_no_place_and_the_variable_is_named() {
    let dynamic = "[project]\nname = \"Meadow.Client\"\ndynamic = [\"version\"]\n";
    let scm = "[build-system]\nrequires = ['setuptools', 'setuptools-scm']\n[tool.setuptools_scm]\n";
    let simple = "[build-system]\nrequires = ['setuptools', 'setuptools-scm[simple]']\n";
    let backend =
        |name: &str, table: &str| format!("[build-system]\nrequires = []\nbuild-backend = '{name}'\n[tool.{table}]\n");
    for (text, from, variable) in [
        (scm.to_owned(), "setuptools-scm", "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_CLIENT"),
        (simple.to_owned(), "setuptools-scm", "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_CLIENT"),
        (backend("hatchling.build", "hatch.version") + "source = 'vcs'", "hatch-vcs", "SETUPTOOLS_SCM_PRETEND_VERSION"),
        (backend("hatchling.build", "hatch.version") + "source = 'env'\nvariable = 'V'", "hatchling", "V"),
        (backend("pdm.backend", "pdm.version") + "source = 'scm'", "pdm-backend", "PDM_BUILD_SCM_VERSION"),
        (
            backend("poetry_dynamic_versioning.backend", "poetry-dynamic-versioning") + "enable = true",
            "poetry-dynamic-versioning",
            "POETRY_DYNAMIC_VERSIONING_BYPASS",
        ),
    ] {
        let (manifest, module) = (format!("{dynamic}{text}"), "__version__ = version = '0.4.4'\n");
        let files = [("pyproject.toml", manifest.as_str()), ("src/meadow_client/_version.py", module)];
        let stamp = stamp(&texts(&files), &Config::default(), &Version::parse("0.4.5").unwrap()).unwrap();
        let read = stamp.dynamic.unwrap();
        let read = (read.distribution.as_str(), read.from.as_str(), read.variable.as_str());
        assert_eq!(read, ("Meadow.Client", from, variable));
        assert!(stamp.sites.is_empty(), "{text}");
    }
}

#[test]
fn what_cannot_be_stamped_is_refused_with_its_place() {
    let package = ("package.json", "{\"version\": \"0.4.4\"}");
    let ts = ("v.ts", "const A = '1'; const B = '2';");
    let named =
        |pattern: &str, count: usize| format!("[[stamp]]\npath = \"v.ts\"\npattern = \"{pattern}\"\ncount = {count}\n");
    let refused = [
        stamped(&[], "", "0.4.5"),
        stamped(&[("README.md", "0.4.4")], "", "0.4.5"),
        stamped(&[package], "", "0.4.5.post1"),
        stamped(&[package], "", "1!0.4.5"),
        stamped(&[("package.json", "{")], "", "0.4.5"),
        stamped(&[("pyproject.toml", "[project")], "", "0.4.5"),
        stamped(&[("a/_version.py", "__version__ = '1'\n__version__ = '2'\n")], "", "0.4.5"),
        stamped(&[package], "[[stamp]]\npath = \"v.ts\"\npattern = \"'{version}'\"\n", "0.4.5"),
        stamped(&[ts], &named("= '{version}'", 1), "0.4.5"),
        stamped(&[ts], &named("C = '{version}'", 1), "0.4.5"),
        stamped(&[ts], &named("version", 1), "0.4.5"),
        stamped(&[ts], "[[stamp]]\npath = \"v.ts\"\n", "0.4.5"),
        stamped(&[ts], &(named("A = '{version}'", 1) + &named("= '{version}'; const B", 1)), "0.4.5"),
    ];
    let refused: Vec<String> = refused.into_iter().map(Result::unwrap_err).collect();
    expect![[r#"
        nothing here carries a version: no pyproject.toml, package.json or `__version__`
          = run this in a client repository (`-C DIR`), or name its files in release.toml: `[[stamp]]` with `path` and `pattern`
        nothing here carries a version: no pyproject.toml, package.json or `__version__`
          = run this in a client repository (`-C DIR`), or name its files in release.toml: `[[stamp]]` with `path` and `pattern`
        package.json: `0.4.5.post1` has no npm spelling: npm has nothing between a final and the next version; release the next patch
          = give a version that both PEP 440 and npm can spell
        package.json: `1!0.4.5` has no npm spelling: semver has no epoch; write it without `N!`
          = give a version that both PEP 440 and npm can spell
        package.json cannot be read
          package.json:0..1 unterminated object
          = correct it and run the command again
        pyproject.toml is not TOML
          pyproject.toml:8..8 unclosed table, expected `]`
          = correct the syntax and run the command again
        a/_version.py sets `__version__` more than once
          a/_version.py:15..16 a version
          a/_version.py:33..34 a version
          = set it once, or name the file in release.toml with the intended pattern: `[[stamp]]`
        release.toml names v.ts in `[[stamp]]`, but there is no such file
          = correct its `path` in [[stamp]], or remove the entry; a branch with other settings is worked on from a checkout of it
        v.ts has 2 places of `= '{version}'`, and release.toml expects 1
          v.ts:11..12 found here
          v.ts:26..27 found here
          = correct `pattern` or `count` of that [[stamp]]
        v.ts has 0 places of `C = '{version}'`, and release.toml expects 1
          = correct `pattern` or `count` of that [[stamp]]
        the pattern `version` needs `{version}` once
          release.toml:34..43 
          = see docs/configuration.md
        [[stamp]] lacks `pattern`
          release.toml:17..23 
          = add `pattern = "..."`
        v.ts: two `[[stamp]]` patterns of release.toml match the same text
          v.ts:11..12 wanted twice
          = remove one of them, or correct its `pattern`
    "#]].assert_eq(&refused.join(""));
}

#[test]
fn as_many_places_as_are_expected_are_stamped() {
    let ts = ("v.ts", "const A = '1'; const B = '2-x';");
    let config = "[[stamp]]\npath = \"v.ts\"\npattern = \"= '{version}';\"\ncount = 2\nspelling = \"pep440\"\n";
    assert_eq!(stamped(&[ts], config, "0.5.0rc1").unwrap(), ["const A = '0.5.0rc1'; const B = '0.5.0rc1';"]);
}

#[test]
fn a_version_is_the_plain_string_that_a_module_sets_however_it_is_written() {
    const NOTHING: &str = "nothing";
    const COMPUTED: &str = "computed";
    for (text, expected) in [
        ("__version__ = \"1.0\"", "1.0"),
        ("x = 1\n__version__='1.0'#x\r\n", "1.0"),
        ("__version__: str  =  '1.0'", "1.0"),
        ("__version__: Final[str] = '1.0'", "1.0"),
        ("__version__ = version = '1.0'", "1.0"),
        ("version = __version__ = '1.0'", "1.0"),
        ("__version__ = (\n    '1.0'  # the server's\n)", "1.0"),
        ("__version__ = \\\n  u'1.0'", "1.0"),
        ("__version__ = \"\"\"1.0\"\"\"", "1.0"),
        ("x = 1; __version__ = '1.0'; y = 2", "1.0"),
        ("VERSION = '1.0'\n__version__ = VERSION", "1.0"),
        ("try:\n    from ._v import __version__\nexcept ImportError:\n    __version__ = '1.0'", "1.0"),
        ("if True: __version__ = '1.0'", "1.0"),
        ("__version__ = '1.0' + x", COMPUTED),
        ("__version__ = f'1.0'", COMPUTED),
        ("__version__ = '1.' '0.1'", COMPUTED),
        ("__version__ = (0, 4, 4)", COMPUTED),
        ("__version__ = '.'.join(['0', '4', '4'])", COMPUTED),
        ("VERSION = (0, 4, 4)\n__version__ = '.'.join(map(str, VERSION))", COMPUTED),
        ("VERSION = '1.0'\n__version__ = VERSION + suffix", COMPUTED),
        ("name, __version__ = 'x', '1.0'", COMPUTED),
        ("__version__ = str(1.0)", COMPUTED),
        ("__version__ = '1.0'\n__version__ += '.1.0'", COMPUTED),
        ("__version__ == '1.0'", NOTHING),
        ("__version__ = version('meadow-client')", NOTHING),
        ("NAME = 'meadow-client'\n__version__ = metadata.version(NAME)", NOTHING),
        ("__version__ = metadata.version(__name__.split('.')[0])", NOTHING),
        ("try:\n    __version__ = version('x')\nexcept Absent:\n    __version__ = '0.0.0'", NOTHING),
        ("try:\n    __version__ = version('x')\nexcept Absent:\n    __version__ = 'unknown'", NOTHING),
        ("from ._version import __version__", NOTHING),
        ("__version__: str", NOTHING),
        ("__version__ = ''", NOTHING),
        ("__version__ = '\\x31'", NOTHING),
        ("def f():\n  __version__ = '1.0'", NOTHING),
        ("class A:\n  if x:\n    __version__ = '1.0'\n  y = 1", NOTHING),
        ("module.__version__ = '1.0'", NOTHING),
        ("__version__x = '1.0'", NOTHING),
        ("f(\n__version__ = '1.0'\n)", NOTHING),
        ("'''\n__version__ = '2.0'\n'''\n__version__ = '1.0'", "1.0"),
        ("a = \"'''\"\n__version__ = '1.0'", "1.0"),
        ("a = '\\'' # '''\n__version__ = '1.0'", "1.0"),
        ("\"\"\"a ''' b\"\"\"\n__version__ = '1.0'", "1.0"),
        ("\u{feff}__version__ = '1.0'", "1.0"),
        ("\"\"\"open\n__version__ = '1.0'", NOTHING),
    ] {
        let found = assigned(text, NAME);
        let own = match (&found.literals[..], &found.computed) {
            (_, Some(_)) => COMPUTED,
            ([span], _) => &text[span.clone()],
            ([], _) => NOTHING,
            (several, _) => panic!("{text}: {several:?}"),
        };
        assert_eq!(own, expected, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_finders_panic_and_what_they_find_can_be_replaced(
        text in "(__version__|VERSION|try:|def |from \\.|import|[ =:;'\"#\\\\\n()ä1.0,+])*",
        before in "['=a ä]{1,3}",
        after in "['=a1.ä]{0,2}",
    ) {
        let found = assigned(&text, NAME);
        for span in found.literals {
            prop_assert!(!text[span].is_empty());
        }
        if let Some(span) = found.computed {
            prop_assert!(!text[span].is_empty());
        }
        for span in occurrences(&text, &before, &after) {
            prop_assert!(text[..span.start].ends_with(&before) && text[span.end..].starts_with(&after));
        }
    }

    #[test]
    fn only_the_versions_change(old in "[0-9]{1,3}(\\.[0-9]{1,3}){2}", around in "[ -~ä\n]{0,20}") {
        let text = format!("{around}V='{old}'{around}");
        let config = "[[stamp]]\npath = \"v.py\"\npattern = \"V='{version}'\"\n";
        prop_assume!(!around.contains("V='"));
        let after = stamped(&[("v.py", &text)], config, "0.4.5").unwrap();
        prop_assert_eq!(&after[0], &format!("{around}V='0.4.5'{around}"));
    }
}

/// Returns the places after a version is written, with what becomes of each.
fn places(files: &[(&str, &str)], config: &str, version: &str) -> String {
    let config = Config::parse(Utf8Path::new("release.toml"), &SourceText::new(config)).unwrap();
    match stamp(&texts(files), &config, &Version::parse(version).unwrap()) {
        Ok(stamp) => {
            let shown = |site: &PlannedSite| {
                let (old, new) = (site.old.as_deref().unwrap_or_default(), site.new.as_deref().unwrap_or_default());
                format!("{}: {} {old} {new} {:?}\n", site.path, site.table, site.outcome)
            };
            stamp.sites.iter().map(shown).collect()
        }
        Err(problems) => shown(&problems),
    }
}
