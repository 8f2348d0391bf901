//! Methods whose authorizer is of another API, or of another sort than they say.

use crate::resolve::{Case, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for method in cx.resources("AWS::ApiGateway::Method") {
        for case in cx.resolver.property(method, &["AuthorizerId"]) {
            let Some(value) = case.present() else { continue };
            let Some(authorizer) = cx.resolver.target(&value).filter(|r| r.kind == "AWS::ApiGateway::Authorizer") else { continue };
            let hit = Hit::new(Spot { origin: case.place, value: Some(value), item: None }).of(method).under(&case.under);
            let hit = hit.related(authorizer.key, "the authorizer");
            let apis = (api(cx, method), api(cx, authorizer));
            if let (Some(own), Some(other)) = apis
                && own != other
            {
                out.report(hit.message(format!("`{}` is an authorizer of `{other}`, and the method is of `{own}`", authorizer.written_id)));
                continue;
            }
            let wanted = cx.resolver.at(&method.properties, &["AuthorizationType"], &case.under);
            let sort = cx.resolver.property(authorizer, &["Type"]);
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
    Some(Text::of(&case.present()?).known()?.into_owned())
}

fn api<'a>(cx: &Context<'_, 'a>, resource: &Resource<'a>) -> Option<&'a str> {
    let cases = cx.resolver.property(resource, &["RestApiId"]);
    let [case] = cases.as_slice() else { return None };
    cx.resolver.target(&case.present()?).map(|r| r.id)
}
