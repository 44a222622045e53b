"""The archive in a bucket: written once under a lock, never over anything, told in our words when S3 refuses."""

import hashlib
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from autopilot import clock
from autopilot.documents import vault
from autopilot.documents.errors import ArchiveError, DocumentAltered, DocumentMissing
from autopilot.documents.s3 import Bucket, key_of
from autopilot.identifiers import uuid7

pytestmark = pytest.mark.once
REGION = "us-east-1"


@pytest.fixture(scope="module")
def server():
    """A server that speaks S3 over HTTP."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server, settings, monkeypatch):
    """A bucket with Object Lock, where the archive lies; the client is one of our own, to look behind ours."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "sample")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sample")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.client("s3", endpoint_url=server, region_name=REGION)
    name = f"archive-{uuid7()}"
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    settings.ARCHIVE_STORAGE, settings.ARCHIVE_S3_BUCKET = "s3", name
    settings.ARCHIVE_S3_ENDPOINT, settings.ARCHIVE_S3_REGION = server, REGION
    settings.ARCHIVE_S3_MODE, settings.ARCHIVE_S3_DAYS = "governance", 30
    return client, name


def versions(bucket, sha256: str) -> list[Any]:
    client, name = bucket
    return list(client.list_object_versions(Bucket=name, Prefix=key_of(sha256)).get("Versions", []))


def overwrite(bucket, sha256: str, content: bytes) -> None:
    client, name = bucket
    client.put_object(Bucket=name, Key=key_of(sha256), Body=content)


def test_it_keeps_and_returns_bytes(bucket):
    sha256 = vault.keep(b"a packet")

    assert sha256 == hashlib.sha256(b"a packet").hexdigest()
    assert vault.fetch(sha256) == b"a packet"
    assert vault.has(sha256)
    assert list(vault.names()) == [sha256]
    vault.inspect(sha256)


@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_it_locks_each_object_for_its_time(bucket, settings, mode):
    settings.ARCHIVE_S3_MODE = mode
    client, name = bucket

    sha256 = vault.keep(b"a packet")

    told = client.head_object(Bucket=name, Key=key_of(sha256))
    assert told["ObjectLockMode"] == mode.upper()
    assert abs(told["ObjectLockRetainUntilDate"] - clock.now() - timedelta(days=30)) < timedelta(minutes=5)


def test_it_never_writes_over_an_object(bucket):
    first = vault.keep(b"a packet")

    assert vault.keep(b"a packet") == first
    assert len(versions(bucket, first)) == 1


def test_it_finds_altered_and_missing_objects(bucket):
    sha256 = vault.keep(b"a packet")
    overwrite(bucket, sha256, b"a forged packet")

    for look in (vault.fetch, vault.inspect, lambda _: vault.keep(b"a packet")):
        with pytest.raises(DocumentAltered, match=sha256):
            look(sha256)
    with pytest.raises(DocumentMissing):
        vault.fetch("0" * 64)
    with pytest.raises(DocumentMissing):
        vault.inspect("0" * 64)
    assert not vault.has("0" * 64)


def test_the_bucket_refuses_to_remove_what_is_locked(bucket):
    sha256 = vault.keep(b"a packet")

    with pytest.raises(ArchiveError, match="refused"):
        vault.remove(sha256)

    assert vault.fetch(sha256) == b"a packet"


def test_a_legal_hold_is_put_on_the_object_itself(bucket):
    client, name = bucket
    sha256 = vault.keep(b"a packet")

    vault.hold(sha256)
    held = client.get_object_legal_hold(Bucket=name, Key=key_of(sha256))["LegalHold"]["Status"]
    vault.release(sha256)

    assert held == "ON"
    assert client.get_object_legal_hold(Bucket=name, Key=key_of(sha256))["LegalHold"]["Status"] == "OFF"


def test_it_removes_what_is_not_locked_any_more(bucket):
    client, name = bucket
    sha256 = vault.keep(b"a packet")
    version = versions(bucket, sha256)[0]["VersionId"]
    client.put_object_retention(
        Bucket=name,
        Key=key_of(sha256),
        VersionId=version,
        Retention={"Mode": "GOVERNANCE", "RetainUntilDate": clock.now() - timedelta(days=1)},
        BypassGovernanceRetention=True,
    )

    vault.remove(sha256)

    assert not vault.has(sha256)
    assert versions(bucket, sha256) == []


def test_it_says_whether_the_bucket_locks(bucket, server):
    client, name = bucket
    Bucket(name, endpoint=server, region=REGION).check()
    client.create_bucket(Bucket=f"{name}-open")

    with pytest.raises(ArchiveError):
        Bucket(f"{name}-open", endpoint=server, region=REGION).check()


def test_it_says_when_the_bucket_cannot_be_reached(bucket, settings):
    settings.ARCHIVE_S3_ENDPOINT = "http://127.0.0.1:9"

    with pytest.raises(ArchiveError, match="cannot be reached"):
        vault.keep(b"a packet")
