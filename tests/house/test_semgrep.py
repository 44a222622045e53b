"""The rules of `.ci/semgrep.yaml` hold everywhere, and each finds what it is for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import ROOT

pytestmark = pytest.mark.once

RULES = ROOT / ".ci" / "semgrep.yaml"
PLANTED = {
    "markup-from-data": ["format_html('<b>' + name)", "mark_safe(name)", "SafeString(name)"],
    "template-from-data": ["Template(text)", "engine.from_string(text)"],
    "every-field": ["class Form:\n    class Meta:\n        fields = '__all__'"],
    "row-from-request": ["Job.objects.create(**request.POST.dict())", "Job(**request.data)"],
    "door-without-lock": [
        "class View:\n    permission_classes = []",
        "class View:\n    permission_classes = [AllowAny]",
    ],
    "row-without-scope": ["def show(self, request, pk):\n    return Job.objects.get(pk=pk)"],
    "outside-by-another-door": ["urllib.request.urlopen(url)", "requests.post(url)", "urllib3.request('GET', url)"],
    "document-with-free-fetcher": ["weasyprint.HTML(string=text)"],
    "regex-that-explodes": ["re.compile('(a+)+$')", "re.match('([a-z]+)*x', text)"],
    "statement-from-data": ["cursor.execute(f'SELECT {name}')", "rows.extra(where=[name])"],
    "code-from-data": ["pickle.loads(body)", "eval(text)", "subprocess.run(text, shell=True)"],
    "redirect-to-data": ["HttpResponseRedirect(request.GET['next'])", "redirect(request.GET.get('next'))"],
    "secret-compared-in-the-open": ["if given == portal_secret or api_token == given:\n    pass"],
    "person-in-the-log": ["logger.info('Taken from %s', person.email)"],
}
HARMLESS = """
format_html("<b>{}</b>", name)
Template("literal")
weasyprint.HTML(string=text, url_fetcher=fetcher)
re.compile(r"[a-z]+(\\.[a-z]+)+")
cursor.execute("SELECT %s", [name])
logger.info("Taken: %s", person.pk)
if secret == "":
    pass
"""


def findings(*targets: Path, home: Path = ROOT) -> list[tuple[str, str]]:
    """Return the id and the place of everything that the rules find in some files or folders."""
    command = [str(Path(sys.executable).with_name("semgrep")), "scan", "--config", str(RULES), "--json", "--quiet"]
    quiet = ["--metrics=off", "--disable-version-check", "--no-git-ignore", "--jobs=2"]
    done = subprocess.run([*command, *quiet, *map(str, targets)], cwd=home, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert not report["errors"], report["errors"]
    assert report["paths"]["scanned"], "Nothing was looked at."
    return [
        (each["check_id"].rpartition(".")[2], f"{each['path']}:{each['start']['line']}") for each in report["results"]
    ]


def test_it_finds_nothing_in_the_house():
    folders = ["autopilot", "config", "programs", "students", "instructors", "templates", "dev.py", "manage.py"]

    assert findings(*(Path(name) for name in folders)) == []


def test_it_finds_everything_planted(tmp_path):
    (tmp_path / "programs" / "views").mkdir(parents=True)
    for rule, examples in PLANTED.items():
        for number, code in enumerate(examples):
            (tmp_path / "programs" / "views" / f"{rule}_{number}.py").write_text(f"{code}\n")
    (tmp_path / "page.html").write_text("<p>{{ name|safe }}</p>\n{% autoescape off %}\n")

    found = findings(Path("."), home=tmp_path)

    planted = {f"programs/views/{rule}_{number}.py" for rule, codes in PLANTED.items() for number in range(len(codes))}
    assert {place.rpartition(":")[0] for rule, place in found if rule in place} == planted
    assert [place for rule, place in found if rule == "markup-unescaped-in-template"] == ["page.html:1", "page.html:2"]


def test_it_passes_what_is_right(tmp_path):
    (tmp_path / "right.py").write_text(HARMLESS)

    assert findings(Path("."), home=tmp_path) == []
