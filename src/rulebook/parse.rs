//! From a rule file to a card; every mistake has a place, and a guess at what was meant.

use std::collections::BTreeMap;

use super::tree::{Data, Mistake, Tree};
use super::{
    Card, Category, Check, Comparison, Confidence, EditSpec, Example, Expression, FixSpec, Grade, Head, Literal, Logic,
    Name, Narrowing, Parameter, Path, Pattern, PolicyKind, Product, Profile, Prose, Relation, SECTIONS, Severity,
    Shape, Sort, Statements, TEMPLATE, Verdict, Who, Width,
};

/// The peers whose ids an alias may carry.
pub const PEERS: &[&str] = &[
    "cfn_nag",
    "checkov",
    "cdk_nag",
    "trivy",
    "cfripper",
    "serverless_rules",
    "guard",
    "cfn_lint",
    "parliament",
    "cloudsplaining",
    "securityhub",
    "prowler",
    "kics",
    "access_analyzer",
];

const CARD_KEYS: &[&str] = &[
    "name",
    "title",
    "category",
    "severity",
    "confidence",
    "profile",
    "aliases",
    "subsumes",
    "cwe",
    "compliance",
    "references",
    "why",
    "remedy",
    "parameters",
    "check",
    "fix",
    "examples",
    "secret",
    "silences",
];

/// Reads one rule file.
///
/// # Errors
/// The first mistake, with its place.
pub fn parse(text: &str) -> Result<Card, Mistake> {
    let tree = Tree::read(text)?;
    let fields = Fields::of(&tree, CARD_KEYS, "a rule")?;
    let name = fields.need("name")?.text()?;
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') || name.is_empty() {
        return Err(fields
            .need("name")?
            .mistake("a rule's name is lower-case words with dashes: `public-function-url`"));
    }
    let title = fields.need("title")?;
    if title.text()?.ends_with('.') || title.text()?.contains('\n') {
        return Err(title.mistake("a title is one line without a full stop"));
    }
    let aliases = fields.texts("aliases")?;
    for alias in &aliases {
        let peer = alias.split_once(':').map(|(peer, id)| (PEERS.contains(&peer), !id.is_empty()));
        if peer != Some((true, true)) {
            return Err(fields
                .need("aliases")?
                .mistake(format!("`{alias}` is not `peer:ID` with a peer of {}", PEERS.join(", "))));
        }
    }
    let checked = fields.need("check")?;
    let (check, resources, native) = self::check(checked)?;
    let fixes = match fields.get("fix") {
        Some(tree) => tree.items().into_iter().map(fix).collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    if let Some(tree) = fields.get("fix").filter(|_| native && fixes.iter().any(|f| f.when.is_some())) {
        return Err(tree.mistake("the fix of a native rule has no `when`: the rule itself knows"));
    }
    if let Some(tree) = fields.get("fix").filter(|_| resources.iter().any(|kind| kind == TEMPLATE)) {
        return Err(tree.mistake("a fix edits a resource; a rule about the template has none"));
    }
    let mut parameters = BTreeMap::new();
    if let Some(tree) = fields.get("parameters") {
        for (key, value) in tree.pairs()? {
            let fields = Fields::of(value, &["default", "about"], "a parameter")?;
            let parameter =
                Parameter { default: fields.need("default")?.literal()?, about: fields.need("about")?.text()? };
            parameters.insert(key.text()?, parameter);
        }
    }
    let declared: Vec<&str> = parameters.keys().map(String::as_str).collect();
    if !native {
        compared(checked, fields.get("parameters"), &parameters)?;
    }
    let mut compliance = BTreeMap::new();
    if let Some(tree) = fields.get("compliance") {
        for (framework, controls) in tree.pairs()? {
            compliance.insert(framework.text()?, controls.texts()?);
        }
    }
    let examples = fields.get("examples").map(Tree::items).unwrap_or_default();
    let examples = examples.into_iter().map(|tree| example(tree, &declared)).collect::<Result<_, _>>()?;
    let names = |texts: Vec<String>| texts.into_iter().map(Name::from).collect();
    Ok(Card {
        head: Head {
            name: name.into(),
            title: title.text()?.into(),
            category: word(fields.need("category")?, Category::ALL, Category::name)?,
            severity: word(fields.need("severity")?, Severity::ALL, Severity::name)?,
            confidence: match fields.get("confidence") {
                Some(tree) => word(tree, Confidence::ALL, Confidence::name)?,
                None => Confidence::High,
            },
            profile: match fields.get("profile") {
                Some(tree) => word(tree, Profile::ALL, Profile::name)?,
                None => Profile::Default,
            },
            resources: names(resources),
            aliases: aliases.iter().collect(),
            subsumes: names(fields.texts("subsumes")?),
            cwe: names(fields.texts("cwe")?),
            fixable: fixes.iter().map(|f| f.safe).max(),
            native,
            secret: fields.get("secret").map_or(Ok(false), Tree::bool)?,
            silences: names(fields.texts("silences")?),
        },
        logic: Logic { check, fixes, parameters },
        prose: Prose {
            why: fields.need("why")?.text()?.trim_end().to_owned(),
            remedy: fields.need("remedy")?.text()?.trim_end().to_owned(),
            references: fields.texts("references")?,
            compliance,
            examples,
        },
    })
}

