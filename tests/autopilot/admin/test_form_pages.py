"""Agencies' forms in the office: uploaded, mapped beside the page, approved by another person."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from autopilot.fillable_forms import shelf
from autopilot.models import FormEdition
from tests.autopilot.fillable_forms.paper import Paper
from tests.autopilot.fillable_forms.shelves import content, mapped, offer, person, uploaded

pytestmark = pytest.mark.django_db
ADD = "/admin/autopilot/formedition/add/"
LIST = "/admin/autopilot/formedition/"


@pytest.fixture(autouse=True)
def archive_root(settings, tmp_path):
    settings.ARCHIVE_ROOT = tmp_path
    offer()


@pytest.fixture
def author(client):
    """Who uploads and maps, signed in."""
    author = person("author", "view", "add", "change", "approve")
    client.force_login(author)
    return author


@pytest.fixture
def edition(author) -> FormEdition:
    return uploaded(author)


def address(edition: FormEdition, query: str = "") -> str:
    return reverse("admin:autopilot_formedition_change", args=[edition.pk]) + query


def sent(client, file: bytes):
    """Upload a file."""
    upload = SimpleUploadedFile("form.pdf", file, "application/pdf")
    return client.post(ADD, {"agency": "DWD", "name": "ETPL application", "file": upload}, follow=True)


def test_it_keeps_a_form_and_shows_what_it_is(client, author):
    page = sent(client, content())

    text = page.content.decode()
    assert page.status_code == 200
    assert "DWD: ETPL application, 08/01/23" in text
    assert "1 required field not mapped" in text
    assert "Legal name of the provider" in text
    assert "Signature of the provider" not in text


def test_it_says_with_which_state_a_form_goes(client, author, edition):
    where = reverse("admin:formedition_state", args=[edition.pk])

    client.post(where, {"state": "OH"})
    wrong = client.post(where, {"state": "XX"}, follow=True).content.decode()

    edition.refresh_from_db()
    assert (edition.state, edition.version) == ("OH", 2)
    assert "Choose a state of the list." in wrong
    assert "Applications of Ohio" in client.get(address(edition)).content.decode()
    assert "Ohio" in client.get(LIST).content.decode()


def test_what_is_approved_stays_with_its_state(author, edition):
    mapped(edition, author)
    shelf.approve(edition, version=edition.version, by=person("second", "approve"), reason="Compared.")

    with pytest.raises(ValidationError, match="Only a draft"):
        shelf.set_state(edition, "OH", by=author)


@pytest.mark.parametrize(
    ("file", "reason"),
    [(b"GIF89a", "not a PDF"), (Paper().content(), "no fields"), (b"", "The submitted file is empty")],
)
def test_it_tells_why_a_form_is_not_kept(client, author, file, reason):
    page = sent(client, file)

    assert page.status_code == 422
    assert reason in page.content.decode()
    assert not FormEdition.objects.exists()


def test_it_names_the_fields_that_a_form_lost(client, author):
    paper = Paper()
    paper.add("kept")
    paper.widget(FT=paper.form.Fields[0].FT, T="lost <b>")

    text = sent(client, paper.content()).content.decode()

    assert "Lost: lost &lt;b&gt;." in text


def test_it_draws_each_field_at_its_place(client, edition):
    text = client.get(address(edition, "?page=2")).content.decode()

    assert '<rect x="60.00" y="72.00" width="200.00" height="20.00"/>' in text
    assert text.count("<rect ") == 3
    assert 'aria-current="page">Page 2' in text


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=99999999", "?page=²", ""])
def test_it_shows_some_page_whatever_is_asked(client, edition, query):
    assert client.get(address(edition, query)).status_code == 200


def test_it_shows_a_picture_of_a_page(client, edition):
    picture = reverse("admin:formedition_picture", args=[edition.pk, 1])

    shown = client.get(picture)
    again = client.get(picture, headers={"If-None-Match": shown["ETag"]})
    none = client.get(reverse("admin:formedition_picture", args=[edition.pk, 9]))

    assert (shown["Content-Type"], shown.content[:4]) == ("image/png", b"\x89PNG")
    assert (again.status_code, none.status_code) == (304, 404)


def test_it_stores_the_mapping_of_one_page(client, edition):
    mapped(edition, edition.edited_by)

    posted = {"merge_field_1": "test.ein", "transform_1": "digits", "required_1": "on", "merge_field_2": ""}
    page = client.post(reverse("admin:formedition_map", args=[edition.pk, 1]), posted, follow=True)

    assert "Page 1 is stored." in page.content.decode()
    rows = {row.field: (row.merge_field, row.transform, row.required) for row in edition.mappings.all()}
    assert rows == {"name": ("test.ein", "digits", True), "opened": ("test.opened_on", "", True)}


def test_it_refuses_what_cannot_be_mapped(client, edition):
    page = client.post(
        reverse("admin:formedition_map", args=[edition.pk, 1]), {"merge_field_1": "no.such"}, follow=True
    )

    assert "Choose what is written from the list." in page.content.decode()
    assert client.post(reverse("admin:formedition_map", args=[edition.pk, 9])).status_code == 404


def test_it_has_another_person_approve(client, edition):
    mapped(edition, edition.edited_by)
    approve = reverse("admin:formedition_approve", args=[edition.pk])
    answers = {"version": edition.version, "reason": "Compared with the paper."}

    assert "another person must approve it" in client.get(address(edition)).content.decode()
    refused = client.post(approve, answers, follow=True).content.decode()
    client.force_login(person("second", "view", "approve"))
    unexplained = client.post(approve, answers | {"reason": ""}, follow=True).content.decode()
    approved = client.post(approve, answers, follow=True).content.decode()

    assert "another person must" in refused
    assert "Say why" in unexplained
    assert "From now on this edition is filled" in approved
    edition.refresh_from_db()
    assert edition.status == "approved"
    assert "<select" not in client.get(address(edition)).content.decode().partition('class="form-map"')[2]


def test_it_retires_an_edition_with_a_reason(client, edition):
    answers = {"action": "retire_editions", "_selected_action": str(edition.pk)}

    asked = client.post(LIST, answers)
    client.post(LIST, answers | {"confirmed": "1", "reason": "A newer one is out."})

    assert "What was filled with it stays" in asked.content.decode()
    edition.refresh_from_db()
    assert edition.status == "retired"


def test_it_only_shows_to_who_may_only_look(client, edition):
    mapped(edition, edition.edited_by)
    client.force_login(person("reader", "view"))

    text = client.get(address(edition)).content.decode()

    assert "test.legal_name" in text
    assert "Store page" not in text
    assert client.get(ADD).status_code == 403
    for name, arguments in (("map", [edition.pk, 1]), ("approve", [edition.pk])):
        assert client.post(reverse(f"admin:formedition_{name}", args=arguments)).status_code == 403


def test_it_asks_the_database_as_often_for_many_as_for_one(client, edition, django_assert_max_num_queries):
    for number in range(4):
        uploaded(edition.edited_by, content=content(f"Edition 0{number + 1}/01/24"))

    with django_assert_max_num_queries(14):
        assert client.get(LIST).status_code == 200
    with django_assert_max_num_queries(14):
        assert client.get(address(edition)).status_code == 200


def test_it_escapes_what_a_form_is_called_inside(client, author):
    paper = Paper()
    paper.add('"><script>alert(1)</script>', TU="<img src=x>")

    text = sent(client, paper.content()).content.decode()

    assert "<script>alert" not in text
    assert "<img src=x>" not in text


def test_the_list_tells_what_has_expired(client, author):
    shelf.upload(content("Expires 01/31/2020"), agency="DWD", name="Old", by=author)

    assert "Expired 01/31/2020" in client.get(LIST).content.decode()
