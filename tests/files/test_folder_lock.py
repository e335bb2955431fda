"""One run at a time in a folder."""

import json
import os
import signal
import subprocess
import sys

import pytest

from fer_keras.files import FolderLock

_HOLDER = """
import importlib.util, sys, time
spec = importlib.util.spec_from_file_location("files", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
lock = module.FolderLock(sys.argv[2])
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of `tmp_path`."""
    file = sys.modules["fer_keras.files"].__file__
    command = [sys.executable, "-c", _HOLDER, file, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_held_folder_is_refused_and_the_holder_named(tmp_path, holder):
    with pytest.raises(ValueError, match=f"in use.*process {holder.pid} on"):
        FolderLock(tmp_path)


def test_a_killed_holder_leaves_no_lock(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with FolderLock(tmp_path):
        about = json.loads((tmp_path / ".lock-holder.json").read_text())
        assert about["process"] == os.getpid()


def test_closing_gives_the_folder_free(tmp_path):
    with FolderLock(tmp_path), pytest.raises(ValueError, match="in use"):
        FolderLock(tmp_path)
    FolderLock(tmp_path).close()


def test_a_file_of_a_lock_that_nobody_holds_is_no_lock(tmp_path):
    (tmp_path / ".lock").write_text("anything")
    with FolderLock(tmp_path):
        pass


def test_a_holder_that_says_nothing_is_a_holder(tmp_path):
    with FolderLock(tmp_path):
        (tmp_path / ".lock-holder.json").write_text("")
        with pytest.raises(ValueError, match="not said who"):
            FolderLock(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="Cannot write to the folder .*inside"):
        FolderLock(tmp_path / "file" / "inside")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="Cannot write.*Permission denied"):
        FolderLock(tmp_path)