fn check(tree: &Tree) -> Result<(Option<Check>, Vec<String>, bool), Mistake> {
    const KEYS: &[&str] =
        &["native", "on", "statements", "each", "when", "bad", "at", "once", "message", "label", "grade"];
    let fields = Fields::of(tree, KEYS, "a check")?;
    let resources = fields.texts("on")?;
    if let Some(kind) = resources.iter().find(|kind| !kind.contains("::") && !kind.ends_with('*') && *kind != TEMPLATE)
    {
        let on = fields.need("on")?;
        return Err(on.mistake(match SECTIONS.contains(&kind.as_str()) {
            true => format!("`{kind}` is no resource type: write `on: {TEMPLATE}` with `each: {kind}[]`"),
            false => {
                format!("`{kind}` is no resource type, such as `AWS::S3::Bucket`; `{TEMPLATE}` is the whole template")
            }
        }));
    }
    if fields.get("native").map_or(Ok(false), Tree::bool)? {
        return Ok((None, if resources.is_empty() { vec!["*".to_owned()] } else { resources }, true));
    }
    let statements = match fields.get("statements") {
        Some(tree) => {
            let words = tree.items();
            let all = words.len() == 1 && words[0].text()? == "all";
            let kinds = words.iter().map(|t| word(t, PolicyKind::ALL, PolicyKind::name));
            Some(Statements { kinds: if all { Vec::new() } else { kinds.collect::<Result<_, _>>()? } })
        }
        None => None,
    };
    if resources.is_empty() && statements.is_none() {
        return Err(tree.mistake("a check needs `on:`, the resource types it looks at"));
    }
    if statements.is_none()
        && let Some((key, word)) = of_statements(tree)
    {
        return Err(key.mistake(format!("`{word}` asks about statements of policies: the check needs `statements:`")));
    }
    let grades = match fields.get("grade") {
        Some(tree) => tree.items().into_iter().map(grade).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let check = Check {
        statements,
        each: match fields.get("each") {
            None => Vec::new(),
            Some(tree) if matches!(tree.data, Data::Map(_)) => {
                let pairs = tree.pairs()?.iter().map(|(kind, at)| Ok((Some(kind.text()?), path(at)?)));
                pairs.collect::<Result<_, Mistake>>()?
            }
            Some(tree) => tree.items().into_iter().map(|at| Ok((None, path(at)?))).collect::<Result<_, Mistake>>()?,
        },
        when: fields.get("when").map(pattern).transpose()?,
        bad: pattern(fields.need("bad")?)?,
        at: fields.get("at").map(path).transpose()?,
        once: fields.get("once").map_or(Ok(false), Tree::bool)?,
        message: fields.get("message").map(Tree::text).transpose()?,
        label: fields.get("label").map(Tree::text).transpose()?,
        grades,
    };
    Ok((Some(check), if resources.is_empty() { vec!["*".to_owned()] } else { resources }, false))
}

/// An operator that only statements can satisfy, where there is one in a check.
fn of_statements(tree: &Tree) -> Option<(&Tree, String)> {
    match &tree.data {
        Data::Map(pairs) => pairs.iter().find_map(|(key, value)| {
            let word = key.text().ok()?;
            let statement = OPERATORS.iter().any(|(name, _, meaning)| *name == word && meaning.starts_with(STATEMENT));
            if statement { Some((key, word)) } else { of_statements(value) }
        }),
        Data::List(items) => items.iter().find_map(of_statements),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => None,
    }
}

/// How the meaning of an operator begins that is about statements of policies.
const STATEMENT: &str = "statement: ";

fn grade(tree: &Tree) -> Result<Grade, Mistake> {
    let fields = Fields::of(tree, &["when", "severity", "confidence", "message", "remedy"], "a grade")?;
    Ok(Grade {
        when: pattern(fields.need("when")?)?,
        severity: fields.get("severity").map(|t| word(t, Severity::ALL, Severity::name)).transpose()?,
        confidence: fields.get("confidence").map(|t| word(t, Confidence::ALL, Confidence::name)).transpose()?,
        message: fields.get("message").map(Tree::text).transpose()?,
        remedy: fields.get("remedy").map(Tree::text).transpose()?.map(|text| text.trim_end().to_owned()),
    })
}

/// The parameter that `principal: foreign` asks for without naming it.
const TRUSTED: &str = "trusted-accounts";

/// Holds the parameters that a rule declares against those that its check asks for.
fn compared(check: &Tree, declared: Option<&Tree>, parameters: &BTreeMap<String, Parameter>) -> Result<(), Mistake> {
    let mut asked = Vec::new();
    asked_for(check, &mut asked);
    for (comparison, tree) in &asked {
        let name = tree.text()?;
        let Some(parameter) = parameters.get(&name) else {
            let names: Vec<&str> = parameters.keys().map(String::as_str).collect();
            return Err(tree.mistake(match names.is_empty() {
                true => format!("`{name}` is no parameter: declare it under `parameters:` with `default` and `about`"),
                false => unknown("a parameter of this rule", &name, &names),
            }));
        };
        if let Some(Err(message)) = comparison.map(|comparison| comparison.with(&parameter.default)) {
            return Err(tree.mistake(format!("the default of `{name}` does not fit: {message}")));
        }
    }
    for (key, _) in declared.map_or(Ok(&[][..]), Tree::pairs)? {
        let name = key.text()?;
        if name != TRUSTED && !asked.iter().any(|(_, tree)| tree.text().is_ok_and(|asked| asked == name)) {
            return Err(key.mistake(format!("the check never asks for `{name}`: `{{in-parameter: {name}}}` does")));
        }
    }
    Ok(())
}

/// The parameters that a check asks for, with what their values are compared by; `None` is for equality.
fn asked_for<'t>(tree: &'t Tree, asked: &mut Vec<(Option<Comparison>, &'t Tree)>) {
    match &tree.data {
        Data::Map(pairs) => {
            for (key, value) in pairs {
                let word = key.text().unwrap_or_default();
                match parameter_of(value) {
                    Some(name) => asked.push((Comparison::from_name(&word), name)),
                    None if word == "in-parameter" => asked.push((None, value)),
                    None => asked_for(value, asked),
                }
            }
        }
        Data::List(items) => items.iter().for_each(|item| asked_for(item, asked)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// The name in `{parameter: name}`.
fn parameter_of(tree: &Tree) -> Option<&Tree> {
    match &tree.data {
        Data::Map(pairs) => match pairs.as_slice() {
            [(key, value)] => key.text().is_ok_and(|key| key == "parameter").then_some(value),
            _ => None,
        },
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::List(_) => None,
    }
}

/// The operators of the rule language: word, what it takes, what it means. The documentation's table is
/// made from this.
pub const OPERATORS: &[(&str, &str, &str)] = &[
    (
        "absent",
        "(a bare word), or true",
        "it is a fact that there is nothing here; `AWS::NoValue` and an empty text count as nothing",
    ),
    ("present", "(a bare word), or true", "there is something here, whatever it is; an empty text is nothing"),
    ("is", "value", "equal; a bare scalar means the same; numbers compare by value, `\"true\"` equals `true`"),
    ("in", "list of values", "equal to one of them; a bare list means the same"),
    ("in-parameter", "name", "equal to one of the values of this rule's parameter"),
    ("any-case", "text or list of texts, or {parameter}", "equal, whatever the case"),
    ("matches", "regular expression, or {parameter}", "found somewhere in the text; anchor with `^` and `$`"),
    ("contains", "text, or {parameter}", "the text contains it"),
    ("starts-with", "text, or {parameter}", "the text begins with it"),
    ("ends-with", "text, or {parameter}", "the text ends with it"),
    ("below", "number, or {parameter}", "a number less than this"),
    ("above", "number, or {parameter}", "a number greater than this"),
    ("length", "pattern", "the number of items of a list or map, or of characters of a text, is …"),
    ("kind", "text, number, bool, list or map", "the shape of the value"),
    ("literal", "true", "a text every character of which is known"),
    (
        "looked-up",
        "regular expression",
        "CloudFormation looks it up in Parameter Store, under a name in which this is found; certain or not at all",
    ),
    ("written", "true", "the user wrote the subject resource; neither SAM nor the framework made it"),
    (
        "plaintext",
        "true",
        "readable by whoever reads the template or its parameters: a literal, a parameter without `NoEcho`, or one with a default",
    ),
    ("credential", "true", "a literal that looks like a credential"),
    (
        "ended",
        "product: activemq, airflow, apprunner, aurora, aurora-mysql, codebuild, docdb, eks, elasticsearch, emr, flink, glue, kafka, mariadb, mysql, neptune, notebook, opensearch, oracle, postgres, rabbitmq, redis, sqlserver, synthetics",
        "a version of it that is past its standard support on the day of the scan",
    ),
    ("not", "pattern", "the contrary; what is not known stays so"),
    ("all", "list of patterns", "every one holds; the entries of a map are such a list"),
    ("any", "list of patterns", "one holds"),
    ("none", "list of patterns", "none holds"),
    ("some", "pattern", "an item of the list (or value of the map) is like this; each that is has its own finding"),
    ("every", "pattern", "all items are like this; true of no items"),
    ("some-key", "pattern", "a key of the map is like this"),
    ("named", "pattern", "the key that the value stands behind is like this; of a resource its logical id"),
    ("condition", "name or list of names", "one of these conditions of the template holds"),
    ("default", "value", "stands in for a value that is absent, for the other entries of the same map"),
    ("refers-to", "type, or {type, where}", "a `Ref` or `GetAtt` of such a resource of this template"),
    (
        "referred-by",
        "{type, at, where}",
        "a resource of this template refers to the subject resource by its property `at`",
    ),
    ("template-has", "type, or {type, where}", "there is such a resource in this template"),
    ("type", "type or list of types", "the subject resource is of one of these types; a trailing `*` matches the rest"),
    ("owner", "pattern", "the resource that the subject stands in is like this"),
    (
        "allows",
        "action or list of actions",
        "statement: allows one of these actions, wildcards and `NotAction` taken into account",
    ),
    (
        "allows-a",
        "credentials, data, permissions, write or scopable",
        "statement: allows an action of this sort, wildcards taken into account",
    ),
    ("wildcard-action", "everything, service or partial", "statement: one of its actions is a wildcard of this width"),
    (
        "any-resource",
        "true",
        "statement: covers every resource; beside `allows`, or `allows-a` credentials, data or permissions, every one that such an action has",
    ),
    ("principal", "anyone, account, foreign, service or federated", "statement: one of its principals is of this sort"),
    ("narrowed", "any, source, principal, network or anything", "statement: a condition limits it in this respect"),
    ("policy", "identity, trust or resource", "statement: the sort of policy it stands in"),
];

fn pattern(tree: &Tree) -> Result<Pattern, Mistake> {
    match &tree.data {
        Data::Text(text) if text == "absent" => Ok(Pattern::Absent),
        Data::Text(text) if text == "present" => Ok(Pattern::Present),
        Data::Null => Err(tree.mistake("a pattern is wanted here; `absent` asks for nothing")),
        Data::Bool(_) | Data::Number(_) | Data::Text(_) => Ok(Pattern::Is(tree.literal()?)),
        Data::List(items) => match items.iter().find(|item| matches!(item.data, Data::Map(_))) {
            Some(item) => {
                Err(item.mistake("a list is of values, one of which it equals; write `any:` or `all:` above patterns"))
            }
            None => Ok(Pattern::In(items.iter().map(Tree::literal).collect::<Result<_, _>>()?)),
        },
        Data::Map(pairs) => {
            let mut all = Vec::with_capacity(pairs.len());
            let mut default = None;
            for (key, value) in pairs {
                let name = key.text()?;
                let is_path = name.starts_with(|c: char| c.is_ascii_uppercase() || matches!(c, '$' | '[' | '.'))
                    || name.contains(':');
                if name == "default" {
                    default = Some(value.literal()?);
                } else if is_path {
                    all.push(Pattern::At(Path::parse(&name).map_err(|m| key.mistake(m))?, Box::new(pattern(value)?)));
                } else {
                    all.push(operator(&name, key, value)?);
                }
            }
            let whole = if all.len() == 1 { all.remove(0) } else { Pattern::All(all) };
            Ok(match default {
                Some(default) => Pattern::Default(default, Box::new(whole)),
                None => whole,
            })
        }
    }
}

fn operator(name: &str, key: &Tree, value: &Tree) -> Result<Pattern, Mistake> {
    if let Some(comparison) = Comparison::from_name(name)
        && let Some(parameter) = parameter_of(value)
    {
        return Ok(Pattern::Compared(comparison, parameter.text()?));
    }
    let boxed = |tree: &Tree| pattern(tree).map(Box::new);
    let list = |tree: &Tree| tree.items().into_iter().map(pattern).collect::<Result<Vec<_>, _>>();
    let yes = |made: Pattern| value.bool().map(|yes| if yes { made } else { Pattern::Not(Box::new(made)) });
    Ok(match name {
        "absent" => yes(Pattern::Absent)?,
        "present" => yes(Pattern::Present)?,
        "is" => Pattern::Is(value.literal()?),
        "in" => Pattern::In(value.items().into_iter().map(Tree::literal).collect::<Result<_, _>>()?),
        "in-parameter" => Pattern::InParameter(value.text()?),
        "any-case" => Pattern::AnyCase(value.texts()?),
        "matches" => Pattern::Matches(Expression::parse(&value.text()?).map_err(|m| value.mistake(m))?),
        "contains" => Pattern::Contains(value.text()?),
        "starts-with" => Pattern::StartsWith(value.text()?),
        "ends-with" => Pattern::EndsWith(value.text()?),
        "below" => Pattern::Below(value.number()?),
        "above" => Pattern::Above(value.number()?),
        "length" => Pattern::Length(boxed(value)?),
        "kind" => Pattern::Kind(word(value, Shape::ALL, Shape::name)?),
        "literal" => yes(Pattern::Literal)?,
        "written" => yes(Pattern::Written)?,
        "plaintext" => yes(Pattern::Plaintext)?,
        "credential" => yes(Pattern::Credential)?,
        "looked-up" => Pattern::LookedUp(Expression::parse(&value.text()?).map_err(|m| value.mistake(m))?),
        "ended" => Pattern::Ended(word(value, Product::ALL, Product::name)?),
        "not" => Pattern::Not(boxed(value)?),
        "all" => Pattern::All(list(value)?),
        "any" => Pattern::Any(list(value)?),
        "none" => Pattern::Not(Box::new(Pattern::Any(list(value)?))),
        "some" => Pattern::Some(boxed(value)?),
        "every" => Pattern::Every(boxed(value)?),
        "some-key" => Pattern::SomeKey(boxed(value)?),
        "named" => Pattern::Named(boxed(value)?),
        "condition" => Pattern::Condition(value.texts()?),
        "refers-to" => Pattern::RefersTo(relation(value, false)?),
        "referred-by" => Pattern::ReferredBy(relation(value, true)?),
        "template-has" => Pattern::TemplateHas(relation(value, false)?),
        "type" => Pattern::Type(value.texts()?),
        "owner" => Pattern::Owner(boxed(value)?),
        "allows" => Pattern::Allows(value.texts()?),
        "allows-a" => Pattern::AllowsA(word(value, Sort::ALL, Sort::name)?),
        "wildcard-action" => Pattern::WildcardAction(word(value, Width::ALL, Width::name)?),
        "any-resource" => yes(Pattern::AnyResource)?,
        "principal" => Pattern::Principal(word(value, Who::ALL, Who::name)?),
        "narrowed" => Pattern::Narrowed(word(value, Narrowing::ALL, Narrowing::name)?),
        "policy" => Pattern::Policy(word(value, PolicyKind::ALL, PolicyKind::name)?),
        _ => return Err(key.mistake(no_operator(name))),
    })
}

/// What other languages call our operators.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("is", &["equals", "equal", "eq", "==", "value"]),
    ("not", &["not-equals", "not-equal", "ne", "neq", "!="]),
    ("in", &["one-of", "is-in", "among", "allowed"]),
    ("{not: {in: […]}}", &["not-in", "notin", "nin", "none-of"]),
    ("in-parameter", &["parameter"]),
    ("matches", &["regex", "regexp", "pattern", "match", "matches-regex", "like", "glob"]),
    ("{not: {matches: …}}", &["not-matches", "not-match", "not-regex"]),
    ("below", &["lt", "less", "less-than", "smaller", "under", "<"]),
    ("{not: {above: …}}", &["le", "lte", "at-most", "max", "maximum", "<="]),
    ("above", &["gt", "greater", "greater-than", "more-than", "over", ">"]),
    ("{not: {below: …}}", &["ge", "gte", "at-least", "min", "minimum", ">="]),
    ("length", &["size", "count", "len"]),
    ("kind", &["is-type", "type-of", "typeof"]),
    ("present", &["exists", "exist", "is-set", "set", "required"]),
    ("absent", &["missing", "not-exists", "is-null", "null", "empty", "unset"]),
    ("all", &["and", "all-of", "allof"]),
    ("any", &["or", "any-of", "anyof"]),
    ("every", &["each", "all-items", "foreach"]),
    ("some", &["exists-in", "any-item", "has"]),
    ("some-key", &["has-key", "key", "keys"]),
    ("named", &["name", "logical-id", "id"]),
    ("condition", &["conditions", "when", "if"]),
];

/// What is said of a word that is no operator: the one that was meant, or the path.
fn no_operator(name: &str) -> String {
    let plain = name.to_ascii_lowercase().replace('_', "-");
    if let Some((meant, _)) = SYNONYMS.iter().find(|(_, words)| words.contains(&plain.as_str())) {
        let quote = if meant.starts_with('{') { "" } else { "`" };
        return format!("`{name}` is not an operator; did you mean {quote}{meant}{quote}?");
    }
    let names: Vec<_> = OPERATORS.iter().map(|(name, ..)| *name).collect();
    if super::nearest(name, names.iter().copied()).is_some() {
        return unknown("an operator", name, &names);
    }
    // CloudFormation's properties begin with a capital, and serverless.yml's do not.
    if name.contains(['.', '[']) || name.contains(|c: char| c.is_ascii_uppercase()) {
        return format!("`{name}` is not an operator; a path begins with a capital, or with a dot: `.{name}`");
    }
    format!(
        "{}; a path into something in lower case begins with a dot: `.{name}`",
        unknown("an operator", name, &names)
    )
}

fn relation(tree: &Tree, needs_at: bool) -> Result<Relation, Mistake> {
    if let Data::Text(_) | Data::List(_) = tree.data
        && !needs_at
    {
        return Ok(Relation { types: tree.texts()?, at: None, with: None });
    }
    let fields = Fields::of(tree, &["type", "at", "where"], "a relation")?;
    if needs_at {
        fields.need("at")?;
    }
    Ok(Relation {
        types: fields.texts("type")?,
        at: fields.get("at").map(path).transpose()?,
        with: fields.get("where").map(pattern).transpose()?.map(Box::new),
    })
}

fn fix(tree: &Tree) -> Result<FixSpec, Mistake> {
    let fields =
        Fields::of(tree, &["title", "safety", "when", "set", "append", "remove", "replace", "native"], "a fix")?;
    let safety = fields.need("safety")?;
    let safe = match safety.text()?.as_str() {
        "safe" => true,
        "unsafe" => false,
        other => return Err(safety.mistake(unknown("a safety", other, &["safe", "unsafe"]))),
    };
    let mut edits = Vec::new();
    if let Some(tree) = fields.get("set") {
        for (at, value) in tree.pairs()? {
            edits.push(EditSpec::Set(path(at)?, value.literal()?));
        }
    }
    if let Some(tree) = fields.get("append") {
        for (at, value) in tree.pairs()? {
            let items = match value.literal()? {
                Literal::List(items) => items,
                one => vec![one],
            };
            for item in items {
                edits.push(EditSpec::Append(path(at)?, item));
            }
        }
    }
    if let Some(tree) = fields.get("remove") {
        for at in tree.items() {
            edits.push(EditSpec::Remove(path(at)?));
        }
    }
    if let Some(tree) = fields.get("replace") {
        edits.push(EditSpec::Replace(tree.literal()?));
    }
    if edits.is_empty() && !fields.get("native").map_or(Ok(false), Tree::bool)? {
        return Err(tree.mistake("a fix needs `set`, `append`, `remove` or `replace`"));
    }
    let when = fields.get("when").map(pattern).transpose()?;
    Ok(FixSpec { title: fields.need("title")?.text()?, safe, when, edits })
}

fn example(tree: &Tree, declared: &[&str]) -> Result<Example, Mistake> {
    let fields = Fields::of(tree, &["bad", "good", "unknown", "about", "lines", "parameters", "files"], "an example")?;
    let mut found = Verdict::ALL.iter().filter_map(|verdict| Some((*verdict, fields.get(verdict.name())?)));
    let (Some((verdict, text)), None) = (found.next(), found.next()) else {
        return Err(tree.mistake("an example is one of `bad`, `good` and `unknown`"));
    };
    let mut parameters = BTreeMap::new();
    if let Some(tree) = fields.get("parameters") {
        for (key, value) in tree.pairs()? {
            let name = key.text()?;
            if !declared.contains(&name.as_str()) {
                return Err(key.mistake(unknown("a parameter of this rule", &name, declared)));
            }
            parameters.insert(name, value.literal()?);
        }
    }
    let mut files = BTreeMap::new();
    if let Some(tree) = fields.get("files") {
        for (key, value) in tree.pairs()? {
            files.insert(key.text()?, value.text()?);
        }
    }
    let lines = fields.texts("lines")?.iter().filter_map(|n| n.parse().ok()).collect();
    let example = Example {
        verdict,
        about: fields.get("about").map(Tree::text).transpose()?,
        text: text.text()?,
        lines,
        parameters,
        files,
    };
    let severities: Vec<&str> = Severity::ALL.iter().map(|severity| severity.name()).collect();
    if let Some((_, word)) = example.marks().find(|(_, word)| !word.is_empty() && !severities.contains(word)) {
        return Err(text.mistake(unknown("a severity", word, &severities)));
    }
    if (verdict == Verdict::Bad) == example.due().is_empty() {
        return Err(text.mistake(
            "a bad example marks the lines of its findings with `# <--` (or `lines:`), and only a bad one does",
        ));
    }
    Ok(example)
}

fn path(tree: &Tree) -> Result<Path, Mistake> {
    Path::parse(&tree.text()?).map_err(|message| tree.mistake(message))
}

/// One of an enum's words.
fn word<T: Copy>(tree: &Tree, all: &[T], name: fn(T) -> &'static str) -> Result<T, Mistake> {
    let text = tree.text()?;
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|one| name(*one)).collect();
        tree.mistake(unknown("a word that fits here", &text, &names))
    })
}

