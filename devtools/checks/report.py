# SPDX-License-Identifier: BSD-3-Clause
"""Counting results: one line of progress per part, failures in full, the sum at the end."""

PASS, FAIL, SKIP = "passed", "failed", "skipped"


class Report:
    def __init__(self):
        self.count = {PASS: 0, FAIL: 0, SKIP: 0}
        self.failures = []
        self.skips = []
        self._part = ""
        self._before = dict(self.count)

    def begin(self, part):
        self._part = part
        self._before = dict(self.count)
        print(f"== {part}", flush=True)

    def end(self, seconds):
        did = ", ".join(f"{self.count[k] - self._before[k]} {k}" for k in self.count
                        if self.count[k] > self._before[k]) or "nothing to do"
        print(f"   {did} ({seconds:.0f} s)", flush=True)

    def add(self, name, result, text=""):
        """One result; text is the output of a failure or the reason of a skip."""
        name = f"{self._part}: {name}"
        self.count[result] += 1
        if result == FAIL:
            self.failures.append(name)
            print(f"FAIL {name}\n{text.rstrip()}", flush=True)
        elif result == SKIP:
            self.skips.append((name, " ".join(text.split())))

    def check(self, name, ok, text=""):
        self.add(name, PASS if ok else FAIL, text)

    def finish(self):
        """Print reasons and the sum. @return exit status."""
        for name, reason in self.skips:
            print(f"skipped {name}: {reason}")
        for name in self.failures:
            print(f"failed {name}")
        print(", ".join(f"{self.count[k]} {k}" for k in (PASS, FAIL, SKIP)), flush=True)
        return 1 if self.failures else 0
