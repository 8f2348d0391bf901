//! Statements of a resource's policy that are about another resource.

use std::collections::BTreeSet;

use super::{Context, Rule, Sink};
use crate::resolve::{Case, Hole, Piece, Text, Truth, Under};
use crate::rulebook::Severity;
use crate::rules::{Hit, Spot};
use crate::template::Resource;

/// Policies, the property that says what they belong to (a key's is its own), and the type of that. A bucket's, a queue's and so on speak of
/// that one only; those of a registry or a whole account are not here.
const POLICIES: &[(&str, &str, &str)] = &[
    ("AWS::KMS::Key", "", "AWS::KMS::Key"),
    ("AWS::S3::BucketPolicy", "Bucket", "AWS::S3::Bucket"),
    ("AWS::SNS::TopicInlinePolicy", "TopicArn", "AWS::SNS::Topic"),
    ("AWS::SNS::TopicPolicy", "Topics", "AWS::SNS::Topic"),
    ("AWS::SQS::QueueInlinePolicy", "Queue", "AWS::SQS::Queue"),
    ("AWS::SQS::QueuePolicy", "Queues", "AWS::SQS::Queue"),
    ("AWS::SecretsManager::ResourcePolicy", "SecretId", "AWS::SecretsManager::Secret"),
];

/// What a policy belongs to, by its place in the template, under an assumption.
type Owners<'a> = (usize, Under, Option<BTreeSet<&'a str>>);

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    // Most statements of a policy stand under the same assumption, and some policies have many.
    let mut known: Option<Owners<'a>> = None;
    for statement in cx.statements() {
        let policy = cx.owner(statement);
        let Some((_, property, kind)) = POLICIES.iter().find(|(of, ..)| *of == policy.kind) else { continue };
        let asked = statement.asked(cx.resolver);
        let mut another = |item: Case<'a>| {
            let named = named(cx, &Text::of(&item.present()?))?;
            if known.as_ref().is_none_or(|(of, under, _)| *of != statement.owner || !under.is(&item.under)) {
                let owners = owners(cx, policy, property, kind, &item.under);
                known = Some((statement.owner, item.under.clone(), owners));
            }
            let owners = known.as_ref()?.2.as_ref()?;
            let first = owners.first()?;
            let more = if owners.len() > 1 { " and others" } else { "" };
            (!owners.contains(named)).then(|| (item, named, format!("`{first}`{more}")))
        };
        let Some((item, named, whose)) = asked.items("Resource").into_iter().find_map(&mut another) else { continue };
        // What nobody is allowed by mistake stays shut; what is not denied stands open.
        let (effect, severity) = match asked.effect("Deny") {
            Truth::Yes => ("denies", Severity::Medium),
            Truth::No | Truth::Maybe => ("allows", Severity::Low),
        };
        let message = format!("policy of {whose} {effect} nothing here: the statement is about `{named}`");
        let hit = Hit::new(Spot::in_statement(statement, &item)).of(policy).under(&item.under).severity(severity);
        out.report(hit.message(message).label("another resource"));
    }
}

/// The resource of the template that a text is the ARN of, or of something in it, by its logical id.
fn named<'a>(cx: &Context<'_, 'a>, text: &Text<'a>) -> Option<&'a str> {
    let names = |piece: &Piece<'a>| match *piece {
        Piece::Hole(Hole::Resource(id)) => Some(id),
        Piece::Hole(Hole::Attribute(id, "Arn" | "TopicArn" | "QueueName" | "TopicName")) => Some(id),
        Piece::Hole(_) | Piece::Literal(_) => None,
    };
    let (at, id) = text.pieces.iter().enumerate().find_map(|(at, piece)| Some((at, names(piece)?)))?;
    // A part of a name is something else: `${Bucket}-logs`.
    let begins = |piece: &Piece<'a>| matches!(piece, Piece::Literal(l) if l.ends_with(':') || l.ends_with(":key/"));
    let ends = |piece: &Piece<'a>| matches!(piece, Piece::Literal(l) if l.starts_with('/'));
    let whole = at.checked_sub(1).and_then(|before| text.pieces.get(before)).is_none_or(begins)
        && text.pieces.get(at + 1).is_none_or(ends);
    let kind = cx.resolver.resource(id)?.kind;
    (whole && POLICIES.iter().any(|(.., of)| *of == kind)).then_some(id)
}

/// The resources that a policy belongs to, by their logical ids; `None` where one of them may be any.
fn owners<'a>(
    cx: &Context<'_, 'a>,
    policy: &Resource<'a>,
    property: &str,
    kind: &str,
    under: &Under,
) -> Option<BTreeSet<&'a str>> {
    if property.is_empty() {
        return Some(BTreeSet::from([policy.id]));
    }
    let mut ids = BTreeSet::new();
    for case in cx.resolver.at(&policy.properties, &[property], under) {
        for item in cx.resolver.items(&case.present()?, &case.under) {
            match Text::of(&item.present()?).only_hole()? {
                Hole::Resource(id) | Hole::Attribute(id, _) if cx.resolver.resource(id)?.kind == kind => ids.insert(id),
                _ => return None,
            };
        }
    }
    (!ids.is_empty()).then_some(ids)
}
