# SPDX-License-Identifier: BSD-3-Clause
"""Unit tests through meson: every cmocka case counts, not only the programs."""
import json
import os
import re

from .report import FAIL, PASS, SKIP
from .tools import BUILD, JOBS, run

CASE = re.compile(r"^\[ +(OK|FAILED|SKIPPED|ERROR) +\] (\S+)$", re.M)
RESULT = {"OK": PASS, "SKIPPED": SKIP, "FAILED": FAIL, "ERROR": FAIL}
MESON_RESULT = {"OK": PASS, "SKIP": SKIP, "EXPECTEDFAIL": PASS}


def cases(output):
    """name -> result of the cases that a cmocka program reported."""
    found = {}
    for word, name in CASE.findall(output):
        if not name[0].isdigit():  # the sum "[  FAILED  ] 2 test(s)" is no case
            found[name] = RESULT[word]
    return found


def add_program(report, entry):
    """One program: its cases, and itself when it failed in a way that no case shows."""
    output = entry.get("stdout", "") + entry.get("stderr", "")
    result = MESON_RESULT.get(entry["result"], FAIL)
    found = cases(output)
    for name, case in found.items():
        report.add(f"{entry['name']}: {name}", case, "its output is below" if case == FAIL else
                   "skipped by the test")
    if result == FAIL or not found:
        text = f"{entry['result']}, exit status {entry.get('returncode')}\n{output}"
        if result != FAIL or FAIL not in found.values():
            report.add(entry["name"], result, text)
        else:
            print(text)


def meson_test(report, kind, *args, env=None):
    folder = BUILD / kind
    if not (folder / "build.ninja").exists():
        report.add(f"tests of build {kind}", FAIL, f"no build in {folder}")
        return
    logbase = "check-" + kind
    logs = folder / "meson-logs"
    for old in logs.glob(f"{logbase}*.json"):
        old.unlink()
    code, out = run(["meson", "test", "-C", folder, "--no-rebuild", "--logbase", logbase,
                     "--num-processes", JOBS, *args], env=dict(os.environ, **(env or {})))
    # Meson puts a wrapper's name behind the log's.
    entries = [json.loads(line) for log in logs.glob(f"{logbase}*.json") for line in log.open()]
    for entry in entries:
        add_program(report, entry)
    if not entries:
        report.add("meson test", FAIL, out)


def release(report):
    meson_test(report, "release", "--suite", "unit")


def asan(report):
    env = {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
    meson_test(report, "asan", "--suite", "unit", "--timeout-multiplier", "4", env=env)


def tsan(report):
    """Programs with threads in them are in suite 'threads' too."""
    meson_test(report, "tsan", "--suite", "threads", "--timeout-multiplier", "8",
               env={"TSAN_OPTIONS": "halt_on_error=1"})


def valgrind(report):
    """STEER_SLOW: what is the same a thousand times, like a signature, is done a few times."""
    meson_test(report, "release", "--suite", "unit", "--timeout-multiplier", "20", "--wrapper",
               "valgrind -q --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=9",
               env={"STEER_SLOW": "1"})
