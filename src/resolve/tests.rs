//! What the resolver promises, on whole templates.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::asking::{asking, asking_alone};
use super::{Exports, Given, Known, MAX_CASES, Resolver, Text, Truth, Under};
use crate::source::{Arena, FileId, Source, Sources};
use crate::syntax;
use crate::template::{Dialect, Reader, Schema};

/// The cases of the first resource's property `P`: value (holes as `*`), assumption.
fn cases_with(text: &str, given: &[(&str, Given)], exports: &[(&str, &str)]) -> Vec<String> {
    asking(text, given, exports, |resolver, _| shown(resolver))
}

fn shown(resolver: &Resolver<'_, '_>) -> Vec<String> {
    let resource = resolver.template().resources.first().expect("the test's template has a resource");
    let cases = resolver.property(resource, &["P"]);
    let shown = cases.iter().map(|case| {
        let value = match case.value {
            Known::Present(value) => match value.as_list() {
                Some(items) => {
                    format!("[{}]", items.iter().map(|i| Text::of(i).pattern()).collect::<Vec<_>>().join(", "))
                }
                None => Text::of(&value).pattern(),
            },
            Known::Absent => "absent".to_owned(),
            Known::Unknown(_) => "unknown".to_owned(),
        };
        match case.under.describe() {
            Some(under) => format!("{value} when {under}"),
            None => value,
        }
    });
    shown.collect()
}

fn cases(head: &str, property: &str) -> Vec<String> {
    cases_with(
        &format!("{head}\nResources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: {property}\n"),
        &[],
        &[],
    )
}

