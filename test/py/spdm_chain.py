# SPDX-License-Identifier: BSD-3-Clause
"""
Certificate chain of an SPDM slot (DSP0274 1.2, 10.6): {length u16, reserved u16, digest of the
root, certificates in DER, root first}, built, read, and its path checked (RFC 5280) without
OpenSSL's own path code.
"""
import calendar
import struct

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from spdm_wire import DIGEST, Reader, Refused, malformed, sha384

HEAD = 4 + DIGEST
CERTIFICATES_MAX = 10
UNDERSTOOD = (ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE,
              ExtensionOID.EXTENDED_KEY_USAGE, ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


def build(certificates, root=None, length=None):
    """certificates: DER, root first."""
    body = b"".join(certificates)
    length = HEAD + len(body) if length is None else length
    return struct.pack("<HH", length, 0) + (root or sha384(certificates[0])) + body


def take_certificate(r):
    """One DER SEQUENCE with a length of the shortest form."""
    start = r.at
    malformed(r.number(1) == 0x30, "chain: no certificate where one is due")
    length = r.number(1)
    if length >= 0x80:
        n = length - 0x80
        malformed(1 <= n <= 2, "chain: certificate of impossible length")
        length = int.from_bytes(r.take(n), "big")
        malformed(length >= (0x80 if n == 1 else 0x100), "chain: length is not DER")
    r.take(length)
    return r.data[start:r.at]


def parse(der):
    """X.509 v3 with all that we look at later."""
    try:
        cert = x509.load_der_x509_certificate(der)
        malformed(cert.version == x509.Version.v3, "chain: certificate is not of version 3")
        _ = (cert.extensions, cert.issuer, cert.subject, cert.not_valid_before,
             cert.not_valid_after)
    except (ValueError, TypeError, KeyError, x509.InvalidVersion, x509.DuplicateExtension,
            x509.UnsupportedGeneralNameType) as e:
        raise Refused("MALFORMED", f"chain: certificate cannot be read: {e}") from e
    return cert


def read(data):
    """@return root digest of the header, DER certificates"""
    if not data:
        raise Refused("EVIDENCE_MISSING", "chain: empty")
    r = Reader(data, "chain")
    length, reserved = r.number(2), r.number(2)
    malformed(length == len(data), "chain: its length is not that of the object")
    malformed(not reserved, "chain: reserved bytes")
    root, ders = r.take(DIGEST), []
    while r.left():
        ders.append(take_certificate(r))
        malformed(len(ders) <= CERTIFICATES_MAX, "chain: more than ten certificates")
    malformed(ders, "chain: no certificate")
    for der in ders:
        parse(der)
    return root, ders


def need(condition, why):
    if not condition:
        raise Refused("CHAIN", "chain: " + why)


def extension(cert, oid):
    try:
        return cert.extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        return None


def check_root(root, ders, trusted):
    if not trusted:
        raise Refused("EVIDENCE_MISSING", "chain: the policy trusts no root")
    need(root == sha384(ders[0]), "the header's digest is not the first certificate's")
    need(root in trusted, "the root is none that the policy trusts")


def strong_key(key):
    """128 bits of security: a curve of at least 256 bits; RSA would need 3072."""
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= 256


def digest_of(cert):
    """@return digest of its signature, None where it is of a kind that nobody knows"""
    try:
        return cert.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return None


def check_signed(cert, issuer):
    key = public_key(issuer)
    need(strong_key(key), "an issuer's key is weak, or of another kind")
    # The signature is whole bytes of a BIT STRING: the count of unused bits before it is 0.
    need(cert.public_bytes(Encoding.DER)[-len(cert.signature) - 1] == 0, "a signature has odd bits")
    digest = digest_of(cert)
    need(isinstance(digest, STRONG), "a certificate's digest is weak")
    try:
        key.verify(cert.signature, cert.tbs_certificate_bytes, ec.ECDSA(digest))
    except InvalidSignature:
        need(False, "a certificate is not signed by the one before it")


def check_identifiers(cert, issuer):
    wanted = extension(cert, ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
    have = extension(issuer, ExtensionOID.SUBJECT_KEY_IDENTIFIER)
    if wanted and have and wanted.key_identifier is not None:
        need(wanted.key_identifier == have.digest, "a key identifier is not the issuer's")


def check_link(cert, issuer):
    need(cert.issuer.public_bytes() == issuer.subject.public_bytes(), "names do not follow")
    check_signed(cert, issuer)
    check_identifiers(cert, issuer)


def check_ca(cert, below):
    """below: intermediate certificates between this one and the leaf"""
    basic, usage = (extension(cert, o) for o in (ExtensionOID.BASIC_CONSTRAINTS,
                                                 ExtensionOID.KEY_USAGE))
    need(basic and basic.ca, "an issuer is no CA")
    need(basic.path_length is None or below <= basic.path_length, "longer than an issuer allows")
    need(usage and usage.key_cert_sign, "an issuer may not sign certificates")


def check_one(cert, now):
    begin, end = (calendar.timegm(t.timetuple()) for t in (cert.not_valid_before,
                                                           cert.not_valid_after))
    need(begin <= now <= end, "a certificate is out of its time")
    need(not any(e.critical and e.oid not in UNDERSTOOD for e in cert.extensions),
         "a critical extension is not understood")


def check_path(ders, now):
    need(len(ders) > 1, "one certificate is no chain")
    certs = [parse(d) for d in ders]
    for cert in certs:
        check_one(cert, now)
    check_link(certs[0], certs[0])
    for issuer, cert in zip(certs, certs[1:]):
        check_link(cert, issuer)
    for i, cert in enumerate(certs[:-1]):
        check_ca(cert, len(certs) - 2 - i)


def leaf_key(ders):
    """@return the device's public key"""
    leaf = parse(ders[-1])
    basic, usage = (extension(leaf, o) for o in (ExtensionOID.BASIC_CONSTRAINTS,
                                                 ExtensionOID.KEY_USAGE))
    need(not basic or not basic.ca, "the device's certificate is a CA's")
    need(usage and usage.digital_signature, "the device's key may not sign")
    key = public_key(leaf)
    need(isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1),
         "the device's key is not on P-384")
    return key


def public_key(cert):
    try:
        return cert.public_key()
    except (ValueError, UnsupportedAlgorithm) as e:
        raise Refused("CHAIN", f"chain: a key cannot be read: {e}") from e
