//! What lives in a VPC, what suggests that a function must too, and whether its subnets have a way out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use foldhash::HashMap;

use super::functions::Facts;
use super::grants::Grants;
use super::graph::references;
use super::policy::covers;
use crate::resolve::{Case, Hole, Known, Resolver, Text, Truth, Under};
use crate::rulebook::Expression;
use crate::template::{Intrinsic, Kind, Origin, Resource, Template, Value};

/// Whether a function needs the VPC that it is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// It does, because of this.
    Yes(String),
    /// It may: this cannot be known.
    Perhaps(String),
    /// Nothing in the template suggests it.
    No,
}

/// Where the packets of a subnet go that are for the internet.
#[derive(Debug, Clone, Copy)]
pub enum WayOut<'a> {
    /// Through a NAT gateway, a transit gateway or whatever else has an address of its own.
    Out,
    /// To an internet gateway: good for what has a public address, and a function has none.
    InternetGateway(Origin<'a>),
    /// Nowhere.
    None,
    /// It cannot be known.
    Unknown,
}

/// Resource types that are reached through a VPC only, or nearly always.
const INSIDE: &[&str] = &[
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBProxy",
    "AWS::RDS::GlobalCluster",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::DocDBElastic::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::NeptuneGraph::PrivateGraphEndpoint",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::ElastiCache::GlobalReplicationGroup",
    "AWS::MemoryDB::Cluster",
    "AWS::DAX::Cluster",
    "AWS::Redshift::Cluster",
    "AWS::RedshiftServerless::Workgroup",
    "AWS::RedshiftServerless::Namespace",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::AmazonMQ::Broker",
    "AWS::EFS::FileSystem",
    "AWS::EFS::AccessPoint",
    "AWS::EFS::MountTarget",
    "AWS::FSx::FileSystem",
    "AWS::EC2::Instance",
    "AWS::ECS::Service",
    "AWS::EKS::Cluster",
    "AWS::EMR::Cluster",
    "AWS::Timestream::InfluxDBInstance",
    "AWS::DirectoryService::MicrosoftAD",
    "AWS::DirectoryService::SimpleAD",
    "AWS::EC2::ClientVpnEndpoint",
    "AWS::EC2::VPNConnection",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayVpcAttachment",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::VpcLattice::ServiceNetworkVpcAssociation",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::ServiceDiscovery::PrivateDnsNamespace",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::DMS::ReplicationInstance",
];

/// Actions that are of use inside a VPC only.
const INSIDE_ACTIONS: &[&str] = &[
    "rds-db:connect",
    "elasticfilesystem:clientmount",
    "elasticfilesystem:clientwrite",
    "elasticache:connect",
    "memorydb:connect",
    "neptune-db:connect",
    "kafka-cluster:connect",
    "dax:getitem",
    "es:eshttpget",
    "aoss:apiaccessall",
    "redshift:getclustercredentials",
];

/// Actions by which the code may learn at run time where to connect to.
const LOOKUPS: &[&str] = &[
    "secretsmanager:getsecretvalue",
    "ssm:getparameter",
    "ssm:getparameters",
    "ssm:getparametersbypath",
    "appconfig:getlatestconfiguration",
    "servicediscovery:discoverinstances",
];

/// True when a resource is reached through a VPC only.
#[must_use]
pub fn inside<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>) -> bool {
    let has = |keys: &[&str]| resource.properties.at(keys).is_some_and(|v| !v.is_null());
    match resource.kind {
        "AWS::OpenSearchService::Domain" | "AWS::Elasticsearch::Domain" => has(&["VPCOptions"]),
        "AWS::OpenSearchServerless::VpcEndpoint" => true,
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => !resolver.is(resource, &["Scheme"], "internet-facing").yes(),
        // An interface endpoint to one's own service, or to a private API.
        "AWS::EC2::VPCEndpoint" => {
            let service = resource.properties.at(&["ServiceName"]).map(|v| spelled(&v, 0)).unwrap_or_default();
            service.contains("execute-api") || service.contains("vpce")
        }
        kind => INSIDE.contains(&kind),
    }
}

/// The characters of a value that are written, whatever is filled in between; both ways of a choice.
fn spelled(value: &Value<'_>, depth: usize) -> String {
    let all = |values: &[Value<'_>]| values.iter().map(|v| spelled(v, depth + 1)).collect::<Vec<_>>().join(":");
    match value.kind {
        Kind::Text(text) => text.to_owned(),
        Kind::List(items) if depth < 16 => all(items),
        Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) if depth < 16 => all(pieces),
        Kind::Intrinsic(Intrinsic::Join(_, items)) if depth < 16 => spelled(items, depth + 1),
        Kind::Intrinsic(Intrinsic::If(_, yes, no)) if depth < 16 => all(&[*yes, *no]),
        Kind::List(_)
        | Kind::Intrinsic(_)
        | Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Map(_)
        | Kind::Unknown(_) => String::new(),
    }
}

