//! The files of an entry, as uv writes them.

use super::wanted::{Locked, NewFile, is_plain};
use crate::lockfile::NotNative;
use crate::lockfile::uv_lock::lock::{LockedFile, LockedPackage, UvLock};
use crate::registry::file_name::{FileKind, is_pure_wheel};
use crate::text::{SourceText, TextEdit};

/// The first revision of the format in which files have upload times.
const WITH_UPLOAD_TIME: i64 = 2;

/// The new files of an entry.
#[derive(Debug)]
pub(super) struct Block {
    /// The start of the entry.
    pub(super) entry: usize,
    /// The edit that replaces all the old files.
    pub(super) edit: TextEdit,
    /// The files that must be read from it.
    pub(super) files: Vec<Line>,
}

/// A file as a lockfile records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) kind: FileKind,
    pub(super) url: String,
    pub(super) hash: String,
    pub(super) size: Option<i64>,
    pub(super) upload_time: Option<String>,
}

/// Returns the edit that replaces the files of an entry.
pub(super) fn block(
    source: &SourceText,
    lock: &UvLock,
    entry: &LockedPackage,
    target: &Locked<'_>,
) -> Result<Block, NotNative> {
    let name = &entry.name.value;
    let old: Option<Vec<Line>> = entry.files.iter().map(Line::locked).collect();
    let old = old.ok_or_else(|| NotNative::new(format!("`{name}` has files without address or hash")))?;
    let has_times = lock.revision.unwrap_or(0) >= WITH_UPLOAD_TIME;
    let published = target.files.as_deref();
    let published =
        published.ok_or_else(|| NotNative::new(format!("the files of {name} {} are not known", target.version)))?;
    let mut files = published.iter().map(|file| new(file, has_times)).collect::<Result<Vec<_>, _>>()?;
    files.sort_by(|one, other| (one.kind as u8, file_name(&one.url)).cmp(&(other.kind as u8, file_name(&other.url))));
    same_kinds(name, &old, &files)?;

    let first = entry.files.first().map_or(0, |file| file.span.start);
    let opening = if old.first().is_some_and(|file| file.kind == FileKind::Sdist) { SDIST } else { WHEELS };
    let start = first.saturating_sub(opening.len());
    let written = render(&old);
    let rest = source.as_str().get(start..).and_then(|rest| rest.strip_prefix(written.as_str()));
    if old.is_empty() || rest.is_none_or(|rest| !rest.is_empty() && !rest.starts_with('\n')) {
        return refuse!("the files of `{name}` are not spelled as uv spells them");
    }
    let edit = TextEdit { span: start..start + written.len(), replacement: render(&files) };
    Ok(Block { entry: entry.span.start, edit, files })
}

/// Checks the kinds of files: the files that uv takes into a lockfile are known only if there is at most one source
/// distribution and the wheels run everywhere.
fn same_kinds(name: &str, old: &[Line], new: &[Line]) -> Result<(), NotNative> {
    let count = |files: &[Line], kind: FileKind| files.iter().filter(|file| file.kind == kind).count();
    for (kind, what) in [(FileKind::Sdist, "source distribution"), (FileKind::Wheel, "wheel")] {
        match (count(old, kind), count(new, kind)) {
            (0, 1..) => return refuse!("the released {name} has a {what}, but the locked one has none"),
            (1.., 0) => return refuse!("the released {name} has no {what}, but the locked one has"),
            (_, many @ 2..) if kind == FileKind::Sdist => {
                return refuse!("the released {name} has {many} source distributions");
            }
            _ => {}
        }
    }
    let mut wheels = old.iter().chain(new).filter(|file| file.kind == FileKind::Wheel);
    match wheels.find(|file| !is_pure_wheel(file_name(&file.url))) {
        Some(wheel) => {
            let wheel = file_name(&wheel.url);
            refuse!("`{wheel}` is not for every platform: only uv decides which of such wheels are locked")
        }
        None => Ok(()),
    }
}

