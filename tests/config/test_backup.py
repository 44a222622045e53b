"""The file of a backup: whole or not there, sealed where a key is set, and refused at the first bit that is not right."""

import base64
import gzip
import io
import json
import os
import stat
import tarfile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from autopilot import restores
from autopilot.documents import archive
from autopilot.identifiers import uuid7
from autopilot.models import ClusterHeartbeat, Worker
from config import backup
from config.backup.errors import BackupError
from config.backup.package import DATABASE, MANIFEST
from config.backup.sealing import CHUNK, Opener, Sealer

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture
def office(transactional_db, settings, tmp_path):
    """An installation with two archived files, whose database nobody else is connected to."""
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # a server of an earlier test keeps its connection, and makes another
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    for text in ("one", "two"):
        archive.store(text.encode(), media_type="text/plain", title=text, tenant_id=uuid7())
    return tmp_path


def members(path):
    """Return what stands in a backup that is not encrypted, by name."""
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def rewritten(path, change):
    """Write a backup again after a function has changed its members."""
    content = members(path)
    change(content)
    other = path.with_name("changed.backup")
    with tarfile.open(other, "w:gz") as tar:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return other


def verified(path):
    """Return the plan of a backup that is verified."""
    with backup.restoring(path) as plan:
        return plan


def test_it_holds_manifest_database_and_archive_in_this_order(office):
    path = backup.make(office)

    content = members(path)
    manifest = json.loads(content[MANIFEST])
    assert list(content)[:2] == [MANIFEST, DATABASE]
    assert sorted(value for name, value in content.items() if name.startswith("archive/")) == [b"one", b"two"]
    assert (manifest["vendor"], manifest["files"]) == (connection.vendor, 2)
    assert manifest["rows"]["autopilot_document"] == 2
    assert any(name.startswith("autopilot.0007") for name in manifest["migrations"])
    assert path.name.startswith("provost-20")


def test_it_is_for_its_owner_alone_and_leaves_nothing_beside_it(office):
    path = backup.make(office / "mine.backup")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(each.name for each in office.iterdir()) == ["archive", "mine.backup"]


def test_it_never_overwrites(office):
    path = office / "mine.backup"
    path.write_text("precious")

    with pytest.raises(BackupError, match="there already"):
        backup.make(path)

    assert path.read_text() == "precious"


def test_it_asks_for_a_folder_that_is_there(office):
    with pytest.raises(BackupError, match="Make it first"):
        backup.make(office / "nowhere" / "mine.backup")


def test_it_leaves_nothing_when_it_breaks_off(office, monkeypatch):
    def broken(done, total):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        backup.make(office / "mine.backup", broken)

    assert [each.name for each in office.iterdir()] == ["archive"]


def test_it_is_verified_as_a_whole(office):
    path = backup.make(office)

    plan = verified(path)

    assert plan.replaces
    assert plan.manifest.files == 2
    assert not plan.folder.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda content: content.update({DATABASE: b"forged"}), "its digest is another one"),
        (lambda content: content.update({next(n for n in content if "archive" in n): b"forged"}), "digest is another"),
        (lambda content: content.pop(DATABASE), "not complete"),
        (lambda content: content.popitem(), "not complete"),
        (lambda content: content.update({"../outside": b"x"}), "no backup holds"),
        (lambda content: content.update({"archive/aa/bb/short": b"x"}), "no backup holds"),
        (lambda content: content.pop(MANIFEST), "does not begin with a manifest"),
        (lambda content: content.update({MANIFEST: b"{}"}), "cannot be read"),
        (lambda content: content.update({MANIFEST: b"\xff"}), "cannot be read"),
    ],
)
def test_it_refuses_what_is_not_as_it_was_made(office, change, told):
    path = rewritten(backup.make(office), change)

    with pytest.raises(BackupError, match=told):
        verified(path)

    assert not (office / "outside").exists()


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_it_refuses_what_is_cut_off(office, keep):
    path = backup.make(office)
    os.truncate(path, int(path.stat().st_size * keep))

    with pytest.raises(BackupError):
        verified(path)


@pytest.mark.parametrize("content", [b"hello", gzip.compress(b"hello", mtime=0)], ids=["text", "gzip"])
def test_it_refuses_another_file(office, content):
    path = office / "another"
    path.write_bytes(content)

    with pytest.raises(BackupError):
        verified(path)


def changed_manifest(**changes):
    """Return a change of a backup's manifest."""

    def change(content):
        content[MANIFEST] = json.dumps(json.loads(content[MANIFEST]) | changes).encode()

    return change


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"vendor": "oracle"}, "a backup of oracle"),
        ({"migrations": []}, "Restore it with the code it was made by"),
        ({"field_keys": {"old": "0" * 16}}, "FIELD_KEYS lacks .*: old"),
    ],
)
def test_it_refuses_what_does_not_fit_this_installation(office, changes, told):
    path = rewritten(backup.make(office), changed_manifest(**changes))

    with pytest.raises(BackupError, match=told):
        verified(path)


