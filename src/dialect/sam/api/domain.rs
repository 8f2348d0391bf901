//! `Domain`: the API's own domain name, what is mapped to it, and its DNS records.

use super::super::expansion::Expansion;
use super::super::make::Make;
use super::super::read::{self, field, sketch, text, truthy};
use super::super::references::Renamed;
use super::Api;
use crate::template::{Entry, Resource, Value};

/// The domain of a REST API.
pub(super) fn of_rest<'a>(x: &mut Expansion<'a>, make: Make<'a>, api: &Api<'a>, stage: &'a str) {
    let Some(domain) = api.field("Domain").map(|d| read::parameters(x, d)) else { return };
    let make = make.because(domain.origin);
    let Some(name) = field(domain, "DomainName") else { return };
    let kind = field(domain, "EndpointConfiguration").unwrap_or_else(|| make.text("REGIONAL"));
    let private = kind.as_text() == Some("PRIVATE");
    let prefix = if private { "ApiGatewayDomainNameV2" } else { "ApiGatewayDomainName" };
    let id = make.keep(&read::hashed(prefix, &sketch(name)));
    let certificate = field(domain, "CertificateArn");
    let regional = kind.as_text() == Some("REGIONAL");
    let configuration = make.some(&[
        ("Types", Some(make.because(kind.origin).list(&[kind]))),
        ("IpAddressType", field(domain, "IpAddressType")),
    ]);
    let properties = make.some(&[
        ("DomainName", Some(name)),
        ("EndpointConfiguration", Some(configuration)),
        ("RegionalCertificateArn", certificate.filter(|_| regional)),
        ("CertificateArn", certificate.filter(|_| !regional)),
        ("MutualTlsAuthentication", field(domain, "MutualTlsAuthentication").filter(|_| !private)),
        ("SecurityPolicy", field(domain, "SecurityPolicy")),
        ("EndpointAccessMode", field(domain, "EndpointAccessMode")),
        ("OwnershipVerificationCertificateArn", field(domain, "OwnershipVerificationCertificateArn")),
        ("Policy", field(domain, "Policy").filter(|_| private)),
    ]);
    let resource = if private { "AWS::ApiGateway::DomainNameV2" } else { "AWS::ApiGateway::DomainName" };
    api.make(x, id, resource, properties);
    let word = if private { ".DomainNameV2" } else { ".DomainName" };
    x.renamed.push(Renamed { from: x.id(&[api.resource.id, word]), to: id });
    let mapping = |path: Option<Value<'a>>| {
        make.some(&[
            ("BasePath", path),
            (if private { "DomainNameArn" } else { "DomainName" }, Some(make.reference(id))),
            ("RestApiId", Some(make.reference(api.resource.id))),
            ("Stage", Some(make.reference(stage))),
        ])
    };
    let resource = if private { "AWS::ApiGateway::BasePathMappingV2" } else { "AWS::ApiGateway::BasePathMapping" };
    let paths = field(domain, "BasePath").map_or_else(Vec::new, |b| b.items());
    if paths.is_empty() {
        let mapping = mapping(None);
        api.make(x, x.id(&[api.resource.id, "BasePathMapping"]), resource, mapping);
    } else {
        let plain = field(domain, "NormalizeBasePath").is_none_or(truthy);
        for path in paths {
            let Some(written) = path.as_text() else { continue };
            let letters: String = written.chars().filter(|c| c.is_alphanumeric()).collect();
            let value = make.because(path.origin).made(if plain { &letters } else { written });
            let mapping = mapping(Some(value));
            api.make(x, x.id(&[api.resource.id, &letters, "BasePathMapping"]), resource, mapping);
        }
    }
    let target = match kind.as_text() {
        Some("EDGE") => Target::Edge,
        Some("PRIVATE") => Target::Private,
        Some(_) | None => Target::Regional,
    };
    if let Some(endpoint) =
        field(domain, "AccessAssociation").and_then(|a| field(a, "VpcEndpointId")).filter(|_| private)
    {
        let at = make.because(endpoint.origin);
        let properties = at.map(&[
            ("AccessAssociationSource", endpoint),
            ("AccessAssociationSourceType", at.text("VPCE")),
            ("DomainNameArn", at.reference(id)),
        ]);
        let association = make.keep(&read::hashed("DomainNameAccessAssociation", &format!("{}{id}", sketch(endpoint))));
        api.make(x, association, "AWS::ApiGateway::DomainNameAccessAssociation", properties);
    }
    records(x, make, &api.resource, domain, id, target);
}

/// The domain of an HTTP API.
pub(super) fn of_http<'a>(x: &mut Expansion<'a>, make: Make<'a>, api: &Api<'a>, stage: &'a str) {
    let tags = api.field("Tags").map(|t| t.entries()).unwrap_or_default();
    of_v2(x, make, &api.resource, stage, &("httpapi:createdBy", "SAM"), tags);
}