/// What suggests that a function must be in a VPC: references, variables, event sources, file systems,
/// policies, and rules of security groups; in that order.
#[must_use]
pub fn need<'a>(facts: &Facts<'_, '_, 'a>, function: usize) -> Need {
    let Some(resource) = facts.at(function) else { return Need::No };
    if resource.property("FileSystemConfigs").is_some() {
        return Need::Yes("it mounts a file system".to_owned());
    }
    if !facts.template.unknown_parts.is_empty() {
        return Need::Perhaps("parts of the template are not known".to_owned());
    }
    let data_api = data_api(facts, resource);
    let all = facts.kept.inside.get_or_init(|| {
        let all = facts.template.resources.iter().enumerate().filter(|(_, r)| inside(facts.resolver, r));
        all.map(|(at, _)| at).collect()
    });
    let mut others = all.iter().filter_map(|at| facts.at(*at));
    if let Some(other) = others.find(|r| !(data_api && DATABASES.contains(&r.kind))) {
        let reached = facts.graph.position(other.id).is_some_and(|at| facts.graph.reach(function).contains(&at));
        let what = format!("`{}` is in a VPC", other.id);
        return if reached { Need::Yes(what) } else { Need::Perhaps(what) };
    }
    let found = [
        variables(facts, resource, data_api),
        sources(facts, function),
        policies(facts, resource, data_api),
        groups(facts, resource),
    ];
    let mut perhaps = None;
    for need in found {
        match need {
            Need::Yes(_) => return need,
            Need::Perhaps(_) => perhaps = perhaps.or(Some(need)),
            Need::No => {}
        }
    }
    perhaps.unwrap_or(Need::No)
}

/// Whether a function talks to its database through the Data API, an HTTPS address of AWS that needs no VPC: its role
/// may, and no variable holds the address of a database.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html>
#[must_use]
pub fn data_api<'a>(facts: &Facts<'_, '_, 'a>, function: &Resource<'a>) -> bool {
    let may = facts.grants_of_function(function).tells("the Data API", |action| {
        let action = action.to_ascii_lowercase();
        action.starts_with("rds-data:") && covers(&action, "rds-data:executestatement")
    });
    let address = |hole: Hole<'_>| matches!(hole, Hole::Attribute(_, attribute) if attribute.contains("Endpoint"));
    may && !facts
        .environment(function)
        .iter()
        .any(|variable| variable.case.present().is_some_and(|value| Text::of(&value).holes().any(address)))
}

/// What the Data API spares a function.
const DATABASES: &[&str] = &["AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::GlobalCluster"];

/// Whether all search domains of the template have public addresses, and there are some.
fn public_search(facts: &Facts<'_, '_, '_>) -> bool {
    *facts.kept.public_search.get_or_init(|| {
        let kinds = ["AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"];
        let mut domains = facts.template.resources.iter().filter(|r| kinds.contains(&r.kind)).peekable();
        domains.peek().is_some() && domains.all(|domain| !inside(facts.resolver, domain))
    })
}

