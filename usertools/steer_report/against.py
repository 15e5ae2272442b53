# SPDX-License-Identifier: BSD-3-Clause
"""
Two result files, point by point and figure by figure.

With many figures some differ by chance beyond an interval of 95 %. So the 95 % are for all figures
together: each interval is wider the more of them there are (Bonferroni).
"""
from steer_result.stat import interval

from .comparable import NotComparable, check, pairs
from .figures import FIGURES, name_in
from .markup import join, table, tag

CONFIDENCE = 0.95
SAME, WORSE, DIFFERENT = 0, 1, 3  # exit status
NOT_JUDGED = {"wrong"}  # the negative control is there to be bad
WORDS = {1: "better", -1: "WORSE", 0: "no clear difference"}


class Change:
    """One figure of one mode of one point: new minus old."""

    def __init__(self, pair, mode, figure):
        self.pair, self.mode, self.figure = pair, mode, figure
        self.old = pair.old.summary[mode].samples(figure.key)
        self.new = pair.new.summary[mode].samples(figure.key)
        self.before = pair.old.summary[mode].figure(figure.key)
        self.now = pair.new.summary[mode].figure(figure.key)
        self.verdict = 0

    def judge(self, confidence, tolerance):
        self.difference, self.low, self.high = interval(self.new, self.old, confidence)
        small = abs(self.difference) <= tolerance * abs(self.before or 0)
        if not small:
            self.verdict = self.figure.judged(self.low, self.high)

    @property
    def worse(self):
        return self.verdict < 0 and self.mode not in NOT_JUDGED

    @property
    def words(self):
        note = ", control: not judged" if self.mode in NOT_JUDGED and self.verdict else ""
        return WORDS[self.verdict] + note

    def columns(self):
        figure = self.figure
        return [self.pair.name, self.mode, name_in(figure, self.pair.new),
                f"{figure.form(self.before)} -> {figure.form(self.now)}",
                figure.differs(self.difference),
                f"[{figure.signed(self.low)}, {figure.signed(self.high)}]", self.words]


class Comparison:
    """Everything that two files have in common."""

    def __init__(self, old, new, tolerance=0.0):
        self.old, self.new = old, new
        found, self.gone, self.added = pairs(old.runs, new.runs)
        if not found:
            raise NotComparable(f"nothing in common: {old.name} has {old.runs[0].subject}, "
                                f"{new.name} has {new.runs[0].subject}")
        self.changes, self.notes = [], {}
        for pair in found:
            check_pair(pair)
            self.changes += changes(pair)
            for note in pair.notes:
                self.notes.setdefault(note, []).append(pair.name)
        if not self.changes:
            raise NotComparable("no figure that both files have")
        self.each = 1 - (1 - CONFIDENCE) / len(self.changes)
        for change in self.changes:
            change.judge(self.each, tolerance)

    @property
    def worse(self):
        return [c for c in self.changes if c.worse]

    @property
    def status(self):
        if self.worse:
            return WORSE
        return DIFFERENT if self.gone else SAME

    @property
    def verdict(self):
        text = f"{len(self.worse)} of {len(self.changes)} figures are worse beyond their interval"
        missing = f"; {len(self.gone)} points are missing in {self.new.name}" if self.gone else ""
        return f"{text} ({100 * CONFIDENCE:g} % for all of them together){missing}"

    @property
    def title(self):
        labels = ", ".join(dict.fromkeys(c.pair.new.label for c in self.changes))
        return f"{self.new.name} against {self.old.name}, {labels}"

    def remarks(self):
        """What is not figures, a line each."""
        out = [f"only in {self.old.name}: {s}" for s in self.gone]
        out += [f"only in {self.new.name}: {s}" for s in self.added]
        return out + [f"{note}{' (' + str(len(names)) + ' points)' if len(names) > 1 else ''}"
                      for note, names in self.notes.items()]


def check_pair(pair):
    try:
        check(pair)
    except NotComparable as e:
        raise NotComparable(f"{pair.name}: {e}") from e


def changes(pair):
    made = [Change(pair, mode, f) for mode in pair.new.modes for f in FIGURES]
    return [c for c in made if min(len(c.old), len(c.new)) >= 2]


def report(comparison):
    """Lines for the terminal: one for each figure."""
    rows = [c.columns() for c in comparison.changes]
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(w.ljust(n) if i in (0, 1, 2, 6) else w.rjust(n)
                       for i, (w, n) in enumerate(zip(r, widths))).rstrip() for r in rows]
    return "\n".join([f"== {comparison.title}", *lines, *comparison.remarks(), comparison.verdict])


def section(comparison):
    """The same for the page."""
    lines = []
    for change in comparison.changes:
        words = change.columns()
        kind = "loss" if change.worse else "gain" if change.verdict > 0 else None
        lines.append([*words[:-1], tag("span", words[-1], class_=kind)])
    heads = ["point", "mode", "figure", "old -> new", "difference", "interval", "verdict"]
    kind = "bad" if comparison.worse else "good"
    notes = [tag("p", note, class_="note") for note in comparison.remarks()]
    return join([tag("section", tag("h2", comparison.title),
                     tag("p", tag("strong", "Regression" if comparison.worse else "No regression"),
                         f": {comparison.verdict}", class_=f"verdict {kind}"), *notes,
                     table(comparison.title, heads, lines))])
