# SPDX-License-Identifier: BSD-3-Clause
"""usertools/steer-report as a program: what it reads, what it writes, what it refuses."""
import copy
import functools
import html.parser
import json
import random
import re
import struct
import subprocess

import pytest

import results
import usertool

LABEL = {"revision-1.json": "modelled", "revision-2.json": "modelled",
         "invalid.json": "measured by PMU", "sweep.jsonl": "modelled"}


PROGRAM = usertool.load("steer-report")


def steer_report(*argv):
    return usertool.call(PROGRAM, *argv)


class Words(html.parser.HTMLParser):
    """Text by the kind of element that it is in, and the names of elements."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.seen, self.names, self.links = [], {}, set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.names.add(tag)
        self.links += [v for k, v in attrs.items() if k in ("src", "href", "xlink:href")]
        if tag not in ("meta",):
            self.stack.append((tag, attrs.get("class")))
            self.seen.setdefault(self.stack[-1], []).append("")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass
        if tag in ("td", "th", "p", "summary"):
            self.handle_data(" ")

    def handle_data(self, data):
        for kind in self.stack:
            self.seen[kind][-1] += data

    def of(self, tag, kind=None):
        return [" ".join(t.split()) for t in self.seen.get((tag, kind), [])]


def page(path, tmp_path, *more):
    out = tmp_path / "page.html"
    done = steer_report(path, "--out", out, *more)
    assert done.returncode == 0, done.stderr
    return Words(out.read_text())


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """Page of a sample file; drawn once for all tests."""
    drawn = functools.cache(lambda name: page(results.DATA / name, tmp_path_factory.mktemp("s")))
    yield drawn


@pytest.mark.parametrize("name", LABEL)
def test_every_title_has_the_source_and_nothing_is_elsewhere(name, sample):
    words = sample(name)
    titles = words.of("title") + words.of("h1") + words.of("h2") + words.of("p", "caption")
    assert len(titles) > 10
    assert [t for t in titles if LABEL[name] not in t] == []
    assert not words.names & {"script", "link", "iframe", "object", "embed", "base", "form"}
    assert [x for x in words.links if not x.startswith("#")] == []


def test_hierarchy_is_that_of_the_levels(sample):
    text = sample("revision-2.json").of("div", "table")
    table, = [t for t in text if t.startswith("Cache hierarchy")]
    assert "mode queue L1 hit L1 miss L2 hit L2 miss L3 hit L3 miss packets" in table
    s = json.loads((results.DATA / "revision-2.json").read_text())["summary"]["wrong"]["lines"]
    beyond = s["other_core"] + s["llc"]
    columns = [s["l1"], s["l2"] + beyond + s["memory"], s["l2"], beyond + s["memory"], beyond,
               s["memory"]]
    assert "wrong all " + " ".join(f"{v:.2f}" for v in columns) in table


def test_what_a_source_cannot_know_is_a_dash(tmp_path):
    modes = {"off": ([6, None, None, 1, 1], [0.5, None, None, 0.25, 0.25], 500, 9, None)}
    path = results.write(tmp_path / "m.json", results.result(
        "timing", modes, merged=[["l1", "l2"]], comparisons=[]))
    table, = [t for t in page(path, tmp_path).of("div", "table")
              if t.startswith("Cache hierarchy")]
    # of the shares, as the caption says: the probe knows no lines per packet
    assert table.startswith("Cache hierarchy, shares of first touches")
    assert "off all - - - - - 0.25" in table


def test_device_writes_are_drawn_over_a_sweep(tmp_path):
    head, *points = [json.loads(line) for line in results.sweep(rounds=2)]
    for n, point in enumerate(points):
        for s in point["summary"].values():
            s["device_write_hits"] = n / 16
    path = results.write(tmp_path / "w.jsonl", [json.dumps(x) for x in [head, *points]])
    words = page(path, tmp_path)
    drawn = "off: device writes that hit a cache (%) by ring and size: zen5, modelled"
    assert drawn in words.of("title")
    ends = "off: from 0.0% (size=64 ring=128) to 93.8% (size=1500 ring=4096), 16 points."
    assert ends in words.of("figcaption")


def differences(path, tmp_path):
    """Verdicts of the table of differences, in its order."""
    table, = [t for t in page(path, tmp_path).of("div", "table")
              if t.startswith("Differences of medians")]
    return [line.split(" 95 % ")[1] for line in table.split("right - off")[1:]]


def compared(figure, difference, low, high, **more):
    one = {"a": "right", "b": "off", "figure": figure, "difference": difference, "low": low,
           "high": high, "confidence": 0.95}
    return results.result(comparisons=[one], **more)


@pytest.mark.parametrize("figure,difference,words", [
    ("cycles_per_packet", -422.0, "better"),
    ("cycles_per_packet", 7.0, "worse"),
    ("cycles_per_packet", -6.0, "no clear difference"),  # of 640: sure, and nobody's gain
    ("l2_or_better", 0.011, "better"),
    ("l2_or_better", 0.009, "no clear difference"),
])
def test_a_gain_is_at_least_a_hundredth(figure, difference, words, tmp_path):
    made = compared(figure, difference, difference - 1e-4, difference + 1e-4)
    assert differences(results.write(tmp_path / "d.json", made), tmp_path) == [words]


def test_a_gain_of_unstable_rounds_is_doubted(tmp_path):
    made = compared("mpps", 2.7, 2.0, 3.0, stability={"off": ("noisy", "so it is")})
    path = results.write(tmp_path / "d.json", made)
    assert differences(path, tmp_path) == ["better? rounds are unstable"]
    made = compared("mpps", 2.7, 2.0, 3.0, stability={"off": ("few", "7 rounds")})
    assert differences(results.write(path, made), tmp_path) == ["better"]


def test_verdicts_are_said_first(sample):
    words = sample("invalid.json")
    bad = words.of("p", "verdict bad")
    assert len(bad) == 2 and all(t.startswith("EXPERIMENT INVALID") for t in bad)
    assert "the negative control failed, in 1 of 1 results" in bad[0]
    assert "wrong gains 0.98 of L2 or better over off" in bad[1]
    warned = words.of("p", "verdict warn")
    assert [t.split(":")[0] for t in warned] == ["Rounds of “off”", "Rounds of “right”"]
    assert "two groups, 212 and 224 cycles" in warned[1]


def test_valid_experiment_has_no_such_words(sample):
    words = sample("revision-2.json")
    assert words.of("p", "verdict bad") == words.of("p", "verdict warn") == []
    assert len(words.of("p", "verdict good")) == 2


def test_what_the_witness_refutes_is_said_first(tmp_path):
    made = results.witnessed("contradicts", "off: only 2.0 % went to DRAM", dram_writes=0.02)
    words = page(results.write(tmp_path / "w.json", made), tmp_path)
    top, here = words.of("p", "verdict bad")
    assert "the system's counters contradict it, in 1 of 1 results" in top
    assert here.startswith("CONTRADICTED BY THE WITNESS: off: only 2.0 % went to DRAM")
    assert "right: per packet 0.02 lines written to DRAM" in here


def test_what_the_witness_confirms_is_said(tmp_path):
    made = results.witnessed("agrees", "right: as claimed", stash_sent=2, stash_pulled=1.8)
    words = page(results.write(tmp_path / "w.json", made), tmp_path)
    assert words.of("p", "verdict bad") == []
    box, = [t for t in words.of("p", "verdict good") if t.startswith("Witness agrees")]
    assert "2.00 stashes sent, 1.80 stashes taken" in box and "all devices" in box


def test_revision_1_says_what_it_has_not(sample):
    words = sample("revision-1.json")
    assert all("the file does not say" in t for t in words.of("p", "verdict plain"))
    assert "The file has no comparisons: these were computed from its raw rounds." in \
        words.of("p", "note")


def test_invalid_point_of_a_sweep_is_named(tmp_path):
    lines = results.sweep(sizes=(64, 1500), rounds=2)
    bad = json.loads(lines[3])
    bad["control"] = {"verdict": "invalid", "why": "made so"}
    lines[3] = json.dumps(bad)
    words = page(results.write(tmp_path / "s.jsonl", lines), tmp_path)
    top, here, folded = words.of("p", "verdict bad")
    assert "in 1 of 8 results" in top and "size=64, ring=1024" not in here
    assert "1 of 8 points" in here and "size=64 ring=1024: made so" in here
    assert "made so" in folded
    assert any(t.startswith("7 of 8 points") for t in words.of("p", "verdict plain"))


def test_point_that_the_witness_refutes_is_named(tmp_path):
    lines = results.sweep(sizes=(64, 1500), rounds=2)
    bad = json.loads(lines[3])
    bad["witness"] = {"verdict": "contradicts", "why": "made so"}
    lines[3] = json.dumps(bad)
    words = page(results.write(tmp_path / "s.jsonl", lines), tmp_path)
    _, here, folded = words.of("p", "verdict bad")
    assert "the witness refutes them: size=64 ring=1024: contradicted by the witness: made so" \
        in here
    assert "made so" in folded
    assert any(t.startswith("7 of 8 points") for t in words.of("p", "verdict plain"))


def test_interrupted_and_unsteered_are_said(tmp_path):
    path = results.write(tmp_path / "u.json", results.result(
        rounds=2, complete=False, steered=False, refused=[{"source": "pmu", "why": "no PMU"}]))
    words = page(path, tmp_path)
    assert [t.split(":")[0] for t in words.of("p", "verdict warn")] == \
        ["Not complete", "Not steered"]
    assert "not measured by pmu: no PMU" in words.of("p", "note")[0]


def test_same_doubt_at_many_points_is_said_once(tmp_path):
    few = {m: ("few", "3 rounds") for m in results.MODES}
    words = page(results.write(tmp_path / "f.jsonl", results.sweep(sizes=(64, 1500), rounds=2, stability=few)), tmp_path)
    told = [t for t in words.of("p", "verdict warn") if "8 of 8 points" in t]
    assert len(told) == 1 and "and 4 more, see the table" in told[0]
    assert "“off”, “right”, “wrong”: too few to tell" in told[0]


def test_pictures_are_png_of_every_chart(tmp_path):
    out, folder = tmp_path / "p.html", tmp_path / "png"
    done = steer_report(results.DATA / "sweep.jsonl", "--out", out, "--png-dir", folder)
    assert done.returncode == 0, done.stderr
    files = sorted(folder.iterdir())
    assert len(files) == len(re.findall("<figure", out.read_text())) == 8
    for f in files:
        head = f.read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n" and min(struct.unpack(">II", head[16:24])) > 200


@pytest.mark.parametrize("argv,where", [
    ([], "in/r.html"), (["--out", "o"], "o/r.html"), (["--out", "o/x.html"], "o/x.html")])
def test_place_of_the_page(tmp_path, monkeypatch, argv, where):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    results.write(tmp_path / "in" / "r.json", results.result(rounds=2))
    done = steer_report("in/r.json", *argv)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"steer-report: written: {where}\n"
    assert sorted(str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*.html*")) == [where]


def test_same_file_same_page(tmp_path):
    pages = [tmp_path / n for n in ("a.html", "b.html")]
    for p in pages:
        assert steer_report(results.DATA / "revision-2.json", "--out", p).returncode == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_it_is_a_program(tmp_path):
    done = subprocess.run([usertool.ROOT / "usertools" / "steer-report",
                           results.DATA / "revision-1.json", "--out", tmp_path],
                          capture_output=True, text=True, timeout=250, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "revision-1.html").exists()


def test_several_files_are_one_page(tmp_path):
    out = tmp_path / "all.html"
    done = steer_report(results.DATA / "revision-1.json", results.DATA / "invalid.json", "--out",
                        out)
    assert done.returncode == 0, done.stderr
    words = Words(out.read_text())
    assert len(words.of("h2")) == 3  # revision 1 has two inputs
    assert "modelled, measured by PMU" in words.of("h1")[0]


# ---- files that are not what they should be ----

@pytest.mark.parametrize("content,reason", [
    ('{"schema":7}', "is of schema 7, newer than schema 1"),
    ('{"schema":0}', "is of schema 0, older than schema 1"),
    ('{"schema":true}', "not a result of schema 1"),
    ("", "not JSON"),
    ("\x00\x01", "not JSON"),
    ('{"schema":1,"revision":2,"kind":"sweep","axes":{}}', "a sweep without a measured point"),
    ('{"schema":1,"revision":2,"kind":"sweep"}\n{"schema":1}\n', "'point' is missing"),
    ('{"schema":1,"kind":"sweep"}\n{"schema":2}\n', "schema 2, newer than schema 1"),
    ('{"schema":1,"kind":"sweep"}\n{"sch\n{"schema":1}\n', "line 2 is not JSON"),
])
def test_bad_file_is_one_line(tmp_path, content, reason):
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    done = steer_report(bad, "--out", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"steer-report: {bad}: ") and done.stderr.count("\n") == 1
    assert reason in done.stderr
    assert not (tmp_path / "bad.html").exists()


def broken(key, value):
    out = results.result(rounds=2)
    at = out
    *path, last = key
    for step in path:
        at = at[step]
    at[last] = value
    return out


@pytest.mark.parametrize("key,value", [
    (["rounds"], []),
    (["rounds"], {}),
    (["rounds", 0, "packets"], "many"),
    (["rounds", 0, "mode"], "a mode"),
    (["rounds", 0, "per_queue", 0, "lines"], [1]),
    (["rounds", 0, "per_queue", 0, "first_touch", "l1"], 3),
    (["rounds", 0, "latency_ns"], 5),
    (["summary"], {}),
    (["summary", "off", "iqr", "cycles_per_packet"], ["a", "b"]),
    (["comparisons", 0, "low"], None),
    (["control"], "valid"),
    (["config"], ["a"]),
    (["merged"], [["l1", "l9"]]),
    (["point"], [1]),
])
def test_broken_field_is_named(tmp_path, key, value):
    path = results.write(tmp_path / "b.json", broken(key, value))
    done = steer_report(path, "--out", tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert [k for k in key if isinstance(k, str)][0].rstrip("s") in done.stderr


def test_newer_revision_is_read_and_told(tmp_path):
    path = results.write(tmp_path / "n.json", results.result(rounds=2, revision=9, surprise=[1]))
    done = steer_report(path, "--out", tmp_path)
    assert done.returncode == 0
    assert done.stderr == f"steer-report: {path}: of revision 9, newer than 2: what that added " \
        "is not shown\n"


def test_cut_last_line_of_a_killed_sweep_is_left_out(tmp_path):
    lines = results.sweep(sizes=(64,), rounds=2)
    path = tmp_path / "cut.jsonl"
    path.write_text("\n".join(lines)[:-700])
    done = steer_report(path, "--out", tmp_path)
    assert done.returncode == 0
    assert done.stderr == f"steer-report: {path}: the last line was cut and is left out\n"
    assert "3 of 3 points" in (tmp_path / "cut.html").read_text()


@pytest.mark.parametrize("argv", [
    [], ["a.json", "b.json", "--against", "c.json"], ["a.json", "--tolerance", "5"],
    ["a.json", "--against", "b.json", "--tolerance", "-1"], ["a.json", "--no-such-option"],
    ["missing.json"]])
def test_wrong_usage(tmp_path, monkeypatch, argv):
    monkeypatch.chdir(tmp_path)
    done = steer_report(*argv)
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.splitlines()[-1].startswith("steer-report: ")


def test_page_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "x").write_text("")
    done = steer_report(results.DATA / "revision-2.json", "--out", tmp_path / "x" / "y.html")
    assert done.returncode == 2 and done.stderr.count("\n") == 1


HOSTILE = "</title></svg><script>alert(1)</script><img src=x onerror=alert(2)> $\\frac{$ ' \" & " \
    "\x1b[31m \u202e\ud800 ]]> --> #ffffff"


def test_texts_of_the_input_are_only_texts(tmp_path):
    path = results.write(tmp_path / "h.json", hostile_result())
    words = page(path, tmp_path, "--png-dir", tmp_path / "png")
    assert not words.names & {"script", "img"}
    raw = (tmp_path / "page.html").read_text()
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\ud800-\udfff]", raw)
    assert "<script>alert(1)</script>" in " ".join(words.of("h1") + words.of("h2"))
    assert [p for p in (tmp_path / "png").iterdir() if not re.fullmatch(
        r"[a-z0-9.-]+", p.name)] == []


def hostile_result():
    out = results.result(rounds=2)
    out.update(input=HOSTILE, platform=HOSTILE, unit=HOSTILE, time=HOSTILE, label=HOSTILE,
               control={"verdict": HOSTILE, "why": HOSTILE}, config={HOSTILE: HOSTILE},
               machine={"cpu": HOSTILE}, source_detail={HOSTILE: [HOSTILE]},
               point={HOSTILE: HOSTILE}, source="model" + HOSTILE,
               comparisons=[{"a": HOSTILE, "b": HOSTILE, "figure": HOSTILE, "difference": 1,
                             "low": 0, "high": 2}])
    out["summary"]["off"]["stability"] = {"verdict": HOSTILE, "why": HOSTILE}
    return out


def places(value, path=()):
    """Every place of a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


