//! Who may do what: whatever runs, who sets it off, the role it runs as, and what that role's policies come to.

use std::collections::{BTreeMap, BTreeSet};

use super::functions::{Facts, Kept};
use super::graph::{self, Graph};
use super::iam::actions;
use super::iam::effect::{self, Effect, Target};
use super::iam::escalation::Escalation;
use super::iam::managed;
use super::identity;
use super::policy::{self, Asked, Statement};
use super::runners;
use crate::finding;
use crate::resolve::{Case, Exports, Given, Hole, Known, Piece, Resolver, Text, Truth, Under};
use crate::rulebook::{Narrowing, PolicyKind};
use crate::source::Arena;
use crate::template::{Origin, Resource, Template, Value};

mod invokers;

pub use invokers::Invoker;

/// Something that runs, and as whom.
#[derive(Debug, Clone)]
pub struct Actor<'a> {
    /// What runs.
    pub resource: Resource<'a>,
    /// The role it runs as; several when conditions choose.
    pub roles: Vec<Assumed<'a>>,
    /// What invokes it.
    pub invokers: Vec<Invoker<'a>>,
}

/// A role that somebody runs as.
#[derive(Debug, Clone)]
pub struct Assumed<'a> {
    /// Its logical id, or whatever names it when it is not of this template.
    pub name: String,
    /// The role, when it is of this template; else nothing is known of what it may do.
    pub role: Option<Resource<'a>>,
    /// The assumption under which it is this one.
    pub under: Under,
    /// Who else runs as it, by logical id.
    pub shared_with: Vec<&'a str>,
    /// Policies of other places, AWS's own above all: their names.
    pub attached: Vec<String>,
    /// What this template says that the role may do.
    pub grants: Vec<Grant<'a>>,
    /// What all of its policies come to.
    pub effect: Effect<'a>,
    /// The ways that are open to become more than it is.
    pub ways: Vec<&'static Escalation>,
    /// Policies of other places whose text is not known here.
    pub unread: Vec<String>,
    /// What limits it: the name of its boundary.
    pub boundary: Option<String>,
    /// Who may assume it, by its trust policy.
    pub trusted: Vec<Trusted<'a>>,
}

/// Somebody whom a role trusts.
#[derive(Debug, Clone)]
pub struct Trusted<'a> {
    /// A service, an account, an ARN, a provider.
    pub who: String,
    /// The resource of the template that it is.
    pub resource: Option<Resource<'a>>,
    /// True when it is everybody.
    pub anyone: bool,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Grant<'a> {
    /// `Allow` or `Deny`.
    pub effect: String,
    /// Actions; with `all_but`, those left out.
    pub actions: Vec<String>,
    /// `NotAction`.
    pub all_actions_but: bool,
    /// Resources; with `all_but`, those left out.
    pub resources: Vec<String>,
    /// `NotResource`.
    pub all_resources_but: bool,
    /// Whether a `Condition` limits it.
    pub limited: bool,
    /// The assumption under which it stands there.
    pub under: Under,
    /// The logical id of the role or policy that says it.
    pub policy: &'a str,
    /// Where.
    pub origin: Origin<'a>,
}

impl Assumed<'_> {
    /// A role of which only the name is known.
    fn unknown(name: String, under: Under) -> Self {
        Self {
            name,
            role: None,
            under,
            shared_with: Vec::new(),
            attached: Vec::new(),
            grants: Vec::new(),
            effect: Effect::default(),
            ways: Vec::new(),
            unread: Vec::new(),
            boundary: None,
            trusted: Vec::new(),
        }
    }
}

impl Grant<'_> {
    /// What it grants or denies, in one line: `s3:Get* (30 actions)  on ${Bucket.Arn}/*, with a condition`.
    #[must_use]
    pub fn says(&self) -> String {
        let but = |all_but: bool| if all_but { "all but " } else { "" };
        let named: Vec<_> = self.actions.iter().map(|action| counted(action)).collect();
        let under = self.under.describe().map(|text| format!(", when {text}")).unwrap_or_default();
        format!(
            "{}{}  on {}{}{}{under}",
            but(self.all_actions_but),
            named.join(", "),
            but(self.all_resources_but),
            finding::shown(&self.resources.join(", "), false),
            if self.limited { ", with a condition" } else { "" },
        )
    }
}

