# SPDX-License-Identifier: BSD-3-Clause
"""From a matplotlib figure to an inline SVG of the page and to a PNG file."""
import functools
import io
import re
import textwrap
import warnings

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (the back end has to be chosen first)

from .markup import Markup, tag  # noqa: E402
from .palette import light, themed  # noqa: E402

WIDTH = 4.4  # inches: 317 points, so that on a phone a point is a pixel
TITLE_CHARS = 44
STYLE = {
    "svg.hashsalt": "steer",   # names in the drawing are the same every time
    "svg.fonttype": "none",    # words stay words: found, read aloud, and in the reader's font
    "text.parse_math": False,  # texts of the input are no formulas
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 10.5,
    "axes.edgecolor": light("faint"), "axes.labelcolor": light("ink"),
    "axes.facecolor": "none", "axes.spines.top": False, "axes.spines.right": False,
    "text.color": light("ink"), "xtick.color": light("faint"), "ytick.color": light("faint"),
    "xtick.labelcolor": light("ink"), "ytick.labelcolor": light("ink"),
    "grid.color": light("rule"), "grid.linewidth": 0.7, "legend.frameon": False,
}


class Chart:
    """A picture with its name and with words that stand for it."""

    def __init__(self, name, title, words, figure, kind="chart"):
        self.name, self.title, self.words = name, title, words
        self.figure, self.kind = figure, kind


def new(title, height):
    """@return (figure, inches of the title) with the title at its top; height without it."""
    lines = textwrap.wrap(title, TITLE_CHARS)
    top = 0.14 + 0.22 * len(lines)
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(WIDTH, height + top))
        for i, line in enumerate(lines):
            y = 1 - (0.06 + 0.22 * i) / (height + top)
            figure.text(0.015, y, line, va="top", fontsize=11.5, weight="bold")
    return figure, top


def axes(figure, left, bottom, right, top):
    """Axes with these margins in inches."""
    wide, high = figure.get_size_inches()
    return figure.add_axes([left / wide, bottom / high, 1 - (left + right) / wide,
                            1 - (bottom + top) / high])


def styled(draw):
    """A function that draws in our style."""
    @functools.wraps(draw)
    def inner(*args, **kw):
        with plt.rc_context(STYLE), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # glyphs that the font of PNG files has not
            return draw(*args, **kw)
    return inner


def placed(svg, number):
    """
    The drawing fit for a page with others: colours of the theme, names its own, and those that
    nobody uses gone. Only within elements: words of the input stay as they are.
    """
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))

    def own(match):
        return f' id="c{number}-{match[1]}"' if match[1] in used else ""

    def element(match):
        text = re.sub(r' id="([^"]*)"', own, themed(match[0]))
        return re.sub(r'(url\(#|href="#)', rf"\1c{number}-", text)

    return re.sub("<[^>]*>", element, svg)


def bare(svg):
    """Only the element, without the prologue, the style for a whole document and the fixed size."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    head, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)[0]
    return box, rest.rsplit("</svg>", 1)[0]


@styled
def inline(chart, number):
    """The chart as a figure of the page: drawing and words."""
    out = io.StringIO()
    chart.figure.savefig(out, format="svg", transparent=True, metadata={
        "Date": None, "Creator": None, "Format": None, "Type": None})
    box, inner = bare(placed(out.getvalue(), number))
    names = tag("title", chart.title, id=f"t{number}") + tag("desc", chart.words, id=f"d{number}")
    svg = Markup(f'<svg xmlns="http://www.w3.org/2000/svg" '
                 f'xmlns:xlink="http://www.w3.org/1999/xlink" {box} role="img" '
                 f'aria-labelledby="t{number}" aria-describedby="d{number}">{names}{inner}</svg>')
    return tag("figure", svg, tag("figcaption", chart.words), class_=chart.kind, id=chart.name)


@styled
def save(chart, folder, number):
    """@return path of the PNG file."""
    path = folder / f"{number:02d}-{chart.name}.png"
    chart.figure.savefig(path, dpi=160, facecolor=light("paper"))
    return path


def close(charts):
    for chart in charts:
        plt.close(chart.figure)
