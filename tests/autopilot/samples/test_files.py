"""sample.files writes exactly what a person approved, only then, and never outside its own area."""

import hashlib

import pytest

from autopilot import jobfiles
from autopilot.engine import amend, faults
from autopilot.exceptions import FormInvalid, Invalid
from autopilot.identifiers import uuid7
from autopilot.models import Job
from autopilot.testing import run_job, run_jobs
from tests.autopilot.samples.runs import WAYS, approve, asked, now, outcome, question, reject, result

pytestmark = pytest.mark.django_db
FILES = [{"path": "letter.txt", "content": "Dear Ñandú,"}, {"path": "parts/list.csv", "content": "a,b\n"}]


@pytest.fixture(autouse=True)
def _own_area(settings, tmp_path) -> None:
    settings.AUTOPILOT_JOB_FILES = tmp_path / "jobs"


def paths(job: Job) -> list[str]:
    """Return what lies in a job's area."""
    area = jobfiles.area(job.pk)
    return sorted(str(path.relative_to(area)) for path in area.rglob("*") if not path.is_dir())


def file(path: str, content: str = "x") -> dict[str, str]:
    """Return a file to be written."""
    return {"path": path, "content": content}


@pytest.mark.parametrize("run", WAYS)
def test_it_writes_after_approval_and_nothing_before(run, bob):
    job = asked("sample.files", files=FILES, description="Two files.")
    run(job)
    before = jobfiles.area(job.pk).exists()
    checkpoint = question(job)
    approve(job, bob)

    run(job)

    written = result(job)
    assert not before
    assert (checkpoint.title, checkpoint.summary) == ("Write 2 files?", "Two files.")
    assert checkpoint.payload == {"files": FILES}
    assert paths(job) == ["letter.txt", "parts/list.csv"]
    assert (jobfiles.area(job.pk) / "letter.txt").read_text(encoding="utf-8") == "Dear Ñandú,"
    assert written["checkpoint"] == str(checkpoint.pk)
    content = "Dear Ñandú,".encode()
    assert written["files"][0] == {
        "path": "letter.txt", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()
    }  # fmt: skip


@pytest.mark.parametrize("run", WAYS)
def test_it_writes_nothing_when_it_is_rejected_and_does_not_ask_again(run, bob):
    job = asked("sample.files", files=FILES)
    run(job)
    reject(job, bob)

    run(job)

    assert outcome(job) == ("failed", "rejected")
    assert now(job).error == "Rejected: Not like this."
    assert not jobfiles.area(job.pk).exists()
    assert job.checkpoints.count() == 1


def test_it_writes_what_was_approved_and_not_what_it_was_asked_for(bob):
    job = asked("sample.files", files=[file("./a//b.txt")])
    run_jobs()

    assert question(job).payload["files"] == [file("a/b.txt")]
    assert question(job).title == "Write 1 file?"


def test_it_cannot_be_amended(bob):
    job = asked("sample.files", files=FILES)
    run_jobs()

    with pytest.raises(FormInvalid, match="cannot be amended"):
        amend(question(job).pk, actor=bob, version=1, edits={"files": []})


def test_it_writes_the_same_when_its_process_dies_before_that_is_stored(bob):
    job = asked("sample.files", files=FILES)
    run_jobs()
    approve(job, bob)
    faults.watch(_die_after_the_call)
    with pytest.raises(_Died):
        run_job(job)
    faults.watch(None)
    written = paths(job)
    Job.objects.filter(pk=job.pk).update(lease_until=now(job).created_at)

    run_jobs()

    assert outcome(job) == ("completed", "done")
    assert paths(job) == written == ["letter.txt", "parts/list.csv"]


class _Died(BaseException):
    """Stands for the end of the process."""


def _die_after_the_call(point: str) -> None:
    if point == "call.after_call":
        raise _Died


BAD_PATHS = [
    "",
    ".",
    "..",
    "/etc/passwd",
    "//etc/passwd",
    "../other/a.txt",
    "a/../../b.txt",
    "a/..",
    "..\\windows",
    "a\\b.txt",
    "C:\\windows",
    "C:windows",
    "c:/windows",
    "file:///etc/passwd",
    "a\0.txt",
    "a\n.txt",
    "a\x1b[2J.txt",
    "evil\N{RIGHT-TO-LEFT OVERRIDE}txt.exe",
    "zero\N{ZERO WIDTH SPACE}width.txt",
    "\ud800.txt",
    "x" * 201,
    "é" * 101,
    "/".join("x" * 101),
]


@pytest.mark.parametrize("path", BAD_PATHS, ids=ascii)
def test_it_refuses_a_path(path):
    with pytest.raises(Invalid, match="is refused"):
        jobfiles.checked([file(path)])


