//! The commands of a `run:` script, as far as a shell's grammar tells without running it
//! (POSIX, "Shell Command Language": <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html>).
//!
//! Only what is written is seen: variables are not expanded, functions are not called, the bodies of here-documents and what is
//! reckoned between `((` and `))` are skipped. Expressions of the workflow stay within their word.

mod block;

use super::place::Placed;
use crate::manifest::yaml::YamlString;
use crate::text::{SourceText, Span};
pub use block::{Block, BlockKind};
use std::collections::HashMap;

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Its words, without keywords and assignments before it; none where it only assigns.
    pub words: Vec<Word>,
    /// `NAME=VALUE` before it.
    pub assigned: Vec<Word>,
    /// The operators between it and the command before it, and after it.
    pub joints: (Joint, Joint),
    /// The innermost block that it stands in, by its place in the script's.
    pub block: Option<usize>,
    /// `true` if `if`, `while` or `until` look at its status.
    pub is_condition: bool,
}

/// The commands of a script, and what they stand in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The commands, in the order in which they end.
    pub commands: Vec<Command>,
    /// Its blocks, in the order in which they begin.
    pub blocks: Vec<Block>,
}

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The text, without quotes.
    pub text: String,
    /// The place in the file.
    pub span: Span,
}

/// The operator between two commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joint {
    /// The end of a line, `;`, `&`, a parenthesis.
    #[default]
    Sequence,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
}

impl Command {
    /// The bytes from its first word to its last.
    pub fn span(&self) -> Span {
        let first = self.words.first().map_or(0, |word| word.span.start);
        first..self.words.last().map_or(first, |word| word.span.end)
    }

    /// The arguments, where it is this program, wherever that lies, and they begin with these. Options of git's own
    /// (`-C DIR`, `-c NAME=VALUE`) may stand before them.
    pub fn arguments(&self, program: &str, first: &[&str]) -> Option<&[Word]> {
        let (name, mut rest) = self.words.split_first()?;
        if name.text.rsplit('/').next() != Some(program) {
            return None;
        }
        while program == "git" && rest.first().is_some_and(|word| matches!(word.text.as_str(), "-C" | "-c")) {
            rest = rest.get(2..)?;
        }
        let begins = first.iter().enumerate().all(|(at, wanted)| rest.get(at).is_some_and(|word| word.text == *wanted));
        begins.then(|| &rest[first.len()..])
    }

