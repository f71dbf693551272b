#!/usr/bin/env bash
# nodejs-semver 7.0.0 (Rust) reads comparators that exclude each other as alternatives, and drops comparators it cannot combine.
#
# npm's grammar (https://github.com/npm/node-semver#ranges) joins the comparators of a set with "and": `>=2.0.0 <1.0.0` admits
# no version at all. The npm package semver 7.8.6 answers like that. The Rust crate, whose documentation promises the same
# grammar, answers that 3.0.0 is in that range. A release tool that uses it to ask whether a pinned client is still within a
# UI's range gets "yes" for a range that npm refuses.
#
# Prints each answer of both, and fails when one of them has changed. Needs cargo, node and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix . semver@7.8.6
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2021"

[dependencies]
nodejs-semver = "=7.0.0"
TOML
cat >src/main.rs <<'RUST'
use nodejs_semver::{Range, Version};

fn main() {
    for (range, version) in [(">=2.0.0 <1.0.0", "3.0.0"), ("<1.0.0 >2.0.0", "0.5.0"), ("~1.2.0 ^3.0.0", "3.1.0"), (">=1.0.0 <2.0.0", "1.5.0")] {
        let is_in = Range::parse(range).unwrap().satisfies(&Version::parse(version).unwrap());
        println!("{version} in '{range}': {is_in}");
    }
}
RUST
cargo build --quiet
target/debug/probe >crate.txt
node -e '
const { satisfies } = require("semver");
for (const [range, version] of [[">=2.0.0 <1.0.0", "3.0.0"], ["<1.0.0 >2.0.0", "0.5.0"], ["~1.2.0 ^3.0.0", "3.1.0"], [">=1.0.0 <2.0.0", "1.5.0"]]) {
  console.log(`${version} in \x27${range}\x27: ${satisfies(version, range)}`);
}' >node.txt

echo "semver 7.8.6 (npm):"
sed 's/^/  /' node.txt
echo "nodejs-semver 7.0.0 (Rust):"
sed 's/^/  /' crate.txt
diff - node.txt <<'SEEN'
3.0.0 in '>=2.0.0 <1.0.0': false
0.5.0 in '<1.0.0 >2.0.0': false
3.1.0 in '~1.2.0 ^3.0.0': false
1.5.0 in '>=1.0.0 <2.0.0': true
SEEN
diff - crate.txt <<'SEEN'
3.0.0 in '>=2.0.0 <1.0.0': true
0.5.0 in '<1.0.0 >2.0.0': true
3.1.0 in '~1.2.0 ^3.0.0': true
1.5.0 in '>=1.0.0 <2.0.0': true
SEEN
echo "as it was seen on 2026-11-28"