ODD = [None, True, -1, 0, 1e17, -1e17, 1e300, "", "x" * 5000, "\u0000", [], {}, [[]], [None],
       {"a": {}}, {"": ""}, "1", 0.5]


@pytest.mark.parametrize("seed", [0, 3])
def test_any_value_anywhere_is_read_or_refused(tmp_path, seed):
    """One value of a file replaced, again and again: never anything but a page or one line."""
    dice = random.Random(seed)
    codes = set()
    for _ in range(12):
        lines = [results.result(rounds=2)] if seed == 0 else [
            json.loads(x) for x in results.sweep(sizes=(64, 1500), rings=(128,), rounds=2)]
        *path, last = dice.choice([p for p in places(lines) if len(p) > 1])
        at = lines
        for step in path:
            at = at[step]
        at[last] = copy.deepcopy(dice.choice(ODD))
        file = results.write(tmp_path / "o.jsonl", [json.dumps(x) for x in lines])
        done = steer_report(file, "--out", tmp_path, *(["--against", file] if seed % 2 else []))
        codes.add(done.returncode)
        assert done.returncode in (0, 2, 3), (path, last, at[last])
        assert done.stderr.count("\n") <= 1
    assert {0, 2} <= codes


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path):
    done = steer_report(results.DATA / "revision-2.json", "--against", tmp_path / "none.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"steer-report: {tmp_path / 'none.json'}: No such file or directory\n"