/// The domain of an HTTP or WebSocket API.
pub(super) fn of_v2<'a>(
    x: &mut Expansion<'a>,
    make: Make<'a>,
    of: &Resource<'a>,
    stage: &'a str,
    mark: &(&'a str, &'a str),
    tags: &[Entry<'a>],
) {
    let Some(domain) = field(of.properties, "Domain").map(|d| read::parameters(x, d)) else { return };
    let make = make.because(domain.origin);
    let Some(name) = field(domain, "DomainName") else { return };
    let id = make.keep(&read::hashed("ApiGatewayDomainNameV2", &sketch(name)));
    let configuration = make.some(&[
        ("CertificateArn", field(domain, "CertificateArn")),
        ("EndpointType", field(domain, "EndpointConfiguration").or_else(|| Some(make.text("REGIONAL")))),
        ("OwnershipVerificationCertificateArn", field(domain, "OwnershipVerificationCertificateArn")),
        ("SecurityPolicy", field(domain, "SecurityPolicy")),
    ]);
    let properties = make.some(&[
        ("DomainName", Some(name)),
        ("DomainNameConfigurations", Some(make.list(&[configuration]))),
        ("MutualTlsAuthentication", field(domain, "MutualTlsAuthentication")),
        ("Tags", Some(make.entries(&[tags, &[make.entry(mark.0, make.text(mark.1))]].concat()))),
    ]);
    x.emit(of, id, "AWS::ApiGatewayV2::DomainName", "this domain name", domain.origin, properties);
    x.renamed.push(Renamed { from: x.id(&[of.id, ".DomainName"]), to: id });
    let mut paths: Vec<_> =
        field(domain, "BasePath").map_or_else(Vec::new, |b| b.items()).into_iter().map(Some).collect();
    if paths.is_empty() {
        paths.push(None);
    }
    for path in paths {
        let written = path.and_then(|p| p.as_text()).unwrap_or("");
        let letters: String = written.chars().filter(|c| !matches!(c, '-' | '_' | '/')).collect();
        let properties = make.some(&[
            ("ApiId", Some(make.reference(of.id))),
            ("ApiMappingKey", path.map(|p| make.because(p.origin).made(written.trim_matches('/')))),
            ("DomainName", Some(make.reference(id))),
            ("Stage", Some(make.reference(stage))),
        ]);
        let mapping = x.id(&[of.id, &letters, "ApiMapping"]);
        x.emit(of, mapping, "AWS::ApiGatewayV2::ApiMapping", "this mapping", domain.origin, properties);
    }
    records(x, make, of, domain, id, Target::Regional);
}

/// What a record of a domain points to.
#[derive(Clone, Copy)]
enum Target {
    Regional,
    Edge,
    Private,
}

fn records<'a>(
    x: &mut Expansion<'a>,
    make: Make<'a>,
    of: &Resource<'a>,
    domain: Value<'a>,
    id: &'a str,
    target: Target,
) {
    let Some(route53) = field(domain, "Route53") else { return };
    let make = make.because(route53.origin);
    let zone = field(route53, "HostedZoneId");
    let named = field(route53, "HostedZoneName").filter(|_| zone.is_none());
    let Some(key) = zone.or(named) else { return };
    let from = |name: &str| field(route53, name);
    let (hosted, dns) = match target {
        Target::Regional => (Some(make.att(id, "RegionalHostedZoneId")), Some(make.att(id, "RegionalDomainName"))),
        Target::Edge => (
            Some(make.text("Z2FDTNDATAQYW2")),
            from("DistributionDomainName").or_else(|| Some(make.att(id, "DistributionDomainName"))),
        ),
        Target::Private => (from("VpcEndpointHostedZoneId"), from("VpcEndpointDomainName")),
    };
    let alias = make.some(&[
        ("EvaluateTargetHealth", from("EvaluateTargetHealth")),
        ("HostedZoneId", hosted),
        ("DNSName", dns),
    ]);
    let record = |kind: &'a str| {
        make.some(&[
            ("Name", field(domain, "DomainName")),
            ("Type", Some(make.text(kind))),
            ("AliasTarget", Some(alias)),
            ("Region", from("Region")),
            ("SetIdentifier", from("SetIdentifier")),
        ])
    };
    let mut all = vec![record("A")];
    if from("IpV6").is_some_and(truthy) {
        all.push(record("AAAA"));
    }
    let separate = from("SeparateRecordSetGroup").is_some_and(truthy);
    let group = if separate {
        make.keep(&read::hashed(
            "RecordSetGroup",
            &format!("{}{}", sketch(key), text(domain, "DomainName").unwrap_or(id)),
        ))
    } else {
        make.keep(&read::hashed("RecordSetGroup", &sketch(key)))
    };
    // Domains in one zone share one group.
    if let Some(old) = x.deployed(group).copied() {
        let mut before = field(old.properties, "RecordSets").map_or_else(Vec::new, |v| v.items());
        before.append(&mut all);
        all = before;
    }
    let properties =
        make.some(&[("HostedZoneId", zone), ("HostedZoneName", named), ("RecordSets", Some(make.list(&all)))]);
    x.emit(of, group, "AWS::Route53::RecordSetGroup", "these DNS records", route53.origin, properties);
}
