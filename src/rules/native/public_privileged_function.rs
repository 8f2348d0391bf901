//! Functions that anyone reaches and that may do nearly anything: the whole way of an attack.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Rule, Sink};
use crate::analysis::doors::{self, Door};
use crate::analysis::graph::{self, RoleOf, managed_arns};
use crate::analysis::iam::names::Name;
use crate::analysis::iam::power::Power;
use crate::analysis::iam::{actions, managed};
use crate::analysis::identity;
use crate::analysis::memo::Answers;
use crate::analysis::policy::{Answer, Statement, given_everywhere, of_owner, width_of};
use crate::resolve::{Case, Hole, Text, Truth, Under};
use crate::rulebook::{Narrowing, PolicyKind, Severity, Sort, Width};
use crate::rules::{Hit, Spot};
use crate::template::{Dialect, Origin, Resource};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let strong = OnceCell::new();
    // Functions share roles: each is weighed once under each assumption.
    let weighed = Answers::default();
    for (at, Door { origin, how, by: entry, under: opened }) in doors::doors(&cx.facts()) {
        let Some(function) = cx.template.resources.get(at) else { continue };
        let roles = cx.roles_of(function).into_iter().filter_map(|(role, under, _)| {
            let RoleOf::Here(role) = role else { return None };
            let under = opened.and(&under)?;
            weighed.answer((role, under.describe()), || weigh(cx, role, &strong, &under))
        });
        let Some(might) = worst(roles) else { continue };
        let message = format!("anyone reaches `{}` through {how}, and its role {}", function.written_id, might.words);
        let severity = might.strength.severity();
        let mut hit =
            Hit::new(Spot::missing(origin)).of(&entry).under(&might.under).message(message).severity(severity);
        if let Some(help) = help(cx, &entry) {
            hit = hit.help(help);
        }
        out.report(
            hit.related(function.key, "this function is reached")
                .related(might.place, format!("its role {}", might.words)),
        );
    }
}

/// How bad it is when somebody else has a role: nothing when it is an ordinary one.
pub(super) fn strength_of(cx: &Context<'_, '_>, role: usize, under: &Under) -> Option<Severity> {
    Some(Might::of(cx, role, under)?.strength.severity())
}

/// What makes a role strong, by itself or through a stronger one of the template.
fn weigh<'a>(
    cx: &Context<'_, 'a>,
    role: usize,
    strong: &OnceCell<Vec<Strong<'a>>>,
    under: &Under,
) -> Option<Might<'a>> {
    let own = Might::of(cx, role, under);
    if own.as_ref().is_some_and(|might| might.strength.severity() == Severity::Critical) {
        return own;
    }
    let others = through(cx, role, strong.get_or_init(|| Strong::all(cx)), under);
    worst(own.into_iter().chain(others))
}

/// What to type, in the words of whoever opened the door; the card's own are those of a function URL.
fn help(cx: &Context<'_, '_>, entry: &Resource<'_>) -> Option<&'static str> {
    let event = entry.made_by.is_some() && cx.template.dialect == Dialect::Serverless;
    Some(match entry.kind {
        "AWS::Lambda::WebFunctionEndpoint" => {
            "Set `AuthType: IamAuth`, and name actions and resources in the function's role."
        }
        "AWS::ApiGateway::Method" if event => {
            "Give the event, in its long form, `authorizer: aws_iam`, and name actions and resources in the function's role."
        }
        "AWS::ApiGatewayV2::Route" if event => {
            "Give the event, in its long form, `authorizer: {type: aws_iam}`, and name actions and resources in the function's role."
        }
        "AWS::ApiGateway::Method" | "AWS::ApiGatewayV2::Route" if entry.made_by.is_none() => {
            "Set `AuthorizationType: AWS_IAM`, or an authorizer, and name actions and resources in the function's role."
        }
        _ => return None,
    })
}

/// How strong a role is, the strongest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// It reads all data of a sort.
    Data,
    /// It may do all of a service, everywhere.
    Service,
    /// It makes itself an administrator.
    Escalates,
    /// It is one, or nearly.
    Everything,
}

impl Strength {
    const fn severity(self) -> Severity {
        match self {
            Self::Data | Self::Service => Severity::High,
            Self::Escalates | Self::Everything => Severity::Critical,
        }
    }
}

/// What makes a role strong: in words, how strong, where it says so, and in which case.
#[derive(Clone)]
struct Might<'a> {
    words: String,
    strength: Strength,
    place: Origin<'a>,
    under: Under,
}

/// The strongest, and of several as strong the first.
fn worst<'a>(all: impl IntoIterator<Item = Might<'a>>) -> Option<Might<'a>> {
    all.into_iter().reduce(|one, other| if other.strength > one.strength { other } else { one })
}

