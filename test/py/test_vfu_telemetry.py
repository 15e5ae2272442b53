# SPDX-License-Identifier: BSD-3-Clause
"""vfu-nic over the telemetry socket; what counts as a write of the ST table."""

import re
import time

import pytest
import steerpmd
import vfu_client as vc
import vio_driver as vd
from patience import wait_for
from telemetry import Telemetry
from test_steerpmd_prompt import TWO, app, ask, finish, queues  # noqa: F401 (fixture)
from vfu_client import Client, VfuError
from vio_driver import Driver, bits


@pytest.fixture
def start(vfu_nic, rundir):
    """start(*options, lcores=) -> (server, its telemetry)"""
    made = []

    def run(*opts, **kw):
        nic = vfu_nic("--queues", "2", *opts, telemetry=True, **kw)
        made.append(Telemetry(rundir, f"{rundir.name}-nic"))
        return nic, made[0]

    yield run
    for t in made:
        t.close()


def tph(tele):
    return tele.ask("/vfu_nic/tph")


def test_info(start):
    nic, tele = start(wire="gen,size=64")
    want = {"sock": nic.sock, "wire": "gen,size=64", "queues": 2, "vectors": 5, "clients": 0,
            "refused": 0, "messages": 0, "errors": 0, "faults": 0, "resets": 0, "dma_maps": 0}
    assert tele.ask("/vfu_nic/info") == want
    fd = vc.memfd(8192)
    with Client(nic.sock) as c:
        c.fds.append(fd)
        c.dma_map(0, 4096, fd)
        c.dma_map(8192, 4096, fd)
        c.reset()
        with pytest.raises(VfuError):
            c.dma_map(8192, 4096, fd)
        assert tele.ask("/vfu_nic/info") == dict(want, clients=1, messages=5, errors=1, resets=1,
                                                 dma_maps=2)
    wait_for("end of the maps", lambda: tele.ask("/vfu_nic/info")["dma_maps"] == 0)
    assert tele.ask("/vfu_nic/info") == dict(want, clients=1, messages=5, errors=1, resets=1)


def test_queues(start):
    nic, tele = start(wire="gen,size=100,flows=1,count=5")
    assert tele.ask("/vfu_nic/queues") in ({}, None)  # none is enabled
    with Client(nic.sock) as c:
        d = Driver(c)
        d.start(bits(vd.MRG, vd.CTRL_VQ, vd.MQ), n=8, ctrl=True)
        got = tele.ask("/vfu_nic/queues")
        assert {k: v["direction"] for k, v in got.items()} == {"0": "rx", "1": "tx", "4": "control"}
        rx, tx, _ = d.start(bits(vd.MRG), n=8)
        rx[0].fill()
        d.send(tx[0], [bytes(60)] * 3 + d.frames(rx[0], rx[0].wait(5)))
        want = {"queue": 0, "direction": "rx", "live": 1, "size": 8, "vector": 0xFFFF,
                "packets": 5, "bytes": 500, "drops": 0, "interrupts": 5}
        got = tele.ask("/vfu_nic/queues")
        assert got["0"]["interrupts"] in range(1, 6)  # one per burst, asked for by the driver
        assert got["0"] == dict(want, interrupts=got["0"]["interrupts"])
        assert got["1"] == dict(want, queue=1, direction="tx", packets=8, bytes=680,
                              interrupts=got["1"]["interrupts"])
        assert set(got) == {"0", "1"}
        assert tele.ask("/vfu_nic/queues,1") == got["1"]
        assert tele.ask("/vfu_nic/queues,4")["live"] == 0
    for bad in ("5", "x", "-1"):
        assert tele.raw(f"/vfu_nic/queues,{bad}") == {"/vfu_nic/queues": None}


def test_a_write_is_an_entry(start):
    nic, tele = start("--tph-fault", "none")
    assert tph(tele) == {"tph": "iv-cap", "entries": 5, "control": 0, "st_writes": 0,
                         "st": [0] * 5}
    with Client(nic.sock) as c:
        c.tph_enable(1)
        assert tph(tele)["control"] == 0x101 and tph(tele)["st_writes"] == 0
        c.st_set(1, [0, 1, 2])
        assert tph(tele)["st"] == [0, 0x20, 0x27, 0x2E, 0]
        assert tph(tele)["st_writes"] == 3  # a batch of three
        c.st_set(1, [0])
        assert tph(tele)["st_writes"] == 4  # the same again
        c.st_set(1, [vc.CLEAR])
        assert tph(tele)["st_writes"] == 5
        with pytest.raises(VfuError):
            c.st_set(4, [0, 1])
        assert tph(tele)["st_writes"] == 5  # refused before it wrote
        with pytest.raises(VfuError):
            c.st_set(0, [0, 1, 100000])
        assert tph(tele)["st_writes"] == 9  # two written, two put back
        c.st_get(0, [1, 2])
        c.reset()
        assert tph(tele) == {"tph": "iv-cap", "entries": 5, "control": 0, "st_writes": 9,
                             "st": [0] * 5}


def test_palette_writes_nothing_after_attach(start, app):  # noqa: F811
    """However often queues move, the device's table stays as attach left it."""
    nic, tele = start(lcores="0@0")
    p = app(*TWO, devices=[steerpmd.vfio(nic, ",steer=palette")])
    ask(p, "start")
    wait_for("tags", lambda: all(q[2] != "-" for q in queues(p).values()))
    before, placed = tph(tele), queues(p)
    batches = re.search(r"ST writes: (\d+)", ask(p, "show steer"))[1]  # the app counts SETs
    assert before["st_writes"] > 0 and any(before["st"])
    for i in range(40):
        assert ask(p, f"set port 0 rxq {i % 2} lcore {1 + i // 2 % 2}").strip() == ""
        if i % 8 == 7:
            time.sleep(0.05)  # let the scan see some of them
    ask(p, "set port 0 rxq 1 lcore 1")
    wait_for("move", lambda: queues(p)["rxq 1"][2:4] == placed["rxq 0"][2:4])
    assert int(queues(p)["rxq 1"][5]) > int(placed["rxq 1"][5])
    assert tph(tele) == before
    assert re.search(r"ST writes: (\d+)", ask(p, "show steer"))[1] == batches
    finish(p)


def test_per_queue_writes_an_entry_per_move(start, app):  # noqa: F811
    """The counter does see writes: this strategy has one per queue that moved."""
    nic, tele = start(lcores="0@0")
    p = app(*TWO, devices=[steerpmd.vfio(nic, ",steer=per-queue")])
    ask(p, "start")
    wait_for("tags", lambda: all(q[2] != "-" for q in queues(p).values()))
    before = tph(tele)
    ask(p, "set port 0 rxq 1 lcore 1")
    wait_for("move", lambda: queues(p)["rxq 1"][1] == "1" and tph(tele)["st"] != before["st"])
    assert tph(tele)["st_writes"] > before["st_writes"]
    finish(p)
