"""The archive's files."""

import hashlib
import stat
import subprocess
import sys

import pytest

from autopilot.documents import child, disk, vault
from autopilot.documents.errors import ArchiveError, DocumentAltered, DocumentMissing

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    return settings.ARCHIVE_ROOT


def files_in(root):
    return [path for path in root.rglob("*") if path.is_file()]


def test_it_keeps_bytes_under_their_digest_and_read_only(root):
    sha256 = vault.keep(b"a packet")

    path = root / sha256[:2] / sha256[2:4] / sha256
    assert sha256 == hashlib.sha256(b"a packet").hexdigest()
    assert path.read_bytes() == b"a packet"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert files_in(root) == [path]


def test_it_keeps_the_same_bytes_once(root):
    first = vault.keep(b"a packet")
    written = files_in(root)[0].stat()

    second = vault.keep(b"a packet")

    assert first == second
    assert files_in(root)[0].stat().st_ino == written.st_ino
    assert files_in(root)[0].stat().st_mtime_ns == written.st_mtime_ns


def test_it_keeps_nothing_too():
    assert vault.fetch(vault.keep(b"")) == b""


def test_it_is_used_by_many_processes_at_once(root):
    script = (
        "from django.conf import settings\n"
        f"settings.configure(ARCHIVE_STORAGE='disk', ARCHIVE_ROOT={str(root)!r})\n"
        "from autopilot.documents import vault\n"
        "for number in range(150): vault.keep(b'%d' % (number % 30) * 20_000)\n"
    )
    command = [sys.executable, "-c", script]

    runners = [subprocess.Popen(command, cwd=child.PROJECT) for _ in range(4)]
    codes = [runner.wait(timeout=60) for runner in runners]

    assert codes == [0, 0, 0, 0]
    assert len(files_in(root)) == 30
    for path in files_in(root):
        vault.inspect(path.name)


def test_it_finds_another_process_was_first(root, monkeypatch):
    sha256 = hashlib.sha256(b"a packet").hexdigest()
    path = root / sha256[:2] / sha256[2:4] / sha256
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a packet")

    disk._write_once(b"a packet", path)

    assert files_in(root) == [path]


@pytest.mark.parametrize("forgery", [b"a forged packet", b"", b"a packe"])
def test_it_finds_altered_bytes(root, forgery):
    sha256 = vault.keep(b"a packet")
    path = files_in(root)[0]
    path.chmod(0o644)
    path.write_bytes(forgery)

    for look in (vault.fetch, vault.inspect, lambda _: vault.keep(b"a packet")):
        with pytest.raises(DocumentAltered, match=sha256):
            look(sha256)


def test_it_finds_missing_bytes(root):
    sha256 = vault.keep(b"a packet")
    files_in(root)[0].unlink()

    for look in (vault.fetch, vault.inspect):
        with pytest.raises(DocumentMissing, match=sha256):
            look(sha256)


def test_it_reports_what_it_cannot_read(root):
    sha256 = vault.keep(b"a packet")
    path = files_in(root)[0]
    path.unlink()
    path.mkdir()

    with pytest.raises(ArchiveError, match="cannot be read"):
        vault.inspect(sha256)
