# SPDX-License-Identifier: BSD-3-Clause
"""
Fuzz targets, each for a minute (STEER_FUZZ_SECONDS) from its corpus in the tree; parsers of a
confidential device's evidence for a number of executions.
"""
import os
import re
import tempfile

from .builds import build
from .tools import BUILD, ROOT, each, run

SECONDS = int(os.environ.get("STEER_FUZZ_SECONDS", "60"))
# All of these together, when no time was asked for.
EVIDENCE_RUNS = 10_000_000
EVIDENCE = {} if "STEER_FUZZ_SECONDS" in os.environ else {
    "fuzz-tsm-chain": 1_000_000, "fuzz-tsm-measure": 2_000_000, "fuzz-tsm-report": 3_000_000,
    "fuzz-tsm-vca": 5_000_000}


def one(target):
    """New inputs go to a scratch folder: the corpus of the tree stays as it is."""
    limit = f"-max_total_time={SECONDS}"
    if target.name in EVIDENCE:
        limit = f"-runs={EVIDENCE[target.name]}"
    corpus = ROOT / "test" / "fuzz" / "corpus" / target.name.removeprefix("fuzz-")
    with tempfile.TemporaryDirectory() as scratch:
        folders = [scratch] + ([corpus] if corpus.is_dir() else [])
        return run([target, limit, "-timeout=20", "-rss_limit_mb=2048",
                    f"-artifact_prefix={scratch}/", *folders], timeout=SECONDS + 1800)


def executions(out):
    done = re.search(r"^Done (\d+) runs", out, re.MULTILINE)
    return int(done.group(1)) if done else 0


def run_targets(report, targets):
    total = 0
    for target, (code, out) in each(one, targets):
        report.check(target.name, code == 0, "\n".join(out.splitlines()[-60:]))
        total += executions(out) if target.name in EVIDENCE else 0
    if EVIDENCE:
        report.check(f"{EVIDENCE_RUNS} executions of the parsers of evidence",
                     total >= EVIDENCE_RUNS, f"{total} in all")


def run_all(report):
    if not build(report, "fuzz"):
        return
    folder = BUILD / "fuzz" / "test" / "fuzz"
    run_targets(report, sorted(f for f in folder.glob("fuzz-*") if f.is_file()
                               and os.access(f, os.X_OK)))
