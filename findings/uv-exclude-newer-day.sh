#!/usr/bin/env bash
# uv 0.13.9: `exclude-newer = "2026-02-28"`, a day alone, makes a lockfile that is right only in the time zone where it was written.
#
# uv takes a day for its end where it runs, records that moment in `[options]`, and compares the moment the next time: in another
# time zone `uv lock --check` and `uv sync --locked` exit 1, and `uv lock` resolves everything again ("due to change of exclude newer
# timestamp"), with newer versions than were reviewed where there are such. A developer in New York and a runner in UTC never agree.
# A tool that compares the two has to take any midnight on earth for the same day; who writes the setting should write a moment
# (`2026-03-01T00:00:00Z`), which is the same everywhere.
#
# Prints what uv says in each time zone, and fails when that has changed. Needs python3 with pip.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
export UV_CACHE_DIR="$folder/cache" UV_PYTHON="$folder/tools/bin/python" UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
unset UV_EXCLUDE_NEWER

mkdir tree
cd tree
run() {
    local code=0
    "$@" >said 2>&1 || code=$?
    { echo "exit $code"; grep --extended-regexp '^(Resolving|error)' said || true; }
    rm said
}
manifest() {
    cat >pyproject.toml <<TOML
[project]
name = "meadow"
version = "1.0"
requires-python = ">=3.10"

[tool.uv]
exclude-newer = "$1"
TOML
}
{
    manifest 2026-02-28
    run env TZ=America/New_York ../tools/bin/uv lock
    grep exclude-newer uv.lock
    run env TZ=America/New_York ../tools/bin/uv lock --check
    run env TZ=UTC ../tools/bin/uv lock --check
    manifest 2026-03-01T00:00:00Z
    run env TZ=America/New_York ../tools/bin/uv lock
    run env TZ=UTC ../tools/bin/uv lock --check
} | tee "$folder/seen.txt"
diff - "$folder/seen.txt" <<'SEEN'
exit 0
exclude-newer = "2026-03-01T05:00:00Z"
exit 0
exit 1
Resolving despite existing lockfile due to change of exclude newer timestamp from `2026-03-01T05:00:00Z` to `2026-03-01T00:00:00Z`
error: The lockfile at `uv.lock` needs to be updated, but `--check` was provided.
exit 0
Resolving despite existing lockfile due to change of exclude newer timestamp from `2026-03-01T05:00:00Z` to `2026-03-01T00:00:00Z`
exit 0
SEEN
echo "as it was seen on 2026-11-29"
