//! Connectors, standing alone or embedded: what one resource may do to another.

use super::expansion::Expansion;
use super::make::Make;
use super::profiles::{Grant, Kind, Profile};
use super::read::{field, same, text};
use crate::template::{Entry, Intrinsic, Kind as ValueKind, Map, Origin, Resource, Value};

/// One end of a connection.
#[derive(Clone, Copy, Default)]
pub(super) struct End<'a> {
    /// Its type after lowering.
    pub kind: &'a str,
    /// Its ARN.
    pub arn: Option<Value<'a>>,
    /// The name of the role it runs with.
    pub role: Option<Value<'a>>,
    /// A queue's address.
    pub url: Option<Value<'a>>,
    /// What ARNs call it.
    pub resource: Option<Value<'a>>,
    /// Its name.
    pub name: Option<Value<'a>>,
    /// What stands behind its id in an ARN.
    pub qualifier: Option<Value<'a>>,
}

/// Expands all connectors, and takes the embedded ones off the resources they stand on.
pub(super) fn expand(x: &mut Expansion<'_>) {
    for resource in x.source.resources.clone() {
        for entry in resource.attribute("Connectors").map(|c| c.value.entries()).unwrap_or_default() {
            let Some(properties) = field(entry.value, "Properties") else { continue };
            let make = x.cause(&resource, "this connection", entry.key_origin);
            let mut source = vec![make.entry("Id", make.text(resource.id))];
            let reference = field(properties, "SourceReference").map(|r| r.entries()).unwrap_or_default();
            source.extend(reference);
            let source = make.entries(&source);
            // What stands beside `Properties` belongs to the connector, not to the resource that carries it.
            let own = Resource { attributes: Map::EMPTY, condition: condition(entry), ..resource };
            let id = x.id(&[resource.id, entry.key]);
            // It can be named by others, as one that stands alone.
            let kind = "AWS::Serverless::Connector";
            let named = Resource { id, written_id: id, key: entry.key_origin, kind, properties, ..own };
            x.source.declared.push(named);
            pairs(x, &own, id, entry.key_origin, source, properties);
        }
        if let Some(deployed) = x.deployed(resource.id) {
            let kept: Vec<_> = deployed.attributes.entries.iter().filter(|e| e.key != "Connectors").copied().collect();
            if kept.len() != deployed.attributes.entries.len() {
                let entries = x.build.arena.alloc_slice_copy(&kept);
                if let Some(deployed) = x.deployed(resource.id) {
                    deployed.attributes = Map { entries };
                }
            }
        }
    }
    for connector in x.of_kind("AWS::Serverless::Connector") {
        if let Some(source) = field(connector.properties, "Source") {
            pairs(x, &connector, connector.id, connector.key, source, connector.properties);
        }
    }
}

fn condition<'a>(entry: &Entry<'a>) -> Option<(&'a str, Origin<'a>)> {
    field(entry.value, "Condition").and_then(|c| Some((c.as_text()?, c.origin)))
}

/// Connects a source to each of its destinations.
fn pairs<'a>(
    x: &mut Expansion<'a>,
    of: &Resource<'a>,
    id: &'a str,
    at: Origin<'a>,
    source: Value<'a>,
    properties: Value<'a>,
) {
    let Some(destination) = field(properties, "Destination") else { return };
    let several = destination.as_list().is_some();
    let access: Vec<_> = field(properties, "Permissions").map_or_else(Vec::new, |p| p.items());
    for (at_index, one) in destination.items().into_iter().enumerate() {
        let make = x.cause(of, "this connection", one.origin);
        let ends = (end(x, make, source, one), end(x, make, one, source));
        let (Some(from), Some(to)) = ends else {
            x.source.unknown_parts.push((one.origin, "a connection to what this template does not declare"));
            continue;
        };
        let suffix = if several { format!("Destination{at_index}") } else { String::new() };
        if !connect(x, of, id, &suffix, at, (&from, &to), &access) {
            x.source.unknown_parts.push((one.origin, "a connection that SAM does not know"));
        }
    }
}

