"""Hostile calls of `fer-keras transfer`: a right result, or what is wrong.

Whatever is asked, nothing is written outside the output folder and no file that was
there is lost.
"""

import functools
import os
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_keras import ConditionalDCGAN, EncoderInverter
from fer_keras.cli.main import main
from fer_keras.export import loaded_model as saved_model

CASES = 500
LONG = "x" * 300

GOOD = ("inputs/good.png", "inputs/alpha.png", "inputs/deep.png", "inputs/link.png")
GOOD += ("inputs/../inputs/good.png", "other/good.png")
BAD = ("inputs/text.png", "inputs/empty.png", "inputs/torn.png", "inputs/bomb.png")
BAD += ("inputs", "inputs/absent.png", "inputs/pipe", "inputs/loop.png", "..", "/")
BAD += ("inputs/two\nlines.png", f"{LONG}.png", "nul\0.png", "\udcff.png", "", "~")

MEANT = ("all", "Happy", "3", " sad ", "٣", "happy=0.5,sad=0.5", "happy=1e-320")
MEANT += ("happy=1e308,sad=1e308", "surprised")
SENSELESS = ("", "=", "hapy", "7", "99999", "9" * 5000, "happy=", "happy=nan", "all=1")
SENSELESS += ("happy=inf", "happy=0", "happy=-1", "happy,sad", "1e3", "\0", "a\nb", "³")

WRITABLE = ("out", "out/deep/er", "taken", "linked", "")
UNWRITABLE = ("file", "file/under", "/dev/null/x", "loop", "nul\0", LONG)

NO_MODEL = ("absent", "inputs", "broken", "", "file", "nul\0")
ODD_OPTIONS = (["--emotion"], ["--zoom", "3"], ["--overwrite=yes"], ["--source"])


def save(path, mode="L"):
    path.parent.mkdir(exist_ok=True)
    dice = np.random.default_rng(0)
    if mode == "I;16":
        pixels = dice.integers(0, 65536, (60, 50)).astype("uint16")
        Image.fromarray(pixels).save(path)
    else:
        pixels = dice.integers(0, 256, (60, 50, 3)).astype("uint8")
        Image.fromarray(pixels).convert(mode).save(path)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    gan = ConditionalDCGAN(width=2, latent_dim=4, seed=0)
    inverter = EncoderInverter(gan.generator, seed=1)
    folder = tmp_path_factory.mktemp("model") / "m"
    inverter.export(folder)
    return str(folder)


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A folder with all the places that the cases name."""
    world = tmp_path / "around" / "world"
    world.mkdir(parents=True)
    monkeypatch.chdir(world)
    (tmp_path / "around" / "outside.png").write_text("mine")
    save(world / "inputs" / "good.png")
    save(world / "inputs" / "alpha.png", "RGBA")
    save(world / "inputs" / "deep.png", "I;16")
    save(world / "other" / "good.png", "L")
    (world / "inputs" / "text.png").write_text("no picture")
    (world / "inputs" / "empty.png").write_bytes(b"")
    whole = (world / "inputs" / "good.png").read_bytes()
    (world / "inputs" / "torn.png").write_bytes(whole[:200])
    Image.new("1", (13_400, 13_400)).save(world / "inputs" / "bomb.png")
    os.mkfifo(world / "inputs" / "pipe")
    (world / "inputs" / "link.png").symlink_to("good.png")
    (world / "inputs" / "loop.png").symlink_to("loop.png")
    (world / "loop").symlink_to("loop")
    (world / "file").write_text("mine")
    (world / "broken").mkdir()
    (world / "broken" / "saved_model.pb").write_bytes(b"no model")
    for name in ("good", "alpha", "deep", "link"):
        save(world / "taken" / f"{name}.png")
    (world / "linked").mkdir()
    for name in ("good", "alpha", "deep", "link"):
        (world / "linked" / f"{name}.png").symlink_to("../../outside.png")
    return world


def contents(folder):
    """What stands under a folder: the bytes of files, the targets of links."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[path] = os.readlink(path)
        elif path.is_file():
            found[path] = path.read_bytes()
    return found


