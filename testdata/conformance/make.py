"""Writes what the reference parsers make of the texts of yaml.tsv and json.tsv into their further columns.

    python3 -m pip install pyyaml==6.0.3 ruamel.yaml==0.19.1
    python3 testdata/conformance/make.py

A line is a name, a text as a JSON string, and what each parser reads: PyYAML (YAML 1.1) and ruamel.yaml (YAML 1.2)
for YAML, Python's own json for JSON. What is read is written as it is compared:

    error                          refused
    nothing                        a text without a document
    "text"  =12  true  null        a scalar; numbers keep the characters they are written in, dates are text
    [a, b]  {"k": v}  !Tag v       collections, in order, duplicates and merge keys included; tags that are not YAML's own
    a --- b                        several documents
"""

import io
import json
import pathlib

import ruamel.yaml
import yaml

HERE = pathlib.Path(__file__).parent
STANDARD = "tag:yaml.org,2002:"
MOST = 100_000


def text(value):
    plain = lambda c: c if " " <= c <= "~" and c not in '"\\' else "\\u{%x}" % ord(c)
    return '"' + "".join(plain(c) for c in value) + '"'


class Number(str):
    """A number as it is written."""


def shown(node, around=()):
    """A composed node as it is compared."""
    if id(node) in around:
        return "recursive"
    around = around + (id(node),)
    tag = str(node.tag)
    kind = type(node).__name__
    if kind == "SequenceNode":
        own, value = tag == STANDARD + "seq", "[" + ", ".join(shown(item, around) for item in node.value) + "]"
    elif kind == "MappingNode":
        pairs = ", ".join(f"{shown(key, around)}: {shown(item, around)}" for key, item in node.value)
        own, value = tag == STANDARD + "map", "{" + pairs + "}"
    else:
        name = tag.removeprefix(STANDARD)
        plain = node.style is None or node.style == ""
        own = name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
        if name in ("int", "float") and plain:
            value = "=" + node.value
        elif name == "bool" and plain:
            value = "true" if node.value.lower() in ("true", "yes", "on", "y") else "false"
        elif name == "null" and plain:
            value = "null"
        else:
            value = text(node.value)
    return value if own else f"{tag.replace(STANDARD, '!!')} {value}"


def documents(nodes):
    nodes = [shown(node) for node in nodes if node is not None]
    nodes = [node for node in nodes if node != "null"]
    return " --- ".join(nodes) if nodes else "nothing"


def pyyaml(source):
    try:
        return documents(yaml.compose_all(source, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return "error"


def ruamel_yaml(source):
    loader = ruamel.yaml.YAML(typ="safe", pure=True)
    # A duplicate key is a question of constructing, not of reading.
    try:
        return documents(list(loader.compose_all(io.StringIO(source))))
    except (ruamel.yaml.error.YAMLError, ValueError, RecursionError, AttributeError, IndexError, TypeError):
        return "error"


def python_json(source):
    def refuse(_):
        raise ValueError

    def value(read):
        if read is None or isinstance(read, bool):
            return json.dumps(read)
        if isinstance(read, Number):
            return "=" + read
        if isinstance(read, str):
            return text(read)
        if isinstance(read, list):
            return "[" + ", ".join(value(item) for item in read) + "]"
        return "{" + ", ".join(f"{text(key)}: {value(item)}" for key, item in read.pairs) + "}"

    class Pairs:
        def __init__(self, pairs):
            self.pairs = pairs

    try:
        # A byte order mark is taken off by whoever decodes the file.
        source = source.removeprefix("\ufeff")
        return value(json.loads(source, object_pairs_hook=Pairs, parse_float=Number, parse_int=Number, parse_constant=refuse))
    except (ValueError, RecursionError):
        return "error"


def write(name, parsers):
    path = HERE / name
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        case, source = line.split("\t")[:2]
        read = [parser(json.loads(source)) for parser in parsers]
        lines.append("\t".join([case, source, *read]) + "\n")
    path.write_text("".join(lines), encoding="utf-8")


write("yaml.tsv", [pyyaml, ruamel_yaml])
write("json.tsv", [python_json])
