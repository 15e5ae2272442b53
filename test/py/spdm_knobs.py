# SPDX-License-Identifier: BSD-3-Clause
"""All knobs; here those that belong to no object."""
import spdm_knobs_attacks
import spdm_knobs_chain
import spdm_knobs_measure
import spdm_knobs_report
import spdm_knobs_vca
from spdm_knob import KNOBS, edit, knob
from spdm_wire import sha384


@knob("STALE_NONCE")
def too_old(p):
    p.policy["max-age-s"] = 10
    p.head["time"] = p.time - 11


@knob("OK")
def old_and_no_limit(p):
    del p.policy["max-age-s"]
    p.head["time"] = p.time - 5000


@knob("STALE_NONCE")
def from_the_future(p):
    p.head["time"] = p.time + 61


@knob("WRONG_TSM")
def other_architecture(p):
    p.head["arch"] = "tdx"


@knob("OK")
def any_tsm(p):
    del p.policy["tsm"], p.policy["arch"]
    p.head.update(tsm="tsm7", arch="sev")


@knob("OK")
def no_digests(p):
    p.digested = False


@knob("DIGEST_MISMATCH")
def measurements_digest_differs(p):
    p.after.append(lambda e: e.digests.update(measurements=sha384(b"x")))


def empty(obj):
    knob("EVIDENCE_MISSING", f"empty-{obj}")(lambda p: p.after.append(edit(obj, lambda _: b"")))


for _name in ("vca", "chain", "measurements", "report"):
    empty(_name)

ALLOWED = [n for n, (_, code) in KNOBS.items() if code == "OK"]
