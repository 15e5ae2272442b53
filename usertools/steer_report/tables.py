# SPDX-License-Identifier: BSD-3-Clause
"""Tables of a run for the page. Every caption says how the figures were come by."""
import json

from steer_result import HIERARCHY
from steer_result.fields import clean, shown
from steer_result.rounds import LATENCIES

from .figures import FIGURES, SHOWN, figure_of, judge, known, name_in, unstable
from .markup import fold, join, table, tag

LONGEST_DETAIL = 20000  # characters of source_detail that are shown


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def queue_name(row):
    return "all" if row.queue is None else str(row.queue)


def hierarchy(run):
    """The columns that packet tracers show per node, per mode and queue."""
    heads = ["mode", "queue", *HIERARCHY, "packets"]
    lines = [("total" if row.queue is None else None,
              [row.mode, queue_name(row), *[number(v) for v in row.hierarchy], row.packets])
             for row in run.rows]
    return join([table(f"Cache hierarchy, {run.counted}: {run.subject}", heads, lines),
                 hierarchy_note(run)])


def hierarchy_note(run):
    known_to = "A line in another core's cache counts as L3 hit. "
    if any(None in row.hierarchy for row in run.rows):
        known_to += "“-”: the source cannot know it. "
    for group in run.merged:
        known_to += f"{' and '.join(group)} are not separable here. "
    return tag("p", known_to, class_="note")


def levels(run):
    """What the bars show, as numbers, per mode and queue."""
    heads = ["mode", "queue", *[f"{h}, {run.unit}" for h in run.heads()],
             *[f"{h}, first touch" for h in run.heads()], "where"]
    lines = [("total" if row.queue is None else None,
              [row.mode, queue_name(row), *[number(v) for v in row.lines],
               *["-" if v is None else f"{100 * v:.0f}%" for v in row.touch], row.place])
             for row in run.rows]
    return table(f"Per packet and by first touch, each level: {run.subject}", heads, lines)


def with_span(figure, s):
    """Median, and the quartiles of the rounds where there are any."""
    value = s.figure(figure.key)
    quartiles = s.iqr(figure.key)
    if value is None or not quartiles or None in quartiles:
        return figure.form(value)
    low, high = (figure.form(q) for q in quartiles)
    return f"{figure.form(value)} [{low}, {high}]"


def verdict(s):
    return tag("span", s.stability.verdict or "-", class_="doubt" if s.stability.doubtful else None)


def summary(run):
    figures = [f for f in SHOWN if known([run], f)]
    heads = ["mode", *[name_in(f, run) for f in figures], "rounds", "packets", "stability"]
    lines = [[mode, *[with_span(f, s) for f in figures], s.rounds, s.packets, verdict(s)]
             for mode, s in run.summary.items()]
    return table(f"Medians [quartiles] over rounds: {run.subject}", heads, lines)


JUDGED = {1: "better", -1: "worse", 0: "no clear difference"}


def comparisons(run):
    if not run.comparisons:
        return None
    lines = []
    for c in run.comparisons:
        figure = figure_of(c.figure)
        verdict = judge(run, c)
        words = JUDGED[verdict] if figure.less is not None else "-"
        if verdict and unstable(run, c):
            verdict, words = 0, f"{words}? rounds are unstable"
        lines.append([f"{c.a} - {c.b}", name_in(figure, run), figure.differs(c.difference),
                      f"{figure.signed(c.low)} to {figure.signed(c.high)}",
                      f"{100 * c.confidence:g} %",
                      tag("span", words, class_={1: "gain", -1: "loss"}.get(verdict))])
    note = tag("p", "The file has no comparisons: these were computed from its raw rounds.",
               class_="note") if run.computed else None
    return join([table(f"Differences of medians: {run.subject}",
                       ["modes", "figure", "difference", "interval", "confidence", "verdict"],
                       lines), note])


def latencies(run):
    found = [(m, s.latency) for m, s in run.summary.items() if s.latency]
    if not found:
        return None
    lines = [[mode, *[number(getattr(v, key), 0) for key, _ in LATENCIES],
              number(v.samples, 0)] for mode, v in found]
    return table(f"Latency from the NIC's time stamp to the touch, ns: {run.subject}",
                 ["mode", *[name for _, name in LATENCIES], "samples"], lines)


