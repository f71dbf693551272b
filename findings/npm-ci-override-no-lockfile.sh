#!/usr/bin/env bash
# npm 11.19.1: `npm ci` says that there is no lockfile when an override disagrees with a dependency.
#
# `package.json` asks for one range, and `overrides` names another for the same package: `npm install` stops with EOVERRIDE and names
# both ranges. `npm ci` meets the same contradiction while it reads the lockfile, takes the error for a lockfile that is missing, and
# advises to run an install with npm 5 or later "to generate a package-lock.json file". The file is there, it is right, and a newer one
# would not help. A release that moves a dependency and forgets its override sends people to look for a lockfile.
#
# Prints what npm says before and after the override moves, and fails when that has changed. Needs node with npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --prefix tools --silent --no-audit --no-fund npm@11.19.1
npm() { node "$folder/tools/node_modules/npm/bin/npm-cli.js" --no-audit --no-fund --no-update-notifier "$@"; }

# The dependency is a folder, so that nothing is asked of a registry.
mkdir -p tree/client
cd tree
echo '{"name": "client", "version": "0.4.5"}' >client/package.json
manifest() { echo '{"name": "ui", "version": "0.4.5", "dependencies": {"client": "file:client"}, "overrides": {"client": "'"$1"'"}}' >package.json; }
run() {
    local code=0
    "$@" >said 2>&1 || code=$?
    echo "$*: exit $code"
    grep --extended-regexp 'code E|existing package-lock|conflicts with' said || true
    rm said
}
{
    manifest file:client
    run npm install
    run npm ci
    manifest '^0.4.4'
    run npm install
    test -f package-lock.json && echo "package-lock.json is there"
    run npm ci
} | tee "$folder/seen.txt"
diff - "$folder/seen.txt" <<'SEEN'
npm install: exit 0
npm ci: exit 0
npm install: exit 1
npm error code EOVERRIDE
npm error Override for client@file:client conflicts with direct dependency
package-lock.json is there
npm ci: exit 1
npm error code EUSAGE
npm error The `npm ci` command can only install with an existing package-lock.json or
SEEN
