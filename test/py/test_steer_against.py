# SPDX-License-Identifier: BSD-3-Clause
"""steer-report --against: what is a regression, what is chance, what cannot be compared."""
import json

import pytest

import results
from test_steer_report import steer_report


def file_of(tmp_path, name, value):
    return results.write(tmp_path / f"{name}.json", value)


def against(tmp_path, new, old, *more):
    """Of two objects, or lists of lines."""
    return steer_report(file_of(tmp_path, "new", new), "--against", file_of(tmp_path, "old", old),
                        *more)


def line_of(done, mode, figure):
    line, = [x for x in done.stdout.splitlines() if f"  {mode} " in x and f"  {figure} " in x]
    return line


def test_a_file_against_itself_is_the_same(tmp_path):
    done = against(tmp_path, results.result(), results.result())
    assert done.returncode == 0, done.stderr
    first, *lines, last = done.stdout.splitlines()
    assert first == "== new.json against old.json, modelled"
    assert len(lines) == 18 and all(x.endswith("no clear difference") for x in lines)
    assert last.startswith("0 of 18 figures are worse beyond their interval (95 %")


def test_rounds_that_only_scatter_are_no_regression(tmp_path):
    done = against(tmp_path, results.result(noise=0.05, seed=1), results.result(noise=0.05, seed=2))
    assert done.returncode == 0, done.stdout


def test_a_slower_right_is_a_regression(tmp_path):
    new = results.result(modes=results.scaled(cycles=1.05, only="right"), seed=2)
    done = against(tmp_path, new, results.result(seed=1))
    assert done.returncode == 1
    line = line_of(done, "right", "estimated cycles per packet")
    assert line.endswith("WORSE") and " 218 -> 229 " in line and "+1" in line
    assert "1 of 18 figures are worse" in done.stdout.splitlines()[-1]


def test_the_other_way_round_it_is_better(tmp_path):
    new = results.result(modes=results.scaled(cycles=1.05, only="right"), seed=2)
    done = against(tmp_path, results.result(seed=1), new)
    assert done.returncode == 0
    assert line_of(done, "right", "estimated cycles per packet").endswith("better")


def test_fewer_packets_per_second_are_a_regression(tmp_path):
    done = against(tmp_path, results.result(modes=results.scaled(mpps=0.9)), results.result(seed=3))
    assert done.returncode == 1
    assert line_of(done, "off", "Mpps").endswith("WORSE")


def test_a_worse_control_is_told_and_not_judged(tmp_path):
    new = results.result(modes=results.scaled(cycles=1.5, only="wrong"))
    done = against(tmp_path, new, results.result())
    assert done.returncode == 0
    assert line_of(done, "wrong", "estimated cycles per packet").endswith(
        "WORSE, control: not judged")


def test_tolerance(tmp_path):
    new = results.result(modes=results.scaled(cycles=1.03, only="right"), noise=0.001)
    old = results.result(noise=0.001)
    assert against(tmp_path, new, old).returncode == 1
    assert against(tmp_path, new, old, "--tolerance", "5").returncode == 0
    assert against(tmp_path, new, old, "--tolerance", "2").returncode == 1


def test_equal_rounds_leave_no_room(tmp_path):
    """What a model says is the same every time, so that the least change shows."""
    new = results.result(modes=results.scaled(cycles=1.001), noise=0)
    assert against(tmp_path, new, results.result(noise=0)).returncode == 1


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_many_figures_are_not_a_regression_by_number(tmp_path, seed):
    """With 5 % for each of 108 figures some would be outside by chance alone."""
    new, old = (results.sweep(sizes=(64, 256, 512, 1024, 1500, 9000), rings=(128, 1024, 4096),
                              rounds=10, noise=0.04, seed=s) for s in (seed, seed + 1))
    done = against(tmp_path, new, old)
    assert "0 of 108 figures" in done.stdout.splitlines()[-1]
    assert done.returncode == 0


def test_sweep_names_the_point(tmp_path):
    old = results.sweep()
    new = list(old)
    point = json.loads(new[6])
    for r in point["rounds"]:
        r["cycles_per_packet"] *= 1.2
    new[6] = json.dumps(point)
    done = against(tmp_path, new, old)
    assert done.returncode == 1
    worse = [x for x in done.stdout.splitlines() if x.endswith("WORSE")]
    assert len(worse) == 2 and all("size=256 ring=512  " in x for x in worse)  # off, right


