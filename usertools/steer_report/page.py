# SPDX-License-Identifier: BSD-3-Clause
"""The page: one file that needs nothing from anywhere, without scripts."""
from pathlib import Path

from . import tables, verdicts
from .charts import inline
from .grid import planes, sources
from .heat import sweep_charts
from .levels import charts_of
from .markup import Markup, fold, join, tag
from .palette import variables

STYLE = Path(__file__).with_name("page.css")
# Not even a text of the input that got through could load or run something.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " \
    "form-action 'none'"


class Page:
    """Collects sections and charts of the files."""

    def __init__(self, files):
        self.files, self.charts, self.sections, self.index = files, [], [], []
        self.runs = [r for f in files for r in f.runs]
        self.labels = ", ".join(dict.fromkeys(r.label for r in self.runs))
        self.title = f"Cache steering, {self.labels}: {', '.join(f.name for f in files)}"
        for found in files:
            self._file(found)

    def _file(self, found):
        if found.sweep:
            self._sweep(found)
            return
        for run in found.runs:
            self._run(run, found)

    def _section(self, name, *parts):
        anchor = f"s{len(self.index) + 1}"
        self.index.append((anchor, name))
        self.sections.append(tag("section", tag("h2", name, id=anchor), *parts,
                                 aria_labelledby=anchor))

    def _drawn(self, charts):
        first = len(self.charts)
        self.charts += charts
        drawn = [inline(c, first + i) for i, c in enumerate(charts)]
        return tag("div", *drawn, class_="charts") if drawn else None

    def _run(self, run, found):
        drawn = self._drawn(charts_of(run, f"r{len(self.index) + 1}"))
        self._section(run.title, notes(found), *verdicts.of_run(run), tables.summary(run), drawn,
                      *body(run))

    def _sweep(self, found):
        for (_, platform), runs in sources(found.runs).items():
            made, more = planes(runs, found.axes)
            drawn = self._drawn(sweep_charts(runs, made, f"r{len(self.index) + 1}"))
            left = tag("p", f"{more} more planes of the sweep are in the table only.",
                       class_="note") if more else None
            self._section(f"Sweep of {', '.join(found.axes) or 'one point'} on {platform}, "
                          f"{runs[0].label}", notes(found), *verdicts.of_sweep(runs), drawn, left,
                          tables.points(runs), tables.conditions(runs), *map(point, runs))

    def document(self, before=()):
        """HTML text; before: parts that come first, for instance a comparison of two files."""
        style = Markup(f":root{{color-scheme:light dark;{variables(0)}}}\n"
                       f"@media (prefers-color-scheme:dark){{:root{{{variables(1)}}}}}\n"
                       + STYLE.read_text(encoding="utf-8"))
        head = tag("head", Markup('<meta charset="utf-8">'),
                   Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
                   Markup('<meta name="viewport" content="width=device-width,initial-scale=1">'),
                   tag("title", self.title), tag("style", style))
        glance = tables.glance(self.runs) if len(self.runs) > 1 and not self.sweeps else None
        main = tag("main", tag("h1", self.title), *verdicts.of_page(self.runs), *before,
                   self._contents(), glance, *self.sections)
        return Markup("<!DOCTYPE html>\n") + tag("html", head, tag("body", main), lang="en") + "\n"

    @property
    def sweeps(self):
        return any(f.sweep for f in self.files)

    def _contents(self):
        if len(self.index) < 2:
            return None
        items = [tag("li", tag("a", name, href=f"#{anchor}")) for anchor, name in self.index]
        return tag("nav", tag("ul", *items), aria_label="Contents")


def notes(found):
    """Of the file, and what its sweep was."""
    words = [f"File {found.name}"]
    if found.sweep:
        words += [f"{k} {found.sweep.text(k)}" for k in ("preset", "fingerprint")
                  if found.sweep.has(k)]
    words += [f"not measured by {source}: {why}" for source, why in found.refused]
    return tag("p", ", ".join([*words, *found.notes]), class_="note")


def body(run):
    """Tables of a run below its charts."""
    return [tables.hierarchy(run), tables.comparisons(run), tables.latencies(run),
            tables.resteer(run), tables.conditions([run]), tables.detail(run),
            fold("Each level and queue", tables.levels(run)), tables.rounds(run)]


def point(run):
    """One point of a sweep, folded."""
    parts = [*verdicts.of_run(run), tables.hierarchy(run),
             tables.comparisons(run), tables.latencies(run), tables.resteer(run),
             tables.detail(run), tables.rounds(run)]
    return fold(f"Point {run.point_text} ({run.label})", join(parts))
