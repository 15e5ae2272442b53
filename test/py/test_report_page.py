# SPDX-License-Identifier: BSD-3-Clause
"""The page of steer-report as a browser shows it: figures, pictures, phone, dark paper."""
import io
import json
import re

import numpy
import pytest

import chromium
import results
import usertool  # noqa: F401 (puts usertools on the path)
from steer_report.palette import DEEP, PALETTE
from steer_result.levels import COLOURS
from test_steer_report import LABEL, hostile_result, steer_report

SIZES = [(1280, False), (390, False), (390, True)]
# Of every drawing: does it have a size, shapes, and are all of its words inside and large enough?
DRAWINGS = """
[...document.querySelectorAll("figure svg")].map(svg => {
  const box = svg.getBoundingClientRect();
  const words = [...svg.querySelectorAll("text")].map(t => {
    const b = t.getBoundingClientRect();
    const m = t.getScreenCTM();
    return {text: t.textContent,
            px: parseFloat(getComputedStyle(t).fontSize) * Math.hypot(m.a, m.b),
            out: Math.max(box.left - b.left, b.right - box.right, box.top - b.top,
                          b.bottom - box.bottom)};
  });
  return {wide: box.width, high: box.height, shapes: svg.querySelectorAll("path").length, words,
          name: svg.querySelector("title").textContent};
})"""
IMAGES = "[...document.images].map(i => [i.complete, i.naturalWidth])"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN = "document.querySelectorAll('details').forEach(d => { d.open = true; })"
# Words of HTML whose colour is too near to what is behind them (WCAG 2, 4.5 to 1).
PALE = """
(() => {
  const lum = c => { const [r, g, b] = c.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$/.test(c)) return c; }
    return "rgb(255, 255, 255)"; };
  const found = [];
  for (const e of document.querySelectorAll("body *:not(svg):not(svg *)")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [lum(getComputedStyle(e).color), lum(behind(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) found.push(e.textContent.slice(0, 40));
  }
  return found;
})()"""


@pytest.fixture(scope="module")
def browser():
    with chromium.Browser() as b:
        yield b


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Path of the page of each sample."""
    out = tmp_path_factory.mktemp("pages")
    hostile = results.write(out / "hostile.json", hostile_result())
    for path in [*(results.DATA / name for name in LABEL), hostile]:
        done = steer_report(path, "--out", out)
        assert done.returncode == 0, done.stderr
    return {path.stem: path for path in out.glob("*.html")}


NAMES = [name.split(".")[0] for name in LABEL]


@pytest.mark.parametrize("wide,dark", SIZES)
@pytest.mark.parametrize("name", [*NAMES, "hostile"])
def test_page_is_shown_as_it_is_meant(browser, pages, name, wide, dark):
    page = browser.page(pages[name], wide, dark=dark)
    assert page.requests() == [pages[name].as_uri()]
    assert page.complaints() == []
    assert page.value(OVERFLOW) <= 0
    page.value(OPEN)
    assert page.value(OVERFLOW) <= 0
    assert page.value(PALE) == []
    assert all(done and width > 0 for done, width in page.value(IMAGES))


@pytest.mark.parametrize("wide", [1280, 390])
@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_is_whole(browser, pages, name, wide):
    drawings = browser.page(pages[name], wide).value(DRAWINGS)
    assert len(drawings) >= 3
    for d in drawings:
        assert d["wide"] > 250 and d["high"] > 80 and d["shapes"] >= 2, d["name"]
        assert LABEL[pages[name].stem + (".jsonl" if name == "sweep" else ".json")] in d["name"]
        assert [w for w in d["words"] if w["out"] > 1] == []
        assert [w for w in d["words"] if w["px"] < 9] == []
        shown = " ".join(w["text"] for w in d["words"])
        assert " ".join(d["name"].split()) in shown  # the title is in the drawing too


def rows(page, caption):
    """Words of the lines of a table as they are shown."""
    return page.value(f"""
