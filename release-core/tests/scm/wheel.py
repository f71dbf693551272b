"""Answers by one line of JSON for each line: the version in the wheel that a build back end makes of a folder.

Each wheel is built in a process of its own, as an installer does it.
"""

import email
import importlib
import json
import logging
import os
import sys
import tempfile
import tomllib
import warnings
import zipfile

import setuptools.build_meta  # noqa: F401, once for all children

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
ours = {name: value for name, value in os.environ.items() if "SCM" not in name and name != "SOURCE_DATE_EPOCH"}


def built(question):
    os.chdir(question["folder"])
    os.environ.clear()
    os.environ.update(ours)
    os.environ.update(question["environment"])
    with open("pyproject.toml", "rb") as file:
        backend = tomllib.load(file).get("build-system", {}).get("build-backend", "setuptools.build_meta:__legacy__")
    module, _, name = backend.partition(":")
    backend = importlib.import_module(module)
    backend = getattr(backend, name) if name else backend
    with tempfile.TemporaryDirectory() as folder:
        wheel = zipfile.ZipFile(os.path.join(folder, backend.build_wheel(folder)))
        metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(wheel.read(metadata))["Version"]


for line in sys.stdin:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            answer = {"version": built(json.loads(line)), "why": None}
        except BaseException as error:
            answer = {"version": None, "why": repr(error)[:300]}
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        print(answer.read(), flush=True)
    os.waitpid(child, 0)
