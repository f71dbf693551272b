//! The parts of a TOML document that a lockfile needs: strings, lists and tables, each with its place.

use crate::manifest::TomlString;
use crate::text::Span;
use std::borrow::Cow;
use toml_edit::{Document, Item, TableLike, Value};

/// A value with its place; for a table with a header, the place is that of the header.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub(super) span: Span,
    pub(super) kind: Kind<'a>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind<'a> {
    String(Cow<'a, str>),
    Integer(i64),
    Bool(bool),
    List(Vec<Node<'a>>),
    Table(Table<'a>),
    /// A type that lockfiles do not have in the places that are read.
    Other,
}

/// Keys and values in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Table<'a> {
    pub(super) entries: Vec<(Cow<'a, str>, Node<'a>)>,
}

impl<'a> Node<'a> {
    pub(super) fn as_table(&self) -> Option<&Table<'a>> {
        if let Kind::Table(table) = &self.kind { Some(table) } else { None }
    }

    pub(super) fn as_table_mut(&mut self) -> Option<&mut Table<'a>> {
        if let Kind::Table(table) = &mut self.kind { Some(table) } else { None }
    }

    pub(super) fn as_list(&self) -> &[Self] {
        if let Kind::List(list) = &self.kind { list } else { &[] }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }
}

impl<'a> Table<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node<'a>> {
        self.entries.iter_mut().find(|(name, _)| name == key).map(|(_, node)| node)
    }
}

/// Returns the entries of a list, or none.
pub(super) fn list<'a, 'b>(table: &'b Table<'a>, key: &str) -> &'b [Node<'a>] {
    table.get(key).map_or(&[], Node::as_list)
}

fn to_string(node: &Node<'_>) -> Option<TomlString> {
    Some(TomlString { value: node.as_str()?.to_owned(), span: node.span.clone() })
}

/// Returns a string and its place.
pub(super) fn string(table: &Table<'_>, key: &str) -> Option<TomlString> {
    to_string(table.get(key)?)
}

/// Returns the strings of a list.
pub(super) fn strings(table: &Table<'_>, key: &str) -> Vec<TomlString> {
    list(table, key).iter().filter_map(to_string).collect()
}

/// Returns the tree of a document that was read in full.
pub(super) fn from_document<'a>(document: &Document<&'a str>) -> Table<'a> {
    table(document.as_table())
}

fn table<'a>(table: &dyn TableLike) -> Table<'a> {
    Table { entries: table.iter().map(|(key, item)| (Cow::Owned(key.to_owned()), node(item))).collect() }
}

fn node<'a>(item: &Item) -> Node<'a> {
    let kind = match item {
        Item::Table(entries) => Kind::Table(table(entries)),
        Item::ArrayOfTables(tables) => Kind::List(
            tables
                .iter()
                .map(|entries| Node { span: entries.span().unwrap_or_default(), kind: Kind::Table(table(entries)) })
                .collect(),
        ),
        Item::Value(value) => return self::value(value),
        Item::None => Kind::Other,
    };
    Node { span: item.span().unwrap_or_default(), kind }
}

fn value<'a>(value: &Value) -> Node<'a> {
    let kind = match value {
        Value::String(text) => Kind::String(Cow::Owned(text.value().clone())),
        Value::Integer(number) => Kind::Integer(*number.value()),
        Value::Array(array) => Kind::List(array.iter().map(self::value).collect()),
        Value::InlineTable(entries) => Kind::Table(table(entries)),
        Value::Boolean(is_true) => Kind::Bool(*is_true.value()),
        Value::Float(_) | Value::Datetime(_) => Kind::Other,
    };
    Node { span: value.span().unwrap_or_default(), kind }
}
