# SPDX-License-Identifier: BSD-3-Clause
"""DPDK's telemetry socket: one JSON object per question."""

import glob
import json
import socket

from patience import PATIENCE, wait_for


class Telemetry:
    """Of the process with this file prefix; its XDG_RUNTIME_DIR is rundir/xdg."""

    def __init__(self, rundir, prefix, timeout=PATIENCE):
        pattern = f"{rundir}/xdg/dpdk/{prefix}/dpdk_telemetry.v2*"
        wait_for(pattern, lambda: glob.glob(pattern))
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.s.settimeout(timeout)
        self.s.connect(sorted(glob.glob(pattern))[0])
        self.hello = json.loads(self.s.recv(4096))

    def raw(self, text):
        """The whole answer, {"COMMAND": value}."""
        self.s.send(text.encode())
        return json.loads(self.s.recv(self.hello["max_output_len"] + 1024))

    def ask(self, text):
        answer = self.raw(text)
        assert list(answer) == [text.split(",")[0]]
        return answer[text.split(",")[0]]

    def close(self):
        self.s.close()
