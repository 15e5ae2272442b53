# SPDX-License-Identifier: BSD-3-Clause
"""doc/result.schema.json for tests: its validator, and the names that it knows."""
import json

import pytest

import usertool

SCHEMA = json.loads((usertool.ROOT / "doc" / "result.schema.json").read_text())


def validator(kind=None):
    """Of a whole file, or of one line of a sweep."""
    jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")
    schema = {**SCHEMA, "oneOf": [{"$ref": f"#/$defs/{kind}"}]} if kind else SCHEMA
    return jsonschema.Draft202012Validator(schema)


def names(node=None):
    """Every key that the schema knows, at any depth."""
    node = SCHEMA if node is None else node
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "properties":
                yield from value
            yield from names(value)
    elif isinstance(node, list):
        for value in node:
            yield from names(value)


def keys(value, left_out=()):
    """Every key of a result, at any depth but below those that are left out."""
    if isinstance(value, dict):
        yield from value
        value = [v for k, v in value.items() if k not in left_out]
    for v in value:
        if isinstance(v, (dict, list)):
            yield from keys(v, left_out)
