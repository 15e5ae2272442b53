# SPDX-License-Identifier: BSD-3-Clause
"""Process-level tests by pytest, against more than one build."""
import os
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from .report import FAIL, PASS, SKIP
from .tools import BUILD, ROOT, run


# Tests wait most of the time, so one more than there are CPUs. Still more, also on a larger machine,
# only crowd the two CPUs that their lcores are on.
WORKERS = 3


def outcome(case):
    for kind, result in (("failure", FAIL), ("error", FAIL), ("skipped", SKIP)):
        node = case.find(kind)
        if node is not None:
            text = node.text if result == FAIL else node.get("message")
            return result, text or node.get("message") or ""
    return PASS, ""


def pytest(report, kind, *args, env=None):
    if not (ROOT / "test" / "py").is_dir():
        return
    with tempfile.TemporaryDirectory() as tmp:
        xml = Path(tmp) / "junit.xml"
        env = dict(os.environ, STEER_BUILD=str(BUILD / kind), **(env or {}))
        code, out = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                         "-n", str(WORKERS), f"--junit-xml={xml}", *args, "test/py"], env=env, timeout=7200)
        cases = list(ET.parse(xml).getroot().iter("testcase")) if xml.exists() else []
    for case in cases:
        name = f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
        report.add(name, *outcome(case))
    if code not in (0, 1, 5) or (code == 5 and cases):  # 1: some failed, 5: none there
        report.add("pytest", FAIL, out)


def release(report):
    pytest(report, "release")


def asan(report):
    """Tests marked 'sanitize': those that make our code meet a hostile or dying peer."""
    pytest(report, "asan", "-m", "sanitize")


def tsan(report):
    """
    Tests marked 'threads'. vfu-nic with one lcore only, so that its workers are threads of its own:
    what an uninstrumented EAL does to start and stop lcores would be taken for races.
    """
    env = {"STEER_LCORES": f"0@{min(os.sched_getaffinity(0))}"}
    pytest(report, "tsan", "-m", "threads", env=env)
