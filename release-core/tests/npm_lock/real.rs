//! The real npm on small projects, with a registry on this machine that serves a few packages.

#[path = "cases.rs"]
mod cases;
#[path = "registry.rs"]
mod registry;

use super::Files;
use super::random::every;
use cases::{CLIENT, Case, Outcome};
use registry::Registry;
use release_core::lockfile::package_lock::Wanted;
use release_core::registry::npm::Document;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

/// The number of npm processes at a time: each waits for its own start most of the time.
const WORKERS: usize = 4;

#[test]
fn what_is_edited_here_is_what_npm_makes_and_what_npm_makes_otherwise_is_refused() {
    if let Err(why) = Command::new(npm_program()).arg("--version").output() {
        drop(writeln!(std::io::stderr(), "skipped, npm cannot be started: {why}"));
        return;
    }
    let all: Vec<Case> = cases::all().into_iter().step_by(every(3)).collect();
    let registry = Registry::start();
    let failures = Mutex::new(Vec::new());
    let next = Mutex::new(all.iter().enumerate());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().unwrap().next();
                    let Some((number, case)) = taken else { break };
                    if let Err(why) = try_case(&registry, number, case) {
                        failures.lock().unwrap().push(format!("{}: {why}", case.name));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), all.len(), failures.join("\n\n"));
}

fn try_case(registry: &Registry, number: usize, case: &Case) -> Result<(), String> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    // The registry before and after the release; archives keep their addresses.
    let archives = registry.url(&format!("{number}/archives"));
    let (old, new) = (format!("{number}/before"), format!("{number}/after"));
    registry.serve(&old, &cases::documents(&case.before, &archives));
    let documents = cases::documents(&case.after, &archives);
    registry.serve(&new, &documents);

    write(folder.path(), "package.json", &case.package);
    let version = format!("--lockfile-version={}", case.lockfile_version);
    npm(folder.path(), &registry.url(&old), &["install", &version, "--omit-lockfile-registry-resolved=false"])?;
    let mut before = read(folder.path());
    (case.meanwhile)(&mut before);
    write(folder.path(), "package.json", &before.package);
    write(folder.path(), "package-lock.json", &before.lock);

    let package = case.alias.unwrap_or(CLIENT);
    let document = Document::parse(documents[package].to_string().as_bytes(), package).unwrap();
    let manifest = &document.versions[case.version];
    let (range, spec) = match case.alias {
        Some(package) => {
            (format!("npm:{package}@^{}", case.version), format!("{CLIENT}@npm:{package}@{}", case.version))
        }
        None => (format!("^{}", case.version), format!("{CLIENT}@{}", case.version)),
    };
    let wanted = Wanted { client: CLIENT, package, version: case.version, range: &range };
    let published = Some((manifest, manifest.tarball.as_deref().unwrap()));
    let ours = before.relocked(&wanted, published);
    if case.outcome == Outcome::Same {
        let addresses = format!("--omit-lockfile-registry-resolved={}", case.omits_addresses);
        let mut words = vec!["install", &spec, &addresses];
        if case.moves_by_hand {
            let refused = npm(folder.path(), &registry.url(&new), &words).expect_err("npm refuses this");
            assert!(refused.contains("EOVERRIDE"), "{refused}");
            write(folder.path(), "package.json", &before.package.replace("^0.4.4", &range));
            words.remove(1);
        }
        npm(folder.path(), &registry.url(&new), &words)?;
        return same(&ours.map_err(|why| format!("refused: {why}"))?, &read(folder.path()));
    }
    let Outcome::Refused(reason) = case.outcome else { return Ok(()) };
    match ours {
        Err(why) if why.reason.contains(reason) => Ok(()),
        Err(why) => Err(format!("refused for another reason: {why}")),
        Ok(_) => Err("not refused".to_owned()),
    }
}

/// npm, or the one that the environment names.
fn npm_program() -> String {
    std::env::var("NPM").unwrap_or_else(|_| "npm".to_owned())
}

fn same(ours: &Files, theirs: &Files) -> Result<(), String> {
    for (ours, theirs) in [(&ours.package, &theirs.package), (&ours.lock, &theirs.lock)] {
        if ours != theirs {
            return Err(format!("ours\n{ours}\nnpm's\n{theirs}"));
        }
    }
    Ok(())
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

fn read(folder: &Path) -> Files {
    let file = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    Files { package: file("package.json"), lock: file("package-lock.json") }
}

/// Runs npm with only these settings.
fn npm(folder: &Path, registry: &str, arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new(npm_program());
    for (name, _) in std::env::vars().filter(|(name, _)| name.to_ascii_lowercase().starts_with("npm_config_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).args(arguments).args(["--package-lock-only", "--ignore-scripts", "--no-audit"]);
    command.args(["--no-fund", "--no-update-notifier", "--registry", registry]);
    command.arg("--cache").arg(folder.join("cache"));
    for config in ["NPM_CONFIG_USERCONFIG", "NPM_CONFIG_GLOBALCONFIG"] {
        command.env(config, folder.join(config));
    }
    for proxy in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
        command.env_remove(proxy);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("npm {arguments:?}: {stderr}")) }
}
