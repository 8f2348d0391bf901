#!/usr/bin/env python3
"""Asks the examples of every rule's card which parts of the rule they show.

    python3 tests/cards.py rules target/release/portcullis              # all declarative cards
    python3 tests/cards.py rules target/release/portcullis sg-open-ssh  # these alone

Takes away, one at a time, every alternative (`any`), exemption (`none`), condition (an entry of a map), value of a list, branch of a
regular expression, grade and type, and lets `portcullis test` run the card's examples on what is left. Where no example notices,
nothing shows that this part of the rule works: it is printed under the rule's name, and the sums by sort are printed last.
A card that is not accepted any more without the part counts as refused, not as noticed.

Needs PyYAML. Native rules have no parts to take away; see "Mutations" in docs/testing.md for them.
"""

import collections
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

# What says nothing about when the rule speaks.
ASIDE = ("aliases", "subsumes", "silences", "formerly", "compliance")
# Of a grade only what decides whether it holds, and those that change the severity: examples see nothing else.
OUTCOME = ("remedy", "message", "severity", "confidence")
SORTS = ("alternative", "exemption", "part of an all", "guard or grade", "condition", "type", "value", "branch of a regular expression")


class Loader(yaml.SafeLoader):
    """YAML as the cards are read: `yes` and dates are text."""


class Dumper(yaml.SafeDumper):
    """Writes everything out: a part that is taken away in one place stays in the others."""

    def ignore_aliases(self, data):
        return True


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in ("bool", "timestamp", "int", "float")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))


def nodes(node, path=()):
    """Every node below this one, with the way to it."""
    yield path, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from nodes(child, path + (key,))


def at(node, path):
    for key in path:
        node = node[key]
    return node


def branches(pattern):
    """The branches of each group of a regular expression, with the expression that lacks it."""
    open_groups, groups, place, in_class = [(0, [])], [], 0, False
    while place < len(pattern):
        character = pattern[place]
        if character == "\\":
            place += 2
            continue
        if in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
            if pattern[place + 1 : place + 2] == "]":
                place += 1
            elif pattern[place + 1 : place + 3] == "^]":
                place += 2
        elif character == "(":
            flags = re.match(r"\?(:|[a-z]+:|P?<[a-z]+>)", pattern[place + 1 :])
            open_groups.append((place + 1 + (flags.end() if flags else 0), []))
        elif character == ")":
            groups.append((*open_groups.pop(), place))
        elif character == "|":
            open_groups[-1][1].append(place)
        place += 1
    groups.append((*open_groups.pop(), len(pattern)))
    for start, bars, end in groups:
        edges = [start - 1, *bars, end]
        for left, right in zip(edges, edges[1:]) if bars else ():
            first = left == start - 1
            yield pattern[left + 1 : right], pattern[: left + first] + pattern[right + first * (right < end) :]


def parts(check):
    """The parts of a check: their sort, where they stand, and the check without them."""

    def without(path, key):
        less = copy.deepcopy(check)
        gone = at(less, path).pop(key)
        return less, gone

    if isinstance(check.get("on"), list):
        for index in range(len(check["on"])):
            less, gone = without(("on",), index)
            yield "type", f"on - {gone}", less
    if "when" in check:
        yield "guard or grade", "no when", without((), "when")[0]
    for index, grade in enumerate(check.get("grade", [])):
        if "severity" in grade:
            less, _ = without(("grade",), index)
            if not less["grade"]:
                del less["grade"]
            yield "guard or grade", f"no grade {index} ({grade['severity']})", less
    for top in ("when", "bad", "grade"):
        for way, node in nodes(check.get(top)):
            if top == "grade" and (len(way) < 2 or way[-1] in OUTCOME or "severity" not in check["grade"][way[0]]):
                continue
            last, path = way[-1] if way else None, (top, *way)
            where = ".".join(map(str, path))
            if isinstance(node, dict) and len(node) > 1:
                for key in node:
                    # Without its type or place such a question has no sense, and a default alone no use.
                    if last in ("refers-to", "referred-by", "template-has") and "type" in node and key in ("type", "at"):
                        continue
                    if "default" in node and key != "default" and len(node) == 2:
                        continue
                    yield "condition", f"{where} - {key}", without(path, key)[0]
            elif isinstance(node, list) and len(node) > 1:
                for index, item in enumerate(node):
                    sorts = {"any": "alternative", "none": "exemption", "all": "part of an all"}
                    sort = sorts.get(last, "value") if isinstance(item, dict) else "value"
                    yield sort, f"{where} - {json.dumps(item, ensure_ascii=False)[:100]}", without(path, index)[0]
            elif isinstance(node, str) and last == "matches":
                for gone, pattern in branches(node):
                    less = copy.deepcopy(check)
                    at(less, path[:-1])["matches"] = pattern
                    yield "branch of a regular expression", f"{where} ~ {gone[:80]}", less


def answers(binary, cards):
    """What `test` says of a folder of cards, by their names."""
    run = subprocess.run([binary, "test", cards], capture_output=True, text=True, check=False)
    said = collections.defaultdict(list)
    for line in (run.stdout + run.stderr).splitlines():
        for name in re.findall(r"\bm\d{6}-x\b", line)[:1]:
            said[name].append(line)
    return said


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rules, binary, wanted = pathlib.Path(sys.argv[1]), sys.argv[2], set(sys.argv[3:])
    asked, sums = [], collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder:
        for file in sorted(rules.rglob("*.yaml")):
            card = yaml.load(file.read_text(encoding="utf-8"), Loader)
            check = card.get("check")
            if wanted and card["name"] not in wanted or not isinstance(check, dict) or check.get("native"):
                continue
            own = {key: value for key, value in card.items() if key not in ASIDE}
            # The card itself comes first: by a name of its own it must hold, or what is left of it says nothing.
            for sort, what, less in [(None, "", check), *parts(check)]:
                name = f"m{len(asked):06}-x"
                asked.append((name, card["name"], sort, what))
                text = yaml.dump({**own, "name": name, "check": less}, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=1000)
                pathlib.Path(folder, f"{name}.yaml").write_text(text, encoding="utf-8")
        said = answers(binary, folder)
    broken, before = set(), None
    for name, rule, sort, what in asked:
        if sort is None:
            if said[name]:
                broken.add(rule)
                print(f"{rule}: its examples do not hold as it is: {said[name][0]}")
            continue
        if rule in broken:
            continue
        noticed = any(": example " in line for line in said[name])
        answer = "noticed" if noticed else "refused" if said[name] else "survived"
        sums[sort][answer] += 1
        if answer == "survived":
            if rule != before:
                print(rule)
            before = rule
            print(f"    {what}")
    print(f"\n{'':32}{'asked':>8}{'refused':>9}{'noticed':>9}{'survived':>10}")
    total = collections.Counter()
    for sort in SORTS:
        total.update(sums[sort])
        row(sort, sums[sort])
    row("together", total)


def row(sort, counts):
    if counts:
        print(f"{sort:32}{sum(counts.values()):8}{counts['refused']:9}{counts['noticed']:9}{counts['survived']:10}")


if __name__ == "__main__":
    main()
