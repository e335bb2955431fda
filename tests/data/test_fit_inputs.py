"""What `fit` and `evaluate` take, and what they refuse, saying why.

Both models share the checks; each malformed input is shown to `fit`, and as
validation data and to `evaluate` where that is another path.
"""

import warnings

import numpy as np
import pytest
import tensorflow as tf

from fer_keras import ConditionalDCGAN, EncoderInverter, Generator

SIZES = {"image_shape": (8, 8, 1), "width": 2, "depth": 1, "latent_dim": 3}
COUNT = 10
GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (COUNT, 8, 8, 1), dtype="uint8")
FLOATS = IMAGES.astype("float32") / 127.5 - 1
IDS = np.array([3, 1, 0, 5, 6, 2, 4, 0, 6, 3])
ONE_HOT = np.eye(7, dtype="float32")[IDS]


def gan(run_eagerly=True):
    model = ConditionalDCGAN(**SIZES, seed=1)
    model.compile(run_eagerly=run_eagerly)
    return model


def inverter(run_eagerly=True):
    model = EncoderInverter(Generator(**SIZES, seed=1), seed=2)
    model.compile(run_eagerly=run_eagerly)
    return model


def weights_after(make, *data, **options):
    model = make()
    model.fit(*data, verbose=0, **options)
    return [np.array(weight) for weight in model.weights]


def slices(*arrays):
    return tf.data.Dataset.from_tensor_slices(arrays).batch(4)


def like_tfds(images, labels):
    return slices(images, labels).map(lambda x, y: {"image": x, "label": y, "id": y})


def without_shapes(images, labels):
    """A dataset whose shapes are known when its elements are, not before."""
    types = (images.dtype, labels.dtype)
    return tf.data.Dataset.from_generator(
        lambda: ((images[i : i + 4], labels[i : i + 4]) for i in (0, 4, 8)),
        output_types=tuple(map(tf.as_dtype, types)),
    )


def test_every_form_of_the_same_data_trains_the_same():
    expected = weights_after(inverter, slices(IMAGES, IDS))
    before = inverter().weights
    assert any(
        not np.array_equal(old, new) for old, new in zip(before, expected, strict=True)
    )
    forms = {
        "floats": (slices(FLOATS, IDS),),
        "double floats": (slices(FLOATS.astype("float64"), IDS),),
        "one-hot": (slices(IMAGES, ONE_HOT),),
        "integer one-hot": (slices(IMAGES, ONE_HOT.astype("int64")),),
        "uint8 ids": (slices(IMAGES, IDS.astype("uint8")),),
        "TFDS dictionaries": (like_tfds(IMAGES, IDS),),
        "unknown shapes": (without_shapes(IMAGES, IDS),),
        "unknown shapes, weights": (without_shapes(FLOATS, ONE_HOT),),
        "pair of arrays": ((IMAGES, IDS),),
        "arrays": (IMAGES, IDS),
        "tensors": (tf.constant(FLOATS), tf.constant(ONE_HOT)),
    }
    for name, data in forms.items():
        options = {}
        if not isinstance(data[0], tf.data.Dataset):
            options = {"batch_size": 4, "shuffle": False}
        for one, two in zip(
            expected, weights_after(inverter, *data, **options), strict=True
        ):
            np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6, err_msg=name)


def test_soft_labels_count_as_their_mixture():
    soft = np.random.default_rng(1).dirichlet(np.ones(7), COUNT).astype("float32")
    hard = np.eye(7, dtype="float32")[soft.argmax(1)]
    runs = [weights_after(inverter, slices(IMAGES, y)) for y in (soft, hard)]
    assert any(not np.array_equal(*pair) for pair in zip(*runs, strict=True))
    model = inverter()
    scores = model.evaluate(IMAGES, soft, verbose=0, return_dict=True)
    latents = model.encoder(FLOATS)
    expected = np.mean(np.square(FLOATS - model.generator((latents, soft))))
    np.testing.assert_allclose(scores["image_error"], expected, rtol=1e-5)


