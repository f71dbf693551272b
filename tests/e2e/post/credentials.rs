//! Private registries: credentials are found where uv, pip and npm look for them, and are never shown.

use super::{FOR_LINE, World};
use crate::loopback::{basic, bearer};
use std::fs;
use std::process::Command;

const SECRETS: [&str; 3] = ["s3cret-netrc", "s3cret-url", "s3cret-token"];

/// A world whose registries want credentials.
fn private(index: &str) -> World {
    let world = World::new();
    for path in ["/simple", "/files"] {
        world.server.require(path, index);
    }
    world.server.require("/npm", &bearer("s3cret-token"));
    world
}

/// Runs it with the npm token in the user's npmrc, and sees that no secret is said.
fn run(world: &World, words: &str, more: impl FnOnce(&mut Command), code: i32) -> String {
    let npmrc = world.sample.root.join("npmrc");
    fs::write(&npmrc, format!("//{}/npm/:_authToken=s3cret-token\n", world.server.host())).unwrap();
    let mut command = world.command(words);
    command.env("NPM_CONFIG_USERCONFIG", &npmrc);
    more(&mut command);
    let run = world.run(&mut command).expect(code);
    let said = run.stdout + &run.stderr;
    for secret in SECRETS {
        assert!(!said.contains(secret), "{words}: {said}");
    }
    said
}

fn with_netrc(world: &World, password: &str) -> impl FnOnce(&mut Command) + use<> {
    let netrc = world.sample.root.join("netrc");
    fs::write(&netrc, format!("machine 127.0.0.1\n  login gardener\n  password {password}\n")).unwrap();
    move |command| _ = command.env("NETRC", netrc)
}

fn with_url(world: &World, password: &str) -> impl FnOnce(&mut Command) + use<> {
    let url = format!("http://gardener:{password}@{}/simple", world.server.host());
    move |command| _ = command.env("UV_DEFAULT_INDEX", url)
}

#[test]
fn credentials_are_accepted_and_never_said() {
    let world = private(&basic("gardener", "s3cret-netrc"));
    run(&world, "post 0.4.5 -vv", with_netrc(&world, "s3cret-netrc"), 0);
    run(&world, "post 0.4.5 -vv --output-format json", with_netrc(&world, "s3cret-netrc"), 0);
    run(&world, "post 0.4.5 -vv --commit", with_netrc(&world, "s3cret-netrc"), 0);
    assert!(!world.sample.git(&["log", "-p", FOR_LINE]).contains("s3cret"));
    let world = private(&basic("gardener", "s3cret-url"));
    run(&world, "post 0.4.5 -vv --commit", with_url(&world, "s3cret-url"), 0);
    let lock = world.at(FOR_LINE, "uv.lock");
    assert!(!lock.contains("s3cret") && !lock.contains(&world.server.host()), "{lock}");
}

#[test]
fn credentials_that_are_refused_or_missing_are_said_without_them() {
    let world = private(&basic("gardener", "another"));
    let said = run(&world, "post 0.4.5 -vv", with_netrc(&world, "s3cret-netrc"), 2);
    assert!(said.contains("refuses the credentials from"), "{said}");
    let said = run(&world, "post 0.4.5 -vv --output-format json", with_url(&world, "s3cret-url"), 2);
    assert!(said.contains("refuses the credentials from"), "{said}");
    let said = run(&world, "post 0.4.5", |_| (), 2);
    assert!(said.contains("asks for credentials"), "{said}");
    // A token is not for another place.
    let said = run(&world, "post 0.4.5", |command| _ = command.env("NPM_CONFIG_USERCONFIG", "/dev/null"), 2);
    assert!(said.contains("/npm/meadow-client answers 401") || said.contains("/npm answers 401"), "{said}");
}
