//! Conditions of a script, and what they are about as far as words tell.

use release_core::manifest::workflow::{BlockKind, Command, Joint, Script};

/// The number of commands that are looked at for the conditions around one.
const MOST: usize = 200;

/// The conditions that decide if a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Nothing does.
    Always,
    /// Conditions that have nothing to do with lines: whether it is a candidate, whether there is a token.
    Beside,
    /// Conditions that may be about anything.
    Chosen,
}

/// Returns what decides if a command runs: conditions around it, tests joined to it, and tests before it after which the script
/// ends.
pub(crate) fn choice(script: &Script, at: usize) -> Choice {
    let mut found = Choice::Always;
    let mut take = |text: &str| {
        let text = text.to_ascii_lowercase();
        let choice = if is_beside(&text) { Choice::Beside } else { Choice::Chosen };
        if found != Choice::Chosen {
            found = choice;
        }
    };
    guards(script, at, &mut take);
    // A script that ends early chooses too, if it speaks of what counts.
    let first = at.saturating_sub(MOST);
    for (before, command) in script.commands.iter().enumerate().take(at).skip(first) {
        if command.words.first().is_some_and(|word| word.text == "exit") {
            guards(script, before, &mut |text| {
                if is_about_lines(&text.to_ascii_lowercase()) {
                    take(text);
                }
            });
        }
    }
    found
}

/// Gives the texts of the conditions around a command and joined to it.
fn guards(script: &Script, at: usize, take: &mut dyn FnMut(&str)) {
    let command = &script.commands[at];
    for (id, block) in script.around(command).take(8) {
        match block.kind {
            BlockKind::If if !command.is_condition => {
                let end = block.end.min(block.first + MOST).min(script.commands.len());
                let inner = &script.commands[block.first..end];
                let conditions = inner.iter().filter(|inner| inner.block == Some(id) && inner.is_condition);
                let texts: Vec<String> = conditions.map(text).collect();
                take(&texts.join(" "));
            }
            // Which of the patterns it stands under is not known.
            BlockKind::Case => take("case"),
            _ => {}
        }
    }
    let mut at = at;
    for _ in 0..8 {
        let joint = script.commands[at].joints.0;
        if !matches!(joint, Joint::And | Joint::Or) {
            return;
        }
        let Some(before) = (0..at).rev().take(8).find(|before| script.commands[*before].joints.1 == joint) else {
            return;
        };
        let is_test = script.commands[before].words.first();
        if is_test.is_some_and(|word| matches!(word.text.as_str(), "[" | "[[" | "test" | "grep")) {
            take(&text(&script.commands[before]));
        }
        at = before;
    }
}

fn text(command: &Command) -> String {
    command.words.iter().take(64).map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Returns the texts of the conditions around a command and joined to it, in lower case.
pub(crate) fn conditions(script: &Script, at: usize) -> Vec<String> {
    let mut found = Vec::new();
    guards(script, at, &mut |text| found.push(text.to_ascii_lowercase()));
    found
}

/// Tells if the condition of a step or job chooses the versions for which it runs: it speaks of the newest one, of an input that is
/// about lines, or of what was found out before, unless that is about something else by its name.
pub(crate) fn chooses(condition: &str) -> bool {
    const OF_LINES: [&str; 10] =
        ["line", "lines", "main", "stable", "branch", "dist", "tag", "channel", "promote", "bump"];
    const BESIDE: [&str; 22] = [
        "dry",
        "run",
        "dryrun",
        "pre",
        "prerelease",
        "rc",
        "candidate",
        "dev",
        "nightly",
        "test",
        "tests",
        "testpypi",
        "publish",
        "upload",
        "version",
        "changed",
        "exists",
        "token",
        "result",
        "skip",
        "hit",
        "build",
    ];
    let condition = condition.to_ascii_lowercase();
    let named = |kind: &str, is_meant: &dyn Fn(&[&str]) -> bool| {
        condition.split(kind).skip(1).any(|rest| {
            let name = rest.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).next();
            let words: Vec<&str> = name.unwrap_or_default().split(['-', '_']).collect();
            is_meant(&words)
        })
    };
    ["latest", "highest", "newest"].iter().any(|word| condition.contains(word))
        || named("inputs.", &|words| words.iter().any(|word| OF_LINES.contains(word)))
        || named("outputs.", &|words| !words.iter().any(|word| BESIDE.contains(word)))
}

