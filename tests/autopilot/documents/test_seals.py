"""The seal: good on what was sealed, and broken by a single bit; its certificate is made once."""

import logging
import stat

import pytest
from django.core.management import call_command

from autopilot.documents import certificates, seals
from autopilot.documents.errors import SealError, SealUnavailable
from tests.autopilot.documents.samples import paper

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def own_certificate(settings, tmp_path):
    settings.SEAL_FILE = tmp_path / "seal.p12"
    settings.SEAL_PASSWORD = "a password"
    logging.getLogger("pyhanko").setLevel(logging.ERROR)


@pytest.fixture
def sealed():
    certificates.make("Example Network")
    return seals.seal(paper("Agreement"), reason="Executed.")


def test_a_sealed_file_is_good(sealed):
    report = seals.inspect(sealed)

    assert report.is_good
    assert "Example Network document seal" in report.signer
    assert report.sealed_at.tzinfo is not None


def test_what_was_sealed_stands_unchanged_at_its_beginning(sealed):
    assert sealed.startswith(paper("Agreement"))


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.9])
def test_a_flipped_bit_is_seen(sealed, place):
    altered = bytearray(sealed)
    altered[int(len(paper("Agreement")) * place)] ^= 1

    try:
        found = seals.inspect(bytes(altered)).is_good
    except SealError:
        found = False

    assert not found


def test_a_page_added_behind_the_seal_is_seen(sealed):
    report = seals.inspect(sealed + b"\n% more\n")

    assert not report.is_good


def test_a_seal_by_another_certificate_is_not_trusted(sealed):
    certificates._path().unlink()
    certificates._signer.cache_clear()
    certificates.make("Somebody Else")

    report = seals.inspect(sealed)

    assert (report.intact, report.valid, report.trusted) == (True, True, False)


def test_what_an_earlier_certificate_sealed_is_trusted_on(sealed):
    assert certificates.make("Example Network", replace=True)

    assert seals.inspect(sealed).is_good
    assert seals.inspect(seals.seal(paper("Agreement"), reason="Again.")).is_good


def test_a_file_without_a_seal_is_refused():
    certificates.make("Example Network")

    for content in (paper("Agreement"), b"no PDF at all"):
        with pytest.raises(SealError):
            seals.inspect(content)


def test_it_is_made_once_for_its_owner_alone(capsys):
    call_command("make_seal")
    before = certificates._path().read_bytes()
    call_command("make_seal")

    assert certificates._path().read_bytes() == before
    assert stat.S_IMODE(certificates._path().stat().st_mode) == 0o600
    assert "is there already" in capsys.readouterr().out


def test_without_a_certificate_it_says_what_to_run():
    with pytest.raises(SealUnavailable, match="make_seal"):
        seals.seal(paper("Agreement"), reason="Executed.")


def test_a_wrong_password_is_said(settings):
    certificates.make("Example Network")
    settings.SEAL_PASSWORD = "another"

    with pytest.raises(SealUnavailable, match="SEAL_PASSWORD"):
        certificates.signer()
