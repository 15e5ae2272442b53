#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws way_of_a_tag.svg: how a steering tag gets to the device, and what it does there.

usage: way_of_a_tag.py FILE.svg (or .png)
"""
import sys

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
matplotlib.rcParams["svg.hashsalt"] = "way_of_a_tag"  # the same file from each run
import matplotlib.pyplot as plt  # noqa: E402 (the back end has to be chosen first)
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch  # noqa: E402

INK, FAINT = "#222222", "#8a8a8a"
CONTROL, RIGHT, WRONG, OFF = "#3d5a80", "#0072b2", "#e69f00", "#c8431b"

# What happens in the process of the application and in the kernel's place, top down.
STEPS = [
    ("PMD", "lcore L polls (port, queue):\none compare, one store when it is new"),
    ("lib/steer", "the one CPU of rte_lcore_cpuset(L)\nand the queue's vector or slot"),
    ("lib/tph", "TPH_ST: this CPU's tag\nat this index of the ST table"),
    ("lib/vfio", "DEVICE_FEATURE over the socket,\nbehind one table of operations"),
    ("kernel, or vfu-nic", "CPU to tag (firmware's _DSM),\nwrites the ST table"),
]


def box(ax, x, y, w, h, face, edge=FAINT, width=1.0):
    ax.add_patch(FancyBboxPatch((x, y), w, h, boxstyle="round,pad=0,rounding_size=0.12",
                                facecolor=face, edgecolor=edge, linewidth=width))


def words(ax, x, y, text, size=10, color=INK, ha="center", **style):
    ax.text(x, y, text, fontsize=size, color=color, ha=ha, va="center", **style)


def arrow(ax, start, end, color, bend=0.0, style="-|>", dashed=False, width=2.0):
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle=style, mutation_scale=14, color=color,
                                 linewidth=width, linestyle=(0, (4, 3)) if dashed else "-",
                                 connectionstyle=f"arc3,rad={bend}", shrinkA=0, shrinkB=0))


def stack(ax):
    """Left: the way of the tag, numbered."""
    words(ax, 2.9, 9.65, "the way of a tag", 12, CONTROL, weight="bold")
    for n, (name, text) in enumerate(STEPS):
        y = 8.2 - 1.55 * n
        box(ax, 0.6, y, 4.6, 1.1, "#eef2f7" if n < 4 else "#f6efe2", CONTROL)
        words(ax, 0.85, y + 0.82, f"{n + 1}  {name}", 10.5, CONTROL, "left", weight="bold")
        words(ax, 0.85, y + 0.36, text, 8.5, INK, "left", linespacing=1.25)
        if n:
            arrow(ax, (2.9, y + 1.53), (2.9, y + 1.12), CONTROL)
    arrow(ax, (0.42, 2.55), (0.42, 7.2), FAINT, -0.0, dashed=True, width=1.4)
    words(ax, 0.2, 4.9, "read back: control register, tag, vector", 8.5, FAINT, rotation=90)


def device(ax):
    """Below: the ST table in the device and the tag on its way out."""
    box(ax, 6.6, 0.3, 8.8, 2.2, "#f4f4f4", FAINT)
    words(ax, 6.85, 2.2, "6  device", 10.5, CONTROL, "left", weight="bold")
    words(ax, 6.85, 0.62, "each DMA write of a queue carries the tag of its vector's entry", 8.5,
          INK, "left")
    for i, (queue, tag) in enumerate([("config", "none"), ("rx 0", "0x27"), ("tx 0", "0x27"),
                                      ("rx 1", "0x2e")]):
        x = 8.6 + 1.55 * i
        box(ax, x, 1.0, 1.4, 1.05, "white", FAINT)
        words(ax, x + 0.7, 1.78, f"vector {i}", 8, FAINT)
        words(ax, x + 0.7, 1.5, queue, 8.5)
        words(ax, x + 0.7, 1.22, f"tag {tag}", 8.5, FAINT if tag == "none" else CONTROL)
    words(ax, 6.85, 1.5, "ST table", 9, INK, "left")
    arrow(ax, (5.25, 2.3), (6.55, 1.6), CONTROL, -0.15)


def caches(ax):
    """Right: where the bytes land."""
    words(ax, 11.0, 9.65, "what the tag does", 12, CONTROL, weight="bold")
    for x, name, edge, note in [(6.9, "CPU that polls", RIGHT, "own L2: right"),
                                (11.6, "another CPU", WRONG, "other core: wrong")]:
        box(ax, x, 6.6, 3.6, 2.7, "white", FAINT)
        words(ax, x + 1.8, 9.0, name, 10.5, INK, weight="bold")
        box(ax, x + 0.3, 7.9, 3.0, 0.7, "#f4f4f4")
        words(ax, x + 1.8, 8.25, "L1", 9.5)
        box(ax, x + 0.3, 6.85, 3.0, 0.8, "#f4f4f4", edge, 2.2)
        words(ax, x + 1.8, 7.25, note, 9.5, edge, weight="bold")
    box(ax, 6.9, 5.2, 8.3, 0.8, "white", FAINT)
    words(ax, 11.05, 5.6, "LLC (DDIO ways where tags are not known)", 9.5, FAINT)
    box(ax, 6.9, 3.9, 8.3, 0.8, "white", OFF, 2.2)
    words(ax, 11.05, 4.3, "memory: off (no tag, Zen 5 profile)", 9.5, OFF, weight="bold")
    arrow(ax, (7.9, 2.55), (7.9, 6.8), RIGHT, width=2.6)
    arrow(ax, (14.2, 2.55), (14.2, 6.8), WRONG, width=2.6)
    arrow(ax, (11.05, 2.55), (11.05, 3.85), OFF, width=2.6)
    words(ax, 8.1, 3.15, "tag of the CPU\nthat polls", 8.5, RIGHT, "left")
    words(ax, 14.0, 3.15, "tag of\nanother CPU", 8.5, WRONG, "right")
    words(ax, 11.25, 3.15, "no tag", 8.5, OFF, "left")


def main(path):
    fig = plt.figure(figsize=(11, 7), facecolor="white")
    ax = fig.add_axes([0.01, 0.01, 0.98, 0.98])
    ax.set_xlim(0, 15.7)
    ax.set_ylim(0, 10)
    ax.axis("off")
    stack(ax)
    caches(ax)
    device(ax)
    fig.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None)


if __name__ == "__main__":
    main(sys.argv[1])
