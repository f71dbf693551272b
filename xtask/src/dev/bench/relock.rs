//! The cost of relocking, natively and by npm and uv, on a checkout whose lockfiles are behind its pins.

use super::table::{milliseconds, row, temporary};
use super::whole::{Runs, whole};
use crate::sandbox::registry::{SIMPLE_JSON, dist, file, page, serve};
use camino::Utf8Path;
use release_core::git::Git;
use release_core::history::History;
use release_core::lockfile::uv_lock::{FileKind, LockedPackage};
use release_core::monorepo::{Config, Monorepo, Snapshot, Tree, UnreadableTree, discover};
use release_core::plan::relock::{Lockfiles, NpmFile};
use release_core::registry::address::join;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The checkout's lockfiles, and the version that its pins name.
struct Scene {
    client: String,
    version: String,
    lockfiles: Lockfiles,
}

/// Measures on the committed state of a checkout. The registries are on this machine, and have the wanted version with what
/// the locked one asks for: only the time is real.
pub(super) fn run(runs: &Runs<'_>, checkout: &Utf8Path) -> anyhow::Result<()> {
    let git = Git::new(checkout)?;
    let Some(scene) = scene(&git)? else {
        row("(relock: the lockfiles of this checkout are not behind a pin `==X.Y.Z` of its client)");
        return Ok(());
    };
    let address = registries(&scene)?;
    let (simple, npm) = (format!("{address}/simple"), format!("{address}/npm"));
    let environment = [("UV_DEFAULT_INDEX", simple.as_str()), ("npm_config_registry", npm.as_str())];
    let wanted = format!("{}=={}", scene.client, scene.version);
    let branch = git.read(&["rev-parse", "--abbrev-ref", "HEAD"])?;
    whole(runs, "the checkout", checkout, &["relock", &wanted, "--branch", branch.trim()], &environment)?;
    by_tools(checkout, &scene)
}

fn scene(git: &Git) -> anyhow::Result<Option<Scene>> {
    let tree: &dyn Tree = &(git, "HEAD");
    let config = Config::default();
    let Ok(snapshot) = Snapshot::take(tree, &config) else { return Ok(None) };
    let Ok(monorepo) = discover(snapshot, &config, &History::default()) else { return Ok(None) };
    let lockfiles = match Lockfiles::read(tree, &monorepo, &config) {
        Ok(lockfiles) => lockfiles,
        Err(UnreadableTree::Files(_)) => return Ok(None),
        Err(UnreadableTree::Tree(error)) => return Err(error.into()),
    };
    let Some(client) = monorepo.clients.first().map(|client| client.name.clone()) else { return Ok(None) };
    let Some(version) = pinned(&monorepo, &client) else { return Ok(None) };
    let locked = lockfiles.uv.iter().filter_map(|file| file.entry(&client)?.version.clone());
    let is_behind = locked.into_iter().any(|locked| locked.value != version);
    Ok(is_behind.then_some(Scene { client, version, lockfiles }))
}

/// The version of the first pin of a client that has the form `==X.Y.Z`.
fn pinned(monorepo: &Monorepo, client: &str) -> Option<String> {
    let sites = release_core::monorepo::sites(monorepo);
    let pins = sites.iter().filter(|site| site.subject == client);
    pins.filter_map(|site| site.text.value.split_once("==")).map(|(_, version)| version.trim().to_owned()).next()
}

