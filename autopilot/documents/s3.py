"""The archive in a bucket of S3 with Object Lock: what is written there cannot be changed or removed before its time.

The bucket must have been made with Object Lock, which brings versions with it. Credentials come from where boto3 looks
for them, never from our settings.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from autopilot import clock
from autopilot.documents.errors import ArchiveError, DocumentAltered, DocumentMissing

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CHUNK = 1 << 20  # bytes
PREFIX = "archive/"
GONE = {"NoSuchKey", "NoSuchVersion", "404"}
THERE = {"PreconditionFailed", "ConditionalRequestConflict"}


class Exists(Exception):
    """The bucket has this object already."""


class Bucket:
    """A bucket by its name; `endpoint` is empty for Amazon's own."""

    def __init__(self, name: str, *, endpoint: str = "", region: str = "") -> None:
        self.name, self.endpoint, self.region = name, endpoint, region

    @cached_property
    def client(self) -> "S3Client":
        """The connection to S3, made when it is first needed; threads may share it."""
        import boto3  # noqa: PLC0415 (it takes long to load, and only a bucket needs it)
        from botocore.config import Config  # noqa: PLC0415 (as above)

        patience = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 3, "mode": "standard"})
        return boto3.client("s3", endpoint_url=self.endpoint or None, region_name=self.region or None, config=patience)

    def keep(self, sha256: str, content: bytes) -> None:
        """Write bytes under a lock; what is there already is compared, and never written over."""
        try:
            with _translated(sha256):
                self.client.put_object(
                    Bucket=self.name,
                    Key=key_of(sha256),
                    Body=content,
                    IfNoneMatch="*",  # so that the bucket itself refuses a second object of this name
                    ContentType="application/octet-stream",
                    ChecksumAlgorithm="SHA256",
                    ObjectLockMode="COMPLIANCE" if settings.ARCHIVE_S3_MODE == "compliance" else "GOVERNANCE",
                    ObjectLockRetainUntilDate=clock.now() + timedelta(days=settings.ARCHIVE_S3_DAYS),
                )
        except Exists:
            self.inspect(sha256)

    def fetch(self, sha256: str) -> bytes:
        """Return the bytes of the object, whatever they are."""
        with _translated(sha256):
            content: bytes = self.client.get_object(Bucket=self.name, Key=key_of(sha256))["Body"].read()
        return content

    def inspect(self, sha256: str) -> None:
        """Read an object piece by piece, and compare it with its name."""
        found = hashlib.sha256()
        with _translated(sha256):
            body = self.client.get_object(Bucket=self.name, Key=key_of(sha256))["Body"]
            for piece in body.iter_chunks(CHUNK):
                found.update(piece)
        if found.hexdigest() != sha256:
            raise DocumentAltered.of(sha256)

    def has(self, sha256: str) -> bool:
        """Return whether the object is there."""
        try:
            with _translated(sha256):
                self.client.head_object(Bucket=self.name, Key=key_of(sha256))
        except DocumentMissing:
            return False
        return True

    def names(self) -> Iterator[str]:
        """Yield the SHA-256 of every object."""
        with _translated(""):
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=PREFIX):
                yield from (each["Key"].rpartition("/")[2] for each in page.get("Contents", []))

    def hold(self, sha256: str) -> None:
        """Put a legal hold of the bucket on the object, which no lock's end lifts."""
        self._set_hold(sha256, "ON")

    def release(self, sha256: str) -> None:
        """Lift the bucket's legal hold; its lock stays."""
        self._set_hold(sha256, "OFF")

    def remove(self, sha256: str) -> None:
        """Destroy every version of an object; raises ArchiveError while its lock is not over."""
        key = key_of(sha256)
        with _translated(sha256):
            listed = self.client.list_object_versions(Bucket=self.name, Prefix=key)
            for each in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
                self.client.delete_object(Bucket=self.name, Key=key, VersionId=each["VersionId"])

    def check(self) -> None:
        """Raise ArchiveError unless the bucket is there and locks objects."""
        with _translated(""):
            found = self.client.get_object_lock_configuration(Bucket=self.name)["ObjectLockConfiguration"]
        if found.get("ObjectLockEnabled") != "Enabled":
            raise ArchiveError(f"The bucket {self.name} has no Object Lock; make one that has.")

    def _set_hold(self, sha256: str, status: Literal["ON", "OFF"]) -> None:
        with _translated(sha256):
            self.client.put_object_legal_hold(Bucket=self.name, Key=key_of(sha256), LegalHold={"Status": status})


def key_of(sha256: str) -> str:
    """Return the key of the object of a SHA-256."""
    return f"{PREFIX}{sha256[:2]}/{sha256[2:4]}/{sha256}"


@contextmanager
def _translated(sha256: str) -> Iterator[None]:
    """Say in our words what S3 refuses; its own messages may quote keys and addresses."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in THERE:
            raise Exists from None
        if code in GONE:
            raise DocumentMissing.of(sha256) from None
        raise ArchiveError(f"The archive’s bucket refused: {code}.") from error
    except BotoCoreError as error:
        raise ArchiveError(f"The archive’s bucket cannot be reached: {type(error).__name__}.") from error