const ENV: &str = "Parameters:
  Env: {Type: String, Default: dev, AllowedValues: [dev, test, prod]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Equals [dev, !Ref Env]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Either: !Or [!Condition IsProd, !Condition IsDev]
  Small: !Not [!Condition IsProd]";

/// A literal is its only case, without an assumption.
#[test]
fn literals_are_themselves() {
    assert_eq!(cases("", "a"), ["a"]);
    assert_eq!(cases("", "[a, b]"), ["[a, b]"]);
}

/// `Fn::If` has both branches, each under its condition.
#[test]
fn if_has_two_branches() {
    assert_eq!(cases(ENV, "!If [IsProd, a, b]"), ["a when IsProd is true", "b when IsProd is false"]);
}

/// The range of a network of the template is the one that it was given, in each case; one from a pool is not known.
#[test]
fn ranges_of_networks() {
    let range = |vpc: &str, property: &str| {
        let rest = format!("  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {{{vpc}}}\n");
        let own = format!("  R:\n    Type: AWS::X::Y\n    Properties:\n      P: {property}\n");
        cases_with(&format!("{ENV}\nResources:\n{own}{rest}"), &[], &[])
    };
    assert_eq!(range("CidrBlock: 10.0.0.0/16", "!GetAtt Vpc.CidrBlock"), ["10.0.0.0/16"]);
    assert_eq!(range("CidrBlock: 10.0.0.0/16", "!Sub 'of ${Vpc.CidrBlock}'"), ["of 10.0.0.0/16"]);
    assert_eq!(
        range("CidrBlock: !If [IsProd, 10.0.0.0/16, 10.1.0.0/16]", "!GetAtt Vpc.CidrBlock"),
        ["10.0.0.0/16 when IsProd is true", "10.1.0.0/16 when IsProd is false"]
    );
    assert_eq!(range("Ipv4IpamPoolId: a", "!GetAtt Vpc.CidrBlock"), ["*"]);
    assert_eq!(range("CidrBlock: !ImportValue net", "!GetAtt Vpc.CidrBlock"), ["*"]);
    assert_eq!(range("CidrBlock: !GetAtt Vpc.CidrBlock", "!GetAtt Vpc.CidrBlock"), ["*"]);
    assert_eq!(range("CidrBlock: 10.0.0.0/16", "!GetAtt Vpc.DefaultSecurityGroup"), ["*"]);
}

/// What a parameter of Parameter Store gives back is what the template keeps there.
#[test]
fn parameters_read_back() {
    let kept = |parameter: &str, property: &str| {
        let rest = format!("  Kept:\n    Type: AWS::SSM::Parameter\n    Properties: {{{parameter}}}\n");
        let own = format!("  R:\n    Type: AWS::X::Y\n    Properties:\n      P: {property}\n");
        cases_with(&format!("{ENV}\nResources:\n{own}{rest}"), &[], &[])
    };
    assert_eq!(kept("Type: String, Value: 0.0.0.0/0", "!GetAtt Kept.Value"), ["0.0.0.0/0"]);
    assert_eq!(
        kept("Type: String, Value: !If [IsProd, a, b]", "!Sub 'of ${Kept.Value}'"),
        ["of a when IsProd is true", "of b when IsProd is false"]
    );
    assert_eq!(kept("Type: String, Value: !ImportValue x", "!GetAtt Kept.Value"), ["*"]);
    assert_eq!(kept("Type: String, Value: a", "!GetAtt Kept.Type"), ["*"]);
}

/// Branches that cannot be taken together are dropped.
#[test]
fn impossible_branches_are_silent() {
    assert_eq!(
        cases(ENV, "!If [IsProd, !If [IsDev, never, a], b]"),
        ["a when IsProd is true", "b when IsProd is false"]
    );
    assert_eq!(cases(ENV, "!If [Both, never, a]"), ["a"]);
}

/// A condition built from conditions is narrowed by them.
#[test]
fn conditions_know_each_other() {
    assert_eq!(
        cases(ENV, "!If [Either, !If [Small, dev, prod], test]"),
        [
            "dev when Either is true and Small is true",
            "prod when Either is true and Small is false",
            "test when Either is false"
        ]
    );
}

/// A parameter has its default and each allowed value; under a condition only those that fit.
#[test]
fn parameters_have_their_values() {
    let free = "Parameters:\n  A: {Type: String, Default: x}\n  L: {Type: CommaDelimitedList, Default: 'a,b'}\n  U: {Type: String}";
    assert_eq!(cases(free, "!Ref A"), ["x"]);
    assert_eq!(cases(free, "!Ref L"), ["[a, b]"]);
    assert_eq!(cases(free, "!Ref U"), ["*"]);
    let mut all = cases(ENV, "!Ref Env");
    all.sort();
    assert_eq!(all, ["dev when Env is dev", "prod when Env is prod", "test when Env is test"]);
    assert_eq!(cases(ENV, "!If [IsProd, !Ref Env, x]"), ["prod when IsProd is true", "x when IsProd is false"]);
}

/// Text is put together, and what is unknown of it is a hole.
#[test]
fn text_has_holes() {
    let head = "Parameters:\n  A: {Type: String, Default: x}";
    assert_eq!(cases(head, "!Sub 'arn:${AWS::Partition}:s3:::${A}-b/*'"), ["arn:*:s3:::x-b/*"]);
    assert_eq!(cases(head, "!Sub ['${V}/${!Literal}', {V: !Ref A}]"), ["x/${Literal}"]);
    assert_eq!(cases(head, "!Join ['-', [a, !Ref A, !Ref 'AWS::Region']]"), ["a-x-*"]);
    assert_eq!(cases(head, "!Select [1, !Split [',', 'a,b']]"), ["b"]);
    let list = "Parameters:\n  L: {Type: CommaDelimitedList, Default: 'x, y'}";
    assert_eq!(cases(list, "!Join ['-', [a, !Ref L, c]]"), ["a-x-y-c"]);
    assert_eq!(cases(list, "!Join ['-', !Ref L]"), ["x-y"]);
    assert_eq!(cases(head, "'{{resolve:secretsmanager:s:SecretString:p}}'"), ["*"]);
}

/// `AWS::NoValue` is absence.
#[test]
fn no_value_is_absent() {
    assert_eq!(
        cases(ENV, "!If [IsProd, a, !Ref 'AWS::NoValue']"),
        ["a when IsProd is true", "absent when IsProd is false"]
    );
}

/// A mapping keyed by a known value has one case, keyed by the region one for each entry.
#[test]
fn mappings_are_looked_up() {
    let head = format!("{ENV}\nMappings:\n  M:\n    dev: {{k: 1}}\n    prod: {{k: 2}}\n    eu: {{j: 3}}");
    assert_eq!(cases(&head, "!FindInMap [M, prod, k]"), ["2"]);
    assert_eq!(
        cases(&head, "!If [IsProd, !FindInMap [M, !Ref Env, k], 9]"),
        ["2 when IsProd is true", "9 when IsProd is false"]
    );
    assert_eq!(cases(&head, "!FindInMap [M, nope, k]"), ["unknown"]);
    assert_eq!(cases(&head, "!FindInMap [M, eu, k, {DefaultValue: 7}]"), ["7"]);
}

/// What the user gives wins over the default and decides conditions.
#[test]
fn given_parameters_win() {
    let text = format!("{ENV}\nResources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: !If [IsProd, a, b]\n");
    assert_eq!(cases_with(&text, &[("Env", Given::Text("prod".into()))], &[]), ["a"]);
    let unknown = cases_with(&text, &[("Env", Given::Unknown)], &[]);
    assert_eq!(unknown, ["a when IsProd is true", "b when IsProd is false"]);
}

/// An import has the value that another template of the run exports, else it is symbolic.
#[test]
fn imports_are_resolved() {
    let text = "Resources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: !ImportValue n\n";
    assert_eq!(cases_with(text, &[], &[("n", "v")]), ["v"]);
    assert_eq!(cases_with(text, &[], &[]), ["*"]);
}

/// Loops are unrolled.
#[test]
fn loops_are_unrolled() {
    let text = "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::B:\n    - N\n    - [One, Two]\n    - 'Bucket${N}':\n        Type: AWS::S3::Bucket\n        Properties:\n          P: !Sub 'x-${N}'\n";
    assert_eq!(cases_with(text, &[], &[]), ["x-One"]);
}

/// What a loop runs over may stand in a mapping, before the resources or behind them, under a key that a parameter chooses.
#[test]
fn loops_over_mappings() {
    let parameters = "Parameters:\n  Stage: {Type: String, Default: prod}\n";
    let mappings = "Mappings: {All: {prod: {Names: [One, Two]}, dev: {Names: [Three]}}}\n";
    let resources = |collection: &str| {
        format!(
            "Resources:\n  Fn::ForEach::B:\n    - N\n    - {collection}\n    - 'Bucket${{N}}':\n        Type: AWS::S3::Bucket\n        Properties:\n          P: !Sub 'x-${{N}}'\n"
        )
    };
    let known = resources("!FindInMap [All, !Ref Stage, Names]");
    for text in [format!("{parameters}{mappings}{known}"), format!("{known}{mappings}{parameters}")] {
        assert_eq!(cases_with(&text, &[], &[]), ["x-One"]);
    }
    let default = resources("!FindInMap [All, test, Names, {DefaultValue: [Four]}]");
    assert_eq!(cases_with(&format!("{mappings}{default}"), &[], &[]), ["x-Four"]);
    let missing = resources("!FindInMap [All, test, Names]");
    assert_eq!(cases_with(&format!("{mappings}{missing}"), &[], &[]), ["unknown"]);
}

/// Thousands of combinations are unknown, not slow.
#[test]
fn enumeration_is_bounded() {
    let many = (0..30).map(|i| format!("  P{i}: {{Type: String, AllowedValues: [a, b, c]}}\n")).collect::<String>();
    let join = (0..30).map(|i| format!("!Ref P{i}")).collect::<Vec<_>>().join(", ");
    assert_eq!(cases(&format!("Parameters:\n{many}"), &format!("!Join ['', [{join}]]")), ["unknown"]);
}

/// Text with holes answers what it can.
#[test]
fn text_with_holes_answers() {
    let arena = Arena::new();
    let build = crate::template::Build::new(&arena);
    let origin = crate::template::Origin::written(crate::source::Span::new(FileId(0), 0, 0));
    let value = build.join(
        "",
        [build.text("arn:aws:s3:::", origin), build.reference("Bucket", origin), build.text("/*", origin)],
        origin,
    );
    let text = Text::of(&value);
    assert_eq!(text.starts_with("arn:aws:s3"), Truth::Yes);
    assert_eq!(text.starts_with("arn:aws:sqs"), Truth::No);
    assert_eq!(text.starts_with("arn:aws:s3:::name"), Truth::Maybe);
    assert_eq!(text.ends_with("/*"), Truth::Yes);
    assert_eq!(text.is("*"), Truth::No);
    assert_eq!(text.is("arn:aws:s3:::x/*"), Truth::Maybe);
    assert_eq!(text.is("my-arn:aws:s3:::x/*"), Truth::No);
    assert_eq!(text.is("arn:aws:s3:::x/*y"), Truth::No);
    assert_eq!(text.contains(":::"), Truth::Yes);
    // What AWS calls a thing has no variable in it; what people give may.
    assert_eq!(text.contains("${"), Truth::No);
    assert_eq!(text.contains("b"), Truth::Maybe);
    let given = Text::of(&build.get_att("Stack", "Outputs.Prefix", origin));
    assert_eq!(given.contains("${"), Truth::Maybe);
    assert!(Under::always().is_always());
}

/// A reference to a secret is one hole, whatever its name is made of; what is written of it remains its key.
#[test]
fn references_with_holes() {
    use super::{Hole, Piece};
    let arena = Arena::new();
    let build = crate::template::Build::new(&arena);
    let origin = crate::template::Origin::written(crate::source::Span::new(FileId(0), 0, 0));
    let pieces = |text: &str| {
        let value = build.sub(build.text(text, origin).as_text().unwrap_or_default(), origin);
        let sources = Sources::new(Arc::new(Source::new("t.yaml", "Resources: {R: {Type: T}}")));
        let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
        let none = BTreeMap::new();
        let root = document.root().expect("the test's template parses");
        let template = Reader::new(&arena, &sources, Schema::Yaml11, &none).template(root, Dialect::CloudFormation);
        let (given, exports) = (BTreeMap::new(), Exports::new());
        let resolver = Resolver::new(&template, &arena, &given, &exports);
        let cases = resolver.cases(&value, &Under::always());
        let value = cases.first().and_then(|case| case.present()).expect("a text");
        Text::of(&value)
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => (*text).to_owned(),
                Piece::Hole(Hole::Dynamic { service, key }) => format!("<{service} {key}>"),
                Piece::Hole(_) => "<>".to_owned(),
            })
            .collect::<Vec<_>>()
    };
    let dsn = pieces("db://app:{{resolve:secretsmanager:${Secret}:SecretString:key}}@${Host}");
    assert_eq!(dsn, ["db://app:", "<secretsmanager :SecretString:key>", "@", "<>"]);
    assert_eq!(pieces("{{resolve:ssm-secure:/${Stage}/db}}"), ["<ssm-secure />"]);
    assert_eq!(pieces("{{resolve:ssm:/${Stage}/db}}"), ["{{resolve:ssm:/", "<>", "/db}}"]);
    assert_eq!(pieces("{{resolve:secretsmanager:${Open}"), ["{{resolve:secretsmanager:", "<>"]);
}

