import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from fer_keras.photo import Photo, blending, transfer_photo
from fer_keras.photo.alignment import aligning_matrix
from fer_keras.photo.transfer import gradation
from tests.drawn_photos import BrighterModel, drawn_photo

TWO = ((0, 120, (20, 60)), (1, 90, (200, 80)))


@pytest.fixture(scope="module")
def photo():
    return Photo.read(drawn_photo(faces=TWO))


def test_only_the_face_changes_and_keeps_its_colour(photo):
    result = transfer_photo(BrighterModel(), photo, "happy", face=1)
    before, after = photo.array().astype(int), result.photo.array().astype(int)
    assert after.shape == before.shape
    changed = (before != after).any(axis=-1)
    rows, columns = np.nonzero(changed)
    left, top, right, bottom = result.faces[0].box
    # Not even a pixel beyond the face.
    assert left - 2 <= columns.min() and columns.max() <= right + 2
    assert top - 2 <= rows.min() and rows.max() <= bottom + 2
    # In the middle all of the 30 grey levels arrive.
    nose = result.faces[0].points[2].astype(int)
    middle = (after - before)[nose[1] - 5 : nose[1] + 5, nose[0] - 5 : nose[0] + 5]
    assert np.abs(middle @ (0.299, 0.587, 0.114) - 30).mean() < 3
    assert (result.after.astype(int) - result.before == 30).mean() > 0.9


def test_the_mask_has_no_edge(photo):
    face = photo.faces[0]
    mask = blending.soft_mask(face, aligning_matrix(face, 192), 192)
    for axis in (0, 1):
        assert np.abs(np.diff(mask, axis=axis)).max() < 0.12
    assert mask[96, 96] == 1
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert not border.any()


def test_no_change_is_no_change(photo):
    result = transfer_photo(BrighterModel(), photo, "angry")
    np.testing.assert_array_equal(result.photo.array(), photo.array())
    assert len(result.faces) == len(result.before) == len(result.after) == 2


def test_lightness_changes_and_hue_stays():
    colours = np.array([[[200, 100, 50]]], "uint8")
    flat = np.zeros((1, 1), "float32")
    grey = np.float32(0.299 * 200 + 0.587 * 100 + 0.114 * 50)

    def changed(change):
        return blending._changed(colours, flat + change, flat, flat)[0, 0]

    np.testing.assert_array_equal(changed(0), [200, 100, 50])
    # Half of what adding 20 gives and half of what scaling gives.
    scaled = np.array([200, 100, 50]) * (grey + 20) / grey
    np.testing.assert_allclose(changed(20), ([220, 120, 70] + scaled) / 2, atol=0.5)
    for change in (-100, 80, 130):
        red, green, blue = changed(change).astype(float)
        assert (0.299 * red + 0.587 * green + 0.114 * blue) == pytest.approx(
            grey + change, abs=1
        )
        # Green lies a third of the way from blue to red.
        assert (green - blue) == pytest.approx((red - blue) / 3, abs=1)
    np.testing.assert_array_equal(changed(999), [255, 255, 255])
    np.testing.assert_array_equal(changed(-999), [0, 0, 0])


def test_strips_give_the_same_photo(photo, monkeypatch):
    whole = transfer_photo(BrighterModel(), photo, "sad").photo.array()
    monkeypatch.setattr(blending, "_STRIP_PIXELS", 1000)
    strips = transfer_photo(BrighterModel(), photo, "sad").photo.array()
    assert np.abs(whole.astype(int) - strips).max() <= 1


def test_one_emotion_per_face(photo):
    result = transfer_photo(BrighterModel(), photo, ["angry", "surprise"])
    difference = result.after.astype(int) - result.before
    assert not difference[0].any() and difference[1].max() == 50


