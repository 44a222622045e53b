"""The page on which a person sees what the portal received."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

ROWS = 200
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"}

STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 0 auto; padding: 1rem; background: Canvas; color: CanvasText; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; min-width: 64rem; }
caption { text-align: left; padding-block: .5rem; }
th, td { border-bottom: 1px solid GrayText; padding: .5rem .75rem .5rem 0; text-align: left; vertical-align: top; }
th { white-space: nowrap; }
code { overflow-wrap: anywhere; }
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox portal</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>Sandbox portal</h1>
<p>A portal to practice on. It belongs to no authority, and nothing that arrives here goes any further.</p>
<p>{summary} <a href="/">Look again</a></p>
{table}
</main>
</body>
</html>
"""

TABLE = """<div class="wide" role="region" aria-label="What was received" tabindex="0">
<table>
<caption>What was received, the newest first</caption>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>"""

HEADS = ("Receipt", "Status", "Stored", "Packet", "Received (UTC)", "Size", "SHA-256")


def draw(rows: Sequence[Mapping[str, Any]], counts: Mapping[str, Any]) -> str:
    """Return the page for the rows `Store.latest` and the counts `Store.counts` give."""
    summary = (
        f"Requests: {counts['arrivals']}. Packets stored: {counts['submissions']}."
        f" Packets stored more than once: {len(counts['duplicates'])}."
    )
    return PAGE.format(summary=summary, table=_table(rows) if rows else "<p>Nothing has arrived yet.</p>")


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    return TABLE.format(heads=heads, rows="\n".join(_row(row) for row in rows))


def _row(row: Mapping[str, Any]) -> str:
    stored = "once" if row["times"] == 1 else f"{row['times']} times"
    came = [row, *json.loads(row["files"])]
    files = [(each["size"], each["media_type"], each["sha256"]) for each in came]
    cells = (
        "<br>".join(escape(line) for line in (row["status"], *row["reasons"])),
        stored,
        f"<code>{escape(row['packet'])}</code>",
        escape(row["receipt"]["received_at"][:19].replace("T", " ")),
        "<br>".join(f"{size:,} bytes<br>{escape(media_type)}" for size, media_type, _ in files),
        "<br>".join(f"<code>{escape(sha256)}</code>" for _, _, sha256 in files),
    )
    head = f'<th scope="row">{escape(row["number"])}</th>'
    return f"<tr>{head}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
