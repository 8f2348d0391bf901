//! A function or layer that another account may use.

use crate::analysis::iam::arn::{Arn, is_account_id};
use crate::analysis::iam::wildcard::Glob;
use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(rule: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let trusted = cx.trusted_accounts(rule);
    for kind in ["AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission"] {
        for permission in cx.resources(kind) {
            // Limited to an organisation that the user names.
            if ["PrincipalOrgID", "OrganizationId"].iter().any(|key| cx.resolver.may_say(permission, key)) {
                continue;
            }
            for case in cx.resolver.property(permission, &["Principal"]) {
                let Some(value) = case.present() else { continue };
                let text = Glob::text(&Text::of(&value));
                let account = Arn::parse(&text).map_or(text, |arn| arn.account).to_text();
                if is_account_id(&account) && !trusted.contains(&account) {
                    let message = format!(
                        "account {account} may {}",
                        if kind.contains("Layer") { "use the layer" } else { "invoke the function" }
                    );
                    out.report(Hit::new(Spot::at(value)).of(permission).under(&case.under).message(message));
                }
            }
        }
    }
}
