//! YAML 1.2 as a tree with byte places, bounded: what is larger or deeper than a file written by hand is an error, and so is
//! what aliases would make of a small file (<https://yaml.org/spec/1.2.2/>).

use crate::text::{SourceText, Span, SyntaxError};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::{BTreeMap, BTreeSet};

/// The largest file that is read, in bytes; a large workflow of GitHub's has a tenth of it.
pub const MOST_BYTES: usize = 1 << 19;

/// The most values that a file may have, aliases followed; 8 bytes of text are one: an alias of a script is another
/// script.
const MOST_VALUES: usize = 200_000;

/// The greatest depth at which they may stand.
const DEEPEST: usize = 64;

/// A scalar of a YAML document, decoded, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlString {
    /// The text, as YAML reads it.
    pub value: String,
    /// The literal in the file, quotes included; of a block its lines, without the `|`.
    pub span: Span,
    /// Its style.
    pub style: ScalarStyle,
}

/// A value of a YAML document.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Scalar(YamlString),
    List(Vec<Node>),
    Map(Vec<(YamlString, Node)>),
}

impl YamlString {
    /// Returns `true` if it is the boolean `true`.
    pub fn is_true(&self) -> bool {
        self.style == ScalarStyle::Plain && matches!(self.value.as_str(), "true" | "True" | "TRUE")
    }

    /// Returns `true` if it stands in quotes of either kind.
    pub(super) fn is_quoted(&self) -> bool {
        matches!(self.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
    }

    /// The bytes of the text in the file, without quotes.
    pub fn content(&self) -> Span {
        let quotes = usize::from(self.is_quoted() && self.span.len() > 1);
        self.span.start + quotes..self.span.end - quotes
    }
}

impl Node {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name.value == key).map(|(_, value)| value)
    }

    /// The scalar that it is.
    pub(super) fn scalar(&self) -> Option<&YamlString> {
        if let Self::Scalar(scalar) = self { Some(scalar) } else { None }
    }

    /// Keys and values of a mapping; none of anything else.
    pub(super) fn entries(&self) -> &[(YamlString, Self)] {
        if let Self::Map(entries) = self { entries } else { &[] }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }
}

/// Reads the first document of a file, or returns `None` if it is empty.
///
/// # Errors
/// The first thing that is not YAML, a key that stands twice in a mapping, several documents, and what is too much.
pub(super) fn parse(source: &SourceText) -> Result<Option<Node>, SyntaxError> {
    let text = source.as_str();
    if text.len() > MOST_BYTES {
        let message = format!("has {} bytes, and no more than {MOST_BYTES} are read", text.len());
        return Err(SyntaxError::new(message, 0..0));
    }
    let error = match read(text) {
        Err(error) => error,
        read => return read,
    };
    // Other readers, GitHub's among them, let the lines of a list in brackets begin anywhere: they are read as one line then, in which
    // every byte keeps its place.
    let (mut joined, mut at) = (text.to_owned(), error.span.start);
    for _ in 0..MOST_JOINS {
        let Some(next) = join(&joined, at) else { break };
        joined = next;
        match read(&joined) {
            Err(error) => at = error.span.start,
            read => return read,
        }
    }
    Err(error)
}

/// The most lines that are joined to the ones before them.
const MOST_JOINS: usize = 100;

/// Joins the line at a place to the one before it, if that is in brackets: it ends with an opening one or a comma, or the line
/// itself begins with a closing one.
fn join(text: &str, at: usize) -> Option<String> {
    let start = text.get(..at)?.rfind('\n')?;
    let mut end = text[..start].trim_end().len();
    // Blank lines and comments stand between.
    loop {
        let line = text[..end].rfind('\n').map_or(0, |end| end + 1);
        let comment = match text[line..end].trim_start().starts_with('#') {
            true => line,
            false => text[line..end].find(" #").map_or(end, |place| line + place),
        };
        let content = text[..comment].trim_end().len();
        if content == end {
            break;
        }
        end = content;
    }
    let is_open = text[..end].ends_with(['[', '{', ',']);
    if !is_open && !text[start..].trim_start().starts_with([']', '}']) {
        return None;
    }
    let blank = text[end..=start].chars().map(|c| " ".repeat(c.len_utf8())).collect::<String>();
    Some(format!("{}{blank}{}", &text[..end], &text[start + 1..]))
}

/// Reads the first document of a text.
fn read(text: &str) -> Result<Option<Node>, SyntaxError> {
    // The parser counts characters.
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let byte = |character: usize| bytes.get(character).copied().unwrap_or(text.len());
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok((event, span)) => {
                let start = byte(span.start.index());
                (event, start..byte(span.end.index()).max(start))
            }
            Err(error) => {
                let at = byte(error.marker().index());
                return Err(SyntaxError::new(error.info(), at..at));
            }
        };
        builder.take(text, event, span)?;
    }
    Ok(builder.root)
}

