//! A reader for TOML as uv writes it: one `key = value` a line, `[[package]]` and the tables below it, strings
//! without escapes, no comments. It accepts no more than that, so that every accepted text is TOML with the same
//! meaning for every reader; any other text is left to the full parser.

use super::tree::{Kind, Node, Table};
use std::borrow::Cow;

/// The deepest nesting that is read here; lockfiles nest less deeply.
const MAX_DEPTH: usize = 8;
/// The largest table that is read here, because each key is compared with all keys before it.
const MAX_KEYS: usize = 256;

/// Returns the document's tree, or `None` if it has anything that uv does not write.
pub(super) fn read(text: &str) -> Option<Table<'_>> {
    let mut reader = Reader { text, at: 0 };
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
                path = reader.header()?;
                let node = Node { span: start..reader.at - 1, kind: Kind::Table(Table::default()) };
                let (name, parents) = path.split_last()?;
                insert(table_at(text, &mut root, &mut packages, parents)?, name, node)?;
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
        if self.at == self.text.len() { Some(()) } else { self.eat(b'\n') }
    }

    /// Reads `[package.metadata]` and similar headers, to the end of the line.
    fn header(&mut self) -> Option<Vec<&'a str>> {
        self.eat(b'[')?;
        let mut path = vec![self.key()?];
        while self.eat(b'.').is_some() {
            path.push(self.key()?);
        }
        self.eat(b']')?;
        self.eat(b'\n')?;
        Some(path)
    }

    fn key(&mut self) -> Option<&'a str> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
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
            _ => Kind::Integer(self.integer()?),
        };
        Some(Node { span: start..self.at, kind })
    }

    fn string(&mut self) -> Option<&'a str> {
        let start = self.at + 1;
        let rest = &self.text.as_bytes()[start..];
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f | 0x7f))?;
        self.at = start + length;
        self.eat(b'"')?;
        // Three quotes begin a string of several lines.
        if length == 0 && self.peek() == Some(b'"') {
            return None;
        }
        Some(&self.text[start..start + length])
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
