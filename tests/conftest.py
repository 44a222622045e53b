"""What the whole suite shares: which tests belong to which database, and that no skip passes unseen."""

import os
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests import laid

LEFT_OUT = {"sqlite": {"postgresql_only"}, "postgresql": {"sqlite_only", "once"}}
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
NO_SKIPS = os.environ.get("PROVOST_NO_SKIPS") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that say nothing about the database at hand."""
    left_out = [item for item in items if LEFT_OUT[connection.vendor] & {mark.name for mark in item.iter_markers()}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test into a failure where nothing may be skipped."""
    return refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into a failure where nothing may be skipped."""
    return refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Let a report travel between processes even if its test was about text that UTF-8 cannot hold."""
    return in_utf8((yield))


def in_utf8(value: Any) -> Any:
    """Return the value with every lone surrogate in its strings written as an escape."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {in_utf8(key): in_utf8(item) for key, item in value.items()}
    return type(value)(map(in_utf8, value)) if isinstance(value, list | tuple) else value


def refuse_skip(report: Report) -> Report:
    """Return the report, failed if it says that something was skipped while PROVOST_NO_SKIPS is 1."""
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here, but this was: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _let_tests_empty_the_record() -> Iterator[None]:
    """Lift, while SQLite's tables are emptied between tests, what keeps deeds from being deleted."""
    operations = type(connection.ops)
    empty = operations.execute_sql_flush

    def empty_all(self: Any, statements: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_kept' ESCAPE '\\'"
            )
            kept = cursor.fetchall()
        lifted = [f"DROP TRIGGER {name}" for name, _ in kept]
        empty(self, [*lifted, *statements, *(statement for _, statement in kept)])

    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite":
            patch.setattr(operations, "execute_sql_flush", empty_all)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Keep what migrations lay, and end the sessions of killed processes before the test database is dropped."""
    with django_db_blocker.unblock():
        laid.put_off_duties()
        laid.restore_after_flush(laid.kept())
    yield
    if connection.vendor == "postgresql":
        connection.close()  # a test may have ended this session too
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
