# SPDX-License-Identifier: BSD-3-Clause
"""Measurements, and the request for them."""
import spdm_measure
from spdm_knob import edit, knob
from spdm_ref import TYPES, VALUES, block
from spdm_wire import sha384


def blocks(code, name, change):
    knob(code, name)(lambda p: change(p.response["blocks"]))


blocks("DIGEST_MISMATCH", "measurement-missing", lambda b: b.pop(2))
blocks("DIGEST_MISMATCH", "no-measurement-at-all", lambda b: b.clear())
blocks("DIGEST_MISMATCH", "measurement-not-listed", lambda b: b.append(block(5, b"more")))
blocks("DIGEST_MISMATCH", "raw-changed", lambda b: b.__setitem__(3, block(4, b"slow")))
blocks("OK", "other-order", lambda b: b.reverse())
blocks("MALFORMED", "measurement-twice", lambda b: b.append(block(1)))
blocks("MALFORMED", "index-0", lambda b: b.append(block(0, b"x")))
blocks("MALFORMED", "index-reserved", lambda b: b.append(block(0xF0, b"x")))
blocks("MALFORMED", "index-255", lambda b: b.append(block(0xFF, b"x")))
blocks("MALFORMED", "other-specification", lambda b: b.__setitem__(0, block(1, spec=2)))
blocks("MALFORMED", "digest-of-32-bytes", lambda b: b.__setitem__(
    0, spdm_measure.block(1, 0, bytes(32))))
blocks("MALFORMED", "block-longer-than-value", lambda b: b.__setitem__(
    0, b[0][:2] + (len(b[0]) - 3).to_bytes(2, "little") + b[0][4:] + b"\0"))
blocks("MALFORMED", "value-longer-than-block", lambda b: b.__setitem__(
    0, b[0][:5] + b"\x31" + b[0][6:]))


@knob("OK")
def others_allowed(p):
    p.policy["other-measurements"] = "allow"
    p.response["blocks"] += [block(5, b"more"), block(0xEF, b"x"), block(0xFD, b"y"),
                             spdm_measure.block(0xFE, 0x85, bytes(16))]


@knob("OK")
def one_of_two_digests(p):
    p.policy["measurements"].append({"index": 2, "digest": sha384(b"newer firmware").hex()})
    p.response["blocks"][1] = block(2, b"newer firmware")


@knob("OK")
def opaque_data(p):
    p.response["opaque"] = b"opaque" * 5


@knob("OK")
def opaque_data_of_65535_bytes(p):
    p.response["opaque"] = bytes(65535)


@knob("OK")
def raw_of_60000_bytes(p):
    p.response["blocks"][3] = block(4, bytes(60000))
    p.policy["measurements"][3]["digest"] = sha384(bytes(60000)).hex()


@knob("OK")
def raw_where_a_digest_was(p):
    p.response["blocks"][0] = spdm_measure.block(1, spdm_measure.RAW, VALUES[1])


@knob("DIGEST_MISMATCH")
def digest_as_raw_value(p):
    """The listed digest itself, as if it were what was measured."""
    p.response["blocks"][0] = spdm_measure.block(1, spdm_measure.RAW, sha384(VALUES[1]))


@knob("DIGEST_MISMATCH")
def listed_one_missing_others_allowed(p):
    p.policy["other-measurements"] = "allow"
    p.policy["measurements"].append({"index": 9, "digest": sha384(b"x").hex()})


@knob("OK")
def raw_measurement_of_no_bytes(p):
    p.response["blocks"][3] = block(4, b"")
    p.policy["measurements"][3]["digest"] = sha384(b"").hex()


@knob("OK")
def slot_3(p):
    p.request["slot"] = p.response["slot"] = 3


@knob("MALFORMED")
def other_slot(p):
    p.response["slot"] = 1


@knob("MALFORMED")
def slot_8(p):
    p.request["slot"] = p.response["slot"] = 8


@knob("DIGEST_MISMATCH")
def content_changed(p):
    p.response["changed"] = 1


@knob("OK")
def content_unchanged(p):
    p.response["changed"] = 2


@knob("MALFORMED")
def content_change_reserved(p):
    p.response["changed"] = 3


@knob("MALFORMED")
def one_measurement_asked_for(p):
    p.request["operation"] = 1


@knob("OK")
def raw_asked_for(p):
    p.request["attributes"] = spdm_measure.SIGNED | spdm_measure.RAW_WANTED


@knob("MALFORMED")
def no_signature_asked_for(p):
    p.request["attributes"] = 0


@knob("MALFORMED")
def more_blocks_than_said(p):
    p.response["count"] = len(TYPES) - 1


@knob("MALFORMED")
def fewer_blocks_than_said(p):
    p.response["count"] = len(TYPES) + 1


@knob("MALFORMED")
def bytes_behind_the_signature(p):
    p.after.append(edit("measurements", lambda b: b + b"\0"))


@knob("STALE_NONCE")
def nonce_of_64_bytes(p):
    """Half of it is in no signature."""
    p.nonce += bytes(32)


@knob("STALE_NONCE")
def nonce_of_16_bytes(p):
    p.nonce = p.nonce[:16]


@knob("STALE_NONCE")
def nonce_of_64_bytes_wanted(p):
    p.policy["nonce-bytes"] = 64


@knob("STALE_NONCE")
def nonce_of_zeros(p):
    p.nonce = p.request["nonce"] = bytes(32)