def test_arrays_are_shuffled_anew_in_each_epoch_from_the_seed():
    seen = []

    def order(seed):
        model = ConditionalDCGAN(**SIZES, seed=seed)
        model.compile(run_eagerly=True)
        step = model.train_step
        seen.clear()
        model.train_step = lambda data: seen.append(data[1].numpy()) or step(data)
        model.fit(IMAGES, np.arange(COUNT) % 7, batch_size=4, epochs=2, verbose=0)
        return [np.concatenate(seen[:3]).tolist(), np.concatenate(seen[3:]).tolist()]

    first, second = order(1)
    assert sorted(first) == sorted(second) == sorted(np.arange(COUNT) % 7)
    assert first != second
    assert order(1) == [first, second]
    assert order(2) != [first, second]


@pytest.fixture(scope="module", params=[gan, inverter], ids=["gan", "inverter"])
def model(request):
    """A model that is refused data again and again."""
    return request.param()


NAN_INSIDE = FLOATS.copy()
NAN_INSIDE[9, 4, 4, 0] = np.nan
SHAPES = r"\(batch, 8, 8, 1\).*labels as ids \(batch,\).*\(batch, 7\)"
MALFORMED = {
    "nothing": (None, None, f"{SHAPES}.*got NoneType"),
    "no labels": (IMAGES, None, f"{SHAPES}.*got ndarray"),
    "lists": (IMAGES.tolist(), IDS.tolist(), f"{SHAPES}.*got list and list"),
    "a generator": (iter([(IMAGES, IDS)]), None, f"{SHAPES}.*got list_iterator"),
    "other size": (IMAGES[:, :7], IDS, r"got images of shape \(10, 7, 8, 1\)"),
    "other channels": (IMAGES.repeat(3, 3), IDS, r"got images of shape \(10, 8, 8, 3"),
    "no channel axis": (IMAGES[..., 0], IDS, r"got images of shape \(10, 8, 8\)"),
    "five axes": (IMAGES[None], IDS, r"got images of shape \(1, 10, 8, 8, 1\)"),
    "one image": (IMAGES[0], IDS[0], "got single examples"),
    "integers": (IMAGES.astype("int64"), IDS, "got images of int64"),
    "booleans": (IMAGES > 9, IDS, "got images of bool"),
    "objects": (np.array([None] * COUNT), IDS, r"got images of shape \(10,\)"),
    "words": (IMAGES, np.array(["happy"] * COUNT), "got labels string of shape"),
    "NaN": (NAN_INSIDE, IDS, r"in \[-1, 1\] without NaN; got .* and 1 NaN"),
    "infinity": (np.sign(FLOATS) * np.inf, IDS, "got -inf to inf"),
    "0 to 255": (IMAGES.astype("float32"), IDS, "For 0..255 pass uint8"),
    "negative": (IMAGES, IDS - 1, "Labels must be 0 to 6; got -1 to"),
    "too large": (IMAGES, IDS + 2, "Labels must be 0 to 6; got 2 to"),
    "wrapped": (IMAGES, (IDS - 7).astype("uint8"), "0 to 6; got 249 to"),
    "float ids": (IMAGES, IDS.astype("float32"), r"labels float32 of shape \(10,\)"),
    "ids in a column": (IMAGES, IDS[:, None], r"labels int64 of shape \(10, 1\)"),
    "six classes": (IMAGES, ONE_HOT[:, :6], r"labels float32 of shape \(10, 6\)"),
    "sums of 2": (IMAGES, ONE_HOT * 2, "sum to 1 for each image; got sums 2 to 2"),
    "sums of 0": (IMAGES, ONE_HOT * 0, "got sums 0 to 0"),
    "negative weights": (IMAGES, 2 * ONE_HOT - 1 / 7, "smallest weight -0.14"),
    "NaN weights": (IMAGES, ONE_HOT * np.nan, "got sums"),
    "no images": (IMAGES[:0], IDS[:0], "The data is empty"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_arrays(name, model):
    images, labels, message = MALFORMED[name]
    before = [np.array(weight) for weight in model.weights]
    with pytest.raises(ValueError, match=message):
        model.fit(images, labels, verbose=0)
    # Arrays are looked through before the first step.
    for old, new in zip(before, model.weights, strict=True):
        np.testing.assert_array_equal(new, old)


# The others are no arrays, or none that TensorFlow cuts into these batches.
STREAMS = [
    name
    for name, (images, labels, _) in MALFORMED.items()
    if isinstance(images, np.ndarray)
    and isinstance(labels, np.ndarray)
    and images.dtype != object
    and images.ndim > 3
    and len(images) != 1
]


@pytest.mark.parametrize("name", STREAMS)
def test_malformed_datasets(name, model):
    images, labels, message = MALFORMED[name]
    message = message.replace(r"shape \(10", r"shape \(None")
    message = message.replace("The data", "The dataset")
    with pytest.raises(ValueError, match=message):
        model.fit(slices(images, labels), verbose=0)


@pytest.mark.parametrize("run_eagerly", [True, False])
def test_bad_image_in_the_middle_of_a_stream(run_eagerly):
    model = gan(run_eagerly)
    with pytest.raises(ValueError, match=r"got .* and 1 NaN\. For 0\.\.255 pass uint8"):
        model.fit(slices(NAN_INSIDE, IDS), verbose=0)
    # The batches before it were trained on; what was learnt is not lost.
    assert int(model.noise.state[1]) == 2
    assert all(np.isfinite(weight).all() for weight in model.weights)


def test_bad_validation_data_and_bad_data_to_evaluate():
    for data in (slices(NAN_INSIDE, IDS), (NAN_INSIDE, IDS)):
        with pytest.raises(ValueError, match="1 NaN"):
            gan().fit(IMAGES, IDS, validation_data=data, verbose=0)
        with pytest.raises(ValueError, match="1 NaN"):
            gan().evaluate(data, verbose=0)
    with pytest.raises(ValueError, match="got ndarray"):
        gan().fit(IMAGES, IDS, validation_data=IMAGES, verbose=0)
    with pytest.raises(ValueError, match="Labels must be 0 to 6; got 1 to 7"):
        gan().evaluate(IMAGES, IDS + 1, verbose=0)


def test_different_lengths():
    with pytest.raises(ValueError, match="10 images but 9 labels"):
        gan().fit(IMAGES, IDS[:9], verbose=0)
    # One label for four images would be broadcast, and trained on silently.
    for labels in (IDS[:1], ONE_HOT[:1], IDS[:3]):
        shapes = (
            tf.TensorShape([None, 8, 8, 1]),
            tf.TensorShape([None, *labels.shape[1:]]),
        )
        dataset = tf.data.Dataset.from_generator(
            lambda labels=labels: iter([(IMAGES[:4], labels)]),
            output_types=(tf.uint8, tf.as_dtype(labels.dtype)),
            output_shapes=shapes,
        )
        with pytest.raises(ValueError, match=r"got labels of shape .* images of shape"):
            gan().fit(dataset, verbose=0)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES[..., 0], IDS, r"got images of shape \[4 8 8\]"),
        (IMAGES[:, 0, 0, 0], IDS, r"got images of shape \[4\]"),
        (IMAGES, ONE_HOT[:, :3], r"got labels of shape \[4 3\]"),
        (IMAGES, IDS[:, None], r"got labels of shape \[4 1\]"),
        (IMAGES, IDS - 7, "Labels must be 0 to 6; got"),
        (IMAGES, ONE_HOT * 3, "got sums 3 to 3"),
    ],
)
def test_malformed_batches_of_unknown_shapes(images, labels, message):
    with pytest.raises(ValueError, match=message):
        gan().fit(without_shapes(images, labels), verbose=0)