    /// Returns `true` if one of its words is this, or this with a value after `=`.
    pub fn has_option(&self, option: &str) -> bool {
        self.words
            .iter()
            .any(|word| word.text.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    }

    /// The value of an option, as the next word or after `=`.
    pub fn option(&self, option: &str) -> Option<&str> {
        self.words.iter().enumerate().find_map(|(at, word)| match word.text.strip_prefix(option)? {
            "" => self.words.get(at + 1).map(|next| next.text.as_str()),
            rest => rest.strip_prefix('='),
        })
    }
}

/// The commands of a script.
pub(super) fn script(source: &SourceText, script: &YamlString) -> Script {
    let text = script.value.as_str();
    let mut reader = Reader { text, sums: sums(text), ..Reader::default() };
    while reader.at < text.len() {
        reader.step();
    }
    while !reader.outer.is_empty() {
        reader.end_command(Joint::Sequence);
        reader.current = reader.outer.pop().map(|outer| outer.current).unwrap_or_default();
    }
    reader.end_command(Joint::Sequence);
    let mut found = Script { commands: reader.found, blocks: Vec::new() };
    let placed = Placed::of(source, script);
    for word in found.commands.iter_mut().flat_map(|command| &mut command.words) {
        word.span = placed.span(word.span.clone());
    }
    block::nest(&mut found);
    found
}

/// A command that is not at its end.
#[derive(Default)]
struct Current {
    words: Vec<Word>,
    word: Option<Word>,
    /// `true` if one of its words is no keyword.
    has_name: bool,
    before: Joint,
    quote: Option<char>,
}

/// A command around what is open, and what ends that.
struct Outer {
    current: Current,
    closes: char,
    kind: Opened,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Opened {
    Substitution,
    Group,
    /// The values of `NAME=(A B)`, which are no command.
    Array,
    /// Parentheses behind the name of a function, and what no shell takes.
    Other,
}

#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    /// The end of each sum, by its start.
    sums: HashMap<usize, usize>,
    at: usize,
    current: Current,
    outer: Vec<Outer>,
    here_documents: Vec<String>,
    found: Vec<Command>,
}

impl Reader<'_> {
    fn step(&mut self) {
        let rest = &self.text[self.at..];
        let Some(character) = rest.chars().next() else { return };
        if rest.starts_with("${{") {
            let length = rest.find("}}").map_or(rest.len(), |end| end + 2);
            return self.push(length);
        }
        match (self.current.quote, character) {
            (Some('\''), '\'') | (Some('"'), '"') => {
                self.current.quote = None;
                self.skip_in_word(1);
            }
            (Some('\''), _) => self.push(character.len_utf8()),
            (_, '\\') => self.escape(rest),
            (_, '$')
                if rest.starts_with("$((")
                    && let Some(end) = self.sums.get(&(self.at + 1)) =>
            {
                self.push(end - self.at);
            }
            (_, '$') if rest.starts_with("$(") => self.open(2, ')'),
            (_, '`') if self.outer.last().is_some_and(|outer| outer.closes == '`') => self.close(),
            (_, '`') => self.open(1, '`'),
            (Some(_), _) => self.push(character.len_utf8()),
            (None, '\'' | '"') => {
                self.current.quote = Some(character);
                self.skip_in_word(1);
            }
            (None, '#') if self.current.word.is_none() => {
                self.at += rest.find('\n').unwrap_or(rest.len());
            }
            (None, '\n') => {
                self.at += 1;
                self.end_command(Joint::Sequence);
                self.skip_here_documents();
            }
            (None, '(')
                if self.current.word.is_none()
                    && let Some(end) = self.sums.get(&self.at) =>
            {
                self.push(end - self.at);
            }
            (None, '(') => self.open(1, ')'),
            (None, ')') => self.close(),
            (None, ';' | '&' | '|') => self.joint(rest),
            (None, '<') if rest.starts_with("<<<") => self.push(3),
            (None, '<') if rest.starts_with("<<") => self.here_document(rest),
            (None, _) if character.is_whitespace() => {
                self.end_word();
                self.at += character.len_utf8();
            }
            (None, _) => self.push(character.len_utf8()),
        }
    }

    fn push(&mut self, length: usize) {
        let text = self.text;
        self.skip_in_word(length);
        if let Some(word) = &mut self.current.word {
            word.text.push_str(&text[self.at - length..self.at]);
        }
    }

    /// Goes on within a word, which begins here if there is none.
    fn skip_in_word(&mut self, length: usize) {
        let start = self.at;
        let word = self.current.word.get_or_insert_with(|| Word { text: String::new(), span: start..start });
        self.at += length;
        word.span.end = self.at;
    }

    fn escape(&mut self, rest: &str) {
        let after = rest[1..].trim_start_matches('\r');
        match after.chars().next() {
            // The line goes on.
            Some('\n') => self.at += rest.len() - after.len() + 1,
            Some(next) => {
                self.skip_in_word(1);
                self.push(next.len_utf8());
            }
            None => self.at = self.text.len(),
        }
    }

    fn open(&mut self, length: usize, closes: char) {
        let kind = match &self.current.word {
            _ if length == 2 || closes == '`' => Opened::Substitution,
            Some(word) if word.text.ends_with('=') => Opened::Array,
            None if !self.current.has_name => Opened::Group,
            _ => Opened::Other,
        };
        match kind {
            Opened::Substitution | Opened::Array => self.push(length),
            Opened::Group => {
                // A group is known by its parentheses.
                self.push(length);
                self.end_word();
            }
            Opened::Other => {
                self.end_command(Joint::Sequence);
                self.at += length;
            }
        }
        let mut current = std::mem::take(&mut self.current);
        if kind == Opened::Group {
            std::mem::swap(&mut current, &mut self.current);
        }
        self.outer.push(Outer { current, closes, kind });
    }

    fn close(&mut self) {
        self.end_command(Joint::Sequence);
        let Some(outer) = self.outer.pop() else {
            // The end of a pattern in `case`.
            self.at += 1;
            return;
        };
        self.current = outer.current;
        match outer.kind {
            Opened::Substitution | Opened::Array => self.push(1),
            Opened::Group => {
                self.push(1);
                self.end_word();
            }
            Opened::Other => self.at += 1,
        }
    }

