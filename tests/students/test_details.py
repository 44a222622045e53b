"""Sensitive details: sealed with a key of the student's own, masked, revealed on the record, and destroyed for good."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse

from autopilot.encryption import EncryptionError
from autopilot.models import AuditEntry
from students.models import Student, StudentDetails, StudentKey
from students.models.students import NUMBER_PATTERN
from students.services import details
from students.services.details import destroy_details, enter_details, join_persons, read_details, reveal_details

pytestmark = pytest.mark.django_db
SSN = "219-09-9999"
FACTS = {"ssn": SSN, "birth_date": "2001-05-04", "races": "white,asian", "disability": "yes", "sex": "female"}


@pytest.fixture
def rosa():
    return Student.objects.create(first_name="Rosa", last_name="Diaz")


@pytest.fixture
def manager():
    return person("manager", "view_student", "view_studentdetails", "change_studentdetails", "reveal_studentdetails")


def person(name, *codenames):
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def entered(student, by, **changes):
    return enter_details(student, facts=FACTS | changes, by=by)


def raw():
    with connection.cursor() as cursor:
        cursor.execute("SELECT ssn, birth_date, races, disability FROM students_studentdetails")
        return " ".join(cursor.fetchone())


def test_the_identifier_is_ours(rosa):
    assert rosa.number.isalnum()
    assert len(rosa.number) == 12
    assert Student.objects.filter(number__regex=NUMBER_PATTERN).exists()


def test_it_seals_every_column(rosa, manager):
    entered(rosa, manager)

    stored = raw()
    assert stored.count("v1:own:") == 4
    assert not [text for text in ("219099999", "2001", "white", "yes") if text in stored]


def test_it_keeps_what_is_left_blank(rosa, manager):
    entered(rosa, manager)
    enter_details(rosa, facts={"sex": "", "justice": "no"}, by=manager)

    found = read_details([rosa.pk], purpose="test", by=manager)[rosa.pk]
    assert (found.ssn, found.sex, found.justice, found.races) == ("219099999", "female", "no", ("asian", "white"))
    assert str(found.birth_date) == "2001-05-04"
    assert "219" not in repr(found)


@pytest.mark.parametrize(
    ("name", "text"),
    [("ssn", "000-12-3456"), ("ssn", "666121234"), ("ssn", "900121234"), ("ssn", "123004567"), ("ssn", "12345"),
     ("ssn", "١٢٣٤٥٦٧٨٩"), ("birth_date", "2001-02-30"), ("birth_date", "1850-01-01"), ("races", "white,blue"),
     ("races", "white,undisclosed"), ("sex", "both?"), ("disability", "maybe"), ("unknown", "what?")],
)  # fmt: skip
def test_it_refuses_what_cannot_be(rosa, manager, name, text):
    with pytest.raises(ValidationError) as refusal:
        enter_details(rosa, facts={"sex": "male", name: text}, by=manager)

    assert list(refusal.value.message_dict) == [name]
    assert text not in str(refusal.value)
    assert not StudentDetails.objects.exists()


def test_it_masks_all_but_the_last_four(rosa, manager):
    shown = dict(details.masked(entered(rosa, manager)))

    assert shown["Social Security number"] == "•••-••-9999"
    assert (shown["Disability"], shown["Work authorization"]) == ("On file", "Not asked yet")


def test_who_declines_the_number_has_none(rosa, manager):
    entered(rosa, manager)
    row = enter_details(rosa, facts={}, by=manager, ssn_declined=True)

    assert dict(details.masked(row))["Social Security number"] == "Declined"
    assert (row.ssn, row.ssn_index) == ("", "")


def test_each_reveal_is_recorded_with_its_reason(rosa, manager):
    row = entered(rosa, manager)

    assert reveal_details(row, names=["ssn", "x"], reason="Wage match", by=manager) == {"ssn": "219099999"}

    entry = AuditEntry.objects.get(name="students.details.revealed")
    assert (entry.actor, entry.subject_id, entry.data) == (
        manager,
        str(rosa.pk),
        {"fields": ["ssn"], "reason": "Wage match"},
    )


@pytest.mark.parametrize(("names", "reason", "code"), [(["ssn"], " ", "no_reason"), ([], "x", "nothing")])
def test_it_reveals_nothing_without_a_reason(rosa, manager, names, reason, code):
    row = entered(rosa, manager)

    with pytest.raises(ValidationError) as refusal:
        reveal_details(row, names=names, reason=reason, by=manager)

    assert [each.code for each in refusal.value.error_dict.popitem()[1]] == [code]
    assert not AuditEntry.objects.filter(name="students.details.revealed").exists()


def test_the_record_of_deeds_tells_none_of_it(rosa, manager):
    reveal_details(entered(rosa, manager), names=["ssn", "birth_date"], reason="x", by=manager)
    read_details([rosa.pk], purpose="pirl.export", by=None)

    told = " ".join(str(entry.data) for entry in AuditEntry.objects.filter(name__startswith="students.details"))
    assert "pirl.export" in told
    assert not [text for text in ("219", "9999", "2001-05", "female", "asian") if text in told]


def test_only_who_may_enters_and_reveals(rosa, manager):
    row, reader = entered(rosa, manager), person("reader", "view_studentdetails")

    for deed in (
        lambda: entered(rosa, reader),
        lambda: reveal_details(row, names=["ssn"], reason="x", by=reader),
        lambda: destroy_details(rosa, reason="x", by=reader),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_what_was_destroyed_opens_nowhere(rosa, manager):
    entered(rosa, manager)
    copy = StudentDetails.objects.values().get()

    assert destroy_details(rosa, reason="Kept long enough.", by=manager)
    assert not destroy_details(rosa, reason="Again.", by=manager)

    with connection.cursor() as cursor:  # as a copy of the row that was made before would stand
        cursor.execute("UPDATE students_studentdetails SET birth_date = %s", [copy["birth_date"]])
    with pytest.raises(EncryptionError, match="destroyed"):
        _ = StudentDetails.objects.get().birth_date
    assert read_details([rosa.pk], purpose="x", by=None) == {}
    with pytest.raises(ValidationError, match="cannot be brought back"):
        entered(rosa, manager)


def test_a_student_s_key_opens_nothing_of_another(rosa, manager):
    entered(rosa, manager)
    other = Student.objects.create(first_name="Ann", last_name="Lee")
    entered(other, manager, ssn="219-09-8888")

    keys = [key.secret for key in StudentKey.objects.all()]
    assert len(set(keys)) == 2


def test_the_same_number_is_found_and_joined(rosa, manager):
    entered(rosa, manager)
    again = Student.objects.create(first_name="Rosita", last_name="Diaz")
    row = entered(again, manager)
    assert list(details.same_number(row)) == [rosa]

    join_persons(again, rosa, by=manager)

    again.refresh_from_db()
    assert again.number == rosa.number
    assert not details.same_number(StudentDetails.objects.get(pk=again.pk)).exists()
    with pytest.raises(ValidationError, match="do not have the same"):
        join_persons(again, Student.objects.create(first_name="A", last_name="B"), by=manager)


# --- The page ---------------------------------------------------------------------------------------------------------


def page(client, student, deed="", **sent):
    address = reverse(f"admin:student_details{deed}", args=[student.pk])
    return client.post(address, sent) if deed else client.get(address)


def test_staff_enter_and_reveal_on_a_page_of_its_own(client, rosa, manager):
    client.force_login(manager)
    assert "Not asked yet" in page(client, rosa).content.decode()

    assert page(client, rosa, "_enter", ssn="1").status_code == 422
    assert page(client, rosa, "_enter", **FACTS | {"races": ["white", "asian"]}).status_code == 302
    shown = page(client, rosa)
    assert "•••-••-9999" in shown.content.decode()
    assert "219-09" not in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]


def test_what_is_revealed_leaves_by_itself(client, rosa, manager):
    entered(rosa, manager)
    client.force_login(manager)
    assert page(client, rosa, "_reveal", names=["ssn"]).status_code == 422

    shown = page(client, rosa, "_reveal", names=["ssn", "races"], reason="Wage match")

    assert "219-09-9999" in shown.content.decode()
    assert "Asian, White" in shown.content.decode()
    assert shown["Refresh"].startswith("120; url=")
    assert "no-store" in shown["Cache-Control"]


def test_the_same_person_is_joined_on_the_page(client, rosa, manager):
    entered(rosa, manager)
    again = Student.objects.create(first_name="Rosita", last_name="Diaz")
    entered(again, manager)
    client.force_login(manager)
    assert "The same person" in page(client, again).content.decode()

    for other in ("x", again.pk, rosa.pk):
        assert page(client, again, "_join", other=other).status_code == 302

    again.refresh_from_db()
    assert again.number == rosa.number


def test_no_list_or_page_beside_it_tells_of_them(client, rosa, manager):
    entered(rosa, manager)
    client.force_login(manager)
    client.get(reverse("admin:students_student_changelist"))
    for address in ("changelist", "change"):
        found = client.get(reverse(f"admin:students_student_{address}", args=[rosa.pk] if address == "change" else []))
        assert "9999" not in found.content.decode()


def test_who_may_not_sees_no_page(client, rosa, manager):
    entered(rosa, manager)
    client.force_login(person("reader", "view_student"))
    assert page(client, rosa).status_code == 403
    assert (
        reverse("admin:student_details", args=[rosa.pk])
        not in client.get(reverse("admin:students_student_change", args=[rosa.pk])).content.decode()
    )

    client.force_login(person("viewer", "view_student", "view_studentdetails"))
    assert page(client, rosa).status_code == 200
    for deed in ("_enter", "_join"):
        assert page(client, rosa, deed, sex="male").status_code == 403
