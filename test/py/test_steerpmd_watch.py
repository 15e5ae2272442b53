# SPDX-License-Identifier: BSD-3-Clause
"""Sources that watch plain forwarding: their columns beside testpmd's statistics. What they measure
on this machine is printed, not judged."""

import re

import pytest
import steerlab
from test_steerpmd_prompt import TWO, app, ask, finish  # noqa: F401 (fixture)

import steerpmd
from patience import wait_for

pytestmark = pytest.mark.sanitize
HEAD = re.compile(r"own L1 +own L2 +other +LLC +memory +L2 first +cycles/packet +packets")
TITLE = {"timing": "first touches by level in percent, measured by timing probe",
         "pmu": "loads per packet by level, measured by PMU"}
SINCE = "since the start or the last clear"
EMULATED = "source timing: the port is emulated: its DMA is another program's copying"


def rows(text, head):
    """Of the table with this title: label -> [levels..., near, cycles, packets] as words."""
    table = text[text.index(head):].replace("\r", "").split("\n")[1:]
    assert HEAD.search(table[0]), table[0]
    found = {}
    for line in table[1:]:
        words = re.match(r"  (\w+) +(lcore \d+, queues: \d+|queues: \d+|) +(.*)", line)
        if not words or len(words[3].replace(" %", "%").split()) != 8:
            break
        found[words[1]] = words[3].replace(" %", "%").split()
    return found


def packets(text, head, label):
    n = rows(text, head)[label][-1]
    return 0 if n == "-" else int(n)


def received(p, least):
    wait_for(f"{least} packets", lambda: int(re.search(
        r"RX-total: (\d+)", ask(p, "show fwd stats all"))[1]) >= least)


def timing_or_skip(text):
    """A machine that is busy with other tests may be too noisy to calibrate, and says so."""
    if "source timing: refused: " in text:
        assert "measured by" not in text
        pytest.skip(re.search(r"source timing: refused: .*", text)[0])


def test_forwarding_is_not_watched_unless_asked(app, vfu_nic):  # noqa: F811
    p = app(*TWO, devices=[steerpmd.vfio(vfu_nic("--queues", "2"))])
    assert "source " not in ask(p, "start")
    received(p, 1000)
    assert "measured by" not in ask(p, "show fwd stats all") + ask(p, "stop")
    finish(p)


def total_received(text):
    return int(re.findall(r"RX-packets: (\d+)", text)[-1])


def check_shares(words):
    shares = [float(w) for w in words[:5] if w != "-"]
    assert not shares or abs(sum(shares) - 100) < 0.1, words


def test_timing_columns(app, vfu_nic):  # noqa: F811
    p = app(*TWO, "--touch=header", "--source=timing",
            devices=[steerpmd.vfio(vfu_nic("--queues", "2"))])
    text = ask(p, "start")
    timing_or_skip(text)
    assert text.count(EMULATED) == 1
    received(p, 200000)
    text = ask(p, "show fwd stats all")
    port, everything = f"Port 0, {TITLE['timing']}, {SINCE}", f"All ports, {TITLE['timing']}, {SINCE}"
    queues, lcores = rows(text, port), rows(text, everything)
    print(text)
    assert (set(queues), set(lcores)) == ({"q0", "q1"}, {"1", "2", "all"})
    for words in [*queues.values(), *lcores.values()]:
        check_shares(words)
    assert packets(text, everything, "all") == sum(packets(text, port, q) for q in queues)
    assert packets(text, everything, "all") >= 200000
    assert text.count("known lines told rightly: ") == 1
    assert text.count("not separable here: ") >= 1  # other_core and llc at the least
    # each packet was in a window, and what is cleared with testpmd's counters is cleared here
    text = ask(p, "stop")
    assert packets(text, everything, "all") == total_received(text)
    ask(p, "start")
    received(p, 1000)
    ask(p, "clear fwd stats all")
    text = ask(p, "show fwd stats all")
    assert packets(text, everything, "all") <= total_received(text)
    ask(p, "stop")
    ask(p, "clear fwd stats all")
    text = ask(p, "show fwd stats all")
    assert {tuple(words) for words in rows(text, everything).values()} == {("-",) * 8}
    finish(p)


