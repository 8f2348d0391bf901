//! What must not matter does not: comments, notation, order; and what is mended stays mended.
//!
//! The templates are the examples of the rules, thousands of them, with changes that mean nothing. Few cases
//! are tried each time; `PROPTEST_CASES=5000 cargo test --test integration properties` tries many.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use portcullis::finding::Finding;
use portcullis::fix::{self, Change};
use portcullis::resolve::Exports;
use portcullis::rulebook::{Example, Verdict};
use portcullis::rules::Catalogue;
use portcullis::scan::{Choice, Outcome, Scanner, Settings, examples, scan};
use portcullis::source::{Arena, FileId, NoFiles, Source};
use portcullis::syntax::{self, Data, Node, Style};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value};

/// Every rule, as it comes.
static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let catalogue = Catalogue::builtin();
    let choice = Choice::everything(&catalogue);
    Scanner::new(Settings { open: true, ..Settings::new(catalogue, choice, examples::TODAY) })
});

/// The examples of all rules that stand alone.
static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let rules = SCANNER.settings().catalogue.rules().iter();
    let examples = rules.flat_map(|rule| rule.prose().examples.iter());
    examples.filter(|example| example.files.is_empty()).map(|example| example.text.clone()).collect()
});

fn scanned(name: &str, text: &str) -> Outcome {
    scan(&Arc::new(Source::new(name, text)), &SCANNER, &NoFiles, &Exports::new())
}

/// What a finding is about, whatever the notation: functions have no short form in JSON, and no place of their own.
fn about(finding: &Finding) -> (String, String, String, String) {
    let name = |step: &str| step.split('[').next().unwrap_or_default().to_owned();
    let steps = finding.path.split('.').map(name).filter(|step| !step.starts_with("Fn::") && step != "Ref");
    let path: String = steps.collect::<Vec<_>>().join(".");
    let under = finding.under.clone().unwrap_or_default();
    (finding.rule.to_string(), finding.resource.clone().unwrap_or_default(), path, under)
}

fn all_about(outcome: &Outcome) -> BTreeSet<(String, String, String, String)> {
    // What is said of the notation itself is not the same in another.
    let notation = ["not-strict-json", "not-strict-yaml", "duplicate-key", "syntax-error"];
    outcome.findings.iter().filter(|f| !notation.contains(&&*f.rule)).map(about).collect()
}

fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(8), failure_persistence: None, ..ProptestConfig::with_cases(cases()) }
}

#[expect(clippy::disallowed_methods, reason = "how long to look is asked of whoever runs the tests")]
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60)
}

fn example() -> impl Strategy<Value = &'static str> {
    (0..EXAMPLES.len()).prop_map(|at| EXAMPLES[at].as_str())
}

/// The lines before which a comment means nothing: no text runs over them.
fn free_lines(text: &str) -> Vec<usize> {
    let arena = Arena::new();
    let document = syntax::parse(&arena, FileId(0), text);
    let mut taken = BTreeSet::new();
    let mut nodes: Vec<Node<'_>> = document.roots.clone();
    let line = |offset: u32| text[..offset as usize].matches('\n').count();
    while let Some(node) = nodes.pop() {
        match node.data {
            Data::Scalar(_, style) => {
                let (first, last) = (line(node.span.start), line(node.span.end));
                // The lines behind a block of text may be its own.
                let behind = usize::from(matches!(style, Style::Literal | Style::Folded)) * 2;
                let header = usize::from(behind > 0);
                taken.extend(first + 1 - header.min(first + 1)..=last + behind);
            }
            Data::Sequence(items, _) => nodes.extend(items),
            Data::Mapping(pairs, _) => nodes.extend(pairs.iter().flat_map(|p| [p.key, p.value])),
            Data::Alias(_) => {}
        }
    }
    (0..text.lines().count()).filter(|line| !taken.contains(line)).collect()
}

/// A document as JSON, functions in their long form; `None` for what JSON cannot say.
fn json(node: &Node<'_>) -> Option<Value> {
    let value = match node.data {
        Data::Alias(_) => return None,
        Data::Scalar(text, Style::Plain) if node.tag.is_none() => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "" | "null" | "~" => Value::Null,
            _ if text.parse::<i64>().is_ok_and(|n| n.to_string() == text) => Value::from(text.parse::<i64>().ok()?),
            // Numbers in other clothes, dates and YAML 1.1's booleans: each has rules of its own.
            _ if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => return None,
            _ if ["yes", "no", "on", "off", "y", "n", "null", "true", "false"].contains(&&*text.to_lowercase()) => {
                return None;
            }
            _ => Value::from(text),
        },
        Data::Scalar(text, _) => Value::from(text),
        Data::Sequence(items, _) => items.iter().map(json).collect::<Option<Vec<_>>>()?.into(),
        Data::Mapping(pairs, _) => {
            let mut map = Map::new();
            for pair in pairs {
                let name = pair.name().filter(|name| *name != "<<")?;
                if map.insert(name.to_owned(), json(&pair.value)?).is_some() {
                    return None;
                }
            }
            map.into()
        }
    };
    let Some(tag) = node.tag else { return Some(value) };
    let (name, value) = match (tag.name.strip_prefix('!').filter(|n| !n.starts_with('!'))?, value) {
        ("Ref", value) => ("Ref".to_owned(), value),
        ("Condition", value) => ("Condition".to_owned(), value),
        ("GetAtt", Value::String(text)) => {
            let (id, attribute) = text.split_once('.')?;
            ("Fn::GetAtt".to_owned(), Value::from(vec![id, attribute]))
        }
        (name, value) => (format!("Fn::{name}"), value),
    };
    Some(Map::from_iter([(name, value)]).into())
}

