#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws tsm_states.svg: the states of a confidential device on its way to DMA, and the ways back.

usage: tsm_states.py FILE.svg (or .png)
"""
import sys

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
matplotlib.rcParams["svg.hashsalt"] = "tsm_states"  # the same file from each run
import matplotlib.pyplot as plt  # noqa: E402 (the back end has to be chosen first)
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch  # noqa: E402

INK, FAINT, WAY, GOOD, BAD = "#222222", "#8a8a8a", "#3d5a80", "#0072b2", "#c8431b"

# The way forward: state, what is true in it.
STATES = [
    ("UNBOUND", "a device, nothing asked"),
    ("CONNECTED", "the TSM has the link"),
    ("BOUND", "this process or VM owns it"),
    ("LOCKED", "its configuration is fixed"),
    ("VERIFIED", "the evidence satisfies\nthe policy"),
    ("RUN", "DMA may be mapped"),
]
STEPS = ["connect", "bind", "lock", "verify", "run"]
TOP, STEP, LEFT, WIDE, HIGH = 10.3, 1.85, 1.2, 4.4, 1.1


def box(ax, x, y, w, h, edge, face="white"):
    ax.add_patch(FancyBboxPatch((x, y), w, h, boxstyle="round,pad=0,rounding_size=0.12",
                                facecolor=face, edgecolor=edge, linewidth=1.8))


def words(ax, x, y, text, size=9.5, color=INK, ha="center", **style):
    ax.text(x, y, text, fontsize=size, color=color, ha=ha, va="center", linespacing=1.3, **style)


def arrow(ax, start, end, color, bend=0.0, dashed=False):
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=14, color=color,
                                 linewidth=1.8, linestyle=(0, (4, 3)) if dashed else "-",
                                 connectionstyle=f"arc3,rad={bend}", shrinkA=0, shrinkB=0))


def forward(ax):
    for n, (name, text) in enumerate(STATES):
        y = TOP - STEP * n
        run = name == "RUN"
        box(ax, LEFT, y, WIDE, HIGH, GOOD if run else WAY, "#e6f1f8" if run else "#eef2f7")
        lines = text.count("\n")
        words(ax, LEFT + WIDE / 2, y + 0.78 + 0.06 * lines, name, 10.5, GOOD if run else WAY,
              weight="bold")
        words(ax, LEFT + WIDE / 2, y + 0.34, text, 8.5)
        if n:
            arrow(ax, (LEFT + 1.6, y + STEP), (LEFT + 1.6, y + HIGH + 0.02), WAY)
            words(ax, LEFT + 1.45, y + STEP - 0.37, STEPS[n - 1], 9, WAY, "right", style="italic")
    words(ax, LEFT + 1.75, TOP - 2 * STEP - 0.37, "vectors allocated, TPH on,\npalette written", 8,
          INK, "left")


def backward(ax):
    """Undone in the reverse order; a reset goes back to BOUND and must be verified again."""
    run_y, bound_y = TOP - 5 * STEP + HIGH / 2, TOP - 2 * STEP + HIGH / 2
    arrow(ax, (LEFT - 0.02, run_y), (LEFT - 0.02, bound_y), FAINT, -0.32)
    words(ax, 0.22, (run_y + bound_y) / 2, "reset: stop queues, unmap, unlock", 8.5, FAINT,
          rotation=90)


def quarantine(ax):
    box(ax, 9.0, 3.9, 5.0, 1.5, BAD, "#fbece8")
    words(ax, 11.5, 5.0, "UNKNOWN: quarantine", 10.5, BAD, weight="bold")
    words(ax, 11.5, 4.37, "no DMA, nothing is tried again;\nonly detach leads out", 8.5)
    box(ax, 9.0, 0.85, 5.0, 1.5, BAD, "#fbece8")
    words(ax, 11.5, 1.95, "ERROR, or lost", 10.5, BAD, weight="bold")
    words(ax, 11.5, 1.32, "queues stopped, DMA unmapped,\nremoval event", 8.5)
    box(ax, 9.0, 8.0, 5.0, 1.5, FAINT, "#f4f4f4")
    words(ax, 11.5, 9.1, "refused, undone", 10.5, FAINT, weight="bold")
    words(ax, 11.5, 8.47, "the way back of what was done;\nthe verdict says why", 8.5)
    right = LEFT + WIDE + 0.05
    arrow(ax, (right, TOP - STEP + HIGH / 2), (8.95, 8.9), FAINT, -0.05)
    arrow(ax, (right, TOP - 3 * STEP + HIGH / 2 + 0.2), (8.95, 8.5), FAINT, 0.05)
    words(ax, 7.4, 9.35, "absent, not connected,\nwrong TSM", 8.5, FAINT)
    words(ax, 8.05, 6.85, "evidence missing,\nmalformed or refuted", 8.5, FAINT, "left")
    arrow(ax, (right, TOP - 3 * STEP + HIGH / 2 - 0.2), (8.95, 4.9), BAD, 0.05)
    arrow(ax, (right, TOP - 4 * STEP + HIGH / 2), (8.95, 4.4), BAD, 0.05)
    words(ax, 7.35, 5.45, "lock or run failed,\nor said otherwise", 8.5, BAD, "left")
    arrow(ax, (right, TOP - 5 * STEP + HIGH / 2), (8.95, 1.6), BAD, 0.0)
    words(ax, 7.2, 2.15, "leaves RUN while attached", 8.5, BAD)


def main(path):
    fig = plt.figure(figsize=(10, 8), facecolor="white")
    ax = fig.add_axes([0.01, 0.01, 0.98, 0.98])
    ax.set_xlim(0, 14.5)
    ax.set_ylim(0, 11.8)
    ax.axis("off")
    forward(ax)
    backward(ax)
    quarantine(ax)
    fig.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None)


if __name__ == "__main__":
    main(sys.argv[1])
