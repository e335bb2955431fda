import numpy as np
import pytest
from PIL import Image
from skimage import data

from fer_keras.photo import find_faces
from fer_keras.photo.alignment import FER2013_POINTS, aligned_face, aligning_matrix
from fer_keras.photo.sampling import inverse, moved
from tests.drawn_photos import drawn_photo


@pytest.fixture(scope="module")
def portrait():
    return Image.fromarray(data.astronaut())


# Eyes, nose and corners of the mouth, by hand, in pixels of the portrait.
PLACES = np.array([[202, 100], [247, 103], [222, 128], [200, 140], [248, 141]])


def test_a_portrait(portrait):
    (face,) = find_faces(portrait)
    assert np.abs(face.points - PLACES).max() < 6
    left, top, right, bottom = face.box
    assert 150 < left < 200 and 250 < right < 300 and 50 < top < 80 < bottom < 200
    assert face.landmarks.shape == (468, 2) and face.score > 0.9


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_portrait_on_its_side_or_head(portrait, turns):
    turned = Image.fromarray(np.rot90(np.asarray(portrait), turns))
    (face,) = find_faces(turned)
    places = PLACES.astype("float64")
    for _ in range(turns):
        places = np.stack([places[:, 1], 512 - places[:, 0]], axis=1)
    assert np.abs(face.points - places).max() < 8


@pytest.mark.parametrize(
    "change",
    [
        lambda photo: photo.rotate(35),
        lambda photo: photo.resize((100, 100)),
        lambda photo: photo.crop((0, 0, 230, 300)),
        lambda photo: photo.crop((150, 30, 300, 200)),
    ],
    ids=["tilted", "of 20 pixels", "half cut off", "filling the picture"],
)
def test_faces_in_difficult_places(portrait, change):
    assert len(find_faces(change(portrait))) == 1


def test_several_faces_the_largest_first():
    photo = drawn_photo(
        (640, 400), [(0, 120, (30, 200)), (1, 200, (380, 60)), (2, 60, (230, 40))]
    )
    faces = find_faces(photo)
    assert [face.box[0] // 100 for face in faces] == [4, 0, 2]


def test_a_picture_without_a_face():
    assert find_faces(drawn_photo(faces=())) == []
    assert find_faces(Image.new("RGB", (1, 1))) == []
    assert find_faces(Image.new("RGB", (3, 4000))) == []


def test_an_aligned_face_has_its_landmarks_where_fer2013_has_them(portrait):
    (face,) = find_faces(portrait.rotate(20))
    matrix = aligning_matrix(face, 48)
    assert np.abs(moved(face.points, inverse(matrix)) - FER2013_POINTS).max() < 3
    aligned = aligned_face(portrait.rotate(20), matrix, 48)
    assert aligned.shape == (48, 48, 1) and aligned.dtype == np.uint8
    upright = aligned_face(portrait, aligning_matrix(find_faces(portrait)[0], 48), 48)
    assert np.corrcoef(aligned.ravel(), upright.ravel())[0, 1] > 0.9
