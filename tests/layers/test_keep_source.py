"""The mask that keeps the source's pixels, against SciPy's blur."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from fer_keras.layers.keep_source import KeepSource


def faces(seed, shape=(2, 24, 20, 1)):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


@pytest.mark.parametrize("likeness", [0.5, 1.0])
def test_it_is_the_formula(likeness):
    sources, rebuilt, edits = faces(0), faces(1), faces(1)
    edits[:, 5:9, 5:9] += 0.4
    change = 127.5 * np.abs(edits - rebuilt)
    blurred = gaussian_filter(change, (0, 2.0, 2.0, 0), truncate=4.0)
    mask = np.minimum(1.0, blurred / (20.0 * likeness))
    assert mask.max() > 0.0 and mask.min() == pytest.approx(0.0, abs=1e-6)
    expected = mask * edits + (1 - mask) * sources
    kept = KeepSource(likeness)((sources, rebuilt, edits))
    np.testing.assert_allclose(kept, expected, atol=1e-5)


def test_no_likeness_is_the_edit_and_no_change_is_the_source():
    sources, rebuilt = faces(0), faces(1)
    edits = faces(2)
    np.testing.assert_array_equal(KeepSource(0.0)((sources, rebuilt, edits)), edits)
    np.testing.assert_array_equal(KeepSource()((sources, edits, edits)), sources)


@pytest.mark.parametrize("likeness", [-0.1, float("nan"), float("inf")])
def test_bad_likeness_is_refused(likeness):
    with pytest.raises(ValueError, match="likeness must be 0 or more"):
        KeepSource(likeness)
