"""Templates that staff write: drafted, approved by another person, in force from a day on, then never changed."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from autopilot import clock, document_types
from autopilot.document_types import recipes, versions
from autopilot.documents import archive, process
from autopilot.documents.limits import Limits
from autopilot.documents.process import Renderer
from autopilot.models import AuditEntry, TemplateStatus, TemplateVersion
from tests.autopilot.document_types.conftest import SAMPLE
from tests.autopilot.documents.samples import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kind")]
TENANT = uuid4()
SOURCE = "<h1>{{ title }}</h1><p>Second edition for {{ name }}</p>"


def person(name: str, *deeds: str) -> User:
    user = User.objects.create_user(name, is_staff=True)
    codenames = [f"{deed}_templateversion" for deed in deeds]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def author() -> User:
    return person("author", "view", "add", "change", "approve")


@pytest.fixture
def second() -> User:
    return person("second", "view", "add", "change", "approve")


@pytest.fixture
def version(author) -> TemplateVersion:
    return versions.draft("slip", SOURCE, note="Shorter", by=author)


def approve(version: TemplateVersion, by: User, *, effective_on: date | None = None, revision: int = 1) -> None:
    day = effective_on or clock.today()
    versions.approve(version, revision=revision, effective_on=day, by=by, reason="Read it.")
    version.refresh_from_db()


def produced(created=None):
    return document_types.produce("slip", SAMPLE, title="Slip 7", tenant_id=TENANT, created=created or clock.now())


def test_it_keeps_a_draft_with_what_it_prints(version, author):
    assert (version.slug, version.number, version.status, version.revision) == ("slip", 1, "draft", 1)
    assert "Second edition for Łukasz & Nguyễn" in text_of(bytes(version.preview))
    assert AuditEntry.objects.get(name="autopilot.templateversion.drafted").actor == author


def test_it_numbers_the_versions_of_a_type(version, second):
    assert versions.draft("slip", SOURCE, note="Again", by=second).number == 2


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<h1>x</h1>\n{% include 'x' %}", "Line 2: There is no tag {% include %}"),
        ("<h1>x</h1>{{ salary }}", "There is no field “salary”"),
        ("<h1>李</h1>", "Our fonts do not have these characters"),
        ("<h1>x</h1>" + "<p class='break'>x</p>" * 80, "pages; 60 are allowed"),
    ],
)
def test_it_keeps_no_draft_that_is_refused(author, source, reason):
    with pytest.raises(ValidationError) as refusal:
        versions.draft("slip", source, note="x", by=author)

    assert reason in refusal.value.message_dict["source"][0]
    assert not TemplateVersion.objects.exists()


BOMBS = {
    "thousands of pages": "<p class='break'>x</p>" * 2600,
    "an endless word": f"<table><tbody><tr><td>{'x' * 55000}</td></tr></tbody></table>",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_it_keeps_no_draft_whose_layout_takes_too_long(author, bomb, monkeypatch):
    renderer = Renderer(Limits(wall_seconds=60, cpu_seconds=1))
    monkeypatch.setattr(process, "trial", renderer)

    with pytest.raises(ValidationError) as refusal:
        versions.draft("slip", f"<h1>x</h1>{bomb}", note="x", by=author)

    renderer.close()
    assert "given up after 1 s of processor time" in refusal.value.message_dict["source"][0]
    assert not TemplateVersion.objects.exists()


def test_it_asks_what_is_new(author):
    with pytest.raises(ValidationError) as refusal:
        versions.draft("slip", SOURCE, note=" ", by=author)

    assert "note" in refusal.value.message_dict


def test_its_author_revises_a_draft(version, author, second):
    versions.revise(version, SOURCE + "<p>More</p>", note="Longer", revision=1, by=author)

    version.refresh_from_db()
    assert (version.revision, version.note) == (2, "Longer")
    assert "More" in text_of(bytes(version.preview))
    with pytest.raises(ValidationError, match="changed meanwhile"):
        versions.revise(version, SOURCE, note="Late", revision=1, by=author)
    with pytest.raises(ValidationError, match="Only its author"):
        versions.revise(version, SOURCE, note="Mine", revision=2, by=second)


def test_another_person_approves_what_was_seen(version, author, second):
    with pytest.raises(ValidationError, match="another person must"):
        approve(version, author)
    with pytest.raises(ValidationError, match="changed meanwhile"):
        approve(version, second, revision=2)
    with pytest.raises(ValidationError, match="days that are over"):
        approve(version, second, effective_on=clock.today() - timedelta(days=1))

    approve(version, second)

    assert (version.status, version.approved_by, version.effective_on) == ("approved", second, clock.today())
    assert AuditEntry.objects.get(name="autopilot.templateversion.approved").data["reason"] == "Read it."


def test_the_database_refuses_that_the_author_approves(version, author):
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.filter(pk=version.pk).update(approved_by=author)


@pytest.mark.parametrize(
    "change",
    [{"source": "<h1>Forged</h1>"}, {"effective_on": date(2020, 1, 1)}, {"preview": b"x"}, {"approved_at": None}],
)
def test_the_database_refuses_to_change_what_was_approved(version, second, change):
    approve(version, second)

    with pytest.raises(DatabaseError), transaction.atomic():
        TemplateVersion.objects.filter(pk=version.pk).update(**change)


def test_the_database_refuses_to_delete_a_version(version):
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        TemplateVersion.objects.filter(pk=version.pk).delete()


def test_documents_are_made_by_the_version_in_force_on_their_day(version, second):
    today = clock.today()
    approve(version, second, effective_on=today + timedelta(days=2))

    assert recipes.in_force("slip", today) is None
    assert recipes.in_force("slip", today + timedelta(days=2)) == version
    assert "Second edition" not in text_of(archive.read(produced()))
    later = produced(clock.now() + timedelta(days=3))
    assert "Second edition" in text_of(archive.read(later))
    assert (later.template, later.snapshot["version"]) == ("slip, version 1", str(version.pk))


def test_the_version_that_began_last_is_in_force(version, author, second):
    newer = versions.draft("slip", SOURCE, note="Newer", by=author)
    approve(newer, second)
    approve(version, second)

    assert recipes.in_force("slip", clock.today()) == newer


def test_a_retired_version_makes_no_more_documents_and_the_old_ones_again(version, second):
    approve(version, second)
    document = produced()

    versions.retire(version, by=second, reason="A mistake in section 2.")

    assert recipes.in_force("slip", clock.today()) is None
    assert document_types.reproduce(document) == archive.read(document)
    with pytest.raises(ValidationError, match="retired already"):
        versions.retire(version, by=second, reason="Again.")
    version.refresh_from_db()
    assert version.status == TemplateStatus.RETIRED


def test_a_draft_can_be_withdrawn(version, second):
    versions.retire(version, by=second, reason="Not needed.")

    with pytest.raises(ValidationError, match="changed meanwhile"):
        approve(version, second)


def test_it_asks_for_the_right(version):
    reader = person("reader", "view")

    for deed in (
        lambda: versions.draft("slip", SOURCE, note="x", by=reader),
        lambda: versions.revise(version, SOURCE, note="x", revision=1, by=reader),
        lambda: approve(version, reader),
        lambda: versions.retire(version, by=reader, reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            deed()
