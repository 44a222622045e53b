#!/usr/bin/env python3
"""How fast an MOU and an invoice are printed beside Chromium and ReportLab, and whether memory stays flat.

    .venv/bin/python benchmarks/documents.py [--quick] [--repetitions 25] [--documents 500]

Every printer is warm and prints the same documents in turn, so that whatever else the machine does hits all alike; a
figure is a median of milliseconds, and what is judged are ratios of one run. Ours is the whole way from the data to
PDF/A-3a and PDF/UA-1, through the limited child. Chromium opens a file and prints it with its page warm, untagged; it is
not charged for making the HTML. ReportLab lays out the same words without a style sheet, and is no judge of speed for
tagged PDF: it stands there as the floor. Then one child prints many documents, and its memory is read on the way.
The last line is JSON.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

# Not this folder: it has names that Python's own modules have.
sys.path[0] = str(Path(__file__).resolve().parent.parent)
os.environ.setdefault("PROVOST_ENVIRONMENT", "test")
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("ARCHIVE_ROOT", tempfile.gettempdir())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import psutil

from autopilot.documents import process
from benchmarks.support.printing import chromium, flowing
from benchmarks.support.printing.samples import Sample
from benchmarks.support.report import Target, finish, options, tell

SAMPLES = (Sample("mou"), Sample("invoice"))
OURS, CHROMIUM = "Provost", "Chromium, warm page"
WARM, LEAST_RATIO, MOST_GROWTH = 3, 1.3, 1.1
SETTLED = 50  # documents after which a child has loaded whatever it keeps
QUICK_REPETITIONS, QUICK_DOCUMENTS = 3, 60
MEBIBYTE = 2**20

Figures = dict[str, Any]


class Printer(Protocol):
    """Something that prints; what `prepare` does is not counted."""

    title: str

    def prepare(self, sample: Sample, number: int) -> None:
        """Make ready what the printer would be given."""

    def make(self, sample: Sample, number: int) -> bytes:
        """Print it."""


class Ours:
    """Provost, as a job prints."""

    title = OURS

    def prepare(self, sample: Sample, number: int) -> None:
        """Do nothing: ours is counted from the data on."""

    def make(self, sample: Sample, number: int) -> bytes:
        """Print it."""
        return sample.ours(number)


def main() -> int:
    """Measure everything; exit 1 if a target of a full run is missed."""
    chosen = options(__doc__, repetitions=25, documents=500)
    left_out = {"Chromium": chromium.MISSING, "ReportLab": flowing.MISSING}
    left_out = {title: reason for title, reason in left_out.items() if reason}
    for title, reason in left_out.items():
        tell(f"{title} is left out: {reason}.")
    with ExitStack() as stack:
        printers: list[Printer] = [Ours()]
        if not chromium.MISSING:
            printers.append(stack.enter_context(chromium.opened()))
        if not flowing.MISSING:
            printers.append(flowing.ReportLab())
        speed = {sample.slug: timed(printers, sample, chosen) for sample in SAMPLES}
    memory = memory_over(QUICK_DOCUMENTS if chosen.quick else chosen.documents)
    figures = {"milliseconds": speed, "ratios to ours": ratios(speed), "mebibytes": memory, "left out": left_out}
    return finish("documents", quick=chosen.quick, figures=figures, targets=targets(figures))


def timed(printers: list[Printer], sample: Sample, chosen: argparse.Namespace) -> Figures:
    """Return the median of milliseconds of every printer: document by document, one printer after the other."""
    taken: dict[str, list[float]] = {printer.title: [] for printer in printers}
    for number in range(WARM + (QUICK_REPETITIONS if chosen.quick else chosen.repetitions)):
        for printer in printers:
            printer.prepare(sample, number)
            start = time.perf_counter()
            printer.make(sample, number)
            taken[printer.title].append(1000 * (time.perf_counter() - start))
    return {title: round(statistics.median(values[WARM:]), 1) for title, values in taken.items()}


def ratios(speed: Figures) -> Figures:
    """Return how many times as long as ours every other printer takes, by sample."""
    return {
        slug: {title: round(value / medians[OURS], 2) for title, value in medians.items() if title != OURS}
        for slug, medians in speed.items()
    }


def memory_over(documents: int) -> Figures:
    """Print documents in one child, and return its resident memory in MiB by how many it has printed."""
    process.shared.close()
    child = process.Child(process.shared.limits)
    process.shared._child = child
    child.renewed_after = documents + 1
    found: dict[str, float] = {}
    for number in range(1, documents + 1):
        SAMPLES[number % 2].ours(number)
        if number in (1, SETTLED, documents // 2, documents):
            found[str(number)] = round(psutil.Process(child.process.pid).memory_info().rss / MEBIBYTE, 1)
    process.shared.close()
    return found


def targets(figures: Figures) -> list[Target]:
    """Return what was promised of the figures."""
    speed = [
        Target(f"{slug}: Chromium's warm page / ours", others[CHROMIUM], LEAST_RATIO, at_least=True)
        for slug, others in figures["ratios to ours"].items()
        if CHROMIUM in others
    ]
    memory = figures["mebibytes"]
    last = list(memory.values())[-1]
    growth = Target(f"memory: last / document {SETTLED}", last / memory[str(SETTLED)], MOST_GROWTH)
    return [*speed, growth]


if __name__ == "__main__":
    raise SystemExit(main())
