# SPDX-License-Identifier: BSD-3-Clause
"""The table for the terminal."""
from steer_result import SHORT
from steer_result.rounds import LATENCIES


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def percent(value, digits=1):
    return "-" if value is None else f"{100 * value:.{digits}f}%"


def cycles(triple):
    mid, low, high = triple
    return "-" if mid is None else f"{mid:.0f} [{low:.0f}-{high:.0f}]"


def cells(row):
    """Words of one row in the order of columns()."""
    queue = "all" if row.queue is None else str(row.queue)
    return [row.mode, queue, *[number(v) for v in row.lines], *[percent(v, 0) for v in row.touch],
            percent(row.near), cycles(row.cycles), str(row.packets)]


def columns(run, heads):
    """(heading of a group of columns, heading of the column)."""
    estimate = "estimated " if run.source == "model" else ""
    return [("", "mode"), ("", "queue"), *[(run.counted, h) for h in heads],
            *[("first touch", h) for h in heads], ("first touch", "L2 or better"),
            (f"{estimate}cycles per packet", "median [min-max]"), ("", "packets")]


def places(run):
    """One line per queue: where it was polled, and its tag in each mode."""
    out = []
    for queue in sorted({r.queue for r in run.rows if r.queue is not None}):
        where = [f"{r.mode}: {r.place}" for r in run.rows if r.queue == queue]
        out.append(f"   queue {queue}  " + "; ".join(where))
    return out


def rates(s):
    """Of one mode, what revision 2 has beside the columns."""
    out = [f"{number(s.mpps)} Mpps"] if s.mpps is not None else []
    if s.latency:
        known = [(name, getattr(s.latency, key)) for key, name in LATENCIES]
        out.append("latency " + ", ".join(f"{n} {number(v, 0)}" for n, v in known) + " ns")
    return out


def verdicts(run):
    """Rates and latency of each mode, whether its rounds agree, and what confirms or refutes it."""
    out = []
    for mode, s in run.summary.items():
        words = rates(s)
        if s.stability.verdict not in (None, "few"):  # too few rounds to judge is no news here
            words.append(": ".join(w for w in (s.stability.verdict, s.stability.why) if w))
        out += [f"   {mode}: " + "; ".join(words)] if words else []
        if s.witnessed:
            out.append(f"   {mode}: per packet {', '.join(s.witnessed)} (system-wide, all devices)")
    if run.control.verdict != "absent":
        out.append(f"   negative control {run.control.verdict}: {run.control.why}")
    if run.witness.verdict != "absent":
        out.append(f"   {run.witness.words}")
    return out


def table(run):
    cols = columns(run, run.heads(SHORT))
    body = [cells(r) for r in run.rows]
    widths = [max(len(c[1]), *(len(line[i]) for line in body)) for i, c in enumerate(cols)]
    widen(cols, widths)
    lines = [f"== {run.title}", "   first touch: DMA-written lines by the level that served the "
             "CPU's first touch", over(cols, widths)]
    lines.append(join([c[1] for c in cols], widths))
    rule = "-" * len(lines[-1])
    for row, line in zip(run.rows, body):
        if row.queue == run.rows[0].queue:
            lines.append(rule)
        lines.append(join(line, widths))
    lines += [rule, *places(run), *verdicts(run)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def widen(cols, widths):
    """A group of one column needs room for the name of the group."""
    for i, (name, _) in enumerate(cols):
        if name and [c[0] for c in cols].count(name) == 1:
            widths[i] = max(widths[i], len(name))


def over(cols, widths):
    """The line of group headings, each over the columns that share it."""
    out, at = "", 0
    while at < len(cols):
        end = at
        while end < len(cols) and cols[end][0] == cols[at][0]:
            end += 1
        width = sum(widths[at:end]) + 2 * (end - at - 1)
        name = cols[at][0]
        text = f" {name} ".center(width, ".") if name and len(name) + 2 <= width else name
        out += text.ljust(width) + "  "
        at = end
    return out


def join(words, widths):
    """The first column to the left, numbers to the right."""
    return "  ".join(w.rjust(n) if i else w.ljust(n) for i, (w, n) in enumerate(zip(words, widths)))
