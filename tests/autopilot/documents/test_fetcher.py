"""The renderer's door to the world stays shut: measured with a server that listens, and a file worth stealing."""

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import weasyprint

from autopilot.documents.errors import PdfRefused
from tests.autopilot.documents.samples import opened, text_of

pytestmark = pytest.mark.once
SECRET = "TOPSECRET-DATABASE-PASSWORD"


class Listener(ThreadingHTTPServer):
    """A server that remembers which paths were asked of it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.hits: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    """Redirects `/redirect` to a file, and answers everything else with a style sheet."""

    server: Listener

    def do_GET(self) -> None:
        self.server.hits.append(self.path)
        self.send_response(302 if self.path == "/redirect" else 200)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Type", "text/css")
        self.end_headers()
        self.wfile.write(b"p { color: red }")

    def log_message(self, *arguments: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret(tmp_path) -> str:
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    return str(file.as_uri())


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{web}/image" width="9" height="9"/></svg>'
VECTORS = {
    "image": '<img src="{web}/x" alt="x">',
    "image at a redirect": '<img src="{web}/redirect" alt="x">',
    "image below a base": '<base href="{web}/base/"><img src="x.png" alt="x">',
    "style sheet": '<link rel="stylesheet" href="{web}/x">',
    "import": '<style>@import url("{web}/x");</style>',
    "font": '<style>@font-face {{ font-family: f; src: url("{web}/x") }}</style>',
    "background": '<p style="background: url({web}/x)">x</p>',
    "content": '<style>p::before {{ content: url("{web}/x") }}</style><p>x</p>',
    "list style": '<ul style="list-style-image: url({web}/x)"><li>x</li></ul>',
    "border image": '<p style="border: 5px solid; border-image: url({web}/x) 5">x</p>',
    "object": '<object data="{web}/x"></object>',
    "embedded": '<embed src="{web}/x">',
    "picture in a drawing": SVG,
    "drawing as data": '<img src="data:image/svg+xml;base64,' + base64.b64encode(SVG.encode()).decode() + '" alt="x">',
    "attachment from the web": '<link rel="attachment" href="{web}/x">',
    "attachment of a file": '<link rel="attachment" href="{file}">',
    "attached link to a file": '<a rel="attachment" href="{file}">x</a>',
    "image of a file": '<img src="{file}" alt="x">',
    "style sheet of a file": '<link rel="stylesheet" href="{file}">',
    "attachment above our folder": '<link rel="attachment" href="asset:../../manage.py">',
    "attachment relative": '<link rel="attachment" href="../../manage.py">',
    "attachment of our own code": '<link rel="attachment" href="asset:pdf.py">',
    "absolute path": '<img src="asset:/etc/passwd" alt="x">',
    "other protocol": '<img src="ftp://127.0.0.1:1/x" alt="x">',
    "capital letters": '<img src="HTTP://{host}/x" alt="x">',
}
IGNORED = {
    "frame": '<iframe src="{web}/x"></iframe>',
    "script": '<script src="{web}/x"></script>',
    "mask": '<p style="mask-image: url({web}/x)">x</p>',
    "picture button": '<input type="image" src="{web}/x">',
}


def written(vector: str, web: str, file: str) -> str:
    return vector.format(web=web, file=file, host=web.removeprefix("http://"))


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_it_refuses_a_document_that_reaches_out(vector, press, listener, secret):
    listener.hits.clear()

    with pytest.raises(PdfRefused, match=r"not an asset of ours|asset that we do not have") as refusal:
        press(written(vector, listener.address, secret))

    assert listener.hits == []
    assert "127.0.0.1" not in str(refusal.value)


@pytest.mark.parametrize("vector", IGNORED.values(), ids=IGNORED)
def test_it_ignores_what_paper_does_not_know(vector, press, listener, secret):
    listener.hits.clear()

    made = press(written(vector, listener.address, secret))

    assert listener.hits == []
    with opened(made) as document:
        assert not document.attachments
    assert SECRET not in text_of(made)


def test_without_our_fetcher_the_listener_would_have_heard_it(listener, secret):
    listener.hits.clear()

    weasyprint.HTML(string=written(VECTORS["image"], listener.address, secret)).render()

    assert listener.hits == ["/x"]


def test_it_shows_an_asset_of_ours(press):
    made = press('<img src="asset:images/pass.svg" alt="Passed">')

    assert made.startswith(b"%PDF-1.7")
