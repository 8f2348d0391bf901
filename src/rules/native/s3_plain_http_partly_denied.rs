//! Denials of plain HTTP that do not reach the whole bucket, or not everyone.

use super::{Context, Rule, Sink};
use crate::analysis::policy::{self, Asked, Statement, of_owner};
use crate::resolve::{Hole, Piece, Text, Truth};
use crate::rulebook::{Severity, Who};
use crate::rules::{Hit, Spot};
use crate::template::Value;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (position, resource) in cx.template.resources.iter().enumerate() {
        if resource.kind != "AWS::S3::BucketPolicy" {
            continue;
        }
        // What one statement leaves open another may deny, so all of them count.
        let mut reach = Reach::default();
        let mut first: Option<&Statement<'a>> = None;
        for statement in of_owner(cx.statements(), position) {
            let asked = statement.asked(cx.resolver);
            let Some(more) = denial(&asked) else { continue };
            reach = reach.with(more);
            first = first.or(Some(statement));
        }
        let Some(statement) = first else { continue };
        let asked = statement.asked(cx.resolver);
        // Everyone is named, so it is a condition that spares some.
        let narrowed = !reach.anyone && !asked.principal(Who::Anyone, &[]).is_empty();
        let spared = spares_some(&asked);
        let (left, severity) = match reach {
            Reach { anyone: false, .. } if spared => ("and spares those whom it names", Severity::Low),
            Reach { anyone: false, .. } if narrowed => ("only where another condition holds", Severity::Medium),
            Reach { anyone: false, .. } => ("only to those whom it names", Severity::Medium),
            Reach { objects: false, .. } => ("and leaves objects out", Severity::Medium),
            Reach { bucket: false, .. } => ("for the objects and not for the list of their names", Severity::Low),
            Reach { anyone: true, objects: true, bucket: true } => continue,
        };
        let key = match (reach.anyone, spared, narrowed) {
            (true, ..) => "Resource",
            (false, true, _) => "NotPrincipal",
            (false, false, true) => "Condition",
            (false, false, false) => "Principal",
        };
        let entry = statement.value.get(key).map_or(statement.origin, |e| e.key_origin);
        let under = asked.items(key).first().map_or_else(|| statement.under.clone(), |case| case.under.clone());
        let hit = Hit::new(Spot::missing(entry)).of(resource).under(&under).severity(severity);
        out.report(hit.message(format!("bucket policy denies plain HTTP {left}")));
    }
}

/// Whom and what a denial may reach; what is not known counts as reached.
#[derive(Default, Clone, Copy)]
struct Reach {
    anyone: bool,
    objects: bool,
    bucket: bool,
}

impl Reach {
    const fn with(self, other: Self) -> Self {
        Self {
            anyone: self.anyone || other.anyone,
            objects: self.objects || other.objects,
            bucket: self.bucket || other.bucket,
        }
    }
}

/// What a statement denies to requests without TLS; `None` when it is no such denial of all actions.
fn denial(asked: &Asked<'_, '_, '_>) -> Option<Reach> {
    let secure = |text: &Text<'_>| text.is("false") != Truth::No;
    let (conditions, _) = asked.conditions();
    let plain = conditions.iter().any(|c| {
        c.key.eq_ignore_ascii_case("aws:SecureTransport")
            && asked
                .resolver
                .items(&c.value, &c.under)
                .iter()
                .any(|v| v.present().is_none_or(|v| secure(&Text::of(&v))))
    });
    if !plain || asked.effect("Deny") == Truth::No {
        return None;
    }
    if asked.has("NotResource") || asked.has("NotAction") {
        return Some(Reach { anyone: true, objects: true, bucket: true });
    }
    // Nothing but a star covers what nobody is called.
    let everything = |text: &Text<'_>| policy::covers(&text.pattern(), "s3:Any");
    if !asked.items("Action").iter().any(|a| a.present().is_none_or(|a| everything(&Text::of(&a)))) {
        return None;
    }
    // A condition that asks for something else to be true leaves everyone out of whom it is not. Sparing services of AWS is usual.
    let harmless = ["aws:SecureTransport", "aws:PrincipalIsAWSService", "aws:ViaAWSService"];
    let narrowed = conditions.iter().filter(|c| !harmless.iter().any(|key| c.key.eq_ignore_ascii_case(key))).any(|c| {
        let operator = c.bare_operator().to_ascii_lowercase();
        ["stringequals", "stringlike", "arnequals", "arnlike", "ipaddress"].iter().any(|o| operator.starts_with(o))
    });
    let anyone = !narrowed && !spares_some(asked) && !asked.principal(Who::Anyone, &[]).is_empty();
    let mut reach = Reach { anyone, ..Reach::default() };
    for item in asked.items("Resource") {
        let (objects, bucket) = item.present().map_or((true, true), |value| covers(&Text::of(&value)));
        reach = reach.with(Reach { objects, bucket, ..Reach::default() });
    }
    Some(reach)
}

/// Whether a denial leaves somebody out by name. Sparing services of AWS is usual.
fn spares_some(asked: &Asked<'_, '_, '_>) -> bool {
    let cases = asked.resolver.get(&asked.value, "NotPrincipal", &asked.under);
    let some = |who: &Value<'_>| who.as_map().is_none_or(|map| map.entries.iter().any(|entry| entry.key != "Service"));
    !cases.is_empty() && cases.iter().all(|case| case.present().is_some_and(|who| some(&who)))
}

/// Whether an ARN covers every object of a bucket, and the bucket itself.
fn covers(text: &Text<'_>) -> (bool, bool) {
    match text.pieces.as_slice() {
        [Piece::Hole(Hole::Resource(_) | Hole::Attribute(..))] => return (false, true),
        [Piece::Hole(_)] => return (true, true),
        _ => {}
    }
    // A hole stands for a name, which has no slash.
    let shown: String = text
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => *text,
            Piece::Hole(_) => "x",
        })
        .collect();
    match shown.split_once('/') {
        Some((_, key)) => (key.trim_start_matches('*').is_empty(), false),
        None => (shown.contains('*'), true),
    }
}
