# SPDX-License-Identifier: BSD-3-Clause
"""HTML out of parts; every text is escaped unless it is markup of ours already."""
import html
import re


class Markup(str):
    """Text that is HTML."""


def escape(part):
    return part if isinstance(part, Markup) else Markup(html.escape(str(part), quote=True))


def join(parts, between=""):
    return Markup(between.join(escape(p) for p in parts if p is not None))


def attributes(given):
    """class_ and for_ lose their mark, aria_label gets a hyphen; None leaves one out."""
    return "".join(f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
                   for name, value in given.items() if value is not None)


def tag(name, *parts, **given):
    return Markup(f"<{name}{attributes(given)}>{join(parts)}</{name}>")


NUMBER = re.compile(r"[-+]?(\d|-?$)")


def numeric(words):
    """Whether a column is one of numbers; "-" stands for one that is not known."""
    return all(NUMBER.match(str(w)) for w in words) and any(str(w) != "-" for w in words)


def table(caption, heads, lines):
    """
    lines: lists of words, each as many as heads; the first is the head of its line. A line may be
    (class, words). Wide tables scroll in a box of their own, by the keyboard too, and the caption
    stays.
    """
    lines = [line if isinstance(line, tuple) else (None, line) for line in lines]
    side = ["number" if numeric([words[i] for _, words in lines]) else None
            for i in range(len(heads))]
    head = tag("tr", *[tag("th", h, scope="col", class_=s) for h, s in zip(heads, side)])
    body = []
    for kind, words in lines:
        cells = [tag("td" if i else "th", w, scope=None if i else "row", class_=s)
                 for i, (w, s) in enumerate(zip(words, side))]
        body.append(tag("tr", *cells, class_=kind))
    inner = tag("table", tag("thead", head), tag("tbody", *body), aria_label=caption)
    box = tag("div", inner, class_="scroll", role="region", tabindex="0", aria_label=caption)
    return tag("div", tag("p", caption, class_="caption"), box, class_="table")


def fold(summary, *parts):
    """What only some readers want to see."""
    return tag("details", tag("summary", summary), *parts)
