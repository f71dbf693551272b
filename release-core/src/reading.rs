//! The one way in which files are read: regular ones, of a size that can be held, and for what a tree names, inside of the
//! repository. A pipe is never waited for, and nothing of a file is looked at before all this holds.

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{Mode, OFlags};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;

/// The most bytes of a file that is read: a hundred times a large lockfile. What is larger is a mistake or worse,
/// and would be held in memory several times.
pub const MOST_BYTES: u64 = 64 << 20;

/// The reason for which a file is not read. None of it has anything of the file's content.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system does not let it be read, or it is not there.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A folder, a device, or a pipe, from which reading would never end.
    #[error("it is not a regular file; put the file itself there")]
    NotAFile,
    /// Too much of it.
    #[error("it has {bytes} bytes, and no more than {most} are read; see what was put there")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// It, or a folder above it, is a link that leads out of the repository.
    #[error("it leads out of the repository by a symbolic link, to {0}; put the file itself there")]
    Outside(Utf8PathBuf),
}

impl ReadError {
    /// Returns `true` if there is no such file.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Io(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
    }

    /// Returns it as an error of the system.
    pub(crate) fn into_io(self) -> io::Error {
        match self {
            Self::Io(error) => error,
            error => io::Error::other(error),
        }
    }
}

/// The bytes of a file that a person names, wherever it is: a regular one, with at most [`MOST_BYTES`].
///
/// # Errors
/// When it is anything else, or cannot be read.
pub fn named(path: &Utf8Path) -> Result<Vec<u8>, ReadError> {
    up_to(path, MOST_BYTES)
}

/// The same with a limit of its own, in bytes.
///
/// # Errors
/// When it is anything else, or cannot be read.
pub fn up_to(path: &Utf8Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let (file, bytes) = open(path, most)?;
    all(file, bytes, most)
}

/// The same as text; bytes that are no UTF-8 become replacement characters.
///
/// # Errors
/// When it is anything else, or cannot be read.
pub fn text(path: &Utf8Path) -> Result<String, ReadError> {
    Ok(String::from_utf8_lossy(&named(path)?).into_owned())
}

/// The bytes of a file that a tree names, `path` from its `root`. Links may lead from place to place inside of the root, and
/// not out of it.
///
/// # Errors
/// When it is not a regular file inside of the root with at most [`MOST_BYTES`], or cannot be read.
pub fn inside(root: &Utf8Path, path: &Utf8Path) -> Result<Vec<u8>, ReadError> {
    let full = root.join(path);
    // Where it leads is known before it is touched, and again of what was opened: it may be another one by then.
    let real = led_to(root, &full)?;
    let (file, bytes) = open(&real, MOST_BYTES)?;
    let (opened, now) = (file.metadata()?, fs::symlink_metadata(led_to(root, &full)?)?);
    if (opened.dev(), opened.ino()) != (now.dev(), now.ino()) {
        return Err(io::Error::other("it was replaced while it was read; run this again").into());
    }
    all(file, bytes, MOST_BYTES)
}

/// The same of a file that may be missing; a link that leads to nothing is not missing, and an error.
///
/// # Errors
/// When something stands there that is not a regular file inside of the root with at most [`MOST_BYTES`], or cannot be read.
pub fn inside_if_any(root: &Utf8Path, path: &Utf8Path) -> Result<Option<Vec<u8>>, ReadError> {
    match inside(root, path) {
        Err(error) if error.is_absent() && fs::symlink_metadata(root.join(path)).is_err() => Ok(None),
        read => read.map(Some),
    }
}

/// The path without links, where that is inside of the root.
fn led_to(root: &Utf8Path, full: &Utf8Path) -> Result<Utf8PathBuf, ReadError> {
    let real = full.canonicalize_utf8()?;
    let is_inside = real.starts_with(root) || real.starts_with(root.canonicalize_utf8()?);
    if is_inside { Ok(real) } else { Err(ReadError::Outside(real)) }
}

