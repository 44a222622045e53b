"""Records that say the same twice: rows, entries and periods of one person."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter

from students.wioa.pirl.values import Days

EVER = 9_999_999  # the last day of a period that has no exit
NAMED = ("OBS", "100", "900", "901")
# By which codes a program makes a participant, each program with a bit of its own.
PARTICIPANTS: Mapping[str, Mapping[str, int]] = {
    "903": dict.fromkeys("123", 1),
    "904": dict.fromkeys("123", 2),
    "905": dict.fromkeys("123", 4),
    "918": {"1": 8},
}


class Duplicates:
    """Sees the rows of one file, one after the other, in any order.

    It remembers of every row its OBS and, per person, the days of the periods: some 200 bytes a row.
    """

    def __init__(self, columns: Mapping[str, int], days: Days) -> None:
        self._of = _texts(columns, NAMED)
        self._programs = _texts(columns, tuple(PARTICIPANTS))
        self._days = days
        self._rows: set[str] = set()
        self._periods: dict[str, tuple[int, ...]] = {}  # start, end and programs of each period, in a row

    def broken(self, row: Sequence[str]) -> Iterator[str]:
        """Yield the ids of the checks that a row breaks because of a row before it."""
        obs, person, entry, left = self._of(row)
        number = obs.lstrip("0")
        if number in self._rows:
            yield "EC021"
        self._rows.add(number)
        start = self._days[entry]
        if start and person:
            yield from self._period(person, start, self._days[left] or EVER, row)

    def _period(self, person: str, start: int, end: int, row: Sequence[str]) -> Iterator[str]:
        programs = 0
        for code, bits in zip(self._programs(row), PARTICIPANTS.values(), strict=True):
            programs |= bits.get(code, 0)
        known = self._periods.get(person, ())
        earlier = list(zip(known[::3], known[1::3], known[2::3], strict=True)) if known else []
        if any(start == begun for begun, _, _ in earlier):
            yield "EC019"
        elif any(start <= ended and begun <= end and programs & others for begun, ended, others in earlier):
            yield "EC020"
        self._periods[person] = (*known, start, end, programs)


def _texts(columns: Mapping[str, int], numbers: tuple[str, ...]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return what reads some elements of a row; one that the schema does not have is blank."""
    if all(number in columns for number in numbers):
        return itemgetter(*(columns[number] for number in numbers))
    places = [columns.get(number) for number in numbers]
    return lambda row: tuple("" if place is None else row[place] for place in places)