    fn joint(&mut self, rest: &str) {
        // `2>&1`, `&>FILE` and `>|FILE` join nothing.
        let is_redirection = rest.starts_with("&>")
            || self.current.word.as_ref().is_some_and(|word| word.text.ends_with(['>', '<']) && !rest.starts_with(';'));
        if is_redirection {
            return self.push(1);
        }
        let (length, joint) = match rest {
            _ if rest.starts_with("&&") => (2, Joint::And),
            _ if rest.starts_with("||") => (2, Joint::Or),
            _ if rest.starts_with("|&") => (2, Joint::Pipe),
            _ if rest.starts_with('|') => (1, Joint::Pipe),
            _ => (1, Joint::Sequence),
        };
        self.at += length;
        self.end_command(joint);
        // What follows `&&`, `||` or `|` may stand on the next line.
        if joint != Joint::Sequence {
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start().len();
        }
    }

    fn here_document(&mut self, rest: &str) {
        let name = rest[2..].trim_start_matches('-').trim_start_matches([' ', '\t']);
        let end = name.find(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | ')' | '<' | '>'));
        let written = &name[..end.unwrap_or(name.len())];
        let bare = written.trim_matches(['\'', '"', '\\']);
        self.end_word();
        self.at += rest.len() - name.len() + written.len();
        if bare.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            self.here_documents.push(bare.to_owned());
        }
    }

    fn skip_here_documents(&mut self) {
        for name in std::mem::take(&mut self.here_documents) {
            while self.at < self.text.len() {
                let rest = &self.text[self.at..];
                let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
                self.at += length;
                if rest[..length].trim() == name {
                    break;
                }
            }
        }
    }

    fn end_word(&mut self) {
        if let Some(word) = self.current.word.take() {
            self.current.has_name |= !block::is_keyword(&word.text);
            self.current.words.push(word);
        }
    }

    fn end_command(&mut self, joint: Joint) {
        self.end_word();
        let current = std::mem::take(&mut self.current);
        self.current.before = joint;
        let is_array = self.outer.last().is_some_and(|outer| outer.kind == Opened::Array);
        if current.words.is_empty() || is_array {
            return;
        }
        self.found.push(Command { words: current.words, joints: (current.before, joint), ..Command::default() });
    }
}