impl<'a> Might<'a> {
    fn of(cx: &Context<'_, 'a>, role: usize, under: &Under) -> Option<Self> {
        let carrier = cx.template.resources.get(role).filter(|r| r.kind == "AWS::IAM::Role")?;
        let statements = cx.statements_of(role);
        let power = cx.power_of(role)?;
        let written = privilege(cx, &statements, &power, under);
        worst(written.into_iter().chain(attached(cx, carrier, &power, under)))
    }
}

/// A strong role of the template, and what runs as it.
struct Strong<'a> {
    at: usize,
    might: Might<'a>,
    role: (&'a str, Option<Name<'a>>),
    /// Those that it lets in: the roles that it names, and whether whoever in the account may ask for it.
    lets_in: (BTreeSet<&'a str>, bool),
    functions: Vec<(&'a str, Name<'a>)>,
    /// The buckets from which comes what is run as it, and by what.
    sources: Vec<(&'a str, &'a str)>,
}

impl<'a> Strong<'a> {
    /// Roles that are strong, and then those that become one of them in one step.
    fn all(cx: &Context<'_, 'a>) -> Vec<Self> {
        let mut all = Self::such(cx, |at, under| Might::of(cx, at, under));
        let strong: BTreeSet<usize> = all.iter().map(|role| role.at).collect();
        let next = Self::such(cx, |at, under| through(cx, at, &all, under).filter(|_| !strong.contains(&at)));
        all.extend(next);
        all
    }

    fn such(cx: &Context<'_, 'a>, might: impl Fn(usize, &Under) -> Option<Might<'a>>) -> Vec<Self> {
        let users = graph::users_of_roles(cx.template, cx.resolver, cx.graph());
        let sources = sources(cx);
        let all = cx.template.resources.iter().enumerate().filter(|(_, resource)| resource.kind == "AWS::IAM::Role");
        all.filter_map(|(at, resource)| {
            let might = might(at, &cx.under(resource)?)?;
            let named = |at: &usize| {
                let function = cx.template.resources.get(*at)?;
                Some((function.written_id, identity::name_of(cx.resolver, function)?))
            };
            Some(Self {
                at,
                might,
                role: (resource.written_id, identity::name_of(cx.resolver, resource)),
                lets_in: lets_in(cx, at),
                functions: users.get(&at).into_iter().flatten().filter_map(named).collect(),
                sources: sources.get(&at).cloned().unwrap_or_default(),
            })
        })
        .collect()
    }
}

/// Whom a role of the template lets in without asking for more: other roles of it, or whoever in the account may ask.
fn lets_in<'a>(cx: &Context<'_, 'a>, role: usize) -> (BTreeSet<&'a str>, bool) {
    let (mut roles, mut account) = (BTreeSet::new(), false);
    for statement in of_owner(cx.statements(), role).iter().filter(|s| s.kind == PolicyKind::Trust) {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() || asked.narrowed(Narrowing::Anything) != Truth::No {
            continue;
        }
        for case in asked.resolver.at(&statement.value, &["Principal", "AWS"], &statement.under) {
            let Some(list) = case.present() else { continue };
            for item in cx.resolver.items(&list, &case.under) {
                let Some(value) = item.present() else { continue };
                let text = Text::of(&value);
                // The account that the stack is in, not another one.
                account |= text.only_hole().map_or_else(
                    || text.ends_with(":root").yes() && text.holes().any(|hole| hole == Hole::Pseudo("AWS::AccountId")),
                    |hole| hole == Hole::Pseudo("AWS::AccountId"),
                );
                roles.extend(named_in(&text));
            }
        }
    }
    (roles, account)
}

/// The buckets of the template from which builds and pipelines take what they run, by the roles that they run it as.
fn sources<'a>(cx: &Context<'_, 'a>) -> BTreeMap<usize, Vec<(&'a str, &'a str)>> {
    let mut all: BTreeMap<usize, Vec<(&'a str, &'a str)>> = BTreeMap::new();
    for (at, runner) in cx.template.resources.iter().enumerate() {
        let resolver = cx.resolver;
        let places = match runner.kind {
            "AWS::CodeBuild::Project" => resolver.property(runner, &["Source", "Location"]).to_vec(),
            "AWS::CodePipeline::Pipeline" => {
                let within = |cases: Vec<Case<'a>>, path: &[&str]| -> Vec<Case<'a>> {
                    let items = cases.iter().filter_map(|c| Some(resolver.items(&c.present()?, &c.under))).flatten();
                    items.filter_map(|item| Some(resolver.at(&item.present()?, path, &item.under))).flatten().collect()
                };
                let actions = within(resolver.property(runner, &["Stages"]).to_vec(), &["Actions"]);
                within(actions, &["Configuration", "S3Bucket"])
            }
            _ => continue,
        };
        let mut ids = BTreeSet::new();
        for value in places.iter().filter_map(Case::present) {
            ids.extend(named_in(&Text::of(&value)));
        }
        let bucket = |id: &&str| {
            cx.graph()
                .position(id)
                .and_then(|at| cx.template.resources.get(at))
                .is_some_and(|r| r.kind == "AWS::S3::Bucket")
        };
        ids.retain(bucket);
        if !ids.is_empty() {
            for role in cx.graph().refers(at) {
                all.entry(role).or_default().extend(ids.iter().map(|id| (*id, runner.written_id)));
            }
        }
    }
    all
}

