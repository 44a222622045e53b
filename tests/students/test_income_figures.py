"""Figures of low income: shipped, kept with their dates, and imported from a table whole or not at all."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from autopilot.models import AuditEntry
from students.models import IncomeFigure, LocalDefinition
from students.services.figures import figures_on, import_figures
from tests.programs.conftest import permissions, staff_member

pytestmark = pytest.mark.django_db
HEADING = "measure,place,family_size,amount,each_further_person,effective_from,effective_to,source\n"
STANDARD = 'llsil,Marion County,3,"$31,250",,2026-06-01,,91 FR 20000\n'
GUIDELINE = "poverty,hawaii,1,18360,6530,2026-01-13,,91 FR 1797\n"


@pytest.fixture
def table(tmp_path):
    """A function that writes a table and returns where it is."""

    def write(*lines, heading=HEADING):
        path = tmp_path / "figures.csv"
        path.write_text(heading + "".join(lines), encoding="utf-8")
        return str(path)

    return write


def row(**changes: Any) -> dict[str, str]:
    """Return a row of a table."""
    known = dict(
        zip(HEADING.strip().split(","), ["llsil", "North", "2", "21000", "", "2026-06-01", "", "FR"], strict=True)
    )
    return known | changes


def test_it_imports_a_table_and_knows_it_again(table, capsys):
    call_command("import_income_figures", table(STANDARD, GUIDELINE), format="json")
    call_command("import_income_figures", table(STANDARD.replace("31,250", "31,300"), GUIDELINE), format="json")

    told = capsys.readouterr().out
    limit = figures_on(date(2026, 11, 21)).limit(state="HI", area="Marion County", family_size=3, on=date(2026, 11, 21))
    assert '"new": 2' in told
    assert '"changed": 1' in told
    assert (limit.poverty, limit.standard) == (Decimal(18360 + 2 * 6530), Decimal(31300))
    assert AuditEntry.objects.filter(name="students.income_figures.imported").count() == 2


def test_it_changes_nothing_in_a_dry_run(table, capsys):
    call_command("import_income_figures", table(STANDARD), "--dry-run", format="json")

    assert '"new": 1' in capsys.readouterr().out
    assert not IncomeFigure.objects.exists()


def test_it_imports_nothing_while_a_line_is_wrong(table, capsys):
    with pytest.raises(CommandError, match="nothing is imported") as refused:
        call_command("import_income_figures", table(STANDARD, STANDARD.replace("2026-06-01", "soon")), format="csv")

    assert refused.value.returncode == 1
    assert "3,effective_from" in capsys.readouterr().out
    assert not IncomeFigure.objects.exists()


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"amount": ""}, "amount"),
        ({"amount": "much"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"family_size": "0"}, "family_size"),
        ({"family_size": ""}, "family_size"),
        ({"measure": "wealth"}, "measure"),
        ({"effective_from": "06/01/2026"}, "effective_from"),
        ({"effective_to": "2026-05-31"}, "measure"),
        ({"each_further_person": "5"}, "measure"),
        ({"measure": "poverty", "place": "north", "family_size": "1", "each_further_person": "5"}, "place"),
        ({"measure": "poverty", "place": "alaska", "family_size": "1"}, "measure"),
        ({"source": "x" * 201}, "source"),
        ({"place": "\0"}, "place"),
    ],
)
def test_it_says_what_is_wrong_with_a_line(change, column):
    result = import_figures([row(), row(**{"place": "South"} | change)], by=None, dry_run=False)

    assert {(problem.line, problem.column) for problem in result.problems} >= {(3, column)}
    assert not IncomeFigure.objects.exists()


def test_it_refuses_the_same_figure_twice():
    result = import_figures([row(), row()], by=None, dry_run=False)

    assert [problem.message for problem in result.problems] == ["The same figure stands in line 2."]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a,b\n1,2\n", b'measure,"\n'])
def test_it_refuses_what_is_no_such_table(tmp_path, content):
    path = tmp_path / "figures.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError) as refused:
        call_command("import_income_figures", str(path))
    with pytest.raises(CommandError):
        call_command("import_income_figures", str(tmp_path / "none.csv"))
    assert refused.value.returncode == 2


def test_a_figure_that_staff_keep_takes_the_place_of_the_one_that_is_shipped():
    IncomeFigure.objects.create(
        measure="poverty", place="contiguous", amount=16300, each_further_person=5800,
        effective_from=date(2027, 1, 14), source="92 FR 1",
    )  # fmt: skip

    def poverty(on):
        return figures_on(on).limit(state="IN", area=None, family_size=1, on=on).poverty

    assert (poverty(date(2027, 1, 13)), poverty(date(2027, 1, 14))) == (15960, 16300)


@pytest.mark.parametrize(
    "wrong", [{"amount": 0}, {"effective_to": date(2026, 5, 31)}, {"measure": "poverty"}, {"family_size": 0}]
)
def test_the_database_takes_no_figure_that_cannot_be(wrong):
    given = {"measure": "llsil", "place": "North", "family_size": 2, "amount": 1, "source": "FR"}

    with pytest.raises(IntegrityError), transaction.atomic():
        IncomeFigure.objects.create(**given | {"effective_from": date(2026, 6, 1)} | wrong)


def test_a_definition_ends_after_it_begins():
    definition = LocalDefinition(
        topic="additional_assistance", text="x", source="y",
        effective_from=date(2026, 6, 2), effective_to=date(2026, 6, 1),
    )  # fmt: skip

    with pytest.raises(ValidationError, match="cannot end"):
        definition.full_clean()


def test_staff_keep_figures_and_definitions_and_delete_none(client):
    user = staff_member("officer")
    names = [
        f"{deed}_{model}"
        for deed in ("view", "add", "change", "delete")
        for model in ("incomefigure", "localdefinition")
    ]
    user.user_permissions.set(permissions(*names))
    client.force_login(user)
    sent = row() | {"effective_to": ""}

    answer = client.post(reverse("admin:students_incomefigure_add"), sent)

    figure = IncomeFigure.objects.get()
    assert answer.status_code == 302
    assert AuditEntry.objects.filter(name="students.incomefigure.created", actor=user).exists()
    assert client.get(reverse("admin:students_incomefigure_changelist")).status_code == 200
    assert client.post(reverse("admin:students_incomefigure_delete", args=[figure.pk])).status_code == 403
    assert client.get(reverse("admin:students_localdefinition_add")).status_code == 200