fn as_json(text: &str) -> Option<Value> {
    let arena = Arena::new();
    let document = syntax::parse(&arena, FileId(0), text);
    if document.broken() || document.roots.len() != 1 {
        return None;
    }
    // Comments may silence, and `serverless.yml` has variables in its text; both are YAML's.
    json(document.root()?)
}

const NOTHING: &str = r#"{"Ref": "AWS::NoValue"}"#;

/// Two values as one that a condition chooses between, as deep inside as they are the same; `None` stands for nothing.
fn either(one: Option<&Value>, other: Option<&Value>) -> Value {
    let function = |map: &Map<String, Value>| map.keys().any(|key| key == "Ref" || key.starts_with("Fn::"));
    match (one, other) {
        (Some(one), Some(other)) if one == other => one.clone(),
        (Some(Value::Object(one)), Some(Value::Object(other))) if !function(one) && !function(other) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            keys.into_iter()
                .map(|key| (key.clone(), either(one.get(key), other.get(key))))
                .collect::<Map<_, _>>()
                .into()
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            (0..one.len().max(other.len())).map(|at| either(one.get(at), other.get(at))).collect()
        }
        (one, other) => {
            let nothing: Value = serde_json::from_str(NOTHING).expect("it is JSON");
            let [one, other] = [one, other].map(|value| value.unwrap_or(&nothing).clone());
            serde_json::json!({"Fn::If": ["First", one, other]})
        }
    }
}

/// Policies as they may be written as well: lone values in lists, those of lists of one without, a lone statement without its list, and
/// actions in other letters.
fn rewrite_policies(value: &mut Value) {
    /// A text in a list of one, and the item of a list of one without it.
    fn turn(value: &mut Value) {
        *value = match value.take() {
            Value::Array(mut items) if items.len() == 1 => items.remove(0),
            text @ (Value::String(_) | Value::Bool(_)) => Value::Array(vec![text]),
            other => other,
        };
    }
    /// The values of a map that nothing computes.
    fn plain(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
        let map = value.and_then(Value::as_object_mut);
        let map = map.filter(|map| !map.keys().any(|key| key.starts_with("Fn::") || key == "Ref"));
        map.into_iter().flat_map(|map| map.values_mut())
    }
    fn shout(value: &mut Value) {
        match value {
            Value::String(action) => action.make_ascii_uppercase(),
            Value::Array(actions) => actions.iter_mut().for_each(shout),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
        }
    }
    match value {
        Value::Object(map) => {
            if map.contains_key("Effect") {
                map.get_mut("Action").into_iter().for_each(shout);
                for key in ["Action", "NotAction", "Resource", "NotResource"] {
                    map.get_mut(key).into_iter().for_each(turn);
                }
                plain(map.get_mut("Principal")).for_each(turn);
                plain(map.get_mut("Condition")).for_each(|keys| plain(Some(keys)).for_each(turn));
            }
            map.values_mut().for_each(rewrite_policies);
            let lone = |value: &&mut Value| value[0].get("Effect").is_some();
            map.get_mut("Statement").filter(lone).into_iter().for_each(turn);
        }
        Value::Array(items) => items.iter_mut().for_each(rewrite_policies),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A template that is deployed as one of two; `None` where no condition can choose between them.
fn one_of_two(one: &Value, other: &Value) -> Option<Value> {
    let resources = |template: &Value| -> Option<Map<String, Value>> {
        let map = template.as_object().filter(|map| map.keys().all(|key| key == "Resources"))?;
        map.get("Resources")?.as_object().cloned()
    };
    let (one, other) = (resources(one)?, resources(other)?);
    let mut both = Map::new();
    for id in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
        let resource = match (one.get(id), other.get(id)) {
            (Some(one), Some(other)) => {
                let rest = |resource: &Value| {
                    let mut rest = resource.as_object().cloned().unwrap_or_default();
                    rest.remove("Properties");
                    rest
                };
                let mut resource = Some(rest(one)).filter(|same| *same == rest(other))?;
                let properties =
                    [one, other].map(|r| r.get("Properties").cloned().unwrap_or_else(|| Map::new().into()));
                resource.insert("Properties".to_owned(), either(Some(&properties[0]), Some(&properties[1])));
                resource
            }
            (only, another) => {
                let mut resource = only.or(another)?.as_object()?.clone();
                let condition = if only.is_some() { "First" } else { "Second" };
                if resource.insert("Condition".to_owned(), condition.into()).is_some() {
                    return None;
                }
                resource
            }
        };
        both.insert(id.clone(), resource.into());
    }
    let conditions = serde_json::json!({
        "First": {"Fn::Equals": [{"Ref": "Which"}, "first"]}, "Second": {"Fn::Not": [{"Condition": "First"}]},
    });
    let parameters = serde_json::json!({"Which": {"Type": "String"}});
    Some(serde_json::json!({"Parameters": parameters, "Conditions": conditions, "Resources": both}))
}

/// Rules that rightly say something else of a template that is deployed in two ways than of each alone, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("iam-trust-foreign-account", "the account that the code of one deployment lies in is one's own in the other, too"),
    ("iam-guarding-tag-can-be-set", "open: a denial in one deployment is taken for one in both"),
];

