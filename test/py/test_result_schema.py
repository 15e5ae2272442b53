# SPDX-License-Identifier: BSD-3-Clause
"""doc/result.schema.json: it takes the samples and what our programs read, and nothing broken."""
import copy
import json

import pytest

import results
from schema import SCHEMA, keys, names, validator
from steer_result import load_file

SAMPLES = sorted(results.DATA.glob("*.json"))


def test_it_is_a_schema():
    validator().check_schema(SCHEMA)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_samples(path):
    validator().validate(json.loads(path.read_text()))
    assert load_file(path).runs


def test_sample_sweep():
    head, *points = [json.loads(x) for x in
                     (results.DATA / "sweep.jsonl").read_text().splitlines()]
    validator("sweep_head").validate(head)
    for point in points:
        validator("sweep_point").validate(point)
    assert len(load_file(results.DATA / "sweep.jsonl").runs) == len(points) > 3


@pytest.mark.parametrize("source", ["model", "pmu", "timing"])
def test_objects_of_the_tests(source):
    validator().validate(results.result(source))
    validator().validate({"schema": 1, "runs": [results.result(source)]})


def test_witnessed():
    validator().validate(results.witnessed("agrees", "so it is", io_writes=2.5, dram_writes=0))
    validator().validate(results.result(witness={"verdict": "absent", "why": "none here"}))


def changed(path, value):
    out = copy.deepcopy(results.witnessed("agrees", "so it is", "model", write_hit=1))
    at = out
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return out


@pytest.mark.parametrize("path,value", [
    (["schema"], 2),
    (["schema"], ...),
    (["source"], "guess"),
    (["label"], ...),
    (["merged"], [["l1"]]),
    (["rounds", 0, "mode"], "left"),
    (["rounds", 0, "mpps"], ...),
    (["rounds", 0, "per_queue", 0, "lines", "l1"], -1),
    (["rounds", 0, "per_queue", 0, "first_touch", "memory"], 1.5),
    (["summary", "off", "stability", "verdict"], "fine"),
    (["summary", "off", "iqr", "cycles_per_packet"], [1, 2, 3]),
    (["summary", "left"], {}),
    (["comparisons", 0, "low"], None),
    (["control", "verdict"], "maybe"),
    (["witness", "verdict"], "valid"),
    (["witness", "why"], ...),
    (["rounds", 0, "witness", "io_writes"], -1),
    (["summary", "off", "witness", "write_hit_share"], 1.5),
    (["machine", "cpus"], "16"),
    (["resteer"], ...),
])
def test_what_is_broken_is_refused(path, value):
    assert not validator().is_valid(changed(path, value))


def test_revision_1_needs_nothing_of_revision_2():
    new = {"revision", "label", "tool", "time", "machine", "config", "comparisons", "control",
           "resteer", "source_detail"}
    old = {k: v for k, v in results.result().items() if k not in new}
    validator().validate(old)


def test_it_documents_every_key_of_the_samples():
    known = set(names()) | {"size", "ring", *results.MODES, "note", "seed"}
    assert set(keys(results.witnessed("agrees", ""))) <= known
    assert set(keys([json.loads(x) for x in results.sweep()])) <= known
