# SPDX-License-Identifier: BSD-3-Clause
"""Attacks, mistakes, and what is allowed: name -> (what it does to the parts, outcome)."""
import os

from cryptography import x509

import spdm_measure
import spdm_sign
import spdm_vca
import tdisp_report as tdisp
from spdm_ca import Ca, Node, identity
from spdm_ref import RANGES, TYPES, block, ranges
from spdm_wire import OBJECT_MAX, sha384

KNOBS = {}


def knob(code, name=None):
    """Put a function(parts) into the table, under its own name with dashes."""
    def add(f):
        KNOBS[name or f.__name__.replace("_", "-")] = (f, code)
        return f
    return add


def edit(obj, change):
    """After signing and measuring: this object becomes change(its bytes)."""
    return lambda e: setattr(e, obj, change(getattr(e, obj)))


# What an attacker or a broken device does (the faults of vfu-nic that evidence can show).

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


@knob("DIGEST_MISMATCH")
def other_device(p):
    """All of another device of the same maker; only the TSM knows which one is bound."""
    mine, other = p.evidence(), p.ca.device()
    p.key, p.chain["certificates"] = other.key, p.ca.chain(other)
    p.after.append(lambda e: e.digests.update(chain=mine.digests["chain"]))


# Certificates.

def new_ca(p, **knobs):
    p.ca = Ca(**knobs)
    p.key, p.chain["certificates"] = p.ca.leaf.key, p.ca.chain()
    p.policy["roots"] = [sha384(p.ca.root.der).hex()]


def certificates(code, name, **knobs):
    knob(code, name)(lambda p: new_ca(p, **knobs))


UNKNOWN = [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.412.274.99"), b"\5\0"),
            critical) for critical in (True, False)]

certificates("CHAIN", "expired-intermediate", middle={"days": (30, -1)})
certificates("CHAIN", "expired-root", root={"days": (30, -1)})
certificates("CHAIN", "not-yet-valid", leaf={"days": (-1, 30)})
certificates("CHAIN", "intermediate-no-ca", middle={"ca": False, "path": None,
                                                    "usages": ("key_cert_sign",)})
certificates("CHAIN", "intermediate-without-constraints", middle={"basic": False})
certificates("CHAIN", "intermediate-may-not-sign", middle={"usages": ("crl_sign",)})
certificates("CHAIN", "intermediate-without-usage", middle={"usages": ()})
certificates("CHAIN", "root-may-not-sign", root={"usages": ("crl_sign",)})
certificates("CHAIN", "path-too-long", root={"path": 0})
certificates("CHAIN", "leaf-is-ca", leaf={"ca": True, "usages": ("digital_signature",
                                                                "key_cert_sign")})
certificates("CHAIN", "leaf-may-not-sign", leaf={"usages": ("key_agreement",)})
certificates("CHAIN", "leaf-without-usage", leaf={"usages": ()})
certificates("CHAIN", "leaf-critical-unknown", leaf={"extra": [UNKNOWN[0]]})
certificates("CHAIN", "intermediate-critical-unknown", middle={"extra": [UNKNOWN[0]]})
certificates("OK", "leaf-with-unknown", leaf={"extra": [UNKNOWN[1]]})
certificates("OK", "leaf-without-constraints", leaf={"basic": False})
certificates("OK", "leaf-without-identity", leaf={"extra": []})
certificates("OK", "leaf-of-two-uses", leaf={"usages": ("digital_signature", "key_agreement")})


@knob("CHAIN")
def root_not_trusted(p):
    p.policy["roots"] = [sha384(b"another root").hex()]


@knob("EVIDENCE_MISSING")
def no_roots(p):
    p.policy["roots"] = []


@knob("OK")
def one_root_of_two(p):
    p.policy["roots"].insert(0, sha384(b"another root").hex())


@knob("CHAIN")
def root_of_the_same_name(p):
    """A root that the policy trusts, above certificates of another CA."""
    mine = Ca()
    p.key, p.chain["certificates"] = mine.leaf.key, [p.ca.root.der, *mine.chain()[1:]]


@knob("CHAIN")
def header_of_another_root(p):
    p.chain["root"] = sha384(b"another root")


@knob("CHAIN")
def chain_without_intermediate(p):
    p.chain["certificates"] = [p.ca.root.der, p.ca.leaf.der]


@knob("CHAIN")
def chain_backwards(p):
    p.chain["certificates"] = p.ca.chain()[::-1]
    p.policy["roots"].append(sha384(p.ca.leaf.der).hex())