def test_unbatched_datasets_are_told_to_batch():
    for labels in (IDS, ONE_HOT):
        dataset = tf.data.Dataset.from_tensor_slices((IMAGES, labels))
        with pytest.raises(ValueError, match=r"single examples. Batch.*batch\(64\)"):
            gan().fit(dataset, verbose=0)


def test_datasets_of_other_elements():
    for dataset in (
        tf.data.Dataset.from_tensor_slices(IMAGES).batch(4),
        tf.data.Dataset.from_tensor_slices((IMAGES, IDS, IDS)).batch(4),
        slices(IMAGES, IDS).map(lambda x, y: {"picture": x, "label": y}),
    ):
        with pytest.raises(ValueError, match="got elements"):
            gan().fit(dataset, verbose=0)
    ragged = slices(IMAGES, IDS).map(lambda x, y: (tf.RaggedTensor.from_tensor(x), y))
    with pytest.raises(ValueError, match="got RaggedTensorSpec"):
        gan().fit(ragged, verbose=0)


def test_empty_datasets_and_empty_batches():
    for dataset in (
        slices(IMAGES[:0], IDS[:0]),
        slices(IMAGES, IDS).filter(lambda x, y: False),
        slices(IMAGES, IDS).take(0),
    ):
        with pytest.raises(ValueError, match="The dataset is empty"):
            gan().fit(dataset, verbose=0)
        with pytest.raises(ValueError, match="The dataset is empty"):
            inverter().evaluate(dataset, verbose=0)
    nothing = tf.data.Dataset.from_tensors((IMAGES[:0], IDS[:0]))
    with pytest.raises(ValueError, match=r"got images of shape \[0 8 8 1\]"):
        gan().fit(nothing, verbose=0)