/// Names of variables that tell of something inside, and values that do.
fn variables<'a>(facts: &Facts<'_, '_, 'a>, function: &Resource<'a>, data_api: bool) -> Need {
    static NAMES: LazyLock<Expression> = LazyLock::new(|| {
        Expression::new(
            r"(?i-u)(?:^|_|-)(?:db|database|dsn|rds|aurora|pg(?:host\w*|port|user|database|password)?|postgres\w*|psql|mysql|mariadb|mssql|sqlserver|oracle|jdbc|sql|redis|valkey|elasticache|memcached?|cache|docdb|documentdb|mongo\w*|neptune|kafka|msk|brokers?|bootstrap|rabbit\w*|amqp|activemq|mq|opensearch|elasticsearch|elastic|redshift|cassandra|efs|nfs|mount|ldap|smb|ftp|sftp|hosts?|hostname|proxy|vpc\w*|private|internal|intranet|consul|vault)(?:$|_|-|\d)",
        )
    });
    static VALUES: LazyLock<Expression> = LazyLock::new(|| {
        Expression::new(
            r"(?i-u)\.(?:rds|cache|docdb|neptune|redshift|efs|kafka|mq|dax)[.a-z0-9-]*\.amazonaws\.com|\.internal\b|\.local\b|\.corp\b|\.lan\b|\b10\.\d+\.\d+\.\d+|\b192\.168\.\d+\.\d+|\b172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+|^(?:jdbc|postgres\w*|mysql2?|mariadb|rediss?|mongodb(?:\+srv)?|amqps?|ldaps?|memcached|nfs)[:+]",
        )
    });
    // Things of AWS that have public endpoints: of those even an unknown value tells nothing of a VPC.
    static HARMLESS: LazyLock<Expression> = LazyLock::new(|| {
        Expression::new(
            r"(?i-u)(?:table|bucket|queue|topic|stream|stage|env|environment|region|account|log|level|debug|timeout|arn|role|function|lambda|bus|key_?id|kms|pool|client_?id|version|name_?space|metrics?|service|prefix|suffix|node_options|email|tz|title|locale|powertools\w*|sns|sqs|dynamo\w*|s3|state_?machine|user_?pool\w*|cors|origin|domain|feature\w*|flag)",
        )
    });
    let mut perhaps = Need::No;
    if function.properties.at(&["Environment", "Variables"]).is_some_and(|v| v.as_map().is_none()) {
        perhaps = Need::Perhaps("its variables are not known".to_owned());
    }
    for variable in facts.environment(function) {
        let words = spaced(variable.name);
        let lower = words.to_ascii_lowercase();
        let search = ["opensearch", "elasticsearch", "elastic"].iter().any(|word| lower.contains(word));
        let known = lower.contains("dynamo")
            || (data_api && ["db", "database", "aurora", "rds"].iter().any(|word| lower.contains(word)))
            || (search && public_search(facts));
        if NAMES.is_match(&words) && !known {
            return Need::Yes(format!("the variable `{}` names something private", variable.name));
        }
        let unknown = match variable.case.value {
            Known::Absent => false,
            Known::Unknown(_) => true,
            Known::Present(value) => {
                let text = Text::of(&value);
                if text.literals().any(|literal| VALUES.is_match(literal)) {
                    return Need::Yes(format!("the variable `{}` holds a private address", variable.name));
                }
                text.holes().any(|hole| match hole {
                    Hole::Parameter { .. }
                    | Hole::Import(_)
                    | Hole::Dynamic { .. }
                    | Hole::External(_)
                    | Hole::Other => true,
                    Hole::Pseudo(_) | Hole::Resource(_) | Hole::Attribute(..) => false,
                })
            }
        };
        if unknown && !HARMLESS.is_match(&words) {
            perhaps = Need::Perhaps(format!("the value of the variable `{}` is not known", variable.name));
        }
    }
    perhaps
}

/// `dbHost` as `db_host`.
fn spaced(name: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            out.push('_');
        }
        lower = c.is_ascii_lowercase();
        out.push(c);
    }
    out
}

/// Event source mappings from brokers and databases.
fn sources<'a>(facts: &Facts<'_, '_, 'a>, function: usize) -> Need {
    let by_function = facts.kept.mappings.get_or_init(|| {
        let mut all: HashMap<&'a str, Vec<usize>> = HashMap::default();
        for (at, mapping) in facts.template.resources.iter().enumerate() {
            if mapping.kind != "AWS::Lambda::EventSourceMapping" {
                continue;
            }
            let mut ids = BTreeSet::new();
            if let Some(entry) = mapping.property("FunctionName") {
                references(&entry.value, &mut ids);
            }
            ids.into_iter().for_each(|id| all.entry(id).or_default().push(at));
        }
        all
    });
    let own = facts.at(function).and_then(|f| by_function.get(f.id)).into_iter().flatten();
    for mapping in own.filter_map(|at| facts.at(*at)) {
        let source = mapping.properties.at(&["EventSourceArn"]).map(|v| spelled(&v, 0)).unwrap_or_default();
        let inside = [":kafka:", ":mq:", ":rds:"].iter().any(|part| source.contains(part));
        if inside
            || mapping.property("SelfManagedEventSource").is_some()
            || mapping.property("DocumentDBEventSourceConfig").is_some()
        {
            return Need::Yes(format!("`{}` reads from something inside a VPC", mapping.id));
        }
    }
    Need::No
}

fn policies<'a>(facts: &Facts<'_, '_, 'a>, function: &Resource<'a>, data_api: bool) -> Need {
    let question = (facts.roles_of_function(function), data_api);
    facts.kept.needs.answer(question, || suggested(facts, &facts.grants_of_function(function), data_api))
}

