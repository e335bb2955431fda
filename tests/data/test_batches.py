import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from fer_keras.data.batches import make_batches, steps_per_epoch


def arrays(count):
    """Images whose every pixel is their label."""
    labels = np.arange(count)
    images = np.tile(labels.astype("uint8")[:, None, None, None], (1, 48, 48, 1))
    return images, labels


def labels_of(batches, steps=None):
    batches = batches if steps is None else batches.take(steps)
    return [labels.numpy().tolist() for _, labels in batches]


def test_element_form():
    batches = make_batches(*arrays(10), batch_size=4)
    images, labels = batches.element_spec
    assert images == tf.TensorSpec((None, 48, 48, 1), tf.uint8)
    assert labels == tf.TensorSpec((None,), tf.int64)
    for images, labels in batches:
        assert (images.numpy()[:, 5, 7, 0] == labels.numpy()).all()


@pytest.mark.parametrize(("count", "drop"), [(8, False), (10, True)])
def test_the_batch_size_is_static_where_all_batches_have_it(count, drop):
    batches = make_batches(*arrays(count), batch_size=4, drop_remainder=drop)
    assert batches.element_spec[0].shape == (4, 48, 48, 1)
    assert [len(labels) for labels in labels_of(batches)] == [4, 4]


def test_without_shuffling_the_order_is_given():
    batches = make_batches(*arrays(5), batch_size=2, shuffle=False)
    assert labels_of(batches) == [[0, 1], [2, 3], [4]]
    assert labels_of(batches) == [[0, 1], [2, 3], [4]]


def test_every_epoch_holds_every_example_once_in_an_order_of_its_own():
    batches = make_batches(*arrays(50), batch_size=8, seed=3)
    epochs = [sum(labels_of(batches), []) for _ in range(4)]
    assert all(sorted(epoch) == list(range(50)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 4
    assert len(batches) == 7


def test_shuffling_is_complete():
    """Each example is as likely in each quarter of an epoch."""
    batches = make_batches(*arrays(40), batch_size=10, repeat=True)
    counts = np.zeros((40, 4))
    for step, labels in enumerate(labels_of(batches, steps=4 * 400)):
        counts[labels, step % 4] += 1
    assert stats.chisquare(counts, axis=1).pvalue.min() > 1e-4


@pytest.mark.parametrize("start", [(0, 0), (1, 0), (1, 2), (3, 1)])
def test_the_order_follows_from_seed_and_epoch_alone(start):
    whole = make_batches(*arrays(10), batch_size=4, seed=7)
    expected = sum((labels_of(whole) for _ in range(5)), [])
    epoch, step = start
    resumed = make_batches(
        *arrays(10), 4, seed=7, repeat=True, start_epoch=epoch, start_step=step
    )
    rest = expected[3 * epoch + step :]
    assert labels_of(resumed, steps=len(rest)) == rest
    assert labels_of(resumed, steps=len(rest)) == rest
    later = make_batches(*arrays(10), 4, seed=7, start_epoch=epoch)
    assert labels_of(later) == expected[3 * epoch : 3 * epoch + 3]
    other = make_batches(*arrays(10), 4, seed=8, repeat=True, start_epoch=epoch)
    assert labels_of(other, steps=len(rest)) != rest


ORDER_OF_SEED_1 = [[3, 8, 0, 6, 1, 5, 2, 9, 7, 4], [4, 3, 8, 7, 0, 6, 5, 1, 9, 2]]


def test_the_order_stays_the_same_from_version_to_version():
    """A changed order would make a resumed run another run."""
    batches = make_batches(*arrays(10), batch_size=10, seed=1)
    assert labels_of(batches) + labels_of(batches) == ORDER_OF_SEED_1


def test_float_images_and_soft_labels_pass_unchanged():
    images = np.linspace(-1, 1, 6 * 16, dtype="float32").reshape(6, 4, 4, 1)
    labels = np.eye(6, 7, dtype="float32")
    batches = make_batches(images, labels, batch_size=6, shuffle=False)
    ((got_images, got_labels),) = batches.as_numpy_iterator()
    np.testing.assert_array_equal(got_images, images)
    np.testing.assert_array_equal(got_labels, labels)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"images": np.zeros((0, 48, 48, 1)), "labels": np.zeros(0)}, "at least one"),
        ({"labels": np.zeros(9)}, "9 labels and 10 images"),
        ({"labels": 3}, "Expected arrays"),
        ({"batch_size": 0}, "batch_size of 1 or more, got 0"),
        ({"batch_size": 16, "drop_remainder": True}, "no whole batch of 16"),
        ({"start_epoch": -1}, "start_epoch of 0 or more"),
        ({"start_step": 3, "repeat": True}, "start_step of 0 to 2"),
        ({"start_step": 1}, "needs repeat=True"),
    ],
)
def test_what_cannot_be_batched_is_refused(changed, message):
    images, labels = arrays(10)
    arguments = {"images": images, "labels": labels, "batch_size": 4} | changed
    with pytest.raises(ValueError, match=message):
        make_batches(**arguments)


@pytest.mark.parametrize(
    ("examples", "drop", "steps"), [(10, False, 3), (10, True, 2), (8, False, 2)]
)
def test_steps_per_epoch(examples, drop, steps):
    assert steps_per_epoch(examples, 4, drop) == steps


def drawn_rows(labels, balance, seed=0, epochs=1, batch_size=10):
    rows = np.arange(len(labels))[:, None]
    batches = make_batches(rows, labels, batch_size, seed=seed, balance=balance)
    return [
        np.concatenate([images[:, 0] for images, _ in batches.as_numpy_iterator()])
        for _ in range(epochs)
    ]


def test_balance_draws_classes_by_the_power_of_their_number():
    labels = np.array([0] * 64 + [1] * 16 + [5] * 4)
    for balance, expected in ((0.0, [64, 16, 4]), (1.0, [28, 28, 28])):
        (rows,) = drawn_rows(labels, balance)
        assert np.bincount(labels[rows])[[0, 1, 5]].tolist() == expected
    # Square roots: 8, 4 and 2 of 14 shares of 84.
    (rows,) = drawn_rows(labels, 0.5)
    assert np.bincount(labels[rows])[[0, 1, 5]].tolist() == [48, 24, 12]


def test_balance_draws_the_examples_of_a_class_equally_and_others_each_epoch():
    labels = np.array([0] * 90 + [1] * 10)
    first, second = drawn_rows(labels, 1.0, epochs=2)
    for rows in (first, second):
        counts = np.bincount(rows, minlength=100)
        assert set(counts[90:]) == {5}
        assert counts[:90].max() == 1
    assert sorted(first) != sorted(second)
    np.testing.assert_array_equal(drawn_rows(labels, 1.0)[0], first)
    assert drawn_rows(labels, 1.0, seed=1)[0].tolist() != first.tolist()


def test_balance_that_cannot_be_is_refused():
    images, ids = np.zeros((4, 1)), np.arange(4)
    with pytest.raises(ValueError, match=r"balance in \[0, 1\], got 1.5"):
        make_batches(images, ids, 2, balance=1.5)
    with pytest.raises(ValueError, match="shuffle=True and labels that are ids"):
        make_batches(images, ids, 2, balance=0.5, shuffle=False)
    with pytest.raises(ValueError, match="labels that are ids"):
        make_batches(images, np.eye(4), 2, balance=0.5)
