# SPDX-License-Identifier: BSD-3-Clause
"""A CA of three levels in memory (P-384, SHA-384), with a knob for each way to get it wrong."""
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
IDENTITY = x509.ObjectIdentifier("1.3.6.1.4.1.412.274.1")
USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
          "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")


def utf8(text):
    return bytes([0x0C, len(text)]) + text.encode()


def usage(*names):
    return x509.KeyUsage(**{n: n in names for n in USAGES})


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"reference {text}")])


class Node:
    """A certificate and its key."""

    def __init__(self, text, issuer=None, ca=False, usages=None, basic=True, path=None,
                 days=(1, 30), curve=ec.SECP384R1, digest=hashes.SHA384, extra=(), issuer_id=None):
        self.key, self.text = ec.generate_private_key(curve()), text
        self.id = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        above = issuer or self
        now = datetime.datetime.utcnow().replace(microsecond=0)
        make = (x509.CertificateBuilder().subject_name(name(text)).issuer_name(name(above.text))
                .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now - days[0] * DAY).not_valid_after(now + days[1] * DAY))
        if basic:
            make = make.add_extension(x509.BasicConstraints(ca=ca, path_length=path), True)
        if usages is None:
            usages = ("key_cert_sign",) if ca else ("digital_signature",)
        if usages:
            make = make.add_extension(usage(*usages), True)
        issuer_id = above.id.digest if issuer_id is None else issuer_id
        if issuer_id:
            make = make.add_extension(self.id, False).add_extension(
                x509.AuthorityKeyIdentifier(issuer_id, None, None), False)
        for value, critical in extra:
            make = make.add_extension(value, critical)
        self.cert = make.sign(above.key, digest())
        self.der = self.cert.public_bytes(serialization.Encoding.DER)


def identity(text="dpdk-steer:reference:1"):
    """The device's name as SPDM puts it into a certificate."""
    return x509.SubjectAlternativeName([x509.OtherName(IDENTITY, utf8(text))]), False


class Ca:
    """root, middle, and device(...) below them; knobs go to the certificate they are named for."""

    def __init__(self, root=None, middle=None, leaf=None):
        self.root = Node("root", ca=True, **root or {})
        self.middle = Node("intermediate", self.root, **{"ca": True, "path": 0, **(middle or {})})
        self.leaf = self.device(**leaf or {})

    def device(self, text="device", **knobs):
        return Node(text, self.middle, **{"extra": [identity()], **knobs})

    def chain(self, leaf=None):
        return [self.root.der, self.middle.der, (leaf or self.leaf).der]
