//! Lets npm and uv write lockfiles, in a temporary work tree, where the edits are not known without them.

use super::interrupt::Interrupt;
use super::lock::Lock;
use super::worktree::{self, Extent};
use crate::cli::Global;
use crate::output;
use crate::world::Repository;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::plan::{PlannedFile, quoted};
use release_core::reading;
use release_core::text::SourceText;
use std::io::{ErrorKind, Read};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// How much of what a failing tool says is shown.
const SHOWN_LINES: usize = 12;

/// How often a running tool is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// How long a tool that has ended is listened to, since it said something last.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A run of a tool.
#[derive(Clone, Debug)]
pub(crate) struct ToolRun {
    /// `npm` or `uv`.
    pub(crate) program: &'static str,
    pub(crate) arguments: Vec<String>,
    /// The folder that it runs in, from the top of the tree.
    pub(crate) folder: Utf8PathBuf,
    /// What to do where the program is not there.
    pub(crate) install: &'static str,
}

impl ToolRun {
    /// npm locks exactly this version of a client, and saves its range with `prefix`.
    pub(crate) fn npm(folder: &Utf8Path, client: &str, version: &str, prefix: &str) -> Self {
        // The user's own settings must not change what is written.
        let flags = [
            "--package-lock-only",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--omit-lockfile-registry-resolved=false",
        ];
        let saved = match prefix {
            "" => "--save-exact".to_owned(),
            prefix => format!("--save-prefix={prefix}"),
        };
        let words = ["install", &format!("{client}@{version}")].map(str::to_owned);
        let arguments = words.into_iter().chain(flags.map(str::to_owned)).chain([saved]).collect();
        Self {
            program: "npm",
            arguments,
            folder: folder.to_owned(),
            install: "install Node.js with npm 7 or later, and see that it is on the PATH",
        }
    }

    /// uv locks exactly these versions of clients, and leaves all others where they are.
    pub(crate) fn uv(folder: &Utf8Path, clients: &[(String, String)]) -> Self {
        let upgrades = clients
            .iter()
            .flat_map(|(client, version)| ["--upgrade-package".to_owned(), format!("{client}=={version}")]);
        Self {
            program: "uv",
            arguments: ["lock".to_owned()].into_iter().chain(upgrades).collect(),
            folder: folder.to_owned(),
            install: "install the uv that wrote uv.lock, and see that it is on the PATH",
        }
    }

    /// As a person types it.
    pub(crate) fn shown(&self) -> String {
        let words = self.arguments.iter().map(|word| quoted(word).into_owned());
        let command = [self.program.to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
        match self.folder.as_str() {
            "" => command,
            folder => format!("(cd {} && {command})", quoted(folder)),
        }
    }
}

/// The tree that tools run in.
pub(crate) struct Place<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) lock: &'a Lock,
    pub(crate) interrupt: &'a Interrupt,
    /// The commit that is checked out.
    pub(crate) base: &'a str,
    /// What is written into it before they start.
    pub(crate) edits: &'a [PlannedFile],
}

/// Runs tools one after the other and gives back the texts of `wanted` afterwards.
pub(crate) fn run(
    global: &Global,
    place: &Place<'_>,
    runs: &[ToolRun],
    wanted: &[Utf8PathBuf],
) -> anyhow::Result<Vec<SourceText>> {
    worktree::with(place.repository, place.lock, place.base, Extent::Whole, |_, tree| {
        worktree::write(tree, place.edits)?;
        for tool in runs {
            output::say(global, &format!("running {}", tool.shown()));
            start(tool, tree, place.interrupt)?;
        }
        wanted.iter().map(|path| read(tree, path)).collect()
    })
}

fn read(tree: &Utf8Path, path: &Utf8Path) -> anyhow::Result<SourceText> {
    let bytes = reading::inside(tree, path)
        .with_context(|| format!("could not read {path} as the tools left it; nothing was changed"))?;
    SourceText::from_bytes(bytes)
        .map_err(|at| anyhow::anyhow!("the tools left {path}, which is not UTF-8 at byte {at}; nothing was changed"))
}

fn start(tool: &ToolRun, tree: &Utf8Path, interrupt: &Interrupt) -> anyhow::Result<()> {
    let mut command = Command::new(tool.program);
    command.args(&tool.arguments).current_dir(tree.join(&tool.folder));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("{} is not there, and `{}` needs it: {}", tool.program, tool.shown(), tool.install)
        }
        Err(error) => return Err(error).with_context(|| format!("could not start {}", tool.program)),
    };
    let said = child.stderr.take().map(listen);
    let ended = watch(&mut child, interrupt);
    let said = said.map(|said| gather(&said)).unwrap_or_default();
    match ended {
        Ok(true) => Ok(()),
        Ok(false) if interrupt.happened() => bail!("interrupted: nothing was changed"),
        Ok(false) => bail!("`{}` failed; nothing was changed\n{}", tool.shown(), last_lines(&said)),
        Err(error) => Err(error).with_context(|| format!("could not wait for {}", tool.program)),
    }
}

/// Reads what a tool says while it runs: a full pipe would stop it.
fn listen(mut stderr: ChildStderr) -> Receiver<Vec<u8>> {
    let (sender, said) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = stderr.read(&mut bytes) {
            if sender.send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    said
}

/// What a tool that has ended has said. A process that it has started may be there still, and hold the pipe open.
fn gather(said: &Receiver<Vec<u8>>) -> String {
    let mut bytes = Vec::new();
    while let Ok(more) = said.recv_timeout(LAST_WORDS) {
        bytes.extend(more);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Waits until a tool has ended, and ends it when the run is interrupted.
fn watch(child: &mut Child, interrupt: &Interrupt) -> std::io::Result<bool> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if interrupt.happened() {
            child.kill()?;
        }
        thread::sleep(GLANCE);
    }
}

fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    shown.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