/// Parameters that meet in a condition keep their values apart, in every combination that is left.
#[test]
fn parameters_that_meet() {
    let head = "Parameters:
  A: {Type: String, AllowedValues: [a, b, c]}
  B: {Type: String, AllowedValues: [x, y]}
  C: {Type: String, AllowedValues: [k, l, m]}
Conditions:
  Some: !Or [!Equals [!Ref A, a], !Equals [!Ref B, x], !Equals [!Ref C, m]]
  All: !And [!Equals [!Ref A, b], !Equals [!Ref B, y], !Equals [!Ref C, l]]";
    let under =
        |condition: &str, name: &str| cases(head, &format!("!If [{condition}, !Ref {name}, !Ref AWS::NoValue]"));
    for (name, value) in [("A", "b"), ("B", "y"), ("C", "l")] {
        assert_eq!(under("All", name), [format!("{value} when All is true"), "absent when All is false".to_owned()]);
    }
    let mut all = cases(head, "!If [Some, some, !Sub '${A}${B}${C}']");
    all.sort();
    assert_eq!(
        all,
        [
            "byk when Some is false and A is b and C is k",
            "byl when Some is false and A is b and C is l",
            "cyk when Some is false and A is c and C is k",
            "cyl when Some is false and A is c and C is l",
            "some when Some is true",
        ]
    );
}

/// Two parameters with the same values are equal where both have the same; one is always equal to itself.
#[test]
fn parameters_compared_with_each_other() {
    let head = "Parameters:
  A: {Type: String, Default: x, AllowedValues: [x, y]}
  B: {Type: String, Default: x, AllowedValues: [x, y]}
  F: {Type: String, Default: x}
Conditions:
  Same: !Equals [!Ref A, !Ref B]
  AIsY: !Equals [!Ref A, y]
  BIsY: !Equals [!Ref B, y]
  Itself: !Equals [!Ref F, !Ref F]
  Free: !Equals [!Ref F, !Ref A]";
    assert_eq!(
        cases(head, "!If [Same, !If [AIsY, !If [BIsY, both, never], neither], differ]"),
        [
            "both when Same is true and AIsY is true",
            "neither when Same is true and AIsY is false",
            "differ when Same is false"
        ]
    );
    assert_eq!(cases(head, "!If [Itself, always, never]"), ["always"]);
    assert_eq!(cases(head, "!If [Free, a, b]"), ["a when Free is true", "b when Free is false"]);
}

/// A comparison that some values leave open is true or false all the same, and the same wherever it is asked for.
#[test]
fn comparisons_that_are_open() {
    let head = "Parameters:
  A: {Type: String, Default: a, AllowedValues: [a]}
  B: {Type: String, Default: b}
  E: {Type: String, AllowedValues: [a, e]}
  F: {Type: String, Default: x}
  G: {Type: String, Default: y}
Conditions:
  Two: !Equals [!Sub '${A}-${B}', a-b]
  One: !Equals [!Sub '${B}-x', b-x]
  Many: !Equals [!Sub '${E}-${B}', a-b]
  Same: !Equals [!Ref F, !Ref G]
  IsX: !Equals [!Ref F, x]";
    // The last one is declared nowhere, and is true or false all the same.
    for name in ["Two", "One", "Many", "Same", "Nobody"] {
        assert_eq!(
            cases(head, &format!("!If [{name}, !If [{name}, a, never], b]")),
            [format!("a when {name} is true"), format!("b when {name} is false")]
        );
    }
    // Whatever `G` is when it is not `y`, it may be what `F` is.
    assert_eq!(
        cases(head, "!If [Same, !If [IsX, a, b], c]"),
        ["a when Same is true and IsX is true", "b when Same is true and IsX is false", "c when Same is false"]
    );
}

/// Conditions compare texts that are put together and looked up.
#[test]
fn conditions_put_texts_together() {
    let head = "Parameters:
  Env: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Mappings:
  Other:
    dev: {size: big}
    prod: {size: big}
  Sizes:
    dev: {size: small, flag: true}
    prod: {size: big, flag: false}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  Subbed: !Equals [!Sub 'x-${Env}', x-prod]
  Joined: !Equals [!Join ['-', [x, !Ref Env]], x-prod]
  Mapped: !Equals [!FindInMap [Sizes, !Ref Env, size], big]
  Flagged: !Equals [!FindInMap [Sizes, !Ref Env, flag], false]
  Longer: !Equals [!Sub ['${V}!', {V: !FindInMap [Sizes, !Ref Env, size]}], 'big!']
  Nowhere: !Equals [!FindInMap [Sizes, !Ref Env, colour], big]
  Literal: !Equals [true, 'true']";
    for condition in ["Subbed", "Joined", "Mapped", "Flagged", "Longer"] {
        assert_eq!(
            cases(head, &format!("!If [IsProd, !If [{condition}, a, never], !If [{condition}, never, b]]")),
            ["a when IsProd is true", "b when IsProd is false"],
            "{condition}"
        );
    }
    assert_eq!(cases(head, "!If [Nowhere, a, b]"), ["a when Nowhere is true", "b when Nowhere is false"]);
    assert_eq!(cases(head, "!If [Literal, a, never]"), ["a"]);
}

