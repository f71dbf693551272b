#!/usr/bin/env bash
# setuptools-scm 10.3.4 with setuptools 84.2.1: a wheel has packages that `[tool.setuptools] packages` leaves out.
#
# setuptools reads an explicit list of packages as it is: a package below a listed one that the list lacks is not in the wheel. Where
# setuptools-scm is among the requirements of the build, its list of the files that git tracks makes the same folder data of
# the listed package, and it is in the wheel, with a warning. A list that forgot a folder thus works until the package is built
# without setuptools-scm: a move to another way to name versions takes modules out of the wheel.
#
# Prints the modules of the wheel each time, and fails when they have changed. Needs python3 with pip, and git.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

for tools in with without; do python3 -m venv "$tools"; done
with/bin/python -m pip install --quiet --disable-pip-version-check setuptools-scm==10.3.4 setuptools==84.2.1
without/bin/python -m pip install --quiet --disable-pip-version-check setuptools==84.2.1

git init --quiet tree
cd tree
mkdir -p meadow/core meadow/extra
touch meadow/__init__.py meadow/core/__init__.py meadow/extra/__init__.py
cat >pyproject.toml <<TOML
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "meadow"
version = "0.5.0"
[tool.setuptools]
packages = ["meadow", "meadow.core"]
TOML
git add --all
git -c user.name=Ada -c user.email=ada@meadow.example commit --quiet --message one

for tools in without with; do
    rm -rf ../wheels build meadow.egg-info
    "../$tools/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir ../wheels . 2>/dev/null
    printf '%-8s' "$tools"
    "../$tools/bin/python" -c 'import sys, zipfile
print(*sorted(name for name in zipfile.ZipFile(sys.argv[1]).namelist() if name.endswith(".py")))' ../wheels/*.whl
done | tee ../seen.txt
diff - ../seen.txt <<'SEEN'
without meadow/__init__.py meadow/core/__init__.py
with    meadow/__init__.py meadow/core/__init__.py meadow/extra/__init__.py
SEEN
echo "as it was seen on 2026-11-29"
