//! Every rule holds what its card promises.

use std::collections::BTreeSet;

use portcullis::fix::in_json;
use portcullis::rulebook::{Category, Verdict, parse};
use portcullis::rules::{Catalogue, Rule};
use portcullis::scan::examples;

/// Each rule speaks at exactly the marked lines of its bad examples and is silent on the others.
/// `RULE=name` runs those whose name contains it.
#[test]
fn examples_hold() {
    let only = std::env::var("RULE").unwrap_or_default();
    let wrong = examples::run(Catalogue::builtin(), |rule| rule.head.name.contains(&only));
    let shown: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{} examples are judged otherwise:\n{}", wrong.len(), shown.join("\n"));
}

/// A native card has its Rust, and Rust has its card.
#[test]
fn natives_have_cards() {
    let catalogue = Catalogue::builtin();
    let told: BTreeSet<String> = catalogue
        .rules()
        .iter()
        .filter(|r| r.head.native && r.head.category != Category::Portcullis)
        .map(|r| r.head.name.to_string())
        .collect();
    let written: BTreeSet<String> = portcullis::rules::native_names().into_iter().collect();
    let unknown = portcullis::rules::joining().find(|(name, _)| !written.contains(*name));
    assert!(unknown.is_none(), "{unknown:?}");
    assert_eq!(told, written);
}

