# SPDX-License-Identifier: BSD-3-Clause
"""What is in a result: rounds with their queues, and the summary of each mode."""
import re

from .fields import ResultError, is_number
from .levels import LEVELS, NAMES, near
from .stat import quartiles, spread

LATENCIES = [("p50", "p50"), ("p99", "p99"), ("p999", "p99.9")]


def levels_of(node):
    return {level: node.number(level, None) for level in LEVELS}


def touch_of(node):
    touch = levels_of(node)
    for level, share in touch.items():
        if share is not None and not 0 <= share <= 1 + 1e-6:
            raise ResultError(f"{node.place(level)} is no share from 0 to 1")
    return touch


def merged_of(node):
    """Groups of levels that the source cannot tell apart, each in order."""
    out = []
    for group in node.list("merged", []):
        if not isinstance(group, list) or not all(level in NAMES for level in group):
            raise ResultError(f"{node.place('merged')} is not lists of levels")
        out.append(sorted(group, key=LEVELS.index))
    return out


def mode_of(node):
    """A name of a mode, also one that is not known yet."""
    mode = node.text("mode")
    if not re.fullmatch(r"[A-Za-z0-9_+-]{1,24}", mode):
        raise ResultError(f"{node.place('mode')} is no name of a mode")
    return mode


class Latency:
    """Nanoseconds from the device's time stamp to the touch."""

    def __init__(self, node):
        for key, _ in LATENCIES:
            setattr(self, key, node.number(key, None))
        self.samples = node.number("samples", None)

    @classmethod
    def of(cls, node):
        inner = node.maybe("latency_ns")
        return cls(inner) if inner else None


class Cell:
    """One queue of one round."""

    def __init__(self, node):
        self.queue, self.packets = node.count("queue"), node.count("packets")
        self.lcore, self.cpu = node.integer("lcore"), node.integer("cpu")
        self.tag = node.count("tag", None)
        self.lines, self.touch = levels_of(node.node("lines")), touch_of(node.node("first_touch"))
        self.cycles = node.number("cycles_per_packet", None)


class Round:
    """One round of one mode. Figures of revision 2 are None in a file of revision 1."""

    def __init__(self, node, merged):
        self.mode, self.round = mode_of(node), node.count("round")
        self.packets = node.count("packets")
        self.cells = [Cell(q) for q in node.nodes("per_queue")]
        self.mpps = node.number("mpps", None)
        self.cycles = node.number("cycles_per_packet", None)
        if self.cycles is None:
            self.cycles = self.over_queues(lambda c: c.cycles)
        self.near = node.number("l2_or_better", None)
        if self.near is None:
            self.near = self.over_queues(lambda c: near(c.touch, merged))
        self.latency = Latency.of(node)

    def over_queues(self, figure):
        """Mean over the queues, weighted by packets."""
        known = [(figure(c), c.packets) for c in self.cells if figure(c) is not None]
        packets = sum(n for _, n in known)
        return sum(v * n for v, n in known) / packets if packets else None

    def figure(self, name):
        """By the names of the comparisons, and p50, p99, p999 in ns."""
        if name in dict(LATENCIES):
            return getattr(self.latency, name) if self.latency else None
        return {"cycles_per_packet": self.cycles, "l2_or_better": self.near,
                "mpps": self.mpps}.get(name)


# Key, and words for a number of it, of what is counted for all devices of a machine together.
WITNESSED = [("write_hit", "{:.2f} device writes hit a cache"),
             ("write_miss", "{:.2f} device writes missed"),
             ("io_writes", "{:.2f} lines written by devices"),
             ("dram_writes", "{:.2f} lines written to DRAM"), ("stash_sent", "{:.2f} stashes sent"),
             ("stash_pulled", "{:.2f} stashes taken")]


def witnessed(node):
    """[words] of the counts of a mode, per packet."""
    known = [(node.number(key, None), words) for key, words in WITNESSED] if node else []
    return [words.format(v) for v, words in known if v is not None]


class Stability:
    """Whether the rounds of a mode agree; verdict None: the file does not say."""

    def __init__(self, node):
        self.verdict = node.text("verdict") if node else None
        self.why = node.text("why", "") if node else ""

    @property
    def doubtful(self):
        return self.verdict not in (None, "stable")


class Summary:
    """Medians of a mode over its rounds."""

    def __init__(self, node, rounds):
        self.lines, self.touch = levels_of(node.node("lines")), touch_of(node.node("first_touch"))
        self.near = node.number("l2_or_better", None)
        self.cycles = node.number("cycles_per_packet", None)
        self.mpps, self.latency = node.number("mpps", None), Latency.of(node)
        self.write_hits = node.number("device_write_hits", None)  # there is none of a round
        self.stability = Stability(node.maybe("stability"))
        self.witnessed = witnessed(node.maybe("witness"))
        self.rounds, self.packets = len(rounds), sum(r.packets for r in rounds)
        self._iqr = node.maybe("iqr")
        self._rounds = rounds

    def range(self, name):
        """(lowest, highest) round of a figure."""
        return spread([r.figure(name) for r in self._rounds])[1:]

    def iqr(self, name):
        """[first, third quartile] as the file has it, else of the raw rounds."""
        if self._iqr is None or not self._iqr.has(name):
            return quartiles([r.figure(name) for r in self._rounds])
        pair = self._iqr.list(name)
        if len(pair) != 2 or not all(v is None or is_number(v) for v in pair):
            raise ResultError(f"{self._iqr.place(name)} is not two numbers")
        return None if None in pair else pair

    def figure(self, name):
        if name in dict(LATENCIES):
            return getattr(self.latency, name) if self.latency else None
        return {"cycles_per_packet": self.cycles, "l2_or_better": self.near,
                "mpps": self.mpps, "device_write_hits": self.write_hits}.get(name)

    def samples(self, name):
        """The figure of every round in order of measurement, without those that have none."""
        return [v for v in (r.figure(name) for r in self._rounds) if v is not None]