/// An action, and how many a wildcard stands for.
fn counted(action: &str) -> String {
    let wild = action.contains(['*', '?']) && !action.contains('$');
    let action = finding::shown(action, false);
    let count = if wild { actions::count(&action) } else { 0 };
    let more = if count == 1 { "" } else { "s" };
    if wild { format!("{action} ({count} action{more})") } else { action }
}

/// The actors of a template that is deployed with these parameters.
#[must_use]
pub fn actors_of<'a>(
    template: &Template<'a>,
    arena: &'a Arena,
    parameters: &BTreeMap<String, String>,
) -> Vec<Actor<'a>> {
    let given = parameters.iter().map(|(name, value)| (name.clone(), Given::Text(value.clone()))).collect();
    let exports = Exports::new();
    let resolver = Resolver::new(template, arena, &given, &exports);
    let statements = policy::statements(template, &resolver);
    let graph = Graph::new(template);
    let kept = Kept::default();
    actors(&Facts { template, resolver: &resolver, graph: &graph, statements: &statements, kept: &kept })
}

/// Everything that runs as a role, in the template's order; then the roles that nothing of it runs as.
#[must_use]
pub fn actors<'a>(facts: &Facts<'_, '_, 'a>) -> Vec<Actor<'a>> {
    let (template, resolver, statements) = (facts.template, facts.resolver, facts.statements);
    let targets = effect::targets(resolver);
    let mut book = Book { facts, template, resolver, statements, targets, read: BTreeMap::new(), looked: 0 };
    let mut actors = Vec::new();
    for resource in &template.resources {
        let path = runners::role_path(resource.kind);
        if path.is_empty() {
            continue;
        }
        let cases = resolver.property(resource, path);
        let roles: Vec<_> = cases.iter().filter_map(|case| book.assumed(case)).collect();
        if !roles.is_empty() {
            actors.push(Actor { resource: *resource, roles, invokers: Vec::new() });
        }
    }
    share(&mut actors);
    let used: BTreeSet<String> = actors.iter().flat_map(|actor| &actor.roles).map(|role| role.name.clone()).collect();
    for resource in template.resources.iter().filter(|r| r.kind == "AWS::IAM::Role") {
        if let (false, Some(under)) = (used.contains(resource.id), resolver.under_of(resource)) {
            let roles = vec![book.role(resource, under)];
            actors.push(Actor { resource: *resource, roles, invokers: Vec::new() });
        }
    }
    invokers::tell(facts, &mut actors);
    actors
}

/// Tells each actor who else runs as its roles.
fn share(actors: &mut [Actor<'_>]) {
    let mut users: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for actor in actors.iter() {
        for role in &actor.roles {
            let users = users.entry(role.name.clone()).or_default();
            // The roles of one actor come one after the other.
            if users.last() != Some(&actor.resource.id) {
                users.push(actor.resource.id);
            }
        }
    }
    for actor in actors {
        let own = actor.resource.id;
        for role in &mut actor.roles {
            let all = users.get(&role.name).into_iter().flatten();
            role.shared_with = all.copied().filter(|id| *id != own).collect();
        }
    }
}

struct Book<'s, 't, 'a> {
    facts: &'s Facts<'s, 't, 'a>,
    template: &'s Template<'a>,
    resolver: &'s Resolver<'t, 'a>,
    statements: &'s [Statement<'a>],
    /// Roles that have been read, by logical id.
    read: BTreeMap<&'a str, Assumed<'a>>,
    /// The resources that statements may name.
    targets: Vec<Target<'a>>,
    /// How much was looked at.
    looked: usize,
}

/// How often a statement is held against a resource, over all roles: more than the 500 resources of a template, half of
/// them roles with the longest policies that AWS takes, come to.
const MAX_LOOKED: usize = 60_000_000;

/// What stands in the place of the policies of roles that are more than that.
const BEYOND: &str = "policies that are more than is looked at";