/// Controls of AWS Security Hub are spelt as AWS spells them, and a rule with one is in the pack; what peers' ids stand for
/// is asked for by number.
#[test]
fn ids_lead_to_frameworks() {
    let (mut controls, mut wrong) = (BTreeSet::new(), Vec::new());
    let catalogue = Catalogue::builtin();
    for rule in catalogue.rules() {
        let mut own: Vec<&str> = rule.head.aliases.iter().filter_map(|id| id.strip_prefix("securityhub:")).collect();
        let spelt = |id: &&str| {
            id.split_once('.').is_some_and(|(service, number)| {
                service.starts_with(char::is_uppercase)
                    && service.chars().all(char::is_alphanumeric)
                    && number.parse::<u16>().is_ok()
            })
        };
        wrong.extend(own.iter().filter(|id| !spelt(id)).map(|id| format!("{}: {id}", rule.head.name)));
        let mut pack: Vec<&str> =
            rule.prose().compliance.get("aws-security-hub").into_iter().flatten().map(String::as_str).collect();
        controls.extend(own.iter().map(|&id| id.to_owned()));
        own.sort_unstable();
        pack.sort_unstable();
        wrong.extend((own != pack).then(|| format!("{}: {own:?}, the pack says {pack:?}", rule.head.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(controls.len() > 200, "{}", controls.len());
    let asked = |rule: &str, framework: &str| {
        let rule = catalogue.rules().iter().find(|known| *known.head.name == *rule).expect(rule);
        rule.prose().compliance.get(framework).cloned().unwrap_or_default()
    };
    assert_eq!(asked("s3-bucket-accepts-plain-http", "cis-aws-3.0"), ["2.1.1"]);
    let requirements = asked("s3-bucket-no-access-log", "pci-dss-4.0");
    let at = |id: &str| requirements.iter().position(|known| known == id).expect(id);
    assert!(at("5.3.4") < at("10.2.1") && at("10.2.1.7") < at("10.3.1"), "{requirements:?}");
}

/// Every rule shows itself: at least one bad and one good example; what it subsumes exists.
#[test]
fn cards_are_complete() {
    let catalogue = Catalogue::builtin();
    let mut wrong = Vec::new();
    for rule in catalogue.rules() {
        let (head, prose) = (&rule.head, rule.prose());
        let has = |verdict| prose.examples.iter().any(|e| e.verdict == verdict);
        let suppression = head.name.starts_with("suppression-") || head.name.starts_with("baseline-");
        if !suppression && (!has(Verdict::Bad) || !has(Verdict::Good)) {
            wrong.push(format!("{} needs a bad and a good example", head.name));
        }
        if prose.why.split_whitespace().count() < 15 {
            wrong.push(format!("{} does not say why", head.name));
        }
        let help = prose.help();
        if help.matches('`').count() % 2 == 1 || help.ends_with([',', ':', '(']) || help.is_empty() {
            wrong.push(format!("{} breaks off: {help}", head.name));
        }
        for other in head.subsumes.iter().chain(&head.silences) {
            if catalogue.get(other).is_none() {
                wrong.push(format!("{} subsumes `{other}`, which is no rule", head.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a help tells to type can be told in JSON: that is what whoever writes JSON is shown.
#[test]
fn helps_can_be_told_in_json() {
    let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    let mut wrong = Vec::new();
    for rule in Catalogue::builtin().rules() {
        let help = rule.prose().help();
        let is_yaml = |typed: &&str| typed.contains(": ") && !typed.starts_with('#') || typed.starts_with('!');
        for typed in help.split('`').skip(1).step_by(2).filter(is_yaml) {
            let told = in_json(typed).unwrap_or_else(|| typed.to_owned());
            if !is_json(&told) && !is_json(&format!("{{{told}}}")) {
                wrong.push(format!("{}: {told}", rule.head.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every type and property that a rule names is one of AWS's.
#[test]
fn properties_exist() {
    let catalogue = Catalogue::builtin();
    let told =
        |rule: &Rule| rule.unknown_names().into_iter().map(|what| format!("{}: {what}", rule.head.name)).collect();
    let wrong: Vec<String> = catalogue.rules().iter().flat_map(|rule| -> Vec<String> { told(rule) }).collect();
    assert!(wrong.is_empty(), "{} paths:\n{}", wrong.len(), wrong.join("\n"));
}

/// The policies of the cookbook are rules whose examples hold, and ask for what AWS has.
#[test]
fn policies_of_the_cookbook_hold() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policies.md")).expect("it is there");
    let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| Some(rest.split_once("\n```")?.0.to_owned()));
    let rules: Vec<_> = blocks.filter(|block| block.starts_with("name: ")).collect();
    assert!(rules.len() > 7, "the cookbook has policies");
    let mut catalogue = Catalogue::builtin();
    let files = rules.into_iter().enumerate().map(|(at, text)| (format!("policies.md/{at}").into(), text));
    catalogue.add(files).expect("they are rules");
    let own = |rule: &Rule| !rule.is_builtin();
    let names: Vec<_> = catalogue.rules().iter().filter(|rule| own(rule)).flat_map(Rule::unknown_names).collect();
    assert_eq!(names, [], "they ask for what AWS does not have");
    let wrong = examples::run(catalogue, own);
    let shown: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", shown.join("\n"));
}

/// A newcomer's mistakes are answered with what was meant.
#[test]
fn mistakes_are_answered_with_what_was_meant() {
    let card = |check: &str| {
        format!(
            "name: own-rule\ntitle: t\ncategory: hygiene\nseverity: low\nwhy: w\nremedy: r\n{}",
            if check.contains("check:") {
                check.to_owned()
            } else {
                format!("check: {{on: AWS::S3::Bucket, {check}}}\n")
            }
        )
    };
    for (check, wanted) in [
        ("bad: {A: {equals: b}}", "`equals` is not an operator; did you mean `is`?"),
        ("bad: {A: {not_in: [b]}}", "`not_in` is not an operator; did you mean {not: {in: […]}}?"),
        ("bad: {A: {gte: 5}}", "`gte` is not an operator; did you mean {not: {below: …}}?"),
        ("bad: {A: {startswith: b}}", "`startswith` is not an operator; did you mean `starts-with`?"),
        (
            "bad: {tracingConfig.mode: b}",
            "`tracingConfig.mode` is not an operator; a path begins with a capital, or with a dot: `.tracingConfig.mode`",
        ),
        ("bad: {A: {matches: '('}}", "`(` is no regular expression: unclosed group"),
        ("bad: [{A: b}]", "a list is of values, one of which it equals; write `any:` or `all:` above patterns"),
        ("bad: {allows: 's3:*'}", "`allows` asks about statements of policies: the check needs `statements:`"),
        (
            "bad: {A: {in-parameter: ours}}",
            "`ours` is no parameter: declare it under `parameters:` with `default` and `about`",
        ),
        (
            "parameters: {ours: {default: a, about: b}}\ncheck: {on: AWS::S3::Bucket, bad: {A: {matches: {parameter: our}}}}\n",
            "`our` is not a parameter of this rule; did you mean `ours`?",
        ),
        (
            "parameters: {most: {default: a, about: b}}\ncheck: {on: AWS::S3::Bucket, bad: {A: {above: {parameter: most}}}}\n",
            "the default of `most` does not fit: `above` wants a number",
        ),
        (
            "parameters: {ours: {default: a, about: b}}\ncheck: {on: AWS::S3::Bucket, bad: {A: b}}\n",
            "the check never asks for `ours`: `{in-parameter: ours}` does",
        ),
        (
            "check: {on: Parameters, bad: {NoEcho: absent}}\n",
            "`Parameters` is no resource type: write `on: Template` with `each: Parameters[]`",
        ),
        (
            "check: {on: Template, bad: {A: absent}}\nfix: {title: t, safety: safe, remove: A}\n",
            "a fix edits a resource; a rule about the template has none",
        ),
    ] {
        let mistake = parse(&card(check)).expect_err(check);
        assert_eq!(mistake.message, wanted, "{check}");
        assert!(mistake.line > 6 && mistake.column > 5, "{check}: {mistake}");
    }
    let mistake = parse(&card("bad: {Tags[].Key: a}")).expect_err("a bracket begins a list").to_string();
    assert!(mistake.ends_with("between braces a path with `[]` stands in quotes: `{'Tags[].Key': a}`"), "{mistake}");
    assert!(!mistake.contains("line 7"), "the place is told once: {mistake}");
    assert!(parse(&card("bad: {A: {present: true, not: [b]}}")).is_ok());
}

/// A fix that leaves what it should mend, at another place or in another way, is a wrong example.
#[test]
fn fixes_that_mend_nothing_are_told() {
    let rule = "name: own-rule\ntitle: t\ncategory: hygiene\nseverity: low\nwhy: w\nremedy: r\n\
        check: {on: AWS::Lambda::Function, bad: {TracingConfig.Mode: {not: Active}}}\n\
        fix: {title: trace, safety: safe, set: {TracingConfig.Mode: PassThrough}}\n\
        examples:\n  - bad: |\n      Resources:\n        F: # <--\n          Type: AWS::Lambda::Function\n          Properties: {Handler: a}\n";
    let mut catalogue = Catalogue::builtin();
    catalogue.add([("own-rule.yaml".into(), rule.to_owned())]).expect("it is a rule");
    let wrong = examples::run(catalogue, |rule| !rule.is_builtin());
    assert!(matches!(wrong.as_slice(), [one] if one.what.starts_with("its fix leaves line")), "{wrong:?}");
}
