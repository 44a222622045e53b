"""What looks personal or secret does not leave; ids of our own do."""

import time

import pytest

from autopilot.scrubbing import MASK, scrubbed, scrubbed_all

pytestmark = pytest.mark.once
JOB = "019abcde-1234-7890-8456-123456789012"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SSN 123-45-6789.", f"SSN {MASK}."),
        ("123 45 6789", MASK),
        ("123456789", MASK),
        ("EIN 12-3456789", f"EIN {MASK}"),
        ("card 4111 1111 1111 1111", f"card {MASK}"),
        ("card 4111-1111-1111-1111", f"card {MASK}"),
        ("account 000123456789", f"account {MASK}"),
        ("GB29 NWBK 6016 1331 9268 19", MASK),
        ("call (555) 123-4567", f"call {MASK}"),
        ("to jo.doe+x@mail.example.org!", f"to {MASK}!"),
        ("?to=jo%40example.org", f"?to={MASK}"),
        ("Authorization: Bearer abc.def-123", f"Authorization: {MASK}"),
        ("sent Bearer abc.def-123", f"sent {MASK}"),
        ("Cookie: sessionid=abc; csrftoken=def", MASK),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", MASK),
        ("key prv_oXj3kQ9sB2mN7vR4tY8wZ1cF6hJ0lP5d", f"key {MASK}"),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", MASK),
        ("?next=/a&csrfmiddlewaretoken=AbC&y=2", f"?next=/a&csrfmiddlewaretoken={MASK}&y=2"),
        ('{"ssn": "12 3", "password": "a b", "n": 1}', f'{{"ssn": {MASK}, "password": {MASK}, "n": 1}}'),
        ("{'api_key': 'x y'}", f"{{'api_key': {MASK}}}"),
        ('password="cut off', f"password={MASK} off"),
        ("postgres://ann:pa55@db.example.org/x", f"postgres://{MASK}@db.example.org/x"),
        ("/password/reset/key/1-abc-def/", f"/password/reset/key/{MASK}/"),
        ("duplicate key\nDETAIL:  Key (name)=(Jane) exists.\nCONTEXT", f"duplicate key\n{MASK}\nCONTEXT"),
    ],
)
def test_it_masks_what_looks_personal_or_secret(text, told):
    assert scrubbed(text) == told


@pytest.mark.parametrize(
    "text",
    [
        f"job {JOB} (test.kind) attempt 3: retry after ValueError",
        "request 0123456789012345678901234567890a",
        "2026-11-20T17:18:03.123456+00:00 took 12345678 ms",
        "Not Found: /apply/",
        "SECRET_KEY is not set.",
        "autopilot/engine/executor.py, line 123, in _run",
        "",
    ],
)
def test_it_leaves_what_explains_an_error(text):
    assert scrubbed(text) == text


def test_it_masks_members_by_their_name_and_texts_by_their_look():
    value = {"ssn": "1", "note": "mail jo@example.org", "list": [{"token": "x"}, 7], "job_id": JOB, "dob": None}

    assert scrubbed_all(value) == {
        "ssn": MASK,
        "note": f"mail {MASK}",
        "list": [{"token": MASK}, 7],
        "job_id": JOB,
        "dob": None,
    }


def test_it_masks_what_it_cannot_read():
    deep: list[object] = []
    for _ in range(50):
        deep = [deep]

    assert scrubbed_all({"object": object(), "bytes": b"123"}) == {"object": MASK, "bytes": MASK}
    assert MASK in str(scrubbed_all(deep))


@pytest.mark.parametrize(
    "piece", ["a", "1 ", "a.b-", "ab_", "token", '"', "AB12 ", "secret: ", "://a:", "eyJ-", "a@b."]
)
def test_it_takes_no_longer_than_its_text_is_long(piece):
    text = piece * (50_000 // len(piece))

    begun = time.perf_counter()
    scrubbed(text)

    assert time.perf_counter() - begun < 2
