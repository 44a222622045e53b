"""Rosters: read and shown, then imported whole or not at all, and the second time nothing changes."""

import tracemalloc

import pytest
from django.core.exceptions import ValidationError

from autopilot.models import AuditEntry, Job, JobStatus, OutboxMessage
from autopilot.testing import replayed, run_jobs
from programs.models import Cohort, Mou
from students.models import Enrollment, EnrollmentStatus, RosterImport, RosterOutcome, RosterRow, RosterStatus, Student
from students.services import rosters
from students.services.enrollments import enroll, withdraw
from students.services.rosters import confirm_roster, read_roster
from tests.students.samples import ROSA, cohort, coordinator, school, student

pytestmark = pytest.mark.django_db
HEADING = "First name,Last name,E-mail,Phone,Funding,Reference"
GOOD = [
    "Rosa,Diaz,Rosa.Diaz@example.org,317-555-0111,,R-1",
    "Ann,Lee,,,self_pay,R-2",
    "José,O’Neil,jose@example.org,'+1 317 555 0112,The student,",
]


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def clerk(spring):
    return coordinator(spring.program.holder)


def csv(*rows, heading=HEADING):
    return "\n".join([heading, *rows]).encode()


def shown(spring, clerk, *rows, **more):
    return read_roster(spring, content=csv(*rows, **more), file_name="roster.csv", by=clerk)


def many(count):
    return [f"Ann{number},Lee,ann{number}@example.org,,," for number in range(count)]


def problems(roster):
    return {row.line: [each["column"] for each in row.problems] for row in roster.rows.filter(outcome="faulty")}


def test_it_shows_before_it_changes_anything(spring, clerk):
    roster = shown(spring, clerk, *GOOD)

    assert (roster.status, roster.total, roster.new, roster.faulty) == (RosterStatus.SHOWN, 3, 3, 0)
    assert not Enrollment.objects.exists()


def test_it_imports_what_was_shown(spring, clerk):
    roster = shown(spring, clerk, *GOOD)

    confirm_roster(roster, by=clerk)

    found = Enrollment.objects.order_by("student__first_name").select_related("student")
    assert [each.student.full_name for each in found] == ["Ann Lee", "José O’Neil", "Rosa Diaz"]
    assert {(each.status, each.holder_id, each.accepted_by_id) for each in found} == {
        (EnrollmentStatus.ACCEPTED, roster.holder_id, clerk.pk)
    }
    assert [each.funding for each in found] == ["self_pay", "self_pay", "wioa"]
    assert found[1].student.phone == "+1 317 555 0112"
    assert found[2].student.email == "rosa.diaz@example.org"
    assert [each.status_changes.get().to_status for each in found] == ["accepted"] * 3
    assert (roster.status, roster.new, RosterRow.objects.count()) == (RosterStatus.IMPORTED, 3, 0)
    assert AuditEntry.objects.get(name="students.roster.imported").data == {"new": 3, "known": 0}
    assert OutboxMessage.objects.filter(topic=rosters.IMPORTED).count() == 1


def test_the_second_time_nothing_changes(spring, clerk):
    confirm_roster(shown(spring, clerk, *GOOD), by=clerk)
    before = list(Enrollment.objects.values()), list(Student.objects.values())

    again = shown(spring, clerk, *GOOD)
    assert (again.new, again.known) == (0, 3)
    confirm_roster(again, by=clerk)

    assert (list(Enrollment.objects.values()), list(Student.objects.values())) == before
    assert (again.new, again.known) == (0, 3)


def test_it_knows_a_student_of_another_cohort_again(spring, clerk):
    first = enroll(cohort(spring.program.holder, "Fall"), student=ROSA, by=clerk)
    enroll(cohort(school(ein="35-7654321")), student=student(9, email="jose@example.org"), by=None)

    confirm_roster(shown(spring, clerk, *GOOD), by=clerk)

    assert Enrollment.objects.get(cohort=spring, reference="R-1").student == first.student
    assert Student.objects.filter(email="jose@example.org").count() == 2  # the other belongs to another holder


def test_who_has_withdrawn_may_come_back(spring, clerk):
    gone = enroll(spring, student=ROSA, by=clerk)
    withdraw(gone, reason="Moved.", by=clerk)

    confirm_roster(shown(spring, clerk, GOOD[0]), by=clerk)

    assert Enrollment.objects.filter(cohort=spring, student=gone.student, status="accepted").count() == 1


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        (",Lee,a@example.org,,,", ["First name"]),
        ("Ann," + "x" * 81 + ",a@example.org,,,", ["Last name"]),
        ("Ann,Lee,nobody,,,", ["E-mail"]),
        ("Ann,Lee,,,,", ["E-mail"]),
        ("Ann,Lee,a@example.org," + "1" * 25 + ",,", ["Phone"]),
        ("Ann,Lee,a@example.org,,gold,", ["Funding"]),
        ("Ann,Lee,,,," + "r" * 121, ["Reference"]),
        ('=HYPERLINK("http://x"),Lee,a@example.org,,,', ["First name"]),
        (",,nobody,,,", ["First name", "Last name", "E-mail"]),
        ("Ann,Lee,rosa.diaz@example.org,,,R-9", ["E-mail"]),
        ("Ann,Lee,other@example.org,,,R-1", ["Reference"]),
    ],
)
def test_it_names_line_and_column_of_what_is_wrong_and_imports_nothing(spring, clerk, row, columns):
    roster = shown(spring, clerk, GOOD[0], row)

    assert problems(roster) == {3: columns}
    assert all(len(each["text"]) > 10 for each in roster.rows.get(line=3).problems)
    with pytest.raises(ValidationError) as refusal:
        confirm_roster(roster, by=clerk)
    assert refusal.value.code == "roster_faulty"
    assert not Student.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "size"),
        (b"\n\n", "empty"),
        (HEADING.encode(), "empty"),
        (b"First name,E-mail\nAnn,a@example.org", "columns"),
        (b"First name,Last name\nAnn,Lee", "columns"),
        ("First name,Last name,E-mail\nJos\xe9,x,y".encode("latin-1"), "encoding"),
    ],
)
def test_it_says_what_is_wrong_with_a_file(spring, clerk, content, code):
    with pytest.raises(ValidationError) as refusal:
        read_roster(spring, content=content, file_name="roster.csv", by=clerk)

    assert refusal.value.code == code
    assert not RosterImport.objects.exists()


