import json
import sys

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


def version(question):
    found = Version(question["text"])
    return {"normal": str(found), "prerelease": found.is_prerelease, "dev": found.is_devrelease}


def order(question):
    versions = [Version(text) for text in question["texts"]]
    ranks = [0] * len(versions)
    indices = sorted(range(len(versions)), key=versions.__getitem__)
    for before, after in zip(indices, indices[1:]):
        ranks[after] = ranks[before] + (versions[before] != versions[after])
    return ranks


def specifiers(question):
    return str(SpecifierSet(question["text"]))


def contains(question):
    found = SpecifierSet(question["text"])
    rules = True, False, bool(found.prereleases)
    return [found.contains(Version(question["version"]), prereleases=rule) for rule in rules]


def requirement(question):
    found = Requirement(question["text"])
    return {
        "name": found.name,
        "canonical": canonicalize_name(found.name),
        "extras": sorted(found.extras),
        "specifier": str(found.specifier),
        "url": found.url,
        "marker": found.marker is not None,
    }


def answer(question):
    try:
        return globals()[question["kind"]](question)
    except (InvalidVersion, InvalidSpecifier, InvalidRequirement):
        return None
    except Exception as error:
        return {"error": repr(error)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
