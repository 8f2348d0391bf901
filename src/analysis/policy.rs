//! Statements of policies, from every place of a template that can hold them.

use std::rc::Rc;

use crate::resolve::{Case, Known, Resolver, Truth, Under};
use crate::rulebook::{Narrowing, PolicyKind};
use crate::template::{Intrinsic, Kind, Origin, Resource, Template, Value};

mod asked;
mod collect;
mod denial;
mod plain;
mod principal;

pub(crate) use asked::given_everywhere;
pub(crate) use asked::of_sort;
pub use asked::{Answer, Asked, Condition, Extent, covers, width_of};
use collect::Collector;
pub use denial::{Denial, denials, spared};
pub use plain::Plain;
pub use principal::{Account, account_of};

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

/// Whether a statement is narrowed in some respect, by its own condition or by one of the [`denials`] among its siblings,
/// the statements of the same resource. Where a resource has two policies, a denial of the one says nothing of the other.
#[must_use]
pub fn narrowed<'a>(
    resource: &Resource<'a>,
    asked: &Asked<'_, '_, 'a>,
    denials: impl FnOnce() -> Rc<[Denial]>,
    how: Narrowing,
) -> Truth {
    let own = asked.narrowed(how);
    if own.yes() || resource.kind.starts_with("AWS::DynamoDB::") {
        return own;
    }
    own.or(spared(&denials(), asked))
}

impl<'a> Document<'a> {
    /// Its statements.
    #[must_use]
    pub fn statements(&self, resolver: &Resolver<'_, 'a>) -> Vec<Statement<'a>> {
        let mut all = Read { resolver, statements: Vec::new(), divided: 0 };
        if self.is_statement() {
            self.push(&self.value, &self.under, &mut all);
            return all.statements;
        }
        for list in resolver.get(&self.value, "Statement", &self.under) {
            let Some(value) = list.present() else { continue };
            for item in resolver.items(&value, &list.under) {
                if let Some(statement) = item.present().filter(|s| s.as_map().is_some()) {
                    self.push(&statement, &item.under, &mut all);
                }
            }
        }
        all.statements
    }

    /// A statement whose exceptions a condition of the template chooses is one for each choice: what is left out in one case is not in
    /// the others.
    fn push(&self, value: &Value<'a>, under: &Under, all: &mut Read<'_, '_, 'a>) {
        let exceptions = ["NotAction", "NotResource", "NotPrincipal"].iter().filter_map(|key| value.get(key));
        let chosen = exceptions.map(|entry| entry.value).filter(|exceptions| chooses(exceptions, 0));
        let worlds = chosen.fold(vec![under.clone()], |worlds, exceptions| {
            let apart: Vec<Under> =
                worlds.iter().flat_map(|world| worlds_of(&exceptions, world, all.resolver)).collect();
            if apart.len() > worlds.len() && apart.len() <= MAX_WORLDS { apart } else { worlds }
        });
        worlds.iter().for_each(|world| self.push_in(value, world, all));
    }

    /// A statement whose condition narrows it in some worlds only is one for each of them; and so is one that denies something else in
    /// each, for what it takes away is asked for by others.
    fn push_in(&self, value: &Value<'a>, under: &Under, all: &mut Read<'_, '_, 'a>) {
        let resolver = all.resolver;
        let effect = value.get("Effect").map(|effect| effect.value);
        let chosen = effect.is_some_and(|effect| effect.as_intrinsic().is_some());
        // Whoever asks what is denied compares all of them: of many, the later ones are taken as they are written.
        let denies =
            all.divided < MOST_DIVIDED && (chosen || effect.is_some_and(|effect| effect.as_text() == Some("Deny")));
        let worlds = match value.get("Condition") {
            _ if denies => worlds_of(value, under, resolver),
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
        let differ = worlds.len() > 1
            && (denies || trust || worlds.iter().skip(1).any(|world| limits(world) != limits(&worlds[0])));
        if differ {
            all.divided += if denies { worlds.len() } else { 0 };
            all.statements.extend(worlds.iter().map(|world| self.statement(value, world)));
        } else {
            all.statements.push(self.statement(value, under));
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

/// How many cases of the denials of one document are told apart; the later ones are taken as they are written.
const MOST_DIVIDED: usize = 4;

/// The statements of a document, as they are read.
struct Read<'r, 't, 'a> {
    resolver: &'r Resolver<'t, 'a>,
    statements: Vec<Statement<'a>>,
    /// How many cases of denials were told apart.
    divided: usize,
}

/// Into how many worlds a statement is taken apart before it is taken as a whole.
const MAX_WORLDS: usize = 16;

/// Whether a condition of the template chooses a value, or some of the items of a list.
fn chooses(value: &Value<'_>, depth: usize) -> bool {
    match value.kind {
        Kind::Intrinsic(intrinsic) => matches!(intrinsic, Intrinsic::If(..)),
        Kind::List(items) => depth < 8 && items.iter().any(|item| chooses(item, depth + 1)),
        Kind::Map(map) => depth < 8 && map.entries.iter().any(|entry| chooses(&entry.value, depth + 1)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => false,
    }
}

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
        if resource.kind.starts_with("Custom::") {
            let Some(call) = resource.property("Create") else { continue };
            let Some(under) = resolver.under_of(resource) else { continue };
            let mut collector = Collector { resolver, owner, kind: PolicyKind::Resource, all: &mut all };
            for case in resolver.cases(&call.value, &under) {
                collector.call(&case, call.key_origin);
            }
            continue;
        }
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

/// The resource that a statement stands in.
#[must_use]
pub fn owner<'t, 'a>(template: &'t Template<'a>, statement: &Statement<'a>) -> Option<&'t Resource<'a>> {
    template.resources.get(statement.owner)
}
