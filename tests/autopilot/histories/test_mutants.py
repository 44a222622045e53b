"""An engine that forgets one rule of its protocol is found out; the engine as it is, is not."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from autopilot.models import Decision
from tests.autopilot.histories.mutants import MUTANTS, Mutant, Surgeon, forgets_four_eyes
from tests.autopilot.histories.scenarios import SCENARIOS, Scenario, nobody_decides_alone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_schedules")]


@pytest.fixture
def surgeon(monkeypatch) -> Iterator[Surgeon]:
    """Who makes the engine forget, until the test is over."""
    surgeon = Surgeon(monkeypatch)
    yield surgeon
    surgeon.restore_bases()


def name_of(subject: Mutant | Scenario) -> str:
    """Return what a mutant or a scenario is called."""
    return subject.__name__


def notices(scenario: Scenario, people: list[User]) -> bool:
    """Return whether a scenario ends other than it must."""
    try:
        scenario(people)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name_of)
def test_it_finds_nothing_wrong_with_the_engine_as_it_is(people, scenario):
    noticed = notices(scenario, people)

    assert not noticed


@pytest.mark.parametrize("mutant", MUTANTS, ids=name_of)
def test_it_finds_out_an_engine_that(people, surgeon, mutant):
    mutant(surgeon)

    noticed = any(notices(scenario, people) for scenario in SCENARIOS)

    assert noticed


def test_it_has_the_database_refuse_what_python_forgets(people, surgeon):
    forgets_four_eyes(surgeon)

    nobody_decides_alone(people)

    assert not Decision.objects.exists()
