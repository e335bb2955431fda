"""Small pieces of HTML: tables, matrices with shaded cells, pictures in the page."""

import base64
from collections.abc import Sequence
from html import escape


def picture(png: bytes, caption: str) -> str:
    """Returns a picture that is part of the page itself."""
    data = base64.b64encode(png).decode()
    return (
        f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table whose first column names the rows."""
    cells = "".join(f"<th>{escape(text)}</th>" for text in ("", *head))
    lines = [f"<tr>{cells}</tr>"]
    for name, *values in rows:
        cells = "".join(f"<td>{escape(text)}</td>" for text in values)
        lines.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def matrix(
    cells: Sequence[Sequence[float | None]],
    names: Sequence[str],
    caption: str,
    corner: str,
) -> str:
    """Returns a matrix of shares, darker where larger; None is left empty."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = [f"<tr><th>{escape(corner)}</th>{head}</tr>"]
    for name, row in zip(names, cells, strict=True):
        shaded = "".join(map(_shaded, row))
        lines.append(f"<tr><th>{escape(name)}</th>{shaded}</tr>")
    return (
        f'<figure><table class="matrix">{"".join(lines)}</table>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _shaded(share: float | None) -> str:
    if share is None:
        return "<td></td>"
    light = round(97 - 57 * min(max(share, 0.0), 1.0))
    colour = "white" if light < 60 else "black"
    style = f"background:hsl(210 60% {light}%);color:{colour}"
    return f'<td style="{style}">{share:.2f}</td>'


def page(title: str, body: Sequence[str]) -> str:
    """Returns a whole page that loads nothing from elsewhere."""
    return _PAGE.format(title=escape(title), body="\n".join(body))


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 78em;
  padding: 0 1em; color: #222; }}
h1, h2, h3 {{ line-height: 1.2; }}
h2 {{ margin-top: 2em; border-bottom: 1px solid #ccc; }}
table {{ border-collapse: collapse; font-size: 13px; }}
th, td {{ padding: .25em .7em; text-align: right; white-space: nowrap; }}
tr > th:first-child {{ text-align: left; }}
tr:nth-child(even) td, tr:nth-child(even) th {{ background: #f5f5f5; }}
.wide {{ overflow-x: auto; }}
.row {{ display: flex; flex-wrap: wrap; gap: 1.5em; align-items: flex-start; }}
figure {{ margin: 1em 0; }}
figcaption {{ font-size: 13px; color: #555; }}
img {{ max-width: 100%; }}
.matrix td {{ text-align: center; }}
.said {{ background: #fff6dd; padding: .7em 1em; border-left: 4px solid #d9a400; }}
dt {{ font-weight: 600; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
