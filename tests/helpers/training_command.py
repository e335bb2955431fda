"""`fer-keras train`, and what came of it as a digest."""

import hashlib
import json


def train(arguments):
    """Runs `fer-keras` and returns a digest of each model's weights, as JSON."""
    import keras

    from fer_keras.cli.main import main
    from fer_keras.cli.run_folder import RunFolder
    from fer_keras.config import TrainingOptions

    assert main(arguments) == 0
    folder = RunFolder.open(arguments[arguments.index("--run") + 1])
    digests = {"seed in run.json": folder.options(TrainingOptions).seed}
    for name in ("gan", "encoder"):
        model = keras.saving.load_model(folder.model(name))
        digest = hashlib.sha256()
        for variable in model.variables:
            digest.update(variable.numpy().tobytes())
        digests[name] = digest.hexdigest()
    return json.dumps(digests)
