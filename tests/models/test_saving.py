"""Saved and loaded models: every value, both optimizers, and the next step."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

import fer_keras
from fer_keras import ConditionalDCGAN, EncoderInverter, Generator

SIZES = {"image_shape": (8, 8, 1), "width": 2, "depth": 2, "latent_dim": 3}
GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (12, 8, 8, 1), dtype="uint8")
LABELS = np.arange(12) % 7
BATCHES = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(4)


def gan(**options):
    model = ConditionalDCGAN(**SIZES, **options)
    model.compile(
        keras.optimizers.Adam(1e-2, beta_1=0.4, beta_2=0.98, epsilon=1e-5),
        keras.optimizers.RMSprop(2e-3, rho=0.7, momentum=0.3),
        generator_steps=2,
        run_eagerly=True,
    )
    return model


def paper_gan():
    """With the optimizers that `compile` makes itself."""
    model = ConditionalDCGAN(**SIZES)
    model.compile(generator_steps=2, run_eagerly=True)
    return model


def inverter(**options):
    model = EncoderInverter(
        Generator(**SIZES, **options),
        objective="both",
        **options,
    )
    schedule = keras.optimizers.schedules.ExponentialDecay(1e-2, 2, 0.5)
    model.compile(
        keras.optimizers.Adam(schedule, beta_1=0.5, clipnorm=1.0), run_eagerly=True
    )
    return model


def optimizers(model):
    names = ("generator_optimizer", "discriminator_optimizer", "optimizer")
    return [getattr(model, name) for name in names if getattr(model, name, None)]


def assert_equal_values(ours, theirs):
    assert [v.path.split("/", 1)[1] for v in ours] == [
        v.path.split("/", 1)[1] for v in theirs
    ]
    for one, two in zip(ours, theirs, strict=True):
        assert one.dtype == two.dtype
        np.testing.assert_array_equal(one, two, err_msg=one.path)


def assert_same_model(model, loaded):
    assert type(loaded) is type(model)
    assert loaded.get_config() == model.get_config()
    assert_equal_values(model.variables, loaded.variables)
    assert len(optimizers(loaded)) == len(optimizers(model)) > 0
    for ours, theirs in zip(optimizers(model), optimizers(loaded), strict=True):
        assert theirs.get_config() == ours.get_config()
        assert_equal_values(ours.variables, theirs.variables)


@pytest.mark.parametrize("make", [gan, paper_gan, inverter])
def test_everything_comes_back_and_training_goes_on_as_if_nothing_happened(
    make, tmp_path
):
    model = make()
    model.fit(BATCHES, verbose=0)
    if isinstance(model, ConditionalDCGAN):
        model.generator_optimizer.learning_rate = 5e-3
    steps = 6 if isinstance(model, ConditionalDCGAN) else 3
    assert int(optimizers(model)[0].iterations) == int(model.noise.state[1]) == steps
    model.save(tmp_path / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_same_model(model, loaded)
    assert loaded.run_eagerly
    assert getattr(loaded, "generator_steps", 2) == 2
    before = [np.array(variable) for variable in loaded.variables]
    histories = [m.fit(BATCHES, epochs=2, verbose=0).history for m in (model, loaded)]
    assert histories[0] == histories[1]
    assert_same_model(model, loaded)
    moved = [
        not np.array_equal(old, new)
        for old, new in zip(before, loaded.variables, strict=True)
    ]
    assert any(moved)
    scores = [m.evaluate(BATCHES, verbose=0) for m in (model, loaded)]
    assert scores[0] == scores[1]


def test_predictions_come_back(tmp_path):
    model = inverter()
    model.fit(BATCHES, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded.predict(BATCHES, verbose=0), model.predict(BATCHES, verbose=0)
    )
    model = gan()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    latents = np.random.default_rng(0).uniform(-1, 1, (4, 3))
    np.testing.assert_array_equal(
        loaded.generate(latents, "happy"), model.generate(latents, "happy")
    )


@pytest.mark.parametrize("make", [gan, inverter])
def test_weights_alone_come_back_with_the_optimizers(make, tmp_path):
    model, other = make(seed=1), make(seed=2)
    model.fit(BATCHES, verbose=0)
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    assert_equal_values(model.variables, other.variables)
    for ours, theirs in zip(optimizers(model), optimizers(other), strict=True):
        assert_equal_values(ours.variables, theirs.variables)


@pytest.mark.parametrize("compiled", [True, False])
def test_loading_without_compiling_and_saving_uncompiled(tmp_path, compiled):
    model = gan() if compiled else ConditionalDCGAN(**SIZES)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=not compiled)
    assert not loaded.compiled and not optimizers(loaded)
    assert_equal_values(model.variables, loaded.variables)
    loaded.compile()
    assert len(loaded.fit(BATCHES, verbose=0).history) == 4


def test_one_generator_shared_by_two_models_is_saved_with_each(tmp_path):
    adversarial = gan()
    adversarial.fit(BATCHES, verbose=0)
    model = EncoderInverter(adversarial.generator)
    model.compile()
    for name, saved in (("gan", adversarial), ("inverter", model)):
        saved.save(tmp_path / f"{name}.keras")
        loaded = keras.saving.load_model(tmp_path / f"{name}.keras")
        assert_equal_values(adversarial.generator.weights, loaded.generator.weights)


def test_loss_scale_of_float16_comes_back(tmp_path):
    model = ConditionalDCGAN(**SIZES, dtype="mixed_float16")
    model.compile(run_eagerly=True)
    model.fit(BATCHES, verbose=0)
    for optimizer in optimizers(model):
        assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        optimizer.dynamic_scale.assign(128.0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.dtype_policy.name == loaded.generator.dtype_policy.name
    assert_same_model(model, loaded)
    inner = loaded.generator_optimizer.inner_optimizer
    assert isinstance(inner, keras.optimizers.Adam)
    assert float(loaded.discriminator_optimizer.dynamic_scale) == 128.0


def test_importing_the_package_registers_every_class():
    for name in fer_keras.__all__:
        exported = getattr(fer_keras, name)
        if isinstance(exported, type) and issubclass(exported, keras.layers.Layer):
            registered = keras.saving.get_registered_object(f"fer_keras>{name}")
            assert registered is exported, name
    for name in (
        "BatchNormalization",
        "ConditionalConv2D",
        "ConditionalConv2DTranspose",
        "ConditionalDense",
        "LatentNoise",
    ):
        assert keras.saving.get_registered_object(f"fer_keras>{name}") is not None


@pytest.mark.parametrize("make", [gan, inverter])
def test_summary_counts_what_is_trained(make, capsys):
    model = make()
    model.summary()
    count = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert f" Trainable params: {count:,} " in capsys.readouterr().out
