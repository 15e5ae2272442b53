# SPDX-License-Identifier: BSD-3-Clause
"""usertools/steer-table on a small result with numbers that can be checked in the head."""
import csv
import json
import struct
import subprocess
from pathlib import Path

import pytest

import results
import usertool

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "test" / "data" / "steer-table"
RUNS = json.loads((DATA / "runs.json").read_text())


PROGRAM = usertool.load("steer-table")


def steer_table(*argv):
    return usertool.call(PROGRAM, *argv)


def test_table_is_the_golden_one():
    done = subprocess.run([ROOT / "usertools" / "steer-table", DATA / "runs.json"],
                          capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (DATA / "runs.golden").read_text()


def test_one_object_is_accepted(tmp_path):
    one = tmp_path / "one.json"
    one.write_text(json.dumps(RUNS["runs"][0]))
    done = steer_table(one)
    assert done.returncode == 0, done.stderr
    assert (DATA / "runs.golden").read_text().startswith(done.stdout)


def test_every_title_names_the_source():
    titles = [line for line in steer_table(DATA / "runs.json").stdout.splitlines()
              if line.startswith("==")]
    assert [t.rsplit(", ", 1)[1] for t in titles] == ["modelled", "measured by timing probe"]


def test_csv_has_each_round_and_the_medians(tmp_path):
    out = tmp_path / "out.csv"
    assert steer_table(DATA / "runs.json", "--csv", out).returncode == 0
    rows = list(csv.DictReader(out.open()))
    rounds = [r for r in rows if r["round"] != "median"]
    assert len(rounds) == sum(len(r["per_queue"]) for run in RUNS["runs"] for r in run["rounds"])
    assert {r["source"] for r in rows} == {"model", "timing"}
    off = next(r for r in rows if r["round"] == "median" and r["mode"] == "off")
    assert (off["lines_memory"], off["cycles_per_packet"], off["packets"]) == ("2.25", "1145", "600")
    last = rows[-1]
    assert (last["lines_l1"], last["lines_l2"], last["merged"]) == ("", "6", "l1+l2")


def test_picture_is_a_png_of_both_runs(tmp_path):
    out, one = tmp_path / "both.png", tmp_path / "one.png"
    single = tmp_path / "one.json"
    single.write_text(json.dumps(RUNS["runs"][0]))
    assert steer_table(DATA / "runs.json", "--png", out).returncode == 0
    assert steer_table(single, "--png", one).returncode == 0

    def size(path):
        head = path.read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        return struct.unpack(">II", head[16:24])

    assert size(out)[0] == size(one)[0] >= 1200
    assert size(out)[1] > size(one)[1]


@pytest.mark.parametrize("content,reason", [
    ("{", "not JSON"),
    ("[]", "not a result of schema 1"),
    ('{"schema":2,"runs":[]}', "is of schema 2, newer than schema 1"),
    ('{"schema":0,"runs":[]}', "is of schema 0, older than schema 1"),
    ('{"runs":[]}', "not a result of schema 1"),
    ('{"schema":1,"runs":[]}', "no run in it"),
    ('{"schema":1,"runs":[{"source":"model"}]}', "'runs'[0].'input' is missing or null"),
    ('{"schema":1,"runs":3}', "'runs' is not a list"),
    ('{"schema":1,"runs":[{"source":NaN}]}', "not JSON"),
    ("[" * 100000, "nested too deep"),
])
def test_bad_result_is_one_line(tmp_path, content, reason):
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    done = steer_table(bad)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("steer-table: ") and done.stderr.count("\n") == 1
    assert reason in done.stderr


def test_what_was_witnessed_has_lines_of_its_own(tmp_path):
    made = results.witnessed("cannot_tell", "too few", write_hit=1.25, write_miss=0.5)
    done = steer_table(results.write(tmp_path / "w.json", made))
    assert done.returncode == 0, done.stderr
    assert "   off: per packet 1.25 device writes hit a cache, 0.50 device writes missed " \
        "(system-wide, all devices)\n" in done.stdout
    assert "   witness cannot tell: too few\n" in done.stdout


def test_missing_file_is_one_line(tmp_path):
    done = steer_table(tmp_path / "none.json")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "none.json" in done.stderr
