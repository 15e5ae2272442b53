# SPDX-License-Identifier: BSD-3-Clause
"""The statistics of lib/cache beside an independent reference: Python's own, and a second bootstrap."""
import collections
import ctypes
import random
import statistics

import pytest

VERDICTS = ["stable", "drift", "bimodal", "noisy", "few"]
MASK = (1 << 64) - 1


class Interval(ctypes.Structure):
    _fields_ = [("diff", ctypes.c_double), ("low", ctypes.c_double), ("high", ctypes.c_double)]


def doubles(values):
    return (ctypes.c_double * len(values))(*values)


@pytest.fixture(scope="module")
def lib(build):
    so = ctypes.CDLL(str(build / "lib" / "cache" / "libsteer_cache.so"))
    so.steer_stat_median.restype = ctypes.c_double
    so.steer_stat_median.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    so.steer_stat_quartiles.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p,
                                        ctypes.c_void_p]
    so.steer_stat_bootstrap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p,
                                        ctypes.c_size_t, ctypes.c_uint64, ctypes.c_void_p]
    so.steer_stat_stability.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p,
                                        ctypes.c_size_t]
    return so


def series(n):
    return [random.Random(n).lognormvariate(5, 0.2) for _ in range(n)]


@pytest.mark.parametrize("n", [2, 3, 4, 5, 10, 37, 100])
def test_order_statistics(lib, n):
    values = series(n)
    low, high = ctypes.c_double(), ctypes.c_double()
    assert lib.steer_stat_median(doubles(values), n) == pytest.approx(statistics.median(values))
    lib.steer_stat_quartiles(doubles(values), n, ctypes.byref(low), ctypes.byref(high))
    q1, _, q3 = statistics.quantiles(values, n=4, method="inclusive")
    assert (low.value, high.value) == pytest.approx((q1, q3))


def splitmix(seed):
    """Steele, Lea and Flood 2014: the generator that the bootstrap draws from."""
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield (z ^ (z >> 31)) >> 32


def bootstrap(a, b, seed):
    """Percentiles 2.5 and 97.5 of 2,000 differences of medians of resamples."""
    numbers = splitmix(seed)

    def resample(v):
        return statistics.median([v[next(numbers) * len(v) >> 32] for _ in v])

    diffs = []
    for _ in range(2000):
        first = resample(a)
        diffs.append(first - resample(b))
    cuts = statistics.quantiles(diffs, n=40, method="inclusive")
    return statistics.median(a) - statistics.median(b), cuts[0], cuts[-1]


@pytest.mark.parametrize("na,nb,seed", [(10, 10, 1), (2, 9, 2), (31, 12, 3), (40, 40, MASK)])
def test_bootstrap(lib, na, nb, seed):
    a, b = series(na), [v * 1.02 for v in reversed(series(nb))]
    found = Interval()
    assert lib.steer_stat_bootstrap(doubles(a), na, doubles(b), nb, seed, ctypes.byref(found)) == 0
    assert (found.diff, found.low, found.high) == pytest.approx(bootstrap(a, b, seed))


def test_bootstrap_covers_the_true_difference(lib):
    """Of 100 pairs of sets whose medians differ by 5, the interval has 5 in nearly all."""
    rng, hits, found = random.Random(5), 0, Interval()
    for seed in range(100):
        a = [rng.gauss(105, 3) for _ in range(15)]
        b = [rng.gauss(100, 3) for _ in range(15)]
        lib.steer_stat_bootstrap(doubles(a), 15, doubles(b), 15, seed, ctypes.byref(found))
        hits += found.low <= 5 <= found.high
    assert hits >= 90


def verdicts(lib, draw, n, count=400):
    rng = random.Random(n)
    return collections.Counter(
        VERDICTS[lib.steer_stat_stability(doubles(draw(rng, n)), n, None, 0)] for _ in range(count))


@pytest.mark.parametrize("n", [8, 10, 20, 40])
@pytest.mark.parametrize("draw", [lambda r, n: [r.gauss(100, 2) for _ in range(n)],
                                  lambda r, n: [r.uniform(97, 103) for _ in range(n)],
                                  lambda r, n: [98 + r.expovariate(0.5) for _ in range(n)]],
                         ids=["normal", "uniform", "skewed"])
def test_few_wrong_alarms(lib, draw, n):
    assert verdicts(lib, draw, n)["stable"] >= 0.95 * 400


@pytest.mark.parametrize("n,least", [(10, 0.8), (20, 0.95), (40, 0.97)])
def test_two_modes_are_found(lib, n, least):
    found = verdicts(lib, lambda r, n: [r.gauss(r.choice([100, 110]), 1) for _ in range(n)], n)
    assert found["bimodal"] >= least * 400


@pytest.mark.parametrize("n,least", [(10, 0.9), (20, 0.99), (40, 0.99)])
def test_trends_are_found(lib, n, least):
    found = verdicts(lib, lambda r, n: [r.gauss(100 + 8 * i / n, 1) for i in range(n)], n)
    assert found["drift"] >= least * 400
