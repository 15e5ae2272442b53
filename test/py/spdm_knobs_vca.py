# SPDX-License-Identifier: BSD-3-Clause
"""Versions, capabilities and algorithms."""
import spdm_vca
from spdm_knob import knob


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
