//! Downloads that a script runs, or keeps, whoever they are from.

use super::{Context, Rule, Sink};
use crate::analysis::scripts::{Way, of_init};
use crate::resolve::Text;
use crate::rulebook::Severity;
use crate::rules::{Hit, Spot};
use crate::template::{Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    report(cx, out, |way| match way {
        Way::Plain => Some(("what comes over plain HTTP is run", Severity::High)),
        Way::Anyone => Some(("what is run comes from whoever answers", Severity::High)),
        Way::Kept => Some(("the download comes from whoever answers", Severity::Medium)),
        Way::Package => None,
    });
    for resource in &cx.template.resources {
        let Some(under) = cx.under(resource) else { continue };
        for (source, message, severity) in fetched_by_init(resource) {
            for case in cx.resolver.cases(&source, &under) {
                let Some(value) = case.present() else { continue };
                if Text::of(&value).starts_with("http://").yes() {
                    out.report(
                        Hit::new(Spot::at(value))
                            .of(resource)
                            .under(&case.under)
                            .severity(severity)
                            .message(message)
                            .label("not checked"),
                    );
                }
            }
        }
    }
}

/// What cfn-init fetches: archives, files and packages, of each of its sets those that have an address.
fn fetched_by_init<'a>(resource: &Resource<'a>) -> Vec<(Value<'a>, &'static str, Severity)> {
    let part = |section| of_init(resource, section);
    let mut all = Vec::new();
    all.extend(part("sources").map(|archive| (archive.value, "the archive comes over plain HTTP", Severity::Medium)));
    let files = part("files").filter_map(|file| file.value.get("source"));
    all.extend(files.map(|source| (source.value, "the file comes over plain HTTP", Severity::Medium)));
    // `{rpm: {epel: address}}`, installed as root; the other managers take names and versions.
    let packages = part("packages").filter(|manager| matches!(manager.key, "rpm" | "msi"));
    let packages = packages.flat_map(|manager| manager.value.entries());
    all.extend(
        packages.map(|package| (package.value, "the package that is installed comes over plain HTTP", Severity::High)),
    );
    all
}

/// Tells of what the scripts of a template take in some of the ways.
pub(super) fn report<'a>(
    cx: &Context<'_, 'a>,
    out: &mut Sink<'a>,
    told: impl Fn(Way) -> Option<(&'static str, Severity)>,
) {
    for script in cx.careless_scripts() {
        for taken in &script.taken {
            let Some((message, severity)) = told(taken.way) else { continue };
            let hit = Hit::new(Spot::at(script.value))
                .of(script.resource)
                .under(&script.under)
                .severity(severity)
                .message(message);
            out.report(hit.label("not checked").exactly(&script.text, taken.part.clone()));
        }
    }
}
