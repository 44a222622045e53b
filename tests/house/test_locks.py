"""The locked requirements: complete, hashed, in step with pyproject.toml, and free of anybody's machine."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from config.env import ROOT

pytestmark = pytest.mark.once

LOCKS = ["requirements.txt", "tests/requirements.txt", "benchmarks/requirements.txt"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def text(lock):
    """Return a lock without its first line, which says how it was made."""
    return (ROOT / lock).read_text(encoding="utf-8").partition("\n")[2]


def pins(lock):
    """Return the locked version of each package."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text(lock), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_it_hashes_every_package(lock):
    packages = re.split(r"^(?=[A-Za-z0-9])", text(lock), flags=re.MULTILINE)[1:]

    assert len(packages) == len(pins(lock)) > 20
    assert [package for package in packages if "--hash=sha256:" not in package] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_it_names_no_registry_and_no_folder(lock):
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links|^-e|\s@\s|\s/", text(lock), re.MULTILINE)


@pytest.mark.parametrize(
    ("lock", "ranges"),
    [
        (LOCKS[0], PROJECT["dependencies"]),
        (LOCKS[1], PROJECT["optional-dependencies"]["test"]),
        (LOCKS[2], PROJECT["optional-dependencies"]["benchmark"]),
    ],
)
def test_it_holds_what_the_project_asks_for(lock, ranges):
    wanted = [Requirement(line) for line in ranges]

    assert [str(one) for one in wanted if pins(lock)[canonicalize_name(one.name)] not in one.specifier] == []


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_it_tests_and_measures_with_the_versions_that_production_runs(lock):
    assert pins(LOCKS[0]).items() <= pins(lock).items()
