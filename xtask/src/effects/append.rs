//! The files that a workflow gives its steps to write into: `GITHUB_OUTPUT`, `GITHUB_ENV`, `GITHUB_STEP_SUMMARY`.

use anyhow::Context as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Adds text to the file that a variable names, and tells if it names one.
pub(crate) fn append_to(variable: &str, text: &str) -> anyhow::Result<bool> {
    let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) else { return Ok(false) };
    let written = append(Path::new(&path), text);
    written.with_context(|| format!("could not write to {}, which {variable} names", path.to_string_lossy()))?;
    Ok(true)
}

/// Adds text to a file, which is made where it is missing. A pipe without a reader is an error and is not waited for.
fn append(path: &Path, text: &str) -> io::Result<()> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK;
    let flags = nonblocking.bits().cast_signed();
    let mut file = OpenOptions::new().create(true).append(true).custom_flags(flags).open(path)?;
    // One that is read, as `/dev/stdout` may be, is waited for as usual.
    let flags = rustix::fs::fcntl_getfl(&file)?;
    rustix::fs::fcntl_setfl(&file, flags.difference(nonblocking))?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    #[test]
    fn text_is_added_to_a_file_and_a_pipe_that_nobody_reads_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let (file, pipe) = (directory.path().join("output"), directory.path().join("pipe"));
        append(&file, "a=1\n").unwrap();
        append(&file, "b=2\n").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "a=1\nb=2\n");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert!(append(&pipe, "a=1\n").is_err());
    }
}
