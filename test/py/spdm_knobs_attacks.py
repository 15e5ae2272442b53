# SPDX-License-Identifier: BSD-3-Clause
"""What an attacker or a broken device does: the faults of vfu-nic that evidence can show."""
import os

import spdm_sign
from spdm_ca import Ca, Node, identity
from spdm_knob import edit, knob, new_ca
from spdm_ref import RANGES, block, ranges
from spdm_wire import OBJECT_MAX, sha384


@knob("OK")
def honest(_):
    pass


@knob("STALE_NONCE")
def replayed_nonce(p):
    p.request["nonce"] = os.urandom(32)


@knob("SIGNATURE")
def wrong_transcript(p):
    """Signed as SPDM 1.1 did: without the messages that began the connection."""
    p.what = lambda _, request, response: spdm_sign.signed_bytes(b"", request, response)


@knob("SIGNATURE")
def swapped_certificate(p):
    p.chain["certificates"] = p.ca.chain(p.ca.device("other key"))


@knob("SIGNATURE")
def key_not_in_chain(p):
    p.key = Ca().leaf.key


@knob("CHAIN")
def expired_chain(p):
    new_ca(p, leaf={"days": (30, -1)})


@knob("CHAIN")
def self_signed_chain(p):
    alone = Node("device", extra=[identity()])
    p.key, p.chain["certificates"] = alone.key, [alone.der]
    p.policy["roots"].append(sha384(alone.der).hex())


@knob("DIGEST_MISMATCH")
def measurement_changed(p):
    p.response["blocks"][1] = block(2, b"another firmware")


@knob("MALFORMED")
def truncated_object(p):
    p.after.append(edit("measurements", lambda b: b[:-40]))


@knob("MALFORMED")
def oversized_object(p):
    p.after.append(edit("chain", lambda b: b + bytes(OBJECT_MAX + 1 - len(b))))


@knob("REPORT_MISMATCH")
def report_omits_bar(p):
    p.report["ranges"] = ranges([r for r in RANGES if r[0] != 4])


@knob("REPORT_MISMATCH")
def report_foreign_range(p):
    p.report["ranges"].append([0x7000_0000, 1, 0, 5])


@knob("REPORT_MISMATCH")
def stale_report(p):
    p.after.append(lambda e: e.digests.update(report=sha384(e.report + b"x")))


@knob("TPH_MISMATCH")
def tph_differs(p):
    p.report["tph"] ^= 0x100


@knob("WRONG_TSM")
def wrong_tsm(p):
    p.head["tsm"] = "tsm1"


def signature(name, change):
    """Numbers that ECDSA does not have; change: r, s -> r, s"""
    def spoil(data):
        r, s = change(*(int.from_bytes(x, "big") for x in (data[-96:-48], data[-48:])))
        return data[:-96] + r.to_bytes(48, "big") + s.to_bytes(48, "big")
    knob("SIGNATURE", name)(lambda p: p.after.append(edit("measurements", spoil)))


signature("r-of-0", lambda r, s: (0, s))
signature("s-of-0", lambda r, s: (r, 0))
signature("r-and-s-of-0", lambda r, s: (0, 0))
signature("r-of-all-ones", lambda r, s: ((1 << 384) - 1, s))
signature("r-and-s-swapped", lambda r, s: (s, r))


@knob("DIGEST_MISMATCH")
def other_device(p):
    """All of another device of the same maker; only the TSM knows which one is bound."""
    mine, other = p.evidence(), p.ca.device()
    p.key, p.chain["certificates"] = other.key, p.ca.chain(other)
    p.after.append(lambda e: e.digests.update(chain=mine.digests["chain"]))
