# SPDX-License-Identifier: BSD-3-Clause
"""Checks of the source text: licence lines, style, analysers, headers that stand alone."""
import ast
import hashlib
import json
import os
import re
import shlex
from pathlib import Path

from .report import FAIL, PASS
from .tools import BUILD, JOBS, ROOT, each, files, run, shell_scripts

# Files that cannot carry a comment, or are the licence.
NO_SPDX = {".json", ".jsonl", ".pcap", ".png", ".svg", ".csv", ".md", ".bin", ".golden", ".gz", ".txt"}
NO_SPDX_NAMES = {"LICENSE", ".git", ".gitignore", ".editorconfig"}
# What becomes part of a kernel, or changes one, has the kernel's licence, and modules its style.
KERNEL_CODE = (Path("kernel"), Path("test/lab/mock-tsm"))
KERNEL_LICENCE = (*KERNEL_CODE, Path("test/lab/patches"))
KERNEL_COLUMNS = 100


def kernel_licence(f):
    return any(top in f.parents for top in KERNEL_LICENCE)


def kernel_code(f):
    return any(top in f.parents for top in KERNEL_CODE)


def kernel_source(f):
    """A module's file that somebody wrote; one built in place leaves others there."""
    return f.suffix in {".asl", ".c", ".conf", ".h"} and not f.name.endswith(".mod.c") or \
        f.name in {"Kbuild", "Makefile"}


def user_space(*suffixes):
    """Files with one of these suffixes that our own style and analysers are for."""
    return [f for f in files(*suffixes) if not kernel_code(f)]


def spdx(report):
    missing = []
    for f in files():
        if f.suffix in NO_SPDX or f.name in NO_SPDX_NAMES or "corpus" in f.parts:
            continue
        if kernel_code(f) and not kernel_source(f):
            continue
        licence = b"GPL-2.0-only" if kernel_licence(f) else b"BSD-3-Clause"
        head = (ROOT / f).read_bytes()[:400]
        if not re.search(rb"SPDX-License-Identifier: " + licence + rb"\b", head):
            missing.append(str(f))
    report.check("licence lines", not missing, "no SPDX line: " + " ".join(missing))


def shell(report):
    for f in shell_scripts():
        code, out = run(["bash", "-n", f])
        if code == 0:
            code, out = run(["shellcheck", "-x", "-P", "SCRIPTDIR", f])
        report.check(str(f), code == 0, out)


def python_scripts():
    """Python by suffix or first line."""
    return [f for f in files() if f.suffix == ".py" or
            (f.suffix == "" and b"python3" in (ROOT / f).open("rb").readline(80))]


def python(report):
    bad = []
    for f in python_scripts():
        try:
            ast.parse((ROOT / f).read_text(), str(f))
        except SyntaxError as e:
            bad.append(str(e))
    report.check("syntax", not bad, "\n".join(bad))
    # Of its findings only this one: pytest's fixtures look like imports that nobody uses.
    code, out = run(["pyflakes3", *python_scripts()])
    bad = [line for line in out.splitlines() if "undefined name" in line]
    report.check("names", not bad and code in (0, 1), "\n".join(bad) or out)


def clang_format(report):
    code, out = run(["clang-format", "--dry-run", "-Werror", *user_space(".c", ".h")])
    report.check("clang-format", code == 0, out)
    bad = kernel_style()
    report.check("kernel style", not bad, "\n".join(bad))


def kernel_style():
    """The part of the kernel's checkpatch that needs no kernel: tabs and columns."""
    bad = []
    for f in files(".c", ".h"):
        if not kernel_code(f) or not kernel_source(f):
            continue
        for n, line in enumerate((ROOT / f).read_text().splitlines(), 1):
            if re.match(r"\t* {8}|.*\s$", line):
                bad.append(f"{f}:{n}: spaces for a tab, or at the end")
            if len(line.expandtabs(8)) > KERNEL_COLUMNS and "MODULE_PARM_DESC" not in line:
                bad.append(f"{f}:{n}: over {KERNEL_COLUMNS} columns")
    return bad


