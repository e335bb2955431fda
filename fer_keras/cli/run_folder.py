"""A training run's folder: what was asked is written there before the first step."""

import contextlib
import dataclasses
import json
import platform
import shlex
import sys
import time
from importlib import metadata
from pathlib import Path

_PACKAGES = (
    "fer-keras",
    "tensorflow",
    "keras",
    "keras-tuner",
    "tensorflow-datasets",
    "numpy",
)


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """Where a run keeps its things.

    Attributes:
        path: The folder.

    `run.json` holds options, versions, seed and every sitting's command; `logs/`
    TensorBoard's events; `samples/` and `transfers/` the grids; `checkpoints/` what
    resuming needs; `models/` the trained Keras models; `export/` the SavedModels.
    """

    path: Path

    @classmethod
    def create(cls, path: str | Path, options: dict) -> "RunFolder":
        """Makes the folder and records the run.

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
        record = {
            **_sitting(),
            "options": options,
            "versions": {name: metadata.version(name) for name in _PACKAGES},
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}",
        }
        folder = cls(path)
        folder._write(record)
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
    def sitting(self, options: dict, resumed: bool):
        """Records a sitting's options, command and end; one that is refused is not."""
        before = self._record
        if resumed:
            sittings = [*before.get("resumed", []), _sitting()]
            self._write({**before, "options": options, "resumed": sittings})
        try:
            yield
        except ValueError as error:
            # Refused before it trained; one that diverged is an error of its own kind.
            if type(error) is ValueError:
                self._write(before)
            raise
        record = self._record
        sitting = record["resumed"][-1] if record.get("resumed") else record
        sitting["ended"] = _now()
        self._write(record)

    @property
    def _record(self) -> dict:
        try:
            return json.loads((self.path / "run.json").read_text())
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise ValueError(f"{self.path / 'run.json'} is damaged.") from None

    def _write(self, record: dict) -> None:
        aside = self.path / ".partial-run.json"
        aside.write_text(json.dumps(record, indent=2) + "\n")
        aside.replace(self.path / "run.json")

    @property
    def options(self) -> dict:
        """The options of the run, as long as it has been made."""
        if "options" not in self._record:
            raise ValueError(f"{self.path / 'run.json'} is damaged.")
        return self._record["options"]

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    def transfers(self, name: str) -> Path:
        """The folder of the pictures of transfers in a phase."""
        return self.path / "transfers" / name

    @property
    def export(self) -> Path:
        return self.path / "export"

    def model(self, name: str) -> Path:
        """The file of a trained Keras model: "gan", "inverter", "joint"."""
        return self.path / "models" / f"{name}.keras"

    def checkpoints(self, name: str) -> Path:
        """The folder of a phase's checkpoints."""
        return self.path / "checkpoints" / name

    def history(self, name: str) -> Path:
        """The CSV file of a phase's metrics, a row an epoch."""
        return self.path / f"{name}.csv"


def _sitting() -> dict:
    return {"command": shlex.join(["fer-keras", *sys.argv[1:]]), "started": _now()}


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
