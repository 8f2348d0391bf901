//! Denials of plain HTTP that do not reach the whole bucket, or not everyone.

use super::{Context, Rule, Sink};
use crate::analysis::policy::{self, Asked, Statement, of_owner};
use crate::resolve::{Case, Hole, Piece, Text, Truth};
use crate::rulebook::{Severity, Who};
use crate::rules::{Hit, Spot};
use crate::template::Value;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (position, resource) in cx.template.resources.iter().enumerate() {
        if resource.kind != "AWS::S3::BucketPolicy" {
            continue;
        }
        let statements = of_owner(cx.statements(), position).iter();
        let denials: Vec<(&Statement<'a>, Reach)> =
            statements.filter_map(|statement| Some((statement, denial(&statement.asked(cx.resolver))?))).collect();
        // What one statement leaves open another may deny, so all of them count; but what is denied to some only stays open to
        // the others.
        let to_all = denials.iter().filter(|(_, reach)| reach.anyone);
        let reach = to_all.clone().fold(Reach::default(), |all, (_, more)| all.with(*more));
        let Some((statement, _)) = to_all.chain(&denials).next() else { continue };
        let asked = statement.asked(cx.resolver);
        let sparing = sparing(&asked);
        // Everyone is named, so it is a condition that spares some.
        let narrowed = !reach.anyone && !asked.principal(Who::Anyone, &[]).is_empty();
        let spared = spares_some(&asked);
        let (left, severity) = match reach {
            Reach { anyone: false, .. } if spared => ("and spares those whom it names", Severity::Low),
            Reach { anyone: false, .. } if sparing == Some(Sparing::Few) => {
                ("and spares what its other condition names", Severity::Low)
            }
            Reach { anyone: false, .. } if narrowed => ("only where another condition holds", Severity::Medium),
            Reach { anyone: false, .. } => ("only to those whom it names", Severity::Medium),
            Reach { objects: false, .. } => ("and leaves objects out", Severity::Medium),
            Reach { bucket: false, .. } => ("for the objects and not for the list of their names", Severity::Low),
            Reach { anyone: true, objects: true, bucket: true } => continue,
        };
        let key = match (reach.anyone, spared, narrowed) {
            (true, ..) if asked.has("NotResource") => "NotResource",
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
    if asked.has("NotAction") {
        return Some(Reach { anyone: true, objects: true, bucket: true });
    }
    // Nothing but a star covers what nobody is called.
    let everything = |text: &Text<'_>| policy::covers(&text.pattern(), "s3:Any");
    if !asked.items("Action").iter().any(|a| a.present().is_none_or(|a| everything(&Text::of(&a)))) {
        return None;
    }
    let anyone = sparing(asked).is_none() && !spares_some(asked) && !asked.principal(Who::Anyone, &[]).is_empty();
    let mut reach = Reach { anyone, ..Reach::default() };
    if asked.has("NotResource") {
        reach = Reach { objects: true, bucket: true, ..reach };
        for value in asked.items("NotResource").iter().filter_map(Case::present) {
            let (objects, bucket) = concerns(&Text::of(&value));
            reach.objects &= !objects;
            reach.bucket &= !bucket;
        }
    }
    for item in asked.items("Resource") {
        let (objects, bucket) = item.present().map_or((true, true), |value| covers(&Text::of(&value)));
        reach = reach.with(Reach { objects, bucket, ..Reach::default() });
    }
    Some(reach)
}

/// How many a condition beside the one on TLS leaves out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sparing {
    /// Those whom it names.
    Few,
    /// All but those whom it names.
    Most,
}

/// Whether a denial leaves somebody out by another condition: all conditions of a statement must hold. Sparing services of AWS is
/// usual.
fn sparing(asked: &Asked<'_, '_, '_>) -> Option<Sparing> {
    let harmless = |key: &str| {
        let key = key.to_ascii_lowercase();
        let keys = ["aws:securetransport", "aws:principalisawsservice", "aws:viaawsservice", "aws:calledvia"];
        keys.contains(&key.as_str()) || key.starts_with("aws:principalservicename") || key.starts_with("aws:calledvia")
    };
    let (conditions, _) = asked.conditions();
    let others = conditions.iter().filter(|c| !harmless(c.key));
    let how = |operator: &str| match operator.to_ascii_lowercase().contains("not") {
        true => Sparing::Few,
        false => Sparing::Most,
    };
    others.map(|c| how(c.bare_operator())).max()
}

/// Whether a denial leaves somebody out by name. Sparing services of AWS is usual.
fn spares_some(asked: &Asked<'_, '_, '_>) -> bool {
    let cases = asked.resolver.get(&asked.value, "NotPrincipal", &asked.under);
    let some = |who: &Value<'_>| who.as_map().is_none_or(|map| map.entries.iter().any(|entry| entry.key != "Service"));
    !cases.is_empty() && cases.iter().all(|case| case.present().is_some_and(|who| some(&who)))
}

/// Whether an ARN certainly is about some objects of a bucket, and about the bucket itself.
fn concerns(text: &Text<'_>) -> (bool, bool) {
    match text.pieces.as_slice() {
        [Piece::Hole(Hole::Resource(_) | Hole::Attribute(..))] => return (false, true),
        [Piece::Hole(_)] => return (false, false),
        _ => {}
    }
    let objects = text.literals().any(|piece| piece.contains('/'));
    (objects || text.ends_with("*").yes(), !objects)
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
