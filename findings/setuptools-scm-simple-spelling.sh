#!/usr/bin/env bash
# setuptools-scm 10.3.4: `setuptools-scm[Simple]` builds 0.0.0 without a word, where `setuptools-scm[simple]` builds the version.
#
# With the extra `simple` among the requirements of a build setuptools-scm needs no table. The names of extras are compared in
# normalised form (PEP 685, and the specification of names): pip installs either spelling. setuptools-scm compares letter by letter,
# and with another spelling leaves the version to setuptools, which calls the package 0.0.0. Names of packages it does normalise.
#
# Prints the version of the wheel each time, and fails when one has changed. Needs python3 with pip, and git.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check 'setuptools-scm[Simple]==10.3.4' setuptools==84.2.1

git init --quiet tree
cd tree
git -c user.name=Ada -c user.email=ada@meadow.example commit --quiet --allow-empty --message one
git tag v0.5.0

built() {
    cat >pyproject.toml <<TOML
[build-system]
requires = ["setuptools", "$1"]
build-backend = "setuptools.build_meta"
[project]
name = "meadow"
dynamic = ["version"]
[tool.setuptools]
py-modules = []
TOML
    rm -rf ../wheels build meadow.egg-info
    ../tools/bin/python -m pip wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir ../wheels . 2>/dev/null
    printf '%-24s %s\n' "$1" "$(ls ../wheels | sed 's/-py3.*//')"
}
{
    built 'setuptools-scm[simple]'
    built 'Setuptools_SCM[simple]'
    built 'setuptools-scm[Simple]'
} | tee ../seen.txt
diff - ../seen.txt <<'SEEN'
setuptools-scm[simple]   meadow-0.5.0
Setuptools_SCM[simple]   meadow-0.5.0
setuptools-scm[Simple]   meadow-0.0.0
SEEN
echo "as it was seen on 2026-11-29"
