"""Change the emotion of a face: a conditional DCGAN for FER2013 and its inversion.

commands:
{commands}

Start with `fer-keras demo`, which needs no data. `fer-keras COMMAND --help` tells
the rest.
"""

import argparse
import difflib
import importlib
import os
import sys
import textwrap

COMMANDS = {
    "demo": "train on drawn faces and change their emotions, in five minutes",
    "train": "train G and D, then E, on FER2013, a CSV or drawn faces",
    "transfer": "give the faces in pictures another emotion",
    "evaluate": "measure models beside controls, by fixed judges",
    "tune": "search learning rate, beta_1 and any option, with KerasTuner",
    "figures": "make the paper's figures from a run",
    "pack": "make a small SavedModel with a card from a run, to share",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; errors that a user can mend are one line. Returns the status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments or arguments[0] in ("-h", "--help"):
        listing = "\n".join(f"  {name:<10} {text}" for name, text in COMMANDS.items())
        print(__doc__.format(commands=listing).strip())
        return 0
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        close = difflib.get_close_matches(name, COMMANDS, 1)
        hint = f" Did you mean {close[0]}?" if close else ""
        return _fail("fer-keras", f"no command {name!r}.{hint} See fer-keras --help.")
    return _run(name, name, rest)


def _run(module_name: str, name: str, arguments: list[str]) -> int:
    module = importlib.import_module(f"fer_keras.cli.{module_name}")
    parser = argparse.ArgumentParser(
        prog=f"fer-keras {name}",
        description=textwrap.dedent(module.__doc__),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    options = parser.parse_args(arguments)
    # Informational notes of TensorFlow's own tell a user of the command nothing.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    try:
        module.run(options)
    except (ValueError, OSError) as error:
        return _fail(f"fer-keras {name}", str(error))
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return _fail(f"fer-keras {name}", "interrupted.", status=130)
    return 0


def _fail(who: str, message: str, status: int = 1) -> int:
    print(one_line(f"{who}: {message}"), file=sys.stderr)
    return status


def one_line(text: str) -> str:
    """Returns an error in one line; bytes of paths that are no text are escaped."""
    return " ".join(text.encode(errors="backslashreplace").decode().split())


if __name__ == "__main__":
    sys.exit(main())
