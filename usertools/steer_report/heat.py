# SPDX-License-Identifier: BSD-3-Clause
"""Charts of a sweep: heat maps over two axes, lines over one."""
from matplotlib.colors import LinearSegmentedColormap, Normalize, TwoSlopeNorm

from .charts import Chart, axes, new, styled
from .figures import SHOWN, Figure, known, name_in
from .palette import light, mode_colour

# Pale to deep; and for a gain: orange is worse, blue is better, pale is none.
AMOUNT = LinearSegmentedColormap.from_list("amount", ["#eef4f8", "#7fb2d0", "#1f6391", "#0b2d4a"])
GAIN = LinearSegmentedColormap.from_list("gain", ["#a63a0a", "#eda36f", "#f4f1ec", "#74aecb",
                                                  "#0f5685"])
MANY = 12  # columns with words in their cells
WHITE, BLACK = "#fdfdfd", "#0b0b0b"  # on cells, whatever the paper
SAVED = Figure("cycles_saved", "cycles per packet saved", False, 1, 100, "%", " %")


def saved(run, mode):
    """Share of the cycles of "off" that a mode saves; None where that is not known."""
    if "off" not in run.summary or mode not in run.summary:
        return None
    base, now = run.summary["off"].cycles, run.summary[mode].cycles
    return None if not base or now is None else (base - now) / base


def value_of(run, figure, mode):
    if figure is SAVED:
        return saved(run, mode)
    return run.summary[mode].figure(figure.key) if mode in run.summary else None


def scale(all_values, figure):
    """One scale for all pictures of a figure, so that they can be compared."""
    low, high = min(all_values), max(all_values)
    if figure is SAVED:
        most = max(abs(low), abs(high), 1e-9)
        return GAIN, TwoSlopeNorm(0, -most, most)
    if figure.unit == "%":
        return AMOUNT, Normalize(0, 1)
    return AMOUNT, Normalize(low, high if high > low else low + 1)


def ink(colour):
    red, green, blue = (c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4
                        for c in colour[:3])
    return BLACK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 else WHITE


def cell(ax, x, y, text, colour, size):
    ax.fill([x - 0.48, x + 0.48, x + 0.48, x - 0.48], [y - 0.47, y - 0.47, y + 0.47, y + 0.47],
            color=colour, linewidth=0)
    if size:
        ax.text(x, y, text, ha="center", va="center", fontsize=size, color=ink(colour))


def text_size(plane):
    """Of the words in cells: small where there are many, none where they would overlap."""
    if len(plane.columns) > MANY:
        return None
    return min(9.5, 62 / len(plane.columns))


def frame(ax, plane):
    ax.set_xlim(-0.5, len(plane.columns) - 0.5)
    ax.set_ylim(len(plane.rows) - 0.5, -0.5)
    ax.set_xticks(range(len(plane.columns)), [str(v) for v in plane.columns],
                  rotation=90 if len(plane.columns) > 7 else 0)
    ax.set_yticks(range(len(plane.rows)), [str(v) for v in plane.rows])
    ax.set_xlabel(plane.across)
    ax.set_ylabel(plane.down)
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)


def extremes(plane, figure, mode, found):
    """The chart in words: its ends and where they are."""
    if not found:
        return "No point has this figure."
    low, high = min(found, key=found.get), max(found, key=found.get)
    return (f"{mode}: from {figure.form(found[low])} ({low}) to {figure.form(found[high])} "
            f"({high}), {len(found)} points.")


def foot(plane):
    """Inches below the cells: more where the values stand upright."""
    longest = max(len(str(v)) for v in plane.columns)
    return 0.55 if len(plane.columns) <= 7 else 0.4 + 0.09 * min(longest, 12)


@styled
def heat(plane, figure, mode, name, title, colours):
    """One map: a cell for each point, "-" in those without the figure."""
    found = {}
    height = 0.36 * len(plane.rows) + 0.07 + foot(plane)
    drawing, top = new(title, height)
    ax = axes(drawing, 0.85, foot(plane), 0.1, top)
    for x, y, run in plane.cells():
        value = value_of(run, figure, mode)
        if value is None:
            ax.text(x, y, "-", ha="center", va="center", color=light("faint"))
            continue
        found[run.point_text] = value
        cell(ax, x, y, figure.form(value), colours[0](colours[1](value)),
             text_size(plane))
    frame(ax, plane)
    return Chart(name, title, extremes(plane, figure, mode, found), drawing, "heat")


@styled
def curve(plane, figure, modes, name, title):
    """Over one axis: a line for each mode, with the quartiles of its rounds."""
    drawing, top = new(title, 2.3)
    ax = axes(drawing, 0.75, 0.85, 0.15, top)
    words = []
    for mode in modes:
        points = [(x, run) for x, _, run in plane.cells()
                  if value_of(run, figure, mode) is not None]
        ys = [figure.scale * value_of(run, figure, mode) for _, run in points]
        ax.plot([x for x, _ in points], ys, "o-", color=mode_colour(mode), label=mode,
                markersize=5)
        for x, run in points:
            whisker(ax, x, run, figure, mode)
        words.append(extremes(plane, figure, mode, {r.point_text: value_of(r, figure, mode)
                                                    for _, r in points}))
    ax.set_xticks(range(len(plane.columns)), [str(v) for v in plane.columns])
    ax.set_xlabel(plane.across)
    ax.set_ylim(bottom=0)
    ax.grid(axis="y")
    drawing.legend(loc="lower left", bbox_to_anchor=(0.01, 0), ncol=len(modes), fontsize=10)
    return Chart(name, title, " ".join(words), drawing, "curve")


def whisker(ax, x, run, figure, mode):
    quartiles = run.summary[mode].iqr(figure.key)
    if quartiles:
        ax.plot([x, x], [figure.scale * q for q in quartiles], color=mode_colour(mode),
                linewidth=1.4)


def gaining(modes):
    """Modes whose saving against "off" is shown."""
    return [m for m in modes if m != "off"] if "off" in modes else []


def maps(runs, made, prefix):
    """Heat maps of all figures, modes and planes of one source."""
    modes = list(dict.fromkeys(m for r in runs for m in r.modes))
    number = 0
    for figure in [SAVED, *SHOWN]:
        shown = gaining(modes) if figure is SAVED else modes
        have = [value_of(r, figure, m) for r in runs for m in shown]
        have = [v for v in have if v is not None]
        for plane in made if have else []:
            for mode in shown:
                number += 1
                yield heat(plane, figure, mode, f"{prefix}-map-{number}",
                           title_of(runs[0], figure, mode, plane), scale(have, figure))


def title_of(run, figure, mode, plane):
    what = name_in(figure, run)
    if figure is SAVED:
        what += " against off"
    elif figure.unit:
        what += f" ({figure.unit})"
    by = f"{plane.down} and {plane.across}" if plane.down else plane.across
    lead = f"{mode}: {what}" if mode else what[0].upper() + what[1:]
    return f"{lead} by {by}{plane.where}: {run.platform}, {run.label}"


def curves(runs, made, prefix):
    modes = list(dict.fromkeys(m for r in runs for m in r.modes))
    for number, figure in enumerate(f for f in SHOWN if known(runs, f)):
        for plane in made:
            yield curve(plane, figure, modes, f"{prefix}-curve-{number + 1}",
                        title_of(runs[0], figure, "", plane))


def sweep_charts(runs, made, prefix):
    """All charts of the points of one source."""
    if not made:
        return []
    draw = maps if made[0].down else curves
    return list(draw(runs, made, prefix))
