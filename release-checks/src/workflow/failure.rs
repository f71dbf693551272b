//! What becomes of the failure of a command: whether it ends the script, or gets lost on the way
//! (POSIX, "Shell Command Language", 2.8.1 and `set -e`).

use release_core::manifest::workflow::{Block, BlockKind, Command, Joint, Script, Step};
use release_core::text::Span;

/// How far the way out of blocks and lists is followed.
const LONGEST_WAY: usize = 64;

/// What the shell does when a command fails.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// What switched off that a failure ends the script, and up to which command; nothing while it does.
    off: Option<(Span, usize)>,
    /// Whether a failure within a pipe is one of the pipe.
    is_pipefail: bool,
}

/// How a failure gets lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// A command after `||` takes its place.
    Replaced(Span),
    /// The last command of the pipe has the status.
    Piped(Span),
    /// The command is the condition of an `if` that does nothing about it.
    Tested(Span),
    /// It is not the last one of a list with `&&`, which never ends a script.
    Listed(Span),
    /// The command around a substitution has the status.
    Substituted(Span),
    /// Nobody waits for it.
    Background(Span),
    /// Failures do not end the script.
    Off(Span),
}

impl Options {
    /// What GitHub starts the shell of a step with: `bash -e` without a `shell`, with `bash` also `-o pipefail`
    /// ("Workflow syntax", `jobs.<job_id>.steps[*].shell`).
    pub(crate) fn of(step: &Step) -> Self {
        let Some(shell) = &step.shell else { return Self { off: None, is_pipefail: false } };
        let words: Vec<&str> = shell.value.split_whitespace().collect();
        if let [name] = words[..] {
            return Self { off: None, is_pipefail: name == "bash" };
        }
        let is_flag = |word: &&str| word.starts_with('-') && !word.starts_with("--") && word.contains('e');
        let ends = words.iter().any(|word| is_flag(word) || *word == "errexit");
        Self { off: Some((shell.span.clone(), usize::MAX)).filter(|_| !ends), is_pipefail: words.contains(&"pipefail") }
    }

    /// Takes note of `set`, which holds to the end of the parentheses that it stands in.
    pub(crate) fn take(&mut self, script: &Script, command: &Command) {
        let Some(words) = command.arguments("set", &[]) else { return };
        let subshell = script.around(command).find(|(_, block)| block.kind == BlockKind::Subshell);
        let end = subshell.map_or(usize::MAX, |(_, block)| block.end);
        let off = |sign: char| Some((command.span(), end)).filter(|_| sign == '+');
        let mut sign = '-';
        for word in words {
            let mut letters = word.text.chars();
            match letters.next() {
                Some(first @ ('-' | '+')) => {
                    sign = first;
                    if letters.any(|letter| letter == 'e') {
                        self.off = off(sign);
                    }
                }
                _ if word.text == "errexit" => self.off = off(sign),
                _ if word.text == "pipefail" => self.is_pipefail = sign == '-',
                _ => {}
            }
        }
    }
}

/// How the failure of a command gets lost, if it does.
pub(crate) fn lost(script: &Script, at: usize, options: &Options) -> Option<Lost> {
    let commands = &script.commands;
    if is_tried_again(script, &commands[at]) {
        return None;
    }
    let mut at = at;
    let mut listed = None;
    for _ in 0..LONGEST_WAY {
        let command = commands.get(at)?;
        if command.is_condition {
            return tested(script, at);
        }
        match command.joints.1 {
            Joint::Background => return Some(Lost::Background(command.span())),
            Joint::Or => return replaced(script, at),
            Joint::Pipe if !options.is_pipefail => {
                return next(script, at).map(|next| Lost::Piped(commands[next].span()));
            }
            Joint::Pipe => at = next(script, at)?,
            Joint::And => {
                at = next(script, at)?;
                listed = listed.or(Some(at));
            }
            Joint::Sequence => {
                if let Some(around) = command.within {
                    let outer = commands.get(around)?;
                    if !outer.words.is_empty() {
                        return Some(Lost::Substituted(outer.words[0].span.clone()));
                    }
                    at = around;
                    continue;
                }
                let block = command.block.and_then(|block| script.blocks.get(block));
                if listed.is_some_and(|first| leaves(script, first)) {
                    return None;
                }
                if let Some(first) = listed {
                    let goes_on = match block {
                        None => has_more(script, at),
                        Some(block) => block.kind == BlockKind::For,
                    };
                    if goes_on {
                        return Some(Lost::Listed(commands[first].span()));
                    }
                }
                if let Some((off, _)) = options.off.as_ref().filter(|(_, end)| at < *end && has_more(script, at)) {
                    return Some(Lost::Off(off.clone()));
                }
                // The status of what it stands in, or the end of that.
                at = block?.end;
            }
        }
    }
    None
}

