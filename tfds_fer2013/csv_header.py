"""The first line of FER2013's CSV, by which the file is known whatever its name."""

CSV_NAMES = ("fer2013.csv", "icml_face_data.csv")
"""The names under which the CSV is handed out."""

COLUMNS = ("emotion", "pixels", "usage")


def column_names(line: bytes) -> list[str]:
    """Returns the names of the columns, in lower case and without quotes."""
    fields = line.removeprefix(b"\xef\xbb\xbf").strip().split(b",")
    return [
        unquoted(field.strip()).strip().lower().decode("utf-8", "replace")
        for field in fields
    ]


def is_fer2013_header(start: bytes) -> bool:
    """Whether a file that begins with these bytes has the columns of FER2013."""
    return set(COLUMNS) <= set(column_names((start.splitlines() or [b""])[0]))


def unquoted(field: bytes) -> bytes:
    """Returns a field of a CSV without its quotes."""
    quoted = len(field) > 1 and field.startswith(b'"') and field.endswith(b'"')
    return field[1:-1].strip() if quoted else field
