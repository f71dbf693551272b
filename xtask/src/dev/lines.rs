//! Counts the lines of code of the workspace: neither blank, nor comment, nor test. Counted after `rustfmt`, so that their
//! number says how much there is to read, and not how it is broken into lines.

use camino::{Utf8Path, Utf8PathBuf};
use std::fs;
use walkdir::WalkDir;

/// The crates that are counted.
const CRATES: [&str; 3] = ["release-core", "release-checks", "xtask"];

/// Returns the lines of code of each crate of the workspace.
///
/// # Errors
/// When a source cannot be read.
pub(crate) fn count(workspace: &Utf8Path) -> anyhow::Result<Vec<(&'static str, usize)>> {
    CRATES.iter().map(|name| Ok((*name, count_below(&workspace.join(name).join("src"))?))).collect()
}

/// Returns the lines of code of all sources below a folder.
fn count_below(folder: &Utf8Path) -> anyhow::Result<usize> {
    let mut sources = Vec::new();
    for entry in WalkDir::new(folder) {
        let path = Utf8PathBuf::try_from(entry?.into_path())?;
        if path.extension() == Some("rs") {
            let text = fs::read_to_string(&path)?;
            sources.push((path, text));
        }
    }
    let tests: Vec<Utf8PathBuf> = sources.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    let is_test = |path: &Utf8Path| tests.iter().any(|module| path.with_extension("").starts_with(module));
    Ok(sources.iter().filter(|(path, _)| !is_test(path)).map(|(_, text)| code_lines(text)).sum())
}

/// Returns the modules that a source has for tests alone in files of their own, as paths without an extension.
fn test_modules(path: &Utf8Path, text: &str) -> Vec<Utf8PathBuf> {
    let folder = match path.file_stem() {
        Some("mod" | "lib" | "main") => path.parent().unwrap_or(path).to_owned(),
        _ => path.with_extension(""),
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]").filter_map(|pair| {
        let (_, name) = pair[1].strip_suffix(';')?.split_once("mod ")?;
        Some(folder.join(name))
    });
    declared.collect()
}

/// Returns the lines of a formatted source that are neither blank, nor comment, nor test.
fn code_lines(text: &str) -> usize {
    let mut lines = text.lines();
    let mut number = 0;
    while let Some(line) = lines.next() {
        let code = line.trim_start();
        if code == "#[cfg(test)]" {
            skip_item(&mut lines, &line[..line.len() - code.len()]);
        } else if !code.is_empty() && !code.starts_with("//") {
            number += 1;
        }
    }
    number
}

/// Skips the item behind an attribute, whose last line begins with as much space as the attribute's. A module for tests is the
/// last item of its file: strings in it may have a brace at the beginning of a line.
fn skip_item<'a>(lines: &mut impl Iterator<Item = &'a str>, indent: &str) {
    let Some(first) = lines.find(|line| !line.trim_start().starts_with("#[")) else { return };
    if first.ends_with(';') || first.ends_with('}') {
        return;
    }
    let is_module = indent.is_empty() && first.contains("mod ");
    let _ = lines.find(|line| !is_module && line.strip_prefix(indent).is_some_and(|rest| rest.starts_with('}')));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_blank_comment_or_test_do_not_count() {
        for (text, lines) in [
            ("", 0),
            ("//! A module.\n\nuse a::b;\n", 1),
            ("/// A function.\nfn f() {\n    // Why.\n    g(); // here\n}\n", 3),
            ("#[must_use]\nfn f() {}\n", 2),
            ("fn f() {}\n\n#[cfg(test)]\nmod tests;\n\nfn g() {}\n", 2),
            ("fn f() {}\n\n#[cfg(test)]\nmod tests {\n    const TEXT: &str = \"{\n}\n\";\n}\n", 1),
            ("#[cfg(test)]\nuse a::b;\nfn f() {}\n", 1),
            ("impl A {\n    #[cfg(test)]\n    #[must_use]\n    fn f() {\n        g();\n    }\n    fn h() {}\n}\n", 3),
            ("#[cfg(test)]\nfn f(\n    a: A,\n) {\n    g();\n}\nfn h() {}\n", 1),
        ] {
            assert_eq!(code_lines(text), lines, "{text}");
        }
    }

    #[test]
    fn modules_for_tests_in_files_of_their_own_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        for (path, text) in [
            ("lib.rs", "mod a;\n#[cfg(test)]\nmod testing;\n"),
            ("testing.rs", "fn f() {}\n"),
            ("testing/more.rs", "fn f() {}\n"),
            ("a.rs", "#[cfg(test)]\npub(crate) mod tests;\nmod b;\n"),
            ("a/b.rs", "fn f() {}\n"),
            ("a/tests.rs", "fn f() {}\n"),
            ("a/tests.txt", "text\n"),
        ] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
        // `mod a;`, `mod b;` and the function of `a/b.rs`.
        assert_eq!(count_below(root).unwrap(), 3);
    }

    #[test]
    fn every_crate_of_the_workspace_is_counted() {
        let counted = count(&crate::dev::workspace()).unwrap();
        assert!(counted.iter().all(|(_, lines)| *lines > 1000), "{counted:?}");
    }
}
