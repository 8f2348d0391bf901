//! Policies of the template that name the bucket of its trail, and let its files be deleted.

use super::{Context, Rule, Sink};
use crate::analysis::policy::{Statement, covers};
use crate::resolve::{Case, Resolver, Text, Truth};
use crate::rulebook::{Narrowing, PolicyKind, Who};
use crate::rules::{Hit, Spot};
use crate::template::{Resource, Value};

/// A bucket that a trail writes to.
struct Files<'t, 'a> {
    bucket: &'t Resource<'a>,
    /// What it is called, by reference and by name.
    names: Vec<String>,
    /// How the names of the trail's files may begin, behind the bucket's: `/logs/AWSLogs/`.
    starts: Vec<String>,
    /// Whether what is deleted is still there as an older version.
    versioned: bool,
}

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let mut files: Vec<Files<'_, 'a>> = Vec::new();
    for trail in cx.resources("AWS::CloudTrail::Trail") {
        for case in cx.resolver.property(trail, &["S3BucketName"]) {
            let bucket = case.present().and_then(|name| cx.resolver.target(&name));
            let Some(bucket) = bucket.filter(|b| b.kind == "AWS::S3::Bucket" && !is_locked(cx.resolver, b)) else {
                continue;
            };
            let prefixes = cx.resolver.at(&trail.properties, &["S3KeyPrefix"], &case.under);
            // Only what is above all prefixes is above one that is not known.
            let unknown = || "\u{2026}".to_owned();
            let start = |prefix: &Case<'a>| match prefix.present() {
                Some(value) => format!("/{}/AWSLogs/", Text::of(&value).identity().unwrap_or_else(unknown)),
                None if prefix.is_nothing() => "/AWSLogs/".to_owned(),
                None => format!("/{}/", unknown()),
            };
            let named = cx.resolver.property(bucket, &["BucketName"]);
            let named = named.iter().filter_map(|name| Text::of(&name.present()?).identity());
            files.push(Files {
                bucket,
                names: named.chain([format!("${{{}}}", bucket.id)]).collect(),
                starts: prefixes.iter().map(start).collect(),
                versioned: cx.resolver.is(bucket, &["VersioningConfiguration", "Status"], "Enabled").yes(),
            });
        }
    }
    if files.is_empty() {
        return;
    }
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity) {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() || asked.narrowed(Narrowing::Anything) != Truth::No {
            continue;
        }
        // One action is enough, and one file that it is for.
        let told = asked.items("Resource").iter().find_map(|item| {
            let text = Text::of(&item.present()?);
            let (of, below) = files.iter().find_map(|of| Some((of, of.below(&text)?)))?;
            let deeds: &[&str] = match below.as_str() {
                "" => &["s3:PutLifecycleConfiguration"],
                below if !of.holds(below) => return None,
                _ if of.versioned => &["s3:DeleteObjectVersion"],
                _ => &["s3:DeleteObject", "s3:DeleteObjectVersion"],
            };
            let deeds: Vec<String> = deeds
                .iter()
                .filter(|deed| !is_denied(cx, statement, of, deed))
                .map(|deed| (*deed).to_owned())
                .collect();
            let allowed = asked.allows(&deeds).into_iter().find(|answer| answer.truth.yes())?;
            let under = cx.resolver.both(&allowed.under, &item.under)?;
            Some((allowed, under, of.bucket))
        });
        let Some((allowed, under, bucket)) = told else { continue };
        let spot = Spot {
            origin: allowed.place.unwrap_or(statement.origin),
            value: allowed.value,
            item: Some(statement.value.origin),
        };
        let hit = Hit::new(spot).of(cx.owner(statement)).under(&under);
        out.report(hit.related(bucket.key, "the trail of this template writes here"));
    }
}

/// Whether something denies a deed to who has a statement, or to everyone, on the bucket or what is in it. A denial under a condition is
/// how it is limited otherwise.
fn is_denied<'a>(cx: &Context<'_, 'a>, statement: &Statement<'a>, files: &Files<'_, 'a>, deed: &str) -> bool {
    let denies = |other: &Statement<'a>| {
        let asked = other.asked(cx.resolver);
        let named = |value| {
            let text = Text::of(&value);
            text.pattern().chars().all(|c| c == '*') || files.below(&text).is_some()
        };
        let means = |value| Text::of(&value).known().is_none_or(|pattern| covers(&pattern, deed));
        let any = |key: &str, is: &dyn Fn(Value<'a>) -> bool| {
            asked.items(key).iter().any(|item| item.present().is_none_or(is))
        };
        let everyone = || {
            other.kind == PolicyKind::Identity
                || asked.has("NotPrincipal")
                || asked.principal(Who::Anyone, &[]).iter().any(|answer| answer.truth != Truth::No)
        };
        asked.effect("Deny") != Truth::No
            && (asked.has("NotAction") || any("Action", &means))
            && (asked.has("NotResource") || any("Resource", &named))
            && everyone()
    };
    let of_bucket = cx.statements().iter().filter(|other| other.kind == PolicyKind::Resource);
    cx.beside(statement).chain(of_bucket).any(denies)
}

impl Files<'_, '_> {
    /// What stands behind the bucket in an ARN that names it.
    fn below(&self, arn: &Text<'_>) -> Option<String> {
        let arn = arn.identity()?;
        let behind = |name: &str| {
            let own = arn.rsplit_once(":s3:::").and_then(|(_, path)| path.strip_prefix(name));
            own.or_else(|| arn.strip_prefix(&format!("{}.Arn}}", name.strip_suffix('}')?)))
        };
        let below = self.names.iter().find_map(|name| behind(name))?;
        (below.is_empty() || below.starts_with(['/', '*'])).then(|| below.to_owned())
    }

    /// Whether files of the trail are among what stands behind the bucket.
    fn holds(&self, below: &str) -> bool {
        let start = below.split(['*', '?']).next().unwrap_or(below);
        self.starts.iter().any(|own| start.starts_with(own) || (start.len() < below.len() && own.starts_with(start)))
    }
}

/// Whether nobody can delete for some time what was put there.
fn is_locked<'a>(resolver: &Resolver<'_, 'a>, bucket: &Resource<'a>) -> bool {
    let cases = resolver.property(bucket, &["ObjectLockConfiguration", "Rule", "DefaultRetention"]);
    cases.iter().any(|case| !case.is_nothing())
}
