"""The page about monitoring names what there is."""

import re

import pytest

from config.env import ROOT
from config.objectives import OBJECTIVES
from tests.autopilot.dashboard.test_metrics import NAMES

pytestmark = pytest.mark.once

PAGE = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")


def test_it_names_every_metric_and_no_other():
    told = set(re.findall(r"\b(?:autopilot|agent)_[a-z_]+", PAGE))

    ends = {"counter": ["_total"], "histogram": ["", "_bucket"], "gauge": [""]}
    known = {name + end for name, kind in NAMES.items() for end in ends[kind]}
    assert told <= known
    assert {name + ends[kind][0] for name, kind in NAMES.items()} <= told


def test_it_names_every_setting_of_an_alert():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert set(re.findall(r"\bALERT_[A-Z_]+", example)) == set(re.findall(r"\bALERT_[A-Z_]+", PAGE))


def test_it_names_the_kinds_of_every_objective():
    assert [kind for each in OBJECTIVES for kind in each.kinds if f"`{kind}`" not in PAGE] == []
