//! Code and templates that come from somebody else's account.

use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(rule: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let trusted = cx.trusted_accounts(rule);
    for resource in cx.template.resources.iter().chain(&cx.template.declared) {
        for keys in keys(resource) {
            for case in cx.resolver.property(resource, keys) {
                let Some(value) = case.present() else { continue };
                let shown = Text::of(&value).seen_from_own_account();
                let Some(message) = foreign(&shown, &trusted) else { continue };
                out.report(Hit::new(Spot::at(value)).of(resource).under(&case.under).message(message));
            }
        }
    }
}

/// The properties of a resource that say where its code comes from.
fn keys(resource: &Resource<'_>) -> &'static [&'static [&'static str]] {
    match resource.kind {
        "AWS::CloudFormation::ChangeSet" | "AWS::CloudFormation::Stack" | "AWS::CloudFormation::StackSet" => {
            &[&["TemplateURL"]]
        }
        // They rewrite every template that names them, and judge every change of the account.
        "AWS::CloudFormation::Macro" => &[&["FunctionName"]],
        "AWS::CloudFormation::LambdaHook" => &[&["LambdaFunction"]],
        "AWS::Serverless::Application" => &[&["Location"], &["Location", "ApplicationId"]],
        "AWS::CloudFormation::CustomResource" => &[&["ServiceToken"]],
        kind if kind.starts_with("Custom::") => &[&["ServiceToken"]],
        _ => &[],
    }
}

fn foreign(text: &str, trusted: &[String]) -> Option<String> {
    if let Some(rest) = text.strip_prefix("http://") {
        return Some(format!("`{}` is loaded without TLS", rest.split('/').next().unwrap_or("")));
    }
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", _, service, _, account, ..] = parts.as_slice() else { return None };
    let number = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let what = match *service {
        "lambda" => "function",
        "sns" => "topic",
        "serverlessrepo" => "application",
        _ => return None,
    };
    (number && !trusted.iter().any(|t| t == account))
        .then(|| format!("{what} is of account {account}, which is not among those trusted"))
}
