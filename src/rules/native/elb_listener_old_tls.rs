//! Listeners of classic load balancers that do not insist on TLS 1.2.

use crate::analysis::memo::Answers;
use crate::resolve::{Case, Known, Text, Truth, Under};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Resource, Value};

/// The one predefined policy of classic load balancers that begins at TLS 1.2.
const GOOD: &str = "ELBSecurityPolicy-TLS-1-2-2017-01";

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for balancer in cx.resources("AWS::ElasticLoadBalancing::LoadBalancer") {
        for listeners in cx.resolver.property(balancer, &["Listeners"]) {
            let Some(list) = listeners.present() else { continue };
            // Listeners mostly share their policies.
            let known: Answers<String, Truth> = Answers::default();
            for listener in cx.resolver.items(&list, &listeners.under) {
                let Some(value) = listener.present() else { continue };
                for protocol in cx.resolver.get(&value, "Protocol", &listener.under) {
                    let Some(text) = protocol.present().and_then(|v| Text::of(&v).known()) else { continue };
                    if !matches!(text.to_ascii_uppercase().as_str(), "HTTPS" | "SSL") {
                        continue;
                    }
                    for names in cx.resolver.get(&value, "PolicyNames", &protocol.under) {
                        let strict = match names.value {
                            Known::Absent => Truth::No,
                            Known::Unknown(_) => Truth::Maybe,
                            Known::Present(list) => {
                                let strict = |name: String| {
                                    let read = |name: &str| policy(cx, balancer, name, &names.under);
                                    let shared = names.under.is(&listeners.under);
                                    if shared { known.answer(name.clone(), || read(&name)) } else { read(&name) }
                                };
                                let items = cx.resolver.items(&list, &names.under);
                                let each = items.iter().map(|name| name.text().map_or(Truth::Maybe, strict));
                                each.fold(Truth::No, Truth::or)
                            }
                        };
                        if strict == Truth::No {
                            let spot =
                                Spot { origin: protocol.place, value: protocol.present(), item: Some(value.origin) };
                            out.report(Hit::new(spot).of(balancer).under(&names.under));
                        }
                    }
                }
            }
        }
    }
}

/// Whether the policy of a name begins at TLS 1.2.
fn policy<'a>(cx: &Context<'_, 'a>, balancer: &Resource<'a>, name: &str, under: &Under) -> Truth {
    if name.starts_with("ELBSecurityPolicy-") {
        return (name == GOOD).into();
    }
    let mut found = Truth::No;
    for policies in cx.resolver.at(&balancer.properties, &["Policies"], under) {
        let list = match policies.value {
            // No policy of that name is made here, and the predefined ones are dealt with above.
            Known::Absent => continue,
            Known::Unknown(_) => return Truth::Maybe,
            Known::Present(list) => list,
        };
        for item in cx.resolver.items(&list, under) {
            let Some(value) = item.present() else { return Truth::Maybe };
            let named = of(&cx.resolver.get(&value, "PolicyName", &item.under), name);
            if named != Truth::No {
                found = found.or(named.and(attributes(cx, &value, under)));
            }
        }
    }
    found
}

fn attributes<'a>(cx: &Context<'_, 'a>, policy: &Value<'a>, under: &Under) -> Truth {
    let (mut reference, mut new, mut old) = (Truth::No, Truth::No, Truth::No);
    let Some(list) = policy.get("Attributes") else { return Truth::No };
    for item in cx.resolver.items(&list.value, under) {
        let Some(attribute) = item.present() else { return Truth::Maybe };
        let names = cx.resolver.get(&attribute, "Name", &item.under);
        let [name] = names.as_slice() else { return Truth::Maybe };
        let Some(name) = name.present().and_then(|v| Text::of(&v).known()) else { return Truth::Maybe };
        let values = cx.resolver.get(&attribute, "Value", &item.under);
        match &*name {
            "Reference-Security-Policy" => reference = of(&values, GOOD),
            "Protocol-TLSv1.2" => new = of(&values, "true"),
            // One of these in one of the cases is enough.
            "Protocol-SSLv2" | "Protocol-SSLv3" | "Protocol-TLSv1" | "Protocol-TLSv1.1" => {
                let on = |case: &Case<'a>| case.present().map_or(Truth::Maybe, |v| Text::of(&v).is("true"));
                old = values.iter().fold(old, |old, case| old.or(on(case)));
            }
            _ => {}
        }
    }
    reference.or(new.and(old.not()))
}

/// Whether something is a text in every case; in one that it is not, it is not.
fn of(cases: &[Case<'_>], text: &str) -> Truth {
    let is = |case: &Case<'_>| case.present().map_or(Truth::Maybe, |v| Text::of(&v).is(text));
    cases.iter().fold(Truth::Yes, |all, case| all.and(is(case)))
}