impl<'a> Book<'_, '_, 'a> {
    fn assumed(&mut self, case: &Case<'a>) -> Option<Assumed<'a>> {
        let nothing = |name: String| Assumed::unknown(name, case.under.clone());
        let value = match case.value {
            Known::Present(value) => value,
            Known::Absent => return None,
            Known::Unknown(why) => return Some(nothing(format!("unknown: {why}"))),
        };
        match self.resolver.target(&value).filter(|target| target.kind == "AWS::IAM::Role") {
            Some(role) => Some(self.role(role, case.under.clone())),
            None => Some(nothing(shown(&value))),
        }
    }

    /// A role of the template, read once.
    fn role(&mut self, role: &Resource<'a>, under: Under) -> Assumed<'a> {
        if let Some(known) = self.read.get(role.id) {
            return Assumed { under, ..known.clone() };
        }
        let attached = self.attached(role);
        let at = self.facts.graph.position(role.id).unwrap_or(usize::MAX);
        let holders = graph::holders_of(self.template, self.resolver, self.facts.graph, at);
        let of = |holder: usize| policy::of_owner(self.statements, holder).iter();
        let carried: Vec<&Statement<'a>> =
            graph::each_once(&holders).flat_map(of).filter(|s| s.kind == PolicyKind::Identity).collect();
        let denials = carried.iter().filter(|s| s.value.at(&["Effect"]).is_some_and(|e| e.as_text() != Some("Allow")));
        let work = carried.len().saturating_mul(self.targets.len() + 50).saturating_mul(1 + denials.count());
        self.looked = self.looked.saturating_add(work);
        if self.looked > MAX_LOOKED {
            let beyond = vec![BEYOND.to_owned()];
            let unknown = Assumed::unknown(role.id.to_owned(), under);
            return Assumed { role: Some(*role), attached: beyond.clone(), unread: beyond, ..unknown };
        }
        let grants = carried.iter().filter_map(|statement| self.grant(statement)).collect();
        let power = identity::power(self.facts, at, role, holders.iter().cloned());
        let unread = attached.iter().filter(|name| !is_read(name)).cloned().collect();
        let limits = self.resolver.property(role, &["PermissionsBoundary"]);
        let boundary = limits.iter().find_map(|case| {
            let name = match case.value {
                Known::Present(value) => shown(&value),
                Known::Unknown(_) => "a boundary that is not known here".to_owned(),
                Known::Absent => return None,
            };
            let when = case.under.describe().filter(|_| !case.under.is_always());
            Some(when.map_or_else(|| name.clone(), |when| format!("{name}, when {when}")))
        });
        let assumed = Assumed {
            role: Some(*role),
            grants,
            effect: Effect::of(&power, &self.targets),
            ways: power.ways(&Under::always()).iter().map(|(way, _)| *way).collect(),
            attached,
            unread,
            boundary,
            trusted: self.trusted(role),
            ..Assumed::unknown(role.id.to_owned(), under)
        };
        self.read.insert(role.id, assumed.clone());
        assumed
    }

    /// Whom a role's own trust policy names.
    fn trusted(&self, role: &Resource<'a>) -> Vec<Trusted<'a>> {
        let mut all: Vec<Trusted<'a>> = Vec::new();
        let at = self.facts.graph.position(role.id).unwrap_or(usize::MAX);
        let own = policy::of_owner(self.statements, at).iter().filter(|s| s.kind == PolicyKind::Trust);
        for statement in own {
            let asked = statement.asked(self.resolver);
            if !asked.effect("Allow").yes() {
                continue;
            }
            let open = asked.narrowed(Narrowing::Any) == Truth::No;
            for case in self.resolver.get(&statement.value, "Principal", &statement.under) {
                let Some(principal) = case.present() else { continue };
                let mut items = Vec::new();
                match principal.as_map() {
                    None => items.push(principal),
                    Some(map) => {
                        for entry in map.entries {
                            let list = self.resolver.items(&entry.value, &case.under);
                            items.extend(list.iter().filter_map(Case::present));
                        }
                    }
                }
                for value in items {
                    let who = shown(&value);
                    if !all.iter().any(|known| known.who == who) {
                        let anyone = who == "*" && open;
                        all.push(Trusted { resource: self.resolver.target(&value).copied(), anyone, who });
                    }
                }
            }
        }
        all
    }

    /// The policies of other places that a role lists, by name.
    fn attached(&self, role: &Resource<'a>) -> Vec<String> {
        let mut foreign = Vec::new();
        for list in self.resolver.property(role, &["ManagedPolicyArns"]) {
            let Some(list_value) = list.present() else { continue };
            for item in self.resolver.items(&list_value, &list.under) {
                let Some(value) = item.present() else { continue };
                if graph::policy_named(self.template, self.resolver, self.facts.graph, &value).is_none() {
                    foreign.push(shown(&value));
                }
            }
        }
        foreign.dedup();
        foreign
    }

    fn grant(&self, statement: &Statement<'a>) -> Option<Grant<'a>> {
        let asked = Asked { resolver: self.resolver, value: statement.value, under: statement.under.clone() };
        let list = |key: &str| -> Vec<String> {
            let mut all = Vec::new();
            for case in asked.items(key) {
                let text = case.present().map_or_else(|| "?".to_owned(), |value| shown(&value));
                if !all.contains(&text) {
                    all.push(text);
                }
            }
            all
        };
        let (all_actions_but, all_resources_but) = (asked.has("NotAction"), asked.has("NotResource"));
        Some(Grant {
            effect: list("Effect").join("|"),
            actions: list(if all_actions_but { "NotAction" } else { "Action" }),
            all_actions_but,
            resources: list(if all_resources_but { "NotResource" } else { "Resource" }),
            all_resources_but,
            limited: asked.has("Condition"),
            under: statement.under.clone(),
            policy: self.template.resources.get(statement.owner)?.id,
            origin: statement.origin,
        })
    }
}

/// Whether the text of one of AWS's policies is known here.
fn is_read(name: &str) -> bool {
    // The partition is a hole as often as not.
    name.split_once(":iam::aws:policy/")
        .and_then(|(_, rest)| managed::named(rest.rsplit('/').next()?))
        .is_some_and(|policy| policy.statements().is_some())
}

/// A text as people read it: `${Orders.Arn}/*`.
fn shown(value: &Value<'_>) -> String {
    Text::of(value)
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => (*text).to_owned(),
            Piece::Hole(hole) => match hole {
                Hole::Pseudo(name) | Hole::Parameter { name } | Hole::Resource(name) => format!("${{{name}}}"),
                Hole::Attribute(id, attribute) => format!("${{{id}.{attribute}}}"),
                Hole::Import(name) => format!("${{import {name}}}"),
                Hole::Dynamic { service, key } => format!("{{{{resolve:{service}:{key}}}}}"),
                Hole::External(external) => external.written.to_owned(),
                Hole::Other => "?".to_owned(),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::asking::with_facts;

    /// Asks about the actors of a template.
    fn ask(text: &str, check: impl FnOnce(&[Actor<'_>])) {
        with_facts(text, |facts| check(&actors(facts)));
    }

    const SHARED: &str = r#"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess", !Ref Own]
      Policies:
        - PolicyName: inline
          PolicyDocument:
            Statement: {Effect: Allow, Action: "s3:*", Resource: !Sub "${Bucket.Arn}/*"}
  Own:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: [{Effect: Deny, NotAction: "iam:*", Resource: "*", Condition: {Bool: {"aws:MultiFactorAuthPresent": "false"}}}]
  Beside:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: beside
      Roles: [!Ref Role]
      PolicyDocument:
        Statement: [{Effect: Allow, Action: [sqs:SendMessage, sqs:ReceiveMessage], Resource: "*"}]
  A: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  B: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  C: {Type: AWS::Lambda::Function, Properties: {Role: !ImportValue shared-role}}
  Bucket: {Type: AWS::S3::Bucket}
"#;

    /// A role's own statements, those of policies that name it and of those that it names all count.
    #[test]
    fn all_policies_of_a_role_count() {
        ask(SHARED, |actors| {
            let role = &actors[0].roles[0];
            let policies: Vec<_> = role.grants.iter().map(|g| g.policy).collect();
            assert_eq!(policies, ["Role", "Own", "Beside"]);
            assert_eq!(role.attached, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
            assert_eq!(role.grants[0].resources, ["${Bucket.Arn}/*"]);
            assert!(role.grants[1].all_actions_but && role.grants[1].limited && role.grants[1].effect == "Deny");
            assert_eq!(role.grants[2].actions, ["sqs:SendMessage", "sqs:ReceiveMessage"]);
        });
    }

    /// A web function runs as the role of its revision, and whoever reaches the endpoint sets it off.
    #[test]
    fn web_functions_run_as_roles() {
        let text = r"
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
  Shop: {Type: AWS::Lambda::WebFunction, Properties: {FunctionName: shop}}
  Revision:
    Type: AWS::Lambda::WebFunctionRevision
    Properties: {FunctionName: !Ref Shop, ServiceConfig: {ExecutionRoleArn: !GetAtt Role.Arn}}
  Endpoint:
    Type: AWS::Lambda::WebFunctionEndpoint
    Properties: {FunctionName: !Ref Shop, AuthType: ApplicationManaged}
";
        ask(text, |actors| {
            let [actor] = actors else { panic!("one runs, not {}", actors.len()) };
            assert_eq!((actor.resource.id, actor.roles[0].name.as_str()), ("Revision", "Role"));
            let [anyone] = actor.invokers.as_slice() else { panic!("one way in") };
            assert!(anyone.anyone && anyone.resource.is_some_and(|r| r.id == "Endpoint"));
        });
    }

    /// What policies come to: denials and boundaries taken away, resources named or reached by wildcard.
    #[test]
    fn effects_are_counted() {
        let text = r#"
Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, NotAction: "sqs:*", Resource: "*"}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}}
      PermissionsBoundary: !Ref Boundary
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: ["dynamodb:*Item", "sqs:SendMessage"], Resource: "*"}
              - {Effect: Allow, Action: "s3:*", Resource: !Sub "${Bucket.Arn}/*"}
              - {Effect: Allow, Action: "lambda:InvokeFunction", Resource: !GetAtt Fn.Arn}
              - {Effect: Deny, Action: "dynamodb:Delete*", Resource: "*"}
  Strong:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: "*", Action: "sts:AssumeRole"}}
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/IAMFullAccess"]
  Fn: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Strong.Arn}}
  Caller: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Fn, AuthType: NONE}}
  Bucket: {Type: AWS::S3::Bucket}
  Table: {Type: AWS::DynamoDB::Table}
  Queue: {Type: AWS::SQS::Queue}
