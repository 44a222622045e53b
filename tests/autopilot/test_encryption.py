"""Encrypted columns: readable to nobody who only has the database, and bound to their place."""

import base64
import secrets
from uuid import uuid4

import pytest
from django.core.exceptions import FieldError
from django.db import connection

from autopilot.encryption import EncryptionError, decrypt, encrypt, key_of
from autopilot.models import WebhookEndpoint

pytestmark = pytest.mark.django_db


def fresh_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def endpoint():
    return WebhookEndpoint.objects.create(tenant_id=uuid4(), url="https://example.org/hook", secret="whsec_first")


def stored(endpoint):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM autopilot_webhookendpoint WHERE url = %s", [endpoint.url])
        return cursor.fetchone()[0]


def test_it_comes_back_as_it_was(endpoint):
    assert WebhookEndpoint.objects.get(pk=endpoint.pk).secret == "whsec_first"


def test_it_stands_unreadable_in_the_database(endpoint):
    assert stored(endpoint).startswith("v1:development:")
    assert "first" not in stored(endpoint)


def test_it_leaves_an_unread_value_as_it_was_stored(endpoint):
    before = stored(endpoint)
    again = WebhookEndpoint.objects.get(pk=endpoint.pk)
    again.description = "told of everything"
    again.save()

    assert stored(endpoint) == before


def test_it_does_not_open_in_another_row(endpoint):
    other = WebhookEndpoint.objects.create(tenant_id=uuid4(), url="https://example.org/other", secret="whsec_other")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE autopilot_webhookendpoint SET secret = %s WHERE url = %s", [stored(endpoint), other.url])

    with pytest.raises(EncryptionError, match="does not belong"):
        _ = WebhookEndpoint.objects.get(pk=other.pk).secret


@pytest.mark.parametrize(
    "change", [lambda text: text[:-4] + "AAAA", lambda text: "v9" + text[2:], lambda text: "plain"]
)
def test_it_never_returns_what_it_cannot_open(change):
    sealed = encrypt("whsec_first", "table.column.1")

    with pytest.raises(EncryptionError):
        decrypt(change(sealed), "table.column.1")


def test_it_opens_with_an_older_key_and_seals_with_the_newest(settings):
    settings.FIELD_KEYS = {"old": fresh_key()}
    sealed = encrypt("text", "a.b.1")
    settings.FIELD_KEYS = {"new": fresh_key(), **settings.FIELD_KEYS}

    assert decrypt(sealed, "a.b.1") == "text"
    assert key_of(sealed) == "old"
    assert key_of(encrypt("text", "a.b.1")) == "new"


def test_it_says_when_a_key_is_missing(settings):
    settings.FIELD_KEYS = {"old": fresh_key()}
    sealed = encrypt("text", "a.b.1")
    settings.FIELD_KEYS = {"new": fresh_key()}

    with pytest.raises(EncryptionError, match="not among FIELD_KEYS"):
        decrypt(sealed, "a.b.1")


def test_it_seals_the_same_text_differently_each_time():
    assert encrypt("text", "a.b.1") != encrypt("text", "a.b.1")


def test_it_refuses_to_be_looked_for_or_written_in_bulk(endpoint):
    with pytest.raises(FieldError, match="encrypted"):
        WebhookEndpoint.objects.filter(secret="whsec_first").exists()
    with pytest.raises(FieldError, match="encrypted"):
        WebhookEndpoint.objects.update(secret="whsec_second")


def test_it_keeps_an_empty_text_empty(endpoint):
    assert WebhookEndpoint.objects.get(pk=endpoint.pk).previous_secret == ""
