"""What an application gives to agencies' forms."""

import pytest

from autopilot.documents import archive
from autopilot.fillable_forms import merging, shelf
from programs.merge_fields import context_of
from programs.models import Application
from tests.autopilot.fillable_forms.eyes import fields_of
from tests.autopilot.fillable_forms.shelves import person, uploaded
from tests.programs.samples import submitted

pytestmark = pytest.mark.django_db


def test_it_offers_all_that_it_gives():
    context = context_of(Application.objects.get(pk=submitted().pk))

    assert set(context) <= {field.name for field in merging.offered()}
    assert (context["application.ein"], context["application.program_1.title"]) == ("35-1234567", "Welding Technology")


def test_it_fills_a_form_from_an_application(settings, tmp_path):
    settings.ARCHIVE_ROOT = tmp_path
    author, second = person("author", "add", "change"), person("second", "approve")
    application = submitted()
    edition = uploaded(author)
    rows = [
        shelf.Mapped("name", "application.legal_name"),
        shelf.Mapped("ein", "application.ein", "digits"),
        shelf.Mapped("state", "application.site_state"),
        shelf.Mapped("opened", "application.submitted_at", "day_digits"),
        shelf.Mapped("nonprofit", "application.doing_business_as", "is_there"),
    ]
    shelf.map_fields(edition, rows, among=[row.field for row in rows], by=author)
    edition.refresh_from_db()
    shelf.approve(edition, version=edition.version, by=second, reason="Compared.")
    edition.refresh_from_db()

    filled = shelf.fill(edition, context_of(application), title="ETPL", tenant_id=application.tenant_id)

    values = {name: field.value for name, field in fields_of(archive.read(filled.document)).items()}
    assert filled.refused == ()
    assert (values["name"], values["ein"], values["state"]) == ("Harbor Trades School, Inc.", "351234567", "IN")
    assert (values["nonprofit"], len(values["opened"])) == ("Yes", 8)
