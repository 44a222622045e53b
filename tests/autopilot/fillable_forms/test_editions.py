"""Edition and expiry, as forms print them."""

from datetime import date

import pytest

from autopilot.fillable_forms.editions import edition_in, expiry_in, last_day

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "edition"),
    [
        ("Form I-9  Edition   08/01/23", "08/01/23"),
        ("Form W-9 (Rev. 3-2024)", "3-2024"),
        ("Form W-4 (Rev. December 2024) (Rev. December 2024) Revised 1/2020", "December 2024"),
        ("DHS 11/2023 Edition", "11/2023"),
        ("WIOA-12 Revised: July 1, 2025", "July 1, 2025"),
        ("Reviewed 2024; the revenue of 2023", ""),
        ("", ""),
    ],
)
def test_it_finds_the_edition(text, edition):
    assert edition_in(text) == edition


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        ("OMB No. 1615-0047\nExpires 07/31/2026", ("07/31/2026", date(2026, 7, 31))),
        ("OMB Approval Expires: 4/2027", ("4/2027", date(2027, 4, 30))),
        ("Expiration Date: February 2028", ("February 2028", date(2028, 2, 29))),
        ("Exp. Date 12/31/27 and Expires 01/31/26", ("01/31/26", date(2026, 1, 31))),
        ("Expiration Date (if any) (mm/dd/yyyy)", None),
        ("Expires 99/99/2026", None),
    ],
)
def test_it_finds_the_earliest_expiry(text, expiry):
    assert expiry_in(text) == expiry


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-07-31", date(2026, 7, 31)),
        ("7.31.2026", date(2026, 7, 31)),
        ("Sep. 3, 2026", date(2026, 9, 3)),
        ("2026", date(2026, 12, 31)),
        ("02/30/2026", None),
    ],
)
def test_it_reads_a_date_as_the_last_day_it_means(written, day):
    assert last_day(written) == day
