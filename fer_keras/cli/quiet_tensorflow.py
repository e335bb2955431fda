"""Starts TensorFlow without the notes that it prints while it loads."""

import os
import re
import sys
import tempfile

# They are written before any setting of TensorFlow's holds, on every machine
# without a GPU; what else it says, such as why a GPU goes unused, is passed on.
_NOTES = re.compile(
    r"before absl::InitializeLog|oneDNN custom operations are on"
    r"|Could not find cuda drivers|failed call to cuInit"
    r"|optimized to use available CPU instructions|in other operations, rebuild"
)


def start_tensorflow() -> None:
    """Imports TensorFlow and looks for its devices."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            import tensorflow as tf

            # Physical ones: a strategy may still configure the logical ones.
            tf.config.list_physical_devices()
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            notes.seek(0)
            for line in notes.read().decode(errors="replace").splitlines():
                if not _NOTES.search(line):
                    print(line, file=sys.stderr)
