# SPDX-License-Identifier: BSD-3-Clause
"""Cache levels: names, colours, sums over levels that a source cannot tell apart."""

LEVELS = ["l1", "l2", "other_core", "llc", "memory"]
NAMES = {"l1": "own L1", "l2": "own L2", "other_core": "other core", "llc": "LLC",
         "memory": "memory"}
SHORT = {"l1": "L1", "l2": "L2", "other_core": "other", "llc": "LLC", "memory": "memory"}
# How a number was come by, in the words that every title carries.
SOURCES = {"model": "modelled", "pmu": "measured by PMU", "timing": "measured by timing probe"}
# Near is blue, far is red; told apart by colour-blind readers too, and with a contrast of 3 or more
# to paper: (light, dark).
COLOURS = {"l1": ("#005a8f", "#3b82c4"), "l2": ("#2f95d0", "#86cbf4"),
           "other_core": ("#b97700", "#efae3a"), "llc": ("#868d94", "#8b949e"),
           "memory": ("#c23b12", "#f07a55")}
HIERARCHY = ["L1 hit", "L1 miss", "L2 hit", "L2 miss", "L3 hit", "L3 miss"]


def label_of(source):
    return SOURCES.get(source, f"source {source}")


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
    return exact(touch, merged, ["l1", "l2"])


def exact(values, merged, wanted):
    """Sum over just these levels, or None where a level is unknown or merged with another one."""
    parts = [g for g in groups(merged) if set(g) & set(wanted)]
    if any(set(g) - set(wanted) for g in parts):
        return None
    sums = [total(values, g) for g in parts]
    return None if None in sums else sum(sums)


def hierarchy(values, merged):
    """
    Per packet in the columns of HIERARCHY, None for what the source cannot know. What another
    core's cache served has missed the own L2 and has not gone to memory: it is an L3 hit here, as
    it is for the processors' own events.
    """
    beyond = LEVELS[1:], LEVELS[2:], LEVELS[4:]
    hits = ["l1"], ["l2"], ["other_core", "llc"]
    return [exact(values, merged, list(wanted))
            for pair in zip(hits, beyond) for wanted in pair]