fn new(file: &NewFile, has_times: bool) -> Result<Line, NotNative> {
    let name = file_name(&file.url);
    let is_address = is_plain(&file.url) && (file.url.starts_with("https://") || file.url.starts_with("http://"));
    if !is_address || file.url.contains(['?', '#']) {
        return refuse!("uv would write the address of `{name}` differently");
    }
    if file.sha256.len() != 64 || !file.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return refuse!("the index gives no SHA-256 of `{name}`");
    }
    let size = file.size.map(i64::try_from).transpose();
    let time = file.upload_time.as_deref().filter(|_| has_times);
    let time = time.map(|time| locked_time(time).ok_or(time)).transpose();
    Ok(Line {
        kind: file.kind,
        url: file.url.clone(),
        hash: format!("sha256:{}", file.sha256),
        size: size.map_err(|_| NotNative::new(format!("the size of `{name}` is out of range")))?,
        upload_time: time
            .map_err(|time| NotNative::new(format!("`{name}` was uploaded at `{time}`, which is not in UTC")))?,
    })
}

impl Line {
    /// Reads a file of an entry.
    pub(super) fn locked(file: &LockedFile) -> Option<Self> {
        Some(Self {
            kind: file.kind,
            url: file.url.clone()?,
            hash: file.hash.clone()?,
            size: file.size,
            upload_time: file.upload_time.clone(),
        })
    }
}

/// Returns a time as uv records it: cut to milliseconds, without zeros at the end. Only times in UTC are read (RFC
/// 3339).
fn locked_time(time: &str) -> Option<String> {
    let time = time.strip_suffix('Z').or_else(|| time.strip_suffix("+00:00"))?;
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let shape: String = seconds.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape != "0000-00-00T00:00:00" || fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction = fraction[..fraction.len().min(3)].trim_end_matches('0');
    Some(if fraction.is_empty() { format!("{seconds}Z") } else { format!("{seconds}.{fraction}Z") })
}

const SDIST: &str = "sdist = ";
const WHEELS: &str = "wheels = [\n    ";

/// Writes the lines of the files, without the break after the last one.
fn render(files: &[Line]) -> String {
    let (sdists, wheels): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.kind == FileKind::Sdist);
    let mut parts: Vec<String> = sdists.into_iter().map(|sdist| format!("{SDIST}{}", entry(sdist))).collect();
    if !wheels.is_empty() {
        let wheels: Vec<String> = wheels.into_iter().map(entry).collect();
        parts.push(format!("{WHEELS}{},\n]", wheels.join(",\n    ")));
    }
    parts.join("\n")
}

fn entry(file: &Line) -> String {
    let size = file.size.map(|size| format!(", size = {size}")).unwrap_or_default();
    let time = file.upload_time.as_ref().map(|time| format!(", upload-time = \"{time}\"")).unwrap_or_default();
    format!("{{ url = \"{}\", hash = \"{}\"{size}{time} }}", file.url, file.hash)
}

fn file_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_to_milliseconds_without_zeros() {
        for (time, expected) in [
            ("2026-02-05T17:23:06.688123Z", Some("2026-02-05T17:23:06.688Z")),
            ("2026-02-05T17:23:06.980000Z", Some("2026-02-05T17:23:06.98Z")),
            ("2026-02-05T17:23:06.999999+00:00", Some("2026-02-05T17:23:06.999Z")),
            ("2026-02-05T17:23:06.000400Z", Some("2026-02-05T17:23:06Z")),
            ("2026-02-05T17:23:06.5Z", Some("2026-02-05T17:23:06.5Z")),
            ("2026-02-05T17:23:06Z", Some("2026-02-05T17:23:06Z")),
            ("2026-02-05T17:23:06+02:00", None),
            ("2026-02-05 17:23:06Z", None),
            ("2026-02-05T17:23:06.Z", None),
            ("2026-02-05T17:23:06.ëZ", None),
            ("", None),
        ] {
            assert_eq!(locked_time(time).as_deref(), expected, "{time}");
        }
    }
}
