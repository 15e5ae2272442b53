# SPDX-License-Identifier: BSD-3-Clause
"""Files: one result, several ({"runs"}), or a sweep with one result on each line."""
import json

from .fields import Node, ResultError, clean, is_integer, is_number
from .run import Run

SCHEMA = 1    # what this program reads
REVISION = 2  # the newest one whose fields it knows all


class ResultFile:
    """The runs of a file, and of a sweep what its first line tells."""

    def __init__(self, path, runs, notes, sweep=None):
        self.path, self.name = path, clean(path.name)
        self.runs, self.notes, self.sweep = runs, notes, sweep
        self.refused = []  # (source, why): what was wanted and could not be measured

    @property
    def axes(self):
        """{name: [values]} of a sweep, those with more than one value that runs were made at."""
        out = {}
        for run in self.runs:
            for key, value in run.point.items():
                seen = out.setdefault(key, [])
                if value not in seen:
                    seen.append(value)
        return {k: ordered(v) for k, v in out.items() if len(v) > 1}


def ordered(values):
    """Numbers by size; anything else as it came."""
    return sorted(values) if all(map(is_number, values)) else values


def no_constant(name):
    raise ValueError(f"{name} is no number of JSON")


def parse(text):
    return json.loads(text, parse_constant=no_constant)


def check_schema(value, where):
    schema = value.get("schema")
    if not is_integer(schema):
        raise ResultError(f"{where} has no schema: not a result of schema {SCHEMA}")
    if schema > SCHEMA:
        raise ResultError(f"{where} is of schema {schema}, newer than schema {SCHEMA}, which is "
                          "what this program reads: use the one that came with what wrote it")
    if schema < SCHEMA:
        raise ResultError(f"{where} is of schema {schema}, older than schema {SCHEMA}, which is "
                          "what this program reads: measure again")


def lines_of(text):
    """
    Values of JSON lines. @return (list of values, whether the last line was cut).
    A killed program leaves its last line without an end; any other broken line is an error.
    """
    values, lines = [], text.split("\n")
    for n, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            values.append(parse(line))
        except ValueError as e:
            if n == len(lines):
                return values, True
            raise ResultError(f"line {n} is not JSON: {e}") from e
    return values, False


def is_sweep(value):
    return isinstance(value, dict) and value.get("kind") == "sweep"


def read_values(text):
    """@return (list of values, cut). One value may go over lines; a sweep has one on each."""
    try:
        return [parse(text)], False
    except ValueError as e:
        whole = f"not JSON: {e}"
    try:
        first = parse(text.partition("\n")[0])
    except ValueError as e:
        raise ResultError(whole) from e
    if not is_sweep(first):
        raise ResultError(whole)
    return lines_of(text)


def sweep(path, values, cut):
    head = Node(values[0], "line 1")
    notes = ["the last line was cut and is left out"] if cut else []
    runs = []
    for n, value in enumerate(values[1:], 2):
        point = Node(value, f"result {n - 1}")
        if point.has("schema"):
            check_schema(value, point.where)
        point.node("point")
        runs.append(Run(value, point.where))
    if not runs:
        raise ResultError("a sweep without a measured point")
    for run in runs:  # what the first line has for all of them
        run.machine = run.machine or head.maybe("machine")
        run.tool = run.tool or head.maybe("tool")
        run.time = run.time or head.text("time", None)
    return ResultFile(path, runs, notes, head)


def objects(path, value):
    found = ResultFile(path, runs_of(value), [])
    found.refused = [(n.text("source"), n.text("why", ""))
                     for n in Node(value, "the result").nodes("refused", [])]
    return found


def runs_of(value):
    if "runs" not in value:
        return [Run(value)]
    runs = Node(value, "the result").list("runs")
    out = []
    for i, one in enumerate(runs):
        where = f"'runs'[{i}]"
        if isinstance(one, dict) and "schema" in one:
            check_schema(one, where)
        out.append(Run(one, where))
    if not out:
        raise ResultError("no run in it")
    return out


def newest(runs):
    revision = max(r.revision for r in runs)
    return [f"of revision {revision}, newer than {REVISION}: what that added is not shown"] \
        if revision > REVISION else []


def load_file(path):
    """@return ResultFile. ResultError names the file."""
    try:
        values, cut = read_values(path.read_text(encoding="utf-8"))
        if not isinstance(values[0], dict):
            raise ResultError(f"not a result of schema {SCHEMA}")
        check_schema(values[0], "it")
        found = sweep(path, values, cut) if is_sweep(values[0]) else objects(path, values[0])
    except RecursionError as e:
        raise ResultError(f"{path}: nested too deep for a result") from e
    except (ResultError, ValueError) as e:
        raise ResultError(f"{clean(str(path))}: {clean(str(e))}") from e
    found.notes += newest(found.runs)
    return found


def load(path):
    """@return list of Run."""
    return load_file(path).runs
