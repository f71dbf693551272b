//! Lets npm and uv write lockfiles, where that was asked for: on a copy of the manifests and lockfiles alone, apart from the
//! user's settings and secrets, and from everything else of the tree.

mod folder;
#[allow(dead_code, reason = "the commands that ask a forge are built beside it")]
pub(crate) mod gh;
mod process;
mod surroundings;

use super::interrupt::Interrupt;
use super::lock::Lock;
use crate::checkout::Repository;
use crate::cli::Global;
use crate::output;
use crate::registry::Handover;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use folder::Folder;
use process::Ended;
use release_core::reading;
use release_core::text::{SourceText, quoted};
use std::process::Command;
use std::time::Duration;
use surroundings::Surroundings;

/// The time that a tool may take. Locking the largest monorepos takes minutes with empty caches.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// The settings of npm beside its registry. It starts no git, which would ask whom the tree names as the user.
const NPM_SETTINGS: &str =
    "ignore-scripts=true\nupdate-notifier=false\nallow-git=none\ngit=git-is-not-started-for-npm\n";

/// The settings of uv. Nothing is built, no Python is fetched, no keyring is asked, and git reaches no host.
const UV_SETTINGS: [(&str, &str); 5] = [
    ("UV_NO_BUILD", "1"),
    ("UV_PYTHON_DOWNLOADS", "never"),
    ("UV_KEYRING_PROVIDER", "disabled"),
    ("UV_NO_PROGRESS", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
];

/// A run of a tool.
pub(crate) struct ToolRun {
    /// `npm` or `uv`.
    pub(crate) program: &'static str,
    arguments: Vec<String>,
    /// The folder that it runs in, from the top of the tree.
    folder: Utf8PathBuf,
    /// The way out where the program is not there.
    install: &'static str,
}

/// The files and settings that a tool is given beside its words.
#[derive(Default)]
pub(crate) struct Inputs {
    /// The files of the tree that it sees; no others are there.
    pub(crate) files: Vec<(Utf8PathBuf, SourceText)>,
    /// The identity with which it asks its registry, in its own form: lines of `.npmrc`, which name the registry too, or of a netrc. Credentials
    /// are for that place alone.
    pub(crate) settings: String,
    /// The index that uv asks where the manifests name none.
    pub(crate) index: Option<String>,
    /// Settings of the user's that are kept from the tool, which is said where it fails.
    pub(crate) withheld: Vec<String>,
    /// The files whose texts are wanted afterwards.
    pub(crate) wanted: Vec<Utf8PathBuf>,
}

impl Inputs {
    /// Adds the words for a registry.
    pub(crate) fn take(&mut self, words: Handover) {
        self.settings += &words.lines;
        self.withheld.extend(words.withheld);
    }
}

impl ToolRun {
    /// npm locks exactly this version of a client (`NAME@VERSION`), and saves its range with `prefix`: for a workspace of the
    /// folder's project, if one is named, and without the addresses of archives if the lockfile has none.
    pub(crate) fn npm(folder: &Utf8Path, spec: &str, prefix: &str, member: &str, no_addresses: bool) -> Self {
        // The user's own settings must not change what is written.
        let flags = [
            "--package-lock-only",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            if no_addresses {
                "--omit-lockfile-registry-resolved=true"
            } else {
                "--omit-lockfile-registry-resolved=false"
            },
        ];
        let saved = match prefix {
            "" => "--save-exact".to_owned(),
            prefix => format!("--save-prefix={prefix}"),
        };
        let workspace = (!member.is_empty()).then(|| format!("--workspace={member}"));
        let words = ["install", spec].map(str::to_owned).into_iter().chain(flags.map(str::to_owned));
        let arguments = words.chain([saved]).chain(workspace).collect();
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
            arguments: ["lock", "--no-build"].map(str::to_owned).into_iter().chain(upgrades).collect(),
            folder: folder.to_owned(),
            install: "install the uv that wrote uv.lock, and see that it is on the PATH",
        }
    }

    /// The command as a person types it.
    pub(crate) fn shown(&self) -> String {
        self.with_words(|_| true)
    }

    /// The command as a person types it who lets it build packages.
    pub(crate) fn by_hand(&self) -> String {
        self.with_words(|word| word != "--no-build")
    }

    fn with_words(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        let words = self.arguments.iter().filter(|word| is_wanted(word)).map(|word| quoted(word).into_owned());
        let command = [self.program.to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
        match self.folder.as_str() {
            "" => command,
            folder => format!("(cd {} && {command})", quoted(folder)),
        }
    }
}

/// The run that tools are started for.
pub(crate) struct Place<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) lock: &'a Lock,
    pub(crate) interrupt: &'a Interrupt,
}

