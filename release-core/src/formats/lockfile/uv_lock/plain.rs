//! A reader for TOML as uv writes it: one `key = value` a line, `[[package]]` and the tables below it, strings
//! without escapes, and the one comment that uv writes. It accepts no more than that, so that every accepted text is TOML with the same
//! meaning for every reader; any other text is left to the full parser.

use super::tree::{Kind, Node, Table};
use crate::text::{Span, is_clean};
use std::borrow::Cow;

/// The deepest nesting that is read here; lockfiles nest less deeply.
const MAX_DEPTH: usize = 8;
/// The largest table that is read here, because each key is compared with all keys before it.
const MAX_KEYS: usize = 256;
/// The comment that uv writes behind the moment of an `exclude-newer` that is a span.
const COMMENT: &str =
    " # This has no effect and is included for backwards compatibility when using relative exclude-newer values.";
/// The tables beside packages of which there may be several.
const DESCRIBED: &str = "[[manifest.dependency-metadata]]\n";

/// Returns the document's tree.
///
/// # Errors
/// If it has anything that uv does not write: the place at which reading stopped.
pub(super) fn read(text: &str) -> Result<Table<'_>, usize> {
    let mut reader = Reader { text, at: 0, is_clean: is_clean(text) };
    document(&mut reader).ok_or(reader.at)
}

fn document<'a>(reader: &mut Reader<'a>) -> Option<Table<'a>> {
    let text = reader.text;
    let mut root = Table::default();
    let mut packages: Vec<Node<'_>> = Vec::new();
    let mut path = Vec::new();
    while let Some(byte) = reader.peek() {
        match byte {
            b'\n' => reader.at += 1,
            b'[' if reader.rest().starts_with("[[package]]\n") => {
                let span = reader.at..reader.at + "[[package]]".len();
                reader.at = span.end + 1;
                packages.push(Node { span, kind: Kind::Table(Table::default()) });
                path = vec!["package"];
            }
            b'[' => {
                let start = reader.at;
                let is_one_of_several = reader.rest().starts_with(DESCRIBED);
                path = reader.header(is_one_of_several)?;
                let node = Node { span: start..reader.at - 1, kind: Kind::Table(Table::default()) };
                let (name, parents) = path.split_last()?;
                let table = parent(text, &mut root, &mut packages, parents, &node.span)?;
                match table.get_mut(name).filter(|_| is_one_of_several) {
                    Some(several) => one_more(text, several, node)?,
                    None if is_one_of_several => {
                        insert(table, name, Node { span: node.span.clone(), kind: Kind::List(vec![node]) })?;
                    }
                    None => insert(table, name, node)?,
                }
            }
            _ => {
                let (key, value) = reader.pair(0)?;
                reader.line_end()?;
                insert(table_at(text, &mut root, &mut packages, &path)?, key, value)?;
            }
        }
    }
    if let Some(first) = packages.first() {
        let node = Node { span: first.span.clone(), kind: Kind::List(packages) };
        insert(&mut root, "package", node)?;
    }
    Some(root)
}

/// Returns the table above that of a header. Those of the root are made where they have no header of their own, as uv writes
/// `[manifest.dependency-groups]` without `[manifest]`.
fn parent<'a, 'b>(
    text: &str,
    root: &'b mut Table<'a>,
    packages: &'b mut [Node<'a>],
    path: &[&'a str],
    header: &Span,
) -> Option<&'b mut Table<'a>> {
    if let Some(name) = path.first().filter(|name| path.len() == 1 && **name != "package" && root.get(name).is_none()) {
        insert(root, name, Node { span: header.clone(), kind: Kind::Table(Table::default()) })?;
    }
    table_at(text, root, packages, path)
}

/// Adds a table to those of the same name, which have headers too.
fn one_more<'a>(text: &str, several: &mut Node<'a>, node: Node<'a>) -> Option<()> {
    let Kind::List(tables) = &mut several.kind else { return None };
    let has_headers = tables.last().is_some_and(|table| text[table.span.clone()].starts_with("[["));
    has_headers.then(|| tables.push(node))
}

/// Returns the table of a header: of the last package, or of the root.
fn table_at<'a, 'b>(
    text: &str,
    root: &'b mut Table<'a>,
    packages: &'b mut [Node<'a>],
    path: &[&str],
) -> Option<&'b mut Table<'a>> {
    let (mut table, keys) = match path {
        ["package", keys @ ..] => (packages.last_mut()?.as_table_mut()?, keys),
        _ => (root, path),
    };
    for key in keys {
        let node = table.get_mut(key)?;
        let node = match node {
            Node { kind: Kind::List(tables), .. } => tables.last_mut()?,
            node => node,
        };
        // An inline table is complete: no header may add to it.
        table = text[node.span.clone()].starts_with('[').then(|| node.as_table_mut())??;
    }
    Some(table)
}

