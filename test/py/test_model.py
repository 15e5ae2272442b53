# SPDX-License-Identifier: BSD-3-Clause
"""A model session's queue dynamics, rings of other makes, and when steering hurts."""

import json
import re
import subprocess

import pytest
import steerlab
import steerpmd
from telemetry import Telemetry

ONE = ["--rxq=1", "--txq=1"]
FULL = ["--rxd=2048", "--txd=128", "--backlog=2048", "--mbcache=256", "--rounds=1",
        "--round-packets=8192", "--warmup-packets=8192"]


@pytest.fixture
def session(rundir, env, vfu_nic):
    """session(*options, wire=) -> (JSON object, the device's round, its output)."""
    def go(*opts, wire="gen,size=1500,flows=16"):
        nic = vfu_nic("--ring-size", "4096", "--no-mrg-rxbuf", wire=wire, telemetry=True)
        tele = Telemetry(rundir, f"{rundir.name}-nic")
        try:
            path = rundir / "result.json"
            done = steerpmd.run(rundir, env, *ONE, *opts, f"--json={path}",
                                devices=[steerpmd.vfio(nic)])
            assert done.returncode == 0, done.stdout + done.stderr
            return json.loads(path.read_text()), tele.ask("/vfu_nic/model"), done
        finally:
            tele.close()
            nic.stop()
    return go


def hits(model):
    return model["round"]["write_hits"] / model["round"]["writes"]


def test_telemetry_shows_the_session(session):
    _, model, _ = session("--experiment=off", *FULL, "--platform=skl-6140:io_ways=4",
                          "--rings=mlx5", "--lockstep=16")
    assert (model["platform"], model["rings"]) == ("skl-6140:io_ways=4", "mlx5")
    assert (model["window"], model["backlog"], model["on"]) == (16, 2048, 0)
    assert model["windows"] >= 2 * 8192 / 16
    for part in ("session", "round"):
        assert model[part]["writes"] >= model[part]["write_hits"] > 0
        assert model[part]["reads"] >= model[part]["read_hits"] > 0
        assert model[part]["tagged"] == 0
    # 1500 bytes from a line on are 24 lines; and a completion of a line for 8 packets
    assert model["round"]["writes"] == pytest.approx(8192 * (24 + 1 / 8), rel=0.01)
    # and as many to be sent, with descriptors of 16 bytes for each packet, read one by one
    assert model["round"]["reads"] == pytest.approx(8192 * (24 + 2), rel=0.01)


def test_the_table_names_the_rings(session):
    _, _, done = session("--experiment=off", *FULL, "--platform=clx", "--rings=mlx5-cqe64")
    assert "on clx, rings of mlx5-cqe64, cache lines per packet by level, modelled" in done.stdout


def test_a_full_ring_asks_for_more_io_ways(session):
    """2048 packets of 24 lines wait, and two ways have 4.5 MB; without a backlog 32 packets do."""
    few = session("--experiment=off", *FULL, "--platform=skl-6140", "--backlog=0", "--rxd=64")[1]
    two, four = (session("--experiment=off", *FULL, f"--platform=skl-6140:io_ways={ways}")[1]
                 for ways in (2, 4))
    assert hits(few) > 0.99
    assert hits(two) < hits(four) - 0.1 < 0.9


def test_a_full_ring_is_the_same_to_the_byte(session):
    (first, card), (again, its) = (session("--experiment=off,right", *FULL, "--rings=mlx5")[:2]
                                   for _ in range(2))
    assert steerpmd.timeless(first) == steerpmd.timeless(again)
    assert card == its


@pytest.mark.parametrize("packed", [[], ["--packed"]])
def test_another_shape_counts_no_bad_record(rundir, env, vfu_nic, packed):
    nic = vfu_nic("--queues", "2", "--ring-size", "1024", *packed)
    for rings in ("virtio", "mlx5", "mlx5-cqe64"):
        obj, _ = steerpmd.experiment(rundir, env, nic, "--rounds=1", f"--rings={rings}",
                                     "--rxd=512", "--backlog=512")
        steerpmd.check_contract(obj)


def cycles(obj, mode):
    return obj["summary"][mode]["cycles_per_packet"]


V2 = ["--experiment=off,right", "--touch=header", "--rings=mlx5"]


def test_steering_helps_a_short_ring(session):
    obj, _, _ = session(*V2, *FULL, "--rxd=128", "--backlog=128", "--platform=neoverse-v2")
    assert cycles(obj, "right") < 0.8 * cycles(obj, "off")
    assert obj["summary"]["right"]["l2_or_better"] > 0.95


def test_steering_hurts_when_the_ring_outgrows_l2(session):
    """4096 packets of 24 lines are three times an L2 of 2 MB: tagged, they push out what the
    application works on, and are gone to the LLC themselves before they are read."""
    opts = [*V2, *FULL, "--rxd=4096", "--backlog=4096"]
    obj, model, _ = session(*opts, "--platform=neoverse-v2")
    assert cycles(obj, "right") > 1.1 * cycles(obj, "off")
    assert model["round"]["tagged"] > 0
    # Two of eight ways for the device's lines: the application keeps the others.
    limited, _, _ = session(*opts, "--platform=neoverse-v2:tag_ways=2")
    assert cycles(limited, "right") < 0.9 * cycles(obj, "right")


def test_a_target_may_decline(session):
    obj, model, _ = session(*V2, *FULL, "--rxd=128", "--backlog=128",
                            "--platform=neoverse-v2:declined=500")
    assert model["round"]["declined"] == pytest.approx(model["round"]["tagged"] / 2, rel=0.02)
    assert 0.4 < obj["summary"]["right"]["l2_or_better"] < 0.6


def test_lcores_can_be_cores(rundir, env, vfu_nic):
    """Two lcores on one CPU, each with an L2 of its own: as two CPUs, and less with one L2."""
    nic = vfu_nic("--queues", "2", "--ring-size", "4096", wire="gen,size=64,flows=64")
    one, two = (steerpmd.lcores().split(",")[i].split("@")[1] for i in (1, 2))

    def l2(cores, cpus):
        path = rundir / "result.json"
        done = steerpmd.run(rundir, env, "--rxq=2", "--txq=2", "--experiment=off", "--rounds=1",
                            "--rxd=2048", "--backlog=2048", "--round-packets=8192",
                            "--platform=skl-6140", f"--model-cores={cores}", f"--json={path}",
                            devices=[steerpmd.vfio(nic)], cpus=f"0@{one},1@{cpus[0]},2@{cpus[1]}")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(path.read_text())["summary"]["off"]["lines"]
    apart = l2("cpu", (one, two))
    assert l2("lcore", (one, one)) == apart
    assert l2("cpu", (one, one))["l2"] < apart["l2"]


def test_validation_prints_each_row(build):
    """One row of it; how near the model is, is the benchmark's to print."""
    done = subprocess.run([str(steerlab.ROOT / "test" / "bench" / "model-validation"),
                           "--size", "256", "--ring", "128"], capture_output=True, text=True, timeout=300,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^ +256 +(\d+) +2 +([\d.]+) +([\d.]+) +([-+][\d.]+) +([\d.]+)$",
                      done.stdout, re.M)
    assert [int(r[0]) for r in rows] == [128]
    for _, published, modelled, error, _ in rows:
        assert float(error) == pytest.approx(float(modelled) - float(published), abs=0.11)
    assert re.search(r"^bar model-rmse [\d.]+ 3.0 (met|missed)$", done.stdout, re.M)