def test_generated_calls(world, model, monkeypatch, capsys):
    # Loading is most of a call's time; what is no model is loaded each time.
    known = functools.cache(saved_model.load_transfer)
    monkeypatch.setattr(saved_model, "load_transfer", known)
    dice = random.Random(20261123)
    before = contents(world.parent)
    done = refused = 0
    for _ in range(CASES):
        call, pictures, out, meant = generated_call(dice, model)
        try:
            status = main(call)
        except SystemExit as stop:
            status = stop.code
        shown = capsys.readouterr()
        after = contents(world.parent)
        assert (status == 0) == meant, f"{call} {shown.err}"
        assert "Traceback" not in shown.err
        lines = shown.err.splitlines()
        if status == 0:
            done += 1
            assert not lines
            check_written(shown.out.splitlines(), len(pictures))
        else:
            refused += 1
            # Of an option that no command has, the whole command speaks.
            said = ("fer-keras transfer: ", "fer-keras: error: ")
            told = [line for line in lines if line.startswith(said)]
            # A folder stands for the pictures in it.
            most = sum(
                len(os.listdir("inputs")) if p == "inputs" else 1 for p in pictures
            )
            assert 1 <= len(told) <= most + 1, (call, lines)
            # Before its line argparse shows how the command is used.
            assert status == 2 or told == lines, (call, lines)
        for path in after.keys() - before.keys():
            assert Path(os.path.realpath(out)) in path.parents, call
            assert path.suffix == ".png", (call, path)
            path.unlink()
        for path, content in before.items():
            if after.get(path) != content:
                assert "--overwrite" in call, (call, path)
                assert path.parent == world / out, (call, path)
                assert after.get(path), (call, path)
                restore(path, content)
    print(f"{done} done, {refused} refused")
    assert done > CASES / 10, "the generator made hardly any call that works"
    assert refused > CASES / 2, "the generator made hardly any hostile call"


def generated_call(dice, model):
    """Returns a call, its pictures and folder, and whether it should work."""

    def either(good, bad, hostile):
        return dice.choice(bad if hostile else good)

    # One thing at a time goes wrong in most calls, in some several and in some none.
    hostile = [dice.random() < 0.15 for _ in range(4)]
    pictures = [either(GOOD, BAD, hostile[0]) for _ in range(dice.randint(1, 3))]
    out = either(WRITABLE, UNWRITABLE, hostile[1])
    overwrite = dice.random() < 0.3
    call = ["transfer", "--crop", *pictures, "--out", out]
    call += ["--emotion", either(MEANT, SENSELESS, hostile[2])]
    call += ["--model", either((model,), NO_MODEL, hostile[3])]
    call += ["--overwrite"] if overwrite else []
    odd = dice.random() < 0.05
    call += dice.choice(ODD_OPTIONS) if odd else []
    in_the_way = out in ("taken", "linked") and not overwrite
    return call, pictures, out, not (any(hostile) or odd or in_the_way)


def check_written(names, count):
    assert len(set(names)) == count
    for name in names:
        with Image.open(name) as image:
            image.load()
            assert image.height >= 48 * 4
        assert not Path(name).is_symlink()


def restore(path, content):
    path.unlink()
    if isinstance(content, str):
        path.symlink_to(content)
    else:
        path.write_bytes(content)


def test_a_picture_is_never_replaced_by_its_transfer(world, model, capsys):
    original = (world / "inputs" / "good.png").read_bytes()
    for picture in ("inputs/good.png", "inputs/link.png", "inputs/../inputs/good.png"):
        call = ["transfer", "--crop", picture, "other/good.png", "--model", model]
        assert main([*call, "--out", "inputs", "--overwrite"]) == 1
        assert "one of the pictures themselves" in capsys.readouterr().err
    assert (world / "inputs" / "good.png").read_bytes() == original


def test_a_name_that_is_no_text_is_a_name(world, model, capsys):
    save(world / "\udcff.png")
    call = ["transfer", "--crop", "\udcff.png", "--model", model, "--out", "out"]
    assert main(call) == 0
    assert capsys.readouterr().out == "out/\\xff.png\n"
    assert (world / "out" / "\udcff.png").is_file()


def test_a_folder_in_the_way_leaves_nothing_behind(world, model, capsys):
    (world / "out" / "good.png").mkdir(parents=True)
    call = ["transfer", "--crop", "inputs/good.png", "--model", model, "--out", "out"]
    assert main([*call, "--overwrite"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert [path.name for path in (world / "out").iterdir()] == ["good.png"]
