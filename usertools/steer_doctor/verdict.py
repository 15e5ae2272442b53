# SPDX-License-Identifier: BSD-3-Clause
"""From the checks of a device to a verdict in words."""
from .checks import NO, UNKNOWN, YES, steering_checks
from .usable import use_checks

# What nobody can see from user space does not keep a device from being fine.
UNSEEN_BY_ALL = {"_DSM", "switch"}


def _state(checks):
    """no: something is missing. unclear: something that root would see is not visible."""
    if any(c.have == NO for c in checks):
        return NO
    if any(c.have == UNKNOWN and c.what not in UNSEEN_BY_ALL for c in checks):
        return "unclear"
    return YES


def _hopeless(checks):
    """A device that cannot be steered whatever is done: only the reason counts."""
    first = checks[0]
    return [first] if first.have == NO else checks


def _works(use, steering, checks):
    words = {YES: "DPDK can have it", "unclear": "whether DPDK can have it cannot be seen",
             NO: "DPDK cannot have it yet"}[use]
    if steering == YES:
        more = "it can be steered" if use == YES else "then it can be steered"
        interface = next((c.text for c in checks if c.what == "dialect"), "")
        return f"{words}; {more} ({interface})"
    return f"{words}; " + {NO: "it cannot be steered", "unclear": "whether it can be steered "
                           "cannot be seen"}[steering]


def _lines(checks, have):
    return [f"{c.what}: {c.text}" for c in checks if c.have == have and c.purpose != "advice"]


def judge(machine, dev):
    """Checks and verdict of a device, as data."""
    steering, use = steering_checks(machine, dev), use_checks(machine, dev)
    needed = [c for c in steering if c.purpose == "steering"]
    able = _state([c for c in use if c.purpose == "use"])
    steered = _state(needed)
    counted = [*_hopeless(needed), *[c for c in use if c.purpose == "use"]]
    fixes = [c.fix for c in counted if c.fix and c.have != YES]
    return {"checks": [c._asdict() for c in (*steering, *use)],
            "verdict": {"use": able, "steering": steered,
                        "summary": _works(able, steered, steering),
                        "missing": _lines(counted, NO), "not_seen": _lines(counted, UNKNOWN),
                        "fixes": list(dict.fromkeys(fixes))}}


def fine(device):
    return device["verdict"]["use"] == device["verdict"]["steering"] == YES
