//! What the resolver promises, on whole templates.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Exports, Given, Known, Resolver, Text, Truth, Under};
use crate::source::{Arena, FileId, Source, Sources};
use crate::syntax;
use crate::template::{Dialect, Reader, Schema};

/// The cases of the first resource's property `P`: value (holes as `*`), assumption.
fn cases_with(text: &str, given: &[(&str, Given)], exports: &[(&str, &str)]) -> Vec<String> {
    let arena = Arena::new();
    let sources = Sources::new(Arc::new(Source::new("t.yaml", text)));
    let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
    let none = BTreeMap::new();
    let root = document.root().expect("the test's template parses");
    let template = Reader::new(&arena, &sources, Schema::Yaml11, &none).template(root, Dialect::CloudFormation);
    let given: BTreeMap<String, Given> = given.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    let exports: Exports = exports.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let resolver = Resolver::new(&template, &arena, &given, &exports);
    let resource = template.resources.first().expect("the test's template has a resource");
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
    assert_eq!(text.contains(":::"), Truth::Yes);
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