/// A list or mapping that is being read.
struct Open {
    node: Node,
    anchor: usize,
    /// A key that has no value yet.
    key: Option<YamlString>,
    keys: BTreeSet<String>,
    /// The number of values that were read before it, and the depth of the deepest in it.
    before: usize,
    depth: usize,
}

/// The value that an anchor names, the number of values that it holds, and its depth.
struct Anchored {
    node: Node,
    values: usize,
    depth: usize,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    values: usize,
    documents: usize,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, text: &str, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                let several = "holds several documents, and one is expected";
                if self.documents > 1 { Err(SyntaxError::new(several, span)) } else { Ok(()) }
            }
            Event::Scalar(value, style, anchor, _) => {
                let scalar = scalar(text, value.into_owned(), style, span.clone());
                // A long text weighs as many short ones: aliases copy it.
                let values = 1 + scalar.value.len() / 8;
                self.count(values, 1, &span)?;
                let node = Node::Scalar(scalar);
                self.keep(&node, anchor, values, 1);
                self.place(node, 1, span)
            }
            Event::Alias(anchor) => {
                let Some(found) = self.anchors.get(&anchor) else {
                    return Err(SyntaxError::new("an alias of a value that it stands in", span));
                };
                let (values, depth) = (found.values, found.depth);
                // Counted before it is copied.
                self.count(values, depth, &span)?;
                let node = self.anchors.get(&anchor).map(|found| found.node.clone());
                node.map_or(Ok(()), |node| self.place(node, depth, span))
            }
            Event::SequenceStart(anchor, _) => self.begin(Node::List(Vec::new()), anchor, &span),
            Event::MappingStart(anchor, _) => self.begin(Node::Map(Vec::new()), anchor, &span),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let values = self.values - open.before;
                // Its values were counted one by one.
                self.keep(&open.node, open.anchor, values, open.depth);
                self.place(open.node, open.depth, span)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, node: Node, anchor: usize, span: &Span) -> Result<(), SyntaxError> {
        let before = self.values;
        self.count(1, 1, span)?;
        self.open.push(Open { node, anchor, key: None, keys: BTreeSet::new(), before, depth: 1 });
        Ok(())
    }

    fn keep(&mut self, node: &Node, anchor: usize, values: usize, depth: usize) {
        if anchor > 0 {
            // An anchor in an anchor is copied with it: at most once for each level of the nesting, which is bounded.
            self.anchors.insert(anchor, Anchored { node: node.clone(), values, depth });
        }
    }

    fn count(&mut self, values: usize, depth: usize, span: &Span) -> Result<(), SyntaxError> {
        self.values += values;
        if self.values > MOST_VALUES {
            return Err(SyntaxError::new(
                format!("has more than {MOST_VALUES} values, aliases followed"),
                span.clone(),
            ));
        }
        if self.open.len() + depth > DEEPEST {
            return Err(SyntaxError::new(format!("is nested more than {DEEPEST} deep"), span.clone()));
        }
        Ok(())
    }

    /// Puts a value where it belongs: as an item, a key or the value of one, or as the root.
    fn place(&mut self, value: Node, depth: usize, span: Span) -> Result<(), SyntaxError> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        open.depth = open.depth.max(depth + 1);
        match &mut open.node {
            Node::List(items) => items.push(value),
            Node::Map(entries) => match (open.key.take(), value) {
                (Some(key), value) => entries.push((key, value)),
                (None, Node::Scalar(key)) => {
                    if !open.keys.insert(key.value.clone()) {
                        return Err(SyntaxError::new(format!("`{}` stands here twice", key.value), key.span));
                    }
                    open.key = Some(key);
                }
                (None, _) => return Err(SyntaxError::new("a key that is no text", span)),
            },
            Node::Scalar(_) => {}
        }
        Ok(())
    }
}