/// Serves the locked and the wanted version of the client.
fn registries(scene: &Scene) -> anyhow::Result<String> {
    let entry = scene.lockfiles.uv.iter().find_map(|file| file.entry(&scene.client)).cloned();
    let npm: Vec<NpmFile> = scene.lockfiles.npm.clone();
    let (client, version) = (scene.client.clone(), scene.version.clone());
    serve(move |address| {
        let mut routes: BTreeMap<String, (&'static str, String)> = BTreeMap::new();
        if let Some(entry) = entry {
            let page = own_page(&address, &entry, &version);
            routes.insert(format!("/simple/{client}/"), (SIMPLE_JSON, page.to_string()));
            let metadata = metadata(&entry, &version);
            for file in page["files"].as_array().into_iter().flatten() {
                let url = file["url"].as_str().unwrap_or_default();
                let path = url.strip_prefix(&address).unwrap_or_default();
                routes.insert(format!("{path}.metadata"), ("text/plain", metadata.clone()));
            }
        }
        for file in npm {
            let document = document(&address, &file, &version);
            routes.insert(format!("/npm/{}", file.ui.package), ("application/json", document.to_string()));
        }
        Box::new(move |path| routes.get(path).cloned())
    })
}

fn own_page(address: &str, entry: &LockedPackage, version: &str) -> Value {
    let locked = entry.version.as_ref().map(|version| version.value.clone()).unwrap_or_default();
    let mut files = Vec::new();
    for locked_file in &entry.files {
        for to in [locked.as_str(), version] {
            let path = locked_file.url.as_deref().unwrap_or_default().splitn(4, '/').nth(3).unwrap_or_default();
            let url = join(address, &format!("/{}", path.replace(&locked, to))).unwrap_or_default();
            let (name, uploaded) = (locked_file.name.replace(&locked, to), locked_file.upload_time.as_deref());
            files.push(file(&name, &url, locked_file.size, uploaded, locked_file.kind == FileKind::Wheel));
        }
    }
    page(&entry.name.value, &files)
}

fn metadata(entry: &LockedPackage, version: &str) -> String {
    let mut text = format!("Metadata-Version: 2.4\nName: {}\nVersion: {version}\n", entry.name.value);
    for dependency in &entry.dependencies {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "Requires-Dist: {}", dependency.name.value);
    }
    text + "\n"
}

fn document(address: &str, file: &NpmFile, version: &str) -> Value {
    let client = &file.ui.package;
    let text: Value = serde_json::from_str(file.source.as_str()).unwrap_or_default();
    let entry = &text["packages"][format!("node_modules/{client}")];
    let locked = entry["version"].as_str().unwrap_or_default().to_owned();
    let mut versions = serde_json::Map::new();
    for to in [locked.as_str(), version] {
        let mut manifest = entry.clone();
        manifest["name"] = json!(client);
        manifest["version"] = json!(to);
        manifest["dist"] = dist(address, client, to);
        versions.insert(to.to_owned(), manifest);
    }
    json!({ "name": client, "versions": versions })
}

/// The same by npm and uv, once each, in a clone, against the registries of the environment. The wanted version has to be there.
fn by_tools(checkout: &Utf8Path, scene: &Scene) -> anyhow::Result<()> {
    let (_directory, folder) = temporary()?;
    let root = folder.join("clone");
    Git::new(checkout)?.read(&["clone", "--quiet", "--local", ".", root.as_str()])?;
    let Scene { client, version, lockfiles } = scene;
    let pinned = format!("{client}=={version}");
    tool(&root, "uv", &["lock", "--upgrade-package", &pinned])?;
    for file in &lockfiles.npm {
        let pinned = format!("{}@{version}", file.ui.package);
        let flags = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"];
        let omit = "--omit-lockfile-registry-resolved=false";
        tool(&root.join(&file.ui.path), "npm", &[&["install", pinned.as_str()], &flags[..], &[omit]].concat())?;
    }
    Ok(())
}

fn tool(folder: &Utf8Path, program: &str, words: &[&str]) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut command = Command::new(program);
    command.args(words).current_dir(folder).env("UV_PYTHON_DOWNLOADS", "never").stdin(Stdio::null());
    let shown = format!("{program} {}", words[..2].join(" "));
    let said = match command.output() {
        Ok(output) if output.status.success() => format!("{:>7.2} ms", milliseconds(started.elapsed())),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
            let why = lines().find(|line| line.contains("error")).or_else(|| lines().next_back()).unwrap_or_default();
            format!("failed here: {why}")
        }
        Err(error) => format!("not measured: {error}"),
    };
    row(&format!("{:<17} {shown:<20} {said}", "the checkout"));
    Ok(())
}