def test_it_refuses_the_migrations_of_later_code(office):
    path = backup.make(office)
    applied = json.loads(members(path)[MANIFEST])["migrations"]

    with pytest.raises(BackupError, match=r"autopilot\.9999_later"):
        verified(rewritten(path, changed_manifest(migrations=[*applied, "autopilot.9999_later"])))


def test_it_is_encrypted_with_the_key_and_opens_with_no_other(office, settings):
    settings.BACKUP_KEY = KEY
    path = backup.make(office)

    assert b"manifest" not in path.read_bytes()
    assert not tarfile.is_tarfile(path)
    assert verified(path).manifest.files == 2
    settings.BACKUP_KEY = OTHER_KEY
    with pytest.raises(BackupError, match="BACKUP_KEY is another one"):
        verified(path)
    settings.BACKUP_KEY = ""
    with pytest.raises(BackupError, match="Set BACKUP_KEY"):
        verified(path)


@pytest.mark.parametrize("key", ["short", "!" * 44, base64.b64encode(bytes(31)).decode()])
def test_it_refuses_a_key_that_is_none(office, settings, key):
    settings.BACKUP_KEY = key

    with pytest.raises(BackupError, match="32 bytes"):
        backup.make(office)

    assert [each.name for each in office.iterdir()] == ["archive"]


def sealed(content):
    """Return bytes as a Sealer writes them."""
    target = io.BytesIO()
    sealer = Sealer(target, bytes(32))
    for start in range(0, len(content), 300_000):
        sealer.write(content[start : start + 300_000])
    sealer.close()
    return target.getvalue()


def opened(content):
    """Return the bytes that an Opener reads."""
    opener = Opener(io.BytesIO(content), bytes(32))
    return b"".join(iter(lambda: opener.read(70_000), b""))


@pytest.mark.once
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_stream_of_any_length_opens_as_it_was_sealed(size):
    content = os.urandom(size)

    assert opened(sealed(content)) == content


@pytest.mark.once
def test_a_stream_that_was_changed_reordered_or_cut_does_not_open():
    whole = sealed(os.urandom(2 * CHUNK + 5))
    head, piece = len(whole) - (2 * (CHUNK + 16) + 5 + 16), CHUNK + 16
    first, second = whole[head : head + piece], whole[head + piece : head + 2 * piece]

    for forged in (
        whole[:-1],
        whole[: head + piece],
        whole[:head] + second + first + whole[head + 2 * piece :],
        whole[:-1] + bytes([whole[-1] ^ 1]),
        whole[:20] + bytes([whole[20] ^ 1]) + whole[21:],
    ):
        with pytest.raises(BackupError):
            opened(forged)


def test_its_command_says_where_it_is_and_whether_it_is_encrypted(office, capsys):
    call_command("backup", str(office / "mine.backup"))

    said = capsys.readouterr().out
    assert "mine.backup" in said
    assert "not encrypted" in said


def test_its_restore_changes_nothing_without_yes(office, capsys):
    path = backup.make(office)

    with pytest.raises(CommandError, match="add --yes"):
        call_command("restore", str(path))

    assert "replaces a database that is not empty" in capsys.readouterr().out


def test_its_dry_run_says_what_would_happen(office, capsys):
    path = backup.make(office)

    call_command("restore", str(path), dry_run=True)

    assert "A sound backup of" in capsys.readouterr().out


def test_it_restores_nothing_under_a_cluster_that_is_alive(office):
    path = backup.make(office)
    ClusterHeartbeat.objects.create(process="here:1", cluster="here", role="pump")

    with pytest.raises(CommandError, match="A cluster reported itself"):
        call_command("restore", str(path), yes=True)


def test_it_says_that_there_is_no_such_file(office):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", str(office / "nothing"))


def test_it_marks_a_database_that_was_recovered_by_other_means(office):
    worker = Worker.objects.get_or_create(name="sample")[0]
    already = Worker.objects.create(name="idle", enabled=False, pause="stop", pause_reason="Long ago.")
    ClusterHeartbeat.objects.create(process="here:1", cluster="here", role="pump")

    call_command("restore", recovered=True)

    worker.refresh_from_db()
    already.refresh_from_db()
    assert (worker.enabled, worker.pause) == (False, "drain")
    assert worker.pause_reason.startswith("Restored from a backup of 20")
    assert already.pause_reason == "Long ago."
    assert restores.restored_at() == worker.paused_at
    assert not ClusterHeartbeat.objects.exists()


def test_it_asks_what_to_restore():
    with pytest.raises(CommandError, match="required"):
        call_command("restore")
