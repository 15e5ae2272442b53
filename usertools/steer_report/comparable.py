# SPDX-License-Identifier: BSD-3-Clause
"""Which runs of two files belong together, and whether they may be compared at all."""
from steer_result.fields import shown

# Of the configuration, what may differ: how much was measured, not what.
FREE = {"rounds", "seed", "warmup_packets"}
MIN_ROUNDS = 2


class NotComparable(Exception):
    """One line for the user: what differs."""


class Pair:
    """The same experiment at the same point, before and now."""

    def __init__(self, old, new):
        self.old, self.new = old, new
        self.notes = []

    @property
    def name(self):
        return " ".join(w for w in (self.new.input, self.new.point_text) if w)


def key(run):
    """What tells the runs of a file apart."""
    return (run.source, run.platform, run.input, tuple(sorted(
        (k, shown(v)) for k, v in run.point.items())))


def keyed(runs):
    """{(key, which of those with this key): run}"""
    out, seen = {}, {}
    for run in runs:
        n = seen[key(run)] = seen.get(key(run), 0) + 1
        out[key(run), n] = run
    return out


def told(run):
    return run.subject


def single(old, new):
    """Two files of one run each: say what differs between these two, not that each is missing."""
    return len(old) == 1 and len(new) == 1


def pairs(old, new):
    """@return (pairs, subjects only in old, subjects only in new)."""
    if single(old, new):
        return [Pair(old[0], new[0])], [], []
    before, now = keyed(old), keyed(new)
    both = [Pair(before[k], now[k]) for k in before if k in now]
    return (both, [told(r) for k, r in before.items() if k not in now],
            [told(r) for k, r in now.items() if k not in before])


def differ(name, old, new):
    if old != new:
        raise NotComparable(f"{name} differs: it was {shown(old)} and is {shown(new)}")


def check_config(old, new):
    if old.config is None or new.config is None:
        return
    before, now = old.config.value, new.config.value
    for name in dict.fromkeys([*before, *now]):
        if name not in FREE:
            differ(f"configuration '{name}'", before.get(name), now.get(name))


def check_machine(old, new):
    """What was measured on a processor says nothing about another one; a model runs anywhere."""
    if "model" in (old.source, new.source) or None in (old.machine, new.machine):
        return
    differ("processor", old.machine.text("cpu", None), new.machine.text("cpu", None))


def check(pair):
    """NotComparable when the two runs are not of the same experiment."""
    old, new = pair.old, pair.new
    for name, a, b in (("source", old.source, new.source),
                       ("platform", old.platform, new.platform),
                       ("input", old.input, new.input), ("unit", old.unit, new.unit),
                       ("point", old.point_text, new.point_text),
                       ("number of queues", old.queues, new.queues),
                       ("merged levels", old.merged, new.merged),
                       ("modes", sorted(old.modes), sorted(new.modes))):
        differ(name, a, b)
    check_config(old, new)
    check_machine(old, new)
    check_rounds(pair)


def check_rounds(pair):
    for run, which in ((pair.old, "old"), (pair.new, "new")):
        if run.refuted:
            raise NotComparable(f"the {which} experiment is invalid: {run.refuted}")
        for mode, s in run.summary.items():
            if s.rounds < MIN_ROUNDS:
                raise NotComparable(f"the {which} file has {s.rounds} round of '{mode}': an "
                                    f"interval needs {MIN_ROUNDS}")
        if not run.complete:
            pair.notes.append(f"{which} file: not all rounds were run")
        pair.notes += [f"{which} file: rounds of '{mode}' are {s.verdict}"
                       for mode, s in run.doubts]
    if pair.old.config is None or pair.new.config is None:
        pair.notes.append("a file of revision 1 does not tell its configuration")