/// The resources that a text names by their name or ARN.
fn named_in<'a>(text: &Text<'a>) -> Vec<&'a str> {
    let named = |hole| match hole {
        Hole::Resource(id) | Hole::Attribute(id, "Arn") => Some(id),
        Hole::Attribute(..)
        | Hole::Pseudo(_)
        | Hole::Parameter { .. }
        | Hole::Import(_)
        | Hole::Dynamic { .. }
        | Hole::External(_)
        | Hole::Other => None,
    };
    text.holes().filter_map(named).collect()
}

/// How a role becomes a stronger one of the template.
fn through<'a>(cx: &Context<'_, 'a>, own: usize, strong: &[Strong<'a>], under: &Under) -> Option<Might<'a>> {
    let resource = cx.template.resources.get(own)?;
    let power = cx.power_of(own)?;
    // Most roles name none of these actions, and need not be compared with every stronger one.
    let mentioned = |action: &str| actions::lookup(action).filter(|action| power.names(action));
    let assume = mentioned("sts:AssumeRole");
    let changes = [mentioned("lambda:UpdateFunctionCode"), mentioned("lambda:UpdateFunctionConfiguration")];
    let writes = mentioned("s3:PutObject").map(|_| written(cx, own)).unwrap_or_default();
    worst(strong.iter().filter(|other| other.at != own).filter_map(|other| {
        let here = under.and(&other.might.under)?;
        let (id, name) = &other.role;
        let (roles, account) = &other.lets_in;
        // Within an account it is enough that a role's trust names who comes.
        let named = roles.contains(resource.id) && !power.has_limits();
        let asks = || account.then(|| power.allows_on(assume?, name.as_ref()?, &here)).flatten().map(|a| a.under);
        let assumes =
            || named.then(|| here.clone()).or_else(asks).map(|under| (format!("may assume role `{id}`"), under));
        let changed = || {
            changes.iter().flatten().find_map(|action| {
                other.functions.iter().find_map(|(id, name)| {
                    let under = power.allows_on(action, name, &here)?.under;
                    Some((format!("may put own code into `{id}`, whose role"), under))
                })
            })
        };
        let feeds = || {
            let (bucket, runner) = other.sources.iter().find(|(bucket, _)| writes.contains(bucket))?;
            Some((
                format!("may write to `{bucket}`, from which `{runner}` takes what it runs, and the role of that"),
                here.clone(),
            ))
        };
        let (how, under) = assumes().map(|(how, under)| (how + ", which", under)).or_else(changed).or_else(feeds)?;
        let words = format!("{how} {}", other.might.words);
        Some(Might { words, strength: other.might.strength, place: other.might.place, under })
    }))
}

/// The buckets to all of whose objects a role may write, whatever the request is.
fn written<'a>(cx: &Context<'_, 'a>, role: usize) -> BTreeSet<&'a str> {
    let put = ["s3:PutObject".to_owned()];
    let mut all = BTreeSet::new();
    for statement in cx.statements_of(role) {
        let asked = statement.asked(cx.resolver);
        if !asked.allows(&put).iter().any(|a| a.truth.yes()) || asked.narrowed(Narrowing::Anything) != Truth::No {
            continue;
        }
        for case in asked.items("Resource") {
            let Some(value) = case.present() else { continue };
            let text = Text::of(&value);
            if text.ends_with("/*").yes() {
                all.extend(named_in(&text));
            }
        }
    }
    let denied = || cx.power_of(role).is_none_or(|power| power.has_limits());
    if all.is_empty() || denied() { BTreeSet::new() } else { all }
}

/// Services of which all that there is opens nothing else.
const QUIET: [&str; 4] = ["logs", "xray", "cloudwatch", "mobileanalytics"];

