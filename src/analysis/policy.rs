//! Statements of policies, from every place of a template that can hold them.

use super::iam::actions::{self, Action, Level, ResourceType};
use super::iam::conditions::{self, Narrows};
use super::iam::escalation;
use super::iam::power;
use super::iam::wildcard::{self, Case as Letters};
use super::memo::Memo;

use crate::resolve::{Case, Hole, Known, Piece, Resolver, Text, Truth, Under};
use crate::rulebook::{Narrowing, PolicyKind, Sort, Who, Width};
use crate::template::{Intrinsic, Kind, Origin, Resource, Template, Value};

/// One statement, under one assumption.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// The statement itself: a map with `Effect`, `Action`, ….
    pub value: Value<'a>,
    /// The assumption under which it stands there.
    pub under: Under,
    /// The sort of policy it stands in.
    pub kind: PolicyKind,
    /// The index in the template's resources of the resource that holds it.
    pub owner: usize,
    /// The first key of the statement: one line to point at.
    pub origin: Origin<'a>,
}

/// Where policies stand: resource type, path (`*` steps into every item), sort.
/// From the property references of the CloudFormation user guide.
const PLACES: &[(&str, &[&str], PolicyKind)] = &[
    ("AWS::IAM::Role", &["AssumeRolePolicyDocument"], PolicyKind::Trust),
    ("AWS::IAM::Role", &["Policies", "*", "PolicyDocument"], PolicyKind::Identity),
    ("AWS::IAM::User", &["Policies", "*", "PolicyDocument"], PolicyKind::Identity),
    ("AWS::IAM::Group", &["Policies", "*", "PolicyDocument"], PolicyKind::Identity),
    ("AWS::IAM::Policy", &["PolicyDocument"], PolicyKind::Identity),
    ("AWS::IAM::ManagedPolicy", &["PolicyDocument"], PolicyKind::Identity),
    ("AWS::IAM::RolePolicy", &["PolicyDocument"], PolicyKind::Identity),
    ("AWS::IAM::UserPolicy", &["PolicyDocument"], PolicyKind::Identity),
    ("AWS::IAM::GroupPolicy", &["PolicyDocument"], PolicyKind::Identity),
    // CloudFormation refuses a document here; it is read as it was meant, lest it move to its place unseen.
    ("AWS::IAM::Role", &["PolicyDocument"], PolicyKind::Identity),
    ("AWS::IAM::User", &["PolicyDocument"], PolicyKind::Identity),
    ("AWS::IAM::Group", &["PolicyDocument"], PolicyKind::Identity),
    ("AWS::SSO::PermissionSet", &["InlinePolicy"], PolicyKind::Identity),
    ("AWS::IoT::Policy", &["PolicyDocument"], PolicyKind::Identity),
    ("AWS::S3::BucketPolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::S3::AccessPoint", &["Policy"], PolicyKind::Resource),
    ("AWS::S3::MultiRegionAccessPointPolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::S3Express::BucketPolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::S3Express::AccessPoint", &["Policy"], PolicyKind::Resource),
    ("AWS::S3ObjectLambda::AccessPointPolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::S3Outposts::BucketPolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::S3Outposts::AccessPoint", &["Policy"], PolicyKind::Resource),
    ("AWS::S3Tables::TableBucketPolicy", &["ResourcePolicy"], PolicyKind::Resource),
    ("AWS::S3Tables::TablePolicy", &["ResourcePolicy"], PolicyKind::Resource),
    ("AWS::S3Vectors::VectorBucketPolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::SQS::QueuePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::SQS::QueueInlinePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::SNS::TopicPolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::SNS::TopicInlinePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::KMS::Key", &["KeyPolicy"], PolicyKind::Resource),
    ("AWS::KMS::ReplicaKey", &["KeyPolicy"], PolicyKind::Resource),
    ("AWS::ECR::Repository", &["RepositoryPolicyText"], PolicyKind::Resource),
    ("AWS::ECR::PublicRepository", &["RepositoryPolicyText"], PolicyKind::Resource),
    ("AWS::ECR::RegistryPolicy", &["PolicyText"], PolicyKind::Resource),
    ("AWS::SecretsManager::ResourcePolicy", &["ResourcePolicy"], PolicyKind::Resource),
    ("AWS::ApiGateway::RestApi", &["Policy"], PolicyKind::Resource),
    ("AWS::ApiGateway::RestApi", &["Body", "x-amazon-apigateway-policy"], PolicyKind::Resource),
    ("AWS::Elasticsearch::Domain", &["AccessPolicies"], PolicyKind::Resource),
    ("AWS::OpenSearchService::Domain", &["AccessPolicies"], PolicyKind::Resource),
    ("AWS::Events::EventBus", &["Policy"], PolicyKind::Resource),
    ("AWS::Events::EventBusPolicy", &["Statement"], PolicyKind::Resource),
    ("AWS::EventSchemas::RegistryPolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::Logs::ResourcePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::Logs::Destination", &["DestinationPolicy"], PolicyKind::Resource),
    ("AWS::CloudTrail::ResourcePolicy", &["ResourcePolicy"], PolicyKind::Resource),
    ("AWS::XRay::ResourcePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::MSK::ClusterPolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::Lex::ResourcePolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::Redshift::Cluster", &["NamespaceResourcePolicy"], PolicyKind::Resource),
    ("AWS::SSM::ResourcePolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::EFS::FileSystem", &["FileSystemPolicy"], PolicyKind::Resource),
    ("AWS::Backup::BackupVault", &["AccessPolicy"], PolicyKind::Resource),
    ("AWS::EC2::VPCEndpoint", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::MediaStore::Container", &["Policy"], PolicyKind::Resource),
    ("AWS::DynamoDB::Table", &["ResourcePolicy", "PolicyDocument"], PolicyKind::Resource),
    ("AWS::DynamoDB::Table", &["StreamSpecification", "ResourcePolicy", "PolicyDocument"], PolicyKind::Resource),
    ("AWS::DynamoDB::GlobalTable", &["Replicas", "*", "ResourcePolicy", "PolicyDocument"], PolicyKind::Resource),
    (
        "AWS::DynamoDB::GlobalTable",
        &["Replicas", "*", "ReplicaStreamSpecification", "ResourcePolicy", "PolicyDocument"],
        PolicyKind::Resource,
    ),
    ("AWS::Kinesis::ResourcePolicy", &["ResourcePolicy"], PolicyKind::Resource),
    ("AWS::CodeArtifact::Domain", &["PermissionsPolicyDocument"], PolicyKind::Resource),
    ("AWS::CodeArtifact::Repository", &["PermissionsPolicyDocument"], PolicyKind::Resource),
    ("AWS::Glue::DataCatalogEncryptionSettings", &["Policy"], PolicyKind::Resource),
    ("AWS::VpcLattice::AuthPolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::VpcLattice::ResourcePolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::AIOps::InvestigationGroup", &["InvestigationGroupPolicy"], PolicyKind::Resource),
    ("AWS::APS::ResourcePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::ApiGateway::DomainNameV2", &["Policy"], PolicyKind::Resource),
    ("AWS::Backup::LogicallyAirGappedBackupVault", &["AccessPolicy"], PolicyKind::Resource),
    ("AWS::Bedrock::KnowledgeBasePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::Bedrock::ResourcePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::BedrockAgentCore::ResourcePolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::Comprehend::DocumentClassifier", &["ModelPolicy"], PolicyKind::Resource),
    ("AWS::Comprehend::EntityRecognizer", &["ModelPolicy"], PolicyKind::Resource),
    ("AWS::DSQL::Cluster", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::ECR::RepositoryCreationTemplate", &["RepositoryPolicy"], PolicyKind::Resource),
    ("AWS::EventsV2::ResourcePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::FSx::S3AccessPointAttachment", &["S3AccessPoint", "Policy"], PolicyKind::Resource),
    ("AWS::Lambda::ResourcePolicy", &["PolicyDocument"], PolicyKind::Resource),
    (
        "AWS::Logs::DeliveryDestination",
        &["DeliveryDestinationPolicy", "DeliveryDestinationPolicy"],
        PolicyKind::Resource,
    ),
    ("AWS::Logs::LogGroup", &["ResourcePolicyDocument"], PolicyKind::Resource),
    ("AWS::MediaPackageV2::ChannelPolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::MediaPackageV2::OriginEndpointPolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::MediaTailor::ChannelPolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::OSIS::Pipeline", &["ResourcePolicy", "Policy"], PolicyKind::Resource),
    ("AWS::Oam::Sink", &["Policy"], PolicyKind::Resource),
    ("AWS::Omics::SequenceStore", &["S3AccessPolicy"], PolicyKind::Resource),
    ("AWS::Organizations::ResourcePolicy", &["Content"], PolicyKind::Resource),
    ("AWS::PaymentCryptography::Key", &["Policy"], PolicyKind::Resource),
    ("AWS::RUM::AppMonitor", &["ResourcePolicy", "PolicyDocument"], PolicyKind::Resource),
    ("AWS::RedshiftServerless::Namespace", &["NamespaceResourcePolicy"], PolicyKind::Resource),
    ("AWS::S3Files::FileSystemPolicy", &["Policy"], PolicyKind::Resource),
    ("AWS::SMSVOICE::ResourcePolicy", &["PolicyDocument"], PolicyKind::Resource),
    ("AWS::SageMaker::ModelPackageGroup", &["ModelPackageGroupPolicy"], PolicyKind::Resource),
    ("AWS::Lambda::LayerVersionPermission", &[], PolicyKind::Resource),
];

/// A policy document, under one assumption.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// The document; one that was written as JSON text is parsed.
    pub value: Value<'a>,
    /// The assumption under which it stands there.
    pub under: Under,
    /// The sort of policy it is.
    pub kind: PolicyKind,
    /// The index in the template's resources of the resource that holds it.
    pub owner: usize,
    /// Where to point: the key that it stands behind.
    pub origin: Origin<'a>,
}

impl<'a> Statement<'a> {
    /// The statement, ready for questions.
    #[must_use]
    pub fn asked<'r, 't>(&self, resolver: &'r Resolver<'t, 'a>) -> Asked<'r, 't, 'a> {
        Asked { resolver, value: self.value, under: self.under.clone() }
    }
}

/// The statements of all policies of a template, in the template's order.
#[must_use]
pub fn statements<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>) -> Vec<Statement<'a>> {
    documents(template, resolver).iter().flat_map(|document| document.statements(resolver)).collect()
}

