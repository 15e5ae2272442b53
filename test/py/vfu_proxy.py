# SPDX-License-Identifier: BSD-3-Clause
"""A vfio-user proxy: passes messages and fds on, and can make the device look poorer."""

import os
import socket
import struct
import threading

HDR = 16
GET_REGION_INFO, REPLY, MMAP = 5, 1, 4
REGION_FLAGS = HDR + 4


def receive(sock):
    """One message and its fds; None at the end."""
    data, fds, _, _ = socket.recv_fds(sock, HDR, 64)
    while data and len(data) < HDR:
        data += sock.recv(HDR - len(data))
    size = struct.unpack_from("<I", data, 4)[0] if data else 0
    while data and len(data) < size:
        more = sock.recv(size - len(data))
        data = data + more if more else b""
    return (data, fds) if data else None


class Proxy:
    """Serves path, and passes each connection on to the server's socket."""

    def __init__(self, path, server):
        self.path, self.server, self.hide_mmap = str(path), server, False
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o600)
        self.listener.listen()
        self.sockets = [self.listener]
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        for s in self.sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.thread.join(10)

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
                server.connect(self.server)
                self.sockets += [client, server]
                up = threading.Thread(target=self.copy, args=(client, server, False), daemon=True)
                up.start()
                self.copy(server, client, True)
                up.join(10)
            del self.sockets[1:]

    def copy(self, source, sink, replies):
        try:
            while (got := receive(source)) is not None:
                data, fds = got
                if not self.passes(data):
                    break
                if replies and self.hide_mmap:
                    data = self.poorer(data)
                socket.send_fds(sink, [data], fds)
                for fd in fds:
                    os.close(fd)
        except OSError:
            pass
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def passes(self, _):
        """Does this message go on? If not, both connections end."""
        return True

    @staticmethod
    def poorer(data):
        """The reply to GET_REGION_INFO without the flag that the region can be mapped."""
        _, cmd, _, flags = struct.unpack_from("<HHII", data)
        if cmd != GET_REGION_INFO or flags & 0xF != REPLY:
            return data
        region = struct.unpack_from("<I", data, REGION_FLAGS)[0] & ~MMAP
        return data[:REGION_FLAGS] + struct.pack("<I", region) + data[REGION_FLAGS + 4:]
