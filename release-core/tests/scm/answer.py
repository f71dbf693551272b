"""Answers by one line of JSON for each line: what setuptools-scm calls a build in a folder, with some variables."""

import json
import logging
import os
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from setuptools_scm import Configuration, _get_version  # noqa: E402

ours = {name: value for name, value in os.environ.items() if "SCM" not in name and name != "SOURCE_DATE_EPOCH"}
for line in sys.stdin:
    question = json.loads(line)
    os.chdir(question["folder"])
    os.environ.clear()
    os.environ.update(ours)
    os.environ.update(question["environment"])
    try:
        answer = _get_version(Configuration.from_file("pyproject.toml"), force_write_version_files=False)
    except BaseException as error:
        answer, why = None, repr(error)
    else:
        why = None if answer else "nothing"
    print(json.dumps({"version": answer, "why": why}), flush=True)
