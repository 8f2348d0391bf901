//! Methods whose authorizer is of another API, or of another sort than they say.

use crate::resolve::{Case, Under};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for method in cx.resources("AWS::ApiGateway::Method") {
        for case in cx.resolver.property(method, &["AuthorizerId"]) {
            let Some(value) = case.present() else { continue };
            let Some(authorizer) = cx.resolver.target(&value).filter(|r| r.kind == "AWS::ApiGateway::Authorizer")
            else {
                continue;
            };
            let hit = Hit::new(Spot::of(&case)).of(method);
            let hit = hit.related(authorizer.key, "the authorizer");
            if let Some((own, other, under)) = apart(cx, method, authorizer, &case.under) {
                let message =
                    format!("`{}` is an authorizer of `{other}`, and the method is of `{own}`", authorizer.written_id);
                out.report(hit.under(&under).message(message));
                continue;
            }
            let hit = hit.under(&case.under);
            let wanted = cx.resolver.at(&method.properties, &["AuthorizationType"], &case.under);
            let sort = cx.resolver.at(&authorizer.properties, &["Type"], &case.under);
            let (Some(wanted), Some(sort)) = (text(&wanted), text(&sort)) else { continue };
            let fits = match wanted.as_str() {
                "CUSTOM" => sort == "TOKEN" || sort == "REQUEST",
                "COGNITO_USER_POOLS" => sort == "COGNITO_USER_POOLS",
                // Nobody asks the authorizer then, or IAM is asked instead.
                _ => false,
            };
            if !fits {
                out.report(hit.message(format!("the method says `{wanted}`, and its authorizer is of type `{sort}`")));
            }
        }
    }
}

/// The only text that a property can have.
fn text(cases: &[Case<'_>]) -> Option<String> {
    let [case] = cases else { return None };
    case.text()
}

/// The APIs of a method and of an authorizer, in the first case in which they are two.
fn apart<'a>(
    cx: &Context<'_, 'a>,
    method: &Resource<'a>,
    authorizer: &Resource<'a>,
    under: &Under,
) -> Option<(&'a str, &'a str, Under)> {
    let apis = |resource: &Resource<'a>, under: &Under| {
        let cases = cx.resolver.at(&resource.properties, &["RestApiId"], under);
        let known = cases.into_iter().filter_map(|case| Some((cx.resolver.target(&case.present()?)?.id, case.under)));
        known.collect::<Vec<_>>()
    };
    let pairs = |(own, under): (&'a str, Under)| {
        apis(authorizer, &under).into_iter().map(move |(other, under)| (own, other, under))
    };
    apis(method, under).into_iter().flat_map(pairs).find(|(own, other, _)| own != other)
}
