"""Case notes: with the least that evidence must say, sealed, never changed, and corrected by another."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from students.models import CaseNote, Student
from students.services.case_notes import Note, text_of, write_case_note
from students.services.details import destroy_details
from tests.programs.conftest import permissions, staff_member

pytestmark = pytest.mark.django_db
SAID = {"subject": "Employment in Q2", "status": "Employed", "obtained_on": date(2026, 1, 5), "staff_name": "Ada Stone"}


@pytest.fixture
def rosa():
    return Student.objects.create(first_name="Rosa", last_name="Diaz")


@pytest.fixture
def manager():
    user = staff_member("manager")
    user.user_permissions.set(permissions("add_casenote", "view_casenote", "change_studentdetails", "view_student"))
    return user


def written(student, by, corrects=None, **changes):
    said: dict[str, Any] = SAID | {"text": "Works at the docks."} | changes
    return write_case_note(student, Note(**said), by=by, corrects=corrects)


@pytest.mark.parametrize("missing", ["subject", "status", "staff_name"])
def test_it_says_the_least(rosa, manager, missing):
    with pytest.raises(ValidationError) as refusal:
        written(rosa, manager, **{missing: " "})

    assert refusal.value.code == missing
    assert not CaseNote.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"), [({"obtained_on": date(2999, 1, 1)}, "obtained_on"), ({"text": "x" * 8001}, "text")]
)
def test_it_refuses_what_does_not_fit(rosa, manager, changes, code):
    with pytest.raises(ValidationError) as refusal:
        written(rosa, manager, **changes)

    assert refusal.value.code == code


def test_its_text_is_sealed_and_goes_with_the_key(rosa, manager):
    note = written(rosa, manager)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM students_casenote")
        assert "docks" not in cursor.fetchone()[0]
    assert text_of(CaseNote.objects.get()) == "Works at the docks."

    destroy_details(rosa, reason="Kept long enough.", by=manager)

    assert text_of(CaseNote.objects.get()) == "Destroyed with the student’s key."
    with pytest.raises(ValidationError, match="destroyed for good"):
        written(rosa, manager)
    assert note.status == "Employed"


def test_it_is_never_changed_but_corrected_once(rosa, manager):
    note = written(rosa, manager)
    for deed in (CaseNote.objects.all().delete, lambda: CaseNote.objects.update(status="x")):
        with pytest.raises(DatabaseError, match=r"never (changed|deleted)"), transaction.atomic():
            deed()

    assert written(rosa, manager, corrects=note).corrects == note
    with pytest.raises(ValidationError, match="corrected already"):
        written(rosa, manager, corrects=note)
    with pytest.raises(ValidationError, match="somebody else"):
        written(Student.objects.create(first_name="Ann", last_name="Lee"), manager, corrects=note)


def test_only_who_may_writes_and_reads(client, rosa, manager):
    note = written(rosa, manager)
    reader = staff_member("reader")
    with pytest.raises(PermissionDenied):
        written(rosa, reader)

    client.force_login(reader)
    assert client.get(f"/admin/students/casenote/{note.pk}/change/").status_code in (302, 403)


def test_staff_write_and_correct_one_in_the_office(client, rosa, manager):
    client.force_login(manager)
    sent = SAID | {"obtained_on": "2026-01-05", "text": "Works at the docks."}
    add = f"/admin/students/casenote/add/?student={rosa.pk}"
    assert client.get(add).status_code == 200
    assert client.get("/admin/students/casenote/add/?student=x").status_code == 404
    assert client.post(add, sent | {"status": ""}).status_code == 422

    page = client.post(add, sent)["Location"]

    assert "Works at the docks." in client.get(page).content.decode()
    note = CaseNote.objects.get()
    assert (
        client.post(f"/admin/students/casenote/{note.pk}/correct/", sent | {"status": "Not employed"}).status_code
        == 302
    )
    assert CaseNote.objects.get(corrects=note).status == "Not employed"
    assert "docks" not in client.get("/admin/students/casenote/").content.decode()