/// What is told of each of two templates is told of the one that is deployed as either of them, and nothing else is: of each rule its
/// first bad example is put together with its first few others.
#[test]
fn one_deployment_is_as_bad_as_it_is_alone() {
    let catalogue = Catalogue::builtin();
    let only: BTreeMap<String, Arc<Choice>> = {
        let names = catalogue.rules().iter().map(|rule| rule.head.name.to_string());
        names.map(|name| (name.clone(), Arc::new(Choice::only(&catalogue, &name)))).collect()
    };
    let mut settings = Settings::new(Catalogue::builtin(), Choice::default(), examples::TODAY);
    settings.choose = Box::new(move |path| only[path].clone());
    let scanner = Scanner::new(settings);
    let told = |rule: &str, template: &Value| -> BTreeSet<Option<String>> {
        let source = Arc::new(Source::new(rule, template.to_string()));
        scan(&source, &scanner, &NoFiles, &Exports::new()).findings.into_iter().map(|f| f.resource).collect()
    };
    let (mut pairs, mut wrong) = (0, Vec::new());
    for rule in catalogue.rules() {
        let plain = |example: &&Example| example.files.is_empty() && example.parameters.is_empty();
        let prose = rule.prose();
        let examples = prose.examples.iter().filter(plain);
        let of = |bad: bool| {
            let wanted = examples
                .clone()
                .filter(move |e| if bad { e.verdict == Verdict::Bad } else { e.verdict == Verdict::Good });
            wanted.filter_map(|e| as_json(&e.text)).filter(|template| one_of_two(template, template).is_some())
        };
        let Some(bad) = of(true).next() else { continue };
        for other in of(false).take(2).chain(of(true).skip(1).take(1)) {
            let Some(both) = one_of_two(&bad, &other) else { continue };
            pairs += 1;
            let name = &*rule.head.name;
            let mut alone = told(name, &bad);
            alone.extend(told(name, &other));
            let together = told(name, &both);
            if together != alone && !OTHERWISE.iter().any(|(rule, _)| *rule == name) {
                wrong.push(format!("{name}: {together:?} for {alone:?}\n{both}"));
            }
        }
    }
    assert!(pairs > 500, "{pairs} pairs");
    assert!(wrong.is_empty(), "{} of {pairs}\n{}", wrong.len(), wrong.join("\n"));
}

