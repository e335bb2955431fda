"""Who may import whom. A room imports what stands before it, never back."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From left to right as data flows. A room imports from its own level and from those
# above it. A new module of the package gets its place here.
LEVELS = (
    {
        "config",
        "emotions",
        "files",
        "images",
        "litert",
        "option_fields",
        "picture_decoding",
        "shipped_models",
        "training",
    },
    {"data", "layers", "losses", "metrics", "photo", "synthetic_faces"},
    {"networks"},
    {"judges"},
    {"export"},
    {"models"},
    {"callbacks", "evaluation", "figures", "page", "tuning"},
    {"cli"},
)
LEVEL_OF = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}


def modules():
    """Maps every module of the package to its file."""
    found = {}
    for folder, name in (
        ("fer_keras", "fer_keras"),
        ("callbacks", "fer_keras.callbacks"),
        ("tfds_fer2013", "tfds_fer2013"),
    ):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            parts = [part for part in parts if part != "__init__"]
            found[".".join([name, *parts])] = path
    return found


def imported_names(path):
    """Returns the full names of what a file imports, in functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imports():
    """Maps every module of the package to those of the package that it imports."""
    known = modules()
    # `from fer_keras import ConditionalDCGAN` takes the name from its home.
    homes = public_names()

    def module_of(name):
        if name.startswith("fer_keras.") and name.split(".")[1] in homes:
            name = homes[name.split(".")[1]]
        while name and name not in known:
            name = name.rpartition(".")[0]
        return name

    return {
        name: {module_of(i) for i in imported_names(path)} - {"", name, "fer_keras"}
        for name, path in known.items()
    }


def public_names():
    tree = ast.parse((ROOT / "fer_keras" / "__init__.py").read_text(encoding="utf-8"))
    return next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "_HOMES"
    )


def room_of(module):
    first, *rest = module.split(".")
    return rest[0] if first == "fer_keras" and rest else first


def test_every_module_has_its_place():
    rooms = {room_of(module) for module in modules()}
    assert rooms - {"fer_keras", "tfds_fer2013"} <= set(LEVEL_OF)


def test_imports_point_one_way():
    wrong = [
        f"{module} imports {imported}"
        for module, those in imports().items()
        for imported in those
        if room_of(module) in LEVEL_OF
        and LEVEL_OF.get(room_of(imported), 0) > LEVEL_OF[room_of(module)]
    ]
    assert not wrong, "\n".join(wrong)


def test_rooms_import_each_other_in_no_circle():
    rooms = {}
    for module, those in imports().items():
        room = room_of(module)
        rooms.setdefault(room, set()).update({room_of(i) for i in those} - {room})
    graphlib.TopologicalSorter(rooms).prepare()


def test_modules_import_each_other_in_no_circle():
    # A package's `__init__` and its modules are one: it imports them by design.
    circular = {
        module: {i for i in those if not module.startswith(f"{i}.")}
        for module, those in imports().items()
    }
    graphlib.TopologicalSorter(circular).prepare()


def test_the_dataset_imports_nothing_of_ours():
    ours = {
        module: those
        for module, those in imports().items()
        if room_of(module) == "tfds_fer2013"
        and any(room_of(i) != "tfds_fer2013" for i in those)
    }
    assert not ours


def test_the_dataset_is_imported_by_data_and_the_commands_alone():
    rooms = {
        room_of(module)
        for module, those in imports().items()
        if any(room_of(i) == "tfds_fer2013" for i in those)
    }
    assert rooms <= {"tfds_fer2013", "data", "cli"}


def test_the_reader_sees_every_form_of_import(tmp_path, monkeypatch):
    """The rules above are worth what this reader finds."""
    folder = tmp_path / "fer_keras"
    folder.mkdir()
    (folder / "__init__.py").write_text('_HOMES = {"Thing": "fer_keras.models"}')
    for name in ("data", "models", "late"):
        (folder / f"{name}.py").write_text("")
    (folder / "layers.py").write_text(
        "import fer_keras.data as d, numpy\n"
        "from fer_keras import Thing\n"
        "def f():\n"
        "    from fer_keras.late import name\n"
    )
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert imports()["fer_keras.layers"] == {
        "fer_keras.data",
        "fer_keras.models",
        "fer_keras.late",
    }


@pytest.fixture(scope="module")
def loaded_modules():
    """What a user's first lines bring into a process that has Keras already."""
    # Keras itself imports matplotlib and pandas where it finds them.
    code = """
import sys, keras, tensorflow
before = set(sys.modules)
from fer_keras import ConditionalDCGAN, EmotionTransfer
print(*set(sys.modules) - before, sep="\\n")
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        cwd=ROOT,
    )
    return set(result.stdout.split())


def test_the_models_load_no_more_than_they_need(loaded_modules):
    assert "fer_keras.models" in loaded_modules
    unneeded = {
        "fer_keras.cli",
        "fer_keras.callbacks",
        "fer_keras.evaluation",
        "fer_keras.synthetic_faces",
        "tfds_fer2013",
        "tensorflow_datasets",
        "matplotlib",
        "keras_tuner",
        "pandas",
        "sklearn",
    }
    assert not unneeded & loaded_modules
