# SPDX-License-Identifier: BSD-3-Clause
"""The points of a sweep as planes: two axes across and down, the others fixed for each plane."""
from itertools import product

MAX_PLANES = 6


class Plane:
    """Runs of one source by (value across, value down); axes are None where there is only one."""

    def __init__(self, across, down, fixed, runs):
        self.across, self.down, self.fixed = across, down, fixed
        self.columns = values(runs, across)
        self.rows = values(runs, down) if down else [None]
        self._runs = {(r.point[across], r.point[down] if down else None): r for r in runs}

    def run(self, column, row):
        return self._runs.get((column, row))

    def cells(self):
        """(column number, row number, run) of every point that was measured."""
        for (y, row), (x, column) in product(enumerate(self.rows), enumerate(self.columns)):
            if self.run(column, row):
                yield x, y, self.run(column, row)

    @property
    def where(self):
        """The fixed axes, as part of a title."""
        return "".join(f", {k}={v}" for k, v in self.fixed)


def values(runs, axis):
    found = list(dict.fromkeys(r.point[axis] for r in runs))
    numbers = all(isinstance(v, (int, float)) for v in found)
    return sorted(found) if numbers else found


def chosen(axes):
    """The axis across and the one down: those with the most values, the longest across."""
    by_length = sorted(axes, key=lambda k: -len(axes[k]))
    return by_length[0], by_length[1] if len(by_length) > 1 else None


def planes(runs, axes):
    """@return (planes, how many more there are); runs are of one source, axes as ResultFile has."""
    runs = [r for r in runs if all(k in r.point for k in axes)]
    if not runs or not axes:
        return [], 0
    across, down = chosen(axes)
    others = [k for k in axes if k not in (across, down)]
    slices = {}
    for run in runs:
        slices.setdefault(tuple((k, run.point[k]) for k in others), []).append(run)
    made = [Plane(across, down, fixed, part) for fixed, part in slices.items()]
    return made[:MAX_PLANES], max(0, len(made) - MAX_PLANES)


def sources(runs):
    """{(source, platform): runs}: figures of two sources do not share a picture."""
    out = {}
    for run in runs:
        out.setdefault((run.source, run.platform), []).append(run)
    return out