/// The statements of one resource, out of all [`statements`] of the template, which come resource by resource.
#[must_use]
pub fn of_owner<'s, 'a>(statements: &'s [Statement<'a>], owner: usize) -> &'s [Statement<'a>] {
    let from = statements.partition_point(|s| s.owner < owner);
    let own = statements.get(from..).unwrap_or_default();
    own.get(..own.partition_point(|s| s.owner == owner)).unwrap_or_default()
}

impl<'a> Document<'a> {
    /// Its statements.
    #[must_use]
    pub fn statements(&self, resolver: &Resolver<'_, 'a>) -> Vec<Statement<'a>> {
        let mut all = Vec::new();
        if self.is_statement() {
            self.push(&self.value, &self.under, resolver, &mut all);
            return all;
        }
        for list in resolver.get(&self.value, "Statement", &self.under) {
            let Some(value) = list.present() else { continue };
            for item in resolver.items(&value, &list.under) {
                if let Some(statement) = item.present().filter(|s| s.as_map().is_some()) {
                    self.push(&statement, &item.under, resolver, &mut all);
                }
            }
        }
        all
    }

    /// A statement whose condition narrows it in some worlds only is one for each of them.
    fn push(&self, value: &Value<'a>, under: &Under, resolver: &Resolver<'_, 'a>, all: &mut Vec<Statement<'a>>) {
        let worlds = match value.get("Condition") {
            Some(condition) => worlds_of(&condition.value, under, resolver),
            None => Vec::new(),
        };
        let limits = |under: &Under| {
            let asked = Asked { resolver, value: *value, under: under.clone() };
            [Narrowing::Any, Narrowing::Source, Narrowing::Principal, Narrowing::Anything]
                .map(|how| asked.narrowed(how))
        };
        // Of a trust policy each claim counts.
        let trust = self.kind == PolicyKind::Trust;
        let differ =
            worlds.len() > 1 && (trust || worlds.iter().skip(1).any(|world| limits(world) != limits(&worlds[0])));
        if differ {
            all.extend(worlds.iter().map(|world| self.statement(value, world)));
        } else {
            all.push(self.statement(value, under));
        }
    }

    /// True when the user wrote some of it, rather than a framework all.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.origin.is_written()
            || self.value.as_map().is_some_and(|m| m.entries.iter().any(|e| e.key_origin.is_written()))
    }

    /// True when it is a lone statement, as an event bus takes it.
    #[must_use]
    pub fn is_statement(&self) -> bool {
        self.value.get("Statement").is_none()
            && (self.value.get("Effect").is_some() || self.value.get("Principal").is_some())
    }

    fn statement(&self, value: &Value<'a>, under: &Under) -> Statement<'a> {
        let first = value.as_map().and_then(|m| m.entries.first());
        let origin = first.map_or(value.origin, |e| e.key_origin);
        Statement { value: *value, under: under.clone(), kind: self.kind, owner: self.owner, origin }
    }
}

