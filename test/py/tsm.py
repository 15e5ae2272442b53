# SPDX-License-Identifier: BSD-3-Clause
"""Confidential devices in tests: policies for vfu-nic's software TSM, and what both ends say."""

import hashlib
import json
import re

from patience import wait_for

ARCHS = ["cca", "sev", "tdx"]
MODES = ["prefer", "require"]


def root_digest(build):
    """SHA-384 of the root that the build made for vfu-nic's devices."""
    text = (build / "app" / "vfu-nic" / "tsm-ca.sha384").read_text()
    return re.search(r"[0-9a-f]{96}", text)[0]


def measurements():
    """What vfu-nic's device measures, by the words that it is made of."""
    words = {1: "rom 1", 2: "firmware 1", 3: "hardware 1"}
    known = [{"index": i, "digest": hashlib.sha384(f"vfu-nic simulated {w}".encode()).hexdigest()}
             for i, w in words.items()]
    raw = hashlib.sha384(b"vfu-nic simulated configuration 1").hexdigest()
    return known + [{"index": 4, "digest": raw}]


def policy(build, rundir, name="policy", **changes):
    """A file that the honest device satisfies; keys as in the file, with _ for -. @return path"""
    keys = {"role": "user", "abi": "sim", "tsm": "tsm0", "roots": [root_digest(build)],
            "measurements": measurements(), "other-measurements": "refuse",
            "report": {"required": ["no-fw-update"], "forbidden": ["ats", "prs"]},
            "timeout-ms": 20000}
    keys.update({k.replace("_", "-"): v for k, v in changes.items()})
    path = rundir / f"{name}.json"
    path.write_text(json.dumps({k: v for k, v in keys.items() if v is not None}))
    return path


def devargs(nic, path, mode="require", name="nic0", more=""):
    given = f",tsm-policy={path}" if path else ""
    return f"vfio:{name},sock={nic.sock},tsm={mode}{given}{more}"


def verdict(tool, name="nic0"):
    """At bus-tool's prompt."""
    text, rc = tool.ask(f"tsm vfio:{name}")
    assert rc == 0, text
    return json.loads(re.search(r"^verdict (.*)$", text, re.M)[1])


def left_alone(nic):
    """The server has nobody's memory and an unlocked device, and never got memory before RUN."""

    def alone():
        c = nic.counters()
        return c if (c["tsm"], c["dma_maps"]) == ("CONFIG_UNLOCKED", "0") else None

    assert wait_for("a device that is left alone", alone, every=0.05)["tsm_maps_before_run"] == "0"
