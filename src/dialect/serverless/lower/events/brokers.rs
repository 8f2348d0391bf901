//! `kafka`, `msk`, `activemq` and `rabbitmq`: brokers that functions read.

use super::super::naming;
use super::super::read;
use super::super::service::{Event, Function, Service};
use super::super::stack::{Draft, Feature, Grant, Stack};
use super::streams::{filters, waits};
use crate::template::{Intrinsic, Kind, Value};

/// What a function in a network needs to reach a broker.
const NETWORK: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
];

/// What the brokers of one function need.
#[derive(Default)]
struct Needs<'a> {
    secrets: Vec<Value<'a>>,
    brokers: Vec<Value<'a>>,
    network: bool,
    first: Option<Event<'a>>,
}

/// Makes the mappings of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let secret: &[&str] = &["secretsmanager:GetSecretValue"];
    let kinds: [(&str, &[&str]); 4] = [
        ("kafka", &[]),
        ("activemq", &["mq:DescribeBroker"]),
        ("rabbitmq", &["mq:DescribeBroker"]),
        ("msk", &["kafka:DescribeCluster", "kafka:GetBootstrapBrokers"]),
    ];
    for (kind, actions) in kinds {
        for (at, function) in service.functions.iter().enumerate() {
            let mut needs = Needs::default();
            for event in function.events.iter().filter(|e| e.kind == kind) {
                needs.first.get_or_insert(*event);
                match kind {
                    "kafka" => kafka(service, stack, function, event, &mut needs),
                    "msk" => msk(service, stack, function, event, &mut needs),
                    _ => mq(service, stack, function, event, &mut needs),
                }
            }
            let Some(first) = needs.first else { continue };
            let make = service.make(first.origin);
            let mut grant =
                |value| stack.grants.push(Grant { function: at, feature: Feature::Broker, value, guard: first.guard });
            if !needs.secrets.is_empty() {
                grant(make.allow(secret, make.list(&needs.secrets)));
            }
            if !needs.brokers.is_empty() {
                grant(make.allow(actions, make.list(&needs.brokers)));
            }
            if needs.network {
                grant(make.allow(&NETWORK, make.text("*")));
            }
        }
    }
}

fn mapping<'a>(service: &Service<'a>, function: &Function<'a>, event: &Event<'a>, id: &str) -> Draft<'a> {
    let cause = function.event_cause(service.build, "event source mapping", event);
    let make = service.make(cause.origin);
    let given = |key: &str| read::given(event.value, key);
    Draft::new(
        function.owned(service.build, &format!("EventSourceMapping{id}")),
        "AWS::Lambda::EventSourceMapping",
        cause,
    )
    .set("FunctionName", function.target(make))
    .maybe("BatchSize", given("batchSize"))
    .maybe("MaximumBatchingWindowInSeconds", given("maximumBatchingWindow"))
    .maybe("Enabled", read::get(event.value, "enabled"))
    .maybe("FilterCriteria", filters(service, event))
    .after(&waits(service, make, function))
}

fn kafka<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    function: &Function<'a>,
    event: &Event<'a>,
    needs: &mut Needs<'a>,
) {
    let make = service.make(event.origin);
    let field = |key: &str| read::get(event.value, key);
    let topic = field("topic").unwrap_or(event.value);
    let mut access = Vec::new();
    let configurations = field("accessConfigurations").map(read::settle).map(|a| a.entries()).unwrap_or_default();
    for entry in configurations {
        let (kind, prefix, secret) = match entry.key {
            "vpcSubnet" => ("VPC_SUBNET", "subnet:", false),
            "vpcSecurityGroup" => ("VPC_SECURITY_GROUP", "security_group:", false),
            "saslPlainAuth" => ("BASIC_AUTH", "", true),
            "saslScram256Auth" => ("SASL_SCRAM_256_AUTH", "", true),
            "saslScram512Auth" => ("SASL_SCRAM_512_AUTH", "", true),
            "clientCertificateTlsAuth" => ("CLIENT_CERTIFICATE_TLS_AUTH", "", true),
            "serverRootCaCertificate" => ("SERVER_ROOT_CA_CERTIFICATE", "", true),
            other => (other, "", false),
        };
        needs.network |= !prefix.is_empty();
        for value in read::items(entry.value) {
            let make = make.at(value.origin);
            if secret {
                needs.secrets.push(value);
            }
            let uri = if prefix.is_empty() { value } else { make.concat(&[make.text(prefix), value]) };
            access.push(make.map(&[("Type", make.text(kind)), ("URI", uri)]));
        }
    }
    let id = format!("Kafka{}", cut(&naming::alnum(read::plain(service.build, topic)), 158));
    let servers = field("bootstrapServers").unwrap_or_else(|| make.list(&[]));
    let endpoints = make.at(servers.origin).map(&[("KafkaBootstrapServers", servers)]);
    stack.add(
        mapping(service, function, event, &id)
            .set("StartingPosition", field("startingPosition").unwrap_or_else(|| make.text("TRIM_HORIZON")))
            .maybe("StartingPositionTimestamp", field("startingPositionTimestamp"))
            .set("SelfManagedEventSource", make.at(servers.origin).map(&[("Endpoints", endpoints)]))
            .set("Topics", make.list(&[topic]))
            .set("SourceAccessConfigurations", make.list(&access))
            .maybe("SelfManagedKafkaEventSourceConfig", group(service, event)),
    );
}