def test_it_reads_columns_in_any_order_and_names_those_it_does_not(spring, clerk):
    roster = shown(spring, clerk, "123-45-6789,lee,ann,a@example.org", heading="SSN,surname,FIRST_NAME,email")

    assert roster.ignored_columns == ["SSN"]
    assert (roster.rows.get().first_name, roster.rows.get().last_name) == ("ann", "lee")


def test_it_imports_nothing_beyond_the_seats(clerk, spring):
    Cohort.objects.update(capacity=2)
    roster = shown(spring, clerk, *GOOD)

    with pytest.raises(ValidationError) as refusal:
        confirm_roster(roster, by=clerk)

    assert refusal.value.code == "cohort_full"
    assert "3 are needed" in refusal.value.messages[0]
    assert not Student.objects.exists()
    assert RosterImport.objects.get().status == RosterStatus.SHOWN


def test_it_takes_no_roster_without_an_executed_mou(spring, clerk):
    roster = shown(spring, clerk, *GOOD)
    Mou.objects.update(status="terminated")

    for deed in (lambda: shown(spring, clerk, *GOOD), lambda: confirm_roster(roster, by=clerk)):
        with pytest.raises(ValidationError) as refusal:
            deed()
        assert refusal.value.code == "mou_not_executed"
    assert not Student.objects.exists()


def test_a_roster_is_confirmed_once_and_replaced_by_the_next(spring, clerk):
    first, second = shown(spring, clerk, *GOOD), shown(spring, clerk, GOOD[0])

    with pytest.raises(ValidationError, match="replaced"):
        confirm_roster(first, by=clerk)
    confirm_roster(second, by=clerk)
    with pytest.raises(ValidationError, match="confirmed"):
        confirm_roster(second, by=clerk)

    assert Enrollment.objects.count() == 1


def test_a_long_roster_is_a_job_that_tells_how_far_it_is(spring, clerk):
    Cohort.objects.update(capacity=2_000)
    roster = shown(spring, clerk, *many(1_200))
    confirm_roster(roster, by=clerk)
    assert (roster.status, Enrollment.objects.count()) == (RosterStatus.IMPORTING, 0)

    assert rosters.check_batch(roster.pk, 0) == RosterImport.objects.get().checked == 500
    assert run_jobs() == [("roster.import", "completed")]

    roster.refresh_from_db()
    assert (roster.status, roster.new, roster.checked) == (RosterStatus.IMPORTED, 1_200, 1_200)
    assert Enrollment.objects.filter(cohort=spring, status="accepted").count() == 1_200
    assert rosters.import_roster(roster.pk) == {"new": 1_200, "known": 0}


def test_its_steps_may_be_run_again(spring, clerk, monkeypatch):
    monkeypatch.setattr(rosters, "AT_ONCE", 0)
    confirm_roster(shown(spring, clerk, *GOOD), by=clerk)

    endings = replayed(Job.objects.get(kind="roster.import"))

    assert endings[-1] == "completed"
    assert Enrollment.objects.count() == 3


def test_a_job_that_cannot_be_done_says_why(spring, clerk, monkeypatch):
    monkeypatch.setattr(rosters, "AT_ONCE", 0)
    confirm_roster(shown(spring, clerk, *GOOD), by=clerk)
    Cohort.objects.update(capacity=1)

    run_jobs()

    roster = RosterImport.objects.get()
    assert (roster.status, RosterRow.objects.count(), Student.objects.count()) == (RosterStatus.FAILED, 0, 0)
    assert "has 1 seats" in roster.problem
    assert Job.objects.get(kind="roster.import").status == JobStatus.FAILED


def test_its_memory_does_not_grow_with_the_rows(spring, clerk, monkeypatch):
    Cohort.objects.update(capacity=10_000)
    monkeypatch.setattr(rosters, "AT_ONCE", 0)
    peaks = []
    for count in (500, 2_000):
        roster = shown(spring, clerk, *many(count))
        confirm_roster(roster, by=clerk)
        tracemalloc.start()
        rosters.import_roster(roster.pk)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert Enrollment.objects.count() == 2_000
    assert peaks[1] < 2 * peaks[0] + 2_000_000


def test_an_import_that_nobody_confirmed_is_gone_with_the_next(spring, clerk):
    shown(spring, clerk, *GOOD)
    last = shown(spring, clerk, *GOOD)

    assert RosterImport.objects.get() == last
    assert set(RosterRow.objects.values_list("outcome", flat=True)) == {RosterOutcome.NEW}
