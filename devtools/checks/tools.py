# SPDX-License-Identifier: BSD-3-Clause
"""Running programs and finding the files of the tree."""
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
JOBS = len(os.sched_getaffinity(0))
GENERATED = {"build", "demo-out", ".git", "__pycache__", ".pytest_cache"}


def run(argv, timeout=900, **kw):
    """(exit status, output of both streams)."""
    try:
        p = subprocess.run([str(a) for a in argv], cwd=kw.pop("cwd", ROOT), timeout=timeout,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, check=False, **kw)
    except subprocess.TimeoutExpired as e:
        out = (e.output or b"").decode(errors="replace")
        return 124, f"{out}\ngave up after {timeout} s: {' '.join(map(str, argv))}"
    return p.returncode, p.stdout.decode(errors="replace")


def files(*suffixes):
    """Files of the tree (not of a build) with one of these suffixes, or all; sorted."""
    found = []
    for folder, dirs, names in os.walk(ROOT):
        dirs[:] = sorted(d for d in dirs if d not in GENERATED)
        found += [Path(folder, n).relative_to(ROOT) for n in sorted(names)]
    return [f for f in found if not suffixes or f.suffix in suffixes]


def shell_scripts():
    """Shell scripts by suffix or first line."""
    found = []
    for f in files():
        first = (ROOT / f).open("rb").readline(80)
        if f.suffix == ".sh" or (first.startswith(b"#!") and first.rstrip().endswith(b"sh")):
            found.append(f)
    return found


def each(function, items):
    """function over items, a few at a time; results in order."""
    with ThreadPoolExecutor(JOBS) as pool:
        return list(zip(items, pool.map(function, items)))
