# SPDX-License-Identifier: BSD-3-Clause
"""steer-tsm-policy: what it says of policies, and policies made of evidence; both JSON schemas."""
import copy
import json
import shutil
import subprocess
import types

import pytest

import usertool

POLICY = json.loads((usertool.ROOT / "doc" / "tsm-policy.schema.json").read_text())
VERDICT = json.loads((usertool.ROOT / "doc" / "tsm-verdict.schema.json").read_text())
A = "a5" * 48


def validator(schema):
    jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture
def tool(build):
    """Run steer-tsm-policy; the result has returncode, stdout, stderr."""
    program = build / "usertools" / "steer-tsm-policy"
    if not program.exists():
        pytest.skip(f"{program} is not built")

    def run(*argv):
        return subprocess.run([program, *map(str, argv)], capture_output=True, text=True,
                              timeout=60, check=False)
    return run


@pytest.fixture(scope="session")
def evidence(build, tmp_path_factory):
    """Name of a case -> folder of its evidence."""
    program = build / "test" / "tools" / "tsm-evidence"
    if not program.exists():
        pytest.skip(f"{program} is not built")
    top = tmp_path_factory.mktemp("evidence")
    subprocess.run([program, top], check=True, capture_output=True, timeout=60)
    return lambda case: next(top.glob(case + "-2*"))


def write(path, policy):
    path.write_text(policy if isinstance(policy, str) else json.dumps(policy))
    return path


FULL = {
    "tsm": "tsm0", "role": "user", "abi": "sim", "arch": "cca", "roots": [A],
    "measurements": [{"index": 1, "digest": A}, {"index": 254, "digest": "0F" * 48}],
    "other-measurements": "refuse",
    "report": {"required": ["no-fw-update"], "forbidden": ["ats", "prs"], "unit": "pages"},
    "nonce-bytes": 32, "max-age-s": 60, "timeout-ms": 1000, "evidence": "device",
    "unsafe-inferred-abi": False, "tph-control": "as-programmed",
}


def test_they_are_schemas():
    validator(POLICY).check_schema(POLICY)
    validator(VERDICT).check_schema(VERDICT)
    assert set(FULL) == set(POLICY["properties"])


def test_check_says_what_is_demanded(tool, tmp_path):
    out = tool("check", write(tmp_path / "p.json", FULL))
    assert out.returncode == 0, out.stderr
    assert out.stderr == ""
    for line in ("mode: require", "tsm: tsm0, architecture cca, kernel interface sim",
                 f"  sha384 {A}", f"  1 sha384 {A}", "  others are refused",
                 "  required: no-fw-update", "  forbidden: ats prs",
                 "freshness: a new nonce of 32 bytes for each attach, judged within 60 s"):
        assert line in out.stdout.splitlines()
    assert "warning" not in out.stdout


@pytest.mark.parametrize("change, warning", [
    ({"other-measurements": "allow"}, "firmware is not wholly known"),
    ({"evidence": "host-admin"}, "nothing is attested"),
    ({"unsafe-inferred-abi": True}, "only inferred"),
    ({"report": {}}, "no-fw-update is not required"),
])
def test_check_warns(tool, tmp_path, change, warning):
    out = tool("check", write(tmp_path / "p.json", {**FULL, **change}))
    assert out.returncode == 0
    warnings = [x for x in out.stdout.splitlines() if x.startswith("warning: ")]
    assert len(warnings) == 1 and warning in warnings[0]


def test_check_warns_of_prefer(tool, tmp_path):
    path = write(tmp_path / "p.json", FULL)
    out = tool("check", path, "--mode", "prefer")
    assert out.returncode == 0
    assert "mode: prefer" in out.stdout and "a hostile host only has to hide it" in out.stdout
    assert tool("check", path, "--mode", "off").returncode == 2


def test_check_refuses_what_cannot_be_met(tool, tmp_path):
    out = tool("check", write(tmp_path / "p.json", {"role": "host"}))
    assert out.returncode == 1
    assert out.stderr.startswith(f"steer-tsm-policy: {tmp_path}/p.json: no device can meet this: "
                                 "role: host has no evidence")
    assert tool("check", tmp_path / "p.json", "--mode", "prefer").returncode == 0
    out = tool("check", write(tmp_path / "p.json", {**FULL, "nonce-bytes": 64}))
    assert out.returncode == 1 and "nonce-bytes: SPDM 1.2 signs 32" in out.stderr


def test_check_refuses_a_broken_file_in_one_line(tool, tmp_path):
    out = tool("check", write(tmp_path / "p.json", {"rots": []}))
    assert out.returncode == 1
    assert out.stderr == (f"steer-tsm-policy: {tmp_path}/p.json: policy: unknown key 'rots'; "
                          "doc/tsm-policy.schema.json has all\n")
    out = tool("check", tmp_path / "none.json")
    assert out.returncode == 1 and out.stderr.count("\n") == 1


