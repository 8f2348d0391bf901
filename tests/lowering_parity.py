#!/usr/bin/env python3
"""Do our rules say the same of our lowering as of what SAM and the Serverless Framework really deploy?

    tests/lowering_parity.py BINARY DIR [--group NAME] [--show N]

DIR holds `index.tsv` (group, name, entry, flags, cli) and for each pair `GROUP/NAME/` with the input and the framework's own
`compiled.json`. Both templates are checked with all rules; findings are compared by rule, resource and property path. Prints
the share that is the same, and by rule what is lost (only in the framework's) and invented (only in ours).
"""
import argparse
import collections
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

GENERATED = re.compile(r"ServerlessDeploymentBucket|ApiGatewayDeployment|Custom(Dash|DynamoDB)|^Stage$|Deployment[0-9a-f]{10}$")
HASH = re.compile(r"[0-9a-f]{10}$|(?<=LambdaVersion)[A-Za-z0-9]{30,}$|(?<=ApiGatewayDeployment)[0-9]+$")


def findings(binary, path):
    command = [binary, "check", "--format", "json", "--profile", "all", "--no-config", "--no-suppressions", path]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    report = json.loads(done.stdout)
    found = set()
    for finding in report["findings"]:
        resource = HASH.sub("", finding.get("resource") or "")
        if finding["kind"] == "fail" and not GENERATED.search(resource):
            # Positions in lists are not compared: lists such as DependsOn have no order.
            place = re.sub(r"\[\d+\]", "", re.sub(r"^Resources\.[^.]+\.?", "", finding["path"]))
            found.add((finding["rule"], resource, place))
    return found


def options(cli):
    words, made = shlex.split(cli), []
    while words:
        key, _, value = words.pop(0).lstrip("-").partition("=")
        value = value or (words.pop(0) if words and not words[0].startswith("-") else "true")
        key = {"s": "stage", "r": "region"}.get(key, key)
        made += ["--" + key, value] if key in ("stage", "region", "param") else ["--opt", f"{key}={value}"]
    return made


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("data")
    parser.add_argument("--group")
    parser.add_argument("--show", type=int, default=15)
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    lost, invented, groups = collections.Counter(), collections.Counter(), collections.defaultdict(lambda: [0, 0])
    for line in open(os.path.join(args.data, "index.tsv")).read().splitlines()[1:]:
        group, name, entry, flags, cli = line.split("\t")
        if flags or (args.group and group != args.group):
            continue
        folder = os.path.join(args.data, group, name)
        extra = ["--parameter", "param1=value1", "--parameter", "param2=value2"] if group == "sam-tests" else []
        command = [binary, "lower", entry, "--format", "json", *options(cli), *extra]
        lowered = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with tempfile.TemporaryDirectory() as scratch:
            ours, theirs = os.path.join(scratch, "ours.json"), os.path.join(scratch, "theirs.json")
            template = json.loads(lowered.stdout or b"{}")
            template.setdefault("AWSTemplateFormatVersion", "2010-09-09")
            real = json.load(open(os.path.join(folder, "compiled.json")))
            real.setdefault("AWSTemplateFormatVersion", "2010-09-09")
            json.dump(template, open(ours, "w"), indent=1)
            json.dump(real, open(theirs, "w"), indent=1)
            own, other = findings(binary, ours), findings(binary, theirs)
        groups[group][0] += len(own & other)
        groups[group][1] += len(own | other)
        lost.update(rule for rule, _, _ in other - own)
        invented.update(rule for rule, _, _ in own - other)
    for group, (same, all_) in sorted(groups.items()):
        print(f"{group:22} {same}/{all_} findings the same: {100 * same / max(1, all_):.1f} %")
    for title, counter in (("lost", lost), ("invented", invented)):
        for rule, count in counter.most_common(args.show):
            print(f"{title:9} {count:5} {rule}")
    same, all_ = (sum(g[i] for g in groups.values()) for i in (0, 1))
    sys.exit(0 if same >= 0.98 * all_ else 1)


main()
