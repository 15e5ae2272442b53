# SPDX-License-Identifier: BSD-3-Clause
"""Charts of one run: lines by level, first touches by level, intervals, latencies."""
from matplotlib.patches import Patch

from steer_result.rounds import LATENCIES

from .charts import Chart, axes, new, styled
from .figures import figure_of, judge, name_in, unstable
from .palette import ink_on, level_colour, light, mode_colour

BAR, FOOT, LEFT = 0.42, 0.42, 0.78  # inches


def stack(ax, y, groups, values, longest, form):
    """One bar. @return its length."""
    left = 0
    for group, value in zip(groups, values):
        if not value:
            continue
        ax.barh(y, value, left=left, height=0.66, color=level_colour(group),
                edgecolor=light("paper"), linewidth=0.8)
        if value > 0.09 * longest:
            ax.text(left + value / 2, y, form(value), ha="center", va="center", fontsize=9.5,
                    color=ink_on(group))
        left += value
    return left


def clear(ax, names):
    """Horizontal bars need no frame and no ticks: each has its words."""
    ax.set_yticks(range(len(names)), names, fontsize=11)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def level_words(run, values, form):
    """The bars as a sentence for each mode."""
    out = []
    for row in run.summary_rows():
        parts = [f"{head} {form(v)}" for head, v in zip(run.heads(), values(row)) if v is not None]
        out.append(f"{row.mode}: {', '.join(parts)}.")
    unknown = [h for i, h in enumerate(run.heads())
               if all(values(r)[i] is None for r in run.summary_rows())]
    return " ".join(out) + (f" Not known to this source: {', '.join(unknown)}." if unknown else "")


@styled
def bars(run, name, title, values, form, end):
    """Stacked bars, one for each mode. @return Chart, or None where nothing is known."""
    rows = run.summary_rows()
    longest = max((sum(v for v in values(r) if v) for r in rows), default=0)
    if not longest:
        return None
    figure, top = new(f"{title}: {run.subject}", BAR * len(rows) + FOOT)
    ax = axes(figure, LEFT, FOOT, 0.05, top)
    for y, row in enumerate(rows):
        length = stack(ax, y, run.groups, values(row), longest, form)
        ax.text(length + 0.015 * longest, y, end(row), va="center", fontsize=10)
    clear(ax, [r.mode for r in rows])
    ax.set_xlim(0, longest * 1.2)
    shown = [(Patch(color=level_colour(g)), h) for i, (g, h) in
             enumerate(zip(run.groups, run.heads())) if any(values(r)[i] for r in rows)]
    figure.legend(*zip(*shown), loc="lower left", bbox_to_anchor=(0.01, 0), ncol=len(shown),
                  handlelength=0.8, columnspacing=0.8, handletextpad=0.3, fontsize=10)
    return Chart(name, f"{title}: {run.subject}", level_words(run, values, form), figure)


def lines(run, name):
    return bars(run, name, f"{run.counted.capitalize()} by cache level",
                lambda r: r.lines, lambda v: f"{v:.1f}",
                lambda r: f"{sum(v for v in r.lines if v):.1f}")


def touches(run, name):
    return bars(run, name, "First CPU touch of DMA-written lines by cache level",
                lambda r: r.touch, lambda v: f"{100 * v:.0f}%", lambda r: "")


def colour_of(verdict):
    return light({1: "good", -1: "bad", 0: "faint"}[verdict])


def interval_words(run):
    out = []
    for c in run.comparisons:
        figure = figure_of(c.figure)
        out.append(f"{c.a} against {c.b}, {name_in(figure, run)}: {figure.differs(c.difference)} "
                   f"[{figure.signed(c.low)}, {figure.signed(c.high)}].")
    return " ".join(out)


def one_figure(ax, run, figure, found):
    """The differences of one figure, in its own unit, about zero."""
    for y, c in enumerate(found):
        colour = colour_of(0 if unstable(run, c) else judge(run, c))
        ax.plot([figure.scale * c.low, figure.scale * c.high], [y, y], color=colour, linewidth=3,
                solid_capstyle="butt")
        ax.plot([figure.scale * c.difference], [y], "o", color=colour, markersize=6)
    ax.axvline(0, color=light("faint"), linewidth=0.9)
    ax.set_yticks(range(len(found)), [f"{c.a} - {c.b}" for c in found], fontsize=10)
    ax.set_ylim(len(found) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.12)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.locator_params(axis="x", nbins=5)
    unit = figure.points or ""
    ax.set_title(f"{name_in(figure, run)}{' (' + unit.strip() + ')' if unit else ''}", fontsize=10,
                 loc="left", pad=3)


@styled
def intervals(run, name):
    """Differences between modes with their intervals; None without any."""
    keys = list(dict.fromkeys(c.figure for c in run.comparisons))
    if not keys:
        return None
    groups = [(figure_of(k), [c for c in run.comparisons if c.figure == k]) for k in keys]
    percent = f"{100 * run.comparisons[0].confidence:g} %"
    title = f"Differences of medians with {percent} intervals: {run.subject}"
    heights = [0.64 + 0.26 * len(found) for _, found in groups]
    figure, top = new(title, sum(heights))
    for high, (kind, found) in zip(heights, groups):
        total = figure.get_size_inches()[1]
        top += high
        ax = axes(figure, 1.15, total - top + 0.3, 0.15, top - high + 0.26)
        one_figure(ax, run, kind, found)
    return Chart(name, title, interval_words(run), figure)


MARKS = {"p50": "o", "p99": "s", "p999": "D"}


@styled
def latency(run, name):
    """Time from the device's stamp to the touch; None where the device gives none."""
    known = [(m, s.latency) for m, s in run.summary.items()
             if s.latency and s.latency.p50 is not None]
    if not known:
        return None
    title = f"Microseconds from the NIC's time stamp to the touch: {run.subject}"
    figure, top = new(title, 0.34 * len(known) + 0.75)
    ax = axes(figure, LEFT, 0.62, 0.2, top)
    for y, (mode, found) in enumerate(known):
        points = [(key, getattr(found, key) / 1000) for key, _ in LATENCIES
                  if getattr(found, key) is not None]
        ax.plot([v for _, v in points], [y] * len(points), color=light("rule"), linewidth=3)
        for key, value in points:
            ax.plot([value], [y], MARKS[key], color=mode_colour(mode), markersize=6.5,
                    label=dict(LATENCIES)[key] if y == 0 else None)
    ax.set_yticks(range(len(known)), [m for m, _ in known], fontsize=10)
    ax.set_ylim(len(known) - 0.5, -0.5)
    ax.set_xlim(left=0)
    ax.margins(x=0.08)
    ax.grid(axis="x")
    figure.legend(loc="lower left", bbox_to_anchor=(0.01, 0), ncol=3, fontsize=10,
                  handletextpad=0.1)
    words = " ".join(f"{m}: " + ", ".join(f"{n} {getattr(v, k) / 1000:.1f}" for k, n in LATENCIES
                                          if getattr(v, k) is not None) + " µs." for m, v in known)
    return Chart(name, title, words, figure)


def charts_of(run, prefix):
    """All charts of a run, names beginning with prefix."""
    made = [draw(run, f"{prefix}-{draw.__name__}")
            for draw in (lines, touches, intervals, latency)]
    return [c for c in made if c]