/// Makes what lets one end reach the other; false when SAM has no way for such a pair.
pub(super) fn connect<'a>(
    x: &mut Expansion<'a>,
    of: &Resource<'a>,
    id: &str,
    suffix: &str,
    at: Origin<'a>,
    (from, to): (&End<'a>, &End<'a>),
    access: &[Value<'a>],
) -> bool {
    let Some(profile) = Profile::of(from.kind, to.kind) else { return false };
    let granted: Vec<_> = profile
        .grants
        .iter()
        .filter_map(|g| access.iter().find(|a| a.as_text() == Some(g.access)).map(|a| (g, a.origin)))
        .collect();
    let make = x.cause(of, "this connection", at);
    let statements = || granted.iter().map(|(g, at)| statement(make.because(*at), g, from, to)).collect::<Vec<_>>();
    let name = |middle: &str| make.keep(&format!("{id}{middle}{suffix}"));
    match profile.kind {
        Kind::Source | Kind::Destination => {
            let role = if matches!(profile.kind, Kind::Source) { from.role } else { to.role };
            let role = role.unwrap_or_else(|| make.build.unknown("the role of the connected resource", at));
            let document = make.policy(&statements());
            let properties = make.map(&[("PolicyDocument", document), ("Roles", make.list(&[role]))]);
            x.emit(of, name("Policy"), "AWS::IAM::ManagedPolicy", "this policy", at, properties);
        }
        Kind::Topic => {
            let topics = make.list(&to.arn.map_or_else(Vec::new, |arn| vec![arn]));
            let properties = make.map(&[("Topics", topics), ("PolicyDocument", make.policy(&statements()))]);
            x.emit(of, name("TopicPolicy"), "AWS::SNS::TopicPolicy", "this topic policy", at, properties);
        }
        Kind::Queue => {
            let queues = make.list(&to.url.map_or_else(Vec::new, |url| vec![url]));
            let properties = make.map(&[("PolicyDocument", make.policy(&statements())), ("Queues", queues)]);
            x.emit(of, name("QueuePolicy"), "AWS::SQS::QueuePolicy", "this queue policy", at, properties);
        }
        Kind::Permission => {
            for (grant, at) in granted {
                let make = make.because(at);
                // Only buckets do not carry their account in their ARN.
                let account = (from.kind == "AWS::S3::Bucket").then(|| make.sub("${AWS::AccountId}"));
                let properties = make.some(&[
                    ("Action", Some(make.text("lambda:InvokeFunction"))),
                    ("FunctionName", to.arn),
                    ("Principal", Some(make.text(grant.principal.unwrap_or("")))),
                    ("SourceArn", grant.resources.first().map(|r| put(make, r, from, to))),
                    ("SourceAccount", account),
                ]);
                let id = make.keep(&format!("{id}{}LambdaPermission{suffix}", grant.access));
                x.emit(of, id, "AWS::Lambda::Permission", "this permission", at, properties);
            }
        }
    }
    true
}

fn statement<'a>(make: Make<'a>, grant: &Grant, from: &End<'a>, to: &End<'a>) -> Value<'a> {
    let resources: Vec<_> = grant.resources.iter().map(|r| put(make, r, from, to)).collect();
    let actions: Vec<_> = grant.actions.iter().map(|a| make.made(a)).collect();
    let condition = grant.principal.map(|_| {
        let arn = from.arn.unwrap_or_else(|| make.build.unknown("the source of this connection", make.origin));
        make.map(&[("ArnEquals", make.map(&[("aws:SourceArn", arn)]))])
    });
    make.some(&[
        ("Effect", Some(make.text("Allow"))),
        ("Principal", grant.principal.map(|p| make.map(&[("Service", make.text(p))]))),
        ("Action", Some(make.list(&actions))),
        ("Resource", Some(make.list(&resources))),
        ("Condition", condition),
    ])
}

/// A resource of the table, with the ends put in.
fn put<'a>(make: Make<'a>, pattern: &str, from: &End<'a>, to: &End<'a>) -> Value<'a> {
    let ends = [
        ("{Source.Arn}", "SourceArn", from.arn),
        ("{Destination.Arn}", "DestinationArn", to.arn),
        ("{Source.ResourceId}", "SourceResourceId", from.resource),
        ("{Destination.ResourceId}", "DestinationResourceId", to.resource),
        ("{Source.Name}", "SourceName", from.name),
        ("{Destination.Name}", "DestinationName", to.name),
        ("{Source.Qualifier}", "SourceQualifier", from.qualifier),
    ];
    let mut text = match pattern.strip_prefix('~').and_then(|rest| rest.split_once(':')) {
        Some((service, rest)) => {
            format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}")
        }
        None => pattern.to_owned(),
    };
    let mut variables = Vec::new();
    for (hole, name, value) in ends {
        if !text.contains(hole) {
            continue;
        }
        let value = value.unwrap_or_else(|| make.build.unknown("a part of the connected resource's ARN", make.origin));
        if text == hole {
            return value;
        }
        text = text.replace(hole, &format!("${{{name}}}"));
        variables.push((name, value));
    }
    make.sub_with(&text, &variables)
}

