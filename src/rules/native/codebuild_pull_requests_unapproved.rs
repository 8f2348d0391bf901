//! Pull requests that are built at once, and whether a stranger's are among them.

use crate::resolve::{Case, Under};
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for project in cx.resources("AWS::CodeBuild::Project") {
        let approvals =
            cx.resolver.property(project, &["Triggers", "PullRequestBuildPolicy", "RequiresCommentApproval"]);
        for case in approvals.iter().filter(|case| case.text().as_deref() == Some("DISABLED")) {
            let hit = Hit::new(Spot::of(case)).of(project).under(&case.under).label("nobody is asked");
            out.report(if lets_strangers(cx, project, &case.under) { hit.severity(Severity::High) } else { hit });
        }
    }
}

/// Whether anybody may open a pull request there, and one group of filters asks for one and not for who it was: one group
/// that fits is enough.
fn lets_strangers<'a>(cx: &Context<'_, 'a>, project: &Resource<'a>, under: &Under) -> bool {
    let said = |keys: &[&str]| {
        let cases = cx.resolver.at(&project.properties, keys, under);
        cases.first().and_then(Case::text).map(|text| text.to_ascii_uppercase())
    };
    // Who may open one there need not be one of yours.
    let public =
        said(&["Source", "Type"]).is_some_and(|kind| ["GITHUB", "GITLAB", "BITBUCKET"].contains(&kind.as_str()));
    if !public || said(&["Triggers", "Webhook"]).as_deref() != Some("TRUE") {
        return false;
    }
    let lists = cx.resolver.at(&project.properties, &["Triggers", "FilterGroups"], under);
    // The items of a list of lists would be the filters of all groups.
    let listed = |list: &Case<'a>| list.present().and_then(|value| value.as_list()).unwrap_or_default();
    let groups =
        lists.iter().flat_map(|list| listed(list).iter().flat_map(|group| cx.resolver.cases(group, &list.under)));
    groups.into_iter().any(|group| {
        let filters = group.present().map(|value| cx.resolver.items(&value, &group.under)).unwrap_or_default();
        let is = |filter: &Case<'a>, key: &str, is: &dyn Fn(&str) -> bool| {
            let map = filter.present().map(|map| cx.resolver.get(&map, key, &filter.under));
            map.is_some_and(|cases| cases.iter().filter_map(Case::text).any(|text| is(&text.to_ascii_uppercase())))
        };
        let known = filters.iter().all(|filter| filter.present().is_some() && is(filter, "Type", &|_| true));
        // One that leaves somebody out lets in everybody else.
        let leaves_out = |filter: &Case<'a>| is(filter, "ExcludeMatchedPattern", &|text| text == "TRUE");
        let asks_who =
            filters.iter().any(|filter| is(filter, "Type", &|kind| kind == "ACTOR_ACCOUNT_ID") && !leaves_out(filter));
        let of_pulls = filters.iter().any(|filter| {
            let pulls = |events: &str| PULLS.iter().any(|event| events.contains(event));
            is(filter, "Type", &|kind| kind == "EVENT") && is(filter, "Pattern", &pulls)
        });
        known && of_pulls && !asks_who
    })
}

/// What happens to a pull request when its code is new.
const PULLS: [&str; 3] = ["PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED"];
