#!/usr/bin/env bash
# uv 0.13.9: in a workspace with `members = ["src/*"]` and a setuptools package at its root, `uv lock` works once and then no more.
#
# To learn a dynamic version, uv lets setuptools prepare the metadata of the editable package at the root. setuptools 83 writes
# `src/meadow.egg-info` on the way, as it does for every package with a `src` folder. The glob of the members now matches that folder,
# which has no pyproject.toml, and uv refuses the workspace: also with `--check`, and until somebody removes the folder by hand.
# Git ignores `*.egg-info` in most repositories, so nothing shows it. A tool that locks in a tree that stays has to name the
# members, or keep the backend from running: a static version in place of the dynamic one, in a copy, gives the same lockfile but
# for one `version` line.
#
# Prints what uv says each time, and fails when that has changed. Needs python3 with pip.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
export UV_CACHE_DIR="$folder/cache" UV_PYTHON="$folder/tools/bin/python" UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

mkdir -p tree/src/meadow_api
cd tree
cat >pyproject.toml <<'TOML'
[build-system]
requires = ["setuptools==83.0.0"]
build-backend = "setuptools.build_meta"

[project]
name = "meadow"
dynamic = ["version"]
requires-python = ">=3.10"

[tool.setuptools.dynamic]
version = { file = "VERSION" }

[tool.uv.workspace]
members = ["src/*"]
TOML
echo 1.0 >VERSION
cat >src/meadow_api/pyproject.toml <<'TOML'
[project]
name = "meadow-api"
version = "1.0"
requires-python = ">=3.10"
TOML
touch src/meadow_api/__init__.py

run() {
    local code=0
    "$@" >said 2>&1 || code=$?
    { echo "exit $code"; grep --invert-match '^Using' said || true; } | sed "s#$folder/##; s# in [0-9.]*m\{0,1\}s\$##"
    rm said
}
{
    run ../tools/bin/uv lock
    ls src
    run ../tools/bin/uv lock
    run ../tools/bin/uv lock --check
    rm -r src/meadow.egg-info
    run ../tools/bin/uv lock --check
    cp uv.lock by-backend.lock
    sed -i 's/^dynamic = .*/version = "0"/' pyproject.toml
    rm -rf src/meadow.egg-info uv.lock
    run ../tools/bin/uv lock
    ls src
    diff by-backend.lock uv.lock || true
} | tee seen.txt
diff - seen.txt <<'SEEN'
exit 0
Resolved 2 packages
meadow.egg-info
meadow_api
exit 2
error: Workspace member `tree/src/meadow.egg-info` is missing a `pyproject.toml` (matches: `src/*`)
exit 2
error: Workspace member `tree/src/meadow.egg-info` is missing a `pyproject.toml` (matches: `src/*`)
exit 0
Resolved 2 packages
exit 0
Resolved 2 packages
meadow_api
12a13
> version = "0"
SEEN
echo "as it was seen on 2026-11-28"
