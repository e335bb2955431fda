"""What can be wrong with a FER2013 file, as errors that name the place."""


class Fer2013FormatError(ValueError):
    """A FER2013 file that is damaged, malformed or hostile.

    Args:
        file: The file, and what is inside it where it is an archive.
        reason: What was expected and what came.
        line: Line number in the CSV, counted from 1, where there is one.
    """

    def __init__(self, file: str, reason: str, line: int | None = None):
        self.file = file
        self.reason = reason
        self.line = line
        place = file if line is None else f"{file}, line {line}"
        super().__init__(f"{place}: {reason}")

    def __reduce__(self):
        return type(self), (self.file, self.reason, self.line)


class Fer2013NotFoundError(FileNotFoundError, ValueError):
    """No file of FER2013 where one was expected; the message names all accepted."""