fn msk<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    function: &Function<'a>,
    event: &Event<'a>,
    needs: &mut Needs<'a>,
) {
    let make = service.make(event.origin);
    let field = |key: &str| read::get(event.value, key);
    let (arn, topic) = (field("arn").unwrap_or(event.value), field("topic").unwrap_or(event.value));
    let plain = read::plain(service.build, arn);
    let cluster = match arn.kind {
        Kind::Intrinsic(Intrinsic::ImportValue(_) | Intrinsic::Ref(_)) => plain,
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => plain.split('/').nth(1).unwrap_or(plain),
    };
    needs.brokers.push(arn);
    needs.network = true;
    let topic_id = naming::alnum(read::plain(service.build, topic));
    let id = format!("MSK{}{}", cut(&naming::alnum(cluster), 79), cut(&topic_id, 79));
    let access = field("saslScram512").map(|secret| {
        let make = make.at(secret.origin);
        make.list(&[make.map(&[("Type", make.text("SASL_SCRAM_512_AUTH")), ("URI", secret)])])
    });
    stack.add(
        mapping(service, function, event, &id)
            .set("EventSourceArn", arn)
            .set("StartingPosition", field("startingPosition").unwrap_or_else(|| make.text("TRIM_HORIZON")))
            .maybe("StartingPositionTimestamp", field("startingPositionTimestamp"))
            .set("Topics", make.list(&[topic]))
            .maybe("AmazonManagedKafkaEventSourceConfig", group(service, event))
            .maybe("SourceAccessConfigurations", access),
    );
}

fn mq<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    function: &Function<'a>,
    event: &Event<'a>,
    needs: &mut Needs<'a>,
) {
    let make = service.make(event.origin);
    let field = |key: &str| read::get(event.value, key);
    let (arn, queue) = (field("arn").unwrap_or(event.value), field("queue").unwrap_or(event.value));
    let mut access = Vec::new();
    if let Some(secret) = field("basicAuthArn") {
        needs.secrets.push(secret);
        let make = make.at(secret.origin);
        access.push(make.map(&[("Type", make.text("BASIC_AUTH")), ("URI", secret)]));
    }
    if let Some(host) = field("virtualHost").filter(|_| event.kind == "rabbitmq") {
        let make = make.at(host.origin);
        access.push(make.map(&[("Type", make.text("VIRTUAL_HOST")), ("URI", host)]));
    }
    needs.brokers.push(arn);
    needs.network = true;
    let kind = if event.kind == "rabbitmq" { "RabbitMQ" } else { "ActiveMQ" };
    let id = format!("{kind}{}", cut(&naming::alnum(read::plain(service.build, queue)), 150));
    stack.add(
        mapping(service, function, event, &id)
            .set("EventSourceArn", arn)
            .set("Queues", make.list(&[queue]))
            .set("SourceAccessConfigurations", make.list(&access)),
    );
}

fn group<'a>(service: &Service<'a>, event: &Event<'a>) -> Option<Value<'a>> {
    let id = read::given(event.value, "consumerGroupId")?;
    Some(service.make(id.origin).map(&[("ConsumerGroupId", id)]))
}

/// The beginning of an id that must not become too long.
fn cut(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or(text)
}
