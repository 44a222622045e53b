"""Records that say the same twice: rows, entries and periods of one person."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from students.wioa.pirl.values import Days

EVER = 9_999_999  # the last day of a period that has no exit
OF_PROGRAM: Sequence[tuple[str, frozenset[str]]] = (
    ("903", frozenset("123")),
    ("904", frozenset("123")),
    ("905", frozenset("123")),
    ("918", frozenset("1")),
)


class Duplicates:
    """Sees the rows of one file, one after the other, in any order.

    It remembers of every row its OBS and, per person, the days of the periods: some 200 bytes a row.
    """

    def __init__(self, columns: Mapping[str, int], days: Days) -> None:
        self._of = self._getter(columns)
        self._days = days
        self._rows: set[str] = set()
        self._periods: dict[str, tuple[int, ...]] = {}  # start, end and programs of each period, in a row
        self._programs = [(columns[number], codes) for number, codes in OF_PROGRAM if number in columns]

    def broken(self, row: Sequence[str]) -> Iterator[str]:
        """Yield the ids of the checks that a row breaks because of a row before it."""
        obs, person, entry, left = self._of(row)
        if obs.lstrip("0") in self._rows:
            yield "EC021"
        self._rows.add(obs.lstrip("0"))
        start = self._days[entry]
        if start and person:
            yield from self._period(person, start, self._days[left] or EVER, row)

    def _period(self, person: str, start: int, end: int, row: Sequence[str]) -> Iterator[str]:
        programs = sum(1 << bit for bit, (column, codes) in enumerate(self._programs) if row[column] in codes)
        known = self._periods.get(person, ())
        earlier = list(zip(known[::3], known[1::3], known[2::3], strict=True)) if known else []
        if any(start == begun for begun, _, _ in earlier):
            yield "EC019"
        elif any(start <= ended and begun <= end and programs & others for begun, ended, others in earlier):
            yield "EC020"
        self._periods[person] = (*known, start, end, programs)

    @staticmethod
    def _getter(columns: Mapping[str, int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
        numbers = [columns.get(number) for number in ("OBS", "100", "900", "901")]
        return lambda row: tuple("" if column is None else row[column] for column in numbers)
