# SPDX-License-Identifier: BSD-3-Clause
"""The figures of a mode: how they are written, and which way is better."""


class Figure:
    """less: True where less is better, False where more is, None where nobody can say."""

    def __init__(self, key, name, less, digits=0, scale=1, unit="", points=""):
        self.key, self.name, self.less = key, name, less
        self.digits, self.scale, self.unit = digits, scale, unit
        self.points = points  # unit of a difference, where it is another one

    def form(self, value):
        return "-" if value is None else f"{self.scale * value:.{self.digits}f}{self.unit}"

    def signed(self, value):
        """A difference, or an end of its interval, without the unit."""
        return f"{self.scale * value:+.{self.digits + 1}f}"

    def differs(self, value):
        return f"{self.signed(value)}{self.points}"

    def better(self, difference):
        """1 better, -1 worse, 0 neither."""
        if self.less is None or difference == 0:
            return 0
        return 1 if (difference < 0) == self.less else -1

    def judged(self, low, high):
        """The same for an interval: 0 as long as it has zero in it."""
        return self.better(low) if low * high > 0 else 0


LEAST = 0.01  # of what it is compared with, or of the packets: what is less is nobody's gain


def judge(run, comparison):
    """1 better, -1 worse, 0 neither: what dpdk-steerpmd calls a gain or a loss."""
    figure = figure_of(comparison.figure)
    base = 1 if figure is NEAR else figure_in(run, comparison.b, figure)
    if abs(comparison.difference) < LEAST * abs(base or 0):
        return 0
    return figure.judged(comparison.low, comparison.high)


def figure_in(run, mode, figure):
    """None where the run has no such mode, or does not know it."""
    return run.summary[mode].figure(figure.key) if mode in run.summary else None


def unstable(run, comparison):
    """Are the rounds of one of the two no repetitions, so that the interval means little?"""
    modes = [m for m, s in run.doubts if s.verdict != "few"]
    return comparison.a in modes or comparison.b in modes


CYCLES = Figure("cycles_per_packet", "cycles per packet", True)
NEAR = Figure("l2_or_better", "L2 or better", False, 1, 100, "%", " points")
MPPS = Figure("mpps", "Mpps", False, 2)
P50 = Figure("p50", "latency p50, ns", True)
P99 = Figure("p99", "latency p99, ns", True)
P999 = Figure("p999", "latency p99.9, ns", True)
FIGURES = [CYCLES, NEAR, MPPS, P50, P99, P999]
BY_KEY = {f.key: f for f in FIGURES}
WRITES = Figure("device_write_hits", "device writes that hit a cache", False, 1, 100, "%")
SHOWN = [*FIGURES, WRITES]  # the last one is of a mode and not of its rounds


def figure_of(key):
    """Of a comparison in a file; one that this program does not know has its own name."""
    return BY_KEY.get(key) or Figure(key, key.replace("_", " "), None, 2)


def name_in(figure, run):
    """The model's cycles are an estimate, and say so."""
    guess = run.source == "model" and "cycles" in figure.key
    return f"estimated {figure.name}" if guess else figure.name


def known(runs, figure):
    """Whether any run of these has the figure in any mode."""
    return any(s.figure(figure.key) is not None for r in runs for s in r.summary.values())
