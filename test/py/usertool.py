# SPDX-License-Identifier: BSD-3-Clause
"""Programs of usertools as modules, and their packages on the path."""
import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import sys
import types

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "usertools"))


def load(name):
    """A program as a module."""
    path = ROOT / "usertools" / name
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    old, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = old
    return module


def call(program, *argv):
    """
    A loaded program in this process: starting Python and loading matplotlib takes longer than most
    programs do. @return what subprocess.run() would: returncode, stdout, stderr.
    """
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = program.main([str(a) for a in argv])
        except SystemExit as e:
            code = e.code
    return types.SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())
