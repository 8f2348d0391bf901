//! What `Policies` of a function or state machine put into its role: names, ARNs, documents, templates.

use foldhash::HashSet;

use super::expansion::{Expansion, is_no_value, is_nothing};
use super::make::Make;
use super::{managed, policy_templates};
use crate::template::{Intrinsic, Kind, Step, Value};

/// What a role holds.
#[derive(Default)]
pub(super) struct Policies<'a> {
    /// `ManagedPolicyArns`, in order, each once.
    pub(super) managed: Vec<Value<'a>>,
    /// `Policies`, in order, each document once.
    pub(super) inline: Vec<Value<'a>>,
    /// The ARNs in `managed`, as far as they can be told apart by their text.
    named: HashSet<String>,
}

impl<'a> Policies<'a> {
    /// Adds a policy that AWS manages, by its path, unless it is there.
    pub(super) fn manage(&mut self, make: Make<'a>, path: &str) {
        self.attach(make.managed(path));
    }

    /// Adds the ARN of a policy unless it is there.
    pub(super) fn attach(&mut self, arn: Value<'a>) {
        if plain(&arn).is_none_or(|text| self.named.insert(text)) {
            self.managed.push(arn);
        }
    }

    /// Adds a policy made of statements.
    pub(super) fn add(&mut self, make: Make<'a>, name: &str, statements: &[Value<'a>]) {
        let versioned = matches!(name, "DeadLetterQueuePolicy" | "SelfManagedKafkaExecutionRolePolicy");
        let document = if versioned { make.policy(statements) } else { make.statements(statements) };
        self.inline.push(make.inline(name, document));
    }

    /// Adds what `Policies` says; `role` is the role's logical id, from which documents get their names.
    pub(super) fn read(&mut self, expansion: &Expansion<'a>, role: &str, value: Value<'a>) {
        for (index, element) in value.items().into_iter().enumerate().filter(|(_, e)| !is_nothing(e)) {
            let name = format!("{role}Policy{index}");
            let make = expansion.make(element.origin);
            let part = classify(make, &name, element);
            if let Some(arn) = part.managed {
                self.attach(arn);
            }
            self.inline.extend(part.inline);
        }
    }
}

/// What an element of `Policies` puts into the two lists of a role.
#[derive(Default)]
struct Part<'a> {
    managed: Option<Value<'a>>,
    inline: Option<Value<'a>>,
}

fn classify<'a>(make: Make<'a>, name: &str, element: Value<'a>) -> Part<'a> {
    let make = make.at(element.origin);
    let managed = |value| Part { managed: Some(value), inline: None };
    let inline = |document| Part { managed: None, inline: Some(make.inline(name, document)) };
    match element.kind {
        Kind::Null => Part::default(),
        Kind::Text(text) => managed(match managed::path(text) {
            Some(path) => make.at(make.build.derived(element.origin, Step::LOOKED_UP, None)).managed(&path),
            None => element,
        }),
        Kind::Map(map) => {
            if map.get("Statement").is_some() {
                return inline(element);
            }
            if let [only] = map.entries
                && let Some(template) = policy_templates::named(only.key)
            {
                let from =
                    make.build.derived(only.key_origin, &format!("{} `{}`", Step::POLICY_TEMPLATE, only.key), None);
                return inline(template.document(make.at(from), only.value));
            }
            if map.get("Effect").is_some() {
                // A statement where a policy belongs: SAM refuses it, yet what it would allow is plain.
                return inline(make.policy(&[element]));
            }
            managed(make.build.unknown("no policy, and no policy template that SAM knows", element.origin))
        }
        Kind::Intrinsic(_) if is_no_value(&element) => Part::default(),
        Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) => {
            let (then, otherwise) = (classify(make, name, *then), classify(make, name, *otherwise));
            let either = |a: Option<Value<'a>>, b: Option<Value<'a>>| {
                let none = make.reference("AWS::NoValue");
                (a.is_some() || b.is_some()).then(|| make.choose(condition, a.unwrap_or(none), b.unwrap_or(none)))
            };
            // SAM refuses branches of different kinds; each still means what it says.
            Part { managed: either(then.managed, otherwise.managed), inline: either(then.inline, otherwise.inline) }
        }
        Kind::Intrinsic(_) | Kind::Unknown(_) | Kind::Bool(_) | Kind::Number(_) => managed(element),
        Kind::List(_) => managed(make.build.unknown("a list where a policy belongs", element.origin)),
    }
}

/// An ARN as a text that only ARNs written alike share.
fn plain(arn: &Value<'_>) -> Option<String> {
    match arn.kind {
        Kind::Text(text) => Some(text.replacen("arn:aws:iam::aws:", "arn:${AWS::Partition}:iam::aws:", 1)),
        Kind::Intrinsic(Intrinsic::Sub { template, variables, .. }) if variables.entries.is_empty() => {
            Some((*template).to_owned())
        }
        Kind::Intrinsic(Intrinsic::Ref(id)) => Some(format!("${{{id}}}")),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => None,
    }
}
