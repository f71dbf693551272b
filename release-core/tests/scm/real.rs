//! Processes of the real tools, each in an environment of its own.

use crate::note;
use camino::Utf8Path;
use release_core::scm::Flavor;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The versions compared with, newest last.
pub(crate) const VERSIONS: [(Flavor, &str); 3] =
    [(Flavor::V8, "8.3.1"), (Flavor::V9, "9.2.2"), (Flavor::V10, "10.3.4")];

/// The packages beside setuptools-scm.
const OTHERS: [&str; 4] = ["setuptools==84.2.1", "packaging==26.3", "hatchling==1.33.0", "hatch-vcs==0.5.0"];

/// A process that answers one question after the other.
pub(crate) struct Real {
    pub(crate) flavor: Flavor,
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Drop for Real {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Real {
    /// Starts a script with every version; `None`, with a note, if one cannot be had.
    pub(crate) fn all(script: &str) -> Option<Vec<Self>> {
        let reals = VERSIONS.iter().map(|(flavor, version)| {
            let scm = format!("setuptools-scm=={version}");
            Self::start(
                *flavor,
                &format!("setuptools-scm-{version}"),
                &[&scm, OTHERS[0], OTHERS[1], OTHERS[2], OTHERS[3]],
                script,
            )
        });
        told(reals.collect())
    }

    /// Starts a script with setuptools alone.
    pub(crate) fn without_scm(script: &str) -> Option<Self> {
        told(Self::start(Flavor::V10, "setuptools-alone", &OTHERS[..2], script))
    }

    fn start(flavor: Flavor, name: &str, packages: &[&str], script: &str) -> Result<Self, String> {
        let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let python = folder.join("bin/python");
        // Tests of one process make it once; a marker says that it is complete, and with what.
        static MAKING: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let making = MAKING.lock();
        let (marker, whole) = (folder.join("whole"), packages.join(" "));
        if fs::read_to_string(&marker).ok().as_ref() != Some(&whole) {
            succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            succeed(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
            fs::write(marker, whole).map_err(|error| error.to_string())?;
        }
        drop(making);
        let mut command = Command::new(python);
        command
            .args(["-P", "-c", script])
            .env("GIT_CEILING_DIRECTORIES", "/tmp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let (questions, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Ok(Self { flavor, child, questions, answers })
    }

    /// Asks about a folder.
    pub(crate) fn ask(&mut self, folder: &Utf8Path, environment: &[(String, String)]) {
        let map: serde_json::Map<String, Value> = environment.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        writeln!(self.questions, "{}", json!({ "folder": folder, "environment": map })).unwrap();
        self.questions.flush().unwrap();
    }

    /// Waits for the answer.
    pub(crate) fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

fn told<T>(made: Result<T, String>) -> Option<T> {
    made.map_err(|why| note(&format!("skipped, there is nothing to compare with: {why}"))).ok()
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {}: {}", output.status, stderr.trim())) }
}
