//! The program that a command runs, behind all that only starts it.

use release_core::manifest::workflow::{Command, Word};

/// Options of npm, pnpm, yarn, uv, git, docker and gh that take a value, before what they are told to do.
const WITH_VALUE: &str = "-C -c -F -H -R -w --config --context --cwd --dir --directory --filter --host --prefix --project --repo \
                          --workspace --git-dir";

/// Tells if a command begins with these words, the first by the name of a program, wherever that lies and whichever version is
/// asked for. Options may stand before each of the others.
pub(crate) fn begins(words: &[Word], wanted: &str) -> bool {
    rest_after(words, wanted).is_some()
}

/// Returns what follows these words.
pub(crate) fn rest_after<'a>(words: &'a [Word], wanted: &str) -> Option<&'a [Word]> {
    let mut wanted = wanted.split(' ');
    let (first, mut rest) = words.split_first()?;
    if !is_program(&first.text, wanted.next()?) {
        return None;
    }
    for wanted in wanted {
        loop {
            let (word, after) = rest.split_first()?;
            rest = after;
            if word.text == wanted {
                break;
            }
            if !word.text.starts_with('-') {
                return None;
            }
            if WITH_VALUE.split(' ').any(|option| option == word.text) {
                rest = rest.get(1..)?;
            }
        }
    }
    Some(rest)
}

/// `twine`, `/usr/bin/twine`, `twine==6.1`, `npm@11`, and for `python` also `python3.12`.
fn is_program(text: &str, wanted: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or_default();
    let name = name.split(['@', '=']).next().unwrap_or_default();
    let is_python = wanted == "python" && name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') == "python";
    name == wanted || is_python || (wanted == "python" && name == "py")
}

/// The program and its arguments, without what only starts it: `python -m`, `uvx`, `uv run`, `pipx run`, `npx`.
pub(crate) fn program(command: &Command) -> &[Word] {
    const STARTERS: [&str; 10] =
        ["python -m", "uvx", "uv run", "uv tool run", "pipx run", "poetry run", "npx", "bunx", "pnpm dlx", "corepack"];
    const WITH_VALUE: [&str; 9] =
        ["--from", "--with", "--python", "--spec", "--package", "--extra", "--group", "--env-file", "-p"];
    let mut words = command.words.as_slice();
    while let Some(rest) = STARTERS.iter().find_map(|starter| rest_after(words, starter)) {
        words = rest;
        while let Some(option) = words.first().filter(|word| word.text.starts_with('-')) {
            let width = if WITH_VALUE.contains(&option.text.as_str()) { 2 } else { 1 };
            words = words.get(width..).unwrap_or_default();
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_core::manifest::workflow::Workflow;
    use release_core::text::SourceText;

    #[test]
    fn programs_are_known_behind_what_starts_them() {
        const RUNS: bool = true;
        const RUNS_ANOTHER: bool = false;
        for (script, wanted, is) in [
            ("twine upload dist/*", "twine upload", RUNS),
            ("/opt/bin/twine --no-color upload dist/*", "twine upload", RUNS),
            ("python3.12 -I -m twine upload dist/*", "twine upload", RUNS),
            ("uvx --from 'twine>=6' twine@6 upload", "twine upload", RUNS),
            ("uv run --with twine -- python -m twine upload", "twine upload", RUNS),
            ("uv run -m twine upload", "twine upload", RUNS),
            ("uv --directory api publish", "uv publish", RUNS),
            ("npx -y npm@11 publish", "npm publish", RUNS),
            ("npm -w ui --silent publish", "npm publish", RUNS),
            ("pnpm -r --filter ./a publish", "pnpm publish", RUNS),
            ("npm run publish", "npm publish", RUNS_ANOTHER),
            ("echo twine upload", "twine upload", RUNS_ANOTHER),
            ("twine check upload", "twine upload", RUNS_ANOTHER),
            ("uvx", "twine", RUNS_ANOTHER),
        ] {
            let source = SourceText::new(format!("jobs: {{a: {{steps: [{{run: \"{script}\"}}]}}}}"));
            let workflow = Workflow::parse(&source).unwrap();
            assert_eq!(begins(program(&workflow.jobs[0].steps[0].script.commands[0]), wanted), is, "{script}");
        }
    }
}