/// What makes a role strong, as its statements say.
fn privilege<'a>(
    cx: &Context<'_, 'a>,
    statements: &[&Statement<'a>],
    power: &Power<'a>,
    under: &Under,
) -> Option<Might<'a>> {
    let mut found: Option<Might<'a>> = None;
    for statement in statements {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() || asked.narrowed(Narrowing::Anything) != Truth::No {
            continue;
        }
        let service = |answer: &Answer<'a>| {
            let text = Text::of(answer.value.as_ref()?).known()?;
            Some(text.split_once(':')?.0.to_ascii_lowercase())
        };
        let loud = |a: &Answer<'a>| a.truth.yes() && !service(a).is_some_and(|name| QUIET.contains(&name.as_str()));
        // An action, and where it and resources that are open are allowed together.
        let together = |actions: Vec<Answer<'a>>, resources: &[Answer<'a>]| {
            actions.into_iter().filter(loud).find_map(|action| {
                let here = cx.resolver.both(under, &action.under)?;
                let open = resources.iter().filter(|a| a.truth.yes());
                let here = open.map(|a| &a.under).find_map(|under| cx.resolver.both(&here, under))?;
                Some((action, here))
            })
        };
        let whole = asked.any_resource();
        let might = |words: String, strength, answer: &Answer<'a>, under| {
            Some(Might { words, strength, place: answer.place.unwrap_or(statement.origin), under })
        };
        if let Some((answer, here)) = together(asked.wildcard_action(Width::Everything), &whole) {
            return might("may do everything".to_owned(), Strength::Everything, &answer, here);
        }
        let found_a = |strength| found.as_ref().is_some_and(|found| found.strength >= strength);
        if found_a(Strength::Service) {
            continue;
        }
        if let Some((answer, here)) = together(asked.wildcard_action(Width::Service), &whole) {
            let what = service(&answer).map_or_else(|| "a service".to_owned(), |name| format!("`{name}`"));
            found = might(format!("may do all of {what} on every resource"), Strength::Service, &answer, here);
        } else if !found_a(Strength::Data)
            && let Some((answer, here)) = together(asked.allows_a(Sort::Data), &asked.every_resource(Sort::Data))
        {
            found = might("may read all data of a sort".to_owned(), Strength::Data, &answer, here);
        }
    }
    let way = power.ways(under).iter().find_map(|(way, all)| {
        let (source, first) = all.iter().find_map(|a| Some((a.source?, a)))?;
        let place = first.place.unwrap_or(source.statement);
        let words = format!("can {}", way.how);
        Some(Might { words, strength: Strength::Escalates, place, under: under.clone() })
    });
    way.or(found)
}

/// The same of the policies of AWS's that it lists, where nothing takes that away.
fn attached<'a>(cx: &Context<'_, 'a>, role: &Resource<'a>, power: &Power<'a>, under: &Under) -> Option<Might<'a>> {
    if power.has_limits() {
        return None;
    }
    worst(managed_arns(cx.resolver, role).into_iter().filter_map(|(value, own)| {
        let arn = Text::of(&value).pattern();
        let (policy, here) = (managed::of_arn(&arn)?, under.and(&own)?);
        let granted = granted(policy).map(|(strength, words)| (strength, words.to_owned()));
        let escalates = || {
            let mut alone = Power::default();
            alone.carry(identity::managed(&cx.facts(), &value, &here)?);
            alone.ways(&here).first().map(|(way, _)| (Strength::Escalates, format!("can {}", way.how)))
        };
        let all = granted.as_ref().is_some_and(|(strength, _)| *strength == Strength::Everything);
        let (strength, words) = if all { granted } else { escalates().or(granted) }?;
        Some(Might { words: format!("{words}, through `{}`", policy.name), strength, place: value.origin, under: here })
    }))
}

/// What makes a policy of AWS's strong, in words.
fn granted(policy: &managed::Policy) -> Option<(Strength, &'static str)> {
    let statements = policy.statements()?;
    let whole =
        statements.iter().filter(|s| s.allows && !s.elsewhere && s.condition.is_none() && s.resources.contains(&"*"));
    let named: Vec<_> = whole.clone().filter(|s| !s.except).flat_map(|s| &s.actions).collect();
    if named.iter().any(|a| width_of(a) == Some(Width::Everything)) {
        return Some((Strength::Everything, "may do everything"));
    }
    if whole.clone().any(|s| s.except) {
        return Some((Strength::Everything, "may do nearly everything"));
    }
    let loud = |action: &str| {
        action
            .split_once(':')
            .is_some_and(|(service, _)| QUIET.iter().all(|quiet| !quiet.eq_ignore_ascii_case(service)))
    };
    if named.iter().any(|a| width_of(a) == Some(Width::Service) && loud(a)) {
        return Some((Strength::Service, "may do all of a service on every resource"));
    }
    // Policies made for a service read what the service hands over: a queue, a stream.
    let data = || {
        policy.path != "service-role"
            && given_everywhere(policy, Sort::Data).iter().any(|action| loud(&action.to_string()))
    };
    data().then_some((Strength::Data, "may read all data of a sort"))
}
