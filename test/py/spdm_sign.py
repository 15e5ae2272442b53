# SPDX-License-Identifier: BSD-3-Clause
"""Signatures of SPDM 1.2 (DSP0274 1.2, clause 15): prefix, transcript, raw r||s."""
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from spdm_wire import sha384

CONTEXT = b"responder-measurements signing"
HALF = 48  # bytes of r and of s on P-384
SIGNATURE = 2 * HALF


def prefix(context=CONTEXT, version=b"1.2"):
    """combined_spdm_prefix: four times 16 bytes, then zeros before a context, 100 bytes in all."""
    return 4 * (b"dmtf-spdm-v" + version + b".*") + context.rjust(36, b"\0")


def signed_bytes(vca, request, response):
    """What the key signs. response: without its signature. L1 = VCA || request || response."""
    return prefix() + sha384(vca + request + response)


def sign(key, vca, request, response, what=signed_bytes):
    r, s = utils.decode_dss_signature(key.sign(what(vca, request, response),
                                               ec.ECDSA(hashes.SHA384())))
    return r.to_bytes(HALF, "big") + s.to_bytes(HALF, "big")


def verify(key, vca, request, response, signature):
    """@return whether it holds"""
    r, s = (int.from_bytes(part, "big") for part in (signature[:HALF], signature[HALF:]))
    try:
        key.verify(utils.encode_dss_signature(r, s), signed_bytes(vca, request, response),
                   ec.ECDSA(hashes.SHA384()))
    except InvalidSignature:
        return False
    return True
