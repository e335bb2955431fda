"""The report of an evaluation: one HTML page with everything in it."""

import base64
from collections.abc import Mapping, Sequence

import jinja2

from fer_keras.evaluation.protocol import Evaluation
from fer_keras.evaluation.published import CAVEAT
from fer_keras.evaluation.tables import (
    judges_table,
    landmarks,
    tables_of,
    with_interval,
)


def report_page(
    evaluation: Evaluation,
    plot: bytes,
    pictures: Mapping[str, Sequence[tuple[bytes, str]]],
) -> str:
    """Returns the page, with its pictures inside.

    Args:
        evaluation: What was found.
        plot: The trade-off plot, a PNG file's bytes.
        pictures: By model: PNG bytes and a caption each, in order.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fer_keras.evaluation", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["png"] = lambda data: base64.b64encode(data).decode()
    found = evaluation
    return environment.get_template("report.html").render(
        evaluation=found,
        setting=found.setting,
        judges_table=judges_table(found),
        landmarks=landmarks(found),
        tables=list(tables_of(found.entries, found.comparisons, with_interval)),
        same_faces=list(
            tables_of(found.same_faces, found.same_faces_comparisons, with_interval)
        ),
        caveat=CAVEAT,
        plot=plot,
        pictures=pictures,
    )
