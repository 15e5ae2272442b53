# SPDX-License-Identifier: BSD-3-Clause
"""
Headless Chromium, driven through its own protocol over a pair of pipes (--remote-debugging-pipe):
no port is opened, nothing is added to the page that is looked at, and everything is waited for.
"""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

import pytest

from patience import PATIENCE


def need():
    """Path of the program; skips with the reason where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("chromium is not installed")
    return found


class Browser:
    """One process with a profile of its own. Use as a context manager."""

    def __init__(self):
        self.program = need()
        self.profile = pathlib.Path(tempfile.mkdtemp(prefix="steer-chromium-"))
        self.process, self.buffer, self.number, self.events = None, b"", 0, []

    def __enter__(self):
        theirs_in, self.out = os.pipe()
        self.inp, theirs_out = os.pipe()
        self._start(theirs_in, theirs_out)
        os.close(theirs_in)
        os.close(theirs_out)
        return self

    def _start(self, theirs_in, theirs_out):
        argv = [self.program, "--headless", "--disable-gpu", "--hide-scrollbars",
                "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
                "--remote-debugging-pipe", f"--user-data-dir={self.profile}", "about:blank"]
        if os.geteuid() == 0:
            argv.insert(1, "--no-sandbox")  # it has none for root
        # Its protocol is on the descriptors 3 and 4; a shell puts them there.
        shell = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        env = dict(os.environ, HOME=str(self.profile), XDG_RUNTIME_DIR=str(self.profile))
        with open(self.profile / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["/bin/bash", "-c", shell, "chromium", *argv], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=env, pass_fds=[theirs_in, theirs_out])

    def __exit__(self, *_):
        os.close(self.out)  # it ends when nobody is at the other end
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(PATIENCE)
        os.close(self.inp)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _message(self, end):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.inp], [], [], max(0, end - time.monotonic()))
            data = os.read(self.inp, 1 << 20) if ready else b""
            assert data, f"no answer from chromium:\n{self.log()}"
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def log(self):
        return (self.profile / "log").read_text(errors="replace")[-3000:]

    def call(self, method, session=None, **params):
        """@return the result of a method; events that come meanwhile are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while True:
            got = self._message(end)
            if got.get("id") == self.number:
                assert "error" not in got, f"{method}: {got['error']}"
                return got["result"]
            self.events.append(got)

    def wait_event(self, method, session):
        end = time.monotonic() + PATIENCE
        while not any(e.get("method") == method and e.get("sessionId") == session
                      for e in self.events):
            self.events.append(self._message(end))

    def page(self, path, width=1280, height=900, dark=False):
        return Page(self, path, width, height, dark)


class Page:
    """A file that has been loaded."""

    def __init__(self, browser, path, width, height, dark):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target,
                                    flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        browser.wait_event("Page.loadEventFired", self.session)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def value(self, script):
        """What an expression of JavaScript gives, as JSON has it."""
        got = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                        awaitPromise=True)
        assert "exceptionDetails" not in got, got["exceptionDetails"]
        return got["result"].get("value")

    def _events(self, method):
        return [e["params"] for e in self.browser.events
                if e.get("method") == method and e.get("sessionId") == self.session]

    def requests(self):
        """Addresses that were asked for, data: among them."""
        return [e["request"]["url"] for e in self._events("Network.requestWillBeSent")]

    def complaints(self):
        """What the browser's console has: exceptions, refused loads, broken markup."""
        return [e["entry"]["text"] for e in self._events("Log.entryAdded")] + \
            [str(e["exceptionDetails"]) for e in self._events("Runtime.exceptionThrown")]

    def screenshot(self, high=1200):
        """The top of the page as PNG."""
        wide = self.value("document.documentElement.clientWidth")
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                         clip={"x": 0, "y": 0, "width": wide, "height": high, "scale": 1})
        return base64.b64decode(data["data"])
