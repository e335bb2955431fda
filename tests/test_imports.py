"""Who may import whom: the import statements are read, so that nobody has to ask.

A stage takes what the stage before it made and knows nothing of the stage after.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A room imports only from levels above its own line. A new module of the package
# gets its place here.
LEVELS = (
    {
        "batches",
        "checkpoints",
        "distribution",
        "emotions",
        "file_hashes",
        "folder_lock",
        "fused_adam",
        "images",
        "replicas",
        "training_state",
    },
    {"layers", "losses", "metrics", "synthetic_faces"},
    {"networks"},
    {"judges"},
    {"judge_cards", "models", "validation_scores"},
    {"export", "figures", "paper_figures", "saved_model"},
    {"callbacks", "evaluation", "presets"},
    {"tuning"},
    {"cli"},
)
LEVEL_OF = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}

DATA_MAY_IMPORT = {"batches", "emotions", "images", "synthetic_faces", "tfds_fer2013"}
MAY_IMPORT_DATA = {"cli", "tuning"}

# `model.export(...)` and `Model.from_preset(...)` are how Keras' users ask for these,
# which are built on the models: they are imported when they are asked for.
DEFERRED = {("models", "export"), ("models", "presets")}


def sources():
    """Every file of the package with the room that it belongs to."""
    for path in sorted((ROOT / "fer_keras").rglob("*.py")):
        inside = path.relative_to(ROOT / "fer_keras")
        yield (
            path,
            "package"
            if inside.name == str(inside) == "__init__.py"
            else (inside.parts[0].removesuffix(".py")),
        )
    for folder in ("callbacks", "tfds_fer2013"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, folder


def imported_modules(path):
    """Full names of what a file imports, and whether a function does so later."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    deferred = {
        node
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield name, node in deferred, f"{path.relative_to(ROOT)}:{node.lineno}"


def room_of(module):
    """The room of an imported module, None for those that are not ours."""
    first, *rest = module.split(".")
    if first == "tfds_fer2013":
        return first
    if first != "fer_keras":
        return None
    is_room = rest and (rest[0] in LEVEL_OF or rest[0] == "data")
    # `from fer_keras import ConditionalDCGAN` is the package, which is its models.
    return rest[0] if is_room else "models"


def our_imports():
    for path, room in sources():
        for module, deferred, place in imported_modules(path):
            imported = room_of(module)
            if imported not in (None, room):
                yield room, imported, deferred, place


def test_every_module_has_its_place():
    rooms = {room for _, room in sources()} - {"package", "data", "tfds_fer2013"}
    assert rooms <= set(LEVEL_OF), "give these a place in LEVELS"


def test_imports_point_one_way():
    wrong = [
        f"{place}: {room} imports {imported}"
        for room, imported, deferred, place in our_imports()
        if room in LEVEL_OF
        and imported in LEVEL_OF
        and LEVEL_OF[imported] >= LEVEL_OF[room]
        and not (deferred and (room, imported) in DEFERRED)
    ]
    assert not wrong, "\n".join(wrong)


def test_data_is_imported_by_the_commands_alone():
    wrong = [
        f"{place}: {room} imports {imported}"
        for room, imported, _, place in our_imports()
        if (imported == "data" and room not in MAY_IMPORT_DATA)
        or (room == "data" and imported not in DATA_MAY_IMPORT)
        or (imported == "tfds_fer2013" and room not in {"data", "cli"})
    ]
    assert not wrong, "\n".join(wrong)


def test_the_dataset_imports_nothing_of_ours():
    imports = [place for room, _, _, place in our_imports() if room == "tfds_fer2013"]
    assert not imports


def test_the_reader_sees_through_every_form_of_import(tmp_path, monkeypatch):
    """The rules above are worth what this reader finds."""
    path = tmp_path / "fer_keras" / "layers.py"
    path.parent.mkdir()
    path.write_text(
        "import fer_keras.data.fit_inputs as b, numpy\n"
        "from fer_keras import data, EmotionTransfer\n"
        "def late():\n"
        "    from fer_keras.export import export_saved_model\n"
    )
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    found = [(room_of(module), late) for module, late, _ in imported_modules(path)]
    assert sorted(found, key=str) == sorted(
        [
            ("models", False),
            (None, False),
            ("data", False),
            ("models", False),
            ("export", True),
        ],
        key=str,
    )


@pytest.fixture(scope="module")
def modules_after_import():
    """Names of what `import fer_keras` brings into a process that has Keras."""
    # Keras itself imports matplotlib and pandas where it finds them.
    code = """
import sys, keras, tensorflow
before = set(sys.modules)
import fer_keras
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


@pytest.mark.parametrize(
    "module",
    [
        "fer_keras.cli",
        "fer_keras.data",
        "fer_keras.callbacks",
        "fer_keras.synthetic_faces",
        "tfds_fer2013",
        "tensorflow_datasets",
        "matplotlib",
        "keras_tuner",
        "pandas",
    ],
)
def test_the_package_alone_does_not_import(module, modules_after_import):
    assert "fer_keras.models" in modules_after_import
    assert module not in modules_after_import
