"""What each option of the better recipe gives: added one at a time, at equal steps.

Every row is the row before it and one option more, trained from the same seeds for as
many steps on FER2013's `train`, and scored on `validation` by the shipped judge: kernel
distance of generated faces (lower is better) and how often they are seen as their
label. Rows are written as they are done; those that a results file holds already are
not trained again.

examples:
  python -m benchmarks.ablation --data fer2013.tar.gz --steps 2000 --width 32
  python -m benchmarks.ablation --data fer2013.tar.gz --steps 2000 --seeds 0 1 2
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

# name -> what it adds: arguments of the constructor, of `compile` and of the data.
ROWS = {
    "paper": {},
    "kernel 4, latent 256": {"model": {"kernel_size": 4, "latent_dim": 256}},
    "+ projection": {"model": {"projection": True}},
    "+ conditional normalization": {"model": {"conditioning": "normalization"}},
    "+ shared augmentation": {"model": {"augmentation": True}},
    "+ average of G, 0.999": {"model": {"average_decay": 0.999}},
    "+ balance 0.5": {"data": {"balance": 0.5}},
    "+ classifier": {"model": {"classifier": True}},
    "+ wrong labels, 0.5": {"compile": {"wrong_label_weight": 0.5}},
    "+ gradient penalty, 1": {"compile": {"gradient_penalty_weight": 1.0}},
}


def main(arguments=None):
    asked = _parse(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    results = json.loads(asked.out.read_text()) if asked.out.is_file() else []
    setting = {
        "steps": asked.steps,
        "width": asked.width,
        "batch_size": asked.batch_size,
        "precision": asked.precision,
    }
    for seed in asked.seeds:
        options = {"model": {}, "compile": {}, "data": {}}
        for name, added in ROWS.items():
            for kind, values in added.items():
                options[kind] |= values
            place = {"name": name, "seed": seed, **setting}
            if any(place.items() <= result.items() for result in results):
                continue
            results.append(place | _trained(asked, seed, options))
            _write(asked.out, results)
            print(_line(results[-1]), flush=True)
    print("\n".join(table(results)))


def _parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, metavar="PATH", help="FER2013")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--precision", default="mixed_bfloat16")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).parent / "results" / "ablation.json",
        help="JSON to write to and to go on with",
    )
    return parser.parse_args(arguments)


def _trained(asked, seed, options):
    import keras

    from fer_keras import ConditionalDCGAN, GenerationScores
    from fer_keras.data import load_dataset
    from fer_keras.layers import SharedAugmentation

    keras.utils.set_random_seed(seed)
    model = dict(options["model"])
    if model.pop("augmentation", False):
        model["augmentation"] = SharedAugmentation(seed=seed)
    gan = ConditionalDCGAN(width=asked.width, seed=seed, dtype=asked.precision, **model)
    gan.compile(scores=GenerationScores(), **options["compile"])
    train = load_dataset(
        asked.data,
        "train",
        asked.batch_size,
        seed=seed,
        repeat=True,
        **options["data"],
    )
    started = time.monotonic()
    gan.fit(train, steps_per_epoch=asked.steps, verbose=0)
    seconds = time.monotonic() - started
    validation = load_dataset(asked.data, "validation", 256, shuffle=False)
    scores = gan.evaluate(validation, return_dict=True, verbose=0)
    return {
        "kernel_distance": round(float(scores["kernel_distance"]), 4),
        "label_accuracy": round(float(scores["label_accuracy"]), 4),
        "seconds_a_step": round(seconds / asked.steps, 4),
    }


def table(results) -> list[str]:
    """Returns the rows as Markdown: means over the seeds, with their spread."""
    lines = [
        "| recipe | kernel distance ↓ | label accuracy ↑ | seconds a step |",
        "|---|---|---|---|",
    ]
    for name in ROWS:
        rows = [result for result in results if result["name"] == name]
        if rows:
            cells = [
                _mean(rows, key)
                for key in ("kernel_distance", "label_accuracy", "seconds_a_step")
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _mean(rows, key):
    values = [row[key] for row in rows]
    text = f"{statistics.mean(values):.3f}"
    if len(values) > 1:
        text += f" ({min(values):.3f} to {max(values):.3f})"
    return text


def _line(result):
    return (
        f"{result['name']} (seed {result['seed']}): kernel distance "
        f"{result['kernel_distance']:.3f}, label accuracy "
        f"{result['label_accuracy']:.3f}, {result['seconds_a_step']:.3f} s a step"
    )


def _write(path, results):
    aside = path.with_name(f".partial-{path.name}")
    aside.write_text(json.dumps(results, indent=1) + "\n")
    aside.replace(path)


if __name__ == "__main__":
    main()
