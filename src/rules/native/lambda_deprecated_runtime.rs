//! Runtimes that AWS patches no longer, by the day of the scan.

use foldhash::HashSet;

use crate::analysis::knowledge::runtimes::{self, Runtime, State};
use crate::resolve::{Known, Text, Under};
use crate::rulebook::{EditSpec, Literal, Severity};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Kind, Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    // Several functions may inherit one runtime: the layers of each are looked at.
    let layered: HashSet<_> = facts
        .all_functions()
        .filter(|(_, function)| has_layers(cx, function))
        .flat_map(|(_, function)| facts.runtimes(function).map(|(_, value, _)| value.origin.span))
        .collect();
    for (_, function) in facts.all_functions() {
        for (runtime, value, under) in facts.runtimes(function) {
            let Some((mut hit, severity)) = judged(cx, function, runtime, value, &under) else { continue };
            // The framework writes the code of its own functions as well, and a newer version of it another runtime.
            if function.is_frameworks_own() {
                out.report(hit.severity(Severity::Info));
                continue;
            }
            if let Some(way) = way(runtime, layered.contains(&value.origin.span), cx.today) {
                hit = hit.help(way.help);
                if way.alone {
                    let edits = vec![EditSpec::Replace(Literal::Text(way.next.to_owned()))];
                    hit = hit.fix(format!("use {}", way.next), false, edits);
                }
            }
            out.report(hit.severity(severity));
        }
    }
    // The transform makes the function that rotates a secret. Its newer version keeps the runtime up to date by itself.
    for schedule in cx.resources("AWS::SecretsManager::RotationSchedule") {
        for case in cx.resolver.property(schedule, &["HostedRotationLambda", "Runtime"]) {
            let Some(value) = case.present() else { continue };
            let Some(runtime) = Text::of(&value).known().and_then(|name| runtimes::runtime(&name)) else { continue };
            if let Some((hit, severity)) = judged(cx, schedule, runtime, value, &case.under) {
                out.report(
                    hit.severity(severity)
                        .help("Set `Transform: AWS::SecretsManager-2024-09-16`, and remove `Runtime`"),
                );
            }
        }
    }
}

/// What is to be said of a runtime that is written there, and how bad it is; nothing of one that AWS supports.
fn judged<'a>(
    cx: &Context<'_, 'a>,
    resource: &Resource<'a>,
    runtime: Runtime,
    value: Value<'a>,
    under: &Under,
) -> Option<(Hit<'a>, Severity)> {
    let name = runtime.name;
    let since = |day: Option<&str>| day.map_or_else(String::new, |day| format!(" since {day}"));
    let (what, severity) = match runtime.state(cx.today) {
        State::Supported => return None,
        State::Deprecated => (format!("has had no security patches{}", since(runtime.deprecated)), Severity::Medium),
        State::NoCreate => (
            format!("is deprecated, and{} no function can be created with it", since(runtime.no_create)),
            Severity::High,
        ),
        State::NoUpdate => (
            format!("is deprecated, and{} no function can be updated with it", since(runtime.no_update)),
            Severity::High,
        ),
    };
    let hit = Hit::new(Spot::at(value)).of(resource).under(under);
    Some((hit.message(format!("runtime {name} {what}")).label("deprecated"), severity))
}

/// Whether a function has, or may have, layers.
fn has_layers<'a>(cx: &Context<'_, 'a>, function: &Resource<'a>) -> bool {
    cx.resolver.property(function, &["Layers"]).iter().any(|case| match case.value {
        Known::Absent => false,
        Known::Unknown(_) => true,
        Known::Present(value) => !matches!(value.kind, Kind::List([])),
    })
}

/// How to get away from a runtime.
struct Way {
    next: &'static str,
    help: String,
    /// Whether the runtime is all that has to be changed in the template.
    alone: bool,
}

/// The last one that calls handlers which take a `callback`.
/// <https://aws.amazon.com/blogs/compute/node-js-24-runtime-now-available-in-aws-lambda/>
const CALLBACKS: &str = "nodejs22.x";

/// From this version of Node on, what is built in is version 3 of the SDK.
const SDK_3: u32 = 18;

fn way(runtime: Runtime, layered: bool, today: &str) -> Option<Way> {
    let newest = runtime.successor?;
    let (next, more, mut alone) = match runtime.family() {
        "nodejs" => {
            let version = runtime.name.trim_start_matches("nodejs").split('.').next().unwrap_or_default();
            let before = version.parse().unwrap_or(0) < SDK_3;
            let sdk = if before { "; `aws-sdk` of version 2 is built in no longer" } else { "" };
            let careful = runtimes::runtime(CALLBACKS).filter(|next| next.state(today) == State::Supported);
            match careful {
                Some(next) => (next.name, format!(" (`{newest}` calls no handlers that take a `callback`){sdk}"), true),
                None => {
                    (newest, format!(", for which handlers that take a `callback` have to become `async`{sdk}"), false)
                }
            }
        }
        // Whatever `Handler` says.
        "go" => (
            newest,
            ", and name the executable `bootstrap`, at the top of the package: nothing else is started".to_owned(),
            false,
        ),
        _ => (newest, String::new(), true),
    };
    let mut help = format!("Set `Runtime: {next}`{more}");
    if layered {
        help.push_str(if more.is_empty() {
            ", with layers that are made for it"
        } else {
            "; layers have to be made for it as well"
        });
        alone = false;
    }
    Some(Way { next, help, alone })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, layered: bool, today: &str) -> (String, bool) {
        let way = runtimes::runtime(name).and_then(|runtime| way(runtime, layered, today));
        way.map_or_else(Default::default, |way| (way.help, way.alone))
    }

    /// What the code has to do besides is said, and where it is more than the runtime nothing is changed unasked.
    #[test]
    fn ways_out() {
        let now = "2026-11-22";
        assert_eq!(told("python3.8", false, now), ("Set `Runtime: python3.14`".to_owned(), true));
        assert_eq!(told("python3.8", true, now).0, "Set `Runtime: python3.14`, with layers that are made for it");
        assert!(!told("python3.8", true, now).1);
        let (help, alone) = told("go1.x", false, now);
        assert!(help.contains("`bootstrap`") && !alone, "{help}");
        let (help, alone) = told("nodejs12.x", false, now);
        assert!(help.starts_with("Set `Runtime: nodejs22.x`") && help.contains("aws-sdk") && alone, "{help}");
        assert!(!told("nodejs18.x", false, now).0.contains("aws-sdk"));
        let (help, alone) = told("nodejs18.x", false, "2027-05-01");
        assert!(help.starts_with("Set `Runtime: nodejs24.x`") && help.contains("`async`") && !alone, "{help}");
    }
}
