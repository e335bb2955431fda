import pytest

from fer_keras.metrics import mouth_and_brows


def test_mouth_and_brows_are_in_and_eyes_and_nose_are_out():
    mask = mouth_and_brows()
    assert mask.shape == (48, 48)
    assert mask[38, 24] and mask[34, 15] and mask[34, 33]
    assert mask[13, 14] and mask[13, 33] and mask[13, 24]
    assert not mask[20, 14] and not mask[24, 24] and not mask[4, 24]
    assert (mask == mask[:, ::-1]).all()


def test_other_sizes_keep_the_proportions():
    assert mouth_and_brows(96, 96).mean() == mouth_and_brows().mean()
    assert mouth_and_brows(48, 96).shape == (48, 96)
    with pytest.raises(ValueError, match="positive size"):
        mouth_and_brows(0, 48)
