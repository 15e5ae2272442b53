# SPDX-License-Identifier: BSD-3-Clause
"""The reference builder and checker of evidence, against bytes written by hand and each other."""
import json
import subprocess

import pytest

pytest.importorskip("cryptography", reason="python3-cryptography is not installed")

import spdm_folder
import spdm_judge
import spdm_measure
import spdm_ref
import spdm_sign
import spdm_vca
import spdm_vectors as vectors
import tdisp_report
from conftest import need
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import utils
from spdm_ca import Ca
from spdm_knobs import KNOBS
from spdm_wire import Refused, sha384
from test_tsm_agree import verify  # noqa: F401 (fixture)

# SHA-1 is among what is refused.
pytestmark = pytest.mark.filterwarnings("ignore:SHA1 signatures")


@pytest.fixture(scope="module")
def ca():
    return Ca()


def test_prefix():
    assert spdm_sign.prefix() == vectors.load("signing-prefix") and len(spdm_sign.prefix()) == 100


def test_vca():
    tables = spdm_vca.table(2, 0x10), spdm_vca.table(5, 1)
    wanted = vectors.load("vca")
    assert wanted == spdm_vca.vca(
        spdm_vca.version((0x1000, 0x1110, 0x1200)),
        spdm_vca.capability(spdm_vca.GET_CAPABILITIES, spdm_vca.CHUNK_CAP, message=0x10000) +
        spdm_vca.capability(spdm_vca.CAPABILITIES, 0x36, 0x1200, 0x1200, exponent=12),
        spdm_vca.negotiate(asym=0x90, hashes=7, tables=tables), spdm_vca.algorithms(tables=tables))
    spdm_vca.read(wanted)


def test_measurements():
    wanted = vectors.load("measurements")
    rom = spdm_measure.block(1, 0, vectors.ROM)
    assert rom == vectors.load("measurement-block")
    request = spdm_measure.request(vectors.ASKED)
    response = spdm_measure.response([rom, spdm_measure.block(2, 0x83, vectors.CONFIGURATION)],
                                     vectors.ANSWERED, changed=2, opaque=b"opq")
    assert request + response == wanted and len(request) == vectors.REQUEST
    found = spdm_measure.read(wanted + bytes(range(96)))
    assert (found.request, found.response, found.signature) == (request, response, bytes(range(96)))
    assert found.nonce == vectors.ASKED
    assert found.blocks == [(1, 0, vectors.ROM), (2, 0x83, vectors.CONFIGURATION)]


def test_transcript():
    vca, measured = vectors.load("vca"), vectors.load("measurements")
    wanted = vectors.load("transcript")
    assert sha384(vca + measured) == wanted[:48]
    signed = spdm_sign.signed_bytes(vca, measured[:vectors.REQUEST], measured[vectors.REQUEST:])
    assert sha384(signed) == wanted[48:] and len(signed) == 148


def test_report():
    wanted = vectors.load("report")
    report = tdisp_report.read(wanted)
    assert (report.info, report.msix, report.tph, report.specific) == (3, 0x8002, 0x101, b"hello")
    assert report.ranges == [(0x1_0000_0000, 4, 0, 0), (0x2_0000_1000, 1, 1, 2),
                             (0x2_0000_2000, 1, 2, 2), (0x8000_0000_FF00_0000, 512, 8, 4)]
    assert tdisp_report.build(3, 0x8002, 0x101, report.ranges, specific=b"hello") == wanted
    for check in tdisp_report.check_ranges, tdisp_report.check_msix:
        check(report, vectors.DEVICE, tdisp_report.PAGE)
        with pytest.raises(Refused):
            check(report, vectors.DEVICE)  # byte addresses as page numbers
    tdisp_report.check_tph(report, vectors.DEVICE)


def by_hand(parts):
    """Evidence of the bytes by hand; only certificates and signature are new."""
    measured = vectors.load("measurements")
    parts.vca, parts.nonce, parts.device = vectors.load("vca"), vectors.ASKED, vectors.DEVICE
    parts.request = {"nonce": vectors.ASKED}
    parts.policy["measurements"] = [
        {"index": 1, "digest": vectors.ROM.hex()},
        {"index": 2, "digest": sha384(vectors.CONFIGURATION).hex()}]
    parts.before_sign.append(lambda e: vars(e).update(measurements=measured,
                                                      report=vectors.load("report")))


def test_bytes_by_hand_are_accepted(ca, verify, tmp_path):  # noqa: F811
    parts = spdm_ref.Parts(ca)
    by_hand(parts)
    evidence = parts.evidence()
    assert spdm_judge.judge(evidence)[0] == "OK"
    assert verify(spdm_folder.write(tmp_path / "hand", evidence), evidence.time)["code"] == "OK"


def test_signature_by_openssl(ca, tmp_path):
    """openssl(1) takes a signature of the builder over bytes that were put together by hand."""
    openssl = need("openssl")
    parts = spdm_ref.Parts(ca)
    by_hand(parts)
    raw = parts.evidence().measurements[-96:]
    der = utils.encode_dss_signature(*(int.from_bytes(raw[i:i + 48], "big") for i in (0, 48)))
    (tmp_path / "signature").write_bytes(der)
    (tmp_path / "key").write_bytes(ca.leaf.cert.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signed").write_bytes(vectors.load("signing-prefix") +
                                      vectors.load("transcript")[:48])
    subprocess.run([openssl, "dgst", "-sha384", "-verify", tmp_path / "key", "-signature",
                    tmp_path / "signature", tmp_path / "signed"], check=True, timeout=60)


def test_chain_by_openssl(ca, tmp_path):
    """openssl(1) takes the builder's certificates."""
    openssl = need("openssl")
    names = "root", "middle", "leaf"
    for n in names:
        (tmp_path / n).write_bytes(getattr(ca, n).cert.public_bytes(serialization.Encoding.PEM))
    subprocess.run([openssl, "verify", "-x509_strict", "-no-CApath", "-CAfile", tmp_path / "root",
                    "-untrusted", tmp_path / "middle", tmp_path / "leaf"], check=True, timeout=60)


@pytest.mark.parametrize("name", KNOBS)
def test_knob(ca, name):
    knob, code = KNOBS[name]
    parts = spdm_ref.Parts(ca)
    knob(parts)
    found, why = spdm_judge.judge(parts.evidence(), parts.time)
    assert found == code, why


def test_folder_comes_back(ca, tmp_path):
    evidence = spdm_ref.make(ca)
    folder = spdm_folder.write(tmp_path / "folder", evidence)
    assert spdm_folder.read(folder) == evidence
    assert json.loads((folder / "evidence.json").read_text())["version"] == 1
