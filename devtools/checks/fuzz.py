# SPDX-License-Identifier: BSD-3-Clause
"""Fuzz targets, each for a minute (STEER_FUZZ_SECONDS) from its corpus in the tree."""
import os
import tempfile

from .builds import build
from .tools import BUILD, ROOT, each, run

SECONDS = int(os.environ.get("STEER_FUZZ_SECONDS", "60"))


def one(target):
    """New inputs go to a scratch folder: the corpus of the tree stays as it is."""
    corpus = ROOT / "test" / "fuzz" / "corpus" / target.name.removeprefix("fuzz-")
    with tempfile.TemporaryDirectory() as scratch:
        folders = [scratch] + ([corpus] if corpus.is_dir() else [])
        return run([target, f"-max_total_time={SECONDS}", "-timeout=20", "-rss_limit_mb=2048",
                    f"-artifact_prefix={scratch}/", *folders], timeout=SECONDS + 300)


def run_targets(report, targets):
    for target, (code, out) in each(one, targets):
        report.check(target.name, code == 0, "\n".join(out.splitlines()[-60:]))


def run_all(report):
    if not build(report, "fuzz"):
        return
    folder = BUILD / "fuzz" / "test" / "fuzz"
    run_targets(report, sorted(f for f in folder.glob("fuzz-*") if f.is_file()
                               and os.access(f, os.X_OK)))