/// What no value of a parameter makes so cannot be; pseudo parameters may be anything that they are compared with.
#[test]
fn values_that_cannot_be() {
    let head = "Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Path: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /name}
Conditions:
  Never: !Equals [!Ref Env, test]
  Named: !Equals [!Ref Path, /name]
  Here: !Equals [!Ref 'AWS::Region', eu-west-1]
  There: !Equals [!Ref 'AWS::Region', us-east-1]
  Loop: !Not [!Condition Loop]";
    assert_eq!(cases(head, "!If [Never, never, a]"), ["a"]);
    assert_eq!(cases(head, "!If [Named, a, b]"), ["a when Named is true", "b when Named is false"]);
    assert_eq!(
        cases(head, "!If [Here, !If [There, never, a], !If [There, b, c]]"),
        ["a when Here is true", "b when Here is false and There is true", "c when Here is false and There is false"]
    );
    assert_eq!(cases(head, "!If [Loop, a, b]"), ["a when Loop is true", "b when Loop is false"]);
}

/// Conditions nested too deep are free to be either; functions nested too deep have no value.
#[test]
fn nesting_is_bounded() {
    let nots = |count: usize| {
        let deep = format!("{}{{Condition: IsProd}}{}", "{'Fn::Not': [".repeat(count), "]}".repeat(count));
        cases(&format!("{ENV}\n  Deep: {deep}"), "!If [IsProd, !If [Deep, a, b], c]")
    };
    assert_eq!(nots(60), ["a when IsProd is true", "c when IsProd is false"]);
    assert_eq!(nots(61), ["b when IsProd is true", "c when IsProd is false"]);
    assert_eq!(
        nots(80),
        ["a when IsProd is true and Deep is true", "b when IsProd is true and Deep is false", "c when IsProd is false"]
    );
    let functions = |count: usize| cases("", &format!("{}a{}", "{'Fn::Base64': ".repeat(count), "}".repeat(count)));
    assert_eq!((functions(120), functions(140)), (vec!["a".to_owned()], vec!["unknown".to_owned()]));
}

/// Whether an assumption can be met with every parameter left at its default.
#[test]
fn assumptions_and_defaults() {
    let text = format!(
        "Parameters:\n  Free: {{Type: String}}\n  One: {{Type: String, Default: b, AllowedValues: [a, b, c]}}\n  Two: {{Type: String, Default: y, AllowedValues: [x, y]}}\n  Three: {{Type: String, Default: n, AllowedValues: [l, m, n]}}\n  Many: {{Type: String, Default: v70, AllowedValues: [{}]}}\n{}\n  IsV3: !Equals [!Ref Many, v3]\n  IsV70: !Equals [!Ref Many, v70]\n  IsFree: !Equals [!Ref Free, x]\n  Both: !And [!Equals [!Ref One, b], !Equals [!Ref Two, y], !Equals [!Ref Three, n]]\n  Other: !And [!Equals [!Ref One, b], !Equals [!Ref Two, x], !Equals [!Ref Three, n]]\nResources:\n  R: {{Type: AWS::X::Y}}\n",
        (0..80).map(|i| format!("v{i}")).collect::<Vec<_>>().join(", "),
        ENV.replace("Parameters:\n", ""),
    );
    asking_alone(&text, |resolver, _| {
        let needs = |name: &str, truth: bool| {
            let under = resolver.assume(&Under::always(), name, truth).expect("it can be");
            resolver.needs_other_than_defaults(&under)
        };
        assert!(needs("IsProd", true) && !needs("IsProd", false));
        assert!(needs("IsDev", false) && !needs("IsDev", true));
        assert!(needs("IsV3", true) && !needs("IsV3", false));
        assert!(needs("IsV70", false) && !needs("IsV70", true));
        assert!(needs("Both", false) && !needs("Both", true));
        assert!(needs("Other", true) && !needs("Other", false));
        // Without a default, nothing is other than it.
        assert!(!needs("IsFree", true) && !needs("IsFree", false));
        assert!(!resolver.needs_other_than_defaults(&Under::always()));
    });
}

/// A dynamic reference is a hole among the words around it.
#[test]
fn references_among_words() {
    use super::{Hole, Piece};
    let arena = Arena::new();
    let build = crate::template::Build::new(&arena);
    let origin = crate::template::Origin::written(crate::source::Span::new(FileId(0), 0, 0));
    let pieces = |text: &str| Text::of(&build.text(text, origin)).pieces.to_vec();
    let dynamic = |service, key| Piece::Hole(Hole::Dynamic { service, key });
    assert_eq!(
        pieces("user:{{resolve:ssm:name}}@{{resolve:ssm-secure:key:1}}"),
        [Piece::Literal("user:"), dynamic("ssm", "name"), Piece::Literal("@"), dynamic("ssm-secure", "key:1")]
    );
    assert_eq!(pieces("{{resolve:ssm}}!"), [dynamic("ssm", ""), Piece::Literal("!")]);
    assert_eq!(pieces(""), [Piece::Literal("")]);
    assert_eq!(pieces("{{resolve:ssm:open"), [Piece::Literal("{{resolve:ssm:open")]);
}

/// What a template engine fills before is nothing that anybody knows here.
#[test]
fn blanks_of_template_engines() {
    use super::{Hole, Piece};
    let arena = Arena::new();
    let build = crate::template::Build::new(&arena);
    let origin = crate::template::Origin::written(crate::source::Span::new(FileId(0), 0, 0));
    let pieces = |text: &str| Text::of(&build.text(text, origin)).pieces.to_vec();
    let blank = Piece::Hole(Hole::Other);
    let literal = Piece::Literal;
    assert_eq!(pieces("arn:aws:iam::{{ACCOUNT}}:root"), [literal("arn:aws:iam::"), blank, literal(":root")]);
    assert_eq!(pieces("<%= stage %>-{{ app }}"), [blank, literal("-"), blank]);
    assert_eq!(pieces("<% all.forEach((r) => { %>-"), [blank, literal("-")]);
    assert_eq!(pieces("{{resolve:ssm:a}}{{b}}"), [Piece::Hole(Hole::Dynamic { service: "ssm", key: "a" }), blank]);
    for written in
        ["{{}}", "{{ }}", "{a}", "{{open", "echo {{a}}\necho b", "{{\"a\": {}}}", "<a>%>", "{{resolve:ssm:open"]
    {
        assert_eq!(pieces(written), [literal(written)]);
    }
}

