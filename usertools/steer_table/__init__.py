# SPDX-License-Identifier: BSD-3-Clause
"""Results of an experiment as rows: per mode and queue, medians over rounds."""
import json
import statistics

LEVELS = ["l1", "l2", "other_core", "llc", "memory"]
NAMES = {"l1": "own L1", "l2": "own L2", "other_core": "other core", "llc": "LLC",
         "memory": "memory"}
SHORT = {"l1": "L1", "l2": "L2", "other_core": "other", "llc": "LLC", "memory": "memory"}
# How a number was come by, in the words that every title carries.
SOURCES = {"model": "modelled", "pmu": "measured by PMU", "timing": "measured by timing probe"}


class ResultError(Exception):
    """One line for the user."""


class Row:
    """One line of the table: a queue, or all of them (queue is None)."""

    def __init__(self, mode, queue, place, lines, touch, cycles, packets):
        self.mode, self.queue, self.place = mode, queue, place
        self.lines, self.touch = lines, touch  # one value for each of run.groups, None unknown
        self.cycles = cycles                   # median, lowest, highest over rounds
        self.packets = packets                 # of all rounds
        self.near = None                       # share of first touches in own L1 or L2


class Run:
    """One OBJECT of the JSON contract."""

    def __init__(self, obj):
        self.raw = obj
        self.source = obj["source"]
        self.label = SOURCES.get(self.source, f"source {self.source}")
        self.platform, self.input, self.unit = obj["platform"], obj["input"], obj["unit"]
        self.merged = [sorted(m, key=LEVELS.index) for m in obj.get("merged") or []]
        self.groups = groups(self.merged)
        self.modes = list(dict.fromkeys(r["mode"] for r in obj["rounds"]))
        self.rows = [row for mode in self.modes for row in self._mode(mode)]

    @property
    def title(self):
        return f"{self.input} on {self.platform}, {self.unit} per packet, {self.label}"

    def heads(self, names=NAMES):
        return ["+".join(names[level] for level in g) for g in self.groups]

    def _mode(self, mode):
        rounds = [r for r in self.raw["rounds"] if r["mode"] == mode]
        queues = sorted({q["queue"] for r in rounds for q in r["per_queue"]})
        for queue in queues:
            yield self._queue(mode, queue, [q for r in rounds for q in r["per_queue"]
                                            if q["queue"] == queue])
        yield self._all(mode, rounds)

    def _queue(self, mode, queue, cells):
        row = Row(mode, queue, place(cells),
                  [median([total(c["lines"], g) for c in cells]) for g in self.groups],
                  [median([total(c["first_touch"], g) for c in cells]) for g in self.groups],
                  spread([c["cycles_per_packet"] for c in cells]),
                  sum(c["packets"] for c in cells))
        row.near = median([near(c["first_touch"], self.merged) for c in cells])
        return row

    def _all(self, mode, rounds):
        s = self.raw["summary"][mode]
        row = Row(mode, None, "", [total(s["lines"], g) for g in self.groups],
                  [total(s["first_touch"], g) for g in self.groups],
                  spread([round_cycles(r) for r in rounds]), sum(r["packets"] for r in rounds))
        row.cycles = (s["cycles_per_packet"], *row.cycles[1:])
        row.near = s["l2_or_better"]
        return row

    def summary_rows(self):
        return [r for r in self.rows if r.queue is None]


def groups(merged):
    """Levels in order, those that the source cannot tell apart together."""
    out = []
    for level in LEVELS:
        group = next((m for m in merged if level in m), [level])
        if group not in out:
            out.append(group)
    return out


def total(values, group):
    """Sum of the known levels of a group; None when none is known."""
    known = [values[level] for level in group if values.get(level) is not None]
    return sum(known) if known else None


def near(touch, merged):
    """l1 + l2, or None where that cannot be said."""
    if ["l1", "l2"] in merged:
        return total(touch, ["l1", "l2"])
    if touch.get("l1") is None or touch.get("l2") is None:
        return None
    return touch["l1"] + touch["l2"]


def median(values):
    known = [v for v in values if v is not None]
    return statistics.median(known) if known else None


def spread(values):
    known = [v for v in values if v is not None]
    return (median(known), min(known), max(known)) if known else (None, None, None)


def round_cycles(r):
    """Cycles per packet of a round over its queues, weighted by packets."""
    cells = [q for q in r["per_queue"] if q["cycles_per_packet"] is not None]
    packets = sum(q["packets"] for q in cells)
    if packets == 0:
        return None
    return sum(q["cycles_per_packet"] * q["packets"] for q in cells) / packets


def place(cells):
    """Where a queue was polled and which tag it had; several values when it moved."""
    def seen(key, form):
        values = dict.fromkeys(c[key] for c in cells)
        return "/".join(form(v) for v in values)

    return "lcore {} cpu {} tag {}".format(
        seen("lcore", str), seen("cpu", str), seen("tag", lambda t: hex(t) if t else "none"))


def load(path):
    """@return list of Run from one OBJECT or {"schema":1,"runs":[...]}."""
    try:
        data = json.loads(path.read_text())
    except ValueError as e:
        raise ResultError(f"{path}: not JSON: {e}") from e
    if not isinstance(data, dict) or data.get("schema") != 1:
        raise ResultError(f"{path}: not a result of schema 1")
    objects = data["runs"] if "runs" in data else [data]
    try:
        return [Run(obj) for obj in objects]
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise ResultError(f"{path}: not a result of schema 1: {type(e).__name__}: {e}") from e