/// What suggests a VPC in what a function may do.
fn suggested(facts: &Facts<'_, '_, '_>, grants: &Grants, data_api: bool) -> Need {
    // `*` says nothing about what is needed.
    let told = |wanted: &&&'static str| {
        let means = |a: &String| !a.starts_with('*') && covers(a, wanted) && !a.eq_ignore_ascii_case("es:*");
        grants.tells(wanted, means)
    };
    let inside = INSIDE_ACTIONS.iter().filter(|action| !(action.starts_with("es:") && public_search(facts)));
    if let Some(action) = inside.clone().find(told) {
        return Need::Yes(format!("its role allows `{action}`"));
    }
    // The Data API wants the secret's ARN, and the right to read it.
    let lookups = LOOKUPS.iter().filter(|action| !(data_api && action.starts_with("secretsmanager:")));
    if let Some(action) = lookups.clone().find(told) {
        return Need::Perhaps(format!("its role allows `{action}`, which may tell it where to connect to"));
    }
    let services = [
        "ds",
        "rds",
        "elasticache",
        "memorydb",
        "kafka",
        "mq",
        "redshift",
        "dms",
        "fsx",
        "elasticfilesystem",
        "workspaces",
        "docdb-elastic",
        "es",
    ];
    let public = |service: &&&str| **service != "es" || !public_search(facts);
    let reached = grants.services();
    let is_reached = |service: &&&str| reached.iter().any(|prefix| prefix.eq_ignore_ascii_case(service));
    if let Some(service) = services.iter().filter(public).find(is_reached) {
        return Need::Perhaps(format!("its role allows actions of `{service}`"));
    }
    if grants.complete { Need::No } else { Need::Perhaps("its role is not known in full".to_owned()) }
}

/// Rules of the function's security groups, and rules of others that let them in.
fn groups(facts: &Facts<'_, '_, '_>, function: &Resource<'_>) -> Need {
    let mut ids = BTreeSet::new();
    if let Some(entry) = function.property("VpcConfig") {
        references(&entry.value, &mut ids);
    }
    let is_group = |at: &usize| facts.at(*at).is_some_and(|r| r.kind == "AWS::EC2::SecurityGroup");
    let own: BTreeSet<usize> = ids.into_iter().filter_map(|id| facts.graph.position(id)).filter(is_group).collect();
    facts.kept.groups_need.answer(own.clone(), || beside(facts, &own))
}

/// What rules suggest a VPC that are of some security groups, or name them.
fn beside(facts: &Facts<'_, '_, '_>, groups: &BTreeSet<usize>) -> Need {
    let own: BTreeSet<&str> = groups.iter().filter_map(|at| facts.at(*at)).map(|group| group.id).collect();
    let mut around = groups.clone();
    around.extend(groups.iter().flat_map(|at| facts.graph.referred(*at)));
    let around = around.into_iter().filter_map(|at| facts.at(at));
    for other in around.filter(|r| r.kind.starts_with("AWS::EC2::SecurityGroup")) {
        let named = |key: &str, value: &Value<'_>| {
            let mut ids = BTreeSet::new();
            if let Some(entry) = value.get(key) {
                references(&entry.value, &mut ids);
            }
            ids.iter().any(|id| own.contains(id))
        };
        let rules = |key: &str| other.properties.at(&[key]).map(|v| v.items()).unwrap_or_default();
        let lets_in = rules("SecurityGroupIngress").iter().any(|rule| named("SourceSecurityGroupId", rule))
            || (other.kind == "AWS::EC2::SecurityGroupIngress" && named("SourceSecurityGroupId", &other.properties));
        if lets_in && !own.contains(other.id) {
            return Need::Yes(format!("`{}` lets its security group in", other.id));
        }
        let mut out = if own.contains(other.id) { rules("SecurityGroupEgress") } else { Vec::new() };
        if other.kind == "AWS::EC2::SecurityGroupEgress" && named("GroupId", &other.properties) {
            out.push(other.properties);
        }
        for rule in out {
            let group = rule.get("DestinationSecurityGroupId").is_some();
            let port = rule.at(&["FromPort"]).and_then(|v| v.as_number()).unwrap_or(443.0);
            let web = [443.0, 80.0, 0.0, -1.0, 53.0].contains(&port);
            if group || !web {
                return Need::Yes(format!(
                    "its security group is let out to {}",
                    if group { "another group".to_owned() } else { format!("port {port}") }
                ));
            }
        }
    }
    Need::No
}

/// The services that the endpoints of the template lead to, as their names end; `None` when one cannot be read.
#[must_use]
pub fn endpoints(template: &Template<'_>) -> Option<Vec<String>> {
    let all = template.resources.iter().filter(|r| r.kind == "AWS::EC2::VPCEndpoint");
    let name = |r: &Resource<'_>| {
        let name = spelled(&r.properties.at(&["ServiceName"])?, 0);
        name.rsplit_once("amazonaws.")
            .map(|(_, rest)| rest.trim_matches([':', '.']).to_owned())
            .filter(|n| !n.is_empty())
    };
    all.map(name).collect()
}

