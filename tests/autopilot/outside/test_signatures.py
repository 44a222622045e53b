"""Signatures: the published vector, and everything that must not pass."""

from datetime import UTC, datetime, timedelta

import pytest

from autopilot import signatures
from autopilot.signatures import BadSecret, BadSignature

# The test vector that the Standard Webhooks libraries publish.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
AT = datetime.fromtimestamp(1614265330, UTC)

pytestmark = pytest.mark.once


def test_it_writes_the_published_vector():
    headers = signatures.sign([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", BODY, at=AT)

    assert headers == HEADERS


def test_it_accepts_the_published_vector():
    assert signatures.verify([SECRET], HEADERS, BODY, at=AT) == "msg_p5jXN8AQM9LWM0D4loKWxJek"


@pytest.mark.parametrize("offset", [-300, -1, 1, 300])
def test_it_accepts_five_minutes_each_way(offset):
    assert signatures.verify([SECRET], HEADERS, BODY, at=AT + timedelta(seconds=offset))


@pytest.mark.parametrize("offset", [-301, 301, 86_400])
def test_it_refuses_what_is_older_or_earlier(offset):
    with pytest.raises(BadSignature, match="five minutes"):
        signatures.verify([SECRET], HEADERS, BODY, at=AT + timedelta(seconds=offset))


def test_it_accepts_one_of_several_secrets_and_signatures():
    new = signatures.new_secret()
    sent = signatures.sign([new, SECRET], "m", BODY, at=AT)

    assert signatures.verify([SECRET], sent, BODY, at=AT) == "m"
    assert signatures.verify([new], sent, BODY, at=AT) == "m"
    assert signatures.verify([new, SECRET], HEADERS, BODY, at=AT)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": ""},
        {"webhook-id": "msg other"},
        {"webhook-id": "another"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "v1,ünicode"},
        {"webhook-signature": "v1,AAAA " * 1000},
    ],
)
def test_it_refuses_a_header_that_was_changed(changes):
    with pytest.raises(BadSignature):
        signatures.verify([SECRET], HEADERS | changes, BODY, at=AT)


@pytest.mark.parametrize("name", HEADERS)
def test_it_refuses_a_missing_header(name):
    with pytest.raises(BadSignature):
        signatures.verify([SECRET], {key: value for key, value in HEADERS.items() if key != name}, BODY, at=AT)


def test_it_refuses_another_body():
    with pytest.raises(BadSignature, match="does not fit"):
        signatures.verify([SECRET], HEADERS, BODY + b" ", at=AT)


def test_it_refuses_another_secret_and_none():
    for secrets in ([signatures.new_secret()], []):
        with pytest.raises(BadSignature, match="does not fit"):
            signatures.verify(secrets, HEADERS, BODY, at=AT)


@pytest.mark.parametrize("message_id", ["", "a b", "line\nbreak", "ü", "x" * 256])
def test_it_signs_no_id_that_a_header_cannot_carry(message_id):
    with pytest.raises(BadSignature, match="message id"):
        signatures.sign([SECRET], message_id, BODY, at=AT)


@pytest.mark.parametrize(
    "text", ["", " ", "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", SECRET.removeprefix("whsec_"), f"{SECRET} x"]
)
def test_it_refuses_a_secret_that_is_none(text):
    with pytest.raises(BadSecret, match="whsec_"):
        signatures.split_secrets(text)


def test_it_reads_several_secrets_and_makes_new_ones():
    new = signatures.new_secret()

    assert signatures.split_secrets(f" {new}  {SECRET}\n") == [new, SECRET]
    assert new != signatures.new_secret()