proptest! {
    #![proptest_config(config())]

    /// Comments and blank lines between the lines of a template change no finding.
    #[test]
    fn comments_and_blank_lines_do_not_matter(
        text in example(),
        places in prop::collection::vec((any::<prop::sample::Index>(), "(\n|# [a-z:{}\\[\\]'\"!&*é]{0,20}\n| {1,9}\n|  # x\n){1,3}"), 1..6),
    ) {
        let free = free_lines(text);
        if free.is_empty() || text.trim_start().starts_with('{') {
            return Ok(());
        }
        let mut lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
        for (at, more) in places {
            lines[free[at.index(free.len())]].insert_str(0, &more);
        }
        let more = lines.concat();
        prop_assert_eq!(all_about(&scanned("t.yaml", text)), all_about(&scanned("t.yaml", &more)), "{}", more);
    }

    /// A template in YAML and the same in JSON, on one line or on many, have the same findings.
    #[test]
    fn notation_does_not_matter(text in example(), pretty in any::<bool>()) {
        let Some(value) = as_json(text) else { return Ok(()) };
        let same = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let same = same.expect("JSON is written");
        prop_assert_eq!(all_about(&scanned("t.yaml", text)), all_about(&scanned("t.json", &same)), "{}\n{}", text, same);
    }

    /// A template has the same findings as the `resources` of a service, and where it asks for SAM and uses nothing of it.
    #[test]
    fn language_does_not_matter(text in example()) {
        let Some(root) = as_json(text).filter(|root| root.get("Resources").is_some() && root.get("Transform").is_none()) else {
            return Ok(());
        };
        if root.to_string().contains("AWS::Serverless::") {
            return Ok(());
        }
        let provider = serde_json::json!({"name": "aws", "runtime": "nodejs22.x"});
        let service = serde_json::json!({"service": "all-that", "provider": provider, "resources": root}).to_string();
        let mut sam = root.clone();
        sam["Transform"] = "AWS::Serverless-2016-10-31".into();
        let told = |text: &str| -> BTreeSet<(String, String, String)> {
            let all = all_about(&scanned("t.json", text)).into_iter();
            // The service itself, and the bucket that is made for what it deploys.
            let own = |id: &str| id == "all-that" || id == "provider";
            all.filter(|(_, id, ..)| !own(id)).map(|(rule, id, _, under)| (rule, id, under)).collect()
        };
        let alone = told(&root.to_string());
        prop_assert_eq!(&alone, &told(&sam.to_string()), "{}", sam);
        prop_assert_eq!(&alone, &told(&service), "{}", service);
    }

    /// IAM takes one value for a list of one, and actions in any letters.
    #[test]
    fn words_of_policies_do_not_matter(text in example()) {
        let Some(Value::Object(root)) = as_json(text) else { return Ok(()) };
        let mut other = root.clone();
        other.get_mut("Resources").into_iter().for_each(rewrite_policies);
        let told = |root: &Map<String, Value>| -> BTreeSet<(String, String)> {
            let all = all_about(&scanned("t.json", &Value::Object(root.clone()).to_string())).into_iter();
            all.map(|(rule, id, ..)| (rule, id)).collect()
        };
        prop_assert_eq!(told(&root), told(&other), "{}", Value::Object(other));
    }

    /// In whichever order resources are written, the findings are the same.
    #[test]
    fn order_does_not_matter(text in example(), seed in any::<u64>()) {
        let Some(Value::Object(mut root)) = as_json(text) else { return Ok(()) };
        let before = scanned("t.json", &Value::Object(root.clone()).to_string());
        for section in ["Resources", "Parameters", "Conditions", "Outputs", "Mappings"] {
            if let Some(Value::Object(map)) = root.get_mut(section) {
                let mut entries: Vec<_> = std::mem::take(map).into_iter().collect();
                // Any order will do that depends on the seed.
                let place = |name: &str| name.bytes().fold(seed, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
                entries.sort_by_key(|(name, _)| place(name));
                *map = entries.into_iter().collect();
            }
        }
        let after = Value::Object(root).to_string();
        // What several resources share (`Globals`) is told with the first of them.
        let shared = |outcome: &Outcome| -> BTreeSet<_> {
            let all = all_about(outcome).into_iter();
            all.map(|(rule, id, path, under)| (rule, if path.starts_with("Globals.") { String::new() } else { id }, path, under)).collect()
        };
        prop_assert_eq!(shared(&before), shared(&scanned("t.json", &after)), "{}", after);
    }

    /// A fix that is made is faithful, removes its finding, and is not asked for again.
    #[test]
    fn fixes_mend_once(text in example(), which in any::<prop::sample::Index>()) {
        let before = scanned("t.yaml", text);
        let fixable: Vec<&Finding> = before.findings.iter().filter(|f| !f.fixes.is_empty()).collect();
        if fixable.is_empty() {
            return Ok(());
        }
        let finding = fixable[which.index(fixable.len())];
        let changes: Vec<Change> =
            finding.fixes[0].edits.iter().map(|edit| (edit.place.start..edit.place.end, edit.text.clone())).collect();
        let mended = fix::verify(text, &changes);
        prop_assert!(mended.is_ok(), "{}: {:?}\n{}", finding.rule, mended, text);
        let mended = mended.expect("it was looked at");
        prop_assert_ne!(&mended, text);
        let after = scanned("t.yaml", &mended);
        prop_assert!(!after.broken, "{}\n{}", finding.rule, mended);
        let again = after.findings.iter().find(|f| {
            (&f.rule, &f.resource, &f.message, &f.path) == (&finding.rule, &finding.resource, &finding.message, &finding.path)
                && f.fixes.first().map(|f| &f.title) == finding.fixes.first().map(|f| &f.title)
                && f.place.text() == finding.place.text()
        });
        prop_assert!(again.is_none(), "{} is still there\n{}\n---\n{}", finding.rule, text, mended);
    }
}
