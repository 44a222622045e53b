"""A test that empties the tables takes nothing from the test after it."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from tests.groups import kept


@pytest.mark.django_db
def test_it_keeps_the_groups_of_the_migrations_when_tables_are_emptied():
    before = kept()

    call_command("flush", interactive=False, verbosity=0)

    assert kept() == before
    assert before["Reviewer"]
    assert Group.objects.count() == len(before)
