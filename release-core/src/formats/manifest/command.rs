//! A command in a manifest.

use super::toml;
use crate::text::Span;
use toml_edit::Item;

/// A command, written as a list of words or as one string.
#[derive(Clone, Debug)]
pub struct Command {
    /// The place of the list or the string.
    pub span: Span,
    /// Its words, with the quotes of a shell resolved.
    pub words: Vec<String>,
}

impl Command {
    pub(super) fn read(item: &Item) -> Option<Self> {
        if let Some(list) = item.as_array() {
            let words = toml::strings(item).into_iter().map(|word| word.value).collect();
            return Some(Self { span: list.span()?, words });
        }
        let text = toml::string(item)?;
        Some(Self { span: text.span, words: words(&text.value) })
    }
}

/// Divides a command line into words like a shell.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\'' | '"', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (_, Some(open)) if character == open => quote = None,
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(characters.next()),
            (_, None) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use crate::manifest::pyproject::Pyproject;
    use crate::text::SourceText;

    #[test]
    fn a_command_is_read_from_a_list_or_a_string_under_its_old_and_new_name() {
        for text in [
            "git_describe_command = ['git', 'describe', '--match', 'v *']",
            "git_describe_command = \"git describe  --match 'v *'\"",
            "git_describe_command = 'git describe --match \"v *\"'",
            "scm.git.describe_command = 'git describe --match v\\ *'",
        ] {
            let scm =
                Pyproject::parse(&SourceText::new(format!("[tool.setuptools_scm]\n{text}"))).unwrap().scm.unwrap();
            assert_eq!(scm.describe_command.unwrap().words, ["git", "describe", "--match", "v *"], "{text}");
        }
    }
}
