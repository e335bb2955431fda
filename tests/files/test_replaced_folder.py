"""Folders that are there whole or not at all."""

import os
import signal

import pytest

from fer_keras.files import mend_folders, remove_folder, replaced_folder

OWN = {"a", "b"}


def _fill(folder, text):
    for name in sorted(OWN):
        (folder / name).write_text(text)


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_folder_with_parents(tmp_path):
    target = tmp_path / "deep" / "model"
    with replaced_folder(target, OWN) as folder:
        _fill(folder, "new")
        assert not target.exists()
    assert (target / "a").read_text() == "new"
    assert _names(tmp_path / "deep") == ["model"]


def test_an_earlier_version_is_there_until_the_new_one_is_complete(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    _fill(target, "old")
    with replaced_folder(target, OWN) as folder:
        _fill(folder, "new")
        assert (target / "b").read_text() == "old"
    assert (target / "b").read_text() == "new"
    assert _names(tmp_path) == ["model"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_an_error_leaves_everything_as_it_was(tmp_path, error):
    target = tmp_path / "model"
    target.mkdir()
    _fill(target, "old")
    with pytest.raises(type(error)), replaced_folder(target, OWN) as folder:
        (folder / "a").write_text("half")
        raise error
    assert _names(tmp_path) == ["model"]
    assert (target / "b").read_text() == "old"


def test_an_error_while_renaming_puts_the_old_one_back(tmp_path, monkeypatch):
    target = tmp_path / "model"
    target.mkdir()
    _fill(target, "old")
    replace = os.replace

    def failing(source, destination):
        if ".partial-" in str(source):
            raise PermissionError("not now")
        replace(source, destination)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(PermissionError), replaced_folder(target, OWN) as folder:
        _fill(folder, "new")
    assert _names(tmp_path) == ["model"]
    assert (target / "a").read_text() == "old"


def test_what_would_be_lost_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with (
        pytest.raises(ValueError, match=r"other files \(thesis.txt\)"),
        replaced_folder(tmp_path, OWN),
    ):
        pytest.fail("the folder must not be given")
    with (
        pytest.raises(ValueError, match="is a file"),
        replaced_folder(tmp_path / "thesis.txt", OWN),
    ):
        pytest.fail("the folder must not be given")
    assert _names(tmp_path) == ["thesis.txt"]


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with replaced_folder(tmp_path / "link", OWN) as folder:
        _fill(folder, "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a").read_text() == "new"


def _killed(action):
    """Runs an action in a process that is killed with SIGKILL at its end."""
    process = os.fork()
    if process == 0:
        try:
            action()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_killed_while_writing(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    _fill(target, "old")

    def write_half():
        with replaced_folder(target, OWN) as folder:
            (folder / "a").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)

    _killed(write_half)
    assert (target / "b").read_text() == "old"
    assert len(_names(tmp_path)) == 2
    mend_folders(tmp_path, "model")
    assert _names(tmp_path) == ["model"]


def test_killed_between_the_two_renames(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    _fill(target, "old")
    replace = os.replace

    def killed_after(source, destination):
        replace(source, destination)
        os.kill(os.getpid(), signal.SIGKILL)

    def write():
        with replaced_folder(target, OWN) as folder:
            _fill(folder, "new")
            os.replace = killed_after

    _killed(write)
    assert not target.exists()
    mend_folders(tmp_path, "model")
    assert _names(tmp_path) == ["model"]
    assert (target / "a").read_text() == "old"


def test_mending_touches_nothing_else(tmp_path):
    for name in (
        ".model.partial-mine",
        ".other.partial-0123abcd",
        "model.old-0123abcd",
    ):
        (tmp_path / name).mkdir()
    (tmp_path / ".model.old-0123abcd").write_text("a file")
    before = _names(tmp_path)
    mend_folders(tmp_path, "model")
    assert _names(tmp_path) == before


def test_a_half_removed_folder_is_not_put_back(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    _fill(target, "old")

    def remove():
        import shutil

        shutil.rmtree = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
        remove_folder(target)

    _killed(remove)
    assert not target.exists()
    mend_folders(tmp_path, "model")
    assert _names(tmp_path) == []
