# SPDX-License-Identifier: BSD-3-Clause
"""The builds: warnings are errors in each of them."""
import json
import os
import re

from .report import FAIL, PASS
from .tools import BUILD, run

# folder -> (meson options, environment)
KINDS = {
    "release": ([], {}),
    # for its warnings, which do not need code that is optimized or can be debugged
    "clang": (["-Doptimization=0", "-Ddebug=false"], {"CC": "clang", "CXX": "clang++"}),
    # -O1 and no variable tracking: the burst functions are many copies of one inline body, and
    # tracking their variables through the instrumentation took as long as all other files together;
    # -g1: a report's lines and functions, which is all that it shows
    "asan": (["-Db_sanitize=address,undefined", "-Doptimization=1",
              "-Dc_args=-fno-var-tracking -g1"], {}),
    "tsan": (["-Db_sanitize=thread"], {}),
    "fuzz": (["-Dfuzz=true", "-Db_sanitize=address,undefined"], {"CC": "clang", "CXX": "clang++"}),
}


def tail(text, lines=60):
    return "\n".join(text.splitlines()[-lines:])


def threaded(folder):
    """What the ThreadSanitizer build is for: unit tests in suite 'threads', and the server."""
    _, out = run(["meson", "introspect", "--tests", folder])
    tests = [t for t in json.loads(out) if any(s.endswith(":threads") for s in t["suite"])]
    return [os.path.relpath(t["cmd"][0], folder) for t in tests] + ["app/vfu-nic/vfu-nic"]


def build(report, kind, targets=lambda folder: []):
    """Configure when new, then build these targets, or all. @return whether it stands."""
    folder = BUILD / kind
    options, environment = KINDS[kind]
    env = dict(os.environ, **environment)
    BUILD.mkdir(exist_ok=True)
    if not (folder / "build.ninja").exists():
        code, out = run(["meson", "setup", folder, *options], env=env)
        if code:
            report.add(f"configure {kind}", FAIL, tail(out))
            return False
    code, out = run(["ninja", "-C", folder, *targets(folder)], env=env, timeout=1200)
    warned = re.search(r"^.*\bwarning:.*$", out, re.M)
    if code or warned:
        report.add(f"build {kind}", FAIL, tail(out) if code else warned.group(0))
        return False
    report.add(f"build {kind}", PASS)
    return True


def gcc(report):
    build(report, "release")


def clang(report):
    build(report, "clang")


def asan(report):
    build(report, "asan")


def tsan(report):
    build(report, "tsan", threaded)
