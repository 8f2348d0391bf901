//! Policies of the template that name the bucket of its trail, and let its files be deleted.

use super::{Context, Rule, Sink};
use crate::resolve::{Case, Hole, Piece, Resolver, Text, Truth};
use crate::rulebook::{Narrowing, PolicyKind};
use crate::rules::{Hit, Spot};
use crate::template::Resource;

/// A bucket that a trail writes to.
struct Files<'t, 'a> {
    bucket: &'t Resource<'a>,
    /// What it is called.
    names: Vec<String>,
    /// Whether what is deleted is still there as an older version.
    versioned: bool,
}

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let files: Vec<Files<'_, 'a>> = cx
        .resources("AWS::CloudTrail::Trail")
        .flat_map(|trail| cx.resolver.property(trail, &["S3BucketName"]))
        .filter_map(|case| cx.resolver.target(&case.present()?))
        .filter(|bucket| bucket.kind == "AWS::S3::Bucket" && !is_locked(cx.resolver, bucket))
        .map(|bucket| Files {
            bucket,
            names: cx.resolver.property(bucket, &["BucketName"]).iter().filter_map(Case::text).collect(),
            versioned: cx.resolver.is(bucket, &["VersioningConfiguration", "Status"], "Enabled").yes(),
        })
        .collect();
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
            let deeds: &[&str] = match below {
                "" => &["s3:PutLifecycleConfiguration"],
                "*" | "/*" if of.versioned => &["s3:DeleteObjectVersion"],
                below if of.versioned && below.starts_with("/AWSLogs") => &["s3:DeleteObjectVersion"],
                below if matches!(below, "*" | "/*") || below.starts_with("/AWSLogs") => {
                    &["s3:DeleteObject", "s3:DeleteObjectVersion"]
                }
                _ => return None,
            };
            let deeds: Vec<String> = deeds.iter().map(|deed| (*deed).to_owned()).collect();
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

impl Files<'_, '_> {
    /// What stands behind the bucket in an ARN that names it.
    fn below<'t>(&self, arn: &Text<'t>) -> Option<&'t str> {
        let literal = |piece: Option<&Piece<'t>>| match piece {
            None => Some(""),
            Some(Piece::Literal(text)) => Some(*text),
            Some(Piece::Hole(_)) => None,
        };
        match arn.pieces.as_slice() {
            [Piece::Hole(Hole::Attribute(id, "Arn")), rest @ ..] if *id == self.bucket.id && rest.len() < 2 => {
                literal(rest.first())
            }
            [.., Piece::Literal(start), Piece::Hole(Hole::Resource(id))]
                if *id == self.bucket.id && start.ends_with(":s3:::") =>
            {
                Some("")
            }
            [.., Piece::Literal(start), Piece::Hole(Hole::Resource(id)), Piece::Literal(rest)]
                if *id == self.bucket.id && start.ends_with(":s3:::") =>
            {
                Some(rest)
            }
            [.., Piece::Literal(last)] => {
                let path = last.rsplit_once(":s3:::")?.1;
                let (name, below) = path.split_at(path.find('/').unwrap_or(path.len()));
                self.names.iter().any(|own| own == name).then_some(below)
            }
            _ => None,
        }
    }
}

/// Whether nobody can delete for some time what was put there.
fn is_locked<'a>(resolver: &Resolver<'_, 'a>, bucket: &Resource<'a>) -> bool {
    let cases = resolver.property(bucket, &["ObjectLockConfiguration", "Rule", "DefaultRetention"]);
    cases.iter().any(|case| !case.is_nothing())
}