def resteer(run):
    node = run.resteer
    if node is None:
        return None
    words = [node.count("moves", None), *[number(node.number(k, None), 1)
                                          for k in ("median_us", "max_us")],
             node.count("packets_lost", None)]
    return table(f"Cost of a re-steer: {run.subject}",
                 ["moves", "median, µs", "longest, µs", "packets lost"],
                 [["-" if w is None else w for w in words]])


def pairs(caption, nodes):
    """The objects of all runs in one table; what is not the same in all of them varies."""
    values = {}
    for name, value in (p for node in nodes for p in node.flat()):
        values.setdefault(name, set()).add(value)
    lines = [[name, *(found if len(found) == 1 else ["varies"])] for name, found in values.items()]
    return table(caption, ["name", "value"], lines) if lines else None


def conditions(runs):
    """Configuration, machine and tool of the runs of one source."""
    run, many = runs[0], len(runs) > 1
    subject = f"{run.platform}, {run.label}" if many else run.subject
    inputs = ", ".join(dict.fromkeys(r.input for r in runs))
    head = [("source", run.source), ("platform", run.platform), ("input", inputs),
            ("unit", run.unit), ("time", run.time or "-"), ("revision", run.revision)]
    tool = [(f"tool {k}", v) for k, v in run.tool.flat()] if run.tool else []
    first = table(f"Result: {subject}", ["name", "value"],
                  [list(p) for p in [*head, *tool]])
    others = [pairs(f"{name}: {subject}", [n for n in nodes if n]) for name, nodes in
              (("Configuration", [r.config for r in runs]), ("Machine", [r.machine for r in runs]))]
    return tag("div", first, *others, class_="pairs")


def detail(run):
    """What the source tells about itself: events and formulas, confusion matrix."""
    if run.detail is None:
        return None
    text = json.dumps(run.detail.value, indent=1, ensure_ascii=False)
    lines = [clean(line) for line in text[:LONGEST_DETAIL].split("\n")]
    return fold(f"What the source says of itself ({run.label})", tag("pre", "\n".join(lines)))


def rounds(run):
    """The raw rounds."""
    figures = [f for f in FIGURES if known([run], f)]
    lines = [[r.mode, r.round, r.packets, *[f.form(r.figure(f.key)) for f in figures]]
             for r in run.rounds]
    shown = table(f"Raw rounds: {run.subject}",
                  ["mode", "round", "packets", *[name_in(f, run) for f in figures]], lines)
    return fold(f"{len(lines)} raw rounds", shown)


def glance(runs):
    """All runs of the page in one table, one line for each mode."""
    figures = [f for f in SHOWN if known(runs, f)]
    lines = []
    for run in runs:
        for mode, s in run.summary.items():
            lines.append([f"{run.input}{', ' if run.point else ''}{run.point_text}", run.platform,
                          run.label, mode, *[f.form(s.figure(f.key)) for f in figures],
                          run.control.verdict])
    labels = ", ".join(dict.fromkeys(r.label for r in runs))
    estimated = all(r.source == "model" for r in runs)
    heads = [name_in(f, runs[0]) if estimated else f.name for f in figures]
    return table(f"At a glance, {labels}", ["input", "platform", "source", "mode",
                                            *heads, "control"], lines)


def points(runs):
    """Every point of a sweep and mode, with the hierarchy."""
    axes = list(dict.fromkeys(k for r in runs for k in r.point))
    figures = [f for f in SHOWN if known(runs, f)]
    lines = []
    for run in runs:
        for row in run.summary_rows():
            s = run.summary[row.mode]
            lines.append([*[shown(run.point.get(k)) for k in axes], row.mode,
                          *[number(v) for v in row.hierarchy],
                          *[with_span(f, s) for f in figures], verdict(s),
                          run.control.verdict])
    first = runs[0]
    heads = [*axes, "mode", *HIERARCHY, *[name_in(f, first) for f in figures], "stability",
             "control"]
    return table(f"Every point, {first.counted}: {first.platform}, {first.label}", heads,
                 lines)
