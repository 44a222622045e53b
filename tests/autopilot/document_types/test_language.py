"""What the template language allows, and what it refuses: hostile templates by name, honest mistakes with advice."""

from datetime import date
from decimal import Decimal

import pytest

from autopilot.document_types import TemplateRefused, language, values
from autopilot.document_types.types import COMMON
from tests.autopilot.document_types.conftest import FIELDS, SAMPLE

pytestmark = pytest.mark.once
SCHEMA = {**COMMON, **FIELDS}


def written(source: str, **changes) -> str:
    """Write a template with the sample, and return what follows its heading."""
    context = values.checked(FIELDS, SAMPLE | changes) | {"title": "Slip 7", "created": date(2026, 11, 20)}
    template = language.compiled(f"<h1>Slip</h1>{source}", SCHEMA)
    return language.written(template, context).removeprefix("<h1>Slip</h1>")


HOSTILE = {
    "reads a file": ('{% include "/etc/passwd" %}', "no tag {% include %}"),
    "builds on another template": ('{% extends "admin/base.html" %}', "no tag {% extends %}"),
    "loads a library": ("{% load static %}", "no tag {% load %}"),
    "prints the settings": ("{% debug %}", "no tag {% debug %}"),
    "turns escaping off": ("{% autoescape off %}{{ name }}{% endautoescape %}", "no tag {% autoescape %}"),
    "marks a value as safe": ("{{ name|safe }}", "Invalid filter: 'safe'"),
    "marks a list as safe": ("{{ lines|safeseq }}", "Invalid filter: 'safeseq'"),
    "climbs to the class": ("{{ name.__class__ }}", "may not begin with underscores"),
    "climbs through a filter": ('{{ name|default:name.__class__ }}', "may not begin with underscores"),
    "calls a method": ("{{ name.upper }}", "no field “name.upper”"),
    "reads an attribute in a condition": ("{% if total.real %}x{% endif %}", "no field “total.real”"),
    "lists a dictionary": ("{% for row in lines %}{{ row.items }}{% endfor %}", "no field “row.items”"),
    "reads the request": ("{{ request.user }}", "no field “request.user”"),
    "reads the loop's parent": ("{% for row in lines %}{{ forloop.parentloop }}{% endfor %}", "no field “forloop.parentloop”"),
    "prints an address": ('{% url "admin:index" %}', "no tag {% url %}"),
    "writes a million spaces": ('{{ name|center:"1000000" }}', "Invalid filter: 'center'"),
    "counts to a million digits": ('{{ total|floatformat:"999999" }}', "Invalid filter: 'floatformat'"),
    "multiplies lists": ("{% for a in lines %}{% for b in lines %}x{% endfor %}{% endfor %}", "a list of its row"),
    "repeats a page for every row": ("{% for a in lines %}" + "x" * 4001 + "{% endfor %}", "more than 4000 characters"),
    "nests ten thousand conditions": ("{% if member %}" * 10000 + "{% endif %}" * 10000, "are allowed"),
    "nests two thousand conditions": ("{% if member %}" * 2000 + "{% endif %}" * 2000, "nested too deep|more than"),
    "is too long": ("x" * 60001, "60000 are allowed"),
    "runs a script": ("<script>alert(1)</script>", "The element <script>"),
    "runs a script on load": ('<p onload="alert(1)">x</p>', "The attribute “onload”"),
    "embeds a local file": ('<link rel="attachment" href="file:///etc/passwd">', "The element <link>"),
    "fetches a picture": ('<img src="http://169.254.169.254/latest/">', "The element <img>"),
    "fetches by a style": ('<p style="background: url(http://10.0.0.1)">x</p>', "The attribute “style”"),
    "brings a style sheet": ("<style>@import url(http://10.0.0.1)</style>", "The element <style>"),
    "moves the base": ('<base href="file:///">', "The element <base>"),
    "embeds an object": ('<object data="file:///etc/passwd"></object>', "The element <object>"),
    "opens a frame": ('<iframe src="http://10.0.0.1"></iframe>', "The element <iframe>"),
    "draws endlessly": ('<svg><use href="#a"/></svg>', "The element <svg>"),
    "asks for a hundred thousand columns": ('<table><tbody><tr><td colspan="100000">x</td></tr></tbody></table>', "from 1 to 12"),
    "hides in an attribute": ('<p class="{{ name }}">x</p>', "never inside one"),
    "hides in a tag's name": ("<{{ name }}>", "never inside one|no element"),
    "hides in a comment": ("<!-- {{ name }} -->", "never inside one|comment"),
    "declares an entity": ('<!ENTITY x SYSTEM "file:///etc/passwd">', "not allowed"),
    "instructs a program": ("<?php phpinfo() ?>", "not allowed|no element"),
    "closes the sheet": ("</main>", "closes what was not opened"),
    "nests fourteen boxes too many": ("<div>" * 20 + "</div>" * 20, "deeper than 16"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_it_refuses_a_template_that(source, reason):
    with pytest.raises(TemplateRefused, match=reason):
        language.compiled(f"<h1>Slip</h1>\n{source}", SCHEMA)


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("{{ nmae }}", "There is no field “nmae”. There are: .*name"),
        ("{{ total }}", r"“total” is an amount of money: write {{ total\|money }}"),
        ("{{ due_on }}", r"“due_on” is a date: write {{ due_on\|date }}"),
        ("{{ member }}", r"write {{ member\|yesno }}"),
        ("{{ lines }}", "“lines” is a list: loop over it"),
        ("{{ name|money }}", "“money” does not take text"),
        ("{{ name|shout }}", "Invalid filter: 'shout'. There are: capfirst, date"),
        ('{{ due_on|date:"H:i" }}', "A date has no time of day"),
        ("{{ note|default:name }}", "takes words in quotes"),
        ("{% for a in name %}x{% endfor %}", "“name” is no list"),
        ("{% for a, b in lines %}x{% endfor %}", "Loops have the form"),
        ("{% for name in lines %}x{% endfor %}", "already names something else"),
        ("{% for a in lines %}{% endfor %}{{ a.what }}", "no field “a.what”"),
        ("{% if member %}<p>x{% endif %}</p>", "<p> is opened inside if or for"),
        ("{% if member %}x", "Unclosed tag"),
        ("{% for a in lines %}x{% endif %}", "endif"),
        ("{% if %}x{% endif %}", "Unexpected end"),
        ("{{ name", "opened and not closed"),
        ("<p>x", "<p> is not closed"),
        ("<p/>", "<p/> must be closed by </p>"),
        ("<h1>Again</h1>", "one <h1>"),
        ("<h3>Deep</h3>", "<h3> skips a level"),
        ("a < b", "Write &lt;"),
    ],
)
def test_it_tells_the_line_and_what_to_write_instead(source, advice):
    with pytest.raises(TemplateRefused, match=advice) as refusal:
        language.compiled(f"<h1>Slip</h1>\n{source}", SCHEMA)

    assert str(refusal.value).startswith("Line 2")


