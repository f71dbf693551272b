//! One member of a zip of which only parts are at hand (APPNOTE.TXT 6.3, 4.3): its end, its directory, and the member.
//!
//! Every number is foreign: nothing is read that is not there, and nothing is unpacked beyond a limit.

use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::io::Read;

/// The longest end of a zip: its record and the longest comment.
pub(super) const END: u64 = 22 + 0xffff;

/// The place of the directory, from the first byte of the zip on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) at: u64,
    pub(super) length: u64,
    entries: u16,
}

/// The words of the directory about a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    /// The place of its header.
    pub(super) at: u64,
    /// Bytes as packed.
    pub(super) packed: u64,
    unpacked: u64,
    crc: u32,
    method: u16,
}

/// Finds the directory in the last bytes of a zip with this many in all.
pub(super) fn directory(end: &[u8], total: u64) -> Result<Directory, &'static str> {
    let is_record = |at: &usize| {
        end[*at..].starts_with(b"PK\x05\x06") && short(end, at + 20) == u16::try_from(end.len() - at - 22).ok()
    };
    let last = end.len().checked_sub(22).ok_or("what is too short for a wheel")?;
    let at =
        (0..=last).rev().take(usize::from(u16::MAX) + 1).find(is_record).ok_or("what is no wheel: it has no end")?;
    let (disks, entries) = (long(end, at + 4).unwrap_or(1), short(end, at + 10).unwrap_or(0));
    let (length, start) = (long(end, at + 12).unwrap_or(u32::MAX), long(end, at + 16).unwrap_or(u32::MAX));
    if disks != 0 || entries == u16::MAX || length == u32::MAX || start == u32::MAX {
        return Err("a wheel in parts, or of more than 4 GiB");
    }
    let (length, start, behind) = (u64::from(length), u64::from(start), (end.len() - at) as u64);
    if start + length + behind > total {
        return Err("a wheel whose directory is not in it");
    }
    Ok(Directory { at: start, length, entries })
}

/// The members that a directory lists.
pub(super) fn members(directory: &Directory, bytes: &[u8]) -> Result<Vec<Member>, &'static str> {
    let mut rest = bytes;
    let mut members = Vec::new();
    for _ in 0..directory.entries {
        let (member, length) = member(rest).ok_or("a wheel with a broken directory")?;
        members.push(member);
        rest = &rest[length..];
    }
    Ok(members)
}

fn member(bytes: &[u8]) -> Option<(Member, usize)> {
    bytes.starts_with(b"PK\x01\x02").then_some(())?;
    let [name, extra, comment] = [28, 30, 32].map(|at| short(bytes, at).map(usize::from));
    let (name, behind) = (name?, extra? + comment?);
    let [packed, unpacked, at] = [20, 24, 42].map(|at| long(bytes, at).map(u64::from));
    let member = Member {
        name: String::from_utf8_lossy(bytes.get(46..46 + name)?).into_owned(),
        at: at?,
        packed: packed?,
        unpacked: unpacked?,
        crc: long(bytes, 16)?,
        // One that is encrypted is packed in a way of its own.
        method: if short(bytes, 8)? & 1 == 1 { u16::MAX } else { short(bytes, 10)? },
    };
    let length = 46 + name + behind;
    (bytes.len() >= length).then_some((member, length))
}

