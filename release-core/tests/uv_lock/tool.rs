//! uv itself.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The versions compared with. Others may write another revision of the format.
const UV: &str = "uv==0.13.*";

/// Runs uv in a folder, isolated from this machine's settings.
pub(crate) fn uv(folder: &Path, index: &str, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new(find()?);
    let environment = [("UV_PYTHON", "python3"), ("UV_PYTHON_DOWNLOADS", "never")];
    for name in [
        "UV_EXCLUDE_NEWER",
        "UV_CONFIG_FILE",
        "UV_INDEX_URL",
        "UV_INDEX",
        "UV_EXTRA_INDEX_URL",
        "UV_OFFLINE",
        "VIRTUAL_ENV",
    ] {
        command.env_remove(name);
    }
    let above = folder.parent().unwrap();
    let cache = above.join("cache");
    // The settings of the user and of the machine are looked for where none are.
    command.env("XDG_CONFIG_HOME", above.join("none")).env("XDG_CONFIG_DIRS", above.join("none"));
    command.envs(environment).env("UV_CACHE_DIR", cache).env("UV_DEFAULT_INDEX", index).env("NO_PROXY", "127.0.0.1");
    Some(command.current_dir(folder).args(arguments).output().unwrap())
}

/// Returns the uv of the environment or the path, else one that is installed below the target folder by the first
/// test that needs it.
fn find() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let works = |program: &Path| succeed(Command::new(program).arg("--version")).is_ok();
        let named = std::env::var_os("UV").map(PathBuf::from).into_iter().chain([PathBuf::from("uv")]);
        if let Some(program) = named.into_iter().find(|program| works(program)) {
            return Some(program);
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("uv-0.13");
        let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let program = programs.join("uv");
        if works(&program) {
            return Some(program);
        }
        let made = succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder)).and_then(|()| {
            succeed(Command::new(programs.join("python")).args(["-m", "pip", "install", "--quiet", UV]))
        });
        made.map_err(|why| note(&format!("skipped, there is no uv to compare with: {why}"))).ok().map(|()| program)
    });
    found.as_deref()
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {}: {}", output.status, stderr.trim())) }
}

/// Writes a message even if the test harness captures the output of passing tests.
fn note(message: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    drop(writeln!(std::io::stderr(), "{name}: {message}"));
}