def test_no_face_and_too_few(photo):
    with pytest.raises(ValueError, match="--crop"):
        transfer_photo(BrighterModel(), drawn_photo(faces=()), "happy")
    for number in (0, 3):
        with pytest.raises(ValueError, match=f"no face {number}: expected 1 to 2"):
            transfer_photo(BrighterModel(), photo, "happy", face=number)
    model = BrighterModel()
    model.image_shape = (48, 48, 3)
    with pytest.raises(ValueError, match="grey faces, got one of 48 x 48 x 3"):
        transfer_photo(model, photo, "happy")


def test_strength_goes_from_the_face_to_the_emotion():
    faces = np.full((1, 48, 48, 1), 100, "uint8")
    changes = [
        gradation(BrighterModel(), faces, {"surprise": strength})[0, 0, 0, 0] - 100
        for strength in (0.2, 0.4, 0.6, 0.8, 1.0, 3.0)
    ]
    # The label's share of 50, of which 2 * strength in the first half.
    assert changes == [4, 16, 30, 40, 50, 50]
    # From sad (40 levels) half of the way to surprise.
    half = gradation(BrighterModel(), faces, {"surprise": 0.5}, source="sad")
    assert half[0, 0, 0, 0] == 145
    mixed = gradation(BrighterModel(), faces, {"surprise": 0.5, "angry": 0.5})
    assert mixed[0, 0, 0, 0] == 125


def saved(picture, **options):
    file = io.BytesIO()
    picture.save(file, **options)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["RGBA", "P", "LA", "CMYK", "L"])
def test_kinds_of_pictures(mode):
    picture = drawn_photo(faces=TWO).convert(mode)
    file = saved(picture, format="TIFF" if mode == "CMYK" else "PNG")
    result = transfer_photo(BrighterModel(), file, "happy")
    expected = picture.convert("RGBA" if mode.endswith("A") else "RGB")
    after = result.photo.array()
    assert after.shape == (*np.asarray(expected).shape[:2], len(expected.getbands()))
    assert len(result.faces) == 2
    corner = np.s_[:40, :]
    np.testing.assert_array_equal(after[corner], np.asarray(expected)[corner])


def test_transparency_stays():
    picture = drawn_photo(faces=TWO)
    alpha = Image.linear_gradient("L").resize(picture.size)
    picture.putalpha(alpha)
    result = transfer_photo(BrighterModel(), picture, "happy")
    np.testing.assert_array_equal(result.photo.array()[..., 3], np.asarray(alpha))


def test_sixteen_bits_become_eight():
    grey = np.asarray(drawn_photo(faces=TWO).convert("L")).astype("uint16") * 257
    photo = Photo.read(saved(Image.fromarray(grey), format="PNG"))
    np.testing.assert_array_equal(photo.array()[..., 1], grey // 257)


def test_a_camera_s_rotation_is_applied_and_nothing_but_the_profile_travels(tmp_path):
    picture = drawn_photo(faces=TWO)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = saved(
        picture.rotate(90, expand=True),
        format="JPEG",
        quality=95,
        exif=exif,
        icc_profile=profile,
        comment=b"at home",
    )
    result = transfer_photo(BrighterModel(), file, "happy")
    assert result.photo.picture.size == picture.size
    path = result.photo.write(tmp_path / "new" / "photo.png")
    with Image.open(path) as written:
        assert written.info.keys() <= {"icc_profile"}
        assert written.info["icc_profile"] == profile
        assert not written.getexif()
    assert b"camera" not in path.read_bytes()
    np.testing.assert_array_equal(Image.open(path), result.photo.array())


def test_heic(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "photo.heic"
    heif.from_pillow(drawn_photo(faces=TWO)).save(path)
    assert len(Photo.read(path).faces) == 2


def test_a_photo_is_only_written_as_png(photo, tmp_path):
    with pytest.raises(ValueError, match="a JPEG would change every pixel"):
        photo.write(tmp_path / "photo.jpg")


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" * 9])
def test_files_that_are_no_photo(content, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="photo.jpg: not a picture"):
        Photo.read(path)
