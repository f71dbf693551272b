#!/usr/bin/env bash
# setuptools-scm 8.3.1, 9.2.2 and 10.3.4: a package with both `[tool.setuptools_scm]` and `version` in `[tool.setuptools.dynamic]`
# ignores SETUPTOOLS_SCM_PRETEND_VERSION, and the build succeeds.
#
# setuptools-scm calls the pair invalid, in a warning, and lets setuptools set the version. `python -m setuptools_scm` does not look at
# the other table: it prints the tag's version or the variable's, and so does every script that asks it what a build will be called.
# A workflow that builds with SETUPTOOLS_SCM_PRETEND_VERSION=0.4.6 on the tag v0.4.5 gets a wheel of 0.4.4, the attribute's, and exit 0.
# A tool that sets the variable has to read that table first, and to compare the name of the wheel afterwards.
#
# Prints what the command and the wheel say, and fails when that has changed. Needs python3 with pip, and git.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x
mkdir -p tree/meadow
cat >tree/pyproject.toml <<'TOML'
[build-system]
requires = ["setuptools", "setuptools-scm"]
build-backend = "setuptools.build_meta"

[project]
name = "meadow"
dynamic = ["version"]

[tool.setuptools]
packages = ["meadow"]

[tool.setuptools.dynamic]
version = { attr = "meadow.__version__" }

[tool.setuptools_scm]
TOML
echo '__version__ = "0.4.4"' >tree/meadow/__init__.py
git -C tree init --quiet
git -C tree add .
git -C tree commit --quiet --message meadow
git -C tree tag v0.4.5

for version in 8.3.1 9.2.2 10.3.4; do
    python3 -m venv "tools-$version"
    "tools-$version/bin/python" -m pip install --quiet --disable-pip-version-check \
        setuptools==83.0.0 "setuptools-scm==$version" build==1.3.0
    echo "setuptools-scm $version"
    rm -rf built && git clone --quiet tree built
    (
        cd built
        export SETUPTOOLS_SCM_PRETEND_VERSION=0.4.6
        "../tools-$version/bin/python" -m setuptools_scm 2>/dev/null
        "../tools-$version/bin/python" -m build --no-isolation --wheel . >said 2>&1 && echo "exit 0"
        ls dist
    )
done | tee seen.txt
diff - seen.txt <<'SEEN'
setuptools-scm 8.3.1
0.4.6
exit 0
meadow-0.4.4-py3-none-any.whl
setuptools-scm 9.2.2
0.4.6
exit 0
meadow-0.4.4-py3-none-any.whl
setuptools-scm 10.3.4
0.4.6
exit 0
meadow-0.4.4-py3-none-any.whl
SEEN
echo "as it was seen on 2026-11-29"