/// Into how many worlds a statement is taken apart before it is taken as a whole.
const MAX_WORLDS: usize = 16;

/// The assumptions under which a value, with all that it holds, is one thing; none when they are too many.
fn worlds_of<'a>(value: &Value<'a>, under: &Under, resolver: &Resolver<'_, 'a>) -> Vec<Under> {
    let mut worlds = vec![under.clone()];
    let mut left = vec![*value];
    while let Some(value) = left.pop() {
        match value.kind {
            Kind::Map(map) => left.extend(map.entries.iter().map(|entry| entry.value)),
            Kind::List(items) => left.extend(items),
            Kind::Intrinsic(_) => {
                let mut next = Vec::new();
                let mut inner = Vec::new();
                for world in &worlds {
                    for case in resolver.cases(&value, world) {
                        inner.extend(case.present().filter(|v| matches!(v.kind, Kind::Map(_) | Kind::List(_))));
                        next.push(case.under);
                    }
                }
                if next.len() > MAX_WORLDS || inner.len() > MAX_WORLDS {
                    return Vec::new();
                }
                worlds = next;
                left.extend(inner);
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => {}
        }
    }
    worlds
}

/// The policy documents of a template, in the template's order.
#[must_use]
pub fn documents<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>) -> Vec<Document<'a>> {
    let mut all = Vec::new();
    for (owner, resource) in template.resources.iter().enumerate() {
        for (kind, path, policy) in PLACES {
            if resource.kind != *kind || path.is_empty() {
                continue;
            }
            let Some(under) = resolver.under_of(resource) else { continue };
            let start =
                Case { value: Known::Present(resource.properties), under, place: resource.key, parameter: None };
            let mut collector = Collector { resolver, owner, kind: *policy, all: &mut all };
            collector.walk(&start, path, resource.key);
        }
    }
    all
}

