# SPDX-License-Identifier: BSD-3-Clause
"""lib/tph against vfu-nic in every form of table, tag and kernel that it plays."""

import pytest

from bus_tool import tool  # noqa: F401 (fixture)

IV, DS = 1, 2
DIALECT = {"by-cpu": "feature", "by-index": "feature-by-index"}


def std(cpu):
    return 0x20 + cpu * 7 % 208


def ext(cpu):
    return 0x1000 + cpu * 29 % 0x8000


def start(vfu_nic, tool, *opts, devargs=""):
    nic = vfu_nic("--queues", "4", *opts)
    t = tool()
    assert t.ask(f"attach vfio:nic0,sock={nic.sock}{devargs}")[1] == 0
    assert t.ask("vectors 9")[1] == 0
    return nic, t


def tags(t, index, count):
    text, rc = t.ask(f"tph-get {index} {count}")
    assert rc == 0, text
    return [int(x.split()[1]) for x in text.split("\n") if x.startswith("tag ")]


@pytest.mark.parametrize("table", ["iv-cap", "iv-msix"])
@pytest.mark.parametrize("get", ["by-cpu", "by-index"])
@pytest.mark.parametrize("kind, tag", [("standard", std), ("extended", ext)])
def test_entries_by_cpu(vfu_nic, tool, table, get, kind, tag):
    _, t = start(vfu_nic, tool, "--tph", table, "--tph-get", get, "--tph-tags", kind)
    text, rc = t.ask(f"tph-on {IV}")
    assert rc == 0 and f"dialect {DIALECT[get]}\n" in text
    assert t.ask("tph-set 1 3 0 1")[1] == 0
    assert tags(t, 0, 5) == [0, tag(3), tag(0), tag(1), 0]
    if table == "iv-msix":  # interrupt set-up may empty a table that is in the MSI-X table
        assert t.ask("vectors 9")[1] == 0
        assert t.ask("tph-restore")[1] == 0
        assert tags(t, 0, 5) == [0, tag(3), tag(0), tag(1), 0]
    assert t.ask("tph-set 2 -1")[1] == 0
    assert tags(t, 1, 3) == [tag(3), 0, tag(1)]
    assert t.ask("tph-set 8 0 1")[1] == -6  # nine entries
    assert t.ask("tph-off")[1] == 0
    assert t.ask(f"tph-on {IV}")[1] == 0
    assert tags(t, 0, 5) == [0] * 5
    assert t.ask(f"tph-on {DS}")[1] == -95
    assert t.quit() == 0


@pytest.mark.parametrize("get", ["by-cpu", "by-index"])
@pytest.mark.parametrize("kind, tag", [("standard", std), ("extended", ext)])
def test_tag_of_a_cpu(vfu_nic, tool, get, kind, tag):
    _, t = start(vfu_nic, tool, "--tph", "ds-reg", "--tph-get", get, "--tph-tags", kind)
    text, rc = t.ask(f"tph-on {DS}")
    assert rc == 0 and f"dialect {DIALECT[get]}\n" in text
    assert t.ask("tph-cpu 100000")[1] < 0
    for cpu in (1, 0, 5):
        text, rc = t.ask(f"tph-cpu {cpu}")
        assert rc == 0 and f"tag {tag(cpu)}\n" in text
        text, rc = t.ask("tph-cpu 100000")  # never the tag of the CPU before
        assert rc < 0 and "tag " not in text
    assert t.ask("tph-set 0 1")[1] == -6  # no table
    assert t.quit() == 0


@pytest.mark.parametrize("table", ["iv-cap", "iv-msix"])
@pytest.mark.parametrize("fault", ["none", "clear-to-zero", "partial"])
def test_refused_batch_changes_nothing(vfu_nic, tool, table, fault):
    _, t = start(vfu_nic, tool, "--tph", table, "--tph-fault", fault)
    assert t.ask(f"tph-on {IV}")[1] == 0
    assert t.ask("tph-set 1 3 0 1")[1] == 0
    assert t.ask("tph-set 1 4 5 100000")[1] < 0
    assert tags(t, 0, 5) == [0, std(3), std(0), std(1), 0]
    assert t.quit() == 0


def test_kernel_that_drops_writes(vfu_nic, tool):
    _, t = start(vfu_nic, tool, "--tph-fault", "silent-drop")
    rc = t.ask(f"tph-on {IV}")[1]
    assert rc == -5 or t.ask("tph-set 1 0")[1] == -5
    assert t.quit() == 0


def test_device_without_tph(vfu_nic, tool):
    nic, t = vfu_nic("--tph", "none"), tool()
    for devargs, said in ("", 1), (",steer=off", 0):
        text, rc = t.ask(f"attach vfio:nic0,sock={nic.sock}{devargs}")
        line = "vfio:nic0: TPH: no steering: TPH capability: none; dialect: none\n"
        assert rc == 0 and text.count(line) == said, text
        text, rc = t.ask(f"tph-on {IV}")
        assert rc == -95 and "why no TPH capability\n" in text
        assert t.ask("detach vfio:nic0")[1] == 0
    assert t.quit() == 0


def test_index_is_configuration(vfu_nic, tool):
    _, t = start(vfu_nic, tool, "--tph-feature", "4711")
    assert t.ask(f"tph-on {IV}")[1] == 0
    assert t.ask("tph-set 1 1")[1] == 0
    assert t.quit() == 0


@pytest.mark.parametrize("get", ["by-cpu", "by-index"])
def test_named_dialect(vfu_nic, tool, get):
    _, t = start(vfu_nic, tool, "--tph-get", get, devargs=f",tph-dialect={DIALECT[get]}")
    text, rc = t.ask(f"tph-on {IV}")
    assert rc == 0 and f"dialect {DIALECT[get]}\n" in text
    assert t.ask("tph-set 1 1")[1] == 0
    assert tags(t, 0, 2) == [0, std(1)]
    assert t.quit() == 0


@pytest.mark.parametrize("get, name, why", [
    ("by-index", "feature", "no feature as asked for"),
    ("by-cpu", "feature-by-index", "no feature-by-index as asked for"),
    ("by-cpu", "ioctl-v8", "no ioctl-v8 as asked for: no device ioctl for TPH"),
    ("by-cpu", "direct,tph-tags=/dev/null", "direct is for a PCI function of this machine"),
])
def test_named_dialect_that_is_not_there(vfu_nic, tool, get, name, why):
    _, t = start(vfu_nic, tool, "--tph-get", get, devargs=f",tph-dialect={name}")
    text, _ = t.ask("tph-get 0 1")
    assert f"why {why}" in text and "dialect none\n" in text
    assert t.quit() == 0


def test_wrong_index_is_said(vfu_nic, tool):
    _, t = start(vfu_nic, tool, devargs=",tph-feature=99")
    text, _ = t.ask("tph-get 0 1")
    assert "why device feature 99 is not TPH_ST" in text
    assert "tph-feature=" in text
    assert t.quit() == 0