/// A pseudo parameter has the shape that it always has; any other hole may be anything.
#[test]
fn shapes_of_pseudo_parameters() {
    let arena = Arena::new();
    let build = crate::template::Build::new(&arena);
    let origin = crate::template::Origin::written(crate::source::Span::new(FileId(0), 0, 0));
    let matches = |name: &str, pattern: &str| {
        let value =
            build.join("", [build.text("<", origin), build.reference(name, origin), build.text(">", origin)], origin);
        Text::of(&value).matches(&crate::rulebook::Expression::parse(pattern).expect("a pattern"))
    };
    for (name, pattern) in [
        ("AWS::AccountId", "^<[0-9]{12}>$"),
        ("AWS::Region", "^<[a-z]+-[a-z]+-[0-9]>$"),
        ("AWS::Partition", "^<aws>$"),
        ("AWS::URLSuffix", "^<amazonaws[.]com>$"),
        ("AWS::StackName", "^<[a-zA-Z][a-zA-Z0-9-]*>$"),
        ("AWS::StackId", "^<arn:aws:cloudformation:[^:]+:[0-9]{12}:stack/[^/]+/[0-9a-f-]{36}>$"),
    ] {
        assert_eq!(matches(name, pattern), Truth::Yes, "{name}");
        assert_eq!(matches(name, "^<>$"), Truth::No, "{name}");
    }
    assert_eq!(matches("Bucket", "^<.*>$"), Truth::Maybe);
}

/// What has as many cases as are allowed has them all; what has one more is unknown.
#[test]
fn as_many_cases_as_are_allowed() {
    let of = |count: usize| {
        let allowed = (0..count).map(|i| format!("v{i}")).collect::<Vec<_>>().join(", ");
        let head = format!("Parameters:\n  A: {{Type: String, AllowedValues: [{allowed}]}}");
        (cases(&head, "!Ref A").len(), cases(&head, "!Sub 'x-${A}'").len())
    };
    assert_eq!(of(MAX_CASES), (MAX_CASES, MAX_CASES));
    // The default is one of them, and needs no assumption.
    let allowed = (0..100).map(|i| format!("v{i}")).collect::<Vec<_>>().join(", ");
    let with_default =
        cases(&format!("Parameters:\n  A: {{Type: String, Default: v70, AllowedValues: [{allowed}]}}"), "!Ref A");
    assert_eq!(
        (with_default.len(), with_default[0].as_str(), with_default[1].as_str()),
        (100, "v70", "v0 when A is v0")
    );
    assert_eq!(of(MAX_CASES + 1), (1, 1));
    assert_eq!(of(MAX_CASES * 2), (1, 1));
}

/// A text that is put together may be long; one of very many pieces takes too long, which is noted.
#[test]
fn long_texts() {
    let long = "x".repeat(100 << 10);
    assert_eq!(cases("", &format!("!Join ['', ['{long}', b]]")), [format!("{long}b")]);
    let many = |count: usize| {
        let pieces = vec!["a"; count].join(", ");
        let text =
            format!("Resources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: !Join ['-', [{pieces}]]\n");
        (cases_with(&text, &[], &[]), notes(&text))
    };
    assert_eq!(many(300), (vec![vec!["a"; 300].join("-")], Vec::new()));
    let (unknown, notes) = many(1000);
    assert_eq!(unknown, ["unknown"]);
    assert!(notes.iter().any(|note| note.contains("takes too long to compute")), "{notes:?}");
}

/// The bounds that were reached when the first resource's property `P` was asked for.
fn notes(text: &str) -> Vec<String> {
    asking_alone(text, |resolver, _| {
        let _ = resolver.property(resolver.template().resources.first().expect("a resource"), &["P"]);
        resolver.notes()
    })
}

/// Text is split where it is known; a single unknown has parts of which nothing is known.
#[test]
fn texts_are_split() {
    assert_eq!(cases("", "!Split [',', 'a,b,,c']"), ["[a, b, , c]"]);
    assert_eq!(cases("", "!Split [',', abc]"), ["[abc]"]);
    assert_eq!(cases("", "!Split [',', !ImportValue x]"), ["unknown"]);
    assert_eq!(cases("", "!Split [',', !Sub 'a,${AWS::Region}']"), ["[a, *]"]);
    assert_eq!(cases("", "!Split [',', !Sub 'a${AWS::Region}b']"), ["unknown"]);
    let inner = "!Join ['', [x, !Join ['', [a, !Ref AWS::Region, '-b']]]]";
    assert_eq!(cases("", &format!("!Select [1, !Split ['-', {inner}]]")), ["b"]);
    let parts = |count: usize| cases("", &format!("!Select [0, !Split [',', '{}']]", vec!["a"; count].join(",")));
    assert_eq!((parts(1000), parts(1001)), (vec!["a".to_owned()], vec!["unknown".to_owned()]));
}

/// A piece of the stack's id is the same text wherever it stands, and looks as such a piece does.
#[test]
fn pieces_of_the_stack_id() {
    let path = "!Select [2, !Split ['/', !Ref 'AWS::StackId']]";
    let first = format!("!Select [0, !Split ['-', {path}]]");
    let dashed = "!Select [4, !Split ['-', !Ref 'AWS::StackId']]";
    assert_eq!(cases("", "!Split ['/', !Ref 'AWS::StackId']"), ["[arn:*:cloudformation:*:*:stack, *, *-*-*-*-*]"]);
    assert_eq!(cases("", "!Select [2, !Split [':', !Sub '${AWS::StackId}']]"), ["cloudformation"]);
    assert_eq!(cases("", &format!("!Join ['-', [bucket, {path}]]")), ["bucket-*-*-*-*-*"]);
    assert_eq!(cases("", &format!("!Join ['-', [bucket, {first}]]")), ["bucket-*"]);
    assert_eq!(cases("", &format!("!Join ['-', [bucket, {dashed}]]")), ["bucket-*"]);
    assert_eq!(cases("", "!Split ['-', !Ref 'AWS::StackId']"), ["unknown"]);
    assert_eq!(cases("", "!Select [1, !Split ['-', !Sub 'a-${AWS::StackId}']]"), ["unknown"]);
    assert_eq!(cases("", "!Select [40, !Split ['-', !Ref 'AWS::StackId']]"), ["unknown"]);
    let text = |property: &str, ask: &dyn Fn(&Text<'_>)| {
        let text = format!("Resources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: {property}\n");
        asking_alone(&text, |resolver, _| {
            let cases = resolver.property(resolver.template().resources.first().expect("a resource"), &["P"]);
            let [only] = cases.as_slice() else { panic!("{cases:?}") };
            ask(&Text::of(&only.present().expect("a text")));
        });
    };
    let matches = |property: &str, pattern: &str| {
        let expression = crate::rulebook::Expression::parse(pattern).expect("a pattern");
        text(property, &|text| assert_eq!(text.matches(&expression), Truth::Yes, "{property}"));
    };
    matches(path, "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$");
    matches(dashed, "^[0-9a-z]+$");
    // The fifth group is not the fifth part of the whole: the region and the stack have dashes as well.
    let fifth = format!("!Select [4, !Split ['-', {path}]]");
    let holes = |property: &str| {
        let found = std::cell::RefCell::new(String::new());
        text(property, &|text| *found.borrow_mut() = format!("{:?}", text.holes().collect::<Vec<_>>()));
        found.into_inner()
    };
    assert_eq!(holes(dashed), holes(dashed));
    assert_ne!(holes(dashed), holes(&fifth));
    assert_eq!(holes("!Select [1, !Split ['/', !Ref 'AWS::StackId']]"), holes("!Ref 'AWS::StackName'"));
}