/// An end as written: a resource of the template by its id, or a description of another.
fn end<'a>(x: &mut Expansion<'a>, make: Make<'a>, written: Value<'a>, other: Value<'a>) -> Option<End<'a>> {
    let given = |key: &str| field(written, key);
    let Some(id) = text(written, "Id") else {
        let kind = match text(written, "Type")? {
            "AWS::Serverless::Function" => "AWS::Lambda::Function",
            "AWS::Serverless::StateMachine" => "AWS::StepFunctions::StateMachine",
            "AWS::Serverless::Api" => "AWS::ApiGateway::RestApi",
            "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
            "AWS::Serverless::SimpleTable" => "AWS::DynamoDB::Table",
            kind => kind,
        };
        return Some(End {
            kind,
            arn: given("Arn"),
            role: given("RoleName"),
            url: given("QueueUrl"),
            resource: given("ResourceId"),
            name: given("Name"),
            qualifier: given("Qualifier"),
        });
    };
    let resource = *x.deployed(id)?;
    let mut end = of_resource(make, &resource);
    if resource.kind == "AWS::Events::Rule" {
        end.role = rule_role(make, &resource, other);
    }
    end.qualifier = given("Qualifier").or(end.qualifier);
    Some(end)
}

/// A deployed resource as an end.
pub(super) fn of_resource<'a>(make: Make<'a>, resource: &Resource<'a>) -> End<'a> {
    let id = resource.id;
    let by_name = make.reference(id);
    let arn = match resource.kind {
        "AWS::StepFunctions::StateMachine"
        | "AWS::AppSync::GraphQLApi"
        | "AWS::AppSync::DataSource"
        | "AWS::SNS::Topic" => by_name,
        _ => make.att(id, "Arn"),
    };
    let api = matches!(resource.kind, "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api");
    let role = match resource.kind {
        "AWS::Lambda::Function" => field(resource.properties, "Role"),
        "AWS::StepFunctions::StateMachine" => field(resource.properties, "RoleArn"),
        "AWS::AppSync::DataSource" => field(resource.properties, "ServiceRoleArn"),
        _ => None,
    };
    End {
        kind: resource.kind,
        arn: Some(arn),
        role: role.and_then(logical).map(|role| make.reference(role)),
        url: (resource.kind == "AWS::SQS::Queue").then_some(by_name),
        resource: match resource.kind {
            "AWS::AppSync::GraphQLApi" => Some(make.att(id, "ApiId")),
            _ => api.then_some(by_name),
        },
        name: (resource.kind == "AWS::StepFunctions::StateMachine").then(|| make.att(id, "Name")),
        qualifier: api.then(|| make.text("*")),
    }
}

/// The role with which a rule reaches the other end: that of the target which is the other end.
fn rule_role<'a>(make: Make<'a>, rule: &Resource<'a>, other: Value<'a>) -> Option<Value<'a>> {
    let (id, arn) = (text(other, "Id"), field(other, "Arn"));
    let reaches = |target: &Value<'a>| {
        let aim = field(*target, "Arn");
        let named = id.is_some() && aim.and_then(logical) == id;
        named || aim.is_some_and(|aim| arn.is_some_and(|arn| same(aim, arn)))
    };
    let target = field(rule.properties, "Targets")?.items().into_iter().find(reaches)?;
    field(target, "RoleArn").and_then(logical).map(|role| make.reference(role))
}

/// The resource that a reference names.
fn logical(value: Value<'_>) -> Option<&str> {
    match value.kind {
        ValueKind::Intrinsic(Intrinsic::Ref(id) | Intrinsic::GetAtt(id, _)) => Some(id),
        ValueKind::Null
        | ValueKind::Bool(_)
        | ValueKind::Number(_)
        | ValueKind::Text(_)
        | ValueKind::List(_)
        | ValueKind::Map(_)
        | ValueKind::Intrinsic(_)
        | ValueKind::Unknown(_) => None,
    }
}
