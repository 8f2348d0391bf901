//! Resources of statements that are no ARNs.

use super::{Context, Rule, Sink};
use crate::analysis::iam::arn::{Arn, is_account_id, is_region};
use crate::analysis::iam::wildcard::Glob;
use crate::resolve::{Hole, Piece, Text};
use crate::rules::{Hit, Spot};

/// Types whose `Ref` is a name, or a URL, and no ARN.
const NAMED: &[&str] = &[
    "AWS::S3::Bucket",
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::Lambda::Function",
    "AWS::KMS::Key",
    "AWS::IAM::Role",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::ECR::Repository",
    "AWS::IAM::User",
];

/// Services all of whose resources lie in a region.
const REGIONAL: &[&str] = &[
    "codebuild",
    "ecr",
    "ecs",
    "firehose",
    "glue",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "secretsmanager",
    "sns",
    "sqs",
    "states",
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements() {
        let owner = cx.owner(statement);
        // API Gateway takes `execute-api:/*` and fills in the rest.
        if matches!(owner.kind, "AWS::ApiGateway::RestApi" | "AWS::ApiGateway::DomainNameV2") {
            continue;
        }
        let asked = statement.asked(cx.resolver);
        for case in ["Resource", "NotResource"].iter().flat_map(|key| asked.items(key)) {
            let Some(value) = case.present().filter(|v| v.as_map().is_none()) else { continue };
            let text = Text::of(&value);
            // A parameter for another mode than the default one is left empty; who chooses the mode fills it in.
            if text.pattern().is_empty() && cx.resolver.needs_other_than_defaults(&case.under) {
                continue;
            }
            if let Some(what) = wrong(cx, &text) {
                out.report(Hit::new(Spot::in_statement(statement, &case)).of(owner).under(&case.under).message(what));
            }
        }
    }
}

fn wrong(cx: &Context<'_, '_>, text: &Text<'_>) -> Option<String> {
    let shown = text.pattern();
    if let Some(Piece::Hole(hole)) = text.pieces.first() {
        let Hole::Resource(id) = hole else { return None };
        let kind = cx.resolver.resource(id)?.kind;
        return NAMED.contains(&kind).then(|| format!("`!Ref {id}` is a name and no ARN: write `!GetAtt {id}.Arn`"));
    }
    let glob = Glob::text(text);
    let Some(arn) = Arn::parse(&glob) else {
        let what = if shown.is_empty() { "an empty text".to_owned() } else { format!("`{shown}`") };
        return Some(format!("{what} is neither an ARN nor `*`"));
    };
    if glob.is_everything() {
        return None;
    }
    let partition = arn.partition.to_text();
    let account = arn.account.to_text();
    let open = |part: &Glob<'_>| part.is_wild() || part.has_holes();
    if !open(&arn.partition) && !partition.starts_with("aws") {
        return Some(format!("`{shown}` is no ARN: AWS has no partition `{partition}`"));
    }
    let region = arn.region.to_text();
    if !open(&arn.region) {
        // Whoever writes `REGION` has something else fill it in.
        let meant = region.contains('-') && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if meant && !is_region(&region) {
            return Some(format!("`{shown}` is nowhere: AWS has no region `{region}`"));
        }
        if region.is_empty() && !open(&arn.service) && REGIONAL.contains(&arn.service.to_text().as_ref()) {
            return Some(format!("`{shown}` matches nothing: its region is missing, write it or `*`"));
        }
    }
    if !open(&arn.account)
        && !account.is_empty()
        && account != "aws"
        && !account.contains("aws")
        && !is_account_id(&account)
    {
        // AWS's own accounts have names such as `cloudfront` or `amazon`.
        let digits = account.bytes().all(|b| b.is_ascii_digit());
        return digits.then(|| format!("`{shown}` is no ARN: an account has twelve digits"));
    }
    arn.resource.is_empty().then(|| format!("`{shown}` names no resource"))
}