"#;
        ask(text, |actors| {
            let names: Vec<_> = actors.iter().map(|a| a.resource.id).collect();
            assert_eq!(names, ["Fn", "Caller"]);
            let role = &actors[1].roles[0];
            let dynamodb = role.effect.services.iter().find(|s| s.service.prefix == "dynamodb").expect("its table");
            assert!(dynamodb.anywhere && dynamodb.actions.iter().any(|a| a.name == "PutItem"));
            assert!(!dynamodb.actions.iter().any(|a| a.name.starts_with("Delete")), "denied");
            assert!(role.effect.services.iter().all(|s| s.service.prefix != "sqs"), "beyond the boundary");
            let reached: Vec<_> = role.effect.reached.iter().map(|r| (r.resource.id, r.named)).collect();
            assert_eq!(reached, [("Fn", true), ("Bucket", true), ("Table", false)]);
            let objects = &role.effect.reached[1].actions;
            assert!(objects.iter().any(|a| a.name == "GetObject") && !objects.iter().any(|a| a.name == "DeleteBucket"));
            let strong = &actors[0].roles[0];
            assert!(strong.effect.everything && strong.effect.but.iter().any(|b| b == "iam:*"));
            assert!(strong.ways.iter().any(|way| way.name == "attach-role-policy"));
            assert!(strong.trusted.iter().any(|t| t.anyone) && !role.trusted.iter().any(|t| t.anyone));
            let invokers: Vec<_> = actors[0].invokers.iter().map(|i| (i.anyone, i.resource.map(|r| r.id))).collect();
            assert_eq!(invokers, [(true, Some("Url")), (false, Some("Caller"))]);
        });
    }

    /// Functions that share a role know of each other; of a role of elsewhere nothing is claimed.
    #[test]
    fn sharing_is_told() {
        ask(SHARED, |actors| {
            let shared: Vec<_> = actors.iter().map(|a| (a.resource.id, a.roles[0].shared_with.clone())).collect();
            assert_eq!(shared, [("A", vec!["B"]), ("B", vec!["A"]), ("C", vec![])]);
            assert!(actors[2].roles[0].role.is_none() && actors[2].roles[0].name.contains("shared-role"));
        });
    }
}
