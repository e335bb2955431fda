"""What the package says of itself: packages, version, pins, links, API pages."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PAGES = sorted(
    page
    for pattern in ("*.md", "*/*.md", "*/*/*.md")
    for page in ROOT.glob(pattern)
    if page.relative_to(ROOT).parts[0] not in ("build", "demo", "runs")
)


def test_the_wheel_holds_every_package_of_the_tree():
    found = {"fer_keras.saved_models"}
    for folder, name in (
        ("fer_keras", "fer_keras"),
        ("callbacks", "fer_keras.callbacks"),
        ("tfds_fer2013", "tfds_fer2013"),
    ):
        for init in (ROOT / folder).rglob("__init__.py"):
            parts = init.parent.relative_to(ROOT / folder).parts
            found.add(".".join((name, *parts)))
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found


def test_one_version():
    version = PROJECT["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    newest = re.search(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert newest[1] == version


def test_what_is_needed_is_pinned():
    def plain(name):
        return re.sub("[-_.]+", "-", name).lower()

    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {plain(line.split("==")[0]) for line in lines if "==" in line}
    extras = PROJECT["project"]["optional-dependencies"]
    needed = PROJECT["project"]["dependencies"] + [
        need for extra in ("test", "docs", "dev") for need in extras[extra]
    ]
    names = {plain(re.match(r"[\w.-]+", need)[0]) for need in needed}
    assert names <= pinned


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    """Strict mkdocs sees to those within `docs`."""
    text = re.sub(r"(?s)```.*?```", "", page.read_text("utf-8"))
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    missing = [
        link
        for link in links
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert not missing


def test_every_room_of_the_api_pages_exists():
    """Without building them, which `make docs` does."""
    for page in (ROOT / "docs" / "api").glob("*.md"):
        (name,) = re.findall(r"(?m)^::: (\S+)", page.read_text("utf-8"))
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name
