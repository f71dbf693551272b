//! Other programs read the same forge: GitHub's own client.

use super::forge::{Forge, TOKEN};
use super::{TAG, busy};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::thread;

/// Leads connections of a socket to the forge, which is how gh reaches a server without TLS.
fn lead(socket: &Path, forge: &Forge) {
    let (listener, host) = (UnixListener::bind(socket).unwrap(), forge.server.host());
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&host).unwrap();
            let (theirs, ours) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || copy(client, server, |end: &TcpStream| end.shutdown(Shutdown::Write)));
            thread::spawn(move || copy(ours, theirs, |end: &UnixStream| end.shutdown(Shutdown::Write)));
        }
    });
}

fn copy<W: Write>(mut from: impl Read, mut to: W, end: impl Fn(&W) -> io::Result<()>) {
    let _ = io::copy(&mut from, &mut to);
    let _ = end(&to);
}

#[test]
fn gh_reads_what_this_client_reads() {
    if !Command::new("gh").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: gh is not here");
        return;
    }
    let (home, forge) = (tempfile::tempdir().unwrap(), busy());
    let socket = home.path().join("forge");
    lead(&socket, &forge);
    let gh = |arguments: &[&str]| {
        let mut gh = Command::new("gh");
        gh.args(arguments).env("GH_CONFIG_DIR", home.path()).env("GH_TOKEN", TOKEN).env("GH_NO_UPDATE_NOTIFIER", "1");
        let output = gh.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    gh(&["config", "set", "http_unix_socket", socket.to_str().unwrap()]);
    let api =
        |path: &str, filter: &str| gh(&["api", "--paginate", &format!("repos/meadow/meadow{path}"), "--jq", filter]);
    assert_eq!(api("/releases", ".[] | [.tag_name, .draft] | @csv"), format!("\"{TAG}\",true\n\"v0.4.4\",false"));
    assert_eq!(api("/releases/latest", ".tag_name"), "v0.4.4");
    assert_eq!(api(&format!("/commits/tags/{TAG}"), ".sha"), super::COMMIT);
    assert_eq!(api("/pulls?state=all&head=meadow:prepare-v0.4.5", ".[].number"), "1");
    assert_eq!(api("/rules/branches/release-0.4.x", ".[].type"), "merge_queue\nrequired_status_checks");
    // Its pages are those of the links.
    forge.change(|state| (0..120).for_each(|number| state.release(&format!("v0.3.{number}"), false, &[])));
    assert_eq!(api("/releases?per_page=50", ".[].tag_name").lines().count(), 122);
}
