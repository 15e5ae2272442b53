# SPDX-License-Identifier: BSD-3-Clause
"""Typed access to JSON from outside: what is not as documented is named with its place."""
import unicodedata

MISSING = object()
LONGEST = 400   # characters of a text that is shown
LARGEST = 1e18  # of a figure: more can neither be measured nor drawn


class ResultError(Exception):
    """One line for the user."""


def clean(text):
    """
    Text that can go to a terminal, a page and a picture: no control characters, nothing that turns
    the direction of writing, no halves of surrogate pairs.
    """
    text = "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
                   else c for c in text)
    return text if len(text) <= LONGEST else text[:LONGEST - 1] + "\u2026"


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and \
        abs(value) < LARGEST


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 64


class Node:
    """A JSON object and its place in the file. A key that is null counts as absent."""

    def __init__(self, value, where):
        if not isinstance(value, dict):
            raise ResultError(f"{where} is not an object")
        self.value, self.where = value, where

    def place(self, key):
        return f"{self.where}.'{key}'"

    def has(self, key):
        return self.value.get(key) is not None

    def _get(self, key, fits, kind, default):
        value = self.value.get(key)
        if value is None and default is not MISSING:
            return default
        if not fits(value):
            state = "is missing or null" if value is None else f"is not {kind}"
            raise ResultError(f"{self.place(key)} {state}")
        return value

    def text(self, key, default=MISSING):
        value = self._get(key, lambda v: isinstance(v, str), "a text", default)
        return clean(value) if isinstance(value, str) else value

    def number(self, key, default=MISSING):
        return self._get(key, is_number, "a number", default)

    def integer(self, key, default=MISSING):
        return self._get(key, is_integer, "an integer", default)

    def count(self, key, default=MISSING):
        return self._get(key, lambda v: is_integer(v) and v >= 0, "a count", default)

    def flag(self, key, default=MISSING):
        return self._get(key, lambda v: isinstance(v, bool), "true or false", default)

    def list(self, key, default=MISSING):
        return self._get(key, lambda v: isinstance(v, list), "a list", default)

    def node(self, key):
        if not self.has(key):
            raise ResultError(f"{self.place(key)} is missing or null")
        return Node(self.value[key], self.place(key))

    def maybe(self, key):
        """The object below key, or None."""
        return self.node(key) if self.has(key) else None

    def nodes(self, key, default=MISSING):
        return [Node(v, f"{self.place(key)}[{i}]") for i, v in enumerate(self.list(key, default))]

    def flat(self):
        """(name, text) of what is in here, for display; deeper objects are joined by spaces."""
        return [(clean(str(k)), shown(v)) for k, v in self.value.items()]


def shown(value):
    """Any JSON value as one line."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return clean(" ".join(f"{k}={shown(v)}" for k, v in value.items())) or "-"
    if isinstance(value, list):
        return clean(" ".join(shown(v) for v in value)) or "-"
    return clean(f"{value:g}" if isinstance(value, float) else str(value))