struct Collector<'s, 'r, 't, 'a> {
    resolver: &'r Resolver<'t, 'a>,
    owner: usize,
    kind: PolicyKind,
    all: &'s mut Vec<Document<'a>>,
}

impl<'a> Collector<'_, '_, '_, 'a> {
    fn walk(&mut self, case: &Case<'a>, path: &[&str], key: Origin<'a>) {
        let Some(value) = case.present() else { return };
        match path {
            [] => self.document(&value, &case.under, key),
            ["*", rest @ ..] => {
                for item in self.resolver.items(&value, &case.under) {
                    self.walk(&item, rest, key);
                }
            }
            [name, rest @ ..] => {
                let key = value.get(name).map_or(key, |entry| entry.key_origin);
                for inner in self.resolver.get(&value, name, &case.under) {
                    self.walk(&inner, rest, key);
                }
            }
        }
    }

    fn document(&mut self, document: &Value<'a>, under: &Under, origin: Origin<'a>) {
        let value = self.parsed(document).unwrap_or(*document);
        self.all.push(Document { value, under: under.clone(), kind: self.kind, owner: self.owner, origin });
    }

    /// A document that was written as JSON text; what is filled in stays a hole.
    fn parsed(&self, document: &Value<'a>) -> Option<Value<'a>> {
        let pieces: Vec<Value<'a>> = match document.kind {
            Kind::Text(_) => vec![*document],
            Kind::Intrinsic(Intrinsic::Join(separator, items)) if separator.as_text() == Some("") => {
                items.as_list()?.to_vec()
            }
            _ => return None,
        };
        let mut text = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            match piece.kind {
                Kind::Text(literal) if literal.contains(MARKS) => return None,
                Kind::Text(literal) => text.push_str(literal),
                Kind::Number(_) | Kind::Bool(_) => text.push_str(piece.as_text()?),
                _ => text.extend([&MARKS[0].to_string(), &at.to_string(), &MARKS[1].to_string()].map(String::as_str)),
            }
        }
        if !text.trim_start().starts_with('{') {
            return None;
        }
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some(self.read_json(&json, &pieces, document.origin))
    }

    fn read_json(&self, json: &serde_json::Value, pieces: &[Value<'a>], origin: Origin<'a>) -> Value<'a> {
        let build = self.resolver.build();
        match json {
            serde_json::Value::Null => Value::new(Kind::Null, origin),
            serde_json::Value::Bool(yes) => build.bool(*yes, origin),
            serde_json::Value::Number(number) => Value::new(Kind::Number(build.str(&number.to_string())), origin),
            serde_json::Value::String(text) if text.contains(MARKS) => {
                // Literals and the numbers of pieces in turns.
                let parts = text.split(MARKS).enumerate().filter(|(_, part)| !part.is_empty());
                let value = |(at, part): (usize, &str)| match part.parse::<usize>().ok().filter(|_| at % 2 == 1) {
                    Some(piece) => pieces.get(piece).copied().unwrap_or_else(|| build.unknown("a piece", origin)),
                    None => build.text(part, origin),
                };
                let values: Vec<Value<'a>> = parts.map(value).collect();
                match values.as_slice() {
                    [only] => *only,
                    several => build.join("", several.iter().copied(), origin),
                }
            }
            serde_json::Value::String(text) => build.text(text, origin),
            serde_json::Value::Array(items) => {
                build.list(items.iter().map(|item| self.read_json(item, pieces, origin)), origin)
            }
            serde_json::Value::Object(map) => {
                build.map(map.iter().map(|(k, v)| (k.as_str(), self.read_json(v, pieces, origin))), origin)
            }
        }
    }
}

/// What the number of a piece stands between: letters that no text has.
const MARKS: [char; 2] = ['\u{E000}', '\u{E001}'];

/// An answer about a statement, where it was found, and under which assumption.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// The answer.
    pub truth: Truth,
    /// The part of the statement that gave it.
    pub place: Option<Origin<'a>>,
    /// What stands there.
    pub value: Option<Value<'a>>,
    /// The assumption under which it is the answer.
    pub under: Under,
}

