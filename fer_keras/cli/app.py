"""Opens a page to play with: your photo, its faces, seven emotions, sliders.

It is shown on this machine alone; photos go nowhere. Needs Gradio:
pip install "fer-keras[app]".

examples:
  fer-keras app
  fer-keras app --model runs/first --port 7861
"""

import argparse
import importlib.util


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", help="a SavedModel or a run's folder (default: the shipped model)"
    )
    parser.add_argument("--port", type=int, help="default: the first free one")
    parser.add_argument(
        "--share",
        action="store_true",
        help="make a public link: photos then pass Gradio's servers",
    )


def run(options: argparse.Namespace) -> None:
    from fer_keras.cli.inference import load_for_inference
    from fer_keras.cli.trained_models import saved_model_folder

    folder = saved_model_folder(options.model)
    if importlib.util.find_spec("gradio") is None:
        raise ValueError('The page needs Gradio: pip install "fer-keras[app]".')
    from fer_keras.page import launch

    launch(load_for_inference(folder), options.port, options.share)