/// Runs a tool and gives back the texts of the wanted files, each in its place.
pub(crate) fn run(
    global: &Global,
    place: &Place<'_>,
    tool: &ToolRun,
    inputs: &Inputs,
) -> anyhow::Result<Vec<SourceText>> {
    let surroundings = Surroundings::of_process(place.repository)?;
    let Some(program) = surroundings.find(tool.program) else {
        let left = surroundings.left();
        bail!("{} is not there, and `{}` needs it: {}{left}", tool.program, tool.shown(), tool.install)
    };
    output::say(global, &format!("running {}", tool.shown()));
    if global.verbose > 0 {
        output::note(&format!("{} is {program}, and it sees {} files", tool.program, inputs.files.len()));
        surroundings.withheld.iter().for_each(|sentence| output::note(sentence));
    }
    folder::with(place.repository, place.lock, |folder| {
        for (path, text) in &inputs.files {
            folder.put(path, text)?;
        }
        let command = command(tool, inputs, &program, &surroundings, folder)?;
        let (ended, said) = process::run(command, place.interrupt, LIMIT)
            .with_context(|| format!("could not run {program}; nothing was changed"))?;
        match ended {
            Ended::Well => inputs.wanted.iter().map(|path| read(tool, &folder.tree, path)).collect(),
            Ended::Interrupted => bail!("interrupted: nothing was changed"),
            Ended::TooLate => {
                let minutes = LIMIT.as_secs() / 60;
                bail!("`{}` had not ended after {minutes} minutes, and was ended; nothing was changed", tool.shown())
            }
            Ended::Badly => {
                let withheld = surroundings.withheld.iter().chain(&inputs.withheld);
                let withheld: String = withheld.map(|sentence| format!("\n  {sentence}")).collect();
                bail!("`{}` failed; nothing was changed{said}{withheld}", tool.shown())
            }
        }
    })
}

/// The process, with nothing of this one's environment but what is allowed.
fn command(
    tool: &ToolRun,
    inputs: &Inputs,
    program: &Utf8Path,
    surroundings: &Surroundings,
    folder: &Folder,
) -> anyhow::Result<Command> {
    let mut command = Command::new(program);
    command.args(&tool.arguments).current_dir(folder.tree.join(&tool.folder));
    command.env_clear().envs(&surroundings.variables);
    command.env("HOME", &folder.home).env("TMPDIR", &folder.temporary);
    match tool.program {
        "npm" => {
            let settings = folder.secret("npmrc", &format!("{NPM_SETTINGS}{}", inputs.settings))?;
            command.env("npm_config_userconfig", settings);
            command.env("npm_config_globalconfig", folder.secret("npmrc-of-all", "")?);
        }
        _ => {
            command.envs(UV_SETTINGS).env("NETRC", folder.secret("netrc", &inputs.settings)?);
            command.envs(inputs.index.iter().map(|index| ("UV_DEFAULT_INDEX", index)));
        }
    }
    Ok(command)
}

/// A file as the tool left it.
fn read(tool: &ToolRun, tree: &Utf8Path, path: &Utf8Path) -> anyhow::Result<SourceText> {
    let program = tool.program;
    let bytes = reading::inside(tree, path)
        .with_context(|| format!("could not read {path} as {program} left it; nothing was changed"))?;
    SourceText::from_bytes(bytes)
        .map_err(|at| anyhow::anyhow!("{program} left a {path} that is not UTF-8 at byte {at}; nothing was changed"))
}
