//! The blocks around commands: conditions, loops, groups. Keywords, assignments and programs that only start another
//! are told from words here.

use super::{Command, Script, Word};

/// A block of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its kind.
    pub kind: BlockKind,
    /// The block around it.
    pub parent: Option<usize>,
    /// Its first command, by its place in the script's; of a loop the one that says over what.
    pub first: usize,
    /// The command that begins with its end, or one more than the last.
    pub end: usize,
}

/// The kind of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// `if`.
    If,
    /// `case`.
    Case,
    /// `for` and `select`.
    For,
    /// `while` and `until`.
    While,
    /// Braces.
    Braces,
    /// Parentheses.
    Subshell,
}

impl Script {
    /// The blocks around a command, the innermost first, each with its place; at most 64.
    pub fn around(&self, command: &Command) -> impl Iterator<Item = (usize, &Block)> {
        let with_place = |at: usize| Some((at, self.blocks.get(at)?));
        let first = command.block.and_then(with_place);
        std::iter::successors(first, move |(_, block)| block.parent.and_then(with_place)).take(64)
    }
}

/// Returns `true` if a word begins, divides or ends a block, or stands before a command without a word to it.
pub(super) fn is_keyword(word: &str) -> bool {
    begun(word).is_some() || ended(word).is_some() || is_between(word)
}

fn begun(word: &str) -> Option<BlockKind> {
    Some(match word {
        "if" => BlockKind::If,
        "case" => BlockKind::Case,
        "for" | "select" => BlockKind::For,
        "while" | "until" => BlockKind::While,
        "{" => BlockKind::Braces,
        "(" => BlockKind::Subshell,
        _ => return None,
    })
}

fn ended(word: &str) -> Option<&'static [BlockKind]> {
    Some(match word {
        "fi" => &[BlockKind::If],
        "esac" => &[BlockKind::Case],
        "done" => &[BlockKind::For, BlockKind::While],
        "}" => &[BlockKind::Braces],
        ")" => &[BlockKind::Subshell],
        _ => return None,
    })
}

fn is_between(word: &str) -> bool {
    matches!(word, "elif" | "then" | "else" | "do" | "!" | "time")
}

/// The blocks that are open, each with whether what comes now is its condition.
type Open = Vec<(usize, bool)>;

/// Reads the words before each command, and what it stands in.
pub(super) fn nest(script: &mut Script) {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = Open::new();
    for (at, command) in script.commands.iter_mut().enumerate() {
        let mut words = std::mem::take(&mut command.words).into_iter().peekable();
        while let Some(word) = words.peek() {
            let text = word.text.as_str();
            if let Some(kind) = begun(text) {
                let around = open.last().copied();
                let parent = around.map(|(parent, _)| parent);
                blocks.push(Block { kind, parent, first: at, end: usize::MAX });
                let is_group = matches!(kind, BlockKind::Braces | BlockKind::Subshell);
                let is_condition = matches!(kind, BlockKind::If | BlockKind::While);
                open.push((blocks.len() - 1, is_condition || (is_group && around.is_some_and(|(_, is)| is))));
            } else if let Some(kinds) = ended(text) {
                end(&mut blocks, &mut open, kinds, at);
            } else if is_between(text) {
                let divides = matches!(text, "elif" | "then" | "else" | "do");
                if let Some((_, is_condition)) = open.last_mut().filter(|_| divides) {
                    *is_condition = text == "elif";
                }
            } else if matches!(text, "sudo" | "env" | "nice" | "nohup" | "exec" | "command" | "timeout" | "xargs") {
                skip_starter(&mut words);
                continue;
            } else if is_assignment(word) {
                command.assigned.push(word.clone());
            } else {
                break;
            }
            words.next();
        }
        (command.block, command.is_condition) = open.last().map_or((None, false), |(block, is)| (Some(*block), *is));
        command.words = words.collect();
    }
    let last = script.commands.len();
    blocks.iter_mut().for_each(|block| block.end = block.end.min(last));
    script.blocks = blocks;
}