/// Whether a command stands in a loop that tries again: until something holds, or so often, or until it is left.
fn is_tried_again(script: &Script, command: &Command) -> bool {
    script.around(command).any(|(_, block)| match block.kind {
        // `while read` goes over lines, and no line twice.
        BlockKind::While => {
            script.commands.get(block.first).is_none_or(|c| c.words.first().is_none_or(|word| word.text != "read"))
        }
        BlockKind::For => block.is_left || counts(script, block),
        _ => false,
    })
}

/// Whether a loop goes over numbers.
fn counts(script: &Script, block: &Block) -> bool {
    let Some(header) = script.commands.get(block.first) else { return false };
    let is_number = |text: &str| text.contains("..") || text.bytes().all(|byte| byte.is_ascii_digit());
    let values = header.words.iter().skip_while(|word| word.text != "in").skip(1);
    let inner = block.first.checked_sub(1).and_then(|inner| script.commands.get(inner));
    let is_sequence = inner.is_some_and(|inner| {
        inner.within == Some(block.first) && inner.words.first().is_some_and(|word| word.text == "seq")
    });
    is_sequence || header.words.first().is_some_and(|word| word.text.starts_with("((")) || {
        let mut values = values.peekable();
        values.peek().is_some() && values.all(|word| is_number(&word.text))
    }
}

/// The command that is joined to this one.
fn next(script: &Script, at: usize) -> Option<usize> {
    let joint = script.commands[at].joints.1;
    // The substitutions of a command stand before it.
    (at + 1..script.commands.len()).take(LONGEST_WAY).find(|next| script.commands[*next].joints.0 == joint)
}