fn unknown(what: &str, got: &str, known: &[&str]) -> String {
    match super::nearest(got, known.iter().copied()) {
        Some(guess) => format!("`{got}` is not {what}; did you mean `{guess}`?"),
        None => format!("`{got}` is not {what}; known: {}", known.join(", ")),
    }
}

/// The entries of a map whose keys are known.
struct Fields<'t> {
    tree: &'t Tree,
    what: &'static str,
}

impl<'t> Fields<'t> {
    fn of(tree: &'t Tree, known: &[&str], what: &'static str) -> Result<Self, Mistake> {
        for (key, _) in tree.pairs()? {
            let name = key.text()?;
            if !known.contains(&name.as_str()) {
                return Err(key.mistake(unknown(&format!("a key of {what}"), &name, known)));
            }
        }
        Ok(Self { tree, what })
    }

    fn get(&self, name: &str) -> Option<&'t Tree> {
        let pairs = self.tree.pairs().ok()?;
        pairs.iter().find(|(key, _)| matches!(&key.data, Data::Text(text) if text == name)).map(|(_, value)| value)
    }

    fn need(&self, name: &str) -> Result<&'t Tree, Mistake> {
        self.get(name).ok_or_else(|| self.tree.mistake(format!("{} needs `{name}:`", self.what)))
    }

    fn texts(&self, name: &str) -> Result<Vec<String>, Mistake> {
        self.get(name).map_or(Ok(Vec::new()), Tree::texts)
    }
}
