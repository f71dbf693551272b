//! The token that GitHub's own client keeps for a host.

use release_core::git::{end_group, has_ended};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The time that it may take; it may ask a keyring.
const LIMIT: Duration = Duration::from_secs(5);

/// The time between two looks at it.
const GLANCE: Duration = Duration::from_millis(5);

/// Returns the token that `gh` keeps for a host; `None` if it is not there, is not signed in, or does not answer.
pub(crate) fn token(host: &str) -> Option<String> {
    token_of("gh", host, LIMIT)
}

fn token_of(program: &str, host: &str, limit: Duration) -> Option<String> {
    let mut command = Command::new(program);
    command.args(["auth", "token", &format!("--hostname={host}")]).process_group(0);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let started = Instant::now();
    while !has_ended(&child).ok()? && started.elapsed() < limit {
        thread::sleep(GLANCE);
    }
    let is_over = !has_ended(&child).ok()?;
    let stdout = child.stdout.take();
    let status = end_group(&mut child, Duration::ZERO).ok()?;
    if is_over || !status.success() {
        return None;
    }
    let mut bytes = Vec::new();
    stdout?.take(4096).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim().to_owned()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn the_token_is_what_gh_prints_when_it_ends_well_and_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gh");
        let path = path.to_str().unwrap();
        for (script, token) in [
            ("echo $*", Some("auth token --hostname=forge.example")),
            ("echo", None),
            ("echo token; exit 1", None),
            ("echo token; sleep 60", None),
        ] {
            // A child writes it: a program that is open for writing cannot be started.
            let mut writer = Command::new("sh");
            writer.args(["-c", "cat > \"$0\" && chmod 755 \"$0\"", path]).stdin(Stdio::piped());
            let mut writer = writer.spawn().unwrap();
            writer.stdin.take().unwrap().write_all(format!("#!/bin/sh\n{script}\n").as_bytes()).unwrap();
            assert!(writer.wait().unwrap().success());
            let limit = Duration::from_millis(if script.contains("sleep") { 300 } else { 20_000 });
            assert_eq!(token_of(path, "forge.example", limit).as_deref(), token, "{script}");
        }
        assert_eq!(token_of("/nowhere/gh", "forge.example", LIMIT), None);
    }
}
