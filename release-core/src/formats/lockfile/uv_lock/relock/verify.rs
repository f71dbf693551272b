//! A check that the edits change only what they should, by reading the resulting text.

use super::files::{Block, Line};
use super::wanted::{Changes, by_place};
use crate::lockfile::NotNative;
use crate::lockfile::uv_lock::plain;
use crate::lockfile::uv_lock::tree::{Kind, Node, Table};
use crate::registry::file_name::FileKind;
use crate::text::{SourceText, TextEdit, splice};
use std::collections::BTreeMap;

/// Reads the edited text, compares it with the old one, with the wanted changes, and returns it.
pub(super) fn only(
    source: &SourceText,
    old: &Table<'_>,
    changes: &Changes<'_>,
    blocks: &[Block],
    edits: &[TextEdit],
) -> Result<String, NotNative> {
    let failed = |what: &str| NotNative::new(format!("the edited lockfile {what}; this is a defect of this tool"));
    let text = splice(source.as_str(), edits).map_err(|error| failed(&error.to_string()))?;
    let new = plain::read(&text).map_err(|_| failed("is not spelled as uv spells it"))?;
    let files = blocks.iter().map(|block| (block.entry, &block.files[..])).collect();
    let planned = Planned { values: by_place(changes), files };
    let as_it_is = Planned { values: BTreeMap::new(), files: BTreeMap::new() };
    let is_planned = planned.lines(old) == as_it_is.lines(&new);
    if is_planned { Ok(text) } else { Err(failed("has other values than planned")) }
}

/// The changes of the content of a lockfile: strings by their places, files by those of their entries.
struct Planned<'a> {
    values: BTreeMap<usize, &'a str>,
    files: BTreeMap<usize, &'a [Line]>,
}

impl Planned<'_> {
    /// Returns one line for every value with its path, in the order of the paths.
    fn lines(&self, root: &Table<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        root.entries.iter().for_each(|(key, node)| self.add(&mut lines, key, node));
        lines.sort_unstable();
        lines
    }

    fn add(&self, lines: &mut Vec<String>, path: &str, node: &Node<'_>) {
        match &node.kind {
            Kind::Table(table) => {
                let files = self.files.get(&node.span.start);
                let is_kept = |key: &str| files.is_none() || !matches!(key, "sdist" | "wheels");
                for (key, node) in table.entries.iter().filter(|(key, _)| is_kept(key)) {
                    self.add(lines, &format!("{path}.{key}"), node);
                }
                add_files(lines, path, files.copied().unwrap_or_default());
            }
            Kind::List(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    self.add(lines, &format!("{path}.{index}"), node);
                }
            }
            Kind::String(text) => {
                let text = self.values.get(&node.span.start).copied().unwrap_or(text);
                lines.push(format!("{path} = {text:?}"));
            }
            Kind::Integer(number) => lines.push(format!("{path} = {number}")),
            Kind::Bool(is_true) => lines.push(format!("{path} = {is_true}")),
            Kind::Other => {}
        }
    }
}

/// Adds the lines of files of an entry, of which those of one kind stand in the order of the file.
fn add_files(lines: &mut Vec<String>, entry: &str, files: &[Line]) {
    let mut wheels = 0..;
    for Line { kind, url, hash, size, upload_time } in files {
        let path = match kind {
            FileKind::Sdist => format!("{entry}.sdist"),
            FileKind::Wheel => format!("{entry}.wheels.{}", wheels.next().unwrap_or_default()),
        };
        lines.extend([format!("{path}.url = {url:?}"), format!("{path}.hash = {hash:?}")]);
        lines.extend(size.map(|size| format!("{path}.size = {size}")));
        lines.extend(upload_time.as_ref().map(|time| format!("{path}.upload-time = {time:?}")));
    }
}