/// Whether a list goes on to leave the loop or the script: that is what it is for.
fn leaves(script: &Script, first: usize) -> bool {
    let mut at = first;
    for _ in 0..LONGEST_WAY {
        let command = &script.commands[at];
        let word = command.words.first().map(|word| word.text.as_str());
        if matches!(word, Some("break" | "exit" | "return" | "continue")) {
            return true;
        }
        match next(script, at).filter(|_| command.joints.1 == Joint::And) {
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

fn has_more(script: &Script, at: usize) -> bool {
    script.commands[at + 1..].iter().any(|command| !command.words.is_empty())
}

/// What after `||` takes the place of a failure, where that does nothing about it.
fn replaced(script: &Script, at: usize) -> Option<Lost> {
    let first = next(script, at)?;
    let command = &script.commands[first];
    let group = command
        .block
        .and_then(|block| script.blocks.get(block))
        .filter(|block| block.first == first && matches!(block.kind, BlockKind::Braces | BlockKind::Subshell));
    let mut last = first;
    if let Some(group) = group {
        last = group.end.min(script.commands.len()).saturating_sub(1).max(first);
    } else {
        while let Some(after) = next(script, last).filter(|_| script.commands[last].joints.1 != Joint::Sequence)
            && last < first + LONGEST_WAY
        {
            last = after;
        }
    }
    let span = command.span().start..script.commands[last].span().end.max(command.span().end);
    script.commands[first..=last].iter().all(is_nothing).then_some(Lost::Replaced(span))
}

/// The `if` whose condition a command is, where nothing in it does anything about a failure.
fn tested(script: &Script, at: usize) -> Option<Lost> {
    let block = script.commands[at].block.and_then(|block| script.blocks.get(block))?;
    let mut others = (block.first..block.end).filter(|other| *other != at).map(|other| &script.commands[other]);
    let does_nothing = block.kind == BlockKind::If && others.all(is_nothing);
    does_nothing.then(|| Lost::Tested(script.commands[at].span()))
}

/// Whether a command does nothing about a failure before it.
fn is_nothing(command: &Command) -> bool {
    let words: Vec<&str> = command.words.iter().take(3).map(|word| word.text.as_str()).collect();
    match words[..] {
        [] => command.assigned.is_empty(),
        ["true" | ":" | "continue" | "sleep", ..] | ["exit" | "return", "0"] | ["return"] => true,
        // What is written to a file, others may look at.
        ["echo" | "printf", ..] => command
            .words
            .iter()
            .all(|word| !word.text.starts_with('>') || word.text.starts_with(">&") || word.text.contains("/dev/")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_core::manifest::workflow::Workflow;
    use release_core::text::SourceText;

    /// What takes the failure of `upload` away.
    fn lost_to(shell: &str, script: &str) -> String {
        let indented = script.replace('\n', "\n        ");
        let text = format!("jobs:\n  a:\n    steps:\n    - shell: {shell}\n      run: |\n        {indented}\n");
        let source = SourceText::new(text);
        let workflow = Workflow::parse(&source).unwrap();
        let step = &workflow.jobs[0].steps[0];
        let is_upload = |command: &Command| command.words.first().is_some_and(|word| word.text == "upload");
        let at = step.script.commands.iter().position(is_upload).unwrap();
        let mut options = Options::of(step);
        step.script.commands[..at].iter().for_each(|command| options.take(&step.script, command));
        let (name, span) = match lost(&step.script, at, &options) {
            None => return String::new(),
            Some(Lost::Replaced(span)) => ("replaced", span),
            Some(Lost::Piped(span)) => ("piped", span),
            Some(Lost::Tested(span)) => ("tested", span),
            Some(Lost::Listed(span)) => ("listed", span),
            Some(Lost::Substituted(span)) => ("substituted", span),
            Some(Lost::Background(span)) => ("background", span),
            Some(Lost::Off(span)) => ("off", span),
        };
        format!("{name} {}", &source.as_str()[span])
    }

    #[test]
    fn a_failure_is_followed_to_the_end_of_the_script_or_to_where_it_gets_lost() {
        for (script, expected) in [
            ("upload", ""),
            ("upload || true", "replaced true"),
            ("upload || exit 1", ""),
            ("cd a && upload && ls || :", "replaced :"),
            ("upload || echo a && exit 1", ""),
            ("upload || echo a | tee b", ""),
            ("upload || { echo a; echo b >&2; }", "replaced echo a; echo b >&2"),
            ("upload || { echo a; exit 1; }", ""),
            ("upload || (echo a && exit 0)", "replaced echo a && exit 0"),
            ("upload || echo failed >> $GITHUB_OUTPUT", ""),
            ("upload || failed=1\nexit $failed", ""),
            ("(cd a; upload) || echo b", "replaced echo b"),
            ("{ upload; make; } || true", "replaced true"),
            ("(cd a && upload)\nmake", ""),
            ("upload | tee log", "piped tee log"),
            ("set -euo pipefail\nupload | tee log", ""),
            ("set -o pipefail\nupload | tee log || true", "replaced true"),
            ("set +o errexit\nupload\nls", "off set +o errexit"),
            ("set +e\nupload", ""),
            ("set +e\nset -e\nupload\nls", ""),
            ("(set +e; make; true)\nupload\nls", ""),
            ("(set +e; upload; ls)\nmake", "off set +e"),
            ("set +ex\nif a; then\n  upload\nfi\nls", "off set +ex"),
            ("upload && echo done", ""),
            ("upload && echo done\nmake", "listed echo done"),
            ("upload && exit 0\nmake", ""),
            ("set +e\nupload && exit 0\nmake", ""),
            ("cd a && upload\nmake", ""),
            ("x=$(upload) && make", ""),
            ("x=$(upload)\nmake", ""),
            ("x=$(upload) || true", "replaced true"),
            ("echo \"$(upload)\"", "substituted echo"),
            ("export x=$(upload)", "substituted export"),
            ("upload &\nwait", "background upload"),
            ("if upload; then\n  echo a\nfi", "tested upload"),
            ("if ! upload; then\n  echo a\nfi", "tested upload"),
            ("if ! upload; then\n  exit 1\nfi", ""),
            ("if upload; then\n  make\nfi", ""),
            ("if a; then\n  upload\nfi || true", "replaced true"),
            ("until upload; do sleep 1; done", ""),
            ("for i in 1 2 3; do\n  upload || echo again\ndone", ""),
            ("for i in {1..3}; do upload || true; done", ""),
            ("for i in $(seq 3); do upload || true; done", ""),
            ("for ((i=0; i<3; i++)); do upload || true; done", ""),
            ("for i in $ALL; do upload && break || true; done", ""),
            ("for i in a b; do\n  (cd $i; upload) || continue\ndone", "replaced continue"),
            ("for i in *; do\n  upload $i && echo a\ndone", "listed echo a"),
            ("while read -r i; do\n  upload $i || true\ndone", "replaced true"),
            ("for i in *; do\n  upload $i\ndone || true", "replaced true"),
            ("case a in\n  a) upload || true;;\nesac", "replaced true"),
            ("f() {\n  upload || return 0\n}\nf", "replaced return 0"),
        ] {
            assert_eq!(lost_to("sh", script), expected, "{script}");
        }
    }

    #[test]
    fn what_a_shell_is_started_with_counts() {
        for (shell, script, expected) in [
            ("bash", "upload | tee log", ""),
            ("bash -e {0}", "upload | tee log", "piped tee log"),
            ("bash -eo pipefail {0}", "upload | tee log", ""),
            ("bash -l {0}", "upload\nls", "off bash -l {0}"),
            ("bash -el {0}", "upload\nls", ""),
            ("bash --noprofile --norc {0}", "upload\nls", "off bash --noprofile --norc {0}"),
            ("bash -l {0}", "set -e\nupload\nls", ""),
        ] {
            assert_eq!(lost_to(shell, script), expected, "{shell}: {script}");
        }
    }
}
