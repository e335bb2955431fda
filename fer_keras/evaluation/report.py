"""The report of an evaluation: one HTML page with everything in it."""

from collections.abc import Sequence
from html import escape

from fer_keras.evaluation.evaluation import Evaluation
from fer_keras.evaluation.glossary import GLOSSARY
from fer_keras.evaluation.markup import matrix, page, picture, table
from fer_keras.evaluation.plots import retrieval_plot, trade_off_plot
from fer_keras.evaluation.published import CAVEAT
from fer_keras.evaluation.result import SECTIONS, Entry
from fer_keras.evaluation.text_tables import (
    TITLES,
    difference_rows,
    rows_of,
    with_interval,
)


def report_page(
    evaluation: Evaluation, pictures: dict[str, Sequence[tuple[bytes, str]]]
) -> str:
    """Returns the page.

    Args:
        evaluation: What was found.
        pictures: By model: PNG bytes and a caption each, in order.
    """
    setting = evaluation.setting
    body = [
        f"<h1>{escape(setting.get('title', 'Evaluation'))}</h1>",
        *_introduction(evaluation),
        *(f'<p class="said">{escape(text)}</p>' for text in evaluation.sentences),
    ]
    for section in SECTIONS:
        body += _section(section, evaluation.entries, evaluation.comparisons)
    body += _published(evaluation)
    body += [
        "<h2>What is gained and what is lost</h2>",
        '<div class="row">',
        picture(
            trade_off_plot(evaluation.entries, evaluation.blend),
            "Emotion against identity. A transfer that learnt something lies above "
            "the line.",
        ),
        picture(
            retrieval_plot(evaluation.entries),
            "How far down the source stands among all real faces.",
        ),
        "</div>",
    ]
    for entry in evaluation.entries:
        if entry.kind == "model":
            body += _model(entry, setting["emotions"], pictures.get(entry.name, ()))
    body.append("<h2>What the scores are</h2><dl>")
    body += [
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in GLOSSARY
    ]
    body.append("</dl>")
    return page(setting.get("title", "Evaluation"), body)


def _introduction(evaluation: Evaluation) -> list[str]:
    setting, judges = evaluation.setting, evaluation.judges
    real = [
        [name, f"{value:.3f}", (judges["hashes"].get(name) or "not saved")[:16]]
        for name, value in judges["accuracy"].items()
    ]
    real.append(["all agree and are right", f"{judges['all_agree']:.3f}", ""])
    real.append(["identity", "–", (judges["hashes"]["identity"] or "not saved")[:16]])
    classes = zip(setting["emotions"], judges["all_agree_by_class"], strict=True)
    return [
        f"<p>{escape(setting.get('source', ''))} {setting['faces']:,} real faces, "
        f"{setting['edits']:,} edits, {setting['faces_per_class']:,} generated faces "
        "of each emotion. Brackets are 95 % bootstrap intervals over the faces.</p>",
        "<h2>The judges on these real faces</h2>",
        table(["accuracy", "SHA-256 begins"], real),
        "<p>All agree and are right, by emotion: "
        + ", ".join(f"{name} {rate:.2f}" for name, rate in classes)
        + ". A linear probe reads the emotion from the identity features with "
        f"{judges['emotion_probe']:.3f}; the commonest emotion has "
        f"{judges['commonest_class']:.3f} of the faces.</p>",
    ]


def _section(section, entries, comparisons, title=None) -> list[str]:
    head, rows = rows_of(section, entries, with_interval)
    if not rows:
        return []
    body = [f"<h2>{escape(title or TITLES[section])}</h2>", table(head, rows)]
    head, rows = difference_rows(section, comparisons, with_interval)
    if rows:
        body += [
            "<h3>Paired differences</h3>",
            "<p>✓ better, ✗ worse, neither where the interval holds 0.</p>",
            table(head, rows),
        ]
    return body


def _published(evaluation: Evaluation) -> list[str]:
    if not evaluation.same_faces:
        return []
    body = ["<h2>The paper's 64 published faces</h2>", f"<p>{escape(CAVEAT)}</p>"]
    for section in ("inversion", "transfer"):
        body += _section(
            section,
            evaluation.same_faces,
            evaluation.same_faces_comparisons,
            f"{TITLES[section]}, these 64 faces alone",
        )
    return body


def _model(entry: Entry, names, pictures) -> list[str]:
    body = [f"<h2>{escape(entry.name)}</h2>"]
    body += [picture(png, caption) for png, caption in pictures]
    body.append('<div class="row">')
    if "transfer" in entry.details:
        body.append(
            matrix(
                entry.details["transfer"]["matrix"],
                names,
                "Share of edits that all judges give the emotion asked for.",
                "from ↓ to →",
            )
        )
    for judge, found in entry.details.get("generation", {}).get("judges", {}).items():
        shares = [[cell / sum(row) for cell in row] for row in found["matrix"]]
        body.append(
            matrix(shares, names, f"Generated faces, by {judge}.", "asked ↓ seen →")
        )
    body.append("</div>")
    return body
