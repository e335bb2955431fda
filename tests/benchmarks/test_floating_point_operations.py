"""The count of operations against numbers worked by hand."""

from benchmarks.floating_point_operations import (
    NetworkSizes,
    gan_step_operations,
    transfer_operations,
)


def test_convolutions_of_the_papers_networks():
    # batch x output pixels x taps x channels x filters x 2:
    # 64 x 24 x 24 x 25 x 1 x 64 x 2 and 64 x 12 x 12 x 25 x 64 x 128 x 2; from there
    # on each level has a quarter of the pixels and four times the weights.
    assert NetworkSizes().convolutions(64) == [117_964_800, *[3_774_873_600] * 3]


def test_products_with_the_paddings_zeros():
    # Taps inside along an axis: 48 -> 24: 117 of 120, 24 -> 12: 57 of 60,
    # 12 -> 6: 27 of 30, 6 -> 3: 12 of 15.
    assert NetworkSizes().useful_convolutions(64) == [
        round(117_964_800 * 0.975**2),
        round(3_774_873_600 * 0.95**2),
        round(3_774_873_600 * 0.9**2),
        round(3_774_873_600 * 0.8**2),
    ]


def test_a_step_of_the_papers_networks():
    # D: 6 x 0.1180 + 8 x 3 x 3.7749 = 91.305; G: 3 x (0.1180 + 3 x 3.7749) = 34.328;
    # dense: 2 x 64 x (2 x 107 x 4608 + 8 x 4615) = 0.131.
    by_hand = 6 * 117_964_800 + 24 * 3_774_873_600
    by_hand += 3 * (117_964_800 + 3 * 3_774_873_600)
    by_hand += 2 * 64 * (2 * 107 * 4608 + 8 * 4615)
    assert gan_step_operations() == by_hand
    assert round(by_hand / 1e9, 1) == 125.8


def test_a_step_of_small_networks():
    # 6 x 5 -> 3 x 3 -> 2 x 2; kernels 3 x 3; width 2: 1 -> 2 -> 4 channels.
    sizes = NetworkSizes((6, 5), 1, 7, 10, width=2, depth=2, kernel_size=3)
    first, second = 2 * 3 * 9 * 9 * 1 * 2, 2 * 3 * 4 * 9 * 2 * 4
    assert sizes.convolutions(3) == [first, second]
    assert sizes.flat_size == 16
    dense = 2 * 3 * (2 * 17 * 16 + 8 * 23)
    expected = 6 * first + 8 * second + 3 * (first + second) + dense
    assert gan_step_operations(sizes, 3) == expected


def test_a_transfer():
    by_hand = 2 * 4 * (117_964_800 + 3 * 3_774_873_600)
    by_hand += 2 * 256 * (4608 * 100 + 107 * 4608)
    assert transfer_operations() == by_hand
    assert transfer_operations(useful=True) < 0.8 * by_hand
