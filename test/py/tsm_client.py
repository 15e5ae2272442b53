# SPDX-License-Identifier: BSD-3-Clause
"""The request envelope of vfu-nic's software TSM, from its description by hand: no code and no
constant of the programs under test."""

import struct

import vfu_client as vc

CCA, SEV, TDX = 1, 2, 3
ARCHS = {"cca": CCA, "sev": SEV, "tdx": TDX}
READ, REGEN, INFO, VALIDATE, SET_STATE, ENABLE_DMA, DISABLE_DMA = 1, 2, 3, 4, 5, 6, 7
IDENT, BIND, UNBIND, GET_STATE, DIGEST = 0x100, 0x101, 0x102, 0x103, 0x104
VCA, CHAIN, MEASUREMENTS, REPORT = 0, 1, 2, 3
UNLOCKED, LOCKED, RUN, ERROR = 0, 1, 2, 3
KEY = "steer_tsm_feature"


class TsmCode(Exception):
    """The TSM's own refusal."""


class TsmClient(vc.Client):
    """A client that offers the key. arch: what its requests carry."""

    def __init__(self, path, arch=CCA, **kw):
        caps = {"max_msg_fds": 8, "max_data_xfer_size": 1 << 20, "steer_tph_feature": True,
                KEY: True}
        super().__init__(path, caps=kw.pop("caps", caps), **kw)
        self.arch = arch
        self.tsm = self.caps.get(KEY)

    def envelope(self, op, req=b"", room=0, arch=None, reserved=0, flags=vc.GET, body=None,
                 argsz=None, lens=None):
        """@return (response, residue, tsm_code)"""
        n = max(len(req), room)
        arch = self.arch if arch is None else arch
        req_len, resp_len = lens or (len(req), room)
        head = struct.pack("<IIIIIIQ", op, arch, req_len, resp_len, 0, reserved, 0)
        data = head + (req.ljust(n, b"\0") if body is None else body)
        reply = self.feature(flags, data, index=self.tsm, argsz=argsz)
        assert len(reply) == 8 + len(data) == struct.unpack_from("<I", reply)[0]
        back = struct.unpack_from("<IIIIIIQ", reply, 8)
        assert back[:4] == (op, arch, req_len, resp_len) and back[5] == reserved
        return reply[40:], back[4], back[6]

    def do(self, op, req=b"", room=0, residue=0):
        data, left, code = self.envelope(op, req, room)
        if code:
            raise TsmCode(code)
        assert left == residue
        return data[:room]

    def ident(self):
        """@return (name, arch, flags)"""
        data = self.do(IDENT, room=40)
        return data[:32].rstrip(b"\0").decode(), *struct.unpack_from("<II", data, 32)

    def bind(self):
        self.do(BIND)

    def unbind(self):
        self.do(UNBIND)

    def state(self):
        return struct.unpack("<I", self.do(GET_STATE, room=4))[0]

    def set_state(self, state):
        self.do(SET_STATE, struct.pack("<I", state))

    def regenerate(self, obj, nonce=b"", flags=0):
        self.do(REGEN, struct.pack("<IIQ", obj, len(nonce), flags) + nonce)

    def size(self, obj):
        return struct.unpack("<I", self.do(INFO, struct.pack("<I", obj), 4))[0]

    def digest(self, obj):
        return self.do(DIGEST, struct.pack("<I", obj), 48)

    def read_piece(self, obj, offset, room):
        data, left, code = self.envelope(READ, struct.pack("<IIQ", obj, 0, offset), room)
        assert code == 0
        return data[:room - left]

    def object(self, obj, piece=4096):
        data, size = b"", self.size(obj)
        while len(data) < size:
            got = self.read_piece(obj, len(data), min(piece, size - len(data)))
            assert got
            data += got
        return data

    def locked(self):
        self.bind()
        self.set_state(LOCKED)

    def running(self):
        self.locked()
        self.set_state(RUN)
        if self.arch == SEV:
            self.do(ENABLE_DMA)
