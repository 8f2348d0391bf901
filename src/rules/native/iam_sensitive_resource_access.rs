//! Access to what the configuration calls sensitive.

use super::{Context, Rule, Sink};
use crate::analysis::iam::arn;
use crate::analysis::iam::wildcard::Glob;
use crate::resolve::{Text, Truth};
use crate::rulebook::PolicyKind;
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(rule: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let wanted = cx.parameter_texts(rule, "sensitive");
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity && !wanted.is_empty()) {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() {
            continue;
        }
        let (actions, resources) = (asked.items("Action"), asked.items("Resource"));
        for (action, resource) in wanted.iter().filter_map(|w| w.split_once(' ')) {
            let meets = |text: &str| Glob::action(text).intersects(&Glob::action(action)) == Truth::Yes;
            let allowed =
                actions.iter().filter_map(|c| c.present()).any(|v| Text::of(&v).known().is_some_and(|t| meets(&t)));
            for case in resources.iter().filter(|_| allowed) {
                let Some(value) = case.present() else { continue };
                let text = Text::of(&value);
                if arn::intersects(&Glob::text(&text), &Glob::resource(resource.trim())) == Truth::Yes {
                    let hit = Hit::new(Spot::in_statement(statement, case)).of(cx.owner(statement)).under(&case.under);
                    out.report(
                        hit.message(format!("policy allows `{action}` on `{}`, which is sensitive", resource.trim())),
                    );
                }
            }
        }
    }
}