@knob("CHAIN")
def chain_ends_at_the_intermediate(p):
    p.key, p.chain["certificates"] = p.ca.middle.key, p.ca.chain()[:2]


@knob("CHAIN")
def chain_with_a_stranger_at_its_end(p):
    p.chain["certificates"].append(Ca().leaf.der)


@knob("CHAIN")
def leaf_issues_a_leaf(p):
    below = Node("below", p.ca.leaf)
    p.key = below.key
    p.chain["certificates"].append(below.der)


@knob("MALFORMED")
def chain_length_short(p):
    p.chain["length"] = 60


@knob("MALFORMED")
def chain_tail(p):
    p.after.append(edit("chain", lambda b: (len(b) + 1).to_bytes(2, "little") + b[2:] + b"\0"))


@knob("MALFORMED")
def chain_of_no_certificate(p):
    p.after.append(edit("chain", lambda b: b"\x34\0" + b[2:52]))


# Version, capabilities, algorithms.

def vca(code, name, **parts):
    knob(code, name)(lambda p: setattr(p, "vca", spdm_vca.vca(**parts)))


MEAS = spdm_vca.MEAS_CAP_SHIFT
DHE, KEYS = spdm_vca.table(2, 0x10), spdm_vca.table(5, 1)
vca("UNSUPPORTED", "spdm-1.1-only", versions=spdm_vca.version((0x1000, 0x1100)))
vca("OK", "spdm-1.2-among-others", versions=spdm_vca.version((0x1000, 0x1100, 0x1200, 0x1300)))
vca("OK", "spdm-1.2-update-1", versions=spdm_vca.version((0x1210,)))
vca("UNSUPPORTED", "no-version", versions=spdm_vca.version(()))
vca("UNSUPPORTED", "no-certificate", caps=spdm_vca.capabilities(response=2 << MEAS))
vca("UNSUPPORTED", "no-measurements", caps=spdm_vca.capabilities(response=2))
vca("UNSUPPORTED", "unsigned-measurements", caps=spdm_vca.capabilities(response=2 | 1 << MEAS))
vca("UNSUPPORTED", "reserved-measurements", caps=spdm_vca.capabilities(response=2 | 3 << MEAS))
vca("OK", "more-capabilities", caps=spdm_vca.capabilities(0x82, 0x3F7 & ~(1 << MEAS)))
vca("OK", "chunks", caps=spdm_vca.capabilities(
    spdm_vca.CHUNK_CAP, 2 | 2 << MEAS | spdm_vca.CHUNK_CAP, message=65536))
vca("MALFORMED", "transfer-too-small", caps=spdm_vca.capabilities(transfer=41, message=41))
vca("MALFORMED", "message-smaller-than-transfer", caps=spdm_vca.capabilities(
    spdm_vca.CHUNK_CAP, 2 | 2 << MEAS | spdm_vca.CHUNK_CAP, transfer=4097))
vca("MALFORMED", "large-messages-without-chunks", caps=spdm_vca.capabilities(message=65536))
vca("UNSUPPORTED", "p-256", request=spdm_vca.negotiate(asym=0x90),
    response=spdm_vca.algorithms(asym=0x10))
vca("UNSUPPORTED", "two-keys", response=spdm_vca.algorithms(asym=0x90))
vca("UNSUPPORTED", "sha-256", request=spdm_vca.negotiate(hashes=3),
    response=spdm_vca.algorithms(hashes=1))
vca("UNSUPPORTED", "measured-by-sha-256", response=spdm_vca.algorithms(measure=2))
vca("UNSUPPORTED", "no-measurement-specification", response=spdm_vca.algorithms(spec=0))
vca("MALFORMED", "algorithm-not-offered", request=spdm_vca.negotiate(asym=0x10))
vca("OK", "more-offered", request=spdm_vca.negotiate(asym=0x90, hashes=7))
vca("OK", "algorithm-tables", request=spdm_vca.negotiate(tables=(DHE, KEYS)),
    response=spdm_vca.algorithms(tables=(DHE, KEYS)))
for _title, _tables in (("reserved", (spdm_vca.table(1, 1),)), ("6", (spdm_vca.table(6, 1),)),
                        ("descending", (KEYS, DHE)), ("twice", (DHE, DHE)),
                        ("of-4-bytes", (b"\2\x40\x10\0\0\0",))):
    vca("MALFORMED", f"table-{_title}", request=spdm_vca.negotiate(tables=_tables),
        response=spdm_vca.algorithms(tables=_tables))
