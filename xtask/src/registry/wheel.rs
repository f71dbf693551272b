//! The METADATA of a wheel that is not downloaded: its last bytes, its directory, and the one member (range requests,
//! RFC 9110, 14). A server without them sends all of it, which is then read within a limit.

use super::failure::Failure;
use super::http::{Http, Request};
use super::zip::{self, Member};
use release_core::manifest::requirement::canonical_name;
use release_core::version::Version;

/// The most that a server without range requests may send.
const WHOLE: u64 = 64 << 20;

/// The largest METADATA, unpacked.
pub(super) const METADATA: u64 = 4 << 20;

/// The largest directory: some hundred thousand members.
const DIRECTORY: u64 = 16 << 20;

/// The bytes that the header of a member may have of its own, behind its name.
const EXTRA: u64 = 4 << 10;

/// The parts of a wheel that are at hand.
struct Parts<'a> {
    http: &'a Http,
    request: &'a Request<'a>,
    /// The place at which the bytes at hand begin.
    start: u64,
    bytes: Vec<u8>,
    total: u64,
}

/// The METADATA of the wheel that a question is for, by its file name; `None` where the wheel is not there.
pub(super) fn metadata(http: &Http, request: &Request<'_>, file: &str) -> Result<Option<Vec<u8>>, Failure> {
    let malformed = |what: &str| Failure::malformed(request.shown, what);
    let Some(mut parts) = Parts::end(http, request)? else { return Ok(None) };
    let directory = zip::directory(&parts.bytes, parts.total).map_err(malformed)?;
    if directory.length > DIRECTORY {
        return Err(malformed("a wheel with too large a directory"));
    }
    let bytes = parts.get(directory.at, directory.length)?;
    let members = zip::members(&directory, bytes).map_err(malformed)?;
    let mut members = members.into_iter().filter(|member| is_metadata(&member.name, file));
    let (Some(member), None) = (members.next(), members.next()) else {
        return Err(malformed("a wheel without a METADATA of its own"));
    };
    let length = header_and_content(&member).min(directory.at.saturating_sub(member.at));
    let bytes = parts.get(member.at, length)?;
    zip::content(&member, bytes, METADATA).map(Some).map_err(malformed)
}

fn header_and_content(member: &Member) -> u64 {
    30 + member.name.len() as u64 + EXTRA + member.packed.min(METADATA + 1)
}

/// Tells whether a member is the METADATA of the wheel with this file name: the folder has its name and version, however both
/// are spelled.
fn is_metadata(member: &str, file: &str) -> bool {
    let own = |text: &str| {
        let (name, version) = text.split_once('-')?;
        Some((canonical_name(name), Version::parse(version.split('-').next()?).ok()?))
    };
    let folder = member.strip_suffix("/METADATA").and_then(|path| path.strip_suffix(".dist-info"));
    folder.and_then(own).is_some_and(|folder| own(file) == Some(folder))
}

impl<'a> Parts<'a> {
    /// The last bytes, or all of them.
    fn end(http: &'a Http, request: &'a Request<'a>) -> Result<Option<Self>, Failure> {
        let ask = |range| http.get(&Request { range, bytes: WHOLE, ..request.clone() });
        let first = match ask(Some(format!("bytes=-{}", zip::END))) {
            // Some servers refuse a part that is longer than the whole, or do not know this form.
            Err(failure) if matches!(failure.status, Some(400 | 416 | 501)) => ask(None)?,
            other => other?,
        };
        let Some(answer) = first else { return Ok(None) };
        let length = answer.bytes.len() as u64;
        let (start, total) = answer.part.unwrap_or((0, length));
        if start.checked_add(length) != Some(total) {
            return Err(Failure::malformed(request.shown, "with another part than the one that was asked for"));
        }
        Ok(Some(Self { http, request, start, bytes: answer.bytes, total }))
    }

    /// These bytes, which are asked for where they are not at hand.
    fn get(&mut self, at: u64, length: u64) -> Result<&[u8], Failure> {
        let other = || Failure::malformed(self.request.shown, "with another part than the one that was asked for");
        if at < self.start && length > 0 {
            let range = format!("bytes={at}-{}", at + length - 1);
            let request = Request { range: Some(range), bytes: WHOLE, ..self.request.clone() };
            let answer = self.http.get(&request)?.ok_or_else(other)?;
            let (start, total) = answer.part.unwrap_or((0, answer.bytes.len() as u64));
            if total != self.total || start > at {
                return Err(other());
            }
            let skipped = usize::try_from(at - start).map_err(|_| other())?;
            let length = usize::try_from(length).map_err(|_| other())?;
            // What is at hand is the end, and stays so: parts that are asked for are used once.
            self.bytes = answer.bytes.get(skipped..skipped + length).ok_or_else(other)?.to_vec();
            self.start = at;
            return Ok(&self.bytes);
        }
        let place = usize::try_from(at.saturating_sub(self.start)).ok().zip(usize::try_from(length).ok());
        let bytes = place.and_then(|(from, length)| self.bytes.get(from..from.checked_add(length)?));
        bytes.ok_or_else(|| Failure::malformed(self.request.shown, "a wheel whose parts are not in it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_is_that_of_the_wheel_itself() {
        let file = "meadow_client-0.4.4-py3-none-any.whl";
        for (member, is_own) in [
            ("meadow_client-0.4.4.dist-info/METADATA", true),
            ("Meadow.Client-0.4.4.0.dist-info/METADATA", true),
            ("meadow_client-0.4.5.dist-info/METADATA", false),
            ("meadow-0.4.4.dist-info/METADATA", false),
            ("vendored/meadow_client-0.4.4.dist-info/METADATA", false),
            ("meadow_client-0.4.4.dist-info/metadata", false),
            ("meadow_client-0.4.4.dist-info/METADATA/x", false),
            ("METADATA", false),
        ] {
            assert_eq!(is_metadata(member, file), is_own, "{member}");
        }
    }
}