/// Tells if a condition is about something else than lines.
fn is_beside(text: &str) -> bool {
    const PARTS: [&str; 8] = ["*-*", "*rc*", "prerelease", "pre_release", "is_pre", "token", "dry_run", "dry-run"];
    const WORDS: [&str; 6] = ["rc", "alpha", "beta", "dev", "nightly", "candidate"];
    let has_word = || text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word));
    !is_about_lines(text) && (PARTS.iter().any(|part| text.contains(part)) || has_word())
}

fn is_about_lines(text: &str) -> bool {
    ["latest", "highest", "newest", "line", "sort", "greatest", "max"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_core::manifest::workflow::Workflow;
    use release_core::text::SourceText;

    #[test]
    fn a_condition_chooses_versions_by_the_newest_one_or_by_what_is_about_lines() {
        for condition in [
            "needs.plan.outputs.is-highest",
            "steps.version.outputs.npm-tag == 'latest'",
            "inputs.bump_main",
            "inputs.dist-tag == 'next'",
            "steps.a.outputs.b == 'c'",
            "env.IS_LATEST == 'true'",
        ] {
            assert!(chooses(condition), "{condition}");
        }
        for condition in [
            "inputs.dry_run != 'true'",
            "inputs.environment == 'pypi'",
            "!inputs.prerelease && inputs.version != ''",
            "needs.version.outputs.publish == 'true'",
            "steps.version.outputs.is_rc == 'false'",
            "github.event_name == 'release'",
            "always()",
        ] {
            assert!(!chooses(condition), "{condition}");
        }
    }

    #[test]
    fn conditions_on_candidates_and_tokens_choose_no_line() {
        for (script, expected) in [
            ("publish", Choice::Always),
            ("cd a && publish", Choice::Always),
            ("if [ $IS_LATEST = true ]; then publish; fi", Choice::Chosen),
            ("if [[ $V == *-* ]]; then a; else publish; fi", Choice::Beside),
            ("if [[ $V =~ rc ]]; then a; elif $IS_LATEST; then publish; fi", Choice::Chosen),
            ("if [ -n \"$TOKEN\" ]; then publish; fi", Choice::Beside),
            ("if $A; then publish; fi", Choice::Chosen),
            ("if [ -n \"$TOKEN\" ]; then if $A; then publish; fi; fi", Choice::Chosen),
            ("[ \"$LATEST\" = true ] && cd a && publish", Choice::Chosen),
            ("[[ $V == *rc* ]] || publish", Choice::Beside),
            ("[ \"$HIGHEST\" = \"$V\" ] || exit 0\npublish", Choice::Chosen),
            ("if [ \"$LINE\" != main ]; then\n  exit 0\nfi\npublish", Choice::Chosen),
            ("[ -f package.json ] || exit 1\npublish", Choice::Always),
            ("case $V in\n  *rc*) a ;;\n  *) publish ;;\nesac", Choice::Chosen),
        ] {
            let text =
                format!("jobs:\n  a:\n    steps:\n    - run: |\n        {}\n", script.replace('\n', "\n        "));
            let workflow = Workflow::parse(&SourceText::new(text)).unwrap();
            let found = &workflow.jobs[0].steps[0].script;
            let is_meant = |command: &Command| command.words.first().is_some_and(|word| word.text == "publish");
            let at = found.commands.iter().position(is_meant).unwrap();
            assert_eq!(choice(found, at), expected, "{script}");
        }
    }
}