/// An entry of a `Condition`.
#[derive(Debug, Clone)]
pub struct Condition<'a> {
    /// `StringEquals`.
    pub operator: &'a str,
    /// Where it stands.
    pub operator_origin: Origin<'a>,
    /// `aws:SourceArn`.
    pub key: &'a str,
    /// Where it stands.
    pub origin: Origin<'a>,
    /// One value or a list of them.
    pub value: Value<'a>,
    /// The assumption under which it stands there.
    pub under: Under,
}

impl Condition<'_> {
    /// The operator without `ForAnyValue:` and `IfExists`.
    #[must_use]
    pub fn bare_operator(&self) -> &str {
        let bare = self.operator.rsplit_once(':').map_or(self.operator, |(_, bare)| bare);
        bare.strip_suffix("IfExists").unwrap_or(bare)
    }
}

/// How many items of a statement's list are looked at. The longest policy is a key's with 32 kB, and `"s3:*",` is
/// the shortest thing to say in it: nobody can deploy as many. <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const MAX_ITEMS: usize = 6_000;

/// What one can ask of a statement.
pub struct Asked<'r, 't, 'a> {
    /// Resolves what the statement says.
    pub resolver: &'r Resolver<'t, 'a>,
    /// The statement.
    pub value: Value<'a>,
    /// The assumption it stands under.
    pub under: Under,
}