def test_missing_point_is_not_the_same(tmp_path):
    lines = results.sweep()
    done = against(tmp_path, lines[:-1], lines)
    assert done.returncode == 3
    assert "only in old.json: gen:1500 on zen5, size=1500 ring=4096, modelled" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("; 1 points are missing in new.json")


def test_more_points_than_before_are_fine(tmp_path):
    lines = results.sweep()
    done = against(tmp_path, lines, lines[:-1])
    assert done.returncode == 0
    assert "only in new.json: gen:1500" in done.stdout


def test_runs_are_paired_by_source_and_input(tmp_path):
    def runs(*order):
        return {"schema": 1, "runs": [results.result(**o) for o in order]}

    one, two, three = {"source": "model"}, {"source": "pmu"}, {"input": "gen:1500"}
    done = against(tmp_path, runs(one, two, three), runs(three, one, two))
    assert done.returncode == 0 and "0 of 54 figures" in done.stdout


@pytest.mark.parametrize("change,reason", [
    ({"source": "pmu"}, "source differs: it was model and is pmu"),
    ({"platform": "clx"}, "platform differs: it was zen5 and is clx"),
    ({"input": "pcap:x"}, "input differs: it was gen:64 and is pcap:x"),
    ({"queues": 4}, "number of queues differs: it was 2 and is 4"),
    ({"merged": [["l1", "l2"]]}, "merged levels differs"),
    ({"config": dict(results.CONFIG, work=100)},
     "configuration 'work' differs: it was 0 and is 100"),
    ({"config": dict(results.CONFIG, new=1)}, "configuration 'new' differs: it was - and is 1"),
    ({"modes": {"off": results.MODES["off"]}, "comparisons": []}, "modes differs"),
    ({"rounds": 1, "noise": 0}, "has 1 round of 'off'"),
    ({"control": {"verdict": "invalid", "why": "made so"}},
     "the new experiment is invalid: made so"),
    ({"witness": {"verdict": "contradicts", "why": "made so"}},
     "the new experiment is invalid: contradicted by the witness: made so"),
])
def test_not_comparable(tmp_path, change, reason, monkeypatch):
    if change.get("rounds") == 1:
        monkeypatch.setattr(results, "span", lambda rounds, pick: ({"min": 1, "max": 1}, None))
    done = against(tmp_path, results.result(**change), results.result())
    assert done.returncode == 3
    assert done.stdout == "" and done.stderr.count("\n") == 1
    assert "are not comparable: " in done.stderr and reason in done.stderr


def test_processor_matters_to_what_was_measured_on_it(tmp_path):
    other = dict(results.HEAD["machine"], cpu="Another CPU")
    done = against(tmp_path, results.result("pmu", machine=other), results.result("pmu"))
    assert done.returncode == 3 and "processor differs: it was Example CPU 9000" in done.stderr
    assert against(tmp_path, results.result(machine=other), results.result()).returncode == 0


def test_what_may_differ(tmp_path):
    new = results.result(rounds=20, machine=dict(results.HEAD["machine"], kernel="7.0"),
                         tool={"name": "dpdk-steerpmd", "version": "9"})
    assert against(tmp_path, new, results.result()).returncode == 0


def test_revision_1_says_that_its_configuration_is_unknown(tmp_path):
    old = results.DATA / "revision-1.json"
    done = steer_report(old, "--against", old)
    assert done.returncode == 0, done.stderr
    assert "a file of revision 1 does not tell its configuration (2 points)" in done.stdout


def test_doubtful_rounds_are_told(tmp_path):
    new = results.result(stability={"right": ("drift", "upwards")})
    done = against(tmp_path, new, results.result())
    assert "new file: rounds of 'right' are drift" in done.stdout


def test_page_has_the_comparison_too(tmp_path):
    new = results.result(modes=results.scaled(cycles=1.2))
    out = tmp_path / "page.html"
    done = against(tmp_path, new, results.result(), "--out", out)
    assert done.returncode == 1
    assert "<strong>Regression</strong>" in out.read_text()
    assert "new.json against old.json, modelled" in out.read_text()


def test_without_out_there_is_no_page(tmp_path):
    against(tmp_path, results.result(), results.result())
    assert {f.name for f in tmp_path.iterdir()} == {"new.json", "old.json"}


def test_bad_other_file(tmp_path):
    new = file_of(tmp_path, "new", results.result())
    (tmp_path / "old.json").write_text('{"schema":3}')
    done = steer_report(new, "--against", tmp_path / "old.json")
    assert done.returncode == 2 and "old.json: it is of schema 3, newer" in done.stderr