def test_arguments_that_contradict_the_data():
    dataset = slices(IMAGES, IDS)
    with pytest.raises(ValueError, match="`batch_size` must be left out"):
        gan().fit(dataset, batch_size=4)
    with pytest.raises(ValueError, match="`batch_size` must be left out"):
        gan().evaluate(dataset, batch_size=4)
    with pytest.raises(ValueError, match="`y` must be left out"):
        gan().fit(dataset, IDS)
    for batch_size in (0, -1, 2.5):
        with pytest.raises(ValueError, match=f"1 or more, got {batch_size}"):
            gan().fit(IMAGES, IDS, batch_size=batch_size)


def test_a_failed_fit_can_be_repeated_with_good_data():
    model, fresh = gan(), gan()
    with pytest.raises(ValueError, match="Labels must be"):
        model.fit(slices(IMAGES, IDS + 7), verbose=0)
    histories = [m.fit(slices(IMAGES, IDS), verbose=0).history for m in (model, fresh)]
    assert histories[0] == histories[1]


def test_other_errors_of_the_pipeline_stay_what_they_are():
    def fail(images, labels):
        tf.debugging.Assert(False, ["the user's own check"])
        return images, labels

    with pytest.raises(tf.errors.InvalidArgumentError):
        gan().fit(slices(IMAGES, IDS).map(fail), verbose=0)


@pytest.mark.filterwarnings("error::UserWarning")
def test_good_data_gives_no_warnings(capfd):
    for data in (slices(IMAGES, IDS), without_shapes(IMAGES, IDS)):
        gan().fit(data, epochs=2, validation_data=data, verbose=0)
        gan().evaluate(data, verbose=0)
    model = inverter()
    model.predict(without_shapes(IMAGES, IDS), verbose=0)
    model.fit(IMAGES, IDS, epochs=2, steps_per_epoch=1, batch_size=4, verbose=0)
    assert not capfd.readouterr().err


def test_floats_scaled_to_0_1_are_said_once():
    unit = IMAGES.astype("float32") / 255
    for data in ((unit, IDS), (slices(unit, IDS),)):
        with pytest.warns(UserWarning, match=r"scaled to \[0, 1\]") as caught:
            gan().fit(*data, epochs=2, verbose=0)
        assert sum("scaled to" in str(warning.message) for warning in caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gan().fit(slices(FLOATS, IDS), verbose=0)
