# SPDX-License-Identifier: BSD-3-Clause
"""Test results as TAP 13: printed as they come, counted at the end."""
import re

RESULT = re.compile(r"(ok|not ok) \d+ - (.*)")
PLAN = re.compile(r"1\.\.\d+(?: # SKIP (.*))?")


class Tap:
    def __init__(self, out=print):
        self.out, self.count, self.failed = out, 0, 0
        self.out("TAP version 13")

    def ok(self, good, name, why=""):
        self.count += 1
        self.failed += not good
        self.out(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        for line in str(why).splitlines() if not good else ():
            self.out(f"# {line}")

    def skip(self, name, reason):
        self.count += 1
        self.out(f"ok {self.count} - {name} # SKIP {reason}")

    def note(self, text):
        self.out(f"# {text}")

    def guest(self, text):
        """Take over what a guest said: 'ok NAME', 'skip NAME|REASON', 'not NAME' and its reasons
        in lines that start with a tab. @return whether its last word was there."""
        lines, done, at = text.replace("\r", "").split("\n"), False, 0
        while at < len(lines):
            word, _, rest = lines[at].partition(" ")
            at += 1
            why = []
            while at < len(lines) and lines[at].startswith("\t"):
                why.append(lines[at][1:])
                at += 1
            if word in ("ok", "not"):
                self.ok(word == "ok", rest, "\n".join(why))
            elif word == "skip":
                self.skip(*rest.split("|", 1))
            elif word == "note":
                self.note(rest)
            done = done or word == "done"
        return done

    def child(self, case, code, text):
        """Take over what a run of one case printed; one that ended early is a failure."""
        plan = None
        for line in text.splitlines():
            result = RESULT.fullmatch(line)
            plan = PLAN.fullmatch(line) or plan
            if result:
                self.count += 1
                self.failed += result[1] == "not ok"
                self.out(f"{result[1]} {self.count} - {result[2]}")
            elif not PLAN.fullmatch(line) and not line.startswith("TAP version"):
                self.out(line if line.startswith("#") else f"# {line}")
        if plan and plan[1]:
            self.skip(case, plan[1])
        elif not plan:
            self.ok(False, f"{case}: the run of this case", f"ended with {code} and without a plan")

    def finish(self, reason=""):
        """@return exit status."""
        self.out(f"1..{self.count}" + (f" # SKIP {reason}" if reason else ""))
        return 1 if self.failed else 0