def test_a_queue_that_moves_takes_its_figures_along(app, vfu_nic):  # noqa: F811
    p = app(*TWO, "--source=timing",
            devices=[steerpmd.vfio(vfu_nic("--queues", "2", wire="gen,size=64,flows=16,count=60000"))])
    timing_or_skip(ask(p, "start"))
    for lcore in (1, 2, 1, 2, 1):
        ask(p, f"set port 0 rxq 1 lcore {lcore}")
    received(p, 60000)
    text = ask(p, "show fwd stats all")
    port = f"Port 0, {TITLE['timing']}, {SINCE}"
    assert packets(text, port, "q0") + packets(text, port, "q1") == 60000
    assert "lcore 1, queues: 2" in text and " 2        queues: 0" in text
    finish(p)


@pytest.mark.parametrize("source", ["pmu", "auto"])
def test_what_cannot_be_had_is_told_once(app, vfu_nic, source):  # noqa: F811
    """And packets go on. On a machine with a PMU there are its columns instead."""
    p = app(*TWO, f"--source={source}", devices=[steerpmd.vfio(vfu_nic("--queues", "2"))])
    start = ask(p, "start")
    refused = start.count("source pmu: refused: ")
    assert refused <= 1
    if source == "auto" and refused:
        assert "source timing: refused: the port is emulated" in start
        assert "source model: refused: no model session: start with --lockstep=N" in start
    received(p, 1000)
    text = ask(p, "show fwd stats all")
    assert "source " not in text
    assert (TITLE["pmu"] in text) == (not refused)
    finish(p)


def test_a_model_session_has_the_model(app, vfu_nic):  # noqa: F811
    p = app(*TWO, "--lockstep=32", "--source=all",
            devices=[steerpmd.vfio(vfu_nic("--queues", "2"))])
    start = ask(p, "start")
    for source in ("pmu", "timing"):
        assert start.count(f"source {source}: refused: a model session forwards in lockstep") == 1
    received(p, 1000)
    text = ask(p, "show fwd stats all")
    assert "cache lines per packet by level, modelled" in text and "measured by" not in text
    finish(p)


def test_set_source(app, vfu_nic):  # noqa: F811
    p = app(*TWO, "--forward-mode=txonly", devices=[steerpmd.vfio(vfu_nic("--queues", "2"))])
    assert "'guess' is not off, auto, all, model, pmu or timing" in ask(p, "set source guess")
    ask(p, "set source timing")
    assert "source timing: refused: txonly receives nothing" in ask(p, "start")
    assert "stop it first" in ask(p, "set source off")
    ask(p, "stop")
    ask(p, "set source off")
    assert "source " not in ask(p, "start")
    finish(p)


def test_every_period_has_its_own_figures(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    p = steerlab.Process(steerpmd.argv(rundir, *TWO, "--source=timing", "--stats-period=1",
                                       devices=[steerpmd.vfio(nic)]), env=steerpmd.leaks_told(env))
    head = f"All ports, {TITLE['timing']}, since the last show"
    p.expect("streams=2")
    timing_or_skip(p.output)
    for _ in range(2):
        p.expect(re.escape(head))
        p.expect(r"  all +.*\n")
    nic.stop()
    p.wait()
    print(p.output)
    first, second = p.output.split(head)[1:3]
    assert "known lines told rightly" in first and "known lines told rightly" not in second
    total = re.findall(r"RX-packets: (\d+) +RX-missed", p.output)
    shown = [packets(head + part, head, "all") for part in (first, second)]
    assert 0 < shown[1] <= int(total[1])
    assert sum(shown) <= int(total[1])
