import numpy as np
import pytest
from fer2013_files import pixel_text, rows

from tfds_fer2013.pixel_text import parse_pixels, parse_pixels_carefully

BLACK = ["0"] * 2304


def text(**replaced):
    words = list(BLACK)
    for place, word in replaced.items():
        words[int(place[1:])] = word
    return " ".join(words).encode()


def test_literal_values_at_both_ends_and_beside_each_other():
    field = text(p0="7", p1="0", p2="25", p3="5", p4="255", p5="100", p2303="99")
    (pixels,) = parse_pixels([field])
    assert pixels.dtype == np.uint8
    assert pixels[:7].tolist() == [7, 0, 25, 5, 255, 100, 0]
    assert pixels[-1] == 99


def test_many_rows_equal_numpy_own_arrays():
    images, _, _ = rows(count=20, seed=1)
    fields = [pixel_text(image).encode() for image in images]
    np.testing.assert_array_equal(parse_pixels(fields), images.reshape(20, -1))


def test_every_value_in_every_neighbourhood():
    generator = np.random.default_rng(2)
    for _ in range(20):
        widths = 10 ** generator.integers(0, 4, 2304)
        expected = generator.integers(0, np.minimum(widths, 256))
        field = " ".join(map(str, expected)).encode()
        np.testing.assert_array_equal(parse_pixels([field])[0], expected)
        np.testing.assert_array_equal(parse_pixels_carefully(field), expected)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("256", "pixel 6 is '256', outside 0 to 255"),
        ("999", "outside"),
        ("1000", "outside"),
        ("9" * 5000, r"pixel 6 is '9{40}\.\.\.', outside"),
        ("-1", "pixel 6 is '-1', outside"),
        ("1.5", "pixel 6 is '1.5', not a whole number"),
        ("x", "not a whole number"),
        ("1_0", "not a whole number"),
        ("--1", "not a whole number"),
        ("-", "not a whole number"),
        ("\u0663", "not a whole number"),
        ("1 2", r"expected 2304 pixels \(48 x 48\), found 2305"),
        ("", "found 2303"),
    ],
)
def test_malformed_pixels_are_refused_with_the_reason(word, reason):
    field = " ".join([*BLACK[:5], word, *BLACK[6:]]).encode()
    assert parse_pixels([text(), field, text()]) is None
    with pytest.raises(ValueError, match=reason):
        parse_pixels_carefully(field)


@pytest.mark.parametrize("word", ["0007", "+7", "7\t", "-0", " 7 "])
def test_unusual_but_right_pixels_are_read(word):
    field = " ".join([*BLACK[:5], word, *BLACK[6:]]).encode()
    expected = np.zeros(2304)
    expected[5] = int(word)
    np.testing.assert_array_equal(parse_pixels_carefully(field), expected)
    quick = parse_pixels([field])
    assert quick is None or (quick[0] == expected).all()


def test_one_row_too_long_does_not_make_up_for_one_too_short():
    longer, shorter = b" ".join([b"1"] * 2305), b" ".join([b"2"] * 2303)
    assert parse_pixels([longer, shorter]) is None
