import numpy as np
import pytest

from fer_keras.evaluation import PublishedPictures
from fer_keras.images import tile, write_png


def _faces(seed, count=64):
    return np.random.default_rng(seed).integers(
        256, size=(count, 48, 48, 1), dtype="uint8"
    )


@pytest.fixture
def folder(tmp_path):
    write_png(tmp_path / "test_encoder_original.png", tile(_faces(0), 8))
    for label in range(7):
        write_png(tmp_path / f"test_encoder_{label}.png", tile(_faces(10 + label), 8))
        write_png(tmp_path / f"test_arange_{label}.png", tile(_faces(20 + label), 8))
    return tmp_path


def _train(at=64):
    images = np.concatenate([_faces(99, at), _faces(0), _faces(98, 5)])
    return images, np.arange(len(images)) % 7


def test_pictures_are_cut_in_the_order_of_their_rows(folder):
    published = PublishedPictures(folder, _train())
    np.testing.assert_array_equal(published.images, _faces(0))
    assert published.labels.tolist() == [(64 + row) % 7 for row in range(64)]
    edited = published.edit(published.images[[5, 40]], published.labels[[5, 40]])
    assert edited.shape == (2, 7, 48, 48, 1)
    for label in range(7):
        np.testing.assert_array_equal(edited[:, label], _faces(10 + label)[[5, 40]])


def test_labels_are_found_wherever_the_faces_stand(folder):
    published = PublishedPictures(folder, _train(at=10))
    assert published.labels.tolist() == [(10 + row) % 7 for row in range(64)]


def test_generated_faces_come_with_the_labels_of_their_files(folder):
    generated = PublishedPictures(folder, _train()).generated
    for label in range(7):
        np.testing.assert_array_equal(generated[:, label], _faces(20 + label))


def test_other_faces_other_data_and_other_pictures_are_refused(folder):
    published = PublishedPictures(folder, _train())
    with pytest.raises(ValueError, match="Only the 64"):
        published.edit(_faces(1)[:2], [0, 0])
    with pytest.raises(ValueError, match="not among the training faces"):
        PublishedPictures(folder, (_faces(5), np.zeros(64, int)))
    write_png(folder / "test_encoder_3.png", _faces(0, 1)[0])
    with pytest.raises(ValueError, match="test_encoder_3.png: expected 384 by 384"):
        PublishedPictures(folder, _train())
    (folder / "test_encoder_3.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="test_encoder_3.png: not a picture"):
        PublishedPictures(folder, _train())
