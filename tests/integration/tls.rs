//! Every TLS policy that AWS's services have (`testdata/tls/policies.txt`) is judged by the oldest version it accepts.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::scan::{Scanner, scan};
use portcullis::source::{NoFiles, Source};

use crate::only::only;

static POLICIES: &str = include_str!("../../testdata/tls/policies.txt");

/// Where a service's policy is written, and the rule about it.
const PLACES: [(&str, &str, &str); 7] = [
    (
        "elb",
        "elbv2-listener-old-tls",
        "{Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {Protocol: HTTPS, SslPolicy: @}}",
    ),
    (
        "apigateway",
        "apigateway-domain-old-tls",
        "{Type: AWS::ApiGateway::DomainName, Properties: {DomainName: api.example.com, SecurityPolicy: @}}",
    ),
    (
        "cloudfront",
        "cloudfront-old-tls",
        "{Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {ViewerCertificate: {AcmCertificateArn: !Ref Certificate, MinimumProtocolVersion: @}}}}",
    ),
    (
        "cognito",
        "cognito-domain-old-tls",
        "{Type: AWS::Cognito::UserPoolDomain, Properties: {Domain: login.example.com, CustomDomainConfig: {SecurityPolicy: @}}}",
    ),
    (
        "iot",
        "iot-domain-old-tls",
        "{Type: AWS::IoT::DomainConfiguration, Properties: {TlsConfig: {SecurityPolicy: @}}}",
    ),
    (
        "opensearch",
        "opensearch-old-tls",
        "{Type: AWS::OpenSearchService::Domain, Properties: {DomainEndpointOptions: {TLSSecurityPolicy: @}}}",
    ),
    (
        "opensearch",
        "opensearch-old-tls",
        "{Type: AWS::Elasticsearch::Domain, Properties: {DomainEndpointOptions: {TLSSecurityPolicy: @}}}",
    ),
];

fn is_told(scanner: &Scanner, resource: &str) -> bool {
    let text = format!("Parameters: {{Certificate: {{Type: String}}}}\nResources:\n  Door: {resource}\n");
    let source = Arc::new(Source::new("t.yaml", text));
    let outcome = scan(&source, scanner, &NoFiles, &BTreeMap::new());
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    !outcome.findings.is_empty()
}

/// What accepts less than TLS 1.2 is told of, and nothing else is.
#[test]
fn policies_are_as_old_as_what_they_accept() {
    let mut wrong = Vec::new();
    for (service, rule, place) in PLACES {
        let scanner = only(rule);
        for row in POLICIES.lines().filter(|row| !row.starts_with('#')) {
            let [of, policy, oldest] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("three columns: {row}") };
            if of == service && is_told(&scanner, &place.replace('@', policy)) != (oldest < "1.2" || oldest == "ssl3") {
                wrong.push(format!("{rule}: {row}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// No row is of a service that no rule is asked about.
#[test]
fn every_service_has_its_rule() {
    for row in POLICIES.lines().filter(|row| !row.starts_with('#')) {
        assert!(PLACES.iter().any(|(service, ..)| row.split(' ').next() == Some(service)), "{row}");
    }
}
