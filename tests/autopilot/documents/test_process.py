"""The renderer's process: what it may cost, and that its parent outlives whatever becomes of it."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from autopilot.documents import child, libraries
from autopilot.documents.errors import PdfError, PdfRefused, PdfRendererDied, PdfTimeout, PdfUnavailable
from autopilot.documents.limits import MEBIBYTE, Limits
from autopilot.documents.process import Renderer

pytestmark = pytest.mark.once

PAGE = {
    "html": "<!DOCTYPE html><html lang='en'><head><title>t</title></head><body><h1>Page</h1><p>Words</p></body></html>",
    "stylesheet": '@font-face { font-family: "Public Sans"; src: url("asset:fonts/PublicSans-Regular.ttf") }',
    "title": "t",
    "created": "2026-11-20T15:30:00Z",
}
DRAWING = "".join(f'<g id="g{level}">' + f'<use href="#g{level - 1}"/>' * 10 + "</g>" for level in range(1, 9))
BOMBS = {
    "nested boxes": '<div style="display: flex">' * 14 + "x" + "</div>" * 14,
    "endless pages": '<p style="break-after: page">x</p>' * 5000,
    "a cell over all columns": '<table><tr><td colspan="100000">x</td></tr></table>',
    "a drawing of itself": f'<svg width="9" height="9"><defs><g id="g0"><rect width="1" height="1"/></g>{DRAWING}</defs>'
    '<use href="#g8"/></svg>',
}


def child_of(renderer: Renderer) -> psutil.Process:
    """Return the process behind a renderer."""
    assert renderer._child is not None
    return psutil.Process(renderer._child.process.pid)


@pytest.fixture
def limits() -> Limits:
    return Limits(wall_seconds=60, cpu_seconds=5)


@pytest.fixture
def renderer(limits):
    with closing(Renderer(limits)) as renderer:
        yield renderer


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS)
def test_it_gives_up_a_document_that_takes_too_long(body, press):
    started = time.monotonic()

    with pytest.raises(PdfTimeout, match="processor time"):
        press(body)

    assert time.monotonic() - started < 60
    assert press("<p>The next document</p>").startswith(b"%PDF-1.7")


def test_it_refuses_too_many_pages(press):
    with pytest.raises(PdfRefused, match="60 pages; 50 are allowed"):
        press('<p style="break-after: page">x</p>' * 60)


@pytest.mark.parametrize("limits", [Limits(wall_seconds=20, cpu_seconds=10, memory_bytes=400 * MEBIBYTE)])
def test_it_survives_a_document_that_eats_memory(renderer):
    tenfold = "".join(f"--v{level}: " + f"var(--v{level - 1}) " * 10 + ";" for level in range(1, 9))

    with pytest.raises(PdfError, match="MemoryError"):
        renderer.render(
            PAGE | {"html": f"<style>p {{ --v0: 'x'; {tenfold} }} p::before {{ content: var(--v8) }}</style><p>"}
        )

    assert renderer.render(PAGE).startswith(b"%PDF-1.7")


def test_it_gives_up_a_process_that_stands_still(renderer):
    renderer.render(PAGE)
    renderer._child.limits = Limits(wall_seconds=1)
    still = child_of(renderer)
    still.send_signal(signal.SIGSTOP)

    with pytest.raises(PdfTimeout, match=r"after 1 s"):
        renderer.render(PAGE)

    assert not still.is_running()
    assert renderer.render(PAGE).startswith(b"%PDF-1.7")


def test_it_replaces_a_process_that_died_between_documents(renderer):
    first = renderer.render(PAGE)
    dead = child_of(renderer)
    dead.kill()
    assert renderer._child is not None
    renderer._child.process.wait()

    second = renderer.render(PAGE)

    assert first == second
    assert child_of(renderer).pid != dead.pid


def test_it_reports_a_process_that_dies_over_a_document(renderer):
    renderer.render(PAGE)
    busy = child_of(renderer)
    busy.suspend()
    threading.Timer(0.3, busy.kill).start()

    with pytest.raises(PdfRendererDied, match="status -9"):
        renderer.render(PAGE)

    assert renderer.render(PAGE).startswith(b"%PDF-1.7")


def test_it_keeps_its_process_over_a_refusal(renderer):
    renderer.render(PAGE)
    before = child_of(renderer).pid

    with pytest.raises(PdfRefused):
        renderer.render(PAGE | {"html": '<img src="http://127.0.0.1:1/x">'})

    renderer.render(PAGE)
    assert child_of(renderer).pid == before


def test_it_replaces_a_process_grown_old(renderer, monkeypatch):
    monkeypatch.setattr(child, "DOCUMENTS_PER_CHILD", 2)
    renderer.render(PAGE)
    renderer.render(PAGE)
    old = child_of(renderer)

    renderer.render(PAGE)

    assert child_of(renderer).pid != old.pid
    assert not old.is_running()


def test_it_says_where_a_failure_happened_and_not_what_the_document_said(renderer):
    with pytest.raises(PdfError, match=r"could not be made: \w+ at .*\.py:\d+") as failure:
        renderer.render(PAGE | {"created": ["the secret of Jane Roe"]})

    assert "Jane" not in str(failure.value)


def test_it_serves_threads_one_after_the_other(renderer):
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(renderer.render, [PAGE] * 12))

    assert len(made) == 1


def test_it_gives_its_process_no_secrets(renderer, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://user:secret@host/name")

    renderer.render(PAGE)

    assert "secret" not in str(child_of(renderer).environ())
    assert "SECRET_KEY" not in child_of(renderer).environ()


def test_it_leaves_no_files_behind(renderer):
    renderer.render(PAGE)
    assert renderer._child is not None
    folder = Path(renderer._child.folder)
    assert list(folder.rglob("*"))

    renderer.close()

    assert not folder.exists()


def test_its_process_ends_with_its_parent_and_cleans_up(tmp_path):
    script = f"""
        import os
        from autopilot.documents.process import Renderer
        renderer = Renderer()
        renderer.render({PAGE!r})
        print(renderer._child.process.pid, renderer._child.folder, flush=True)
        os._exit(0)
    """

    pid, folder = _run(script).split()

    assert _gone(int(pid))
    assert not Path(folder).exists()


def test_it_works_in_a_daemonic_process_forked_from_one_that_prints_already():
    script = f"""
        import multiprocessing
        from autopilot.documents.process import shared
        page = {PAGE!r}

        def work(queue):
            made = shared.render(page)
            queue.put((made, shared._child.process.pid))

        mine = shared.render(page)
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        worker = context.Process(target=work, args=(queue,), daemon=True)
        worker.start()
        theirs, pid = queue.get(timeout=20)
        worker.join()
        again = shared.render(page)
        print(mine == theirs == again, pid != shared._child.process.pid)
    """

    assert _run(script) == "True True"


def test_it_needs_no_more_memory_after_a_hundred_documents(renderer):
    for _ in range(40):
        renderer.render(PAGE)
    early = child_of(renderer).memory_info().rss

    for _ in range(60):
        renderer.render(PAGE)

    assert child_of(renderer).memory_info().rss - early < 3 * MEBIBYTE


def test_it_says_what_to_install_where_pango_is_missing(tmp_path, monkeypatch, renderer):
    (tmp_path / "libpango-1.0.so.0").write_text("not a library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))

    with pytest.raises(PdfUnavailable, match=r"apt-get install .*libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"):
        renderer.render(PAGE)

    assert "'pango-1.0'" in _run("from autopilot.documents import libraries; print(libraries.missing())")


def test_it_finds_the_libraries_here():
    assert libraries.missing() == []


def _run(script: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)]
    finished = subprocess.run(command, cwd=child.PROJECT, check=True, capture_output=True, text=True, timeout=60)
    return finished.stdout.strip()


def _gone(pid: int) -> bool:
    """Wait up to twenty seconds for a process that is not ours to end."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
