"""The forms staff keep: uploaded, mapped, approved by another person, and filled."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from autopilot.documents import archive
from autopilot.fillable_forms import merging, shelf
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.models import AuditEntry, EditionStatus, FieldMapping, FillableForm, FormEdition
from autopilot.tenants import NETWORK
from tests.autopilot.fillable_forms.eyes import fields_of, text_of
from tests.autopilot.fillable_forms.paper import Paper
from tests.autopilot.fillable_forms.shelves import content, mapped, offer, person, uploaded

pytestmark = pytest.mark.django_db
CONTEXT = {"test.legal_name": "Łukasz Nguyễn Welding", "test.ein": "54-1234567", "test.opened_on": date(2020, 3, 1)}


@pytest.fixture(autouse=True)
def archive_root(settings, tmp_path):
    settings.ARCHIVE_ROOT = tmp_path


@pytest.fixture
def author():
    return person("author", "add", "change", "approve")


@pytest.fixture
def second():
    return person("second", "add", "change", "approve")


@pytest.fixture
def approved(author, second):
    edition = mapped(uploaded(author), author)
    shelf.approve(edition, version=edition.version, by=second, reason="Compared.")
    edition.refresh_from_db()
    return edition


def test_it_keeps_the_agency_s_file_and_what_it_is(author):
    edition = uploaded(author)

    assert archive.read(edition.document) == content()
    assert (edition.status, edition.edition, edition.expires_on) == ("draft", "08/01/23", date(2099, 7, 31))
    assert str(edition) == "DWD: ETPL application, 08/01/23"
    assert [field.name for field in shelf.to_map(edition)] == ["name", "ein", "nonprofit", "state", "opened", "kind"]
    assert AuditEntry.objects.get(name="autopilot.formedition.uploaded").actor == author


def test_it_takes_the_same_file_for_the_same_edition(author, second):
    assert uploaded(author) == uploaded(second)
    assert FormEdition.objects.count() == FillableForm.objects.count() == 1


def test_it_keeps_no_form_that_cannot_be_filled(author):
    with pytest.raises(FormUnusable, match="no fields"):
        uploaded(author, content=Paper().content())

    assert not FormEdition.objects.exists()
    assert not FillableForm.objects.exists()


def test_it_asks_for_the_right_to_each_deed(author):
    reader = person("reader", "view")
    edition = mapped(uploaded(author), author)

    for deed in (
        lambda: uploaded(reader),
        lambda: shelf.map_fields(edition, [], among=[], by=reader),
        lambda: shelf.approve(edition, version=edition.version, by=reader, reason="x"),
        lambda: shelf.retire(edition, by=reader, reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_it_replaces_the_mappings_of_the_fields_that_were_shown(author):
    edition = mapped(uploaded(author), author)

    shelf.map_fields(edition, [shelf.Mapped("name", "test.ein")], among=["name", "ein"], by=author)

    assert {row.field: row.merge_field for row in edition.mappings.all()} == {
        "name": "test.ein",
        "opened": "test.opened_on",
    }


@pytest.mark.parametrize(
    "row",
    [
        shelf.Mapped("no such field", "test.ein"),
        shelf.Mapped("signature", "test.ein"),
        shelf.Mapped("office", "test.ein"),
        shelf.Mapped("name", "no.such.merge_field"),
        shelf.Mapped("name", "test.ein", "no_transform"),
    ],
)
def test_it_maps_only_what_is_there(author, row):
    offer()
    edition = uploaded(author)

    with pytest.raises(ValidationError):
        shelf.map_fields(edition, [row], among=["name"], by=author)

    assert not FieldMapping.objects.exists()


def test_it_takes_two_people(author, second):
    edition = mapped(uploaded(author), author)

    with pytest.raises(ValidationError, match="another person must"):
        shelf.approve(edition, version=edition.version, by=author, reason="x")
    shelf.map_fields(edition, [shelf.Mapped("name", "test.ein")], among=["name"], by=second)
    edition.refresh_from_db()
    with pytest.raises(ValidationError, match="another person must"):
        shelf.approve(edition, version=edition.version, by=second, reason="x")
    shelf.approve(edition, version=edition.version, by=author, reason="Compared.")

    edition.refresh_from_db()
    assert (edition.status, edition.edited_by, edition.approved_by) == ("approved", second, author)


def test_the_database_takes_two_people_too(author):
    edition = uploaded(author)

    for fields in ({"approved_by": author}, {"status": EditionStatus.APPROVED}, {"status": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FormEdition.objects.filter(pk=edition.pk).update(**fields)


def test_it_approves_nothing_that_is_not_mapped_or_was_changed_meanwhile(author, second):
    edition = uploaded(author)

    with pytest.raises(ValidationError, match="Nothing is mapped"):
        shelf.approve(edition, version=edition.version, by=second, reason="x")
    seen = mapped(edition, author)
    shelf.map_fields(edition, [shelf.Mapped("name", "test.ein")], among=["name"], by=author)
    with pytest.raises(ValidationError, match="changed meanwhile"):
        shelf.approve(seen, version=seen.version, by=second, reason="x")


def test_it_leaves_an_approved_edition_as_it_was_approved(approved, author):
    with pytest.raises(ValidationError, match="Only a draft"):
        shelf.map_fields(approved, [], among=["name"], by=author)

    assert approved.mappings.count() == 3


def test_a_new_edition_takes_the_place_of_the_old(approved, author, second):
    newer = mapped(uploaded(author, content=content("Edition 01/01/30")), author)

    shelf.approve(newer, version=newer.version, by=second, reason="It is out.")

    approved.refresh_from_db()
    assert approved.status == "retired"
    assert list(FormEdition.objects.approved()) == [newer]
    with pytest.raises(ValidationError, match="retired already"):
        shelf.retire(approved, by=second, reason="x")


def test_it_fills_what_is_known_and_archives_it(approved):
    filled = shelf.fill(approved, CONTEXT, title="The application", tenant_id=NETWORK)

    pdf = archive.read(filled.document)
    values = {name: field.value for name, field in fields_of(pdf).items()}
    assert (values["name"], values["ein"], values["opened"]) == ("Łukasz Nguyễn Welding", "541234567", "03/01/2020")
    assert "Łukasz Nguyễn Welding" in text_of(pdf)
    assert (filled.refused, filled.warnings) == ((), ())
    assert filled.document.snapshot["form"] == approved.document.sha256


def test_it_fills_the_same_document_again(approved):
    first, second = (shelf.fill(approved, CONTEXT, title="x", tenant_id=NETWORK).document for _ in range(2))

    assert first == second


def test_it_tells_what_is_refused_and_what_is_missing_by_field(approved):
    filled = shelf.fill(
        approved, CONTEXT | {"test.legal_name": "李", "test.opened_on": None}, title="x", tenant_id=NETWORK
    )

    assert [(each.field, each.reason) for each in filled.refused] == [("name", "missing_glyph"), ("opened", "missing")]


def test_it_warns_of_an_expired_edition(author, second):
    edition = mapped(uploaded(author, content=content("Expires 01/31/2020")), author)
    shelf.approve(edition, version=edition.version, by=second, reason="x")
    edition.refresh_from_db()

    assert "expired on 01/31/2020" in shelf.fill(edition, CONTEXT, title="x", tenant_id=NETWORK).warnings[0]


def test_it_fills_only_what_is_approved(author):
    with pytest.raises(ValidationError, match="not approved"):
        shelf.fill(mapped(uploaded(author), author), CONTEXT, title="x", tenant_id=NETWORK)


@pytest.mark.parametrize(
    ("value", "transform", "written"),
    [
        (date(2026, 3, 1), "", "03/01/2026"),
        (date(2026, 3, 1), "day_digits", "03012026"),
        (date(2026, 3, 1), "year", "2026"),
        ("12-3456789", "digits", "123456789"),
        ("Łódź", "capitals", "ŁÓDŹ"),
        (True, "", True),
        (7, "", "7"),
        (["a", "b"], "", ["a", "b"]),
        ("x", "is_there", True),
    ],
)
def test_it_turns_values_into_what_forms_take(value, transform, written):
    assert merging.merged(value, transform) == written
