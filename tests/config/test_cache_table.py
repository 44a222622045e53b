"""A cache in the database finds its table after every `migrate`."""

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection

from config.apps import create_cache_table

pytestmark = pytest.mark.django_db

IN_DATABASE = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "config_cache"}}


def test_it_makes_the_table_and_finds_it_the_second_time(settings):
    settings.CACHES = IN_DATABASE

    create_cache_table(using="default")
    create_cache_table(using="default")

    assert caches["default"].add("code", "used")
    assert not caches["default"].add("code", "used")


def test_migrate_makes_the_table(settings):
    settings.CACHES = IN_DATABASE

    call_command("migrate", verbosity=0)

    assert "config_cache" in connection.introspection.table_names()


def test_it_makes_none_where_none_is_needed():
    create_cache_table(using="default")

    assert "config_cache" not in connection.introspection.table_names()
