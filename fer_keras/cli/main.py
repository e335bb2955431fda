"""Change the emotion of a face: a conditional DCGAN for FER2013 and its inversion.

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
    "train": "train G, D and E on FER2013, other faces or drawn ones",
    "transfer": "give the faces in pictures another emotion",
    "app": "open a page to play with, on this machine alone",
    "evaluate": "measure models beside controls, by fixed judges",
    "tune": "search learning rate, beta_1 and any option, with KerasTuner",
    "figures": "make the paper's figures from a run",
    "export": "write a model as SavedModel, LiteRT or ONNX",
    "pack": "make a small SavedModel with a card from a run, to share",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; errors that a user can mend are one line. Returns the status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character is no reason to stop.
        stream.reconfigure(errors="backslashreplace")
    name = arguments[0] if arguments else "--help"
    if name not in COMMANDS and not name.startswith("-"):
        close = difflib.get_close_matches(name, COMMANDS, 1)
        hint = f" Did you mean {close[0]}?" if close else ""
        return _fail("fer-keras", f"no command {name!r}.{hint} See fer-keras --help.")
    parser = argparse.ArgumentParser(prog="fer-keras")
    _describe(parser, __doc__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command, text in COMMANDS.items():
        command_parser = commands.add_parser(command, help=text)
        if command == name:
            # Only what is called is imported.
            module = importlib.import_module(f"fer_keras.cli.{command}")
            _describe(command_parser, module.__doc__)
            module.add_arguments(command_parser)
    if not arguments:
        parser.print_help()
        return 0
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


def _describe(parser, text):
    """Gives a parser a description whose lines stay as they are."""
    parser.description = textwrap.dedent(text)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


def _fail(who: str, message: str, status: int = 1) -> int:
    print(one_line(f"{who}: {message}"), file=sys.stderr)
    return status


def one_line(text: str) -> str:
    """Returns an error in one line; bytes of paths that are no text are escaped."""
    return " ".join(text.encode(errors="backslashreplace").decode().split())


if __name__ == "__main__":
    sys.exit(main())
