#!/usr/bin/env bash
# hatch-vcs 0.5.0: SETUPTOOLS_SCM_PRETEND_VERSION_FOR_NAME has no effect, and the build takes the version from git.
#
# setuptools-scm documents two variables that give a build its version: one for all packages, and one with the package's name, for
# builds in which several packages have different versions. hatch-vcs asks setuptools-scm without saying which package it builds,
# so the second is passed over, without a word: a release workflow that sets it for each package publishes a development version.
# It is read where `raw-options` has `dist_name`, which has to be the package's name once more.
#
# Prints the version of the wheel each time, and fails when one has changed. Needs python3 with pip, and git.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check hatchling==1.33.0 hatch-vcs==0.5.0 setuptools-scm==10.3.4 setuptools==84.2.1

git init --quiet tree
cd tree
commit() {
    git -c user.name=Ada -c user.email=ada@meadow.example commit --quiet --allow-empty --message "$1"
}
commit one
git tag v0.5.0
commit two

manifest() {
    cat >pyproject.toml <<TOML
[build-system]
requires = [$1]
build-backend = "$2"
[project]
name = "meadow-api"
dynamic = ["version"]
$3
TOML
}
built() {
    rm -rf ../wheels build ./*.egg-info
    env "$1=3.1" ../tools/bin/python -m pip wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir ../wheels . 2>/dev/null
    printf '%-22s %-46s %s\n' "$2" "$1" "$(ls ../wheels | sed 's/-py.*//; s/+.*//')"
}
hatch='[tool.hatch.build.targets.wheel]
bypass-selection = true
[tool.hatch.version]
source = "vcs"'
{
    manifest '"setuptools", "setuptools-scm"' setuptools.build_meta '[tool.setuptools_scm]
[tool.setuptools]
py-modules = []'
    built SETUPTOOLS_SCM_PRETEND_VERSION setuptools
    built SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API setuptools
    manifest '"hatchling", "hatch-vcs"' hatchling.build "$hatch"
    built SETUPTOOLS_SCM_PRETEND_VERSION hatch-vcs
    built SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API hatch-vcs
    manifest '"hatchling", "hatch-vcs"' hatchling.build "$hatch
raw-options = { dist_name = \"meadow-api\" }"
    built SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API 'hatch-vcs, dist_name'
} | tee ../seen.txt
diff - ../seen.txt <<'SEEN'
setuptools             SETUPTOOLS_SCM_PRETEND_VERSION                 meadow_api-3.1
setuptools             SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API  meadow_api-3.1
hatch-vcs              SETUPTOOLS_SCM_PRETEND_VERSION                 meadow_api-3.1
hatch-vcs              SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API  meadow_api-0.5.1.dev1
hatch-vcs, dist_name   SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MEADOW_API  meadow_api-3.1
SEEN
echo "as it was seen on 2026-11-29"