def compile_commands(kind):
    """file -> (folder, command words) of a build."""
    path = BUILD / kind / "compile_commands.json"
    if not path.exists():
        return {}
    return {e["file"]: (e["directory"], shlex.split(e["command"]))
            for e in json.loads(path.read_text())}


def include_flags():
    """What any of our headers may need: DPDK, its driver headers, and each other."""
    _, dpdk = run(["pkg-config", "--cflags", "libdpdk", "jansson"])
    folders = sorted({str(ROOT / h.parent) for h in user_space(".h") if h.parts[0] != "test"})
    return [*shlex.split(dpdk), "-isystem", str(BUILD / "sdk"), "-D_GNU_SOURCE",
            "-DALLOW_INTERNAL_API", "-DALLOW_EXPERIMENTAL_API", *[f"-I{d}" for d in folders]]


def headers(report):
    """Every header compiles alone as C; those that are installed also as C++."""
    flags = include_flags()
    installed = {f for m in files() if m.name == "meson.build" for f in installed_headers(m)}

    def one(header):
        code, out = run(["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror",
                         "-fsyntax-only", f"-I{header.parent}", *flags, "-x", "c", "-include",
                         ROOT / header, "/dev/null"])
        if code == 0 and header in installed:
            code, out = run(["g++", "-std=gnu++17", "-Wall", "-Wextra", "-Wno-unused-parameter",
                             "-Werror", "-fsyntax-only", *flags, "-x", "c++", "-include",
                             ROOT / header, "/dev/null"])
        return code, out

    for header, (code, out) in each(one, user_space(".h")):
        report.check(f"{header} alone", code == 0, out)


def installed_headers(meson_file):
    """Headers that a meson.build lists in headers = files(...) or install_headers(...)."""
    text = (ROOT / meson_file).read_text()
    lists = re.findall(r"(?:headers = files|install_headers)\(([^)]*)\)", text)
    return [meson_file.parent / name for part in lists for name in re.findall(r"'(\S+\.h)'", part)]


def tidy_state(command):
    """What the verdict on a file depends on: itself, any header, the rules, how it is compiled."""
    folder, words = command
    digest = hashlib.sha256(" ".join(words).encode())
    for f in [Path(".clang-tidy"), *files(".h")]:
        digest.update((ROOT / f).read_bytes())
    digest.update((Path(folder) / words[-1]).read_bytes())
    return digest.hexdigest()


def clang_tidy(report):
    """
    Our sources as the clang build compiles them; unchanged files that passed are not redone. The
    analyser takes ten times as long as all other checks: --long has it.
    """
    checks = [] if os.environ.get("STEER_LONG") else ["--checks=-clang-analyzer-*"]
    commands = compile_commands("clang")
    ours = sorted(f for f in commands if f.endswith(".c"))
    if not ours:
        report.add("clang-tidy", FAIL, "no clang build to take the compile commands from")
        return
    folder = BUILD / "clang"
    passed = BUILD / "tidy"
    passed.mkdir(exist_ok=True)

    def one(f):
        state = passed / (tidy_state(commands[f]) + ("" if checks else "-analysed"))
        if state.exists():
            return 0, ""
        code, out = run(["clang-tidy", "--quiet", *checks, "-p", folder, folder / f], cwd=folder)
        if code == 0 and "warning:" not in out:
            state.touch()
        return code, out

    bad = [out for _, (code, out) in each(one, ours) if code or "warning:" in out]
    report.add("clang-tidy", FAIL if bad else PASS, "\n".join(bad))


def cppcheck(report):
    folders = [d for d in ("lib", "drivers", "app", "examples") if (ROOT / d).is_dir()]
    code, out = run(["cppcheck", "-q", "-j", JOBS, "--enable=warning,performance,portability",
                     "--inline-suppr", "--include=devtools/cppcheck.h",
                     "--suppressions-list=devtools/cppcheck.supp",
                     "--error-exitcode=1", "--std=c11", "-D__linux__", "-D__x86_64__",
                     *[f"-I{d}" for d in sorted({str(h.parent) for h in user_space('.h')})],
                     *folders])
    report.check("cppcheck", code == 0, out)
