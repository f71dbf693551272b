//! The process that reads objects. It is started by the first question and stays until the end of the run: starting one takes
//! longer than most answers.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

/// The words that start it.
pub(super) const BATCH: [&str; 2] = ["cat-file", "--batch"];

/// The number of bytes of names that are asked for at once: a pipe takes them whole, so that neither side waits for the other.
const AT_ONCE: usize = 4096;

/// An object of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its id.
    pub id: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// The object under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Missing,
    /// An object.
    Object(Object),
    /// An object of this many bytes, which is more than were to be read.
    TooLarge(u64),
}

/// The process, with the streams to it and from it.
pub(super) struct Reader {
    child: Child,
    names: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// Reads the stream of errors all the time: git waits where nothing takes what it says.
    said: Option<JoinHandle<Vec<u8>>>,
}

/// Returns how many of the names are asked for at once, which is at least one.
pub(super) fn portion(names: &[&str]) -> usize {
    let mut bytes = 0;
    let fits = |name: &&&str| {
        bytes += name.len() + 1;
        bytes <= AT_ONCE
    };
    names.iter().take_while(fits).count().max(1)
}

impl Reader {
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (names, answers) = (child.stdin.take(), child.stdout.take());
        let answers = answers.ok_or_else(|| io::Error::other("nothing"))?;
        let said = child.stderr.take().map(|mut stream| {
            thread::spawn(move || {
                let mut said = Vec::new();
                // What cannot be read is not said.
                let _ = stream.read_to_end(&mut said);
                said
            })
        });
        Ok(Self { child, names, answers: BufReader::new(answers), said })
    }

    pub(super) fn ask(&mut self, names: &[&str], most: u64, found: &mut Vec<Answer>) -> io::Result<()> {
        if let Some(stream) = &mut self.names {
            stream.write_all((names.join("\n") + "\n").as_bytes())?;
        }
        for name in names {
            found.push(self.answer(name, most)?);
        }
        Ok(())
    }

    fn answer(&mut self, name: &str, most: u64) -> io::Result<Answer> {
        let mut header = Vec::new();
        self.answers.read_until(b'\n', &mut header)?;
        let header = String::from_utf8_lossy(&header);
        // NAME missing, or ID TYPE SIZE
        if header.ends_with(" missing\n") {
            return Ok(Answer::Missing);
        }
        let mut fields = header.trim_end().split(' ');
        let (id, size) =
            (fields.next().unwrap_or_default().to_owned(), fields.nth(1).and_then(|size| size.parse().ok()));
        let size: u64 = size.ok_or_else(|| io::Error::other(format!("too little for {name}")))?;
        // A line break follows the bytes.
        let mut bytes = self.answers.by_ref().take(size + 1);
        if size > most {
            io::copy(&mut bytes, &mut io::sink())?;
            return Ok(Answer::TooLarge(size));
        }
        let mut content = Vec::with_capacity(usize::try_from(size + 1).map_err(io::Error::other)?);
        bytes.read_to_end(&mut content)?;
        if content.pop() != Some(b'\n') {
            return Err(io::Error::other(format!("too little for {name}")));
        }
        Ok(Answer::Object(Object { id, content }))
    }

    /// Ends the process, and returns what it said on its stream of errors.
    pub(super) fn end(mut self) -> String {
        self.names = None;
        let said = self.said.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        String::from_utf8_lossy(&said).trim().to_owned()
    }
}

impl Drop for Reader {
    /// Closes the stream of names, at which git ends, and waits for that.
    fn drop(&mut self) {
        self.names = None;
        // One that is gone is what was wanted.
        let _ = self.child.wait();
    }
}
