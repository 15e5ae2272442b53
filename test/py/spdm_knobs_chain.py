# SPDX-License-Identifier: BSD-3-Clause
"""Certificates that should not do, and some that should."""
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from spdm_ca import Ca, Node
from spdm_knob import edit, knob, new_ca
from spdm_wire import sha384


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
certificates("CHAIN", "leaf-on-p-256", leaf={"curve": ec.SECP256R1})
certificates("OK", "intermediate-on-p-256", middle={"curve": ec.SECP256R1})
certificates("OK", "intermediate-on-p-521", middle={"curve": ec.SECP521R1})
certificates("CHAIN", "intermediate-on-p-224", middle={"curve": ec.SECP224R1})
certificates("OK", "leaf-signed-over-sha-256", leaf={"digest": hashes.SHA256})
certificates("CHAIN", "leaf-signed-over-sha-1", leaf={"digest": hashes.SHA1})
certificates("CHAIN", "key-identifier-of-another", leaf={"issuer_id": b"another"})
certificates("OK", "no-key-identifiers", middle={"issuer_id": b""}, leaf={"issuer_id": b""})


@knob("CHAIN")
def signature_of_odd_bits(p):
    """A BIT STRING that says its last bit is unused, and so it is; nobody signs the count."""
    leaf = p.ca.device()
    while leaf.der[-1] & 1:
        leaf = p.ca.device()
    count = len(leaf.der) - len(leaf.cert.signature) - 1
    p.key = leaf.key
    p.chain["certificates"][2] = leaf.der[:count] + b"\1" + leaf.der[count + 1:]


def of_length(code, length):
    """A chain of this many certificates."""
    def lengthen(p):
        nodes = [p.ca.root]
        for i in range(length - 2):
            nodes.append(Node(f"intermediate {i}", nodes[-1], ca=True))
        nodes.append(Node("device", nodes[-1]))
        p.key, p.chain["certificates"] = nodes[-1].key, [n.der for n in nodes]
    knob(code, f"chain-of-{length}")(lengthen)


of_length("OK", 2)
of_length("OK", 10)
of_length("MALFORMED", 11)


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