[...document.querySelectorAll(".table")].filter(t => t.innerText.startsWith({json.dumps(caption)}))
  .flatMap(t => [...t.querySelectorAll("tbody tr")])
  .map(r => [...r.cells].map(c => c.innerText.trim()))""")


def test_figures_are_those_of_the_file(browser, pages):
    page = browser.page(pages["revision-2"])
    data = json.loads((results.DATA / "revision-2.json").read_text())
    shown = {r[0]: r for r in rows(page, "Medians")}
    for mode, s in data["summary"].items():
        assert shown[mode][1].startswith(f"{s['cycles_per_packet']:.0f} [")
        assert shown[mode][2].startswith(f"{100 * s['l2_or_better']:.1f}% [")
        assert shown[mode][3].startswith(f"{s['mpps']:.2f} [")
    assert [r[0] for r in rows(page, "Differences")] == ["right - off"] * 3
    assert rows(page, "Cost of a re-steer") == [["64", "41.5", "188.0", "3"]]
    machine = dict(rows(page, "Machine"))
    assert machine["cpu"] == data["machine"]["cpu"]
    assert dict(rows(page, "Configuration"))["touch"] == "header"


def test_bars_have_the_figures_of_the_file(browser, pages):
    page = browser.page(pages["revision-1"])
    data = json.loads((results.DATA / "revision-1.json").read_text())
    drawn = page.value(DRAWINGS)[0]
    words = [w["text"] for w in drawn["words"]]
    for s in data["runs"][0]["summary"].values():
        for value in s["lines"].values():
            assert value < 1 or f"{value:.1f}" in words
        assert f"{sum(s['lines'].values()):.1f}" in words


BARS = """
[...document.querySelector("figure svg").querySelectorAll("path")].map(p => {
  const b = p.getBoundingClientRect();
  return [(p.getAttribute("style") || "").replace(/.*fill: var\\(--([a-z0-9-]+)\\).*/, "$1"),
          b.left, b.right, b.top];
})"""


def test_bars_are_as_long_as_their_figures(browser, pages):
    """Of the first chart: each piece in its colour, on a common scale, one behind the other."""
    names = {level.replace("_", "-"): level for level in COLOURS}
    lines = {}
    for name, left, right, top in browser.page(pages["revision-2"]).value(BARS):
        if name in names:
            lines.setdefault(round(top), []).append((left, right, names[name]))
    data = json.loads((results.DATA / "revision-2.json").read_text())["summary"]
    bars = [sorted(lines[top]) for top in sorted(lines)][:len(data)]  # below them is the legend
    assert len(bars) == 3
    unit = sum(right - left for left, right, _ in bars[0]) / sum(data["off"]["lines"].values())
    for pieces, s in zip(bars, data.values()):
        shown = {level: (right - left) / unit for left, right, level in pieces}
        assert shown == pytest.approx({k: v for k, v in s["lines"].items() if v}, abs=0.06)
        for (_, end, _), (start, _, _) in zip(pieces, pieces[1:]):
            assert start == pytest.approx(end, abs=1.5)


def test_heat_map_has_every_point(browser, pages):
    drawn = {d["name"]: [w["text"] for w in d["words"]]
             for d in browser.page(pages["sweep"]).value(DRAWINGS)}
    points = [json.loads(x) for x in
              (results.DATA / "sweep.jsonl").read_text().splitlines()[1:]]
    name, = [n for n in drawn if n.startswith("right: L2 or better")]
    for p in points:
        assert f"{100 * p['summary']['right']['l2_or_better']:.1f}%" in drawn[name]
    assert {"64", "1500", "128", "1024", "4096", "size", "ring"} <= set(drawn[name])


def pixels(png):
    """One number for each pixel, as #rrggbb has it."""
    from PIL import Image
    data = numpy.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype("uint32")
    return (data[:, :, 0] << 16) + (data[:, :, 1] << 8) + data[:, :, 2]


def count(picture, colour):
    return int((picture == int(colour[1:], 16)).sum())


@pytest.mark.parametrize("dark", [False, True])
def test_levels_are_seen_in_their_colours(browser, pages, dark):
    """What the browser paints, and not only what the page says."""
    picture = pixels(browser.page(pages["revision-1"], dark=dark).screenshot())
    for level in ("l1", "l2", "other_core", "llc", "memory"):
        assert count(picture, COLOURS[level][dark]) > 500, level
    assert count(picture, PALETTE["paper"][dark]) > picture.size / 2
    assert count(picture, COLOURS["l1"][not dark]) < 100


def test_verdict_is_painted_in_its_colour(browser, pages):
    bad = PALETTE["bad"][0]
    assert count(pixels(browser.page(pages["invalid"]).screenshot()), bad) > 3000
    assert count(pixels(browser.page(pages["revision-2"]).screenshot()), bad) < 100


def test_it_can_be_read_aloud(browser, pages):
    page = browser.page(pages["revision-2"])
    page.call("Accessibility.enable")
    nodes = [n for n in page.call("Accessibility.getFullAXTree")["nodes"] if not n["ignored"]]

    def named(role):
        return [n.get("name", {}).get("value", "") for n in nodes if n["role"]["value"] == role]

    pictures = named("image") + named("img")
    assert len(pictures) == 4 and all("modelled" in n for n in pictures)
    for role in ("table", "region"):
        assert len(named(role)) >= 6 and all(n for n in named(role)), role
    assert named("heading")[0].startswith("Cache steering, modelled")
    assert {"L1 hit", "L3 miss"} <= set(named("columnheader"))
    described = [n["description"]["value"] for n in nodes if "description" in n
                 and n["role"]["value"] in ("image", "img")]
    assert any("off: own L1" in d for d in described)


def test_hostile_texts_do_nothing(browser, pages):
    page = browser.page(pages["hostile"])
    assert page.value("document.querySelectorAll('script, img, iframe, object').length") == 0
    assert "<script>alert(1)</script>" in page.value("document.title")
    assert page.value("document.querySelector('svg title').textContent").count("<script>") > 1
    dialogs = [e for e in browser.events if e.get("method") == "Page.javascriptDialogOpening"]
    assert dialogs == []


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_colours_can_be_told_apart(theme):
    def colour(name):
        return PALETTE[name][theme]

    for level in COLOURS:
        name = level.replace("_", "-")
        assert contrast(colour(name), colour("paper")) >= 3, name
        ink = "on-deep" if level in DEEP else "on-pale"
        assert contrast(colour(ink), colour(name)) >= 4.5, name
    for name in PALETTE:
        if name.startswith("mode-"):
            assert contrast(colour(name), colour("paper")) >= 3, name


def test_every_light_colour_is_another_one():
    light = [pair[0] for pair in PALETTE.values()]
    assert len(set(light)) == len(light)
    assert all(re.fullmatch("#[0-9a-f]{6}", c) for pair in PALETTE.values() for c in pair)
