# SPDX-License-Identifier: BSD-3-Clause
"""The connection to a confidential device ends at each request of an attach: it is refused there and
then, nothing is mapped, and what is behind it is left unlocked."""

import errno
import struct

import pytest

import tsm
from bus_tool import tool  # noqa: F401 (fixture)
from vfu_proxy import HDR, Proxy

pytestmark = pytest.mark.sanitize
DEVICE_FEATURE, REPLY = 16, 1
TSM_INDEX = 65025
AT_INDEX, AT_OP = HDR + 4, HDR + 8


class Cut(Proxy):
    """Ends the connection when the n-th request to the TSM comes by; 0: never."""

    def __init__(self, path, server, n):
        super().__init__(path, server)
        self.n, self.ops = n, []

    def passes(self, data):
        _, cmd, _, flags = struct.unpack_from("<HHII", data)
        if cmd != DEVICE_FEATURE or flags & 0xF == REPLY:
            return True
        if struct.unpack_from("<I", data, AT_INDEX)[0] & 0xFFFF != TSM_INDEX:
            return True
        self.ops.append(struct.unpack_from("<I", data, AT_OP)[0])
        return len(self.ops) != self.n


def attach(t, proxy, path, name):
    return t.ask(f"attach vfio:{name},sock={proxy.path},tsm=prefer,tsm-policy={path}")


def test_at_each_request(build, rundir, vfu_nic, tool):
    nic, path, t = vfu_nic("--tsm", "cca"), tsm.policy(build, rundir), tool()
    with Cut(rundir / "whole", nic.sock, 0) as proxy:
        assert attach(t, proxy, path, "whole")[1] == 0
        n = len(proxy.ops)
        assert t.ask("detach vfio:whole")[1] == 0
    assert n > 20  # identification to the state before DMA
    tsm.left_alone(nic)
    before = t.held()
    for i in range(1, n - 1):  # the watch may have asked once since
        with Cut(rundir / f"cut{i}", nic.sock, i) as proxy:
            text, rc = attach(t, proxy, path, f"cut{i}")
            assert rc == -errno.EACCES, (i, text)
            assert len(proxy.ops) == i  # nothing is tried again
        v = tsm.verdict(t, f"cut{i}")
        assert (v["summary"], v["mode"]) == ("refused", "prefer"), v
        assert "the device is gone" in v["why"] or "No such device" in v["why"], v
        tsm.left_alone(nic)
    assert t.held() == before
    assert t.quit() == 0
