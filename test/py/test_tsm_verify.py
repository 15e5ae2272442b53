# SPDX-License-Identifier: BSD-3-Clause
"""steer-tsm-verify: folders of evidence that a test tool made, judged again."""
import json
import re
import shutil
import subprocess

import pytest

from conftest import ROOT

NOW = 1795000000
COLLECTED = NOW - 1
CASES = {
    "honest": "OK",
    "unvouched": "OK",
    "replayed-nonce": "STALE_NONCE",
    "signature": "SIGNATURE",
    "swapped-certificate": "SIGNATURE",
    "expired": "CHAIN",
    "foreign-root": "CHAIN",
    "measurement": "DIGEST_MISMATCH",
    "other-device": "DIGEST_MISMATCH",
    "truncated": "MALFORMED",
    "missing": "EVIDENCE_MISSING",
    "report-bar": "REPORT_MISMATCH",
    "stale-report": "REPORT_MISMATCH",
    "tph": "TPH_MISMATCH",
    "wrong-tsm": "WRONG_TSM",
    "no-roots": "EVIDENCE_MISSING",
}
# A signature, or a digest in the policy, proves these to whoever has the folder.
PROVABLE = ("vca", "chain", "chain.root", "chain.path", "chain.leaf", "measurements", "signature")
MARK = "recorded, not provable: "


@pytest.fixture(scope="module")
def stored(build, tmp_path_factory):
    """Case -> folder; made once, for nobody writes in them."""
    top = tmp_path_factory.mktemp("evidence")
    done = subprocess.run([build / "test" / "tools" / "tsm-evidence", top], capture_output=True,
                          text=True, timeout=60, check=True)
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert told == CASES
    return {name: next(top.glob(f"{name}-2026*")) for name in CASES}


@pytest.fixture
def verify(build):
    def run(*args):
        return subprocess.run([build / "usertools" / "steer-tsm-verify", *map(str, args)],
                              capture_output=True, text=True, timeout=60, check=False)
    return run


@pytest.fixture
def copy(stored, tmp_path):
    """A case's folder to write in."""
    def one(name):
        return shutil.copytree(stored[name], tmp_path / name)
    return one


def edit(folder, change):
    path = folder / "evidence.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def link(path, target):
    path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize("case", CASES)
def test_code_of_each_case(verify, stored, case):
    done = verify("--json", "--now", NOW, stored[case])
    verdict = json.loads(done.stdout)
    assert verdict["code"] == CASES[case]
    accepted = CASES[case] == "OK"
    assert done.returncode == (0 if accepted else 1)
    assert verdict["summary"] == ("attested" if accepted else "refused")
    first = next((c for c in verdict["checks"] if c["result"] != "OK"), None)
    assert accepted == (first is None)
    if first:
        assert first["result"] == CASES[case]
        assert verdict["why"].startswith(first["name"] + ": ")


@pytest.mark.parametrize("case", CASES)
def test_same_verdict_as_when_it_was_stored(verify, stored, case):
    """Check for check; only the marks are new."""
    was = json.loads((stored[case] / "evidence.json").read_text())["verdict"]
    now = json.loads(verify("--json", "--now", NOW, stored[case]).stdout)
    for check in now["checks"]:
        check["text"] = check["text"].removeprefix(MARK)
    assert now == was