def test_usage(tool, tmp_path):
    assert tool("--help").returncode == 0
    for argv in ([], ["check"], ["chek", "x"], ["make", "x"], ["check", "x", "y"],
                 ["make", "x", "--evidence", "a", "--sock", "b"],
                 ["make", "x", "--evidence", "a", "--now", "-1"],
                 ["make", "x", "--evidence", "a", "--unit", "feet"]):
        out = tool(*argv)
        assert out.returncode == 2 and out.stderr, argv


# ---- the schema and the parser agree ----

def changed(path, value):
    out = copy.deepcopy(FULL)
    at = out
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return out


GOOD = [{}, FULL] + [changed([k], v) for k, v in [
    ("tsm", "any"), ("tsm", "a" * 31), ("role", "auto"), ("abi", "sysfs-only"), ("arch", "any"),
    ("roots", []), ("roots", [A] * 16), ("measurements", []), ("report", {}),
    ("report", {"required": []}), ("nonce-bytes", 256), ("max-age-s", 4294967295),
    ("timeout-ms", 1), ("evidence", "host-admin"), ("unsafe-inferred-abi", True)]]
BAD = [[], 1] + [changed(p, v) for p, v in [
    (["tsm"], ""), (["tsm"], "a" * 32), (["tsm"], "../x"), (["tsm"], 3), (["role"], "Host"),
    (["abi"], "v4"), (["arch"], None), (["roots"], A), (["roots"], [A + "0"]), (["roots"], [A] * 17),
    (["roots"], [".pem"]), (["measurements", 0, "index"], 0), (["measurements", 0, "index"], 255),
    (["measurements", 0, "digest"], "a5"), (["measurements", 0, "x"], 1), (["measurements", 0], {}),
    (["measurements"], [{"index": 1, "digest": A}] * 65), (["other-measurements"], True),
    (["report", "required"], ["atz"]), (["report", "unit"], "bits"), (["report", "units"], "bytes"),
    (["nonce-bytes"], 31), (["nonce-bytes"], 257), (["nonce-bytes"], "32"), (["max-age-s"], -1),
    (["max-age-s"], 4294967296), (["timeout-ms"], 0), (["timeout-ms"], 600001),
    (["evidence"], "none"), (["unsafe-inferred-abi"], 1), (["tph-control"], "any"), (["mode"], "off")]]


@pytest.mark.parametrize("policy, good", [(p, True) for p in GOOD] + [(p, False) for p in BAD])
def test_schema_and_parser_agree(tool, tmp_path, policy, good):
    assert validator(POLICY).is_valid(policy) == good
    out = tool("check", write(tmp_path / "p.json", policy), "--json")
    assert bool(out.stdout) == good, out.stderr
    if good:
        printed = json.loads(out.stdout)
        validator(POLICY).validate(printed)
        assert set(printed) == set(POLICY["properties"])
        assert write(tmp_path / "q.json", printed) and tool(
            "check", tmp_path / "q.json", "--json").stdout == out.stdout


# ---- make ----

def test_made_of_evidence(tool, tmp_path, build, evidence):
    path = tmp_path / "p.json"
    folder = evidence("honest")
    out = tool("make", path, "--evidence", folder, "--now", "collected")
    assert out.returncode == 0, out.stderr
    assert "compare the digests with its vendor's" in out.stderr
    assert "the TSM is simulated: it protects nothing" in out.stderr
    policy = json.loads(path.read_text())
    validator(POLICY).validate(policy)
    assert len(policy["roots"]) == 1 and [m["index"] for m in policy["measurements"]] == [1, 2, 3]
    assert policy["other-measurements"] == "refuse"
    assert policy["report"]["required"] == ["no-fw-update"]
    assert tool("check", path).returncode == 0
    # The evidence meets it, and another device does not.
    for case, code, word in (("honest", 0, "attested"), ("measurement", 0, "attested"),
                             ("foreign-root", 0, "attested"), ("truncated", 1, "refused")):
        verify = subprocess.run([build / "usertools" / "steer-tsm-verify", "--policy", path, "--json",
                                 "--now", "collected", evidence(case)], capture_output=True,
                                text=True, timeout=60, check=False)
        verdict = json.loads(verify.stdout)
        validator(VERDICT).validate(verdict)
        # Keys of the cases are made anew for each: only the one it was made of has its root.
        if case == "honest":
            assert (verify.returncode, verdict["summary"]) == (code, word), verify.stdout
        else:
            assert verify.returncode == 1 and verdict["summary"] == "refused"


def test_an_old_policy_is_not_replaced(tool, tmp_path, evidence):
    path = write(tmp_path / "p.json", "{}")
    out = tool("make", path, "--evidence", evidence("honest"), "--now", "collected")
    assert out.returncode == 1 and "exists" in out.stderr
    assert path.read_text() == "{}"
    out = tool("make", "-", "--evidence", evidence("honest"), "--now", "collected")
    assert out.returncode == 0 and json.loads(out.stdout)["tsm"] == "tsm0"


