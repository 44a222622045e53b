"""What others make of a certificate: a library of Open Badges, a reader of QR codes, the validator of PDF/A."""

import base64
import io
import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pikepdf
import pypdfium2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from autopilot.documents import archive
from students.badges import keys
from students.models import StatusList
from students.services import certificate_files, certificates
from tests.autopilot.documents import conformance
from tests.students.samples import cohort, coordinator, school
from tests.students.test_certificates import finished, granted, issued

# Where Debian puts the jose of npm (github.com/panva/jose).
JOSE, SCRIPT = Path("/usr/share/nodejs/jose/dist/node/cjs/index.js"), Path(__file__).with_name("verify.cjs")
pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def _key(settings):
    settings.BASE_URL = "https://provost.example"
    keys.make()


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def clerk(spring):
    return coordinator(spring.program.holder)


@pytest.fixture
def ob3():
    return pytest.importorskip("openbadgeslib.ob3", reason="openbadgeslib is not installed: python3 dev.py test --all")


def verifier(ob3):
    """Return the library's verifier, with the key as it is published and nothing else of ours."""
    [jwk] = certificate_files.published_keys()
    e, n = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "=="), "big") for name in ("e", "n"))
    pem = (
        rsa.RSAPublicNumbers(e, n)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return ob3.OB3Verifier(pem)


def published(client):
    """Return a way to fetch what an address of ours gives to the public."""
    return lambda address: client.get(urlsplit(address).path).content


def test_a_library_of_open_badges_takes_it_for_one(ob3, client, spring, clerk):
    certificate = granted(finished(spring, by=clerk), clerk)
    token = archive.read(certificate.badge).decode()

    badge = verifier(ob3).verify(token, check_status=True, download=published(client))

    assert badge.issuer.id == "https://provost.example"
    assert badge.achievement.name == certificate.title


def test_the_library_refuses_what_was_revoked(ob3, client, spring, clerk):
    certificate = granted(finished(spring, by=clerk), clerk)
    certificates.revoke(certificate, reason="A mistake.", by=clerk)
    certificate_files.publish_list(certificate.status_list_id)

    with pytest.raises(ob3.OB3VerificationError, match="revocation"):
        verifier(ob3).verify(archive.read(certificate.badge).decode(), check_status=True, download=published(client))


def test_the_library_refuses_what_was_changed(ob3, spring, clerk):
    header, claims, signature = archive.read(granted(finished(spring, by=clerk), clerk).badge).decode().split(".")
    forged = base64.urlsafe_b64decode(claims + "==").replace(b"Ann1 Lee", b"Eve1 Lee")
    claims = base64.urlsafe_b64encode(forged).decode().rstrip("=")

    with pytest.raises(ob3.OB3VerificationError):
        verifier(ob3).verify(f"{header}.{claims}.{signature}")


def checked_by_jose(token):
    """Return what jose says to a token and the keys that are published: its claims, or the code of its refusal."""
    if not shutil.which("node") or not JOSE.exists():
        pytest.skip("jose needs Node: apt-get install nodejs node-jose")
    asked = {"keys": certificate_files.published_keys(), "token": token, "issuer": "https://provost.example"}
    ran = subprocess.run(
        ["node", str(SCRIPT), str(JOSE)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return json.loads(ran.stdout) if ran.returncode == 0 else ran.stderr.strip()


def test_jose_verifies_credential_and_status_list_after_the_key_was_rotated(spring, clerk, settings, tmp_path):
    certificate = granted(finished(spring, by=clerk), clerk)
    token = archive.read(certificate.badge).decode()
    settings.CERTIFICATE_KEY_FILE = tmp_path / "next.pem"
    keys.make()
    certificate_files.publish_list(certificate.status_list_id)

    assert checked_by_jose(token)["name"] == certificate.title
    listed = checked_by_jose(StatusList.objects.get().signed)
    assert listed["credentialSubject"]["type"] == "BitstringStatusList"
    assert checked_by_jose(f"{token[:-6]}AAAAAA") == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"


def test_its_qr_code_leads_to_its_page_and_its_text_says_what_was_earned(spring, clerk):
    readers = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed: python3 dev.py test --all")
    certificate = issued(finished(spring, by=clerk), clerk)

    pdf = pypdfium2.PdfDocument(archive.read(certificate.document))
    try:
        text = " ".join(pdf[0].get_textpage().get_text_bounded().split())
        codes = readers.read_barcodes(pdf[0].render(scale=150 / 72).to_pil())
    finally:
        pdf.close()

    assert [code.text for code in codes] == [certificates.address_of(certificate)]
    assert "This certifies that Ann1 Lee has completed" in text
    assert certificate.number in text


def test_its_pdf_is_for_archives_and_for_everybody_with_the_credential_inside(tmp_path, spring, clerk):
    certificate = issued(finished(spring, by=clerk), clerk)
    content = archive.read(certificate.document)
    file = tmp_path / "certificate.pdf"
    file.write_bytes(content)

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert [str(each.AFRelationship) for each in pdf.Root.AF] == ["/Data"]
    assert conformance.broken([file]) == []