/// The content of a member, from the bytes that begin with its header.
pub(super) fn content(member: &Member, bytes: &[u8], limit: u64) -> Result<Vec<u8>, &'static str> {
    let broken = "a wheel whose METADATA is broken";
    if member.unpacked > limit || member.packed > limit {
        return Err("a wheel whose METADATA is too large");
    }
    let names = |at| short(bytes, at).map(usize::from);
    let header = bytes.starts_with(b"PK\x03\x04").then(|| Some(30 + names(26)? + names(28)?)).flatten();
    let start = header.ok_or(broken)?;
    let packed =
        usize::try_from(member.packed).ok().and_then(|packed| bytes.get(start..start + packed)).ok_or(broken)?;
    let mut content = Vec::new();
    match member.method {
        0 => content.extend(packed),
        8 => {
            let read = DeflateDecoder::new(packed).take(member.unpacked + 1).read_to_end(&mut content);
            read.map_err(|_| broken)?;
        }
        _ => return Err("a wheel whose METADATA is packed in a way that installers do not know"),
    }
    let mut crc = Crc::new();
    crc.update(&content);
    if content.len() as u64 != member.unpacked || crc.sum() != member.crc {
        return Err("a wheel whose METADATA is not what its directory says");
    }
    Ok(content)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::super::tests::loopback::{Packing, wheel};
    use super::*;
    use proptest::prelude::*;

    fn read(zip: &[u8], limit: u64) -> Result<Vec<(String, Vec<u8>)>, &'static str> {
        let found = directory(&zip[zip.len().saturating_sub(70_000)..], zip.len() as u64)?;
        let at = usize::try_from(found.at).unwrap();
        let listed = members(&found, &zip[at..at + usize::try_from(found.length).unwrap()])?;
        let content = |member: &Member| {
            let bytes = zip.get(usize::try_from(member.at).unwrap()..).unwrap_or_default();
            Ok((member.name.clone(), content(member, bytes, limit)?))
        };
        listed.iter().map(content).collect()
    }

    #[test]
    fn members_are_read_packed_and_as_they_are() {
        for packing in [Packing::Deflated, Packing::Stored] {
            let zip = wheel("meadow_client", "0.4.4", "Name: meadow-client\n", packing);
            let read = read(&zip, 1000).unwrap();
            let metadata = read.iter().find(|(name, _)| name == "meadow_client-0.4.4.dist-info/METADATA").unwrap();
            assert_eq!(metadata.1, b"Name: meadow-client\n");
            // What stands behind the record is its comment.
            let mut commented = zip.clone();
            let end = commented.len();
            commented[end - 2] = 5;
            commented.extend(b"hello");
            assert_eq!(super::tests::read(&commented, 1000), Ok(read));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let zip = wheel("meadow_client", "0.4.4", &"Name: meadow-client\n".repeat(100), Packing::Deflated);
        assert_eq!(read(b"", 10), Err("what is too short for a wheel"));
        assert_eq!(read(&[b'x'; 100], 10), Err("what is no wheel: it has no end"));
        assert_eq!(read(&zip, 1000), Err("a wheel whose METADATA is too large"));
        assert_eq!(directory(&zip[100..], 50), Err("a wheel whose directory is not in it"));
        let with = |at: usize, byte: u8| {
            let mut zip = zip.clone();
            zip[at] = byte;
            read(&zip, 10_000)
        };
        let end = zip.len() - 22;
        assert_eq!(with(end + 4, 1), Err("a wheel in parts, or of more than 4 GiB"));
        assert_eq!(with(end + 10, 9), Err("a wheel with a broken directory"));
        let listed = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        assert_eq!(with(listed + 16, 1), Err("a wheel whose METADATA is not what its directory says"));
        assert_eq!(with(listed + 8, 1), Err("a wheel whose METADATA is packed in a way that installers do not know"));
        assert_eq!(with(0, b'x'), Err("a wheel whose METADATA is broken"));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = directory(&bytes, 200);
            let _ = members(&Directory { at: 0, length: 0, entries: u16::MAX }, &bytes);
        }

        #[test]
        fn a_byte_that_changed_never_gives_other_content(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let whole = wheel("meadow_client", "0.4.4", "Name: meadow-client\n", Packing::Deflated);
            let mut zip = whole.clone();
            zip[at.index(whole.len())] = byte;
            let found = directory(&zip, zip.len() as u64);
            let listed = found.and_then(|found| {
                members(&found, zip.get(usize::try_from(found.at).unwrap()..).unwrap_or_default())
            });
            for member in listed.unwrap_or_default().iter().filter(|member| member.name.ends_with("METADATA")) {
                let bytes = zip.get(usize::try_from(member.at).unwrap()..).unwrap_or_default();
                if let Ok(content) = content(member, bytes, 1000) {
                    prop_assert_eq!(content, b"Name: meadow-client\n");
                }
            }
        }
    }
}