/// Ends the innermost block of a kind; what stands open in it ends too.
fn end(blocks: &mut [Block], open: &mut Open, kinds: &[BlockKind], at: usize) {
    let is_meant = |(block, _): &(usize, bool)| kinds.contains(&blocks[*block].kind);
    let Some(found) = open.iter().rev().take(64).position(is_meant) else { return };
    for (block, _) in open.drain(open.len() - 1 - found..) {
        blocks[block].end = at;
    }
}

/// A program that starts another: its name, its options with their values, and what it takes before the other.
fn skip_starter(words: &mut std::iter::Peekable<std::vec::IntoIter<Word>>) {
    let starter = words.next().map(|word| word.text).unwrap_or_default();
    while let Some(option) = words.next_if(|word| word.text.starts_with('-') && word.text.len() > 1) {
        let takes_value = match starter.as_str() {
            "sudo" => matches!(option.text.as_str(), "-u" | "-g" | "-h" | "-p"),
            "timeout" => matches!(option.text.as_str(), "-k" | "-s"),
            "xargs" => matches!(option.text.as_str(), "-n" | "-I" | "-P" | "-L" | "-d" | "-a"),
            "nice" => option.text == "-n",
            _ => option.text == "-u",
        };
        if takes_value {
            words.next();
        }
    }
    if starter == "timeout" {
        words.next_if(|word| word.text.starts_with(|c: char| c.is_ascii_digit() || c == '$'));
    }
}

fn is_assignment(word: &Word) -> bool {
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    word.text.split_once('=').is_some_and(|(name, _)| is_name(name.trim_end_matches('+')))
}

#[cfg(test)]
mod tests {
    use super::super::script;
    use super::*;
    use crate::manifest::yaml::YamlString;
    use crate::text::SourceText;

    fn read(text: &str) -> Script {
        let placed =
            YamlString { value: text.to_owned(), span: 0..text.len(), style: saphyr_parser::ScalarStyle::Literal };
        script(&SourceText::new(text), &placed)
    }

    #[test]
    fn it_is_known_what_commands_stand_in() {
        use BlockKind::{Braces, Case, For, If, Subshell, While};
        let found = read(
            "if a && (n); then b; else (c); fi\nwhile d; do e; done\nfor x in 1 2; do { f; } || g; done\ncase h in x) i;; esac\nj\n(k || (l)) && m",
        );
        let kinds = |name: &str| {
            let command =
                found.commands.iter().find(|c| c.words.first().is_some_and(|word| word.text == name)).unwrap();
            let kinds: Vec<_> = found.around(command).map(|(_, block)| block.kind).collect();
            (kinds, command.is_condition)
        };
        for (name, expected, is_condition) in [
            ("a", &[If][..], true),
            ("n", &[Subshell, If], true),
            ("b", &[If], false),
            ("c", &[Subshell, If], false),
            ("d", &[While], true),
            ("e", &[While], false),
            ("f", &[Braces, For], false),
            ("g", &[For], false),
            ("h", &[Case], false),
            ("i", &[Case], false),
            ("j", &[], false),
            ("k", &[Subshell], false),
            ("l", &[Subshell, Subshell], false),
            ("m", &[], false),
        ] {
            assert_eq!(kinds(name), (expected.to_vec(), is_condition), "{name}");
        }
    }

    #[test]
    fn blocks_end_where_they_say_even_where_ends_are_missing() {
        let found = read("for a in 1; do\n  b && break\ndone || c\nif d; then\n  (e\nfi\nfi; esac; }\nwhile f; do g");
        let shown: Vec<_> = found.blocks.iter().map(|block| (block.kind, block.parent)).collect();
        use BlockKind::{For, If, Subshell, While};
        assert_eq!(shown, [(For, None), (If, None), (Subshell, Some(1)), (While, None)]);
        assert!(found.blocks.iter().all(|block| block.first <= block.end && block.end <= found.commands.len()));
        let done = &found.commands[found.blocks[0].end];
        assert!(done.words.is_empty() && done.joints.1 == super::super::Joint::Or);
    }
}
