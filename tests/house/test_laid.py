"""A test that empties the tables takes nothing from the test after it."""

import pytest
from django.core.management import call_command

from autopilot.models import Schedule
from programs.models import RequirementType
from tests.laid import kept


@pytest.mark.django_db
def test_it_keeps_what_the_migrations_have_laid_when_tables_are_emptied():
    before = kept()

    call_command("flush", interactive=False, verbosity=0)

    assert kept() == before
    assert before.rights["Reviewer"]
    assert {RequirementType, Schedule} <= before.rows.keys()