/// Opens a regular file, and says its size.
fn open(path: &Utf8Path, most: u64) -> Result<(File, u64), ReadError> {
    let fit = |metadata: fs::Metadata| match (metadata.is_file(), metadata.len()) {
        (false, _) => Err(ReadError::NotAFile),
        (true, bytes) if bytes > most => Err(ReadError::TooLarge { bytes, most }),
        (true, bytes) => Ok(bytes),
    };
    // Opening alone makes some devices act.
    fit(fs::metadata(path)?)?;
    // A pipe that was put there meanwhile is opened without waiting for its writer, and seen for what it is.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path.as_std_path(), flags, Mode::empty()).map_err(io::Error::from)?);
    let bytes = fit(file.metadata()?)?;
    Ok((file, bytes))
}

/// Reads to the end, which may come later than the size said.
fn all(file: File, bytes: u64, most: u64) -> Result<Vec<u8>, ReadError> {
    let mut content = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
    file.take(most.saturating_add(1)).read_to_end(&mut content)?;
    match content.len() as u64 {
        read if read > most => Err(ReadError::TooLarge { bytes: read, most }),
        _ => Ok(content),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A root with a file, a folder beside it with another, and links of every kind.
    fn place() -> (tempfile::TempDir, Utf8PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let base = Utf8PathBuf::try_from(directory.path().canonicalize().unwrap()).unwrap();
        for folder in ["root/src", "root-beside"] {
            fs::create_dir_all(base.join(folder)).unwrap();
        }
        fs::write(base.join("root/src/file"), "mine").unwrap();
        fs::write(base.join("root-beside/file"), "theirs").unwrap();
        for (target, link) in [
            ("src/file", "link"),
            ("../root-beside/file", "out"),
            ("../root-beside", "folder"),
            ("src", "inner"),
            ("nowhere", "dangling"),
            ("loop", "loop"),
        ] {
            symlink(target, base.join("root").join(link)).unwrap();
        }
        let root = base.join("root");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            root.join("pipe").as_std_path(),
            rustix::fs::FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        symlink("pipe", root.join("to-pipe")).unwrap();
        File::create(root.join("sparse")).unwrap().set_len(MOST_BYTES + 1).unwrap();
        (directory, root)
    }

    #[test]
    fn what_a_tree_names_is_read_where_it_is_a_regular_file_of_the_repository_and_nothing_else_is_opened() {
        let (_directory, root) = place();
        let outside = root.parent().unwrap().join("root-beside/file");
        for (path, expected) in [
            ("src/file", "mine".to_owned()),
            ("link", "mine".to_owned()),
            ("inner/file", "mine".to_owned()),
            ("out", ReadError::Outside(outside.clone()).to_string()),
            ("folder/file", ReadError::Outside(outside.clone()).to_string()),
            ("../root-beside/file", ReadError::Outside(outside).to_string()),
            ("src", ReadError::NotAFile.to_string()),
            ("pipe", ReadError::NotAFile.to_string()),
            ("to-pipe", ReadError::NotAFile.to_string()),
            ("sparse", ReadError::TooLarge { bytes: MOST_BYTES + 1, most: MOST_BYTES }.to_string()),
        ] {
            let read = inside(&root, path.into());
            let seen =
                read.map_or_else(|error| error.to_string(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
            assert_eq!(seen, expected, "{path}");
        }
        for path in ["missing", "dangling", "src/file/below"] {
            assert!(inside(&root, path.into()).unwrap_err().is_absent(), "{path}");
        }
        assert!(!inside(&root, "loop".into()).unwrap_err().is_absent());
        assert!(inside_if_any(&root, "missing".into()).unwrap().is_none());
        assert!(inside_if_any(&root, "dangling".into()).unwrap_err().is_absent());
    }

    #[test]
    fn what_a_person_names_may_be_anywhere_and_is_still_a_regular_file_of_a_size_that_can_be_held() {
        let (_directory, root) = place();
        assert_eq!(named(&root.join("out")).unwrap(), b"theirs");
        assert!(matches!(named(&root.join("pipe")), Err(ReadError::NotAFile)));
        assert!(matches!(named("/dev/zero".into()), Err(ReadError::NotAFile)));
        assert!(matches!(named(&root.join("sparse")), Err(ReadError::TooLarge { .. })));
        assert_eq!(up_to(&root.join("src/file"), 4).unwrap(), b"mine");
        assert!(matches!(up_to(&root.join("src/file"), 3), Err(ReadError::TooLarge { bytes: 4, most: 3 })));
        // A file of the system's says that it is empty, and is read to its end.
        assert!(text("/proc/self/status".into()).is_ok_and(|status| status.contains("Pid:")));
    }
}
