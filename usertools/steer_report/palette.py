# SPDX-License-Identifier: BSD-3-Clause
"""
Colours of the page and its pictures, for light and dark paper.

A picture is drawn in the light colours; in the page each of them becomes the variable of its name,
so that one drawing serves both. That needs every light colour to be another one.
"""
import re

from steer_result.levels import COLOURS

PALETTE = {
    "paper": ("#ffffff", "#13171c"), "panel": ("#f3f5f7", "#1c2229"),
    "rule": ("#d3d9df", "#3a444e"), "ink": ("#1f2933", "#e6e9ed"), "faint": ("#56616c", "#a3adb8"),
    "good": ("#1a7a3c", "#5fce86"), "bad": ("#b3261e", "#ff8a80"), "warn": ("#8a5a00", "#f0b95a"),
    "on-deep": ("#fefefe", "#10151a"),  # words on own L1 and memory
    "on-pale": ("#10151a", "#0f1419"),  # words on the other levels
    **{level.replace("_", "-"): pair for level, pair in COLOURS.items()},
}
MODES = {"off": "#6b4fa0", "right": "#00796b", "wrong": "#ad1457", "no-st": "#5d6b00"}
DARK_MODES = {"off": "#b39ddb", "right": "#4db6ac", "wrong": "#f48fb1", "no-st": "#c0ca33"}
PALETTE.update({f"mode-{m}": (MODES[m], DARK_MODES[m]) for m in MODES})
DEEP = {"l1", "memory"}
NAME_OF = {pair[0]: f"var(--{name})" for name, pair in PALETTE.items()}


def light(name):
    return PALETTE[name][0]


def level_colour(group):
    """Of a group of levels: that of the farthest."""
    return COLOURS[group[-1]][0]


def ink_on(group):
    return light("on-deep" if group[-1] in DEEP else "on-pale")


def mode_colour(mode):
    return MODES.get(mode, light("faint"))


def variables(theme):
    """CSS declarations of theme 0 (light) or 1 (dark)."""
    return "".join(f"--{name}:{pair[theme]};" for name, pair in PALETTE.items())


def themed(element):
    """An element of a drawing, with variables in the place of light colours."""
    def name(match):
        return NAME_OF.get(match[0], match[0])

    return re.sub("#[0-9a-f]{6}", name, element)
