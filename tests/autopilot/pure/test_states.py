"""Every status that a page can show has a color and a sign in the catalogue of states."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders

from programs.codes import STATES

pytestmark = pytest.mark.once
NAMES = ("status", "outcome", "state", "to_status")


def states():
    """Return every value of every field that says where something stands."""
    fields = (field for model in apps.get_models() for field in model._meta.fields)
    of_ours = (
        field for field in fields if field.model.__module__.split(".")[0] in ("autopilot", "programs", "students")
    )
    values = {str(value) for field in of_ours if field.name in NAMES for value, _ in field.flatchoices if value}
    return values - STATES.keys()  # of the Union


def test_every_status_stands_in_the_catalogue():
    found = finders.find("provost/components.css")
    assert isinstance(found, str)
    catalogue = set(re.findall(r"\.is-(\w+)", Path(found).read_text()))

    assert len(states()) > 20
    assert states() - catalogue == set()
