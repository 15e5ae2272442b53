# SPDX-License-Identifier: BSD-3-Clause
"""The checker: evidence in, the first check that does not hold out, by the order of the guide."""
import spdm_chain
import spdm_measure
import spdm_sign
import spdm_vca
import tdisp_report
from spdm_wire import OBJECT_MAX, Refused, malformed, sha384

CLOCKS_APART = 60  # seconds that the collector's clock may be ahead
MISMATCH = {"chain": "DIGEST_MISMATCH", "measurements": "DIGEST_MISMATCH",
            "report": "REPORT_MISMATCH"}


def check_tsm(e):
    wanted, arch = e.policy.get("tsm", "any"), e.policy.get("arch", "any")
    if wanted not in ("any", e.tsm) or arch not in ("any", e.arch):
        raise Refused("WRONG_TSM", f"tsm {e.tsm} of {e.arch}")


def check_nonce(e, measured):
    wanted = e.policy.get("nonce-bytes", spdm_measure.NONCE)
    # More than what SPDM signs would be a nonce of which a part is not proven.
    if len(e.nonce) != spdm_measure.NONCE or wanted > spdm_measure.NONCE:
        raise Refused("STALE_NONCE", f"a nonce of {len(e.nonce)} bytes, {wanted} wanted, 32 signed")
    if not any(e.nonce) or measured.nonce != e.nonce:
        raise Refused("STALE_NONCE", "the measurements answer another nonce")


def check_measured(e, measured):
    """Entries of one index are alternatives; every index of the list must be there."""
    listed = {}
    for m in e.policy.get("measurements", []):
        listed.setdefault(m["index"], []).append(bytes.fromhex(m["digest"]))
    others = e.policy.get("other-measurements", "refuse") == "allow"
    bad = [b.index for b in measured.blocks
           if b.index in listed and spdm_measure.digest(b) not in listed[b.index] or
           b.index not in listed and not others]
    missing = set(listed) - {b.index for b in measured.blocks}
    if bad or missing:
        raise Refused("DIGEST_MISMATCH", f"measurements {bad}, missing {sorted(missing)}")


def check_digests(e):
    """What the TSM gave over its own channel outranks the bytes."""
    for n, code in MISMATCH.items():
        if n in e.digests and sha384(getattr(e, n)) != e.digests[n]:
            raise Refused(code, f"{n} is not what the TSM has")


def check_report(e, report):
    wanted = e.policy.get("report", {})
    unit = 1 if wanted.get("unit", "bytes") == "pages" else tdisp_report.PAGE
    tdisp_report.check_flags(report, wanted)
    tdisp_report.check_ranges(report, e.device, unit)
    tdisp_report.check_msix(report, e.device, unit)
    tdisp_report.check_tph(report, e.device)


def check_age(e, now):
    limit = e.policy.get("max-age-s", 0)
    if e.time > now + CLOCKS_APART or limit and now - e.time > limit:
        raise Refused("STALE_NONCE", "evidence is too old, or from the future")


def check_chain(e, root, ders, now):
    """@return the device's key"""
    spdm_chain.check_root(root, ders, [bytes.fromhex(r) for r in e.policy.get("roots", [])])
    spdm_chain.check_path(ders, now)
    return spdm_chain.leaf_key(ders)


def check(e, now):
    """Refused, or nothing."""
    check_tsm(e)
    for n in ("vca", "chain", "measurements", "report"):
        malformed(len(getattr(e, n)) <= OBJECT_MAX, f"{n}: over 16 MiB")
    spdm_vca.read(e.vca)
    root, ders = spdm_chain.read(e.chain)
    measured, report = spdm_measure.read(e.measurements), tdisp_report.read(e.report)
    key = check_chain(e, root, ders, now)
    if not spdm_sign.verify(key, e.vca, measured.request, measured.response, measured.signature):
        raise Refused("SIGNATURE", "the device's key has not signed these measurements")
    check_nonce(e, measured)
    check_measured(e, measured)
    check_digests(e)
    check_report(e, report)
    check_age(e, now)


def judge(e, now=None):
    """@return (code, why)"""
    try:
        check(e, e.time if now is None else now)
    except Refused as r:
        return r.code, r.why
    return "OK", "all checks hold"
