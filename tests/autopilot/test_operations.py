"""Operations of migrations: safe to run twice, safe to interrupt, and beside people who write on PostgreSQL."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext

from autopilot.operations import AddConstraint, AddIndex, RemoveIndex, RunInBatches, StepwiseMigration
from config.management.commands.migrate import short_waits

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = "post_parcel"
PARCEL = migrations.CreateModel(
    "parcel",
    [("id", models.BigAutoField(primary_key=True)), ("number", models.IntegerField()), ("note", models.TextField())],
    {"indexes": [models.Index(fields=["note"], name="parcel_note")]},
)
POSITIVE = AddConstraint("parcel", models.CheckConstraint(condition=Q(number__gt=0), name="parcel_number_positive"))
ONCE = AddConstraint("parcel", models.UniqueConstraint(fields=["number"], name="parcel_number_once"))
ONCE_IF_NOTED = AddConstraint(
    "parcel", models.UniqueConstraint(fields=["note"], condition=~Q(note=""), name="parcel_note_once")
)
BY_NUMBER = AddIndex("parcel", models.Index(fields=["number"], name="parcel_number"))


def migrate(*operations: Any) -> Any:
    """Run operations in a migration of their own, after the one that makes the table; returns the model after them."""
    state = ProjectState()
    for number, each in enumerate(([PARCEL], operations)):
        migration = type("Migration", (StepwiseMigration,), {"operations": each})(f"000{number}", "post")
        with connection.schema_editor(atomic=migration.atomic) as editor:
            state = migration.apply(state, editor)
    return state.apps.get_model("post", "parcel")


def constraints() -> dict[str, Any]:
    """Return what the database knows of constraints and indexes of the table."""
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, TABLE)


@pytest.fixture(autouse=True)
def table():
    """Make the table, and drop it in the end."""
    migrate()
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


def test_it_leaves_alone_what_is_done_already():
    weight = migrations.AddField("parcel", "weight", models.IntegerField(db_default=1))
    operations = [weight, BY_NUMBER, RemoveIndex("parcel", "parcel_note"), POSITIVE, ONCE, ONCE_IF_NOTED]

    migrate(*operations)
    parcel = migrate(*operations)

    assert {"parcel_number", "parcel_number_positive", "parcel_number_once", "parcel_note_once"} <= set(constraints())
    assert "parcel_note" not in constraints()
    assert parcel.objects.create(number=1, note="").weight == 1


def test_it_goes_on_where_it_was_interrupted():
    told = []

    def be_interrupted(apps: Any, editor: Any) -> None:
        told.append(set(constraints()))
        if len(told) == 1:
            raise KeyboardInterrupt

    operations = [BY_NUMBER, migrations.RunPython(be_interrupted), POSITIVE]
    with pytest.raises(KeyboardInterrupt):
        migrate(*operations)
    assert "parcel_number_positive" not in constraints()

    migrate(*operations)

    assert told[0] == told[1] >= {"parcel_number"}
    assert "parcel_number_positive" in constraints()


def test_it_undoes_the_one_step_that_fails():
    def write_and_fail(apps: Any, editor: Any) -> None:
        apps.get_model("post", "parcel").objects.create(number=1, note="")
        raise LookupError

    with pytest.raises(LookupError):
        migrate(migrations.RunPython(write_and_fail))

    assert not migrate().objects.exists()


@pytest.mark.parametrize("unique", [ONCE, ONCE_IF_NOTED])
def test_it_refuses_a_second_row_of_the_same_key(unique):
    parcel = migrate(unique)
    parcel.objects.create(number=1, note="fragile")

    with pytest.raises(IntegrityError):
        parcel.objects.create(number=1, note="fragile")


@pytest.mark.postgresql_only
@pytest.mark.parametrize("unique", [ONCE, ONCE_IF_NOTED])
def test_it_takes_away_what_an_interrupted_build_left(unique):
    parcel = migrate()
    second = [parcel.objects.create(number=1, note="fragile") for _ in range(2)][1]
    with pytest.raises(IntegrityError):
        migrate(unique)
    assert unique.constraint.name in constraints()
    second.delete()

    migrate(unique)

    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [unique.constraint.name])
        assert cursor.fetchall() == [(True,)]


@pytest.mark.postgresql_only
def test_it_holds_new_rows_to_a_check_that_old_ones_break():
    parcel = migrate()
    wrong = parcel.objects.create(number=-1, note="")
    with pytest.raises(IntegrityError):
        migrate(POSITIVE)
    with pytest.raises(IntegrityError):
        parcel.objects.create(number=-2, note="")
    wrong.delete()

    migrate(POSITIVE)

    with connection.cursor() as cursor:
        cursor.execute("SELECT convalidated FROM pg_constraint WHERE conname = 'parcel_number_positive'")
        assert cursor.fetchall() == [(True,)]


@pytest.mark.postgresql_only
def test_it_waits_without_limit_only_for_what_holds_up_nobody():
    with short_waits(connection), CaptureQueriesContext(connection) as told:
        migrate(BY_NUMBER, POSITIVE, RemoveIndex("parcel", "parcel_note"), ONCE)

    limits = {"SET lock_timeout = 0": "none", "SELECT set_config('lock_timeout', '400ms', false)": "short"}
    limit, under = "short", []
    for query in told.captured_queries:
        limit = limits.get(query["sql"], limit)
        if query["sql"].startswith(("CREATE", "DROP", "ALTER")):
            under.append((limit, query["sql"].split(" ON ")[0].split(" CHECK ")[0]))
    assert under == [
        ("none", 'CREATE INDEX CONCURRENTLY "parcel_number"'),
        ("short", f'ALTER TABLE "{TABLE}" ADD CONSTRAINT "parcel_number_positive"'),
        ("none", f'ALTER TABLE "{TABLE}" VALIDATE CONSTRAINT "parcel_number_positive"'),
        ("none", 'DROP INDEX CONCURRENTLY IF EXISTS "parcel_note"'),
        ("none", 'CREATE UNIQUE INDEX CONCURRENTLY "parcel_number_once"'),
        ("short", f'ALTER TABLE "{TABLE}" ADD CONSTRAINT "parcel_number_once" UNIQUE USING INDEX "parcel_number_once"'),
    ]


def test_it_changes_rows_in_batches_and_only_those_that_are_left():
    parcel = migrate()
    parcel.objects.bulk_create(parcel(number=number, note="done" if number < 3 else "") for number in range(10))

    with CaptureQueriesContext(connection) as told:
        migrate(RunInBatches("parcel", Q(note=""), {"note": "checked", "number": F("number") + 100}, size=3))

    assert sum(query["sql"].startswith("UPDATE") for query in told.captured_queries) == 3
    assert list(parcel.objects.order_by("pk").values_list("number", flat=True)) == [0, 1, 2, *range(103, 110)]


def test_it_keeps_the_batches_that_were_done_before_an_interruption():
    parcel = migrate(POSITIVE)
    parcel.objects.bulk_create(parcel(number=number, note="") for number in (4, 5, 6, 1))
    less = RunInBatches("parcel", Q(note=""), {"note": "less", "number": F("number") - 1}, size=2)
    with pytest.raises(IntegrityError):
        migrate(less)
    parcel.objects.filter(number=1).update(number=2)

    migrate(less)

    assert list(parcel.objects.order_by("pk").values_list("number", flat=True)) == [3, 4, 5, 1]


@pytest.mark.parametrize(
    "constraint",
    [
        models.UniqueConstraint(fields=["number"], name="late", deferrable=models.Deferrable.DEFERRED),
        models.UniqueConstraint(Lower("note"), name="lower"),
    ],
)
def test_it_refuses_constraints_that_would_hold_writers_up(constraint):
    with pytest.raises(TypeError, match="while rows are written"):
        AddConstraint("parcel", constraint)
