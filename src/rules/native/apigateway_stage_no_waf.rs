//! Stages of APIs that no web ACL stands before. One before a sibling protects nothing but the sibling.

use super::{Context, Rule, Sink};
use crate::analysis::walk::at_path;
use crate::resolve::{Case, Known, Piece, Text, Truth, Under};
use crate::rulebook::Severity;
use crate::rules::Hit;
use crate::template::{Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    // A plugin associates it after the deployment.
    let plugin = |service: &Resource<'a>| cx.resolver.property(service, &["custom", "associateWaf"]);
    if cx.resources("Serverless::Service").flat_map(plugin).any(|case| !matches!(case.value, Known::Absent)) {
        return;
    }
    let shields: Vec<(Under, Option<Text<'a>>)> = cx
        .resources("AWS::WAFv2::WebACLAssociation")
        .filter_map(|shield| cx.under(shield).map(|_| cx.resolver.property(shield, &["ResourceArn"])))
        .flatten()
        .map(|case| (case.under.clone(), case.present().map(|arn| Text::of(&arn))))
        .collect();
    for stage in cx.resources("AWS::ApiGateway::Stage").chain(cx.resources("AWS::ApiGateway::Deployment")) {
        let Some(under) = cx.under(stage).filter(|_| is_stage(cx, stage)) else { continue };
        let (mut guarded, mut unsure) = (Vec::new(), false);
        for (under, arn) in &shields {
            let truth = arn.as_ref().map_or(Truth::Maybe, |arn| names(cx, arn, stage));
            guarded.extend((truth != Truth::No).then_some(under));
            unsure |= truth == Truth::Maybe;
        }
        let hit = |under: &Under| {
            let hit = Hit::resource(stage).under(under);
            if !is_private(cx, stage) {
                return hit;
            }
            hit.severity(Severity::Low).message("no web ACL protects the API stage, which only the VPC reaches")
        };
        let left = under.beyond(guarded);
        let open = cx.incomplete() || !is_here(cx, stage);
        for under in left.iter().flatten() {
            out.report(if open { hit(under).open() } else { hit(under) });
        }
        if left.is_none_or(|left| left.is_empty() && unsure) {
            out.report(hit(&under).open());
        }
    }
}

/// Whether the API is one of this template, or one that is written out. What is before the stages of another stack's may stand
/// there.
fn is_here<'a>(cx: &Context<'_, 'a>, stage: &Resource<'a>) -> bool {
    let known = |api: &Value<'a>| Text::of(api).holes().all(|hole| hole.resource_id().is_some());
    cx.resolver.property(stage, &["RestApiId"]).iter().all(|api| match &api.value {
        Known::Present(api) => known(api),
        Known::Absent => true,
        Known::Unknown(_) => false,
    })
}

/// Whether only a VPC reaches the API.
fn is_private<'a>(cx: &Context<'_, 'a>, stage: &Resource<'a>) -> bool {
    let apis = cx.resolver.property(stage, &["RestApiId"]);
    let api = apis.first().and_then(|api| cx.resolver.target(&api.present()?));
    let types = api.map(|api| at_path(cx.resolver, api, "EndpointConfiguration.Types[]")).unwrap_or_default();
    !types.is_empty() && types.iter().all(|kind| kind.text().as_deref() == Some("PRIVATE"))
}

/// A deployment makes a stage when it names one. SAM's makes one of this name that nobody asked for.
fn is_stage<'a>(cx: &Context<'_, 'a>, stage: &Resource<'a>) -> bool {
    stage.kind == "AWS::ApiGateway::Stage"
        || (stage.property("StageName").is_some() && cx.resolver.is(stage, &["StageName"], "Stage") == Truth::No)
}

/// Whether an ARN is that of a stage.
fn names<'a>(cx: &Context<'_, 'a>, arn: &Text<'a>, stage: &Resource<'a>) -> Truth {
    let ids: Vec<&str> = arn.holes().filter_map(|hole| hole.resource_id()).collect();
    if ids.contains(&stage.id) {
        return Truth::Yes;
    }
    let kind = |id: &str| cx.resolver.resource(id).map(|resource| resource.kind);
    if ids.iter().any(|id| kind(id) == Some("AWS::ApiGateway::Stage")) {
        return Truth::No;
    }
    let Some((before, name)) = parted(arn, "/stages/") else {
        // What is put together from a balancer, or is the ARN of something else, says so.
        let elsewhere = ids.iter().any(|id| kind(id).is_some_and(|kind| kind != "AWS::ApiGateway::RestApi"))
            || arn.known().is_some()
            || arn.literals().any(|text| text.contains(":elasticloadbalancing:"));
        return if elsewhere { Truth::No } else { Truth::Maybe };
    };
    let api = parted(&before, "/restapis/").map(|(_, api)| api);
    let api = api.map_or(Truth::Maybe, |api| is(&api, &cx.resolver.property(stage, &["RestApiId"])));
    api.and(is(&name, &cx.resolver.property(stage, &["StageName"])))
}

/// What stands before and behind a part of a text that is known.
fn parted<'a>(text: &Text<'a>, by: &str) -> Option<(Text<'a>, Text<'a>)> {
    let part = |piece: &Piece<'a>| if let Piece::Literal(text) = *piece { text.split_once(by) } else { None };
    let (at, (before, behind)) = text.pieces.iter().enumerate().find_map(|(at, piece)| Some((at, part(piece)?)))?;
    let text_of = |pieces: &mut dyn Iterator<Item = Piece<'a>>| Text {
        pieces: pieces.filter(|piece| *piece != Piece::Literal("")).collect(),
    };
    let (first, last) = (Piece::Literal(before), Piece::Literal(behind));
    let before = text_of(&mut text.pieces.iter().take(at).copied().chain([first]));
    Some((before, text_of(&mut [last].into_iter().chain(text.pieces.iter().skip(at + 1).copied()))))
}

/// Whether a name or an id is that of a property.
fn is<'a>(name: &Text<'a>, property: &[Case<'a>]) -> Truth {
    let id = |text: &Text<'a>| text.only_hole().and_then(|hole| hole.resource_id());
    let same = |case: &Case<'a>| {
        let Some(value) = case.present() else { return Truth::Maybe };
        let value = Text::of(&value);
        if let (Some(one), Some(other)) = (id(name), id(&value)) {
            return Truth::from(one == other);
        }
        match (name.identity(), value.identity()) {
            (Some(one), Some(other)) if one == other => Truth::Yes,
            _ if name.known().is_some() && value.known().is_some() => Truth::No,
            _ => Truth::Maybe,
        }
    };
    let all: Vec<Truth> = property.iter().map(same).collect();
    match all.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
        _ => Truth::Maybe,
    }
}