impl<'a> Asked<'_, '_, 'a> {
    /// The items of a key, such as the actions; of a list that no policy can be as long as, the first ones.
    #[must_use]
    pub fn items(&self, key: &str) -> Vec<Case<'a>> {
        let mut all = Vec::new();
        for case in self.resolver.get(&self.value, key, &self.under) {
            match case.present() {
                Some(value) => all.extend(self.resolver.items(&value, &case.under)),
                None if matches!(case.value, Known::Unknown(_)) => all.push(case),
                None => {}
            }
        }
        if let Some(first) = all.get(MAX_ITEMS) {
            let beyond = Case { value: Known::Unknown("longer than a policy may be"), ..first.clone() };
            all.truncate(MAX_ITEMS);
            all.push(beyond);
        }
        all
    }

    /// Whether a key is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.value.get(key).is_some()
    }

    /// Every item of `key` judged; the strongest answer of each, without the certain noes.
    fn any(&self, key: &str, judge: impl Fn(&Text<'a>) -> Truth) -> Vec<Answer<'a>> {
        let mut answers = Vec::new();
        for case in self.items(key) {
            let truth = case.present().map_or(Truth::Maybe, |v| judge(&Text::of(&v)));
            if truth != Truth::No {
                answers.push(Answer { truth, place: Some(case.place), value: case.present(), under: case.under });
            }
        }
        answers
    }

    /// Whether the statement allows one of some actions. `NotAction` allows whatever it does not name.
    #[must_use]
    pub fn allows(&self, actions: &[String]) -> Vec<Answer<'a>> {
        if self.effect("Allow") == Truth::No {
            return Vec::new();
        }
        if self.has("NotAction") {
            let excluded = self.items("NotAction");
            let left = actions.iter().any(|wanted| {
                !excluded.iter().any(|e| e.present().is_some_and(|v| covers(&Text::of(&v).pattern(), wanted)))
            });
            let place = excluded.first().map(|case| case.place);
            return if left {
                vec![Answer { truth: Truth::Yes, place, value: None, under: self.under.clone() }]
            } else {
                Vec::new()
            };
        }
        self.any("Action", |text| match text.known() {
            Some(action) => Truth::from(actions.iter().any(|wanted| covers(&action, wanted))),
            None => Truth::Maybe,
        })
    }

    /// Actions of a sort that the statement allows, wildcards taken into account. `NotAction` is not read:
    /// it allows nearly all there is, which is another matter.
    #[must_use]
    pub fn allows_a(&self, sort: Sort) -> Vec<Answer<'a>> {
        if self.effect("Allow") == Truth::No {
            return Vec::new();
        }
        self.any("Action", |text| match text.known() {
            Some(action) if width_of(&action) == Some(Width::Everything) => Truth::Yes,
            Some(action) => Truth::from(means_a(sort, &action)),
            None => Truth::Maybe,
        })
    }

    /// Whether `Effect` is this.
    #[must_use]
    pub fn effect(&self, wanted: &str) -> Truth {
        let cases = self.resolver.get(&self.value, "Effect", &self.under);
        cases.iter().map(|c| c.present().map_or(Truth::Maybe, |v| Text::of(&v).is(wanted))).fold(Truth::No, Truth::or)
    }

    /// Actions that are wildcards of a width.
    #[must_use]
    pub fn wildcard_action(&self, width: Width) -> Vec<Answer<'a>> {
        self.any("Action", |text| match text.known() {
            Some(action) => Truth::from(width_of(&action) == Some(width)),
            // Whatever the service is called.
            None if width == Width::Service && every_action(text) => Truth::Yes,
            None => Truth::Maybe,
        })
    }

    /// Whether the statement covers every resource.
    #[must_use]
    pub fn any_resource(&self) -> Vec<Answer<'a>> {
        if self.has("NotResource") {
            let place = self.value.get("NotResource").map(|e| e.key_origin);
            return vec![Answer { truth: Truth::Yes, place, value: None, under: self.under.clone() }];
        }
        self.any("Resource", |text| match text.known() {
            Some(resource) => Truth::from(is_everything(&resource)),
            // `arn:${AWS::Partition}:*`
            None if text.holes().all(|hole| hole == Hole::Pseudo("AWS::Partition")) => {
                Truth::from(text.only_hole().is_none() && is_everything(&text.pattern()))
            }
            // `!Ref Param` may be `*`; text with anything else around its holes is not everything.
            None if text.only_hole().is_some() && symbolic_resource(text) => Truth::No,
            None => text.is("*"),
        })
    }

    /// Whether the statement covers every resource that an action of a sort has: `arn:aws:s3:::*` is all there is to
    /// whoever reads objects.
    #[must_use]
    pub fn every_resource(&self, sort: Sort) -> Vec<Answer<'a>> {
        let mut answers = self.any_resource();
        // What a framework writes by itself names what it has to, and nobody here could name less.
        let ours = self.value.origin.is_written();
        if answers.iter().any(|answer| answer.truth.yes()) || self.has("NotAction") || !ours {
            return answers;
        }
        let wild = |text: &Text<'a>| text.literals().any(|piece| piece.contains('*'));
        let resources = self.items("Resource");
        let mut resources =
            resources.iter().filter_map(|c| Some((c, Text::of(&c.present()?)))).filter(|r| wild(&r.1)).peekable();
        if resources.peek().is_none() {
            return answers;
        }
        let patterns = self.items("Action");
        let patterns: Vec<_> = patterns.iter().filter_map(|c| Text::of(&c.present()?).known()).collect();
        // Whoever may do everything is told of that.
        let patterns = || patterns.iter().filter(|p| width_of(p) != Some(Width::Everything));
        for (case, text) in resources {
            // Few patterns name all of something, so that is asked before what the actions are.
            let kinds = power::covered_kinds(&text);
            // By their ARNs: the roles of `sts` are those of `iam`.
            let is_one = |r: &ResourceType| kinds.iter().any(|kind| kind.parts() == r.parts());
            let acts_on_one = |action: &Action| action.resources().any(is_one);
            let mut actions = patterns().filter(|_| !kinds.is_empty()).flat_map(|p| actions::expand(p));
            if actions.any(|action| is_a(sort, action) && acts_on_one(action)) {
                answers.push(Answer {
                    truth: Truth::Yes,
                    place: Some(case.place),
                    value: case.present(),
                    under: case.under.clone(),
                });
            }
        }
        answers
    }

    /// Principals of a sort.
    #[must_use]
    pub fn principal(&self, who: Who, trusted: &[String]) -> Vec<Answer<'a>> {
        let mut answers = Vec::new();
        if self.has("NotPrincipal") {
            // Everyone but those named.
            if who == Who::Anyone {
                let place = self.value.get("NotPrincipal").map(|e| e.key_origin);
                answers.push(Answer { truth: Truth::Yes, place, value: None, under: self.under.clone() });
            }
            return answers;
        }
        for case in self.resolver.get(&self.value, "Principal", &self.under) {
            let Some(principal) = case.present() else {
                if matches!(case.value, Known::Unknown(_)) {
                    answers.push(Answer {
                        truth: Truth::Maybe,
                        place: Some(case.place),
                        value: None,
                        under: case.under,
                    });
                }
                continue;
            };
            if principal.as_map().is_none() {
                for item in self.resolver.items(&principal, &case.under) {
                    let truth =
                        item.present().map_or(Truth::Maybe, |v| is_principal("AWS", &Text::of(&v), who, trusted));
                    answers.push(Answer { truth, place: Some(item.place), value: item.present(), under: item.under });
                }
                continue;
            }
            for entry in principal.as_map().map_or(&[][..], |m| m.entries) {
                for list in self.resolver.cases(&entry.value, &case.under) {
                    let Some(value) = list.present() else { continue };
                    for item in self.resolver.items(&value, &list.under) {
                        let truth = item
                            .present()
                            .map_or(Truth::Maybe, |v| is_principal(entry.key, &Text::of(&v), who, trusted));
                        answers.push(Answer {
                            truth,
                            place: Some(item.place),
                            value: item.present(),
                            under: item.under,
                        });
                    }
                }
            }
        }
        answers.retain(|a| a.truth != Truth::No);
        answers
    }

    /// The entries of `Condition`, and whether there may be others that cannot be read.
    #[must_use]
    pub fn conditions(&self) -> (Vec<Condition<'a>>, bool) {
        let (mut all, mut unknown) = (Vec::new(), false);
        for case in self.resolver.get(&self.value, "Condition", &self.under) {
            let Some(condition) = case.present() else {
                unknown |= matches!(case.value, Known::Unknown(_));
                continue;
            };
            unknown |= condition.as_map().is_none();
            for operator in condition.as_map().map_or(&[][..], |m| m.entries) {
                for keys in self.resolver.cases(&operator.value, &case.under) {
                    if matches!(keys.value, Known::Absent) {
                        continue;
                    }
                    let map = keys.present().and_then(|k| k.as_map());
                    unknown |= map.is_none();
                    for key in map.map_or(&[][..], |m| m.entries) {
                        all.push(Condition {
                            operator: operator.key,
                            operator_origin: operator.key_origin,
                            key: key.key,
                            origin: key.key_origin,
                            value: key.value,
                            under: keys.under.clone(),
                        });
                    }
                }
            }
        }
        (all, unknown)
    }

    /// Whether a condition limits the statement in some respect. A condition that is there but cannot be
    /// read is a maybe.
    #[must_use]
    pub fn narrowed(&self, how: Narrowing) -> Truth {
        let (conditions, unknown) = self.conditions();
        let start = if unknown { Truth::Maybe } else { Truth::No };
        conditions.iter().fold(start, |truth, c| truth.or(self.narrows(c.operator, c.key, &c.value, how)))
    }

    fn narrows(&self, operator: &str, key: &str, value: &Value<'a>, how: Narrowing) -> Truth {
        let items = self.resolver.items(value, &self.under);
        // What is not known before deployment is taken for something narrow.
        // Of an address the length of its network is enough, when it is none.
        let said = |text: Text<'a>| text.known().or_else(|| text.ends_with("/0").yes().then_some("0.0.0.0/0".into()));
        let known: Vec<_> = items.iter().filter_map(|i| said(Text::of(&i.present()?))).collect();
        let sort = conditions::narrows(operator, key, known.iter().map(AsRef::as_ref));
        Truth::from(!items.is_empty() && sort.is_some_and(|sort| is_narrowing(sort, how)))
    }
}

