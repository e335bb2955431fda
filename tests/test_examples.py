"""The notebook, and what the README shows first, run from top to bottom."""

import json
import re
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[1]


def test_quickstart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((ROOT / "examples" / "quickstart.ipynb").read_text("utf-8"))
    names = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"], "outputs do not belong in the repository"
            exec("".join(cell["source"]), names)
    assert names["picture"](names["transfer"]).size > (700, 400)
    assert names["surprised"].shape == names["faces"].shape
    assert set(names["happy"]) == {"images"}
    assert not list(tmp_path.iterdir())


def test_ten_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo = Image.new("RGB", (90, 120), "grey")
    ImageDraw.Draw(photo).ellipse((15, 15, 75, 105), fill="white")
    photo.save("photo.png")
    blocks = re.findall(r"(?s)```python\n(.*?)```", (ROOT / "README.md").read_text())
    names = {}
    exec(blocks[0], names)
    assert names["seven"].shape == (1, 7, 48, 48, 1)
    assert Image.open("happy.png").size == (48, 48)
    for block in blocks:
        compile(block, "README.md", "exec")
