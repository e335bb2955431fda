"""A run's folder: what was asked is written there before the first step."""

import contextlib
import dataclasses
import json
import platform
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from fer_keras.files import write_json

_PACKAGES = (
    "fer-keras",
    "tensorflow",
    "keras",
    "keras-tuner",
    "tensorflow-datasets",
    "numpy",
)
# What a training leaves, and a search.
_MADE = ("*.csv", "checkpoints/*/[!.]*", "models/*", "trials/trial_*")


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """Where a run keeps its things.

    Attributes:
        path: The folder.

    `run.json` holds options, versions and every command by which the run was started
    or resumed; `logs/` TensorBoard's events; `samples/` and `transfers/` the grids;
    `checkpoints/` what resuming needs; `models/` the trained Keras models; `export/`
    the SavedModels.
    """

    path: Path

    @classmethod
    def create(cls, path: str | Path, options: Any, **more: Any) -> "RunFolder":
        """Makes the folder and records the run.

        Args:
            path: The folder, absent or empty.
            options: A dataclass, such as `TrainingOptions`.
            **more: Further JSON values for the record.

        Raises:
            ValueError: The folder holds something already.
        """
        path = Path(path)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ValueError(
                f"{path} exists already. Go on with it by --resume {path}, or name "
                "another folder with --run."
            )
        path.mkdir(parents=True, exist_ok=True)
        folder = cls(path)
        folder._write(
            {
                **_command(),
                **more,
                "options": dataclasses.asdict(options),
                "versions": {name: metadata.version(name) for name in _PACKAGES},
                "python": platform.python_version(),
                "machine": f"{platform.system()} {platform.machine()}",
            }
        )
        return folder

    @classmethod
    def open(cls, path: str | Path) -> "RunFolder":
        """Opens the folder of an earlier run.

        Raises:
            ValueError: It is not one.
        """
        path = Path(path)
        if not (path / "run.json").is_file():
            raise ValueError(f"{path} is not a run's folder: it holds no run.json.")
        return cls(path)

    @contextlib.contextmanager
    def recorded(self, options: Any, resumed: bool, **more: Any) -> Iterator[None]:
        """Records the command that is running, and when it ended.

        A command that is refused before it trains leaves no record, and where it was
        to be the run's first, no folder, so that the next try finds its name free.

        Args:
            options: A dataclass.
            resumed: Whether the folder is an earlier run's.
            **more: As for `create`.
        """
        before = self.record
        if resumed:
            commands = [*before.get("resumed", []), _command()]
            now = {"options": dataclasses.asdict(options), "resumed": commands}
            self._write({**before, **more, **now})
        try:
            yield
        except ValueError as error:
            # One that diverged is an error of its own kind, and did train.
            if type(error) is ValueError:
                self._take_back(before, resumed)
            raise
        record = self.record
        command = record["resumed"][-1] if record.get("resumed") else record
        command["ended"] = _now()
        self._write(record)

    def _take_back(self, before, resumed):
        if resumed:
            self._write(before)
        elif not any(any(self.path.glob(made)) for made in _MADE):
            shutil.rmtree(self.path)

    @property
    def record(self) -> dict:
        """What `run.json` holds."""
        try:
            record = json.loads((self.path / "run.json").read_text("utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError):
            record = None
        if not isinstance(record, dict) or not isinstance(record.get("options"), dict):
            raise ValueError(f"{self.path / 'run.json'} is damaged.")
        return record

    def _write(self, record: dict) -> None:
        write_json(self.path / "run.json", record, indent=2)

    def options(self, options_class: type) -> Any:
        """Returns the recorded options.

        Args:
            options_class: The dataclass that they are of.

        Raises:
            ValueError: They are of another kind of run, or of another version.
        """
        values = self.record["options"]
        names = {field.name for field in dataclasses.fields(options_class)}
        if set(values) != names:
            other = ", ".join(sorted(set(values) ^ names)[:3])
            raise ValueError(
                f"{self.path} holds a run of another kind or version of fer-keras: "
                f"they differ in {other}, …"
            )
        return options_class(**values)

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    def transfers(self, phase: str) -> Path:
        """The folder of the pictures of transfers in a phase."""
        return self.path / "transfers" / phase

    @property
    def export(self) -> Path:
        return self.path / "export"

    def model(self, phase: str) -> Path:
        """The file of the Keras model that a phase has trained."""
        return self.path / "models" / f"{phase}.keras"

    def checkpoints(self, phase: str) -> Path:
        """The folder of a phase's checkpoints."""
        return self.path / "checkpoints" / phase

    def history(self, phase: str) -> Path:
        """The CSV file of a phase's metrics, a row an epoch."""
        return self.path / f"{phase}.csv"


def refuse_changes(folder: RunFolder, before: Any, named: dict) -> None:
    """Refuses other options than those that a run was started with.

    Args:
        folder: The run's.
        before: The recorded options, a dataclass.
        named: Options that the user gave, by name.

    Raises:
        ValueError: One of them has another value.
    """
    changed = {k: v for k, v in named.items() if getattr(before, k) != v}
    if changed:
        raise ValueError(
            f"{folder.path} was started with other options: "
            + ", ".join(
                f"{k} {getattr(before, k)!r}, not {v!r}" for k, v in changed.items()
            )
            + ". Leave them out, or start a new run."
        )


def _command() -> dict:
    return {"command": shlex.join(["fer-keras", *sys.argv[1:]]), "started": _now()}


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