/// Whether what a condition narrows is what was asked for.
const fn is_narrowing(sort: Narrows, how: Narrowing) -> bool {
    match how {
        Narrowing::Anything => true,
        Narrowing::Any => sort.keeps_strangers_out(),
        Narrowing::Source => matches!(sort, Narrows::Source | Narrows::Service | Narrows::Way),
        Narrowing::Principal => matches!(sort, Narrows::Principal | Narrows::Identity | Narrows::Claim),
        Narrowing::Network => matches!(sort, Narrows::Network),
    }
}

/// Whether an action is of a sort.
#[must_use]
pub fn is_a(sort: Sort, action: &Action) -> bool {
    match sort {
        Sort::Credentials => escalation::returns_credentials(action) && action.scopable(),
        Sort::Data => escalation::exfiltrates(action) && action.scopable(),
        // Passing roles has rules of its own, and so have calls that return credentials.
        Sort::Permissions => {
            action.level == Level::Permissions
                && action.scopable()
                && action.name != "PassRole"
                && !escalation::returns_credentials(action)
        }
        // A key or a password of IAM is a permission, and told as what it is.
        Sort::Write => {
            escalation::modifies_infrastructure(action)
                && !(action.service.prefix == "iam" && escalation::returns_credentials(action))
        }
        Sort::Scopable => action.scopable(),
    }
}

/// Whether one of the actions that a pattern means is of a sort.
pub(crate) fn means_a(sort: Sort, pattern: &str) -> bool {
    static KNOWN: Memo<(Sort, String), bool> = Memo::new(10_000);
    KNOWN.answer(&(sort, pattern.to_owned()), |_| 1, || actions::expand(pattern).any(|a| is_a(sort, a)))
}

/// Whether a text with holes ends in `:*`, and the holes are before that.
fn every_action(text: &Text<'_>) -> bool {
    let Some((Piece::Literal(last), before)) = text.pieces.split_last() else { return false };
    let plain = before.iter().all(|piece| matches!(piece, Piece::Hole(_)));
    plain && last.split_once(':').is_some_and(|(_, verb)| !verb.is_empty() && verb.bytes().all(|b| b == b'*'))
}

/// Resources that have nothing in common, and are called what nobody calls them: what covers them all covers
/// whatever there is.
const ANYTHING: [&str; 3] =
    ["arn:aws:s3:::qqzx", "arn:aws:iam::998877665544:role/qqzx/y", "arn:aws:ec2:qq-zx-1:665544998877:instance/i-0"];

/// Whether a pattern covers every resource.
fn is_everything(pattern: &str) -> bool {
    pattern.contains('*') && ANYTHING.iter().all(|arn| wildcard::matches(pattern.trim(), arn, Letters::Exact))
}