/// Adds a new key; returns `None` if the table already has it.
fn insert<'a>(table: &mut Table<'a>, key: &'a str, node: Node<'a>) -> Option<()> {
    let is_new = table.entries.len() < MAX_KEYS && table.get(key).is_none();
    is_new.then(|| table.entries.push((Cow::Borrowed(key), node)))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// `true` if only a line break can make a string one that is not read here.
    is_clean: bool,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn skip(&mut self, any_of: &[u8]) {
        while self.peek().is_some_and(|byte| any_of.contains(&byte)) {
            self.at += 1;
        }
    }

    fn line_end(&mut self) -> Option<()> {
        if self.rest().starts_with(COMMENT) {
            self.at += COMMENT.len();
        }
        if self.at == self.text.len() { Some(()) } else { self.eat(b'\n') }
    }

    /// Reads `[package.metadata]` and similar headers, to the end of the line.
    fn header(&mut self, is_one_of_several: bool) -> Option<Vec<&'a str>> {
        self.eat(b'[')?;
        if is_one_of_several {
            self.eat(b'[')?;
        }
        let mut path = vec![self.key()?];
        while self.eat(b'.').is_some() {
            path.push(self.key()?);
        }
        self.eat(b']')?;
        if is_one_of_several {
            self.eat(b']')?;
        }
        self.eat(b'\n')?;
        Some(path)
    }

    fn key(&mut self) -> Option<&'a str> {
        let (start, bytes) = (self.at, self.text.as_bytes());
        while self.at < bytes.len() && matches!(bytes[self.at], b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_') {
            self.at += 1;
        }
        (self.at > start).then(|| &self.text[start..self.at])
    }

    fn pair(&mut self, depth: usize) -> Option<(&'a str, Node<'a>)> {
        let key = self.key()?;
        self.eat(b' ')?;
        self.eat(b'=')?;
        self.eat(b' ')?;
        Some((key, self.value(depth)?))
    }

    fn value(&mut self, depth: usize) -> Option<Node<'a>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let start = self.at;
        let kind = match self.peek()? {
            b'"' => Kind::String(Cow::Borrowed(self.string()?)),
            b'[' => Kind::List(self.list(depth)?),
            b'{' => Kind::Table(self.inline_table(depth)?),
            b't' | b'f' => Kind::Bool(self.boolean()?),
            _ => Kind::Integer(self.integer()?),
        };
        Some(Node { span: start..self.at, kind })
    }

    fn string(&mut self) -> Option<&'a str> {
        let start = self.at + 1;
        let rest = &self.text[start..];
        let end = rest.find('"');
        let string = &rest[..end.unwrap_or(rest.len())];
        let is_special = |byte| matches!(byte, 0..=0x1f | b'\\' | 0x7f);
        let special = if self.is_clean { string.find('\n') } else { string.bytes().position(is_special) };
        if let Some(special) = special {
            self.at = start + special;
            return None;
        }
        self.at = start + end? + 1;
        // Three quotes begin a string of several lines.
        (!string.is_empty() || self.peek() != Some(b'"')).then_some(string)
    }

    fn boolean(&mut self) -> Option<bool> {
        let (text, is_true) =
            [("true", true), ("false", false)].into_iter().find(|(text, _)| self.rest().starts_with(text))?;
        self.at += text.len();
        Some(is_true)
    }

    /// Reads at most 18 digits, which always fit.
    fn integer(&mut self) -> Option<i64> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let text = &self.rest()[..digits];
        if digits == 0 || digits > 18 || (digits > 1 && text.starts_with('0')) {
            return None;
        }
        self.at += digits;
        // Other parts of the value (a date, a fraction) are not read: no value may be followed by them.
        text.parse().ok()
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Node<'a>>> {
        self.eat(b'[')?;
        let mut values = Vec::new();
        loop {
            self.skip(b" \n");
            if self.eat(b']').is_some() {
                return Some(values);
            }
            values.push(self.value(depth + 1)?);
            self.skip(b" \n");
            if self.eat(b',').is_none() {
                self.eat(b']')?;
                return Some(values);
            }
        }
    }

    fn inline_table(&mut self, depth: usize) -> Option<Table<'a>> {
        self.eat(b'{')?;
        self.eat(b' ')?;
        let mut table = Table::default();
        loop {
            let (key, value) = self.pair(depth + 1)?;
            insert(&mut table, key, value)?;
            if self.eat(b',').is_none() {
                self.eat(b' ')?;
                self.eat(b'}')?;
                return Some(table);
            }
            self.eat(b' ')?;
        }
    }
}
