# SPDX-License-Identifier: BSD-3-Clause
"""
Medians, quartiles, and the bootstrap interval of a difference of medians.

The percentile bootstrap draws resamples to learn the distribution of a resample's median. For a
median that distribution has a closed form (order statistics of draws from n equally likely values),
so nothing is drawn here: the interval is the one that endlessly many resamples would give, and the
same every time.
"""
import math
import statistics

NEGLIGIBLE = 1e-10  # probability that no interval of ours depends on


def median(values):
    known = [v for v in values if v is not None]
    return statistics.median(known) if known else None


def spread(values):
    """(median, lowest, highest) of what is known."""
    known = [v for v in values if v is not None]
    return (median(known), min(known), max(known)) if known else (None, None, None)


def quartiles(values):
    """[first, third], or None below two values."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return None
    first, _, third = statistics.quantiles(known, n=4, method="inclusive")
    return [first, third]


def power(base, n):
    """base ** n where 0 ** 0 is 1, without an overflow on the way."""
    return n * math.log(base) if base > 0 else (0.0 if n == 0 else -math.inf)


def log_choose(n, k):
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def at_least(n, m, p):
    """Probability of m or more successes in n trials."""
    return sum(math.exp(log_choose(n, k) + power(p, k) + power(1 - p, n - k))
               for k in range(m, n + 1))


def order_law(n, m):
    """Probability, for i = 1..n, that the m-th of n draws in order is the i-th smallest value."""
    below = [at_least(n, m, i / n) for i in range(n + 1)]
    return [below[i] - below[i - 1] for i in range(1, n + 1)]


def pair_law(n):
    """For even n: (i, j, probability) of the middle draws being the i-th and j-th value, i<j."""
    m = n // 2

    def exactly(i):  # all of m draws are up to the i-th value, and one is just that
        return math.exp(power(i / n, m)) - math.exp(power((i - 1) / n, m))

    lead = log_choose(n, m)
    edge = [exactly(i) for i in range(1, n + 1)]
    for i in range(1, n + 1):
        for j in range(i + 1, n + 1):
            both = edge[i - 1] * edge[n - j]
            p = math.exp(lead + math.log(both)) if both > 0 else 0.0
            if p > NEGLIGIBLE:
                yield i, j, p


def median_law(values):
    """{median of a resample: its probability}."""
    x, n = sorted(values), len(values)
    single = order_law(n, (n + 1) // 2)
    law = {}
    if n % 2 == 0:
        for i, j, p in pair_law(n):
            middle = (x[i - 1] + x[j - 1]) / 2
            law[middle] = law.get(middle, 0.0) + p
            single[i - 1] -= p
    for v, p in zip(x, single):
        if p > NEGLIGIBLE:
            law[v] = law.get(v, 0.0) + p
    return law


def quantile(law, share):
    """Smallest value with at least that much probability up to it; law in ascending order."""
    have = 0.0
    for value, p in law:
        have += p
        if have >= share:
            return value
    return law[-1][0]


def interval(a, b, confidence=0.95):
    """(median a - median b, low, high); None with fewer than two values on a side."""
    if len(a) < 2 or len(b) < 2:
        return None
    law = {}
    for x, p in median_law(a).items():
        for y, q in median_law(b).items():
            law[x - y] = law.get(x - y, 0.0) + p * q
    law = sorted(law.items())
    tail = (1 - confidence) / 2
    return (median(a) - median(b), quantile(law, tail), quantile(law, 1 - tail))