@pytest.mark.parametrize("name", ["any", "../tsm0", "tsm 0"])
def test_a_name_that_would_demand_nothing(tool, tmp_path, evidence, name):
    """A TSM says itself what it is called."""
    folder = shutil.copytree(evidence("honest"), tmp_path / "folder")
    text = json.loads((folder / "evidence.json").read_text())
    write(folder / "evidence.json", {**text, "tsm": name})
    out = tool("make", tmp_path / "p.json", "--evidence", folder, "--now", "collected")
    assert out.returncode == 1 and not (tmp_path / "p.json").exists()
    assert "tsm: what the TSM calls itself cannot stand in a policy" in out.stderr


@pytest.mark.parametrize("case, code", [
    ("signature", "SIGNATURE"), ("replayed-nonce", "STALE_NONCE"), ("expired", "CHAIN"),
    ("tph", "TPH_MISMATCH"), ("report-bar", "REPORT_MISMATCH"), ("stale-report", "REPORT_MISMATCH"),
    ("other-device", "DIGEST_MISMATCH"), ("truncated", "measurements: "), ("missing", "report: ")])
def test_evidence_that_does_not_verify_is_no_pattern(tool, tmp_path, evidence, case, code):
    out = tool("make", tmp_path / "p.json", "--evidence", evidence(case), "--now", "collected")
    assert out.returncode == 1
    assert code in out.stderr and out.stderr.count("\n") == 1
    assert not (tmp_path / "p.json").exists()


def test_a_folder_that_is_none(tool, tmp_path):
    out = tool("make", tmp_path / "p.json", "--evidence", tmp_path / "none")
    assert out.returncode == 1 and out.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


# ---- a live device ----

@pytest.fixture
def software_tsm(build, vfu_nic):
    if not (build / "app" / "vfu-nic" / "tsm-ca" / "root.sha384").exists():
        pytest.skip("the software TSM's certificates are not built")
    return lambda *options: types.SimpleNamespace(nic=vfu_nic("--tsm", "sev", *options))


def test_made_of_a_live_device(tool, tmp_path, rundir, build, software_tsm):
    nic = software_tsm().nic
    path = tmp_path / "p.json"
    for name in ("p.json", "again.json"):
        out = tool("make", tmp_path / name, "--sock", nic.sock)
        assert out.returncode == 0, out.stderr
    policy = json.loads(path.read_text())
    validator(POLICY).validate(policy)
    assert policy == json.loads((tmp_path / "again.json").read_text())
    root = (build / "app" / "vfu-nic" / "tsm-ca" / "root.sha384").read_text().split()[0]
    assert policy["roots"] == [root]
    assert (policy["role"], policy["arch"], policy["abi"]) == ("user", "sev", "sim")
    assert len(policy["measurements"]) == 4
    assert tool("check", path).returncode == 0
    # Locked for the evidence, and unlocked again.
    assert nic.text().count("CONFIG_LOCKED -> CONFIG_UNLOCKED") == 2
    assert "DMA_MAP before RUN" not in nic.text()


@pytest.mark.parametrize("fault, code", [
    ("wrong-transcript", "SIGNATURE"), ("half-present", "connect: "), ("report-omits-bar", "REPORT_MISMATCH")])
def test_a_live_device_that_lies(tool, tmp_path, software_tsm, fault, code):
    out = tool("make", tmp_path / "p.json", "--sock", software_tsm("--tsm-fault", fault).nic.sock)
    assert out.returncode == 1
    assert code in out.stderr and out.stderr.count("\n") == 1
    assert not (tmp_path / "p.json").exists()


def test_a_device_without_a_tsm(tool, tmp_path, vfu_nic):
    out = tool("make", tmp_path / "p.json", "--sock", vfu_nic().sock)
    assert out.returncode == 1
    assert "no TSM" in out.stderr and out.stderr.count("\n") == 1


# ---- what is stored ----

@pytest.mark.parametrize("case", ["honest", "signature", "tph", "no-roots", "wrong-tsm"])
def test_stored_evidence_has_both(evidence, case):
    stored = json.loads((evidence(case) / "evidence.json").read_text())
    validator(POLICY).validate(stored["policy"])
    validator(VERDICT).validate(stored["verdict"])
    assert (stored["verdict"]["code"] == "OK") == (case == "honest")


def test_a_verdict_that_contradicts_itself_is_none(evidence):
    verdict = json.loads((evidence("honest") / "evidence.json").read_text())["verdict"]
    for change in ({"code": "CHAIN"}, {"summary": "refused"}, {"summary": "fine"},
                   {"checks": [{}]}, {"nonce": "xyz"}, {"last": {}}):
        assert not validator(VERDICT).is_valid({**verdict, **change}), change