def test_it_needs_a_heading_first():
    with pytest.raises(TemplateRefused, match="needs a heading"):
        language.compiled("<p>x</p>", SCHEMA)
    with pytest.raises(TemplateRefused, match="first heading"):
        language.compiled("<h2>x</h2>", SCHEMA)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ name|upper }}", "ŁUKASZ &amp; NGUYỄN"),
        ("{{ total|money }}", "$1,234.50"),
        ("{{ hours|number }}", "62.5"),
        ('{{ due_on|date:"M j" }}', "Dec 20"),
        ("{{ created|date }}", "November 20, 2026"),
        ('{{ note|default:"none" }}', "none"),
        ("{{ note }}", ""),
        ('{% if total > 1000 and member %}large{% else %}small{% endif %}', "large"),
        ("{{ lines|length }} line{{ lines|pluralize }}", "2 lines"),
        ("{% for each in lines %}{{ forloop.counter }}{% if not forloop.last %}, {% endif %}{% endfor %}", "1, 2"),
        ("{% comment %}{{ name }}{% endcomment %}x", "x"),
        ('<p class="quiet">{{ name }}<br>x &amp; y</p>', '<p class="quiet">Łukasz &amp; Nguyễn<br>x &amp; y</p>'),
    ],
)  # fmt: skip
def test_it_writes(source, text):
    assert written(source) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "$0.00"), ("-12.345", "−$12.35"), ("1234567.891", "$1,234,567.89"), ("-0.001", "$0.00")],
)
def test_it_writes_money_to_the_cent(amount, text):
    assert written("{{ total|money }}", total=Decimal(amount)) == text


def test_it_says_what_stands_when_a_list_is_empty():
    assert written("{% for each in lines %}x{% empty %}none{% endfor %}", lines=[]) == "none"


def test_it_writes_what_people_wrote_as_text():
    assert written("{{ name|linebreaks }}", name="<b>{{ x }}\n</b>") == "<p>&lt;b&gt;{{ x }}<br>&lt;/b&gt;</p>"