/// What the template's own assertions refuse is none of a parameter's values; what they say of some deployments only, or of
/// several parameters, leaves all.
#[test]
fn values_that_assertions_leave() {
    let left = |parameter: &str, rule: &str| {
        let head = format!("Parameters:\n  P: {{{parameter}}}\n  Q: {{Type: String}}\nRules:\n  R: {{{rule}}}");
        let values = cases(&head, "!Ref P").into_iter();
        values.map(|value| value.chars().take(1).collect::<String>()).collect::<Vec<_>>()
    };
    let listed = "Type: String, Default: a, AllowedValues: [a, b, c]";
    assert_eq!(left(listed, "Assertions: [{Assert: !Equals [!Ref P, a]}]"), ["a"]);
    assert_eq!(left(listed, "Assertions: [{Assert: {'Fn::Equals': [b, {Ref: P}]}}]"), ["a", "b"]);
    assert_eq!(left(listed, "Assertions: [{Assert: {'Fn::Contains': [[a, c, d], {Ref: P}]}}]"), ["a", "c"]);
    assert_eq!(left(listed, "Assertions: [{Assert: !Not [!Equals [!Ref P, c]]}]"), ["a", "b"]);
    assert_eq!(
        left(listed, "Assertions: [{Assert: !And [!Not [!Equals [!Ref P, c]], !Not [!Equals [b, !Ref P]]]}]"),
        ["a"]
    );
    assert_eq!(left("Type: String", "Assertions: [{Assert: {'Fn::Contains': [[a, b], !Ref P]}}]"), ["a", "b"]);
    let all = ["a", "b", "c"];
    assert_eq!(left(listed, "RuleCondition: !Equals [!Ref Q, x], Assertions: [{Assert: !Equals [!Ref P, a]}]"), all);
    assert_eq!(left(listed, "Assertions: [{Assert: !Or [!Equals [!Ref P, a], !Equals [!Ref Q, x]]}]"), all);
    assert_eq!(left(listed, "Assertions: [{Assert: !Equals [!Ref P, !Ref Q]}]"), all);
    assert_eq!(left(listed, "Assertions: [{Assert: !Equals [!Ref P, z]}]"), all);
}

/// A name that is cut out of an ARN is the resource's, unless something stands before it that is not known.
#[test]
fn names_cut_out_of_arns() {
    let name = |kind: &str, properties: &str, by: &str, at: usize| {
        let cut = format!("!Select [{at}, !Split ['{by}', !GetAtt It.Arn]]");
        let rest = format!("  It: {{Type: '{kind}', Properties: {{{properties}}}}}\n");
        let text = format!("Resources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: {cut}\n{rest}");
        let mut found = None;
        asking_alone(&text, |resolver, _| {
            let first = resolver.template().resources.first().expect("a resource");
            let cases = resolver.property(first, &["P"]);
            found = cases.first().and_then(|case| case.present()).map(|value| Text::of(&value).identity());
        });
        found.flatten()
    };
    assert_eq!(name("AWS::IAM::Role", "", "/", 1).as_deref(), Some("${It}"));
    assert_eq!(name("AWS::IAM::Role", "Path: /", "/", 1).as_deref(), Some("${It}"));
    assert_eq!(name("AWS::IAM::Role", "Path: /app/", "/", 1), None);
    assert_eq!(name("AWS::IAM::Role", "", "-", 1), None);
    assert_eq!(name("AWS::Lambda::Function", "", ":", 6).as_deref(), Some("${It}"));
    assert_eq!(name("AWS::Lambda::Function", "", ":", 4).as_deref(), Some("${AWS::AccountId}"));
    assert_eq!(name("AWS::S3::Bucket", "", ":::", 1).as_deref(), Some("${It}"));
    assert_eq!(name("AWS::SQS::Queue", "", ":", 5), None);
}

/// A host that is cut out of the URL of a function is that URL's still.
#[test]
fn hosts_cut_out_of_urls() {
    let cut = |kind: &str, cut: &str| {
        let text = format!("Resources:\n  R: {{Type: A::B::C, Properties: {{P: {cut}}}}}\n  U: {{Type: '{kind}'}}\n");
        let mut found = None;
        asking_alone(&text, |resolver, _| {
            let first = resolver.template().resources.first().expect("a resource");
            let cases = resolver.property(first, &["P"]);
            found = cases.first().and_then(|case| case.present()).map(|value| Text::of(&value).pattern());
        });
        found.unwrap_or_else(|| "unknown".to_owned())
    };
    assert_eq!(cut("AWS::Lambda::Url", "!Select [2, !Split ['/', !GetAtt U.FunctionUrl]]"), "*");
    assert_eq!(cut("AWS::Lambda::Url", "!Select [0, !Split ['/', !GetAtt U.FunctionUrl]]"), "https:");
    assert_eq!(cut("AWS::Lambda::Url", "!Select [1, !Split ['//', !GetAtt U.FunctionUrl]]"), "*/");
    assert_eq!(cut("AWS::Lambda::Url", "!Select [2, !Split ['/', !GetAtt U.FunctionArn]]"), "unknown");
    assert_eq!(cut("AWS::X::Url", "!Select [2, !Split ['/', !GetAtt U.FunctionUrl]]"), "unknown");
}

/// An item is selected by a number that is known to be one.
#[test]
fn items_are_selected() {
    let head = "Parameters:\n  Two: {Type: Number, Default: 2}\n  Any: {Type: Number, AllowedValues: [0, 1]}";
    assert_eq!(cases(head, "!Select [0, [a, b, c]]"), ["a"]);
    assert_eq!(cases(head, "!Select ['1', [a, b, c]]"), ["b"]);
    assert_eq!(cases(head, "!Select [!Ref Two, [a, b, c]]"), ["c"]);
    assert_eq!(cases(head, "!Select [!Ref Any, [a, b, c]]"), ["unknown"]);
    let subnets = "Parameters: {S: {Type: 'List<AWS::EC2::Subnet::Id>'}, T: {Type: CommaDelimitedList}}";
    assert_eq!(cases(subnets, "!Select [0, !Ref S]"), ["*"]);
    assert_eq!(cases(subnets, "!Select [0, !Ref T]"), ["unknown"]);
    assert_eq!(cases(head, "!Select [3, [a, b, c]]"), ["unknown"]);
    assert_eq!(cases(head, "!Select [x, [a, b, c]]"), ["unknown"]);
}

/// What is known on both sides of a seam is one text: it ends in what it ends in, whoever wrote which part.
#[test]
fn known_neighbours_are_one() {
    let head = "Parameters:\n  Tag: {Type: String, Default: latest}";
    let text = format!(
        "{head}\nResources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: !Sub '${{AWS::AccountId}}/app:${{Tag}}'\n"
    );
    asking_alone(&text, |resolver, _| {
        let cases = resolver.property(resolver.template().resources.first().expect("a resource"), &["P"]);
        let [only] = cases.as_slice() else { panic!("{cases:?}") };
        let text = Text::of(&only.present().expect("a text"));
        assert_eq!(text.ends_with("/app:latest"), Truth::Yes);
        assert_eq!(text.contains("app:lat"), Truth::Yes);
        assert_eq!(text.starts_with("/app"), Truth::Maybe);
    });
}

