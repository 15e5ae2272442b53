# SPDX-License-Identifier: BSD-3-Clause
"""The interval of a difference of medians, against resamples that are all made one by one."""
import itertools
import random
import statistics
from collections import Counter

import pytest

import usertool  # noqa: F401 (puts usertools on the path)
from steer_result.stat import interval, median_law, quartiles


def every_resample(values):
    """{median: probability} over all n ** n ordered resamples."""
    found = Counter(statistics.median(r) for r in itertools.product(values, repeat=len(values)))
    return {m: n / len(values) ** len(values) for m, n in found.items()}


@pytest.mark.parametrize("values", [
    [3.0, 1.0], [5.0, 1.0, 2.0], [1.0, 2.0, 4.0, 8.0], [1.0, 2.0, 4.0, 8.0, 16.0],
    [9.0, 1.0, 5.0, 2.0, 7.0, 3.0], [2.0, 2.0, 3.0, 3.0], [7.0, 7.0, 7.0],
])
def test_law_is_that_of_all_resamples(values):
    law, counted = median_law(values), every_resample(values)
    assert set(law) == {m for m, p in counted.items() if p > 1e-9}
    for m, p in law.items():
        assert p == pytest.approx(counted[m], abs=1e-9)


@pytest.mark.parametrize("n", [2, 3, 9, 10, 31, 64, 200])
def test_law_adds_up_to_one(n):
    dice = random.Random(n)
    law = median_law([dice.random() for _ in range(n)])
    assert sum(law.values()) == pytest.approx(1, abs=1e-5)


def drawn(a, b, confidence, dice, times=10000):
    """The interval by drawing, as others do it."""
    found = sorted(statistics.median(dice.choices(a, k=len(a))) -
                   statistics.median(dice.choices(b, k=len(b))) for _ in range(times))
    tail = (1 - confidence) / 2
    return found[int(tail * times)], found[int((1 - tail) * times) - 1]


@pytest.mark.parametrize("n,m", [(10, 10), (15, 9)])
def test_interval_is_what_drawing_comes_close_to(n, m):
    dice = random.Random(5)
    a = [dice.gauss(210, 6) for _ in range(n)]
    b = [dice.gauss(200, 6) for _ in range(m)]
    difference, low, high = interval(a, b)
    assert difference == statistics.median(a) - statistics.median(b)
    drawn_low, drawn_high = drawn(a, b, 0.95, dice)
    wide = high - low
    assert low == pytest.approx(drawn_low, abs=0.1 * wide)
    assert high == pytest.approx(drawn_high, abs=0.1 * wide)


def test_covers_the_truth_about_as_often_as_it_says():
    dice, hit = random.Random(2), 0
    for _ in range(150):
        a, b = ([dice.gauss(0, 1) for _ in range(10)] for _ in range(2))
        _, low, high = interval(a, b)
        hit += low <= 0 <= high
    assert 0.90 * 150 <= hit <= 150


def test_more_confidence_is_never_narrower():
    dice = random.Random(3)
    a, b = ([dice.gauss(0, 1) for _ in range(10)] for _ in range(2))
    found = [interval(a, b, c)[1:] for c in (0.5, 0.9, 0.95, 0.999, 0.99999)]
    for (low, high), (lower, higher) in zip(found, found[1:]):
        assert lower <= low <= high <= higher
    assert min(a) - max(b) <= found[-1][0] < found[-1][1] <= max(a) - min(b)


def test_equal_rounds_have_an_interval_of_no_width():
    assert interval([5, 5, 5], [3, 3]) == (2, 2, 2)


@pytest.mark.parametrize("a,b", [([1], [1, 2]), ([1, 2], []), ([], [])])
def test_too_few_values_have_none(a, b):
    assert interval(a, b) is None


def test_quartiles():
    assert quartiles([4, 1, 3, 2, 5]) == [2, 4]
    assert quartiles([1, None, 2]) == [1.25, 1.75]
    assert quartiles([1]) is None
