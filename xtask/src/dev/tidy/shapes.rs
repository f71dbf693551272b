//! The shapes of functions: how long they are, and what they give back.

use super::{Source, sources};

/// The lines that a function may have, from its signature to its closing brace.
const MOST_LINES: usize = 60;

/// Returns the functions of a formatted source, each with its lines.
fn functions(code: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut functions = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = name(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let ends = |line: &&&str| line.strip_prefix(indent).is_some_and(|rest| rest == "}" || is_bodiless(rest));
        let length = match line.ends_with('}') || line.ends_with(';') {
            true => 1,
            false => 2 + lines[at + 1..].iter().take_while(|line| !ends(line)).count(),
        };
        functions.push((name, length));
    }
    functions
}

/// Returns the name of the function that begins on a line.
fn name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let is_before =
        |word: &str| word.starts_with("pub") || word == "const" || word.starts_with("in ") || word.ends_with(')');
    let first = words.find(|word| !is_before(word))?;
    let rest = if first == "fn" { words.next()? } else { return None };
    rest.split(['(', '<']).next().filter(|name| !name.is_empty())
}

/// Tells if the last line of a signature is the whole of it, as in a trait.
fn is_bodiless(line: &str) -> bool {
    line.starts_with(')') && line.ends_with(';')
}

/// Returns how often a `Result` is in a `Result`.
fn nested(code: &str) -> usize {
    let joined: String = code.split_whitespace().collect();
    joined.matches("Result<Result<").count()
}

fn all() -> Vec<Source> {
    // The tests of this file name what they look for.
    let mut all = [sources("release-core/src"), sources("release-checks/src"), sources("xtask/src")].concat();
    all.retain(|source| !source.path.starts_with("xtask/src/dev/tidy"));
    all
}

#[test]
fn no_function_outgrows_sixty_lines() {
    for source in &all() {
        for (name, lines) in functions(&source.code) {
            assert!(lines <= MOST_LINES, "{}: `{name}` has {lines} lines; split it", source.path);
        }
    }
}

#[test]
fn no_result_is_in_a_result() {
    for source in &all() {
        let found = nested(&source.code);
        assert!(found == 0, "{}: a `Result` in a `Result`; make the inner error one of the outer", source.path);
    }
}

#[test]
fn functions_are_found_with_their_lines() {
    for (code, found) in [
        ("", vec![]),
        ("fn f() {}\n", vec![("f", 1)]),
        ("pub(crate) fn f(a: A) -> B {\n    g()\n}\n", vec![("f", 3)]),
        ("pub const fn f<T>(\n    a: T,\n) -> T {\n    if a {\n        b()\n    }\n}\n", vec![("f", 7)]),
        ("pub(in crate::commands) fn f() {\n    g();\n}\n", vec![("f", 3)]),
        (
            "impl A {\n    fn f(&self) {\n        g()\n    }\n\n    fn h() {\n        fn i() {}\n    }\n}\n",
            vec![("f", 3), ("h", 3), ("i", 1)],
        ),
        (
            "trait A {\n    fn f(&self);\n    fn g(\n        &self,\n    ) -> B;\n    fn h(&self) {\n        i()\n    }\n}\n",
            vec![("f", 1), ("g", 3), ("h", 3)],
        ),
        ("type A = fn(B) -> C;\nlet fnord = 1;\n", vec![]),
    ] {
        assert_eq!(functions(code), found, "{code}");
    }
}

#[test]
fn a_result_in_a_result_is_seen_however_it_is_broken_into_lines() {
    for (code, number) in [
        ("fn f() -> Result<A, B> {}", 0),
        ("fn f() -> Result<Vec<Result<A, B>>, C> {}", 0),
        ("fn f() -> Result<Result<A, B>, C> {}", 1),
        ("fn f() -> anyhow::Result<\n    Result<A, B>,\n> {}", 1),
    ] {
        assert_eq!(nested(code), number, "{code}");
    }
}