/// A join with something between its pieces is a hole until somebody resolves it.
#[test]
fn joins_that_are_not_resolved() {
    let arena = Arena::new();
    let build = crate::template::Build::new(&arena);
    let origin = crate::template::Origin::written(crate::source::Span::new(FileId(0), 0, 0));
    let joined = |separator: &str| {
        let value = build.join(separator, [build.text("a", origin), build.reference("B", origin)], origin);
        Text::of(&value).pattern()
    };
    assert_eq!((joined("").as_str(), joined("-").as_str()), ("a*", "*"));
}

/// Conditions about different parameters do not grow with each other, and each is still what it is.
#[test]
fn independent_conditions() {
    let mut head = "Parameters:\n".to_owned();
    head.extend((0..20).map(|i| format!("  P{i}: {{Type: String, AllowedValues: [a, b, c]}}\n")));
    head.push_str("Conditions:\n");
    head.extend((0..20).map(|i| format!("  Is{i}: !Equals [!Ref P{i}, a]\n  Not{i}: !Not [!Condition Is{i}]\n")));
    let value = "!If [Is3, !If [Not3, never, !If [Is4, a, b]], c]";
    assert_eq!(
        cases(head.trim_end(), value),
        ["a when Is3 is true and Is4 is true", "b when Is3 is true and Is4 is false", "c when Is3 is false"]
    );
    let text = format!("{head}Resources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: {value}\n");
    assert_eq!(notes(&text), [""; 0]);
}

/// Conditions about too many parameters at once are taken one by one, which is noted.
#[test]
fn conditions_about_too_much() {
    let mut head = "Parameters:\n".to_owned();
    head.extend((0..13).map(|i| format!("  P{i}: {{Type: String, AllowedValues: [a, b, c]}}\n")));
    let all = (0..13).map(|i| format!("!Equals [!Ref P{i}, a]")).collect::<Vec<_>>().join(", ");
    head.push_str(&format!("Conditions:\n  All: !And [{all}]\n"));
    let text = format!(
        "{head}Resources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      P: !If [All, !If [All, a, never], b]\n"
    );
    assert_eq!(cases_with(&text, &[], &[]), ["a when All is true", "b when All is false"]);
    let notes = notes(&text);
    assert!(notes.len() == 1 && notes[0].contains("taken one by one"), "{notes:?}");
}

/// What a parameter is compared with deep inside a condition is a value that it may have.
#[test]
fn compared_values_are_values() {
    let head = "Parameters:
  A: {Type: String}
  B: {Type: String}
Conditions:
  Both: !And [!Equals [!Ref A, x], !Not [!Equals [!Ref B, y]]]
  Either: !Or [!Equals [v, !Ref A], !Condition Both]
  NotK: !Not [!Equals [!Ref K, k]]";
    let head = &head.replace("  B:", "  K: {Type: String}\n  B:");
    assert_eq!(cases(head, "!If [NotK, a, !Ref K]"), ["a when NotK is true", "k when NotK is false"]);
    assert_eq!(cases(head, "!If [Both, !Ref A, z]"), ["x when Both is true", "z when Both is false"]);
    assert_eq!(
        cases(head, "!If [Either, !Ref A, z]"),
        ["v when Either is true and A is v", "x when Either is true and A is x", "z when Either is false"]
    );
}

/// A parameter that may be anything is its default as long as that is possible; without one it is what it is compared
/// with, or something else.
#[test]
fn parameters_that_may_be_anything() {
    let head = "Parameters:
  D: {Type: String, Default: x}
  U: {Type: String}
Conditions:
  IsX: !Equals [!Ref D, x]
  IsY: !Equals [!Ref D, y]
  IsZ: !Equals [!Ref U, z]";
    assert_eq!(cases(head, "!Ref D"), ["x"]);
    assert_eq!(cases(head, "!If [IsX, !Ref D, a]"), ["x when IsX is true", "a when IsX is false"]);
    assert_eq!(cases(head, "!If [IsY, !Ref D, a]"), ["y when IsY is true", "a when IsY is false"]);
    assert_eq!(cases(head, "!Ref U"), ["z when U is z", "*"]);
    assert_eq!(cases(head, "!If [IsZ, a, !Ref U]"), ["a when IsZ is true", "* when IsZ is false"]);
}

/// A chain of conditions, and texts inside texts, are followed to a depth and free beyond it.
#[test]
fn chains_are_bounded() {
    let chain = |count: usize| {
        let mut head = format!("{ENV}\n  C0: !Equals [!Ref Env, prod]\n");
        head.extend((1..=count).map(|i| format!("  C{i}: !Not [!Condition C{}]\n", i - 1)));
        cases(head.trim_end(), &format!("!If [IsProd, !If [C{count}, a, b], c]"))
    };
    let free = |name: &str| {
        vec![
            format!("a when IsProd is true and {name} is true"),
            format!("b when IsProd is true and {name} is false"),
            "c when IsProd is false".to_owned(),
        ]
    };
    assert_eq!(chain(30), ["a when IsProd is true", "c when IsProd is false"]);
    assert_eq!(chain(50), free("C50"));
    let texts = |start: &str, end: &str, count: usize| {
        let deep = format!("{}{{Ref: Env}}{}", start.repeat(count), end.repeat(count));
        cases(
            &format!("{}\n  Deep: {{'Fn::Equals': [{deep}, prod]}}", ENV.replace("dev, test, prod", "dev, prod")),
            "!If [IsProd, !If [Deep, a, b], c]",
        )
    };
    let joins = |count| texts("{'Fn::Join': ['', [", "]]}", count);
    assert_eq!(joins(60), ["a when IsProd is true", "c when IsProd is false"]);
    assert_eq!(joins(70), free("Deep"));
    let subs = |count| texts("{'Fn::Sub': ['${V}', {V: ", "}]}", count);
    assert_eq!(subs(60), ["a when IsProd is true", "c when IsProd is false"]);
    assert_eq!(subs(70), free("Deep"));
}

