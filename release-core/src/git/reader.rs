//! The process that reads objects. It is started by the first question and stays until the end of the run: starting one takes
//! longer than most answers.

use super::process::{Git, GitError, failed, text};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The words that start it.
const BATCH: [&str; 2] = ["cat-file", "--batch"];

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
}

impl Git {
    /// The objects of up to `most` bytes under any names that git knows, such as `REVISION:PATH`, in their order. In a partial
    /// clone they have to be here.
    ///
    /// # Errors
    /// When git fails.
    pub(super) fn answers(&self, names: &[&str], most: u64) -> Result<Vec<Answer>, GitError> {
        let was_running = self.reader.borrow().is_some();
        match self.read_objects(names, most) {
            // It was ended meanwhile, as by an interrupt that reached all of the group.
            Err(_) if was_running => self.read_objects(names, most),
            answers => answers,
        }
    }

    fn read_objects(&self, names: &[&str], most: u64) -> Result<Vec<Answer>, GitError> {
        let mut reader = self.reader.borrow_mut();
        let mut found = Vec::with_capacity(names.len());
        if names.is_empty() {
            return Ok(found);
        }
        if reader.is_none() {
            self.begin(&BATCH);
            *reader = Some(Reader::start(self.command(&BATCH).quiet().into())?);
        } else if let Some(observer) = &self.observer {
            observer(Some(&[]));
        }
        let mut rest = names;
        while let (Some(running), false) = (reader.as_mut(), rest.is_empty()) {
            let (asked, later) = rest.split_at(portion(rest));
            rest = later;
            if let Err(why) = running.ask(asked, most, &mut found) {
                // One that failed does not go on, and says why.
                let said = reader.take().map(Reader::end).unwrap_or_default();
                self.end();
                return Err(if said.is_empty() { broken(&why.to_string()) } else { failed(&BATCH, &said) });
            }
        }
        self.end();
        Ok(found)
    }
}

/// Returns how many of the names are asked for at once, which is at least one.
fn portion(names: &[&str]) -> usize {
    let mut bytes = 0;
    let fits = |name: &&&str| {
        bytes += name.len() + 1;
        bytes <= AT_ONCE
    };
    names.iter().take_while(fits).count().max(1)
}

fn broken(answer: &str) -> GitError {
    GitError::Answer { command: BATCH.join(" "), answer: answer.to_owned() }
}

impl GitError {
    /// The error for an object that is not there.
    pub(crate) fn absent(name: &str) -> Self {
        broken(&format!("nothing for {name}"))
    }
}

impl Reader {
    fn start(mut command: Command) -> Result<Self, GitError> {
        let interrupted = |source| GitError::Interrupted { command: BATCH.join(" "), source };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(interrupted)?;
        let (names, answers) = (child.stdin.take(), child.stdout.take());
        let answers = answers.ok_or_else(|| broken("nothing"))?;
        Ok(Self { child, names, answers: BufReader::new(answers) })
    }

    fn ask(&mut self, names: &[&str], most: u64, found: &mut Vec<Answer>) -> io::Result<()> {
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
        let header = text(&header);
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
    fn end(mut self) -> String {
        self.names = None;
        let mut said = Vec::new();
        if let Some(mut stream) = self.child.stderr.take() {
            // What cannot be read is not said.
            let _ = stream.read_to_end(&mut said);
        }
        text(&said).trim().to_owned()
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