vca("MALFORMED", "messages-swapped", request=spdm_vca.algorithms(), response=spdm_vca.negotiate())


@knob("MALFORMED")
def vca_tail(p):
    p.vca += b"\0"


@knob("MALFORMED")
def vca_short(p):
    p.vca = p.vca[:-1]


# Measurements.

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
def nonce_of_zeros(p):
    p.nonce = p.request["nonce"] = bytes(32)


# Report.

def report(code, name, **fields):
    knob(code, name)(lambda p: p.report.update(fields))


def rows(code, name, *new):
    report(code, name, ranges=ranges(new))


R0, R2, R2P, R4 = RANGES
TABLE, PBA, NON_TEE = tdisp.MSIX_TABLE, tdisp.MSIX_PBA, tdisp.NON_TEE
report("REPORT_MISMATCH", "required-flag-missing", info=2)
report("REPORT_MISMATCH", "forbidden-flag", info=3 | tdisp.FLAGS["ats"])
report("OK", "flag-nobody-minds", info=3 | tdisp.FLAGS["xt"])
report("MALFORMED", "flag-reserved", info=3 | 0x40)
report("MALFORMED", "report-reserved", reserved=1)
report("REPORT_MISMATCH", "msix-control-differs", msix=0x8101)
report("OK", "lnr-control", lnr=7)
report("OK", "device-specific", specific=b"anything")
rows("REPORT_MISMATCH", "bar-short", (0, 0, 3, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "bar-long", (0, 0, 5, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "bar-with-a-gap", (0, 0, 1, 0), (0, 2, 2, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "ranges-overlap", (0, 0, 2, 0), (0, 1, 3, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "ranges-descend", (0, 2, 2, 0), (0, 0, 2, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "range-empty", (0, 0, 4, 0), (0, 4, 0, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "bar-in-two-places", (0, 0, 2, 0), R2, R2P, (0, 2, 2, 0), R4)
rows("OK", "bar-in-pieces", (0, 0, 1, 0), (0, 1, 1, 0), (0, 2, 2, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "no-range-at-all")
rows("REPORT_MISMATCH", "outside-the-tee", (0, 0, 4, NON_TEE), R2, R2P, R4)
rows("OK", "msix-outside-the-tee", R0, (2, 0, 2, TABLE | NON_TEE), (2, 2, 1, PBA | NON_TEE), R4)
rows("REPORT_MISMATCH", "table-half-marked", R0, (2, 0, 1, TABLE), (2, 1, 1, 0), R2P, R4)
rows("REPORT_MISMATCH", "pba-not-marked", R0, R2, (2, 2, 1, 0), R4)
rows("REPORT_MISMATCH", "table-marked-elsewhere", R0, R2, R2P, (4, 0, 4, TABLE))
rows("OK", "updatable", (0, 0, 4, tdisp.UPDATABLE), R2, R2P, R4)
rows("MALFORMED", "attribute-reserved", (0, 0, 4, 0x10), R2, R2P, R4)


@knob("OK")
def page_numbers(p):
    p.policy["report"]["unit"] = "pages"
    p.report["ranges"] = ranges(unit=1)


@knob("REPORT_MISMATCH")
def bytes_taken_for_page_numbers(p):
    p.policy["report"]["unit"] = "pages"


@knob("REPORT_MISMATCH")
def page_numbers_taken_for_bytes(p):
    p.report["ranges"] = ranges(unit=1)


@knob("MALFORMED")
def report_tail(p):
    p.after.append(edit("report", lambda b: b + b"\0"))


@knob("MALFORMED")
def more_ranges_than_bytes(p):
    p.after.append(edit("report", lambda b: b[:12] + b"\xff\xff\xff\xff" + b[16:]))


def no_msix(p):
    p.device.update({"msix-vectors": 0, "msix-table-bar": -1, "msix-pba-bar": -1,
                     "msix-table-size": 0, "msix-pba-size": 0, "msix-control": 0})


@knob("OK")
def without_msix(p):
    no_msix(p)
    p.report.update(msix=0, ranges=ranges((R0, (2, 0, 3, 0), R4)))


# The rest.

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
    knob("EVIDENCE_MISSING", f"no-{obj}")(lambda p: p.after.append(edit(obj, lambda _: b"")))


for _name in ("vca", "chain", "measurements", "report"):
    empty(_name)