/// Conditions that look a parameter up in a mapping, or put it into a text, are true together only where one of the
/// values that it may have makes them so.
#[test]
fn conditions_through_functions_hold_together() {
    let maps = "Mappings:\n  M:\n    dev: {e: 'false', p: 'no'}\n    qa: {e: 'true', p: 'no'}\n    prod: {e: 'true', p: 'yes'}\n";
    let looked = "Conditions:\n  E: !Equals [!FindInMap [M, !Ref Env, e], 'true']\n  P: !Equals [!FindInMap [M, !Ref Env, p], 'yes']\n";
    let texts = "Conditions:\n  E: !Not [!Equals [!Sub '${Env}-x', dev-x]]\n  P: !Equals [!Join ['/', [y, !Ref Env]], y/prod]\n";
    let allowed = "Parameters:\n  Env: {Type: String, Default: dev, AllowedValues: [dev, qa, prod]}\n";
    let free = "Parameters:\n  Env: {Type: String, Default: dev}\n";
    let together = ["a when E is true and P is true", "b when E is true and P is false", "d when E is false"];
    for head in [format!("{allowed}{maps}{looked}"), format!("{allowed}{texts}"), format!("{free}{maps}{looked}")] {
        assert_eq!(cases(head.trim_end(), "!If [E, !If [P, a, b], !If [P, c, d]]"), together, "{head}");
    }
    // A mapping that has a default for what it does not have says nothing of the parameter.
    let defaulted = format!("{free}{maps}{looked}")
        .replace("e], ", "e, {DefaultValue: x}], ")
        .replace("p], ", "p, {DefaultValue: x}], ");
    assert!(
        cases(defaulted.trim_end(), "!If [E, a, !If [P, c, d]]")
            .contains(&"c when E is false and P is true".to_owned())
    );
    // Values that no mapping has are not deployed; what is allowed and looked up is left.
    let narrow = format!("{allowed}{maps}{looked}").replace("    qa: {e: 'true', p: 'no'}\n", "");
    assert_eq!(cases(narrow.trim_end(), "!If [E, !If [P, a, b], c]"), ["a when E is true", "c when E is false"]);
}

/// Where telling apart what is looked up would make the worlds too many, conditions are still taken together.
#[test]
fn lookups_do_not_crowd_out_the_rest() {
    let many: Vec<String> = (0..60).map(|i| format!("v{i}")).collect();
    let others =
        (0..9).map(|i| format!("  P{i}: {{Type: String, Default: a, AllowedValues: [a, b]}}\n")).collect::<String>();
    let all = (0..9).map(|i| format!("!Equals [!Ref P{i}, b]")).collect::<Vec<_>>().join(", ");
    let head = format!(
        "Parameters:\n  Env: {{Type: String, Default: v0, AllowedValues: [{}]}}\n{others}Conditions:\n  One: !Equals [!Ref P0, b]\n  All: !And [!Equals [!Sub 'x${{Env}}', xv1], {all}]",
        many.join(", ")
    );
    assert_eq!(cases(&head, "!If [All, !If [One, a, never], b]"), ["a when All is true", "b when All is false"],);
}

/// Two conditions that ask the same question of what is not known have one answer.
#[test]
fn one_question_has_one_answer() {
    let head = |other: &str| {
        format!(
            "Parameters:\n  L: {{Type: CommaDelimitedList}}\n  M: {{Type: CommaDelimitedList}}\nConditions:\n  A: !Equals [!Join ['', !Ref L], '']\n  B: !Not [!Equals {other}]"
        )
    };
    let ask = |other: &str| cases(&head(other), "!If [A, !If [B, a, b], !If [B, c, d]]");
    let same = ["b when A is true", "c when A is false"];
    assert_eq!(ask("[!Join ['', !Ref L], '']"), same);
    assert_eq!(ask("['', !Join ['', !Ref L]]"), same);
    for other in ["[!Join ['', !Ref M], '']", "[!Join ['', !Ref L], x]", "[!Select [0, !Ref L], '']"] {
        assert_eq!(ask(other).len(), 4, "{other}");
    }
}

/// A text around a parameter asks what the parameter is, however the text is put together.
#[test]
fn texts_around_parameters_ask_for_them() {
    let ask = |one: &str, other: &str| {
        let parameters = "Parameters:\n  P: {Type: String}\n  Q: {Type: String}\n";
        let head = format!("{parameters}Conditions:\n  A: !Equals [{one}]\n  B: !Equals [{other}]");
        cases(&head, "!If [A, !If [B, a, b], !If [B, c, d]]")
    };
    let same = ["a when A is true", "d when A is false"];
    for (one, other) in [
        ("!Ref P, prod", "!Sub 'x-${P}', x-prod"),
        ("!Sub '${P}-y', prod-y", "!Join ['/', [x, !Ref P]], x/prod"),
        ("!Ref P, ''", "'', !Join ['', ['', !Ref P]]"),
        ("!Sub '${P}', ''", "!Join ['-', [!Ref P, z]], -z"),
        ("!Sub ['${V}!', {V: !Sub 'x${P}'}], 'xprod!'", "!Ref P, prod"),
    ] {
        assert_eq!(ask(one, other), same, "{one} {other}");
    }
    // What does not begin as the text does is never the text.
    assert_eq!(ask("!Sub 'x-${P}', y-prod", "!Ref P, prod"), ["c when B is true", "d when B is false"]);
    for (one, other) in [
        ("!Ref P, prod", "!Ref Q, prod"),
        ("!Sub '${P}${Q}', prod", "!Ref P, prod"),
        ("!Sub '${P}${P}', prodprod", "!Ref P, prod"),
    ] {
        assert_eq!(ask(one, other).len(), 4, "{one} {other}");
    }
}

/// A parameter that is compared with what a mapping has may be that, though no condition spells it.
#[test]
fn what_is_looked_up_may_be_given() {
    let maps = "Mappings:\n  M:\n    a: {v: x}\n";
    let ask = |parameter: &str| {
        let head = format!(
            "Parameters:\n  P: {{{parameter}}}\n{maps}Conditions:\n  A: !Equals [!Ref P, !FindInMap [M, a, v]]"
        );
        cases(&head, "!If [A, a, b]")
    };
    let both = ["a when A is true", "b when A is false"];
    assert_eq!(ask("Type: String, Default: y"), both);
    assert_eq!(ask("Type: String, Default: y, AllowedValues: [x, y]"), both);
    assert_eq!(ask("Type: String, Default: y, AllowedValues: [y, z]"), ["b"]);
}

/// What a region is looked up for holds for one region at a time.
#[test]
fn regions_are_looked_up_together() {
    let maps = "Mappings:\n  M:\n    us-east-1: {e: 'true', p: 'true'}\n    eu-west-1: {e: 'true', p: 'false'}\n    eu-west-3: {e: 'false', p: 'false'}\n";
    let head = format!(
        "{maps}Conditions:\n  E: !Equals [!FindInMap [M, !Ref 'AWS::Region', e], 'true']\n  P: !Equals [!FindInMap [M, !Ref 'AWS::Region', p], 'true']"
    );
    assert_eq!(
        cases(&head, "!If [E, !If [P, a, b], !If [P, c, d]]"),
        ["a when E is true and P is true", "b when E is true and P is false", "d when E is false"]
    );
    assert_eq!(cases(&head, "!If [E, !Ref 'AWS::Region', b]").len(), 2);
}