def test_schema(verify, stored):
    jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")
    schema = json.loads((ROOT / "doc" / "tsm-verdict.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    for folder in stored.values():
        validator.validate(json.loads(verify("--json", "--now", NOW, folder).stdout))


def test_guide_has_checks_and_options(verify, stored):
    guide = (ROOT / "doc" / "guides" / "tsm_evidence.rst").read_text()
    known = set(re.findall(r"--[a-z]+", verify("--help").stdout)) - {"--help"}
    assert set(re.findall(r"--[a-z]+", guide.replace("------", ""))) == known
    verdict = json.loads(verify("--json", "--now", NOW, stored["honest"]).stdout)
    names = [re.sub(r"\.\d+$", ".N", c["name"]) for c in verdict["checks"]]
    told = re.findall(r"^``([a-z.N]+)``  ", guide, re.MULTILINE)
    assert set(names) - set(told) <= {"chain.digest", "measurements.digest"}  # "chain.digest ..."
    order = [n for n in told if n in names]
    assert order[4:] == [n for n in dict.fromkeys(names) if n in told]


def test_marks(verify, stored):
    verdict = json.loads(verify("--json", "--now", "collected", stored["honest"]).stdout)
    for check in verdict["checks"]:
        provable = check["name"] in PROVABLE or check["name"].startswith("measurement.")
        assert check["live-only"] != provable
        assert check["text"].startswith(MARK) != provable
    assert verdict["simulated"] is True
    assert verdict["arch"] == "cca"


def test_text(verify, stored):
    good = verify("--now", NOW, stored["honest"])
    assert good.returncode == 0 and good.stderr == ""
    assert good.stdout.startswith("attested: OK")
    assert "simulated" in good.stdout
    assert MARK in next(x for x in good.stdout.splitlines() if x.split()[0] == "report.tph")
    assert MARK not in next(x for x in good.stdout.splitlines() if x.split()[0] == "signature")
    bad = verify("--now", NOW, stored["replayed-nonce"])
    assert bad.returncode == 1
    assert bad.stdout.startswith("refused: STALE_NONCE")
    assert "why: nonce: the measurements answer another nonce than ours" in bad.stdout


def test_refused_measurement_says_what_it_is(verify, stored):
    """The digest to look for at the vendor's, or to list: that of the block, not of its bytes."""
    checks = json.loads(verify("--json", "--now", NOW, stored["measurement"]).stdout)["checks"]
    bad, = [c for c in checks if c["result"] == "DIGEST_MISMATCH"]
    digest = re.search(r": it is ([0-9a-f]{96})$", bad["text"])[1]
    assert bytes.fromhex(digest) in (stored["measurement"] / "measurements.bin").read_bytes()


def test_clock(verify, stored):
    """Without --now it is today's evidence that is asked for."""
    def code(*args):
        return json.loads(verify("--json", *args, stored["honest"]).stdout)["code"]
    assert code("--now", COLLECTED + 60) == "OK"
    assert code("--now", COLLECTED + 61) == "STALE_NONCE"
    assert code("--now", COLLECTED - 61) == "STALE_NONCE"
    assert code("--now", COLLECTED + 20 * 86400) == "CHAIN"
    assert code("--now", "collected") == "OK"
    assert code() in ("STALE_NONCE", "CHAIN")


def test_other_policy(verify, stored, tmp_path):
    folder = stored["measurement"]
    policy = json.loads((folder / "evidence.json").read_text())["policy"]
    done = verify("--now", NOW, "--policy", tmp_path / "none.json", folder)
    assert done.returncode == 2
    assert "none.json" in done.stderr and len(done.stderr.splitlines()) == 1
    path = tmp_path / "policy.json"
    policy["measurements"] = []
    policy["other-measurements"] = "allow"
    path.write_text(json.dumps(policy))
    assert verify("--now", NOW, "--policy", path, folder).returncode == 0
    policy["tsm"] = "tsm3"
    path.write_text(json.dumps(policy))
    done = verify("--json", "--now", NOW, "--policy", path, folder)
    assert json.loads(done.stdout)["code"] == "WRONG_TSM"
    path.write_text('{"tsm": "any", "rootz": []}')
    done = verify("--now", NOW, "--policy", path, folder)
    assert done.returncode == 2 and "rootz" in done.stderr


@pytest.mark.parametrize("name", ["vca", "chain", "measurements", "report"])
def test_changed_object(verify, copy, name):
    """A byte in the middle of each: what the TSM said, or a signature, tells."""
    folder = copy("honest")
    path = folder / f"{name}.bin"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x20
    path.write_bytes(data)
    assert verify("--now", NOW, folder).returncode == 1


def test_forged_folder(verify, copy):
    """
    What is marked is what a forger may write: another nonce, and digests that fit. What is signed
    is not, whatever the folder says.
    """
    folder = copy("honest")
    edit(folder, lambda d: d.update(nonce="11" * 32))
    verdict = json.loads(verify("--json", "--now", NOW, folder).stdout)
    assert verdict["code"] == "STALE_NONCE"
    folder = copy("stale-report")
    edit(folder, lambda d: d["digests"].pop("report"))
    assert verify("--now", NOW, folder).returncode == 0  # and its report is marked
    folder = copy("signature")
    edit(folder, lambda d: d.update(digests={}, verdict={"code": "OK"}))
    assert verify("--now", NOW, folder).returncode == 1


@pytest.mark.parametrize("break_it, part", [
    (lambda f: (f / "evidence.json").unlink(), "evidence.json: No such file"),
    (lambda f: (f / "report.bin").unlink(), "report.bin: No such file"),
    (lambda f: (f / "evidence.json").write_text("{"), "evidence.json: "),
    (lambda f: edit(f, lambda d: d.update(version=2)), "version"),
    (lambda f: edit(f, lambda d: d.update(nonce="xyz")), "nonce"),
    (lambda f: edit(f, lambda d: d["policy"].update(surprise=1)), "surprise"),
    (lambda f: (f / "evidence.json").write_bytes(b"\xff" * 100), "evidence.json: "),
    (lambda f: (f / "evidence.json").write_bytes(b'{"x": \x1b[2J\x1b[H'), "evidence.json: "),
    (lambda f: edit(f, lambda d: d.update(tsm="tsm0\nattested: OK")), "tsm: missing, or not"),
    (lambda f: edit(f, lambda d: d.update(tsm="\x1b[2Jtsm0")), "tsm: missing, or not"),
    (lambda f: link(f / "chain.bin", "/etc/passwd"), "chain.bin: not a regular file"),
    (lambda f: link(f / "evidence.json", "/dev/zero"), "evidence.json: not a regular file"),
], ids=["no-json", "no-object", "cut", "version", "nonce", "policy-key", "bytes", "escapes", "lines",
        "name-escapes", "link", "endless"])
def test_folder_that_cannot_be_read(verify, copy, break_it, part):
    folder = copy("honest")
    break_it(folder)
    done = verify("--now", NOW, folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert part in done.stderr and len(done.stderr.splitlines()) == 1
    assert all(c.isprintable() for c in done.stderr.rstrip("\n"))  # who wrote it draws no screen


@pytest.mark.parametrize("args", [(), ("a", "b"), ("--nonsense", "a"), ("--now", "soon", "a"),
                                  ("--now", "-1", "a"), ("--now", "", "a"), ("--policy",),
                                  ("--now", "99999999999999999999", "a")],
                         ids=lambda a: " ".join(a) or "none")
def test_usage(verify, args):
    done = verify(*args)
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr != ""


def test_help(verify):
    done = verify("--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: steer-tsm-verify")