/// Returns the ends of sums, from `((` to `))` on one line, by their starts; none for a group in a group. One walk over the text, as
/// a script may be all parentheses.
fn sums(text: &str) -> HashMap<usize, usize> {
    let (mut open, mut found) = (Vec::new(), HashMap::new());
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' => open.push(at),
            b'\n' => open.clear(),
            b')' => {
                if let Some(start) = open.pop()
                    && bytes.get(start + 1) == Some(&b'(')
                    && bytes[at - 1] == b')'
                {
                    found.insert(start, at + 1);
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<Command> {
        let text_with_place =
            YamlString { value: text.to_owned(), span: 0..text.len(), style: saphyr_parser::ScalarStyle::Literal };
        script(&SourceText::new(text), &text_with_place).commands
    }

    fn words(script: &str) -> Vec<String> {
        let words =
            |command: &Command| command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("~");
        read(script).iter().map(words).filter(|words| !words.is_empty()).collect()
    }

    #[test]
    fn commands_are_found_wherever_a_shell_has_them() {
        for (script, expected) in [
            ("git describe --tags", &["git~describe~--tags"][..]),
            ("v=$(git describe) && echo \"$v\"", &["git~describe", "echo~$v"]),
            ("echo \"a $(git describe --tags) b\"", &["git~describe~--tags", "echo~a $() b"]),
            ("echo `git describe`", &["git~describe", "echo~``"]),
            ("(cd x; make) || true", &["cd~x", "make", "true"]),
            ("twine upload \\\n  dist/*", &["twine~upload~dist/*"]),
            ("twine upload \\\r\n  dist/*\r\nls\r\n", &["twine~upload~dist/*", "ls"]),
            ("# git describe\nls # git describe\necho a#b", &["ls", "echo~a#b"]),
            ("echo 'git describe; npm publish'", &["echo~git describe; npm publish"]),
            ("cat <<'EOF' > x\ngit describe\nEOF\nls", &["cat~>~x", "ls"]),
            ("cat <<-EOF\n  git describe", &["cat"]),
            ("A=1 sudo B=2 twine upload", &["twine~upload"]),
            ("pip install meadow==${{ inputs.a || 'b; c' }}", &["pip~install~meadow==${{ inputs.a || 'b; c' }}"]),
            ("make 2>&1 | tee log", &["make~2>&1", "tee~log"]),
            ("case $x in\n  a) ls ;;\nesac", &["$x~in", "a", "ls"]),
            ("echo $((1 << A))\nls", &["echo~$((1 << A))", "ls"]),
            ("((1 << A))\nls", &["((1 << A))", "ls"]),
            ("((a; b) || c)", &["a", "b", "c"]),
            ("args=(npm publish\n  $(a)); b", &["a", "b"]),
            ("f() { npm publish; }", &["f", "npm~publish"]),
            ("exec > >(tee log)\nls", &[">~>", "tee~log", "ls"]),
            ("echo $((", &["echo~$("]),
            ("read -r a b <<< \"v $a\"\nls", &["read~-r~a~b~<<<~v $a", "ls"]),
            ("read -r a <<<EOF\nls", &["read~-r~a~<<<EOF", "ls"]),
            ("a & b", &["a", "b"]),
            ("a |& b", &["a", "b"]),
            ("echo \"a \\\n b\"", &["echo~a  b"]),
            ("sudo -E -u x timeout -k 5 10m nohup docker push a", &["docker~push~a"]),
            ("ls | xargs -0 -n 1 twine upload", &["ls", "twine~upload"]),
            ("a &&\n  b", &["a", "b"]),
            ("echo 'open", &["echo~open"]),
        ] {
            assert_eq!(words(script), expected, "{script:?}");
        }
    }

    #[test]
    fn it_is_known_what_joins_commands() {
        use Joint::{And, Or, Pipe, Sequence};
        let found = read("a || b\nd && e | f\nX=1 Y=2 g & (h; i) || j");
        let shown: Vec<_> = found
            .iter()
            .filter(|command| !command.words.is_empty())
            .map(|c| (c.words[0].text.as_str(), c.joints, c.assigned.len()))
            .collect();
        assert_eq!(
            shown,
            [
                ("a", (Sequence, Or), 0),
                ("b", (Or, Sequence), 0),
                ("d", (Sequence, And), 0),
                ("e", (And, Pipe), 0),
                ("f", (Pipe, Sequence), 0),
                ("g", (Sequence, Sequence), 2),
                ("h", (Sequence, Sequence), 0),
                ("i", (Sequence, Sequence), 0),
                ("j", (Or, Sequence), 0),
            ]
        );
    }

    #[test]
    fn a_script_of_brackets_costs_what_its_length_does() {
        // Each bracket that looks at those around it makes minutes of these.
        for unit in ["(", "((", "$((", "$(", "a=(", "${{", "`", "{ ", ")", "((1)", "<<", "\\\r", "if ", "( x ) "] {
            let script = unit.repeat(400_000 / unit.len());
            assert!(read(&script).len() <= script.len(), "{unit}");
        }
    }

    #[test]
    fn programs_are_known_by_their_names_and_options_by_either_spelling() {
        let command = |script: &str| read(script).remove(0);
        assert!(command("/usr/bin/git -C x -c a=b describe --tags").arguments("git", &["describe"]).is_some());
        assert!(command("git log").arguments("git", &["describe"]).is_none());
        assert!(command("digit describe").arguments("git", &["describe"]).is_none());
        for script in ["npm publish --tag next", "npm publish --tag=next"] {
            assert_eq!(command(script).option("--tag"), Some("next"));
            assert!(command(script).has_option("--tag") && !command(script).has_option("--ta"));
        }
    }

    proptest! {
        #[test]
        fn any_script_is_read_and_its_words_are_where_they_say(text in r#"([ \n\r;&|()$`'"\\#<a=é-]|if |fi\n|\$\{\{|\}\}|<<E\n|E\n|\$\(){0,60}"#) {
            for command in read(&text) {
                for word in command.words.iter().chain(&command.assigned) {
                    prop_assert!(text.get(word.span.clone()).is_some());
                }
            }
        }
    }
}
