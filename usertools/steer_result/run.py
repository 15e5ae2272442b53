# SPDX-License-Identifier: BSD-3-Clause
"""One result: its rounds, and its rows for tables, per mode and queue."""
from .fields import Node, ResultError, clean, is_number, shown
from .levels import NAMES, groups, hierarchy, label_of, near, total
from .rounds import Round, Summary, merged_of
from .stat import interval, median, spread

COMPARED = ["cycles_per_packet", "l2_or_better", "mpps"]


class Row:
    """One line of the table: a queue, or all of them (queue is None)."""

    def __init__(self, mode, queue, place, lines, touch, cycles, packets):
        self.mode, self.queue, self.place = mode, queue, place
        self.lines, self.touch = lines, touch  # one value for each of run.groups, None unknown
        self.cycles = cycles                   # median, lowest, highest over rounds
        self.packets = packets                 # of all rounds
        self.near = None                       # share of first touches in own L1 or L2
        self.hierarchy = None                  # the columns of levels.HIERARCHY


class Comparison:
    """A difference of medians with its interval."""

    def __init__(self, a, b, figure, values, confidence):
        self.a, self.b, self.figure = a, b, figure
        self.difference, self.low, self.high = values
        self.confidence = confidence

    @property
    def clear(self):
        return self.low > 0 or self.high < 0


class Control:
    """Verdict on the negative control."""

    def __init__(self, node):
        self.verdict = node.text("verdict") if node else "absent"
        self.why = node.text("why", "") if node else "the file does not say"


class Witness:
    """What the system's counters say about the figures."""

    def __init__(self, node):
        self.verdict = node.text("verdict") if node else "absent"
        self.why = node.text("why", "") if node else ""

    @property
    def words(self):
        return f"witness {self.verdict.replace('_', ' ')}: {self.why}"


class Run:
    """One OBJECT of the JSON contract, of any revision."""

    def __init__(self, value, where="the result"):
        node = Node(value, where)
        self.node = node
        self.revision = node.count("revision", 1)
        self.source = node.text("source")
        self.label = label_of(self.source)
        self.platform = node.text("platform", None) or "this machine"
        self.input, self.unit = node.text("input"), node.text("unit")
        self.point = point_of(node.maybe("point"))
        self.queues = node.count("queues", None)
        self.merged = merged_of(node)
        self.groups = groups(self.merged)
        self.rounds = [Round(r, self.merged) for r in node.nodes("rounds")]
        if not self.rounds:
            raise ResultError(f"{where} has no round")
        self.modes = list(dict.fromkeys(r.mode for r in self.rounds))
        self.summary = {m: self._summary(node.node("summary"), m) for m in self.modes}
        self._later(node)
        self.rows = [row for mode in self.modes for row in self._mode(mode)]

    def _summary(self, node, mode):
        return Summary(node.node(mode), [r for r in self.rounds if r.mode == mode])

    def _later(self, node):
        """What came with revision 2."""
        self.control = Control(node.maybe("control"))
        self.witness = Witness(node.maybe("witness"))
        self.comparisons = [self._comparison(c) for c in node.nodes("comparisons", [])]
        self.computed = not node.has("comparisons")
        if self.computed:
            self.comparisons = list(self._compare())
        self.config, self.machine = node.maybe("config"), node.maybe("machine")
        self.tool, self.resteer = node.maybe("tool"), node.maybe("resteer")
        self.detail = node.maybe("source_detail")
        self.steered, self.complete = node.flag("steered", True), node.flag("complete", True)
        self.time, self.elapsed = node.text("time", None), node.number("elapsed_s", None)

    @staticmethod
    def _comparison(node):
        values = [node.number(k, None) for k in ("difference", "low", "high")]
        if None in values:
            raise ResultError(f"{node.where} has no difference, low and high")
        return Comparison(node.text("a"), node.text("b"), node.text("figure"), values,
                          node.number("confidence", 0.95))

    def _compare(self):
        """Every mode against "off", of the raw rounds: for files that have no comparisons."""
        for mode in self.modes if "off" in self.modes else []:
            for figure in COMPARED if mode != "off" else []:
                found = interval(self.summary[mode].samples(figure),
                                 self.summary["off"].samples(figure))
                if found:
                    yield Comparison(mode, "off", figure, found, 0.95)

    @property
    def refuted(self):
        """Why no figure of it may be used, or None."""
        if self.control.verdict == "invalid":
            return self.control.why
        if self.witness.verdict == "contradicts":
            return f"contradicted by the witness: {self.witness.why}"
        return None

    @property
    def point_text(self):
        """The point of a sweep as "size=64 ring=256", or ""."""
        return " ".join(f"{k}={shown(v)}" for k, v in self.point.items())

    @property
    def subject(self):
        """What was measured where, how: the part of every title that tells runs apart."""
        point = f", {self.point_text}" if self.point else ""
        return f"{self.input} on {self.platform}{point}, {self.label}"

    @property
    def title(self):
        point = f", {self.point_text}" if self.point else ""
        return f"{self.input} on {self.platform}{point}, {self.counted}, {self.label}"

    @property
    def counted(self):
        """What the figures of levels are; a timing probe has no figure per packet."""
        return "shares of first touches" if self.unit == "samples" else f"{self.unit} per packet"

    def heads(self, names=NAMES):
        return ["+".join(names[level] for level in g) for g in self.groups]

    def _mode(self, mode):
        rounds = [r for r in self.rounds if r.mode == mode]
        for queue in sorted({c.queue for r in rounds for c in r.cells}):
            yield self._queue(mode, queue, [c for r in rounds for c in r.cells
                                            if c.queue == queue])
        yield self._all(mode)

    def _queue(self, mode, queue, cells):
        row = Row(mode, queue, place(cells),
                  [median([total(c.lines, g) for c in cells]) for g in self.groups],
                  [median([total(c.touch, g) for c in cells]) for g in self.groups],
                  spread([c.cycles for c in cells]), sum(c.packets for c in cells))
        row.near = median([near(c.touch, self.merged) for c in cells])
        row.hierarchy = [median(column) for column in
                         zip(*[hierarchy(self.levels(c), self.merged) for c in cells])]
        return row

    def _all(self, mode):
        s = self.summary[mode]
        row = Row(mode, None, "", [total(s.lines, g) for g in self.groups],
                  [total(s.touch, g) for g in self.groups],
                  (s.cycles, *s.range("cycles_per_packet")), s.packets)
        row.near = s.near
        row.hierarchy = hierarchy(self.levels(s), self.merged)
        return row

    def levels(self, part):
        """What `counted` says: of a timing probe, shares are all there is."""
        return part.touch if self.unit == "samples" else part.lines

    def summary_rows(self):
        return [r for r in self.rows if r.queue is None]

    @property
    def doubts(self):
        """(mode, Stability) of modes whose rounds do not agree."""
        return [(m, s.stability) for m, s in self.summary.items() if s.stability.doubtful]


def point_of(node):
    """{axis: number or text} of a point of a sweep; empty when it is none."""
    items = node.value.items() if node else ()
    return {clean(str(k)): v if is_number(v) else shown(v) for k, v in items}


def place(cells):
    """Where a queue was polled and which tag it had; several values when it moved."""
    def seen(key, form):
        return "/".join(dict.fromkeys(form(getattr(c, key)) for c in cells))

    return "lcore {} cpu {} tag {}".format(
        seen("lcore", str), seen("cpu", str), seen("tag", lambda t: hex(t) if t else "none"))
