# SPDX-License-Identifier: BSD-3-Clause
"""The picture: per input two stacked bars for each mode, and the table below them."""
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (the back end has to be chosen first)
from matplotlib.patches import Patch  # noqa: E402

from steer_result import ResultError  # noqa: E402
from steer_result.levels import COLOURS  # noqa: E402

from . import text  # noqa: E402

plt.rcParams["text.parse_math"] = False  # texts of the input are no formulas
INK, FAINT = "#222222", "#8a8a8a"
WIDTH = 14.0
BARS, ROW, HEAD, GAP = 1.9, 0.24, 1.45, 0.45  # inches
HIGHEST = 500  # inches; beyond that a picture has more pixels than can be drawn


def colour(group):
    return COLOURS[group[-1]][0]


def ink_on(group):
    return "white" if group[-1] in ("l1", "memory") else INK


def heights(run):
    """Inches of the bars, and of the table with its two lines of headings."""
    return BARS, (len(run.rows) + 2) * ROW


def bars(ax, run, values, title, form, end):
    """One horizontal stacked bar for each mode; end(row) is written behind it."""
    rows = run.summary_rows()
    longest = max((sum(v for v in values(r) if v) for r in rows), default=0) or 1
    for y, row in enumerate(rows):
        left = 0
        for group, value in zip(run.groups, values(row)):
            if not value:
                continue
            ax.barh(y, value, left=left, height=0.62, color=colour(group), edgecolor="white",
                    linewidth=0.8)
            if value > 0.06 * longest:
                ax.text(left + value / 2, y, form(value), ha="center", va="center", fontsize=9,
                        color=ink_on(group))
            left += value
        ax.text(left + 0.012 * longest, y, end(row), va="center", fontsize=9, color=INK)
    ax.set_yticks(range(len(rows)), [r.mode for r in rows], fontsize=11)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(0, longest * 1.3)
    ax.set_title(title, fontsize=10, loc="left", color=INK, pad=4)
    ax.set_xticks([])
    for side in ("top", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.spines["left"].set_color(FAINT)
    ax.tick_params(axis="y", length=0)


def grid(ax, run):
    """The table of the terminal and where queues were polled, one unit high per line."""
    cols = [*text.columns(run, run.heads()), ("", "where")]
    body = [[*text.cells(r), r.place] for r in run.rows]
    chars = [max(len(c[1]), *(len(line[i]) for line in body)) + 2 for i, c in enumerate(cols)]
    edges = [sum(chars[:i]) for i in range(len(chars) + 1)]
    ax.set_xlim(0, max(edges[-1], 120))
    ax.set_ylim(len(body) + 2, 0)
    ax.axis("off")

    dim = {"color": FAINT, "weight": "normal"}

    def put(line, words, **style):
        for i, word in enumerate(words):
            side = i in (0, len(words) - 1)
            x = edges[i] + (1 if i else 0) if side else edges[i + 1] - 1
            ax.text(x, line + 0.5, word, ha="left" if side else "right", va="center",
                    fontsize=8.5, **{**style, **(dim if word in ("0.00", "0%", "-") else {})})

    group_heads(ax, cols, edges)
    put(1, [c[1] for c in cols], color=FAINT)
    for line, (row, words) in enumerate(zip(run.rows, body), start=2):
        total = row.queue is None
        if row.queue == run.rows[0].queue:
            ax.axhline(line, color=FAINT, linewidth=0.6)
        if total:
            ax.axhspan(line, line + 1, color="#f1f4f7", zorder=0)
        put(line, words, color=INK, weight="bold" if total else "normal")


def group_heads(ax, cols, edges):
    for name in dict.fromkeys(c[0] for c in cols if c[0]):
        at = [i for i, c in enumerate(cols) if c[0] == name]
        low, high = edges[at[0]] + 1, edges[at[-1] + 1] - 1
        ax.text((low + high) / 2, 0.45, name, ha="center", va="center", fontsize=8.5, color=INK)
        ax.plot([low, high], [0.95, 0.95], color=FAINT, linewidth=0.6)


def legend(fig, runs, y):
    shown = {}
    for run in runs:
        for group, head in zip(run.groups, run.heads()):
            shown.setdefault(head, Patch(color=colour(group)))
    fig.legend(shown.values(), shown.keys(), loc="upper left", bbox_to_anchor=(0.03, y),
               ncol=len(shown), frameon=False, fontsize=10, handlelength=1, columnspacing=1.6)


def draw_run(fig, run, top, height):
    """Everything of one run, from top (inches above the lower edge) downwards. @return new top."""
    high_bars, high_table = heights(run)
    fig.text(0.035, top / height, run.title, fontsize=13, weight="bold", color=INK, va="top")
    top -= 0.62 + high_bars

    def axes(x, width, y, high):
        return fig.add_axes([x, y / height, width, high / height])

    bars(axes(0.08, 0.42, top, high_bars), run, lambda r: r.lines,
         f"{run.counted} by level, {run.label}", lambda v: f"{v:.1f}",
         lambda r: f"{text.number(r.cycles[0], 0)} cycles per packet")
    bars(axes(0.57, 0.42, top, high_bars), run, lambda r: r.touch,
         f"first CPU touch of DMA-written lines by level, {run.label}", lambda v: f"{100 * v:.0f}%",
         lambda r: f"L2 or better {text.percent(r.near)}")
    top -= 0.15 + high_table
    grid(axes(0.03, 0.95, top, high_table), run)
    return top - GAP


def draw(runs, path):
    height = HEAD + sum(sum(heights(r)) + 0.77 + GAP for r in runs)
    if height > HIGHEST:
        raise ResultError(f"{path}: {len(runs)} runs are too many for one picture: use steer-report")
    fig = plt.figure(figsize=(WIDTH, height), dpi=110, facecolor="white")
    fig.text(0.035, 1 - 0.25 / height, "Cache steering: where the CPU found its data", fontsize=17,
             weight="bold", color=INK, va="top")
    legend(fig, runs, 1 - 0.62 / height)
    top = height - HEAD + 0.1
    for run in runs:
        top = draw_run(fig, run, top, height)
    fig.savefig(path)
    plt.close(fig)