@pytest.mark.parametrize("path", ["../other/a.txt", "/etc/passwd", "a\0.txt"], ids=ascii)
@pytest.mark.parametrize("run", WAYS)
def test_it_refuses_before_anybody_is_asked(run, path):
    job = asked("sample.files", files=[file("good.txt"), file(path)])

    run(job)

    assert outcome(job) == ("failed", "invalid")
    assert not job.checkpoints.exists()
    assert not jobfiles.area(job.pk).exists()


BAD_FILES = [
    ([], "No files are given"),
    ([{"path": "a"}], "a path and a content"),
    ([{"content": "x"}], "a path and a content"),
    ([{"path": "a", "contents": "x"}], "a path and a content"),
    ([{"path": "a", "content": "x", "mode": "777"}], "a path and a content"),
    ([file("a"), file("a")], "the path 'a'"),
    ([file("a"), file("./a")], "the path 'a'"),
    ([file("Letter.txt"), file("letter.TXT")], "Two files have the path"),
    ([file("caf\N{LATIN SMALL LETTER E WITH ACUTE}"), file("cafe\N{COMBINING ACUTE ACCENT}")], "Two files"),
    ([file("a"), file("a/b")], "'a' cannot be a file and the folder"),
    ([file("x/y/z"), file("X/Y")], "'X/Y' cannot be a file and the folder"),
]


@pytest.mark.parametrize(("files", "told"), BAD_FILES, ids=str)
def test_it_refuses_files_that_cannot_lie_together(files, told):
    with pytest.raises(Invalid, match=told):
        jobfiles.checked(files)


@pytest.mark.parametrize(
    "path", ["a", "a b.txt", ".hidden", "...", "日本/語.txt", "x" * 200, "a/b/c/d/e.txt", "naïve & co.txt", "100%"]
)
def test_it_writes_and_repeats_any_other_path(path):
    job_id = uuid7()
    files = jobfiles.checked([file(path, "one")])

    written = [jobfiles.write(job_id, files) for _ in range(2)]

    assert written[0] == written[1]
    assert (jobfiles.area(job_id) / path).read_text(encoding="utf-8") == "one"


def test_it_replaces_what_an_earlier_try_wrote_and_leaves_no_halves():
    job_id = uuid7()
    jobfiles.write(job_id, [file("a.txt", "half a senten")])

    jobfiles.write(job_id, [file("a.txt", "half a sentence, and the rest")])

    assert [path.name for path in jobfiles.area(job_id).iterdir()] == ["a.txt"]
    assert (jobfiles.area(job_id) / "a.txt").read_text() == "half a sentence, and the rest"


@pytest.fixture
def outside(tmp_path):
    """A directory that belongs to somebody else."""
    directory = tmp_path / "outside"
    directory.mkdir()
    (directory / "a.txt").write_text("theirs")
    return directory


def test_it_writes_through_no_link_to_a_folder(outside):
    job_id = uuid7()
    jobfiles.area(job_id).mkdir(parents=True)
    (jobfiles.area(job_id) / "folder").symlink_to(outside)

    for path in ("folder/a.txt", "folder/deeper/a.txt"):
        with pytest.raises(Invalid, match="leads out"):
            jobfiles.write(job_id, [file(path)])

    assert [(path.name, path.read_text()) for path in outside.iterdir()] == [("a.txt", "theirs")]


def test_it_writes_through_no_link_to_a_file(outside):
    job_id = uuid7()
    jobfiles.area(job_id).mkdir(parents=True)
    (jobfiles.area(job_id) / "a.txt").symlink_to(outside / "a.txt")

    with pytest.raises(Invalid, match="leads out"):
        jobfiles.write(job_id, [file("a.txt")])

    assert (outside / "a.txt").read_text() == "theirs"


def test_it_writes_into_no_area_that_is_a_link(outside):
    job_id = uuid7()
    jobfiles.area(job_id).parent.mkdir(parents=True)
    jobfiles.area(job_id).symlink_to(outside)

    with pytest.raises(Invalid, match="is a link"):
        jobfiles.write(job_id, [file("a.txt")])

    assert (outside / "a.txt").read_text() == "theirs"


def test_it_writes_below_a_root_that_is_a_link(settings, outside, tmp_path):
    (tmp_path / "root").symlink_to(outside)
    settings.AUTOPILOT_JOB_FILES = tmp_path / "root"

    jobfiles.write(job_id := uuid7(), [file("a.txt")])

    assert (outside / str(job_id) / "a.txt").read_text() == "x"


def test_it_leaves_no_half_behind_when_a_folder_is_in_the_way():
    job_id = uuid7()
    (jobfiles.area(job_id) / "a.txt").mkdir(parents=True)

    with pytest.raises(OSError, match="directory"):
        jobfiles.write(job_id, [file("a.txt")])

    assert [path.name for path in jobfiles.area(job_id).iterdir()] == ["a.txt"]


def test_it_checks_paths_again_when_it_writes():
    with pytest.raises(Invalid, match="is refused"):
        jobfiles.write(uuid7(), [file("../a.txt")])