fn symbolic_resource(text: &Text<'_>) -> bool {
    match text.only_hole() {
        Some(Hole::Resource(_) | Hole::Attribute(..) | Hole::Import(_)) => true,
        Some(Hole::Pseudo(_) | Hole::Parameter { .. } | Hole::Dynamic { .. } | Hole::External(_) | Hole::Other)
        | None => false,
    }
}

fn is_principal(key: &str, text: &Text<'_>, who: Who, trusted: &[String]) -> Truth {
    let aws = key == "AWS" || key == "*";
    match who {
        Who::Anyone if aws => match text.known() {
            Some(t) => Truth::from(t == "*" || any_account(&t)),
            None if text.only_hole().is_some() && !symbolic_resource(text) => Truth::Maybe,
            None => Truth::No,
        },
        Who::Service => Truth::from(key == "Service"),
        Who::Federated => Truth::from(key == "Federated"),
        Who::Account if aws => {
            let pattern = text.pattern();
            let number = pattern.len() == 12 && pattern.bytes().all(|b| b.is_ascii_digit());
            let own = matches!(text.only_hole(), Some(Hole::Pseudo("AWS::AccountId")));
            Truth::from(number || own || (pattern.contains(":iam::") && pattern.ends_with(":root")))
        }
        Who::Foreign if aws => match account_of(text) {
            Account::This => Truth::No,
            Account::Number(number) => Truth::from(!trusted.contains(&number)),
            Account::Unknown => Truth::Maybe,
            Account::None => Truth::No,
        },
        Who::Anyone | Who::Account | Who::Foreign => Truth::No,
    }
}

/// An ARN of an identity in whatever account: anybody can make a role of a name in an account of their own.
fn any_account(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    matches!(parts.as_slice(), ["arn", _, "iam" | "sts", "", "*", ..])
}

/// The account that a principal or an ARN belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// `AWS::AccountId`: the account that the template is deployed to.
    This,
    /// A literal number.
    Number(String),
    /// It has one that we do not know.
    Unknown,
    /// It names none.
    None,
}

/// The account of a principal or an ARN.
#[must_use]
pub fn account_of(text: &Text<'_>) -> Account {
    let digits = |t: &str| t.len() == 12 && t.bytes().all(|b| b.is_ascii_digit());
    if let Some(hole) = text.only_hole() {
        return match hole {
            Hole::Pseudo("AWS::AccountId") | Hole::Resource(_) | Hole::Attribute(..) => Account::This,
            Hole::Pseudo(_)
            | Hole::Parameter { .. }
            | Hole::Import(_)
            | Hole::Dynamic { .. }
            | Hole::External(_)
            | Hole::Other => Account::Unknown,
        };
    }
    // The fifth part of an ARN, whose earlier parts may have holes of their own.
    let mut colons = 0;
    let mut account = Vec::new();
    for piece in &text.pieces {
        match piece {
            Piece::Literal(literal) => {
                for (at, part) in literal.split(':').enumerate() {
                    colons += usize::from(at > 0);
                    if colons == 4 && !part.is_empty() {
                        account.push(Piece::Literal(part));
                    }
                }
            }
            Piece::Hole(_) if colons == 4 => account.push(*piece),
            Piece::Hole(_) => {}
        }
    }
    match account.as_slice() {
        [Piece::Literal(number)] if digits(number) => Account::Number((*number).to_owned()),
        [Piece::Hole(Hole::Pseudo("AWS::AccountId"))] => Account::This,
        [Piece::Hole(_)] => Account::Unknown,
        _ => match text.known() {
            Some(t) if digits(&t) => Account::Number(t.into_owned()),
            Some(_) | None => Account::None,
        },
    }
}

/// How wide a wildcard an action is; `None` when it is none.
#[must_use]
pub fn width_of(action: &str) -> Option<Width> {
    if !action.contains(['*', '?']) {
        return None;
    }
    match action.split_once(':') {
        None => Some(Width::Everything),
        Some((service, _)) if service.contains('*') => Some(Width::Everything),
        // `s3:?*` is every action, too: none has an empty name.
        Some((_, verb)) if verb.contains('*') && verb.bytes().all(|b| matches!(b, b'*' | b'?')) => Some(Width::Service),
        Some(_) => Some(Width::Partial),
    }
}

/// Whether a pattern with `*` and `?` covers a text, whatever the case, as IAM compares actions.
#[must_use]
pub fn covers(pattern: &str, text: &str) -> bool {
    wildcard::matches(pattern, text, Letters::Ignored)
}

/// The resource that a statement stands in.
#[must_use]
pub fn owner<'t, 'a>(template: &'t Template<'a>, statement: &Statement<'a>) -> Option<&'t Resource<'a>> {
    template.resources.get(statement.owner)
}
