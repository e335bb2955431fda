"""The notebooks run from top to bottom."""

import json
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[1] / "examples"


def test_quickstart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((NOTEBOOKS / "quickstart.ipynb").read_text("utf-8"))
    names = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"], "outputs do not belong in the repository"
            exec("".join(cell["source"]), names)
    assert names["picture"](names["transfer"]).size > (700, 400)
    assert names["surprised"].shape == names["faces"].shape
    assert set(names["happy"]) == {"images"}
    assert not list(tmp_path.iterdir())
