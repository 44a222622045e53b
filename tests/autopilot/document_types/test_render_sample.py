"""`manage.py render_sample`."""

import pytest
from django.core.management import CommandError, call_command

from tests.autopilot.documents.samples import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kind")]


def test_it_prints_a_type_with_sample_data(tmp_path, capsys):
    out = tmp_path / "slip.pdf"

    call_command("render_sample", "slip", str(out))

    assert "Łukasz & Nguyễn" in text_of(out.read_bytes())
    assert capsys.readouterr().out == f"{out}: Slip, with sample data\n"


def test_it_takes_a_type_as_people_write_it(tmp_path, capsys):
    call_command("render_sample", "Credit-Note", str(tmp_path / "out.pdf"))

    assert "Credit note, with sample data" in capsys.readouterr().out


def test_it_lists_the_types_when_asked_for_none(capsys):
    call_command("render_sample")

    printed = capsys.readouterr().out
    assert "  slip                  Slip\n" in printed
    assert "Write: manage.py render_sample TYPE OUT.pdf" in printed


def test_it_lists_the_types_when_asked_for_another(tmp_path):
    with pytest.raises(CommandError, match=r"no document type “slop”.\nThe types of documents are:\n(.*\n)*  slip "):
        call_command("render_sample", "slop", str(tmp_path / "slop.pdf"))

    assert list(tmp_path.glob("*.pdf")) == []


def test_it_says_where_it_cannot_write(tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("render_sample", "slip", str(tmp_path / "nowhere" / "slip.pdf"))