/// A scalar; the parser has the indentation of the next line in the place of a block.
fn scalar(text: &str, value: String, style: ScalarStyle, span: Span) -> YamlString {
    let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    let literal = text.get(span.clone()).unwrap_or_default();
    let length = if is_block { literal.trim_end().len() } else { literal.len() };
    YamlString { value, span: span.start..span.start + length, style }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Option<Node>, SyntaxError> {
        parse(&SourceText::new(text))
    }

    /// The scalars of a tree.
    fn scalars<'a>(node: &'a Node, found: &mut Vec<&'a YamlString>) {
        found.extend(node.scalar());
        node.items().iter().for_each(|item| scalars(item, found));
        for (key, value) in node.entries() {
            found.push(key);
            scalars(value, found);
        }
    }

    #[test]
    fn places_are_bytes_of_the_file_behind_a_mark_wide_characters_and_any_line_ending() {
        for text in [
            "\u{feff}ä:\r\n  wanted: \"wanted\"\r\n",
            "a: 'ö' # ü\nb: [x, 'wanted']\n",
            "a: |\n  wanted\n  é\n\nb: wanted",
            "a: >-\r\n    wanted\r\nb: c\r\n",
        ] {
            let root = read(text).unwrap().unwrap();
            let mut found = Vec::new();
            scalars(&root, &mut found);
            let wanted: Vec<_> = found.iter().filter(|scalar| scalar.value.starts_with("wanted")).collect();
            assert!(!wanted.is_empty(), "{text:?}");
            for scalar in wanted {
                assert!(text[scalar.span.clone()].trim_start_matches(['"', '\'']).starts_with("wanted"), "{text:?}");
            }
        }
    }

    #[test]
    fn the_lines_of_a_list_in_brackets_begin_anywhere_and_keep_their_places() {
        for text in [
            "a:\n  b: [\n    wanted,\n    x\n  ] # end\nc: 1\n",
            "a:\n  b: [\n  wanted, # ü: one\n\n  # two\n  x\n  ]\nc: 1\n",
            "a:\r\n  b: [\r\n    wanted,\r\n    x\r\n]\r\nc: 1\r\n",
            "a:\n- b: [\n  wanted,\n  x ]\nc: 1\n",
            "a:\n  b: { x: wanted,\n  y: z\n  }\nc: 1\n",
        ] {
            let root = read(text).unwrap_or_else(|error| panic!("{text:?}: {error:?}")).unwrap();
            assert!(root.get("c").is_some(), "{text:?}");
            let mut found = Vec::new();
            scalars(&root, &mut found);
            let wanted = found.iter().find(|scalar| scalar.value == "wanted").unwrap();
            assert_eq!(&text[wanted.span.clone()], "wanted", "{text:?}");
        }
        for text in ["a:\n  b: x,\n c: y\n", "a: [\n", "a: [x,\n  y: [\nb: c\n"] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_lines_of_a_block_end_where_the_next_key_begins() {
        let text = "a:\n  run: |\n    one\n     two\n\n  next: b\n";
        let root = read(text).unwrap().unwrap();
        let run = root.get("a").unwrap().get("run").unwrap().scalar().unwrap();
        assert_eq!((run.value.as_str(), &text[run.span.clone()]), ("one\n two\n", "one\n     two"));
    }

    #[test]
    fn what_nobody_writes_is_an_error_with_its_place_and_not_a_long_wait() {
        let bomb = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
            format!("{text}a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "))
        });
        let deep = (0..20).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
            format!("{text}a{}: &a{} [[[[[*a{level}]]]]]\n", level + 1, level + 1)
        });
        for (text, said) in [
            ("a: 1\na: 2\n".to_owned(), "`a` stands here twice"),
            ("a: 1\n---\nb: 2\n".to_owned(), "holds several documents, and one is expected"),
            ("[a]: b\n".to_owned(), "a key that is no text"),
            ("a: &a [*a]\n".to_owned(), "an alias of a value that it stands in"),
            ("- ".repeat(5000), "is nested more than 64 deep"),
            (deep, "is nested more than 64 deep"),
            (bomb, "has more than 200000 values, aliases followed"),
            ("#".repeat(MOST_BYTES + 1), "has 524289 bytes, and no more than 524288 are read"),
            (format!("a: &a [{}]\n{}", "x, ".repeat(2000), "- *a\n".repeat(9)), "while parsing a block mapping"),
            (format!("a: &a [{}]\nb:\n{}", "x, ".repeat(2000), "- *a\n".repeat(200)), "has more than 200000 values"),
            (format!("a: &a {}\nb:\n{}", "x".repeat(400_000), "- *a\n".repeat(1000)), "has more than 200000 values"),
            (format!("a: &a {}\nb:\n{}", "x".repeat(80_000), "- *a\n".repeat(150)), "has more than 200000 values"),
            ("a:\n\t- b\n".to_owned(), ""),
            ("a: b: c\n".to_owned(), ""),
            ("a: 'b\n".to_owned(), ""),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.message.contains(said), "{error}: {}", &text[..text.len().min(60)]);
            assert!(text.get(error.span).is_some());
        }
        assert!(read(&"[".repeat(100_000)).is_err());
        assert!(read("").unwrap().is_none() && read("# nothing\n").unwrap().is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_a_tree_with_places_in_it_or_an_error(text in r#"([ \t\r\n\-:#|>&*!%'"\[\]{},?a-cäé€$]|a: |  - |\n  |&a |\*a){0,60}"#) {
            match read(&text) {
                Ok(None) => {}
                Ok(Some(root)) => {
                    let mut found = Vec::new();
                    scalars(&root, &mut found);
                    prop_assert!(found.iter().all(|scalar| text.get(scalar.span.clone()).is_some()));
                }
                Err(error) => prop_assert!(text.get(error.span).is_some()),
            }
        }
    }
}