/// Whether one of some endpoints may lead to a service, which policies call by its prefix.
#[must_use]
pub fn leads_to(endpoints: &[String], prefix: &str) -> bool {
    // Policies and endpoints call some services differently.
    let names: &[&str] = match prefix {
        "kinesis" => &["kinesis-streams"],
        "firehose" => &["kinesis-firehose"],
        "ses" => &["email", "email-smtp"],
        "aoss" => &["opensearchserverless"],
        "cloudwatch" => &["monitoring"],
        prefix => &[prefix],
    };
    endpoints.iter().any(|endpoint| names.iter().any(|name| endpoint.contains(name)))
}

/// The subnets that a function is put in, by position, each with its assumption: a list for each case in which all of them are of
/// this template.
#[must_use]
pub fn subnets<'a>(facts: &Facts<'_, '_, 'a>, function: &Resource<'a>) -> Vec<Vec<(usize, Under)>> {
    let mut all = Vec::new();
    for case in facts.resolver.property(function, &["VpcConfig", "SubnetIds"]) {
        let Some(list) = case.present().filter(|v| v.as_list().is_some()) else { continue };
        let position = |item: &Case<'a>| {
            let subnet = facts.resolver.target(&item.present()?).filter(|r| r.kind == "AWS::EC2::Subnet")?;
            Some((facts.graph.position(subnet.id)?, item.under.clone()))
        };
        all.extend(facts.resolver.items(&list, &case.under).iter().map(position).collect::<Option<Vec<_>>>());
    }
    all
}

/// Where the packets of a subnet of this template go.
#[must_use]
pub fn way_out<'a>(facts: &Facts<'_, '_, 'a>, subnet: usize) -> WayOut<'a> {
    // Many functions share a few subnets.
    facts.kept.ways_out.answer(subnet, || find_way_out(facts, subnet))
}

fn find_way_out<'a>(facts: &Facts<'_, '_, 'a>, subnet: usize) -> WayOut<'a> {
    let refers = |value: Option<Value<'a>>| -> Option<&'a str> {
        let mut ids = BTreeSet::new();
        references(&value?, &mut ids);
        ids.into_iter().next()
    };
    let Some(resource) = facts.at(subnet) else { return WayOut::Unknown };
    let resources = || facts.template.resources.iter();
    let mut tables = Vec::new();
    for association in resources().filter(|r| r.kind == "AWS::EC2::SubnetRouteTableAssociation") {
        let names = association.properties.at(&["SubnetId"]);
        if refers(names) == Some(resource.id) {
            tables.push(refers(association.properties.at(&["RouteTableId"])));
        } else if names.is_some_and(|v| refers(Some(v)).is_none()) {
            return WayOut::Unknown;
        }
    }
    let [Some(table)] = tables.as_slice() else {
        // Without an association the VPC's main table counts, which leads nowhere in a VPC made here.
        let vpc_is_new = refers(resource.properties.at(&["VpcId"]))
            .and_then(|id| facts.resolver.resource(id))
            .is_some_and(|r| r.kind == "AWS::EC2::VPC");
        return if tables.is_empty() && vpc_is_new && facts.template.unknown_parts.is_empty() {
            WayOut::None
        } else {
            WayOut::Unknown
        };
    };
    if facts.resolver.resource(table).is_none() {
        return WayOut::Unknown;
    }
    let mut gateway = None;
    for route in resources().filter(|r| r.kind == "AWS::EC2::Route") {
        let of = route.properties.at(&["RouteTableId"]);
        match refers(of) {
            Some(id) if id == *table => {}
            Some(_) => continue,
            None => return WayOut::Unknown,
        }
        match facts.resolver.is(route, &["DestinationCidrBlock"], "0.0.0.0/0") {
            Truth::Maybe => return WayOut::Unknown,
            Truth::No => continue,
            Truth::Yes => {}
        }
        match route.properties.at(&["GatewayId"]) {
            None => return WayOut::Out,
            Some(value) => {
                let is_gateway = refers(Some(value))
                    .and_then(|id| facts.resolver.resource(id))
                    .is_some_and(|r| r.kind == "AWS::EC2::InternetGateway");
                if !is_gateway {
                    return WayOut::Unknown;
                }
                gateway = Some(route.properties.get("GatewayId").map_or(route.key, |e| e.key_origin));
            }
        }
    }
    gateway.map_or(WayOut::None, WayOut::InternetGateway)
}
